"""A map of a placement: the hubs that demand tokens, the data centres that serve them, and the flows between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need_placement
from placer.instance.attributes.validation import show
from placer.instance.hours.timestamps import short_text
from placer.placement.result import Placement
from placer.plots.land import map_axis, name_nodes
from placer.utils.arrays import FloatArray
from placer.utils.numbers import in_full

if TYPE_CHECKING:
    from matplotlib.axes import Axes


#: Points along every arc, and its bend away from the straight line, as a share of its length.
_POINTS, _BEND = 24, 0.15
#: Widest arc and largest marks, in points (the latter squared).
_WIDEST, _LARGEST = 5.0, 320.0
#: Colours from dark to light, without the lightest, which would be invisible on land.
_COLOURS = mpl.colors.LinearSegmentedColormap.from_list(
    "round trip", mpl.colormaps["plasma"](np.linspace(0, 0.85, 256))
)


@dataclass(frozen=True, eq=False)
class _Nodes:
    """Nodes on the map: ``lon``, ``lat`` and ``mtok`` by name, and the number of nodes without coordinates."""

    table: pd.DataFrame
    hidden: int


def plot_map(
    placement: Placement, axis: Axes | None = None, workload: str | None = None, hour: int | datetime | None = None
) -> Axes:
    """Draw hubs by their demand, data centres by the demand that they serve, and flows as arcs.

    The width of an arc shows its tokens, the colour its round trip. Areas of circles (hubs) and squares (data centres)
    are proportional to tokens; a hub without demand is a dot. A corner counts the nodes without coordinates.

    Parameters
    ----------
    axis : matplotlib Axes, optional
        A new one if not given.
    workload : str, optional
        All if not given.
    hour : int or timestamp, optional
        Hour of arrival, as in the demand table; all if not given.

    Raises
    ------
    ArgumentError
        If an argument is not a placement or an axis.
    InstanceError
        If there is no such workload or hour, or nothing has coordinates.
    """
    need_placement(placement)
    hubs, centres, flows = _shown(placement, workload, hour)
    axis = map_axis(axis, pd.concat([hubs.table, centres.table]))
    widest = _draw_flows(axis, flows, hubs.table, centres.table)
    _draw_marks(axis, hubs.table, centres.table)
    _draw_legend(axis, hubs.table, centres.table, widest)
    title = ", ".join([workload or "all workloads", "all hours" if hour is None else f"hour {short_text(hour)}"])
    axis.set_title(title, parse_math=False)
    _count_hidden(axis, hubs.hidden, centres.hidden)
    name_nodes(axis, centres.table)
    return axis


def _count_hidden(axis: Axes, hubs: int, centres: int) -> None:
    """Write the number of hubs and data centres without coordinates, if any, into a corner."""
    hidden = [(hubs, "hub", "hubs"), (centres, "data centre", "data centres")]
    words = [f"{count} {one if count == 1 else many}" for count, one, many in hidden if count]
    if words:
        note = f"without coordinates, and so not shown: {' and '.join(words)}"
        axis.text(0.01, 0.015, note, transform=axis.transAxes, fontsize=8, zorder=6)


def _shown(
    placement: Placement, workload: str | None, hour: int | datetime | None
) -> tuple[_Nodes, _Nodes, pd.DataFrame]:
    """Return hubs, data centres and flows (``hub``, ``data_centre``, ``mtok``, ``rtt_ms``) of the selection."""
    formulation, demand, flows = placement.formulation, placement.instance.demand, placement.flows.reset_index()
    for name, given, known in (
        ("workload", workload, formulation.workloads.tolist()),
        ("hour", hour, list(formulation.hours)),
    ):
        if given is None:
            continue
        if given not in known:
            allowed = ", ".join(map(str, known))
            raise InstanceError([Violation("plot_map", "", name, f"{show(given)} is unknown", allowed)])
        demand, flows = demand[demand[name] == given], flows[flows[name] == given]
    hubs = _placed(placement.instance.hubs, "hub", demand.groupby("hub")["mtok"].sum())
    centres = _placed(placement.instance.data_centres, "data_centre", flows.groupby("data_centre")["mtok"].sum())
    if not len(hubs.table) + len(centres.table):
        raise InstanceError(
            [Violation("plot_map", "", "lat", "no hub and no data centre has coordinates", "lat and lon of some")]
        )
    pairs = flows.groupby(["hub", "data_centre"], as_index=False).agg(mtok=("mtok", "sum"), rtt_ms=("rtt_ms", "first"))
    seen = pairs["hub"].isin(hubs.table.index) & pairs["data_centre"].isin(centres.table.index)
    return hubs, centres, pairs[seen].sort_values("mtok")


def _placed(nodes: pd.DataFrame, key: str, mtok: pd.Series) -> _Nodes:
    table = nodes.set_index(key)[["lon", "lat"]].astype(float)
    known = table.notna().all(axis=1)
    return _Nodes(table[known].assign(mtok=mtok.reindex(table.index[known]).fillna(0.0)), int((~known).sum()))


def _draw_flows(axis: Axes, flows: pd.DataFrame, hubs: pd.DataFrame, centres: pd.DataFrame) -> float:
    """Draw arcs, the widest on top, with their colour bar; return the flow of the widest.

    Flows take the short way round the world: those across the meridian of 180 degrees leave the map and re-enter it.
    """
    if flows.empty:
        return 0.0
    start = hubs.loc[flows["hub"], ["lon", "lat"]].to_numpy()
    way = centres.loc[flows["data_centre"], ["lon", "lat"]].to_numpy() - start
    turns = np.rint(way[:, 0] / 360.0)
    way[:, 0] -= 360.0 * turns
    arcs, over = _arcs(start, way), np.flatnonzero(turns)
    entering = arcs[over] + np.stack([360.0 * turns[over], np.zeros(len(over))], axis=1)[:, None, :]
    drawn = np.concatenate([np.arange(len(flows)), over])
    mtok, rtt = flows["mtok"].to_numpy(float)[drawn], flows["rtt_ms"].to_numpy(float)[drawn]
    widest = float(mtok.max())
    lines = LineCollection(
        [*arcs, *entering],
        array=rtt,
        cmap=_COLOURS,
        norm=mpl.colors.Normalize(0.0, max(float(rtt.max()), 1.0)),
        linewidths=np.maximum(_WIDEST * mtok / widest, 0.15),
        alpha=0.75,
        capstyle="round",
        zorder=2,
    )
    axis.add_collection(lines, autolim=False)
    axis.figure.colorbar(lines, ax=axis, label="round trip of the flow, ms", shrink=0.7, pad=0.02)
    return widest


def _arcs(start: FloatArray, way: FloatArray) -> FloatArray:
    """Return the points of quadratic Bezier curves, (arcs, points, 2), all bent to the same side of their direction."""
    control = way / 2 + _BEND * np.column_stack([-way[:, 1], way[:, 0]])
    along = np.linspace(0, 1, _POINTS)[None, :, None]
    return start[:, None, :] + 2 * along * (1 - along) * control[:, None, :] + along**2 * way[:, None, :]


def _draw_marks(axis: Axes, hubs: pd.DataFrame, centres: pd.DataFrame) -> None:
    for nodes, marker, face, level in ((hubs, "o", "#56b4e9", 3), (centres, "s", "#222222", 4)):
        largest = float(nodes["mtok"].max()) if len(nodes) else 0.0
        ordered = nodes.sort_values("mtok", ascending=False)
        size = _LARGEST * ordered["mtok"] / largest if largest else 0.0 * ordered["mtok"]
        axis.scatter(
            ordered["lon"],
            ordered["lat"],
            size.clip(lower=4.0),
            marker=marker,
            facecolor=face,
            edgecolor="white",
            linewidth=0.7,
            alpha=0.85,
            zorder=level,
        )


def _draw_legend(axis: Axes, hubs: pd.DataFrame, centres: pd.DataFrame, widest: float) -> None:
    def mark(marker: str, colour: str, label: str) -> Line2D:
        return Line2D([], [], marker=marker, color=colour, linestyle="", markersize=8, label=label)

    handles = []
    if len(hubs):
        handles.append(mark("o", "#56b4e9", f"hub by demand, largest {in_full(hubs['mtok'].max())} Mtok"))
    if len(centres):
        handles.append(
            mark("s", "#222222", f"data centre by tokens served, largest {in_full(centres['mtok'].max())} Mtok")
        )
    if widest:
        handles.append(Line2D([], [], color="#7a0f8f", linewidth=_WIDEST, label=f"flow, widest {in_full(widest)} Mtok"))
    axis.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=2, fontsize=8, frameon=False)
