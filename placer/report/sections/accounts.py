"""The sections on who pays and who earns: by a placement, and by a plan with the payer of each build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.html.charts import stacked_bars
from placer.report.html.layout import folded, para, section
from placer.report.html.tables import table

if TYPE_CHECKING:
    from placer.report.content.page import PageContent
    from placer.report.html.markup import Html

_REGIONS = {
    "spent_usd": "spent, USD",
    "made_usd": "paid to it, USD",
    "balance_usd": "exports less imports, USD",
    "accelerator_rent_usd": "rents of accelerators, USD",
    "power_rent_usd": "rents of power, USD",
    "value_usd_per_mtok": "USD per Mtok made",
    "usd_per_mwh": "USD per MWh drawn",
    "uplift": "times its cost of energy",
    "net_cost_usd": "net cost, USD",
}


def accounts_section(content: PageContent, prefix: str) -> Html | None:
    """Return the section on who earns what; nothing with fewer than two regions."""
    found = content.accounts
    if found is None:
        return None
    used = {str(name): str(name) for name in found.trade}
    return section(
        f"{prefix}accounts",
        "Who earns what",
        para(
            "What users pay at marginal prices, read by region: each bar is what a region is paid, by what it is for. "
            "The network is paid transit and rents of links, the authority rents of caps and limits. Net costs, what "
            "users spend less the rents of the region's own limits, add up to the least cost, penalty included."
        ),
        para(found.stability),
        *(para(f"{remark}.") for remark in found.remarks),
        stacked_bars(
            found.parts,
            found.spent,
            "thousand USD",
            "What each region is paid, by part, with a mark at what its users spend",
            "spent by its users",
        ),
        table(found.regions, "region", _REGIONS, "Regions: spent, paid, rents and net cost"),
        folded("Who pays whom", table(found.trade, "paid to", used, "Paid by users in (columns), USD")),
    )


_PARTIES = {
    "spent_usd": "spent",
    "made_usd": "paid to it",
    "accelerator_rent_usd": "rents of accelerators",
    "power_rent_usd": "rents of power",
    "build_cost_usd": "cost of its builds",
    "build_limits_usd": "for build limits",
    "build_value_usd": "earned by its builds",
    "net_cost_usd": "net cost",
}
_BUILDS = {
    "paid_by": "paid by",
    "units": "units",
    "cost_usd": "cost",
    "limits_usd": "for build limits",
    "value_usd": "earns",
    "profit_usd": "profit",
}


def plan_accounts_section(content: PageContent, prefix: str) -> Html | None:
    """Return the section on who pays for a plan; nothing without its accounts."""
    found = None if content.plan is None else content.plan.accounts
    if found is None:
        return None
    used = {str(name): str(name) for name in found.trade}
    return section(
        f"{prefix}plan-accounts",
        "Who pays for the plan",
        para(
            "A year of the plan over all states, at the prices of its certificate. The owner of a site pays for new "
            "accelerators, its region for power, the network for links, the authority for limits of power zones. Rents "
            "are what limits earn beyond cost: those of new capacity pay for it, the others belong to what stands. Net "
            "costs add up to the cost of a year."
        ),
        stacked_bars(
            found.earned,
            found.spent,
            "thousand USD a year",
            "What each party is paid, by part, with a mark at what its users spend",
            "spent by its users",
        ),
        stacked_bars(
            found.net,
            found.net_cost,
            "thousand USD a year",
            "The net cost of each party, by part: payments of its users and for its builds, less its rents",
            "net cost",
        ),
        table(found.regions, found.by, _PARTIES, "Parties: payments, rents and builds, USD a year"),
        None
        if found.builds.empty
        else table(found.builds, "candidate", _BUILDS, "Who pays for what is built, and what it earns, USD a year"),
        folded("Who pays whom", table(found.trade, "paid to", used, "Paid by users in (columns), USD a year")),
    )
