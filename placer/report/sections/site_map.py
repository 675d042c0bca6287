"""Maps of data centres with a mark each: larger for larger amounts, coloured by what the amount means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.report.html.markup import Html, fragment, tag
from placer.report.html.svg import WIDTH, line_legend
from placer.report.sections import map_svg
from placer.report.sections.map_labels import LETTERINGS, name_nodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from placer.report.content.flow_map import FlowMap
    from placer.utils.arrays import FloatArray

_LARGEST, _LEAST = 12.0, 2.0


def site_map(
    flows: FlowMap, marked: pd.DataFrame, identity: str, summary: str, legend: Iterable[tuple[str, str]]
) -> Html | None:
    """Draw the data centres that have a place and a mark; None where there are none.

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
    """
    sites = flows.sites.drop(columns="mtok").join(marked, on="label", how="inner").reset_index(drop=True)
    if sites.empty:
        return None
    shown = map_svg.project(flows)
    places, _ = map_svg.nodes(flows, shown)
    at = np.column_stack(shown.at(sites["lon"].to_numpy(float), sites["lat"].to_numpy(float))).round(1)
    named = sites.assign(mtok=sites["amount"])
    drawing = tag(
        "svg",
        tag("path", d=map_svg.land(shown), class_="land"),
        tag("g", *dots(places), class_="places"),
        tag("g", *marks(sites, at), class_="marks"),
        *(name_nodes(named, at, flows.places, places, lettering) for lettering in LETTERINGS),
        viewBox=f"0 0 {WIDTH} {shown.height:.0f}",
        role="img",
        aria_label=summary,
        class_="map",
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


def dots(at: FloatArray) -> list[Html]:
    """Draw small circles at places with hubs."""
    return [tag("circle", cx=f"{x:g}", cy=f"{y:g}", r="2") for x, y in at.tolist()]
