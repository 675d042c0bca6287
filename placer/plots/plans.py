"""A plot of a plan: what a unit of every candidate is worth, against what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.instance.arguments import need
from placer.planning.result import Plan
from placer.plots.axes import FILLS, axis_or_new
from placer.utils.numbers import in_full

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Candidates that are drawn at most.
_MOST = 30


def plot_builds(plan: Plan, axis: Axes | None = None) -> Axes:
    """Draw the value of a unit of every candidate as a bar, what it costs as a line across, and the units built.

    The cost includes the rents of what the unit takes of build limits. A bar that reaches its line is built; the
    dearest builds are on top, then the candidates nearest to being built, 30 at most.

    Parameters
    ----------
    plan : Plan
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
    axis.set(xlabel="USD a year for a unit; figures: units built")
    axis.margins(x=0.15)
    axis.legend()
    return axis
