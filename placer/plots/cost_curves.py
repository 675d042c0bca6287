"""Plots of least costs as curves: of drawing less power, of exports and premia, and of limits on latency."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import PercentFormatter

from placer.analysis.flexibility.curve import Flexibility
from placer.analysis.fronts.front import Front
from placer.ceiling.cost_of_exporting import ExportCost
from placer.currency import USD
from placer.errors import Violation, refuse
from placer.instance.arguments import need
from placer.plots.axes import Axes, axis_or_new
from placer.result_columns import RESULT_COLUMNS, heading, unit_of
from placer.utils.numbers import in_full, percent

_LATENCY = ("cost_usd", "transfers_usd", "penalty_usd", "unserved_mtok")
#: Number of pieces whose slopes are written.
_NAMED = 5


def plot_flexibility(flexibility: Flexibility, axis: Axes | None = None) -> Axes:
    """Draw the cost of drawing less power over the MW, each piece labelled with the USD per MWh of its slope.

    A line marks the largest reduction without more unserved demand.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a flexibility or an axis.
    """
    need(flexibility, Flexibility, "a flexibility", "placer.flexibility(placement, zones, hours) returns one")
    axis, table = axis_or_new(axis), flexibility.table
    axis.plot(table["mw"], table["usd"], marker="o", label="least cost")
    _slopes(axis, table["mw"], table["usd"], table["usd_per_mwh"], unit_of("usd_per_mwh", flexibility.currency))
    firm = flexibility.firm_mw
    axis.axvline(firm, color="black", linestyle=":", label=f"without more unserved: {in_full(firm)} MW")
    axis.set(
        xlabel="less drawn in each of the hours, MW",
        ylabel=f"{_whole(table)} beside the placement, {flexibility.currency}",
    )
    axis.legend()
    return axis


def plot_export_cost(cost: ExportCost, axis: Axes | None = None) -> Axes:
    """Draw the least cost, transfers and penalty included, over the exported share.

    Each piece is labelled with its USD per Mtok. A line marks the exports at the least cost.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a cost of exports or an axis.
    """
    need(cost, ExportCost, "a cost of exports", "placer.export_cost(placement) returns one")
    axis, table = axis_or_new(axis), cost.table
    total = cost.objective_usd
    axis.plot(table["share"], total, marker="o", label="least cost")
    _slopes(axis, table["share"], total, table["slope_usd_per_mtok"], unit_of("usd_per_mtok", cost.currency))
    least = float(table["share"].to_numpy()[total.to_numpy().argmin()])
    axis.axvline(least, color="black", linestyle=":", label=f"least of all: {percent(least)} exported")
    axis.set(xlabel="exported, part of demand", ylabel=f"{_whole(table)}, {cost.currency}")
    axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    axis.legend()
    return axis


def plot_front(front: Front, axis: Axes | None = None) -> Axes:
    """Draw the least cost, transfers and penalty included, over a green share, carbon or water.

    Carbon and water fall from left to right. Pieces are labelled with the marginal cost of abatement.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a front or an axis.
    """
    need(front, Front, "a front", "placer.green_front(instance) returns one")
    axis, table = axis_or_new(axis), front.table
    amount, total = table[table.columns[0]], front.objective_usd
    step = front.columns[1]
    axis.plot(amount, total, marker="o", label="least cost")
    _slopes(axis, amount, total, table[step], unit_of(step, front.currency))
    over = {"horizon": "of the horizon", "day": "of every day", "hour": "of every hour"}[front.matching]
    axis.set(xlabel=f"{heading(table.columns[0])}, {over}", ylabel=f"{_whole(table)}, {front.currency}")
    if front.against == "green_share":
        axis.xaxis.set_major_formatter(PercentFormatter(1.0))
    else:
        axis.invert_xaxis()
    return axis


def plot_premium(cost: ExportCost, axis: Axes | None = None) -> Axes:
    """Draw the premium a Mtok at which each amount of exports costs least, down to no premium.

    A premium is what each exported Mtok costs beyond its own cost, as in ``ExportCost.premium_at``. The exports fall
    with it, step by step.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a cost of exports or an axis.
    """
    need(cost, ExportCost, "a cost of exports", "placer.export_cost(placement) returns one")
    axis, table = axis_or_new(axis), cost.table
    least = int(cost.objective_usd.to_numpy().argmin())
    at, slope = table["exported_mtok"].to_numpy()[: least + 1], table["slope_usd_per_mtok"].to_numpy()[:least]
    axis.plot(np.repeat(at, 2)[1:], [*np.repeat(-slope, 2), 0.0], label="exports at a premium")
    axis.plot(at[-1], 0.0, "o", color="black", label=f"without a premium: {in_full(at[-1])} Mtok")
    axis.set(xlabel=heading("exported_mtok"), ylabel=f"premium, {unit_of('usd_per_mtok', cost.currency)}")
    axis.set_ylim(bottom=0.0)
    axis.legend()
    return axis


def plot_cost_of_latency(table: pd.DataFrame, axis: Axes | None = None, currency: str = USD) -> Axes:
    """Draw the least cost over a limit on latency, with and without transfers and the penalty of unserved demand.

    Parameters
    ----------
    table : DataFrame
        Of ``placer.cost_of_latency``.
    axis : matplotlib Axes, optional
        A new one if not given.
    currency : str
        That of the instance, for the axis.

    Raises
    ------
    ArgumentError
        If an argument is not a table or an axis.
    InstanceError
        If a column is missing.
    """
    need(table, pd.DataFrame, "a table of costs", "placer.cost_of_latency(instance, limits) returns one")
    place = "plot_cost_of_latency"
    refuse(Violation(place, "", name, "column missing", "a column") for name in _LATENCY if name not in table)
    axis = axis_or_new(axis)
    limit = str(table.columns[0])
    whole = table[["cost_usd", "transfers_usd", "penalty_usd"]].sum(axis=1)
    axis.plot(table[limit], whole, marker="o", label=_whole(table))
    axis.plot(table[limit], table["cost_usd"], marker="s", linestyle="--", label="cost")
    axis.set(xlabel=RESULT_COLUMNS[limit].long, ylabel=currency)
    axis.legend()
    return axis


def _whole(table: pd.DataFrame) -> str:
    """Return the name of what a table of a curve minimises."""
    return "cost, transfers and penalty" if table["transfers_usd"].any() else "cost and penalty"


def _slopes(axis: Axes, at: pd.Series, usd: pd.Series, slopes: pd.Series, unit: str) -> None:
    """Write the slope of each piece beside its middle, of the longest pieces if there are many."""
    length = at.diff().shift(-1).dropna()
    for place in length.nlargest(_NAMED).index:
        middle = (at[place] + at[place + 1]) / 2, (usd[place] + usd[place + 1]) / 2
        said = f"{in_full(slopes[place])} {unit}"
        axis.annotate(said, middle, (6, -10), textcoords="offset points", fontsize="small")
