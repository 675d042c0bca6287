"""The section with the map: controls, the map, its legend, and the largest flows as a table."""

from __future__ import annotations

from placer.report.content.flow_map import largest_pairs
from placer.report.content.page import PageContent
from placer.report.html.markup import Html, folded, fragment, name_of, para, tag
from placer.report.html.svg import line_legend
from placer.report.html.tables import Cell, written_table
from placer.report.sections import map_svg
from placer.result_columns import long
from placer.utils.numbers import figure, percent

#: Number of flows listed below the map, and of names listed that are not on it.
LISTED_FLOWS, _LISTED_NAMES = 40, 40
#: The buttons that zoom: what each does, its sign and its name.
_ZOOMS = (("in", "+", "Zoom in"), ("out", "\u2212", "Zoom out"), ("whole", "Whole map", "Whole map"))


def map_section(content: PageContent) -> Html:
    """Return the map with its controls, and the largest flows as a table."""
    flows = content.flows
    off = None
    if flows.off_map:
        more = len(flows.off_map) - _LISTED_NAMES
        names = ", ".join(flows.off_map[:_LISTED_NAMES]) + (f" and {more} more" if more > 0 else "")
        off = tag("p", "Not on the map, for want of a latitude and longitude: ", name_of(names), ".", class_="note")
    if not (len(flows.places) and len(flows.sites)):
        return fragment(para("There is no map: hubs or data centres have no place."), off)
    classes = [
        (f"r{place} swatch", label) for place, label in enumerate(map_svg.rtt_classes(map_svg.rtt_bounds(flows)))
    ]
    small = f" {flows.small_places} small places with hubs are left out." if flows.small_places else ""
    rest = max(1 - flows.shown_share, 0.0)
    missing = percent(rest, 3)
    left_out = (
        f" Flows left out of this page, small or without a place: {missing} of served demand."
        if missing != percent(0.0, 3)
        else ""
    )
    return fragment(
        para(
            "Circles are hubs, by what they ask for; squares are data centres, by what they serve. Arcs run from hubs "
            "to data centres, the wider the more tokens; colours and dashes tell the round trip. "
            f"A loop is work served where it arises. The {map_svg.LARGEST_ARCS} largest flows stand out, the others "
            "are faded. Arcs show who serves whom, not where cables lie. Zoom with the buttons, with Ctrl and the "
            "wheel, or with + and \u2212 on the map; drag it or use the arrow keys to move it."
        ),
        _controls(content),
        map_svg.draw_map(flows, f"{content.prefix}atlas"),
        line_legend(classes),
        tag("p", f"The {map_svg.MOST_ARCS} largest arcs are drawn at most.{left_out}{small}", class_="note"),
        tag("p", role="status", class_="status"),
        _largest_flows(content),
        off,
    )


def _controls(content: PageContent) -> Html:
    flows = content.flows

    def choice(label: str, role: str, names: list[str]) -> Html:
        options = [
            tag("option", "all", value="-1"),
            *(tag("option", name, value=str(at)) for at, name in enumerate(names)),
        ]
        return tag("label", label, tag("select", *options, data_role=role))

    hours = tag("input", type="range", min="-1", max=str(len(content.steps) - 1), value="-1", data_role="step")
    zooms = (tag("button", sign, type="button", data_zoom=act, aria_label=name) for act, sign, name in _ZOOMS)
    regions = list(flows.regions.index)
    return tag(
        "div",
        choice("Region", "region", regions) if len(regions) > 1 else None,
        choice("Workload", "workload", [str(name) for name in content.workloads.index]),
        choice("Data centre", "site", flows.sites["label"].tolist()),
        tag("label", content.steps.unit.capitalize(), hours, tag("output", "whole horizon", data_role="step-name")),
        tag(
            "label",
            "Flows that stand out",
            tag(
                "select",
                tag("option", f"the {map_svg.LARGEST_ARCS} largest", value=str(map_svg.LARGEST_ARCS)),
                tag("option", "all that are drawn", value=str(map_svg.MOST_ARCS)),
                data_role="main",
            ),
        ),
        tag("div", *zooms, class_="zoom", role="group", aria_label="Zoom"),
        class_="controls",
        hidden=True,
    )


def _largest_flows(content: PageContent) -> Html:
    flows = content.flows
    pairs = largest_pairs(flows, LISTED_FLOWS)
    cells = [
        [flows.sites["label"].iloc[site], Cell(figure(mtok), mtok), Cell(figure(rtt_ms), rtt_ms)]
        for _, site, mtok, rtt_ms in pairs
    ]
    names = [flows.places["label"].iloc[place] for place, *_ in pairs]
    headings = list(long("hub", "data_centre", "mtok", "rtt_ms").values())
    caption = f"The {LISTED_FLOWS} largest flows of this selection"
    return tag("div", folded(caption, written_table(names, cells, headings, caption)), class_="flows")
