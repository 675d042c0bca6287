"""Text layout of answers: placements, ceilings and shortages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from placer.ceiling.effort import EffortCurve
from placer.cli.ranges import shown_beside
from placer.cli.screen import print_table, say
from placer.cli.tables import as_table, print_columns, spread_rows
from placer.instance.attributes.settings import BETWEEN_REGIONS
from placer.instance.hours.timestamps import short_text
from placer.placement.distance import chips_by_distance, distance_in_words, modes_in_use
from placer.placement.pools import over_horizon
from placer.placement.result import Placement
from placer.report.content.own_limits import limit_lines
from placer.report.content.ranges import note_on_ties
from placer.result_columns import short
from placer.utils.arrays import ratio
from placer.utils.numbers import percent, quantity

if TYPE_CHECKING:
    from placer.ceiling.curve import CeilingCurve
    from placer.ceiling.result import ExportCeiling

#: Number of arcs to shorten that are shown; ``--out`` writes all of them.
_SHOWN_ARCS = 5

#: Columns shown on the screen, and their headings.
_DEMAND = ("demand_mtok", "unserved_mtok", "export_share", "rtt_ms", "cost_usd_per_mtok", "price_usd_per_mtok")
_DEMAND_HEADINGS = (*_DEMAND, "median_price_usd_per_mtok")
_MODE_HEADINGS = ("mtok", "mode_share", "rtt_ms", "server_ms", "accelerator_hours_per_mtok")
_SITE_HEADINGS = ("mtok", "utilisation", "peak_utilisation", "mwh", "cost_usd", "accelerator_rent_usd")
_POOL_HEADINGS = ("mtok", "utilisation", "accelerator_usd_per_hour", "accelerator_rent_usd_per_hour")
_PERIOD_HEADINGS = (
    *("hours", "served_mtok", "unserved_mtok", "export_share", "cost_usd", "cost_usd_per_mtok", "price_usd_per_mtok"),
    *("energy_mwh", "spilt_mwh", "carbon_kg"),
)
_ARC_HEADINGS = ("workload", "shorten_ms", "share_gained", "share_at_most", "share_of_demand")
_EXPORTABLE = {"share": "exportable_share"}
_EFFORT_HEADINGS = ("exportable_share", "exported", "accelerator_hours_per_mtok", "hours_per_exported")
_CURVE_HEADINGS = ("exportable_share", "share_low", "share_high", "unserved_share")
_REGION_HEADINGS = (
    "demand_share",
    "exportable_share",
    "share_of_own_demand",
    "latency_share",
    "gross_share",
    "unserved_share",
)
_RULE_HEADINGS = (
    *("cost_and_penalty_usd", "unserved_share"),
    *("cost_usd", "cost_usd_per_mtok", "penalty_usd", "export_share"),
)


def print_placement(placement: Placement, rules: pd.DataFrame, ranges: Mapping[str, pd.DataFrame]) -> None:
    """Print the headline figures and the main tables, with export ranges by workload and hub, if any."""
    say(repr(placement))
    currency = placement.currency
    headings, show = short(*_DEMAND_HEADINGS, currency=currency), partial(print_columns, currency=currency)
    scarce = placement.scarcities.reset_index()
    scarce.index = pd.Index(scarce["limit"] + " " + scarce["name"], name="limit")
    workloads, shown = shown_beside(placement.workloads, headings, ranges.get("workload"))
    print_table(as_table("Workloads", _largest_first(workloads, "demand_mtok"), shown))
    if len(placement.modes):
        _print_modes(placement)
    sites = _largest_first(placement.data_centres, "mtok")
    show("Data centres, with the rent of one accelerator", sites, *_SITE_HEADINGS)
    if len(placement.pools):
        pools = over_horizon(placement.pools, placement.formulation.period_hours)
        pools.index = pd.Index([" - ".join(pool) for pool in pools.index], name="pool of accelerators")
        show("Pools of accelerators", pools, *_POOL_HEADINGS)
    hubs, shown = shown_beside(placement.hubs, headings, ranges.get("hub"))
    print_table(as_table("Hubs", _largest_first(hubs, "demand_mtok"), shown))
    if not ranges and (tied := note_on_ties(placement, "workload and hub")):
        say(tied)
    if len(placement.limits):
        lines = limit_lines(placement.limits, placement.currency)
        show("Limits of one's own", lines, "amount", "use", "rent")
    show("Scarce limits", scarce, "hours", "rent_usd")
    show("Beside naive rules", rules, *_RULE_HEADINGS)


def _print_modes(placement: Placement) -> None:
    """Print the modes in use, and in which workloads a Mtok takes more accelerators by its round trip."""
    used = modes_in_use(placement)
    table = used.set_axis(pd.Index(used.index.map(" - ".join), name="workload and mode"))
    print_columns("Who runs how", table, *_MODE_HEADINGS)
    say(distance_in_words(chips_by_distance(placement)))


def print_grouped(grouped: pd.DataFrame, currency: str) -> None:
    """Print the figures in a currency by period or by groups; names of several groups are in one column."""
    names = [str(name).replace("_", " ") for name in grouped.index.names]
    labels = [" - ".join(map(short_text, each)) for each in grouped.index.to_frame().itertuples(index=False)]
    table = grouped.set_axis(pd.Index(labels, name=" - ".join(names)), axis=0)
    shown = short(*(name for name in _PERIOD_HEADINGS if name in table), currency=currency)
    print_table(as_table(f"By {' and '.join(names)}", table, shown))


def print_ceiling(ceiling: ExportCeiling, curve: CeilingCurve | EffortCurve, points: pd.DataFrame) -> None:
    """Print the ceiling, its limits, the economic range, the arcs to shorten first, and a curve with points of it."""
    say(repr(ceiling))
    print_columns("Can be exported", ceiling.shares, *ceiling.shares)
    (low, high), (net_low, net_high) = ceiling.economic_range, ceiling.net_economic_range
    say(
        f"Exports of cost-optimal placements: {percent(low, 2)} to {percent(high, 2)} of tokens; "
        f"less what their importers send away, {percent(net_low, 2)} to {percent(net_high, 2)}"
    )
    if ceiling.economic_range.detail:
        say(f"not proven, bounds only: {ceiling.economic_range.detail}")
    print_columns("What takes the rest", ceiling.limits, "share", "unserved_share")
    print_columns("Wall or price", ceiling.walls, "kind", "share")
    if ceiling.instance.settings.exports == BETWEEN_REGIONS:
        regions = ceiling.regions
        own = ratio(regions["share"].to_numpy(), regions["demand_share"].to_numpy())
        regions = regions.assign(share_of_own_demand=own).rename(columns=_EXPORTABLE)
        print_columns("Each region exporting alone", regions, *_REGION_HEADINGS)
    by_workload, by_site = _largest_first(ceiling.workloads, "demand"), _largest_first(ceiling.data_centres, "exported")
    print_columns("Workloads", by_workload, "demand", "exported", "share")
    print_columns("Destinations", by_site[by_site["exported"] > 0], "exported", "share")
    arcs = ceiling.shortenings.reset_index()
    arcs.index = pd.Index(arcs["hub"] + " - " + arcs["data_centre"], name="arc")
    print_columns("Arcs to shorten first", arcs.head(_SHOWN_ARCS), *_ARC_HEADINGS)
    if isinstance(curve, EffortCurve):
        _print_effort(curve, points)
    else:
        _print_curve(curve, points)


def _print_curve(curve: CeilingCurve, points: pd.DataFrame) -> None:
    """Print a curve over a limit, and points of it."""
    print_columns("The curve", _by_limit(spread_rows(curve.table), curve), *_CURVE_HEADINGS)
    if len(points):
        print_columns("At these limits", _by_limit(points, curve), *_CURVE_HEADINGS, rows=len(points))
    say(
        f"{len(curve.table)} corners; all that can be is served from {quantity(curve.served_from)}, "
        f"exported from {quantity(curve.exportable_from)}"
    )


def _print_effort(curve: EffortCurve, points: pd.DataFrame) -> None:
    """Print the ceiling by effort, and points of it."""
    for heading, rows in (("The curve", spread_rows(curve.table)), ("At these hours", points)):
        if len(rows):
            named = rows.rename(columns=_EXPORTABLE).set_index("accelerator_hours")
            shown = named.set_axis(pd.Index([quantity(hours) for hours in named.index], name="accelerator-hours"))
            print_columns(heading, shown, *_EFFORT_HEADINGS, rows=len(rows))
    say(repr(curve))


def print_shortages(table: pd.DataFrame) -> None:
    """Print shortages, their causes and their cures."""
    if table.empty:
        say("All demand is served.")
    shown = table.set_index(pd.Index(table["workload"] + " at " + table["hub"], name="short")).drop(columns="workload")
    for label, row in shown.iterrows():
        say(
            f"{label}, hours {row['hours']}: {quantity(row['unserved_mtok'])} Mtok short by {row['limit']} "
            f"{row['name']}; cure: {row['cure']}"
        )


def _by_limit(rows: pd.DataFrame, curve: CeilingCurve) -> pd.DataFrame:
    """Return rows of a curve as they are printed, with the limit as their name."""
    shown = rows.assign(unserved_share=rows["unserved_mtok"] / (curve.total_mtok or 1.0)).rename(columns=_EXPORTABLE)
    return shown.set_index(pd.Index([quantity(limit) for limit in shown.iloc[:, 0]], name=shown.columns[0]))


def _largest_first(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.sort_values(column, ascending=False)
