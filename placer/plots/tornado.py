"""A tornado plot: the swing of a figure under each assumption, the widest on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import PercentFormatter

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.plots.axes import FILLS, axis_or_new, figure_label
from placer.sensitivity.result import Sensitivity
from placer.utils.numbers import in_full

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def plot_tornado(sensitivity: Sensitivity, figure: str = "ceiling_share", axis: Axes | None = None) -> Axes:
    """Draw the lowest and highest value of a figure by assumption, as bars on both sides of its value as given.

    Each end of a bar is labelled with its value of the assumption. An assumption without effect has no bar.

    Parameters
    ----------
    sensitivity : Sensitivity
    figure : str
        A figure of the study.
    axis : matplotlib Axes, optional
        A new one if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a sensitivity or an axis.
    InstanceError
        If the study lacks the figure, or the instance as given has no answer.
    """
    need(sensitivity, Sensitivity, "a sensitivity", "placer.sensitivity(instance, assumptions) returns one")
    table = sensitivity.tornado(figure).iloc[::-1]
    if table.empty or table["base"].isna().any():
        problem = "there is no value as given to draw from"
        raise InstanceError([Violation("plot_tornado", "", figure, problem, "an assumption, and an answer as given")])
    axis = axis_or_new(axis, 8.0, 1.2 + 0.55 * len(table))
    base = float(table["base"].iloc[0])
    _draw_bars(axis, table, base)
    axis.axvline(base, color="black", linewidth=0.8)
    names = [f"{name} ({sensitivity.bases[name]})" for name in table.index]
    axis.set_yticks(range(len(table)), names, parse_math=False)
    share = "share" in figure
    axis.set(xlabel=f"{figure_label(figure)}: {f'{base:.1%}' if share else in_full(base)} as given")
    axis.margins(x=0.25)
    if share:
        axis.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    return axis


def _draw_bars(axis: Axes, table: pd.DataFrame, base: float) -> None:
    """Draw the bars on both sides of the value as given, each end labelled with the value that gives it."""
    for side, fill in (("low", FILLS[0]), ("high", FILLS[1])):
        axis.barh(range(len(table)), table[side] - base, left=base, **fill)
        for row, (end, value) in enumerate(zip(table[side], table[f"{side}_value"], strict=True)):
            if end != base:
                at, align = (-3, "right") if side == "low" else (3, "left")
                axis.annotate(value, (end, row), (at, 0), textcoords="offset points", ha=align, va="center", fontsize=8)
