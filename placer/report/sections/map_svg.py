"""The map of a report: land, places with hubs, data centres, and the flows between them as arcs.

The projection is equirectangular, true to scale at the middle latitude. Arcs show flows, not cables.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from placer.report.content.flow_map import DECADES, FlowMap, encode, largest_pairs
from placer.report.html.markup import Html, fragment, shortened, tag
from placer.report.html.svg import WIDTH
from placer.report.sections.map_labels import LETTERINGS, LONGEST_NAME, name_places
from placer.utils.arrays import FloatArray
from placer.utils.geography import outlines
from placer.utils.numbers import figure, percent

#: Bounds between the classes of round trips, ms: the first set that leaves few tokens beyond its last bound is taken.
#: Each class has its own colour and dash pattern.
RTT_BOUNDS_MS = ((2.5, 5.0, 10.0, 20.0), (10.0, 20.0, 40.0, 80.0), (25.0, 50.0, 100.0, 200.0))
_FEW = 0.1
#: Number of arcs drawn at first, or at any time; all but the largest are faded.
MOST_ARCS, LARGEST_ARCS = 400, 40
#: Ends that are nearer than this, in units of the drawing, are one place.
SAME_PLACE = 3.0
#: Minimum extent of a map in degrees, and its margin as a share of the extent.
_LEAST_DEGREES, _MARGIN = 6.0, 0.08
_FLATTEST, _TALLEST = 0.45, 0.8
_LARGEST_PLACE, _LARGEST_SITE = 14.0, 10.0
#: Widths of the widest and of the narrowest arc; in between the width follows the tokens.
_WIDEST_ARC, _FINEST_ARC = 10.0, 0.4


@dataclass(frozen=True)
class Projection:
    """Projection from degrees to units of the drawing; ``west`` and ``north`` map to 0."""

    west: float
    north: float
    across: float
    up: float
    height: float

    @property
    def round_the_world(self) -> float:
        """Width of the whole world in units of the drawing."""
        return 360 * self.across

    def at(self, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the positions of points in the drawing."""
        return (lon - self.west) * self.across, (self.north - lat) * self.up


def projection_of(lon: FloatArray, lat: FloatArray) -> Projection:
    """Return the projection that shows some points with a margin and a bounded aspect ratio.

    Examples
    --------
    >>> shown = projection_of(np.array([-10.0, 30.0]), np.array([35.0, 60.0]))
    >>> [round(float(value)) for value in (shown.west, shown.north, shown.height)]
    [-17, 62, 576]
    """
    middle = math.radians(float(lat.min() + lat.max()) / 2)
    squeeze = max(math.cos(middle), 0.2)
    width = max(float(np.ptp(lon)), _LEAST_DEGREES) * (1 + 2 * _MARGIN)
    height = max(float(np.ptp(lat)), _LEAST_DEGREES) * (1 + 2 * _MARGIN)
    width = max(width, height / (_TALLEST * squeeze))
    height = max(height, width * squeeze * _FLATTEST)
    across = WIDTH / width
    west = float(lon.min() + lon.max() - width) / 2
    north = float(lat.min() + lat.max() + height) / 2
    return Projection(west, north, across, across / squeeze, height * across / squeeze)


def draw_map(flows: FlowMap, identity: str) -> Html:
    """Draw a map with the largest flows over all workloads and hours."""
    shown = project(flows)
    places, sites = nodes(flows, shown)
    summary = (
        f"Map of {len(places)} places with hubs and {len(sites)} data centres; the largest flows stand in the table."
    )
    return framed(
        shown,
        summary,
        tag("path", d=land(shown), class_="land", id=f"{identity}-land"),
        tag("g", _arcs(flows, places, sites, shown), class_="arcs"),
        tag("g", *_circles(flows.places, places), class_="places"),
        tag("g", *_squares(flows.sites, sites), class_="sites"),
        *(name_places(flows.sites, sites, flows.places, places, lettering) for lettering in LETTERINGS),
        id=identity,
    )


def framed(shown: Projection, summary: str, *parts: Html, **attributes: str) -> Html:
    """Return a map of some parts, with a summary for those who do not see it."""
    size = f"0 0 {WIDTH} {shown.height:.0f}"
    return tag("svg", *parts, viewBox=size, role="img", aria_label=summary, class_="map", **attributes)


