"""Axes with land around some nodes, and names of nodes."""

from __future__ import annotations

import math

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.patheffects import withStroke

from placer.plots.axes import Axes, axis_or_new
from placer.utils.geography import outlines

#: Margin around the nodes, as a share of their extent, and its lower limit in degrees.
_MARGIN, _LEAST_MARGIN = 0.08, 1.0
_NAMED = 24
#: Width in inches, and the share of it that the map takes, beside its colour bar.
_WIDTH, _TALL = 8.5, 0.85


def map_axis(axis: Axes | None, nodes: pd.DataFrame) -> Axes:
    """Return an axis, a new one if not given, with land around nodes: ``lon`` and ``lat`` in degrees.

    Raises
    ------
    ArgumentError
        If ``axis`` is not an axis.
    """
    ends = _ends(nodes)
    (west, east), (south, north) = ends["lon"], ends["lat"]
    height = _TALL * _WIDTH * (north - south) / (east - west) * _stretch(ends)
    axis = axis_or_new(axis, _WIDTH, float(np.clip(height + 1.0, 3.5, 10.0)))
    _draw_land(axis, ends)
    return axis


def _ends(nodes: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest ``lon`` and ``lat`` of the map."""
    ends = {}
    for name, least, most in (("lon", -180.0, 180.0), ("lat", -90.0, 90.0)):
        low, high = float(nodes[name].min()), float(nodes[name].max())
        margin = max(_MARGIN * (high - low), _LEAST_MARGIN)
        ends[name] = max(low - margin, least), min(high + margin, most)
    return ends


def _stretch(ends: dict[str, tuple[float, float]]) -> float:
    """Return the length of a degree north over that of a degree east at the middle latitude."""
    return 1 / math.cos(math.radians(sum(ends["lat"]) / 2))


def _draw_land(axis: Axes, ends: dict[str, tuple[float, float]]) -> None:
    land = PolyCollection(
        [outline.ring for outline in outlines()], facecolor="#f1f0ec", edgecolor="#b5b2aa", linewidth=0.6, zorder=0
    )
    axis.add_collection(land, autolim=False)
    axis.set(xlim=ends["lon"], ylim=ends["lat"], xticks=[], yticks=[])
    axis.set_aspect(_stretch(ends), adjustable="box")


def name_nodes(axis: Axes, nodes: pd.DataFrame) -> None:
    """Name the nodes of most ``mtok``, each in a position where its name covers no other, if there is one."""
    figure = axis.get_figure(root=True)
    assert figure is not None  # noqa: S101 - an axis that was drawn on has one
    figure.draw_without_rendering()  # so that all positions are final
    taken: list[mpl.transforms.Bbox] = []
    inside = axis.get_window_extent()
    for name, row in nodes.nlargest(_NAMED, "mtok").iterrows():
        for across, up, side, level in (
            (7, 0, "left", "center"),
            (-7, 0, "right", "center"),
            (0, 8, "center", "bottom"),
        ):
            text = axis.annotate(
                str(name),
                (row["lon"], row["lat"]),
                (across, up),
                textcoords="offset points",
                ha=side,
                va=level,
                fontsize=7,
                zorder=5,
                parse_math=False,
                path_effects=[withStroke(linewidth=1.8, foreground="white")],
            )
            box = text.get_window_extent()
            if inside.containsx(box.x0) and inside.containsx(box.x1) and not any(map(box.overlaps, taken)):
                taken.append(box)
                break
            text.remove()
