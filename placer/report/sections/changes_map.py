"""A map of the differences between two placements: flows and data centres that carry more, and less."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from placer.report.content.flow_map import FlowMap
from placer.report.html.markup import Html, fragment, para, tag
from placer.report.html.svg import line_legend
from placer.report.sections import map_svg
from placer.report.sections.map_labels import LETTERINGS, name_places
from placer.report.sections.site_map import dots, marks
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray
from placer.utils.numbers import figure

_WIDEST, _FINEST = 9.0, 0.6
_AT = ["lat", "lon"]


def changes_map(first: FlowMap, other: FlowMap, identity: str) -> Html | None:
    """Draw the differences of another placement from the first; None where either has no map."""
    if not all(len(flows.places) and len(flows.sites) for flows in (first, other)):
        return None
    places, sites = (_together(getattr(first, name), getattr(other, name)) for name in ("places", "sites"))
    both = replace(first, places=places, sites=sites)
    arcs = _changed(first, other)
    if arcs.empty and not sites["change"].abs().sum() > 0:
        return para("No flow differs by more than a millionth of served demand.")
    shown = map_svg.project(both)
    place_at, site_at = map_svg.nodes(both, shown)
    size, change = sites["change"].abs(), sites["change"].tolist()
    marked = sites.assign(amount=size, kind=[_kind(each) for each in change], said=[_said(each) for each in change])
    named = sites.assign(mtok=size)
    drawing = map_svg.framed(
        shown,
        "Map of differences; the table of data centres holds the figures.",
        tag("path", d=map_svg.land(shown), class_="land"),
        tag("g", *_arcs(arcs, places, place_at, sites, site_at, shown.round_the_world), class_="arcs changes"),
        tag("g", *dots(place_at), class_="places"),
        tag("g", *marks(marked, site_at), class_="marks"),
        *(name_places(named, site_at, places, place_at, lettering) for lettering in LETTERINGS),
        id=identity,
    )
    return fragment(drawing, line_legend([("more swatch", "carries more"), ("less swatch", "carries less")]))


def _together(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes of both with the larger of their loads as ``mtok``, and the ``change``."""
    key = [*_AT, "label", "name"]
    whole = one[[*key, "mtok"]].merge(other[[*key, "mtok"]], on=key, how="outer", suffixes=("", "_other"), sort=False)
    whole = whole.fillna({"mtok": 0.0, "mtok_other": 0.0})
    change = whole["mtok_other"] - whole["mtok"]
    # Changes below this share of all served demand are noise between equal optima.
    least = PROOF * float(max(whole["mtok"].sum(), whole["mtok_other"].sum()))
    return whole.assign(change=change.where(change.abs() > least, 0.0), mtok=whole[["mtok", "mtok_other"]].max(axis=1))


def _changed(first: FlowMap, other: FlowMap) -> pd.Series:
    """Return the largest changes of flows in Mtok, by place (its latitude and longitude) and data centre."""
    one, two = _pairs(first), _pairs(other)
    change = two.sub(one, fill_value=0.0)
    change = change[change.abs() > PROOF * max(one.sum(), two.sum())]
    return change.loc[change.abs().sort_values(ascending=False, kind="stable").index[: map_svg.LARGEST_ARCS]]


def _pairs(flows: FlowMap) -> pd.Series:
    table = flows.places[_AT].iloc[flows.place].reset_index(drop=True)
    table = table.assign(site=flows.sites["label"].to_numpy()[flows.site], mtok=flows.mtok.sum(axis=1))
    return table.groupby([*_AT, "site"])["mtok"].sum()


def _arcs(
    arcs: pd.Series,
    places: pd.DataFrame,
    place_at: FloatArray,
    sites: pd.DataFrame,
    site_at: FloatArray,
    round_the_world: float,
) -> list[Html]:
    """Draw the changes of flows, the largest on top."""
    where = {(lat, lon): at for lat, lon, at in zip(places["lat"], places["lon"], place_at.tolist(), strict=True)}
    names = {(lat, lon): name for lat, lon, name in zip(places["lat"], places["lon"], places["label"], strict=True)}
    goal = dict(zip(sites["label"], site_at.tolist(), strict=True))
    largest = float(arcs.abs().max()) if len(arcs) else 1.0
    return [
        tag(
            "path",
            tag("title", f"{names[lat, lon]} to {site}: {_said(mtok)}"),
            d=map_svg.arc_path(where[lat, lon], goal[site], round_the_world),
            class_=_kind(mtok),
            stroke_width=f"{max(_FINEST, _WIDEST * abs(mtok) / largest):.1f}",
        )
        for (lat, lon, site), mtok in reversed(list(arcs.items()))
    ]


def _kind(change: float) -> str:
    return "more" if change > 0 else "less" if change < 0 else "same"


def _said(change: float) -> str:
    return f"{figure(abs(change))} Mtok {'more' if change > 0 else 'less'}" if change else "no change"