def script_data(flows: FlowMap, steps: Sequence[str]) -> dict[str, Any]:
    """Return the data from which the script draws the flows of any workload, data centre and step."""
    shown = project(flows)
    places, sites = nodes(flows, shown)
    return {
        "steps": list(steps),
        "places": _named(flows.places, places),
        "sites": _named(flows.sites, sites),
        "regions": _boxes(flows.regions, shown),
        "flows": encode(flows),
        "served": {by: [float(f"{mtok:.10g}") for mtok in each.tolist()] for by, each in flows.served_mtok.items()},
        "largest": float(flows.mtok.max(initial=0.0)),
        "decades": DECADES,
        "bounds": list(rtt_bounds(flows)),
        "round": shown.round_the_world,
        "most": MOST_ARCS,
        "main": LARGEST_ARCS,
        "widest": _WIDEST_ARC,
        "finest": _FINEST_ARC,
    }


def _named(table: pd.DataFrame, at: FloatArray) -> list[list[Any]]:
    """Return place, label and name on the map of every node."""
    names = (shortened(str(name), longest=LONGEST_NAME) for name in table["name"])
    return [[*xy, label, name] for xy, label, name in zip(at.tolist(), table["label"], names, strict=True)]


def _boxes(regions: pd.DataFrame, shown: Projection) -> list[list[float]]:
    """Return left, top, right and bottom of every region in the drawing."""
    left, top = shown.at(regions["west"].to_numpy(float), regions["north"].to_numpy(float))
    right, bottom = shown.at(regions["east"].to_numpy(float), regions["south"].to_numpy(float))
    boxes: list[list[float]] = np.column_stack([left, top, right, bottom]).round(1).tolist()
    return boxes


def project(flows: FlowMap) -> Projection:
    """Return the projection that shows all places and data centres."""
    both = pd.concat([flows.places[["lat", "lon"]], flows.sites[["lat", "lon"]]])
    return projection_of(both["lon"].to_numpy(float), both["lat"].to_numpy(float))


def nodes(flows: FlowMap, shown: Projection) -> tuple[FloatArray, FloatArray]:
    """Return the positions of places and data centres, (nodes, 2) each, to a tenth of a unit."""
    at = (shown.at(table["lon"].to_numpy(float), table["lat"].to_numpy(float)) for table in (flows.places, flows.sites))
    places, sites = (np.column_stack(xy).round(1) for xy in at)
    return places, sites


def land(shown: Projection) -> str:
    """Return one path of all outlines within the map, in whole units and relative steps."""
    parts = []
    for outline in outlines():
        x, y = (np.rint(np.clip(axis, -1e4, 1e4)).astype(int) for axis in shown.at(*outline.ring.T))
        if x.max() < 0 or x.min() > WIDTH or y.max() < 0 or y.min() > shown.height:
            continue
        moves = np.column_stack([np.diff(x), np.diff(y)])
        moves = moves[moves.any(axis=1)]
        if len(moves) > 1:
            steps = "".join(f"{dx} {dy} " for dx, dy in moves.tolist())
            parts.append(f"M{x[0]} {y[0]}l{steps.rstrip()}z")
    return "".join(parts).replace(" -", "-")


def _circles(table: pd.DataFrame, at: FloatArray) -> list[Html]:
    largest = float(table["mtok"].max()) if len(table) else 0.0
    return [
        tag(
            "circle",
            tag("title", f"{label}: {figure(mtok)} Mtok asked for"),
            cx=f"{x:g}",
            cy=f"{y:g}",
            r=f"{_size(mtok, largest, _LARGEST_PLACE):.1f}",
        )
        for (x, y), label, mtok in zip(at.tolist(), table["label"], table["mtok"].tolist(), strict=True)
    ]


