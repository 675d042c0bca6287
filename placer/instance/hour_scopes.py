"""The hours that a limit is about, from text such as ``0-7|20``.

Parts stand between ``|``. A part is an hour of the demand, or a range of them, both ends included: ``8-17`` of whole
numbers, ``2026-01-01T08:00/2026-01-01T17:00`` of timestamps. ``each`` stands for every hour by itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.instance.validation import show

if TYPE_CHECKING:
    from placer.instance.horizon import Hours
    from placer.utils.arrays import BoolArray

EACH = "each"

_WHOLE = re.compile(r"(\d{1,15})(?:-(\d{1,15}))?", re.ASCII)


def hours_problem(text: str, hours: Hours) -> str:
    """Return why a text names no hours of a horizon; empty if it does.

    Examples
    --------
    >>> hours_problem("0-7|20", range(24)), hours_problem("30", range(24))
    ('', "'30' is no hour of the demand")
    """
    if text == EACH:
        return ""
    for part in text.split("|"):
        found = _read(part.strip(), hours)
        if isinstance(found, str):
            return found
    return ""


def chosen_hours(text: str, hours: Hours) -> BoolArray:
    """Return the hours of a horizon that a valid text names; ``each`` is no such text.

    Examples
    --------
    >>> np.flatnonzero(chosen_hours("1-2|5", range(1, 7))).tolist()
    [0, 1, 4]
    """
    chosen = np.zeros(len(hours), dtype=bool)
    for part in text.split("|"):
        found = _read(part.strip(), hours)
        if not isinstance(found, str):
            chosen[found] = True
    return chosen


def _read(part: str, hours: Hours) -> slice | str:
    """Return the positions of a part, or why there are none."""
    ends = _ends(part, hours)
    if isinstance(ends, str):
        return ends
    first, last = ends
    if first > last:
        return f"{show(part)} ends before it begins"
    return slice(first, last + 1)


def _ends(part: str, hours: Hours) -> tuple[int, int] | str:
    """Return the positions of the ends of a part."""
    unknown = f"{show(part)} is no hour of the demand"
    if isinstance(hours, range):
        found = _WHOLE.fullmatch(part)
        if found is None:
            return f"{show(part)} is neither an hour nor a range of hours"
        ends = [int(end) for end in (found[1], found[2] or found[1])]
        return (hours.index(ends[0]), hours.index(ends[1])) if all(end in hours for end in ends) else unknown
    texts = part.split("/")
    if len(texts) > 2:
        return f"{show(part)} is neither a timestamp nor a range of timestamps"
    try:
        places = [int(hours.get_indexer(pd.DatetimeIndex([pd.Timestamp(text.strip())]))[0]) for text in texts]
    except (ValueError, TypeError):
        return f"{show(part)} is neither a timestamp nor a range of timestamps"
    return unknown if min(places) < 0 else (places[0], places[-1])
