"""The section on exportable demand: the ceiling, its limits, and its curve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from placer.report.content.ceiling import CeilingContent
from placer.report.content.page import PageContent
from placer.report.html import curves
from placer.report.html.curves import Beside, StepCurve, step_curves
from placer.report.html.markup import Html, folded, fragment, para, tag
from placer.report.html.tables import Cell, shares, table, written_table
from placer.report.sections import map_svg
from placer.report.sections.map_labels import LETTERINGS, name_places
from placer.report.sections.site_map import dots
from placer.result_columns import long
from placer.utils.arrays import without_noise
from placer.utils.numbers import in_full, percent, quantity

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
    drawing = map_svg.framed(
        shown,
        "Map of the most exports within a limit on the round trip, from hubs to data centres.",
        tag("use", href=f"#{content.prefix}atlas-land"),
        tag("g", *arcs, class_="exports"),
        tag("g", *dots(places), class_="places"),
        tag("g", *dots(sites), class_="receivers"),
        *(name_places(flows.sites, sites, flows.places, places, lettering) for lettering in LETTERINGS),
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


#: Corners of the curve listed as a table.
_CORNERS = 15
_REGION_COLUMNS = long("demand_share", "exportable_share", "latency_share", "gross_share", "unserved_share")


def ceiling_section(content: PageContent) -> Html | None:
    """Return the section on the ceiling, its limits, and its curve; without one a note, and nothing beside a plan."""
    found = content.ceiling
    if found is None:
        return para("The ceiling was not computed for this report.") if content.plan is None else None
    low, high = found.economic_range
    kept = without_noise(found.limits["share"].to_numpy(float), size=1.0).tolist()
    parts = [("s-exportable", "exportable", found.share)]
    parts += [
        (f"s-{str(name).replace(' ', '-')}", str(name), share)
        for name, share in zip(found.limits.index, kept, strict=True)
    ]
    economic = " to ".join(dict.fromkeys([percent(low), percent(high)]))
    if found.economic_detail:
        economic += f" (bounds only, not proven: {found.economic_detail})"
    said = "; ".join(f"{label} {percent(share)}" for _, label, share in parts)
    curve = found.curve
    return fragment(
        _shares(found),
        para(
            f"At least cost {economic} of demand is served in another region. The ceiling is that of exports from "
            f"{found.cut}, with {percent(found.unserved_share, 2)} of demand unserved, the least possible. What keeps "
            "the rest:"
        ),
        curves.split_bar(parts, f"What sets the ceiling: {said}"),
        _limits(found, parts),
        _regions(found),
        para(
            "The same ceiling under a limit on the round trip of work that cannot wait, in ",
            tag("strong", f"{len(curve)} exact corners"),
            ". Left of the line \u2018all served\u2019 some demand cannot be served at all, so exports can dip.",
            f" {found.corners_left_out} further corners are left out of this page." if found.corners_left_out else None,
        ),
        draw_ceilings([("exportable", found)], f"{content.prefix}curve"),
        _curve_reader(content),
        exports_map(content),
        _corners(curve),
    )


def _shares(found: CeilingContent) -> Html:
    """Return the three ceilings, each with its name and meaning."""
    work = "" if math.isnan(found.work_share) else f"{percent(found.work_share)} of the work. "
    net = (
        f"{work}The most that can be served in another region, with unserved demand at its least. The receiving "
        "regions serve as much of their own demand as they can: no demand is sent in exchange."
    )
    far = "What distance and law alone allow: data centres, power and links of any size."
    swaps = "The most if the receiving regions' own demand may be sent the other way to make room."
    cards = [
        ("Ceiling", found.share, net),
        ("Latency ceiling", found.latency_share, far),
        ("Ceiling with swaps (gross)", found.gross_share, swaps),
    ]
    entries = [
        tag(
            "div",
            tag("dt", name),
            tag("dd", tag("strong", percent(share), tag("span", f"of {found.weight}")), tag("span", said)),
            class_="card",
        )
        for name, share, said in cards
    ]
    return tag("dl", *entries, class_="cards three")


def _limits(found: CeilingContent, parts: Sequence[tuple[str, str, float]]) -> Html:
    unserved = without_noise(np.array([0.0, *found.limits["unserved_share"]]), size=1.0).tolist()
    cells = [shares([share, short], 2) for (*_, share), short in zip(parts, unserved, strict=True)]
    return written_table(
        [label for _, label, _ in parts],
        cells,
        ["limit", *long("share", "unserved_share").values()],
        "What keeps the rest or leaves it unserved: means over all orders of lifting the limits (Shapley values)",
    )


def _regions(found: CeilingContent) -> Html | None:
    """Return the ceiling of each region alone, where exports between all regions count."""
    if found.regions is None:
        return None
    regions = found.regions.rename(columns={"share": "exportable_share"})
    one, other = (", ".join(side) for side in (found.exporting, found.receiving))
    return fragment(
        para(
            "Exports between all regions count, so each may export to all others. Of all ways to divide the regions "
            f"into exporting and receiving ones, this has the largest ceiling: {one} to {other}."
        ),
        table(regions, "region", _REGION_COLUMNS, "Each region exporting alone, % of all demand"),
    )


def _curve_reader(content: PageContent) -> Html:
    last = 0 if content.ceiling is None else len(content.ceiling.curve) - 1
    corner = tag("input", type="range", min="0", max=str(last), value=str(last // 2), data_role="corner")
    return tag(
        "div",
        tag("label", "Read the curve at a corner", corner),
        tag("output", data_role="corner-name"),
        class_="controls",
        hidden=True,
    )


def _corners(curve: pd.DataFrame) -> Html:
    places = np.unique(np.linspace(0, len(curve) - 1, min(_CORNERS, len(curve))).round().astype(int))
    shown = curve.iloc[places]
    names = [quantity(limit) for limit in shown["rtt_limit_ms"].tolist()]
    columns = (shown[name].tolist() for name in ("share", "unserved_share", "exact", "share_low", "share_high"))
    cells: list[list[str | Cell]] = [
        [*shares([share, unserved], 2), "exact" if exact else f"{percent(low, 2)} to {percent(high, 2)}"]
        for share, unserved, exact, low, high in zip(*columns, strict=True)
    ]
    caption = f"{len(shown)} of the {len(curve)} corners of the curve"
    headings = long("rtt_limit_ms", "exportable_share", "unserved_share").values()
    whole = written_table(names, cells, [*headings, "bounds"], caption)
    return folded(caption, whole)


#: Title of the limit on wide and narrow screens.
_AXIS = ("limit on the round trip of work that cannot wait, ms", "limit on the round trip, ms")


def draw_ceilings(ceilings: Sequence[tuple[str, CeilingContent]], identity: str) -> Html:
    """Draw the exportable share of one or several ceilings by name, with their legend.

    A single curve also shows unserved demand, the other ceilings and the limits where the curve settles.
    """
    summary = "; ".join(
        f"{name}: exportable {percent(found.share)}, all of it from {quantity(found.exportable_from)} ms"
        for name, found in ceilings
    )
    curves = [_curve(name, found, "share") for name, found in ceilings]
    beside = _beside(ceilings[0][1]) if len(ceilings) == 1 else None
    return step_curves(curves, identity, _AXIS, f"Ceiling curve. {summary}", beside)


def _curve(name: str, found: CeilingContent, column: str) -> StepCurve:
    return StepCurve(name, tuple(found.curve["rtt_limit_ms"].tolist()), tuple(found.curve[column].tolist()))


def _beside(found: CeilingContent) -> Beside:
    """Return the unserved share, the other ceilings and the marked limits."""
    return Beside(
        dashed=_curve("unserved", found, "unserved_share"),
        band=(*found.economic_range, "exported at least cost"),
        levels=(("with swaps", found.gross_share), ("distance and law alone", found.latency_share)),
        settled=(
            (found.served_from, f"all served from {in_full(found.served_from)} ms"),
            (found.exportable_from, f"all exportable from {in_full(found.exportable_from)} ms"),
        ),
    )
