"""Plots of plans and alternatives: what units are worth, the least cost over a limit, and answers over groups."""

from __future__ import annotations

import pandas as pd

from placer.currency import USD
from placer.instance.arguments import need
from placer.near_optimal.result import Alternatives
from placer.near_optimal.words import shown_amount
from placer.planning.answer.result import Plan
from placer.plots.axes import FILLS, Axes, axis_or_new
from placer.utils.numbers import in_full

#: Candidates that are drawn at most.
_MOST = 30


def plot_builds(plan: Plan, axis: Axes | None = None) -> Axes:
    """Draw the value of a unit of every candidate as a bar, what it costs as a line across, and the units built.

    The cost includes the rents of what the unit takes of build limits. A bar that reaches its line is built; the
    dearest builds are on top, then the candidates nearest to being built, 30 at most.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a plan or an axis.
    """
    need(plan, Plan, "a plan", "placer.plan(instance, candidates) returns one")
    builds = plan.builds.sort_values(["cost_usd_per_year", "profit_usd_per_unit_year"], ascending=False)
    builds = builds.head(_MOST).iloc[::-1]
    axis = axis_or_new(axis, 8.0, 1.2 + 0.3 * len(builds))
    rows = range(len(builds))
    cost = (builds["unit_cost_usd_per_year"] + builds["limits_rent_usd_per_unit_year"]).to_numpy()
    value = builds["value_usd_per_unit_year"].to_numpy()
    axis.barh(rows, value, height=0.6, label="value", **FILLS[4])
    axis.vlines(cost, [row - 0.4 for row in rows], [row + 0.4 for row in rows], color="black", label="cost")
    for row, (units, one, other) in enumerate(zip(builds["units"], value, cost, strict=True)):
        if units > 0:
            at = (max(float(one), float(other)), row)
            axis.annotate(in_full(units), at, (4, 0), textcoords="offset points", va="center", fontsize=8)
    axis.set_yticks(rows, [str(name) for name in builds.index], parse_math=False)
    axis.set(xlabel=f"{plan.currency} a year for a unit; figures: units built")
    axis.margins(x=0.15)
    axis.legend()
    return axis


def plot_build_curve(
    curve: pd.DataFrame, axis: Axes | None = None, limit: str = "build limit", currency: str = USD
) -> Axes:
    """Draw the least yearly cost against the amount of a build limit, with what a unit more saves on each stretch.

    Parameters
    ----------
    curve : DataFrame
        Of ``Plan.curve``.
    axis : matplotlib Axes, optional
        A new one if not given.
    limit : str
        Name of the build limit, for the axis.
    currency : str
        That of the plan, for the axis.

    Raises
    ------
    ArgumentError
        If an argument is not such a table or an axis.
    """
    columns = ("amount", "cost_usd_per_year", "rent_usd_per_unit_year")
    is_curve = isinstance(curve, pd.DataFrame) and all(name in curve for name in columns)
    need(curve if is_curve else None, pd.DataFrame, "a curve of a plan", "plan.curve(name, least, most) is one")
    axis = axis_or_new(axis)
    amount, cost, rent = (curve[name].to_numpy(float) for name in columns)
    axis.plot(amount, cost, marker="o", markersize=3, color="#0072b2")
    for place in range(len(amount) - 1):
        middle = (amount[place] + amount[place + 1]) / 2, (cost[place] + cost[place + 1]) / 2
        axis.annotate(in_full(rent[place]), middle, (4, 4), textcoords="offset points", fontsize=8)
    axis.set_xlabel(f"{limit}; figures: {currency} a year that a unit more saves", parse_math=False)
    axis.set_ylabel(f"least cost, {currency} a year")
    return axis


#: Inches of width for each group, and those beside them.
_INCHES, _BESIDE = 0.45, 2.5


def plot_alternatives(found: Alternatives, axis: Axes | None = None) -> Axes:
    """Draw each answer as a line over the groups, in parallel coordinates: every group from its least to its most.

    The least stands below the group's name and the most above its axis, in the unit of the groups. Groups that every
    answer has the same of are left out.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not alternatives or an axis.
    """
    need(found, Alternatives, "alternatives", "placer.alternatives(placement) returns them")
    free = found.ranges[found.ranges["most_found"] > found.ranges["least_found"]]
    axis = axis_or_new(axis, _BESIDE + _INCHES * max(len(free), 4))
    columns = range(len(free))
    places = found.amounts["place"].unstack("answer").loc[free.index]
    for number, name in enumerate(found.answers.index):
        style = {"color": FILLS[number % len(FILLS)]["facecolor"], "linewidth": 2.5 if number == 0 else 1.2}
        axis.plot(columns, places[name], marker="o", markersize=3, label=name, **style)
    for column in columns:
        axis.axvline(column, color="lightgrey", linewidth=0.8, zorder=0)
    names = free.index.get_level_values("group")
    low = [f"{name}\n{shown_amount(value)}" for name, value in zip(names, free["least_found"], strict=True)]
    axis.set_xticks(columns, low, rotation=90)
    above = axis.secondary_xaxis("top")
    above.set_xticks(columns, [shown_amount(value) for value in free["most_found"]], rotation=90)
    unit = found.ranges["unit"].iloc[0]
    axis.set(ylabel=f"place between the least and the most, {unit}", yticks=[0, 1], ylim=(-0.05, 1.05))
    axis.legend(bbox_to_anchor=(1.02, 1), loc="upper left")
    return axis
