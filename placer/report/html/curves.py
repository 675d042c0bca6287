"""Charts of curves: step functions of shares over a limit, straight lines between breakpoints, and one bar of parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from placer.report.html.charts import BOTTOM, LEFT, RIGHT, TOP, UNIT, unit_of
from placer.report.html.markup import Html, fragment, tag
from placer.report.html.svg import (
    WIDTH,
    Scale,
    at_both_widths,
    box,
    chart,
    legend,
    line_legend,
    multiple,
    rule,
    text,
    ticks,
    value_axis,
)
from placer.tolerances import DISPLAY, INPUT
from placer.utils.numbers import mark, percent

_HEIGHT = 282
#: Width of a letter of a label, and width of a mark of the limit, in units of the drawing.
_LETTER, _MARK = 6.5, 75
#: Height of the titles of limits at the top.
_TITLES = 34
#: Class of a dashed curve.
_DASHED = "line unserved-line"


def step_path(limits: Sequence[float], values: Sequence[float], across: Scale, up: Scale) -> str:
    """Return the path of a step function, from its first limit to the end of the scale."""
    path = ""
    for place, (limit, value) in enumerate(zip(limits, values, strict=True)):
        x, y = across.at(limit), up.at(value)
        path += f"M{x:g} {y:g}" if place == 0 else f"H{x:g}V{y:g}"
    return path + f"H{across.end:g}"


@dataclass(frozen=True)
class StepCurve:
    """A share as a step function: from each limit on it takes the corresponding value."""

    name: str
    limits: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Beside:
    """Additions to a single curve.

    Attributes
    ----------
    dashed : StepCurve
        A second curve, drawn dashed.
    band : (float, float, str)
        Lowest and highest share of a band, and its label, which is drawn at the highest.
    levels : tuple of (str, float)
        Labels and shares that are drawn as lines over the whole width.
    settled : tuple of (float, str)
        Marked limits, and the statement that holds from each on.
    """

    dashed: StepCurve
    band: tuple[float, float, str]
    levels: tuple[tuple[str, float], ...]
    settled: tuple[tuple[float, str], ...]


def step_curves(
    curves: Sequence[StepCurve], identity: str, axis: tuple[str, str], summary: str, beside: Beside | None = None
) -> Html:
    """Draw shares over a limit as one or several step functions, with their legend.

    Parameters
    ----------
    identity : str
        The id of the drawing for wide screens.
    axis : (str, str)
        Title of the limit, for wide and for narrow screens.
    summary : str
        Description of the drawing for readers who cannot see it.
    beside : Beside, optional
        Additions to a single curve.
    """
    names = [(f"line c{place}", curve.name) for place, curve in enumerate(curves)]
    names += [(_DASHED, beside.dashed.name)] if beside is not None else []

    def drawn(width: float) -> Html:
        wide = width == WIDTH
        parts = _curves(curves, axis[0 if wide else 1], beside, width)
        return chart(width, _HEIGHT, summary, *parts, id=identity if wide else f"{identity}-narrow")

    return fragment(line_legend(names), at_both_widths(drawn))


def _curves(curves: Sequence[StepCurve], axis: str, beside: Beside | None, width: float) -> list[Html]:
    right = width - RIGHT
    across = Scale(0, 1.05 * max(max(curve.limits) for curve in curves) or 1.0, LEFT, right)
    up = Scale(0, 1, _HEIGHT - 2 - BOTTOM, TOP)
    parts = [value_axis(up, [0, 0.25, 0.5, 0.75, 1], LEFT, right, "%")]
    parts += [
        text(across.at(limit), up.start + 16, mark(limit), class_="tick", text_anchor="middle")
        for limit in ticks(across.high, max(int((right - LEFT) / _MARK), 2))
        if limit <= across.high
    ]
    if beside is not None:
        parts.append(_beside(beside, across, up))
    for place, curve in enumerate(curves):
        path = step_path(curve.limits, curve.shares, across, up)
        parts.append(tag("path", d=path, class_=f"line c{place}"))
    frame = {
        "data_left": across.start,
        "data_right": across.end,
        "data_top": up.end,
        "data_bottom": up.start,
        "data_most": f"{across.high:.8g}",
    }
    parts.append(tag("g", class_="cursor", **frame))
    parts.append(text(right, _HEIGHT - 4, axis, class_="tick", text_anchor="end"))
    return parts


def _beside(beside: Beside, across: Scale, up: Scale) -> Html:
    """Draw a band, levels, marked limits and a dashed curve."""
    low, high, said = beside.band
    band = box(
        across.start, up.at(high) - 1, across.end - across.start, up.at(low) - up.at(high) + 2, said, class_="band"
    )
    path = step_path(beside.dashed.limits, beside.dashed.shares, across, up)
    return fragment(
        band,
        *(rule(across.start, up.at(share), across.end, up.at(share), "reference") for _, share in beside.levels),
        _levels([(said, high), *beside.levels], across, up),
        _settled(beside.settled, across, up),
        tag("path", d=path, class_=_DASHED),
    )


def _levels(levels: Sequence[tuple[str, float]], across: Scale, up: Scale) -> Html:
    """Label the levels of share without overlap; equal levels share a label.

    Labels lie at the right end, or at the left end where titles of limits are in the way.
    """
    written: list[Html] = []
    together: dict[str, list[str]] = {}
    for label, share in sorted(levels, key=lambda level: level[1]):
        together.setdefault(percent(share), []).append(label)
    shares = dict(zip((percent(share) for _, share in levels), (share for _, share in levels), strict=True))
    lowest = up.start + _LETTER
    for said, labels in together.items():
        y = lowest = min(up.at(shares[said]) - 6, lowest - 13)
        x, anchor = (across.start + 4, "start") if y < up.end + _TITLES else (across.end - 4, "end")
        written.append(text(x, y, f"{' and '.join(labels)}: {said}", class_="value", text_anchor=anchor))
    return fragment(*written)


def _settled(limits: Sequence[tuple[float, str]], across: Scale, up: Scale) -> Html:
    """Mark limits from which a statement holds, with the statements at the top, one line each."""
    parts = []
    for line, (limit, label) in enumerate(limits):
        x = across.at(limit)
        near_end = x > across.start + 0.6 * (across.end - across.start)
        anchor = "end" if near_end else "start"
        parts.append(rule(x, up.end, x, up.start, "reference"))
        parts.append(
            text(x + (-5 if near_end else 5), up.end + 10 + 14 * line, label, class_="value", text_anchor=anchor)
        )
    return fragment(*parts)


def split_bar(parts: Sequence[tuple[str, str, float]], summary: str) -> Html:
    """Draw shares (class, label, share) as one bar with a legend; shares <= 0 are omitted."""
    shown = [part for part in parts if part[2] > 0]
    key = [(name, f"{label} {percent(share)}") for name, label, share in shown]
    return fragment(at_both_widths(lambda width: _split(shown, summary, width)), legend(key))


def _split(parts: Sequence[tuple[str, str, float]], summary: str, width: float) -> Html:
    across = Scale(0, max(sum(share for *_, share in parts), 1e-12), 0, width)
    x, drawn = 0.0, []
    for name, label, share in parts:
        start, end = across.at(x), across.at(x + share)
        drawn.append(box(start, 0, end - start - 1, 34, f"{label}: {percent(share)}", class_=name))
        x += share
    return chart(width, 34, summary, *drawn)


_BREAKPOINTS_HEIGHT = 240
#: Width of a mark of the amount, in units of the drawing.
_AMOUNT = 75


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
        return chart(width, _BREAKPOINTS_HEIGHT, summary, *_breakpoints(amounts, values, axis, unit, width))

    return at_both_widths(drawn)


def _breakpoints(amounts: Sequence[float], values: Sequence[float], axis: str, unit: str, width: float) -> list[Html]:
    right = width - RIGHT
    high, beneath = marks_between(min(values), max(values)), marks_between(amounts[0], amounts[-1])
    across = Scale(beneath[0], beneath[-1], LEFT, right)
    up = Scale(high[0], high[-1], _BREAKPOINTS_HEIGHT - 2 - BOTTOM, TOP + UNIT)
    places = [(across.at(amount), up.at(value)) for amount, value in zip(amounts, values, strict=True)]
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in places)
    every = -(-len(beneath) // max(int((right - LEFT) / _AMOUNT), 2))
    return [
        value_axis(up, high, LEFT, right),
        unit_of(unit),
        *(
            text(across.at(amount), up.start + 16, mark(amount), class_="tick", text_anchor="middle")
            for amount in beneath[::every]
        ),
        tag("path", d=path, class_="line c0"),
        *(tag("circle", cx=f"{x:g}", cy=f"{y:g}", r="2.5", class_="breakpoint") for x, y in places),
        text(right, _BREAKPOINTS_HEIGHT - 4, axis, class_="tick", text_anchor="end"),
    ]
