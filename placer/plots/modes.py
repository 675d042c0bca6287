"""The plot of modes: what a Mtok takes by its round trip."""

from __future__ import annotations

import numpy as np

from placer.instance.arguments import need_placement
from placer.placement.distance import chips_by_distance, parts_by_distance
from placer.placement.result import Placement
from placer.plots.axes import Axes, axis_or_new, stack_parts
from placer.utils.numbers import figure

#: Bars that are drawn.
_MOST = 30


def plot_modes(placement: Placement, axis: Axes | None = None) -> Axes:
    """Draw the accelerator-hours of a Mtok by its round trip, of the workloads in which they differ.

    A bar is a workload and a band of round trips: the least of the workload over its bands is 1, and the second part is
    what the band takes more. Behind each stand the hours a Mtok. They are those that the table of modes states, before
    the speed of data centres. Workloads that differ most are on top, and 30 bars are drawn at most: the title counts
    the others.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a placement or an axis.
    """
    need_placement(placement)
    whole = parts_by_distance(chips_by_distance(placement))
    parts = whole.head(_MOST)
    axis = axis_or_new(axis, 8.0, 1.4 + 0.3 * len(parts))
    if parts.empty:
        axis.set(xticks=[], yticks=[])
        said = "accelerator-hours differ by no round trip"
        axis.text(0.5, 0.5, said, ha="center", va="center", transform=axis.transAxes)
        return axis
    least = parts["at_any_distance"]
    times = parts.div(least.where(least > 0), axis=0).fillna(0.0)
    ends = times.sum(axis=1)
    stack_parts(axis, {str(name): values for name, values in times.items()}, float(ends.max()))
    for row, (end, hours) in enumerate(zip(ends, parts.sum(axis=1), strict=True)):
        axis.annotate(figure(hours), (end, row), (4, 0), textcoords="offset points", va="center", fontsize=8)
    names = [", ".join(map(str, name)) for name in parts.index]
    axis.set_yticks(np.arange(len(parts)), names, parse_math=False)
    axis.set(xlabel="accelerator-hours a Mtok, times the least", ylim=(len(parts) - 0.4, -0.6))
    axis.margins(x=0.15)
    axis.set_title(f"{len(whole) - len(parts)} more are left out" if len(whole) > len(parts) else "")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return axis
