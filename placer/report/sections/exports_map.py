"""The map of what may leave: the most exports within a limit on the round trip, which the slider of the curve moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from placer.report.html.markup import Html, fragment, tag
from placer.report.html.svg import WIDTH
from placer.report.sections import map_svg
from placer.report.sections.map_labels import LETTERINGS, name_places
from placer.report.sections.site_map import dots
from placer.utils.numbers import percent

if TYPE_CHECKING:
    from placer.report.content.page import PageContent

#: Widths of the widest and of the narrowest arc, in units of the drawing.
WIDEST, FINEST = 9.0, 0.5


def exports_map(content: PageContent) -> Html | None:
    """Draw the exports of the last limit over the land of the map of flows; None without any."""
    if not content.exports or content.ceiling is None:
        return None
    flows, last = content.flows, content.exports[-1]
    shown = map_svg.project(flows)
    places, sites = map_svg.nodes(flows, shown)
    largest = max((mtok for _, _, mtok in last.flows), default=0.0)
    arcs = [
        tag(
            "path",
            d=map_svg.arc_path(places[place].tolist(), sites[site].tolist(), shown.round_the_world),
            stroke_width=f"{max(FINEST, WIDEST * mtok / largest):.1f}",
        )
        for place, site, mtok in reversed(last.flows)
    ]
    share = percent(float(content.ceiling.curve["share"].iloc[last.corner]), 2)
    said = f"Without a limit: {share} may leave."
    drawing = tag(
        "svg",
        tag("use", href=f"#{content.prefix}atlas-land"),
        tag("g", *arcs, class_="exports"),
        tag("g", *dots(places), class_="places"),
        tag("g", *dots(sites), class_="receivers"),
        *(name_places(flows.sites, sites, flows.places, places, lettering) for lettering in LETTERINGS),
        viewBox=f"0 0 {WIDTH} {shown.height:.0f}",
        role="img",
        aria_label="Map of the most exports within a limit on the round trip, from hubs to data centres.",
        class_="map",
    )
    return fragment(
        tag("h3", "What may leave within a limit"), tag("p", said, class_="status exports-said", role="status"), drawing
    )


def exports_data(content: PageContent) -> list[dict[str, Any]]:
    """Return the exports at each limit for the script: the corner, the number of flows, and the largest of them."""
    return [
        {
            "corner": each.corner,
            "count": each.flow_count,
            "flows": [[place, site, float(f"{mtok:.4g}")] for place, site, mtok in each.flows],
        }
        for each in content.exports
    ]
