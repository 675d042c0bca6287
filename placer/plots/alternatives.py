"""The plot of alternatives: every answer as a line over the groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.instance.arguments import need
from placer.near_optimal.result import Alternatives
from placer.near_optimal.words import shown_amount
from placer.plots.axes import FILLS, axis_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Inches of width for each group, and those beside them.
_INCHES, _BESIDE = 0.45, 2.5


def plot_alternatives(found: Alternatives, axis: Axes | None = None) -> Axes:
    """Draw each answer as a line over the groups, in parallel coordinates: every group from its least to its most.

    The least stands below the group's name and the most above its axis, in the unit of the groups. Groups that every
    answer has the same of are left out.

    Parameters
    ----------
    found : Alternatives
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
