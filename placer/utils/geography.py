"""Outlines of the world's countries, for a map behind hubs and data centres.

The outlines are those of Natural Earth (1:110m Admin 0 countries, public domain), rounded to a tenth of a degree, which
is 11 km at most. They show locations; they are not fit for measurement, and take no position on disputed borders
beyond the drawing of the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np

from placer.utils.arrays import FloatArray

_FILE = "outlines.txt"


@dataclass(frozen=True, eq=False)
class Outline:
    """One piece of land of one country.

    Attributes
    ----------
    name : str
        The country, as the source writes it. A country of several pieces of land has one outline for each.
    ring : (points, 2) array
        Longitude and latitude in degrees, the first point again as the last. Not writeable.
    """

    name: str
    ring: FloatArray


def outlines() -> tuple[Outline, ...]:
    """Return the outlines of all countries, in the order of the source. No ring crosses the meridian of 180 degrees.

    Examples
    --------
    >>> from placer.utils.geography import outlines
    >>> shape = next(outline for outline in outlines() if outline.name == "Iceland")
    >>> shape.ring.min(axis=0), shape.ring.max(axis=0)
    (array([-24.3,  63.5]), array([-13.6,  66.5]))
    """
    text = resources.files("placer.utils").joinpath(_FILE).read_text(encoding="utf-8")
    return tuple(_outline(line) for line in text.splitlines() if not line.startswith("#"))


def _outline(line: str) -> Outline:
    name, _, points = line.partition("\t")
    ring = np.array([point.split(",") for point in points.split(" ")], dtype=float)
    ring.flags.writeable = False
    return Outline(name, ring)
