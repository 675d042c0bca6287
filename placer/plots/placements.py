"""Plots of a placement: prices at every hub, the load by hour, its accounts and its audit."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.ticker import StrMethodFormatter

from placer.accounting.result import Accounts
from placer.accounting.tables import PARTS, SECURITY_RENT
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need, need_instance_placement, need_placement
from placer.instance.attributes.validation import show
from placer.instance.hours.timestamps import zone_name
from placer.model.formulation import Formulation
from placer.placement.accounts import COST_PARTS
from placer.placement.price_summary import demand_axis, summarise_prices
from placer.placement.prices import RENTS
from placer.placement.result import Placement
from placer.plots.axes import FILLS, Axes, axis_or_new, stack_parts
from placer.result_columns import heading
from placer.security.result import Audit
from placer.texts import spaced
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray, without_noise
from placer.utils.largest import largest_rows
from placer.utils.numbers import in_full, percent

By = Literal["data_centre", "workload"]

#: Data centres or workloads that are drawn separately; the others are drawn together.
_DRAWN = 8
#: Hubs that are drawn; more would be illegible.
_HUBS = 100
_PRICE = "usd_per_mtok"


def plot_price_stack(placement: Placement, axis: Axes | None = None, workload: str | None = None) -> Axes:
    """Draw the mean price of a token at every hub as a bar of its parts, the dearest hub first.

    Means are weighted by tokens, over all hours, of all workloads or of one. They cover demand served at prices below
    the penalty; the title gives the share of other demand, which is unserved or priced at the penalty. A mark shows the
    cost at the cheapest of all data centres, even inadmissible ones: the rest is the latency rent. Parts below zero
    (power at negative prices) lie left of zero. Of more than 100 hubs the dearest 100 are drawn, and the title says so.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one, with a height that fits the number of hubs, if not given.
    workload : str, optional
        All if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a placement or an axis.
    InstanceError
        If there is no such workload.
    """
    need_instance_placement(placement, "plot_price_stack")
    means, left_out = _mean_prices(placement, workload)
    title = workload or "all workloads"
    if len(means) > _HUBS:
        title = f"{title}, the {_HUBS} dearest of {len(means)} hubs"
        means = means.head(_HUBS)
    if left_out > SOLVER:
        title = f"{title}, without {percent(left_out, 2)} unserved or priced at the penalty"
    axis = axis_or_new(axis, 8.0, 1.8 + 0.17 * len(means))
    _stack_prices(axis, means)
    axis.set(xlabel=heading("price_usd_per_mtok", placement.currency), ylim=(len(means) - 0.4, -0.6), ylabel="hub")
    axis.set_title(title, parse_math=False)
    axis.grid(axis="x", alpha=0.3)
    axis.set_axisbelow(True)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return axis


def _stack_prices(axis: Axes, means: pd.DataFrame) -> None:
    """Draw a bar of every hub's price in its visible parts, and a mark at the price of the cheapest data centre."""
    stack_parts(axis, {part: means[f"{part}_{_PRICE}"] for part in (*COST_PARTS, *RENTS)}, means[_PRICE].abs().max())
    anywhere = means[_PRICE] - means[f"latency_rent_{_PRICE}"]
    axis.plot(anywhere, range(len(means)), "|", color="black", markersize=9, label="cheapest anywhere")
    axis.set_yticks(range(len(means)), means.index, fontsize="small", parse_math=False)


def _mean_prices(placement: Placement, workload: str | None) -> tuple[pd.DataFrame, float]:
    """Return prices and parts by hub, the dearest first, and the share of demand outside all means."""
    prices, priced = placement.prices, placement.priced_mtok
    axis, hubs = demand_axis(placement.formulation, "hub")
    if workload is not None:
        _refuse_unknown("workload", workload, placement.formulation.workloads.tolist())
        chosen = np.asarray(prices.index.get_level_values("workload") == workload)
        prices, priced, axis = prices[chosen], priced[chosen], axis[chosen]
    table = summarise_prices(prices, priced, axis, hubs)
    whole = float(table["served_mtok"].sum() + table["unserved_mtok"].sum())
    left_out = float(table["at_penalty_mtok"].sum() + table["unserved_mtok"].sum())
    means = table.rename(columns={f"mean_{_PRICE}": _PRICE}).dropna(subset=[_PRICE])
    return means.sort_values(_PRICE, ascending=False), left_out / whole if whole else 0.0


