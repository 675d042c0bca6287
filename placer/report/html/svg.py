"""The elements of every chart: scales, axes, legends, and the frame with a description of the chart."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from placer.report.html.markup import Html, fragment, name_of, tag
from placer.tolerances import INPUT
from placer.utils.numbers import mark

#: Width of a chart in units of the drawing, on a wide and on a narrow screen; a page scales both, and the letters of
#: either are legible.
WIDTH, NARROW = 720, 380


@dataclass(frozen=True)
class Scale:
    """A linear scale: ``low`` maps to ``start`` and ``high`` to ``end``, both in units of the drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the position of a value, to a tenth of a unit."""
        span = self.high - self.low
        return round(self.start + (value - self.low) / span * (self.end - self.start) if span else self.start, 1)


def ticks(high: float, count: int = 5) -> list[float]:
    """Return round values from 0 up to ``high`` or just beyond, about ``count`` of them.

    Examples
    --------
    >>> ticks(0.1651), ticks(0.0), ticks(4e-14)[:3]
    ([0.0, 0.05, 0.1, 0.15, 0.2], [0.0, 1.0], [0.0, 1e-14, 2e-14])
    """
    if not (count * sys.float_info.min < high < math.inf):
        return [0.0, 1.0]
    rough = high / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - INPUT))
    return [multiple(place, step) for place in range(math.ceil(high / step - INPUT) + 1)]


def multiple(count: int, step: float) -> float:
    """Return a multiple of a step without the rounding of the product.

    Examples
    --------
    >>> multiple(3, 0.1), multiple(3, 1e-17)
    (0.3, 3e-17)
    """
    return float(f"{count * step:.15g}")


def round_marks(low: float, high: float, count: int) -> list[float]:
    """Return round values between two ends, about ``count`` of them.

    Examples
    --------
    >>> round_marks(0.48, 0.81, 4)
    [0.5, 0.6, 0.7, 0.8]
    """
    step = ticks(high - low, count)[1]
    first, last = math.ceil(low / step - INPUT), math.floor(high / step + INPUT)
    return [multiple(place, step) for place in range(first, last + 1)]


def written_mark(value: float, unit: str) -> str:
    """Return the text of a mark of an axis; ``unit`` is % for shares."""
    return f"{100 * value:g}%" if unit else mark(value)


def chart(width: float, height: float, summary: str, *children: Html | None, **attributes: str) -> Html:
    """Return a drawing that screen readers treat as one image with a summary."""
    return tag(
        "svg",
        *children,
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=summary,
        class_="chart",
        **attributes,
    )


def at_both_widths(draw: Callable[[float], Html]) -> Html:
    """Draw for wide and for narrow screens with a function of the width; the page shows one of both."""
    return fragment(tag("div", draw(WIDTH), class_="wide"), tag("div", draw(NARROW), class_="narrow"))


def text(x: float, y: float, content: str, **attributes: str) -> Html:
    """Return a text in a drawing."""
    return tag("text", content, x=f"{x:g}", y=f"{y:g}", **attributes)


def box(x: float, y: float, width: float, height: float, tip: str | None = None, **attributes: str) -> Html:
    """Return a rectangle with its tooltip."""
    said = None if tip is None else tag("title", tip)
    size = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{max(width, 0):.4g}", "height": f"{max(height, 0):.4g}"}
    return tag("rect", said, **size, **attributes)


def rule(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    """Return a straight line."""
    return tag("line", x1=f"{x1:g}", y1=f"{y1:g}", x2=f"{x2:g}", y2=f"{y2:g}", class_=class_)


def value_axis(scale: Scale, marks: Iterable[float], left: float, right: float, written: str = "") -> Html:
    """Return horizontal grid lines with their values to the left; ``written`` is % for shares."""
    parts = []
    for value in marks:
        y = scale.at(value)
        label = text(left - 6, y + 4, written_mark(value, written), class_="tick", text_anchor="end")
        parts += [rule(left, y, right, y, "grid"), label]
    return fragment(*parts)


def time_axis(marks: Iterable[tuple[float, str]], right: float, height: float, title: str) -> Html:
    """Return the marks (place, label) of the time below a chart, and its title below them."""
    labels = (text(place, height - 16, label, class_="tick", text_anchor="middle") for place, label in marks)
    return fragment(*labels, text(right, height - 2, title, class_="tick", text_anchor="end"))


def legend(entries: Iterable[tuple[str, str]]) -> Html:
    """Return a legend of (class, label), each with a sample of its fill."""
    items = [
        tag(
            "li",
            tag("svg", box(0, 0, 18, 12, class_=name), viewBox="0 0 18 12", class_="key", aria_hidden="true"),
            label,
        )
        for name, label in entries
    ]
    return tag("ul", *items, class_="legend")


def line_legend(entries: Iterable[tuple[str, str]]) -> Html:
    """Return a legend of (class, label), each with a piece of its line."""
    items = [
        tag(
            "li",
            tag("svg", tag("path", d="M0 6H36", class_=name), viewBox="0 0 36 12", class_="key", aria_hidden="true"),
            name_of(label),
        )
        for name, label in entries
    ]
    return tag("ul", *items, class_="legend")
