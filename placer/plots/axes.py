"""Shared parts of all plots: new axes, fills that differ even without colour, stacked bars, and files."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.currency import USD
from placer.instance.arguments import need
from placer.result_columns import heading
from placer.texts import spaced
from placer.utils.atomic import whole
from placer.utils.optional import extra

if TYPE_CHECKING:
    from collections.abc import Mapping

    import matplotlib.pyplot as plt
    import pandas as pd
    from matplotlib.axes import Axes
else:  # the first module of the room that is imported says what is missing
    extra("matplotlib", "plots", "plot")
    plt = extra("matplotlib.pyplot", "plots", "plot")
    Axes = plt.Axes

__all__ = ["FILLS", "Axes", "axis_or_new", "figure_label", "save_plot", "stack_parts"]

#: Fills of stacked parts, in this order: colours that colour-blind people can distinguish (Okabe and Ito, 'Color
#: universal design', 2008, except the yellow), and hatches that differ in grey.
FILLS: tuple[dict[str, Any], ...] = tuple(
    {"facecolor": colour, "hatch": hatch, "edgecolor": "white", "linewidth": 0.4}
    for colour, hatch in (
        ("#0072b2", ""),
        ("#e69f00", "//"),
        ("#009e73", ".."),
        ("#cc79a7", "xx"),
        ("#56b4e9", "\\\\"),
        ("#d55e00", "--"),
        ("#7f7f7f", "++"),
        ("#332288", ""),
        ("#999933", "||"),
        ("#bbbbbb", "oo"),
        ("#882255", "**"),
        ("#44aa99", "\\\\"),
        ("#ddcc77", "//"),
        ("#aa4499", ".."),
        ("#117733", "xx"),
    )
)

#: Parts below this share of the highest sum are omitted, since they would be invisible.
_VISIBLE = 1e-3


def axis_or_new(axis: Axes | None, width_inches: float = 7.0, height_inches: float = 4.0) -> Axes:
    """Return the given axis, or that of a new figure of this size, with room for labels and legends beside it.

    Raises
    ------
    ArgumentError
        If ``axis`` is not an axis.
    """
    if axis is None:
        return plt.subplots(figsize=(width_inches, height_inches), layout="constrained")[1]
    need(axis, Axes, "a matplotlib Axes", "plt.subplots()[1] is one")
    return axis


def stack_parts(axis: Axes, parts: Mapping[str, pd.Series], size: float) -> None:
    """Draw a bar of parts in every row, those below zero to the left; parts too small beside the size are left out."""
    shown = {part: values.to_numpy() for part, values in parts.items() if values.abs().max() > _VISIBLE * size}
    above, below = 0.0, 0.0
    for (part, value), fill in zip(shown.items(), FILLS, strict=False):
        axis.barh(range(len(value)), value, left=np.where(value >= 0, above, below), label=spaced(part), **fill)
        above, below = above + np.maximum(value, 0), below + np.minimum(value, 0)


def figure_label(figure: str, currency: str = USD) -> str:
    """Return the heading of a figure, and of what it is, as in ``mean price, USD/Mtok Shanghai``."""
    column, _, of = figure.partition(" ")
    return f"{heading(column, currency)} {of}".strip()


def save_plot(axis: Axes, file: str | PathLike[str]) -> None:
    """Write the figure of an axis to a file, whole or not at all, and close it.

    Raises
    ------
    ArgumentError
        If an argument is not an axis or a path.
    """
    need(axis, Axes, "a matplotlib Axes", "a plot function of placer.plots returns one")
    need(file, (str, PathLike), "a path", "write 'plot.png'")
    figure = axis.get_figure(root=True)
    assert figure is not None  # noqa: S101 - an axis that was drawn on has one
    try:
        with whole(file) as draft:
            figure.savefig(draft, dpi=150, bbox_inches="tight")
    finally:
        plt.close(figure)
