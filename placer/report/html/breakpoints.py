"""A chart of a piecewise-linear curve by its breakpoints, such as the least cost against a budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from placer.report.html.charts import BOTTOM, LEFT, RIGHT, TOP, UNIT, unit_of
from placer.report.html.markup import Html, tag
from placer.report.html.svg import Scale, at_both_widths, chart, multiple, text, ticks, value_axis
from placer.tolerances import DISPLAY, INPUT
from placer.utils.numbers import mark

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEIGHT = 240
#: Width of a mark of the amount, in units of the drawing.
_MARK = 75


def marks_between(low: float, high: float, count: int = 5) -> list[float]:
    """Return round values that begin at or below ``low`` and end at or above ``high``, about ``count`` of them.

    Examples
    --------
    >>> marks_between(10_320.0, 10_860.0)
    [10200.0, 10400.0, 10600.0, 10800.0, 11000.0]
    """
    span = high - low
    step = ticks(span if span > DISPLAY * max(abs(low), abs(high)) else 0.0, max(count - 1, 1))[1]
    first = math.floor(low / step + INPUT)
    last = max(math.ceil(high / step - INPUT), first + 1)
    return [multiple(place, step) for place in range(first, last + 1)]


def breakpoint_curve(amounts: Sequence[float], values: Sequence[float], axis: str, unit: str, summary: str) -> Html:
    """Draw values over amounts as straight lines between breakpoints, with a dot at each breakpoint.

    Parameters
    ----------
    amounts, values : sequences of float
        Of the breakpoints, the amounts ascending; at least one.
    axis : str
        Title of the amounts.
    unit : str
        Unit of the values.
    summary : str
        Description of the drawing for readers who cannot see it.
    """

    def drawn(width: float) -> Html:
        return chart(width, _HEIGHT, summary, *_parts(amounts, values, axis, unit, width))

    return at_both_widths(drawn)


def _parts(amounts: Sequence[float], values: Sequence[float], axis: str, unit: str, width: float) -> list[Html]:
    right = width - RIGHT
    high, beneath = marks_between(min(values), max(values)), marks_between(amounts[0], amounts[-1])
    across = Scale(beneath[0], beneath[-1], LEFT, right)
    up = Scale(high[0], high[-1], _HEIGHT - 2 - BOTTOM, TOP + UNIT)
    places = [(across.at(amount), up.at(value)) for amount, value in zip(amounts, values, strict=True)]
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in places)
    every = -(-len(beneath) // max(int((right - LEFT) / _MARK), 2))
    return [
        value_axis(up, high, LEFT, right),
        unit_of(unit),
        *(
            text(across.at(amount), up.start + 16, mark(amount), class_="tick", text_anchor="middle")
            for amount in beneath[::every]
        ),
        tag("path", d=path, class_="line c0"),
        *(tag("circle", cx=f"{x:g}", cy=f"{y:g}", r="2.5", class_="breakpoint") for x, y in places),
        text(right, _HEIGHT - 4, axis, class_="tick", text_anchor="end"),
    ]
