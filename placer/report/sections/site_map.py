"""Maps of marked data centres and links: larger for larger amounts, coloured by what the amount means.

A link is a straight line between its ends; one whose ends have the same place is a loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from placer.report.content.flow_map import FlowMap
from placer.report.html.markup import Html, fragment, tag
from placer.report.html.svg import line_legend
from placer.report.sections import map_svg
from placer.report.sections.map_labels import LETTERINGS, name_places
from placer.utils.arrays import FloatArray

#: Lines that are drawn at most.
MOST_LINES = 400
_LARGEST, _LEAST = 12.0, 2.0
_WIDEST, _FINEST = 7.0, 1.0
_ENDS = (("lon", "lat"), ("to_lon", "to_lat"))


def site_map(
    flows: FlowMap,
    marked: pd.DataFrame,
    identity: str,
    summary: str,
    legend: Iterable[tuple[str, str]],
    links: pd.DataFrame | None = None,
) -> Html | None:
    """Draw the data centres that have a place and a mark, and links; None where there are neither.

    Parameters
    ----------
    flows : FlowMap
        Hubs and data centres with their places.
    marked : DataFrame
        One row per data centre, by its label; columns ``amount`` (>= 0), ``kind`` (``more``, ``less`` or ``same``: the
        colour) and ``said`` (the tip).
    identity : str
        Of the drawing on the page.
    summary : str
        What the map shows, for those who do not see it.
    legend : iterable of (str, str)
        Kinds and what they mean.
    links : DataFrame, optional
        One row per link, by its label, the most important first: the same columns, and the places of its ends, ``lat``,
        ``lon``, ``to_lat``, ``to_lon``. ``MOST_LINES`` are drawn at most.
    """
    if not (len(flows.places) or len(flows.sites)):
        return None
    sites = flows.sites.drop(columns="mtok").join(marked, on="label", how="inner").reset_index(drop=True)
    lines = pd.DataFrame() if links is None else links.head(MOST_LINES)
    if sites.empty and lines.empty:
        return None
    shown = map_svg.project(flows)
    places, _ = map_svg.nodes(flows, shown)
    at = np.column_stack(shown.at(sites["lon"].to_numpy(float), sites["lat"].to_numpy(float))).round(1)
    named = sites.assign(mtok=sites["amount"])
    drawing = map_svg.framed(
        shown,
        summary,
        tag("path", d=map_svg.land(shown), class_="land"),
        tag("g", *_lines(lines, shown), class_="arcs changes"),
        tag("g", *dots(places), class_="places"),
        tag("g", *marks(sites, at), class_="marks"),
        *(name_places(named, at, flows.places, places, lettering) for lettering in LETTERINGS),
        id=identity,
    )
    return fragment(drawing, line_legend([(f"{kind} swatch", label) for kind, label in legend]))


def marks(sites: pd.DataFrame, at: FloatArray) -> list[Html]:
    """Draw squares whose area is proportional to ``amount``, with ``kind`` as class and ``label: said`` as tip."""
    largest = float(sites["amount"].max())
    drawn = []
    columns = (sites[name].tolist() for name in ("label", "amount", "kind", "said"))
    for (x, y), label, amount, kind, said in zip(at.tolist(), *columns, strict=True):
        half = max(_LEAST, _LARGEST * np.sqrt(amount / largest)) if largest > 0 else _LEAST
        size = {"x": f"{x - half:.1f}", "y": f"{y - half:.1f}", "width": f"{2 * half:.1f}", "height": f"{2 * half:.1f}"}
        drawn.append(tag("rect", tag("title", f"{label}: {said}"), class_=kind, **size))
    return drawn


def _lines(links: pd.DataFrame, shown: map_svg.Projection) -> list[Html]:
    """Draw lines whose width is proportional to ``amount``, likewise; the most important on top."""
    if links.empty:
        return []
    largest = float(links["amount"].max())
    ends = [np.column_stack(shown.at(*(links[name].to_numpy(float) for name in pair))).round(1) for pair in _ENDS]
    columns = (links[name].tolist() for name in ("amount", "kind", "said"))
    drawn = [
        tag(
            "path",
            tag("title", f"{label}: {said}"),
            d=line_path(start, end, shown.round_the_world),
            class_=kind,
            stroke_width=f"{max(_FINEST, _WIDEST * amount / largest) if largest > 0 else _FINEST:.1f}",
        )
        for start, end, label, amount, kind, said in zip(
            *(each.tolist() for each in ends), links.index, *columns, strict=True
        )
    ]
    return drawn[::-1]


def line_path(start: Sequence[float], end: Sequence[float], round_the_world: float) -> str:
    """Return a straight line that takes the short way round the world; a loop if both ends coincide.

    Examples
    --------
    >>> line_path((0.0, 0.0), (100.0, 0.0), 720.0), line_path((0.0, 0.0), (1.0, 0.0), 720.0)
    ('M0 0L100 0', 'M0 0c-22-36 22-36 0 0')
    >>> line_path((700.0, 0.0), (20.0, 0.0), 720.0)
    'M700 0L740 0M-20 0L20 0'
    """
    (x1, y1), (x2, y2) = start, end
    if abs(x2 - x1) + abs(y2 - y1) < map_svg.SAME_PLACE:
        return map_svg.arc_path(start, end, round_the_world)
    turn = round_the_world * round((x1 - x2) / round_the_world)
    line = f"M{x1:.5g} {y1:.5g}L{x2 + turn:.5g} {y2:.5g}"
    return line + f"M{x1 - turn:.5g} {y1:.5g}L{x2:.5g} {y2:.5g}" if turn else line


def dots(at: FloatArray) -> list[Html]:
    """Draw small circles at places with hubs."""
    return [tag("circle", cx=f"{x:g}", cy=f"{y:g}", r="2") for x, y in at.tolist()]