def _squares(table: pd.DataFrame, at: FloatArray) -> list[Html]:
    largest = float(table["mtok"].max()) if len(table) else 0.0
    drawn = []
    for (x, y), label, mtok, used in zip(
        at.tolist(), table["label"], table["mtok"].tolist(), table["utilisation"].tolist(), strict=True
    ):
        half = _size(mtok, largest, _LARGEST_SITE)
        tip = f"{label} (data centre): {figure(mtok)} Mtok served, accelerators {percent(used)} used"
        place = {
            "x": f"{x - half:.1f}",
            "y": f"{y - half:.1f}",
            "width": f"{2 * half:.1f}",
            "height": f"{2 * half:.1f}",
        }
        drawn.append(tag("rect", tag("title", tip), **place))
    return drawn


def _size(amount: float, largest: float, most: float) -> float:
    """Return half the width of a symbol whose area is proportional to an amount."""
    return max(2.0, most * math.sqrt(amount / largest)) if largest > 0 else 2.0


def rtt_bounds(flows: FlowMap) -> tuple[float, ...]:
    """Return the bounds between the classes of round trips."""
    mtok = flows.mtok.sum(axis=1)
    for bounds in RTT_BOUNDS_MS:
        if mtok[flows.rtt_ms >= bounds[-1]].sum() <= _FEW * mtok.sum():
            return bounds
    return RTT_BOUNDS_MS[-1]


def rtt_class(rtt_ms: float, bounds: Sequence[float]) -> int:
    """Return the class of a round trip: the number of bounds that it reaches."""
    return sum(rtt_ms >= bound for bound in bounds)


def rtt_classes(bounds: Sequence[float]) -> list[str]:
    """Return the names of the classes of round trips.

    Examples
    --------
    >>> rtt_classes((10.0, 20.0))
    ['below 10 ms', '10 to 20 ms', '20 ms and more']
    """
    low = [f"{bound:g}" for bound in bounds]
    between = [f"{one} to {other} ms" for one, other in itertools.pairwise(low)]
    return [f"below {low[0]} ms", *between, f"{low[-1]} ms and more"]


def _arcs(flows: FlowMap, places: FloatArray, sites: FloatArray, shown: Projection) -> Html:
    """Draw the largest flows over all workloads and steps, the very largest on top, as ``script.js`` does."""
    pairs, bounds = largest_pairs(flows, MOST_ARCS), rtt_bounds(flows)
    drawn = [
        tag(
            "path",
            d=arc_path(places[place].tolist(), sites[site].tolist(), shown.round_the_world),
            class_=f"r{rtt_class(rtt_ms, bounds)}{' rest' if rank >= LARGEST_ARCS else ''}",
            stroke_width=f"{max(_FINEST_ARC, _WIDEST_ARC * mtok / pairs[0][2]):.1f}",
        )
        for rank, (place, site, mtok, rtt_ms) in enumerate(pairs)
    ]
    return fragment(*reversed(drawn))


def arc_path(start: Sequence[float], end: Sequence[float], round_the_world: float) -> str:
    """Return an arc that bends to the left of its direction; a loop if both ends coincide.

    If the way across the edge of the map is shorter, the arc leaves on one side and re-enters on the other.

    Examples
    --------
    >>> arc_path((0.0, 0.0), (100.0, 0.0), 720.0)
    'M0 0Q50 -18 100 0'
    >>> arc_path((700.0, 0.0), (20.0, 0.0), 720.0)
    'M700 0Q720 -7.2 740 0M-20 0Q0 -7.2 20 0'
    """
    (x1, y1), (x2, y2) = start, end
    if abs(x2 - x1) + abs(y2 - y1) < SAME_PLACE:
        return f"M{x1:g} {y1:g}c-22-36 22-36 0 0"
    if abs(x2 - x1) <= round_the_world / 2:
        return _bow(x1, y1, x2, y2)
    shift = math.copysign(round_the_world, x1 - x2)
    return _bow(x1, y1, x2 + shift, y2) + _bow(x1 - shift, y1, x2, y2)


def _bow(x1: float, y1: float, x2: float, y2: float) -> str:
    bend_x, bend_y = (x1 + x2) / 2 + 0.18 * (y2 - y1), (y1 + y2) / 2 - 0.18 * (x2 - x1)
    return f"M{x1:.5g} {y1:.5g}Q{bend_x:.4g} {bend_y:.4g} {x2:.5g} {y2:.5g}"
