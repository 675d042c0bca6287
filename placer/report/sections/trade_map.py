"""The map of tokens that are sold abroad, from country to country."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.report.html.markup import Html, fragment, tag
from placer.report.html.svg import WIDTH, line_legend
from placer.report.sections import map_svg
from placer.report.sections.map_labels import LETTERINGS, name_places
from placer.report.sections.site_map import dots, marks

if TYPE_CHECKING:
    from placer.report.content.page import PageContent

#: Sellers whose arcs have a line of their own, and the class of the others.
_SELLERS, _OTHERS = 5, "c5"
#: Widths of the widest and of the narrowest arc, in units of the drawing.
_WIDEST, _FINEST = 9.0, 0.6


def trade_map(content: PageContent) -> Html | None:
    """Draw the largest flows between countries over the land of the map of flows; None where nothing has a place."""
    found = content.trade
    if found is None or found.arcs.empty:
        return None
    points, arcs = found.points, found.arcs
    shown = map_svg.project(content.flows)
    at = np.column_stack(shown.at(points["lon"].to_numpy(float), points["lat"].to_numpy(float))).round(1)
    sellers = (points["mtok"] > 0).to_numpy()
    largest = list(dict.fromkeys(np.argsort(-points["mtok"].to_numpy(), kind="stable")[:_SELLERS].tolist()))
    lines = {seller: f"c{place}" for place, seller in enumerate(largest)}
    drawn = [
        tag(
            "path",
            tag("title", said),
            d=map_svg.arc_path(at[seller].tolist(), at[buyer].tolist(), shown.round_the_world),
            class_=lines.get(seller, _OTHERS),
            stroke_width=f"{max(_FINEST, _WIDEST * mtok / arcs['mtok'].iloc[0]):.1f}",
        )
        for seller, buyer, mtok, said in arcs.itertuples(index=False)
    ]
    named = points.assign(amount=points["mtok"], kind=None, said="").reset_index()
    drawing = tag(
        "svg",
        tag("use", href=f"#{content.prefix}atlas-land"),
        tag("g", *reversed(drawn), class_="sold"),
        tag("g", *dots(at[~sellers]), class_="places"),
        tag("g", *marks(named[sellers], at[sellers]), class_="sites"),
        *(name_places(named[sellers], at[sellers], named[~sellers], at[~sellers], each) for each in LETTERINGS),
        viewBox=f"0 0 {WIDTH} {shown.height:.0f}",
        role="img",
        aria_label="Map of tokens sold abroad; the matrix holds the amounts.",
        class_="map",
    )
    key = [(f"swatch {lines[seller]}", points.index[seller]) for seller in largest if sellers[seller]]
    others = set(arcs["seller"]) - lines.keys()
    return fragment(drawing, line_legend([*key, *([(f"swatch {_OTHERS}", "others")] if others else [])]))
