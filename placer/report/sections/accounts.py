"""The sections on who pays and who earns: by a placement, and by a plan with the payer of each build."""

from __future__ import annotations

from functools import partial

from placer.report.content.page import PageContent
from placer.report.html.charts import stacked_bars
from placer.report.html.markup import Html, folded, fragment, para
from placer.report.html.tables import table
from placer.result_columns import long

_EARNED = ("spent_usd", "made_usd", "balance_usd", "accelerator_rent_usd", "power_rent_usd")
_REGIONS = (*_EARNED, "value_usd_per_mtok", "usd_per_mwh", "uplift", "net_cost_usd")
_PARTIES = (*_EARNED, "build_cost_usd", "build_limits_usd", "build_value_usd", "net_cost_usd")
_BUILDS = ("paid_by", "units", "cost_usd", "limits_usd", "value_usd", "profit_usd")


def accounts_section(content: PageContent) -> Html | None:
    """Return the section on who earns what; nothing with fewer than two regions."""
    found = content.accounts
    if found is None:
        return None
    used = {str(name): str(name) for name in found.trade}
    return fragment(
        para(
            "What users pay at marginal prices, read by region: each bar is what a region is paid, by what it is for. "
            "The network is paid transit and rents of links, the authority rents of caps and limits. Net costs, what "
            "users spend less the rents of the region's own limits, add up to cost and penalty."
        ),
        para(found.stability),
        *(para(f"{remark}.") for remark in found.remarks),
        stacked_bars(
            found.parts,
            found.spent,
            found.unit,
            "What each region is paid, by part, with a mark at what its users spend",
            ("spent", "spent by its users"),
        ),
        table(
            found.regions,
            "region",
            long(*_REGIONS, currency=content.currency),
            "Regions: spent, paid, rents and net cost",
        ),
        folded("Who pays whom", table(found.trade, "paid to", used, f"Paid by users in (columns), {content.currency}")),
    )


def plan_accounts_section(content: PageContent) -> Html | None:
    """Return the section on who pays for a plan; nothing without its accounts."""
    found = None if content.plan is None else content.plan.accounts
    if found is None:
        return None
    headings = partial(long, currency=content.currency)
    used = {str(name): str(name) for name in found.trade}
    return fragment(
        para(
            "A year of the plan over all states, at the prices of its certificate. The owner of a site pays for new "
            "accelerators, its region for power, the network for links, the authority for limits of power zones. Rents "
            "are what limits earn beyond cost: those of new capacity pay for it, the others belong to what stands. Net "
            "costs add up to the cost of a year, less tariffs and premia that regions are paid."
        ),
        stacked_bars(
            found.earned,
            found.spent,
            found.unit,
            "What each party is paid, by part, with a mark at what its users spend",
            ("spent", "spent by its users"),
        ),
        stacked_bars(
            found.net,
            found.net_cost,
            found.unit,
            "The net cost of each party, by part: payments of its users and for its builds, less its rents",
            ("net cost", "net cost"),
        ),
        table(found.regions, found.by, headings(*_PARTIES), "Parties: payments, rents and builds of a year"),
        None
        if found.builds.empty
        else table(
            found.builds, "candidate", headings(*_BUILDS), "Who pays for what is built, and what it earns in a year"
        ),
        folded(
            "Who pays whom",
            table(found.trade, "paid to", used, f"Paid by users in (columns), {content.currency} a year"),
        ),
    )