def plot_load(placement: Placement, axis: Axes | None = None, by: By = "data_centre") -> Axes:
    """Draw the tokens served in every hour, stacked by data centre or workload, with the demand that arrives as a line.

    Waiting work is served in a later hour than its arrival, so the line may run above and below the stack.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.
    by : str
        ``data_centre`` or ``workload``; the eight largest are drawn separately, the others together.

    Raises
    ------
    ArgumentError
        If something else than a placement or an axis is given.
    InstanceError
        If ``by`` is neither.
    """
    need_placement(placement)
    _refuse_unknown("by", by, list(get_args(By)))
    formulation, served = placement.formulation, placement.accounts.served
    over, names = {"data_centre": (0, formulation.data_centres), "workload": (1, formulation.workloads)}[by]
    per_hour = without_noise(served.sum(axis=over), placement.demand_mtok) / formulation.period_hours
    whole = pd.DataFrame(per_hour, index=names)
    used = whole[whole.sum(axis=1) > 0]
    load = largest_rows(used, used.sum(axis=1), _DRAWN)
    axis = axis_or_new(axis, 8.0, 4.2)
    hours, step = _places(axis, formulation)
    below = np.zeros(len(hours))
    for (name, values), fill in zip(load.iterrows(), FILLS, strict=False):
        axis.bar(hours, values, step, bottom=below, align="edge", label=str(name), **fill)
        below = below + values.to_numpy()
    demand = placement.hours["demand_mtok"].to_numpy() / formulation.period_hours
    axis.stairs(
        demand, np.append(hours, hours[-1] + step), color="black", linewidth=1.5, linestyle="--", label="demand"
    )
    axis.set(
        xlabel=_hour_label(formulation),
        ylabel="Mtok an hour",
        xlim=(hours[0], hours[-1] + step),
        ylim=(0, None),
    )
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    handles, labels = axis.get_legend_handles_labels()
    axis.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    return axis


def plot_batteries(placement: Placement, axis: Axes | None = None, battery: str | None = None) -> Axes:
    """Draw the power that batteries discharge (above 0) and charge (below 0) in every hour, and what they hold.

    What they hold at the end of each hour, MWh, is a line over a second scale on the right; the part that is green,
    where limits on green shares count a battery, is a dashed line.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.
    battery : str, optional
        All batteries together if not given.

    Raises
    ------
    ArgumentError
        If something else than a placement or an axis is given.
    InstanceError
        If there is no such battery, or none at all.
    """
    need_placement(placement)
    formulation, table = placement.formulation, placement.batteries
    known = formulation.batteries.tolist()
    _refuse_unknown("battery", known[0] if battery is None and known else battery, known)
    chosen = table if battery is None else table.loc[[battery]]
    by_hour = chosen.groupby(level="hour", sort=False).sum(min_count=1)
    axis = axis_or_new(axis, 8.0, 4.2)
    hours, step = _places(axis, formulation)
    for name, sign, fill in (("discharged", 1.0, FILLS[2]), ("charged", -1.0, FILLS[1])):
        mw = sign * by_hour[f"{name}_mwh"].to_numpy() / formulation.period_hours
        axis.bar(hours, mw, step, align="edge", label=name, **fill)
    axis.axhline(0.0, color="black", linewidth=0.8)
    axis.set(xlabel=_hour_label(formulation), ylabel="MW", xlim=(hours[0], hours[-1] + step))
    held = axis.twinx()
    for name, style in (("content", "-"), ("green_content", "--")):
        if by_hour[f"{name}_mwh"].notna().any():
            held.plot(hours + step, by_hour[f"{name}_mwh"], style, color="black", label=spaced(name))
    held.set(ylabel="held at the end of the hour, MWh", ylim=(0, None))
    axis.set_title(battery or "all batteries", parse_math=False)
    handles = [each for one in (axis, held) for each in one.get_legend_handles_labels()[0]]
    axis.legend(handles=handles, loc="center left", bbox_to_anchor=(1.1, 0.5), frameon=False)
    return axis


