"""Names on a map: the busiest data centres and the largest hubs, without overlap, for wide and narrow screens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.report.html.markup import Html, shortened, tag
from placer.report.html.svg import WIDTH
from placer.utils.arrays import FloatArray

Area = tuple[float, float, float, float]

#: Characters of a name on a map.
LONGEST_NAME = 18


@dataclass(frozen=True)
class Lettering:
    """The lettering of names, in units of the drawing.

    Attributes
    ----------
    screen : str
        The class of screens: ``wide`` or ``narrow``.
    letter, line : float
        Approximate width of a letter and height of a line.
    sites, hubs : int
        Largest numbers of named data centres and hubs.
    all_clear : bool
        Whether names must avoid all data centres, or only the named ones.
    """

    screen: str
    letter: float
    line: float
    sites: int
    hubs: int
    all_clear: bool


#: On a narrow screen a drawing is half as large and its letters are twice as large, so that fewer names fit.
LETTERINGS = (
    Lettering("wide", 6.7, 13.0, sites=28, hubs=14, all_clear=True),
    Lettering("narrow", 12.0, 23.0, sites=8, hubs=6, all_clear=False),
)


def name_places(
    sites: pd.DataFrame, site_at: FloatArray, places: pd.DataFrame, place_at: FloatArray, lettering: Lettering
) -> Html:
    """Name data centres and hubs in turn, the largest first, where a name overlaps no other name or data centre.

    A hub that shares its name with a named data centre is not named again.
    """
    nodes = _in_turn(sites, site_at, places, place_at, lettering)
    covered = site_at.tolist() if lettering.all_clear else [at for kind, _, at in nodes if kind == "site"]
    taken: list[Area] = [(x - 6, y - 6, x + 6, y + 6) for x, y in covered]
    drawn: list[Html] = []
    named: set[str] = set()
    for kind, name, (x, y) in nodes:
        if name in named:
            continue
        text = _text(shortened(name, longest=LONGEST_NAME), x, y, kind, lettering, taken)
        if text is not None:
            named.add(name)
            drawn.append(text)
    return tag("g", *drawn, class_=f"labels {lettering.screen}", aria_hidden="true")


def _in_turn(
    sites: pd.DataFrame, site_at: FloatArray, places: pd.DataFrame, place_at: FloatArray, lettering: Lettering
) -> list[tuple[str, str, list[float]]]:
    """Return kind, name and point of the nodes to name, in the order of attempts."""
    nodes = []
    for kind, table, at, most in (("site", sites, site_at, lettering.sites), ("hub", places, place_at, lettering.hubs)):
        order = np.argsort(-table["mtok"].to_numpy(float), kind="stable")[:most].tolist()
        nodes += [
            ((rank + 0.5) / len(order), kind, str(table["name"].iloc[place]), at[place].tolist())
            for rank, place in enumerate(order)
        ]
    return [node[1:] for node in sorted(nodes, key=lambda node: node[0])]


def _text(name: str, x: float, y: float, kind: str, lettering: Lettering, taken: list[Area]) -> Html | None:
    """Return a name beside a point where there is room, and reserve the room; None without room."""
    half, width, line, gap = 13.0, lettering.letter * len(name), lettering.line, lettering.letter / 2
    for anchor, left, base in (
        ("start", x + half, y + line / 3),
        ("end", x - half - width, y + line / 3),
        ("middle", x - width / 2, y - half),
        ("middle", x - width / 2, y + half + 0.7 * line),
    ):
        area = (left - gap, base - line, left + width + gap, base)
        if left > 0 and left + width < WIDTH and not any(_meet(area, other) for other in taken):
            taken.append(area)
            stand = {"start": left, "end": left + width, "middle": x}[anchor]
            return tag("text", name, x=f"{stand:.0f}", y=f"{base:.0f}", text_anchor=anchor, class_=f"{kind}-name")
    return None


def _meet(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
