"""The section on who earns what: payments to each region by part, who pays whom, and stability."""

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