def _hour_label(formulation: Formulation) -> str:
    zone = None if isinstance(formulation.hours, range) else zone_name(formulation.hours.tz)
    return f"hour, {zone}" if zone else "hour"


def _refuse_unknown(what: str, given: object, known: list[str]) -> None:
    if given not in known:
        raise InstanceError([Violation("plots", "", what, f"{show(given)} is unknown", ", ".join(known))])


def _places(axis: Axes, formulation: Formulation) -> tuple[FloatArray, float]:
    """Return where on the axis the hours begin and how wide one is; timestamps make it an axis of dates."""
    hours = formulation.hours
    if isinstance(hours, range):
        axis.locator_params(axis="x", integer=True)
        return np.array(hours, dtype=float), 1.0
    axis.xaxis_date(hours.tz)
    locator = AutoDateLocator(tz=hours.tz)
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=hours.tz))
    return date2num(hours.to_pydatetime()), formulation.hour_length / 24


#: Contingencies that are drawn at most.
_MOST = 30


def plot_audit(audit: Audit, axis: Axes | None = None) -> Axes:
    """Draw the work that strands in each contingency as a bar, labelled with Mtok and share.

    The contingency in which most strands is on top, and 30 are drawn at most: the label of the axis counts the others.
    The share is ``stranded_share`` of ``Audit.contingencies``: of the displaced work, or under the rule ``all`` of all
    protected work.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not an audit or an axis.
    """
    need(audit, Audit, "an audit", "placer.audit(placement, security) returns one")
    whole = audit.contingencies.sort_values(["stranded_mtok", "displaced_mtok"], ascending=False, kind="stable")
    table = whole.head(_MOST)
    axis = axis_or_new(axis, 8.0, 1.2 + 0.3 * len(table))
    rows = range(len(table))
    stranded = table["stranded_mtok"].to_numpy()
    axis.barh(rows, stranded, height=0.6, **FILLS[5])
    for row, (mtok, share) in enumerate(zip(stranded.tolist(), table["stranded_share"].tolist(), strict=True)):
        if mtok > 0:
            text = f"{in_full(mtok)} ({percent(share)})"
            axis.annotate(text, (mtok, row), (4, 0), textcoords="offset points", va="center", fontsize=8)
    axis.set_yticks(rows, [str(name) for name in table.index], parse_math=False)
    left_out = f"; {len(whole) - len(table)} more are left out" if len(whole) > len(table) else ""
    of = "the displaced work" if audit.security.recourse == "displaced" else "all protected work"
    axis.set(xlabel=f"strands if it is lost, Mtok (share of {of}){left_out}", ylim=(len(table) - 0.4, -0.6))
    axis.set_xlim(left=0.0)
    axis.margins(x=0.25)
    return axis


def plot_accounts(accounts: Accounts, axis: Axes | None = None) -> Axes:
    """Draw what each region is paid as a bar of costs and rents, with a mark at what its users spend.

    Parameters
    ----------
    accounts : Accounts
        Of ``placer.accounts``.
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not accounts or an axis.
    """
    need(accounts, Accounts, "accounts", "placer.accounts(placement) returns them")
    table = accounts.regions
    table = table[(table["made_usd"] != 0) | (table["spent_usd"] != 0)]
    axis = axis_or_new(axis, 8.0, 1.4 + 0.4 * len(table))
    parts = [part for part in (*PARTS, SECURITY_RENT) if f"{part}_usd" in table]
    stack_parts(axis, {part: table[f"{part}_usd"] for part in parts}, table["made_usd"].abs().max())
    axis.plot(table["spent_usd"], range(len(table)), "|", color="black", markersize=14, label="spent by its users")
    axis.set_yticks(range(len(table)), table.index, parse_math=False)
    axis.set(xlabel=f"paid to each region, {accounts.currency}", ylim=(len(table) - 0.4, -0.6))
    axis.grid(axis="x", alpha=0.3)
    axis.set_axisbelow(True)
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return axis
