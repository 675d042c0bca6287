"""Text layout of answers: placements, ceilings and shortages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from placer.cli.ranges import shown_beside
from placer.cli.screen import print_table, say, title
from placer.cli.tables import SHOWN_ROWS, as_table
from placer.instance.settings import BETWEEN_REGIONS
from placer.report.content.own_limits import limit_lines
from placer.report.content.ranges import note_on_ties
from placer.utils.arrays import ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placer.ceiling.curve import CeilingCurve
    from placer.ceiling.result import ExportCeiling
    from placer.placement.result import Placement

#: Number of arcs to shorten that are shown; ``--out`` writes all of them.
_SHOWN_ARCS = 5

#: Columns shown on the screen, and their headings.
_DEMAND_HEADINGS = {
    "demand_mtok": "Mtok",
    "unserved_mtok": "unserved",
    "export_share": "exported",
    "rtt_ms": "rtt ms",
    "cost_usd_per_mtok": "USD/Mtok",
    "price_usd_per_mtok": "price",
    "median_price_usd_per_mtok": "median",
}
_SITE_HEADINGS = {
    "mtok": "Mtok",
    "utilisation": "used",
    "peak_utilisation": "peak",
    "mwh": "MWh",
    "cost_usd": "USD",
    "accelerator_rent_usd": "rent/accel.",
}
_PERIOD_HEADINGS = {
    "hours": "hours",
    "served_mtok": "served Mtok",
    "unserved_mtok": "unserved",
    "export_share": "exported",
    "cost_usd": "USD",
    "cost_usd_per_mtok": "USD/Mtok",
    "price_usd_per_mtok": "price",
    "energy_mwh": "MWh",
    "spilt_mwh": "spilt",
    "carbon_kg": "kg carbon",
}
_ARC_HEADINGS = {
    "workload": "workload",
    "shorten_ms": "shorten ms",
    "share_gained": "gains",
    "share_at_most": "at most",
    "share_of_demand": "of demand",
}
_CURVE_HEADINGS = {
    "share": "exportable",
    "share_low": "at least",
    "share_high": "at most",
    "unserved_share": "unserved",
}
_REGION_HEADINGS = {
    "demand_share": "demand",
    "share": "exportable",
    "share_of_demand": "of its own",
    "latency_share": "by distance and law",
    "gross_share": "with swaps",
    "unserved_share": "unserved",
}
_OWN_LIMIT_HEADINGS = {"amount": "limit", "use": "use", "rent": "rent"}
_RULE_HEADINGS = {
    "cost_usd": "USD",
    "cost_usd_per_mtok": "USD/Mtok",
    "penalty_usd": "penalty",
    "cost_and_penalty_usd": "USD + penalty",
    "unserved_share": "unserved",
    "export_share": "exported",
}


def print_placement(
    placement: Placement, rules: pd.DataFrame, heading: str, ranges: Mapping[str, pd.DataFrame]
) -> None:
    """Print the headline figures and the main tables, with export ranges by workload and hub, if any."""
    title(heading)
    say(repr(placement))
    scarce = placement.scarcities.reset_index()
    scarce.index = pd.Index(scarce["limit"] + " " + scarce["name"], name="limit")
    workloads, headings = shown_beside(placement.workloads, _DEMAND_HEADINGS, ranges.get("workload"))
    print_table(as_table("Workloads", _largest_first(workloads, "demand_mtok"), headings))
    print_table(as_table("Data centres", _largest_first(placement.data_centres, "mtok"), _SITE_HEADINGS))
    hubs, headings = shown_beside(placement.hubs, _DEMAND_HEADINGS, ranges.get("hub"))
    print_table(as_table("Hubs", _largest_first(hubs, "demand_mtok"), headings))
    if not ranges and (tied := note_on_ties(placement, "workload and hub")):
        say(tied)
    if len(placement.limits):
        print_table(as_table("Limits of one's own", limit_lines(placement.limits), _OWN_LIMIT_HEADINGS))
    print_table(as_table("Scarce limits", scarce, {"hours": "hours", "rent_usd": "rent USD"}))
    print_table(as_table("Beside naive rules", rules, _RULE_HEADINGS))


def print_periods(periods: pd.DataFrame | None) -> None:
    """Print the figures by period, if any."""
    if periods is not None:
        print_table(as_table(f"By {periods.index.name}", periods, _PERIOD_HEADINGS))


def print_ceiling(ceiling: ExportCeiling, curve: CeilingCurve, heading: str) -> None:
    """Print the ceiling, its limits, the economic range, the arcs to shorten first, and the curve's corners."""
    title(heading)
    say(repr(ceiling))
    headings = {str(name): str(name).removeprefix("share_").replace("_", " ") for name in ceiling.shares}
    print_table(as_table("Can be exported", ceiling.shares, headings))
    (low, high), (net_low, net_high) = ceiling.economic_range, ceiling.net_economic_range
    say(
        f"Exports of cost-optimal placements: {low:.2%} to {high:.2%} of tokens; "
        f"net of the rest's own demand displaced {net_low:.2%} to {net_high:.2%}"
    )
    if ceiling.economic_range.detail:
        say(f"not proven, bounds only: {ceiling.economic_range.detail}")
    print_table(as_table("What takes the rest", ceiling.limits, {"share": "share", "unserved_share": "unserved"}))
    if ceiling.instance.settings.exports == BETWEEN_REGIONS:
        regions = ceiling.regions
        own = ratio(regions["share"].to_numpy(), regions["demand_share"].to_numpy())
        print_table(as_table("Each region exporting alone", regions.assign(share_of_demand=own), _REGION_HEADINGS))
    by_workload, by_site = _largest_first(ceiling.workloads, "demand"), _largest_first(ceiling.data_centres, "exported")
    print_table(as_table("Workloads", by_workload, {"demand": "demand", "exported": "exported", "share": "share"}))
    print_table(as_table("Destinations", by_site[by_site["exported"] > 0], {"exported": "exported", "share": "share"}))
    arcs = ceiling.shortenings.reset_index()
    arcs.index = pd.Index(arcs["hub"] + " - " + arcs["data_centre"], name="arc")
    print_table(as_table("Arcs to shorten first", arcs.head(_SHOWN_ARCS), _ARC_HEADINGS))
    print_table(as_table("The curve", _shown_corners(curve), _CURVE_HEADINGS))
    say(
        f"{len(curve.table)} corners; all that can be is served from {curve.served_from:g}, "
        f"exported from {curve.exportable_from:g}"
    )


def print_shortages(table: pd.DataFrame, heading: str) -> None:
    """Print shortages, their causes and their cures."""
    title(heading)
    if table.empty:
        say("All demand is served.")
    shown = table.set_index(pd.Index(table["workload"] + " at " + table["hub"], name="short")).drop(columns="workload")
    for label, row in shown.iterrows():
        say(
            f"{label}, hours {row['hours']}: {row['unserved_mtok']:,.6g} Mtok short by {row['limit']} {row['name']}; "
            f"cure: {row['cure']}"
        )


def _shown_corners(curve: CeilingCurve) -> pd.DataFrame:
    """Return some rows of a long curve, including the first and the last."""
    table = curve.table
    places = sorted({round(place * (len(table) - 1) / (SHOWN_ROWS - 1)) for place in range(SHOWN_ROWS)})
    shown = table.iloc[places]
    demand = curve.total_mtok
    shown = shown.assign(unserved_share=shown["unserved_mtok"] / demand)
    return shown.set_index(pd.Index([f"{limit:.6g}" for limit in shown.iloc[:, 0]], name=table.columns[0]))


def _largest_first(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.sort_values(column, ascending=False)
