"""Charts with a row for each quantity: bars around a value (tornado), and a line for each answer over all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from placer.report.html.markup import Html, fragment, shortened, tag
from placer.report.html.svg import (
    WIDTH,
    Scale,
    at_both_widths,
    box,
    chart,
    line_legend,
    round_marks,
    rule,
    text,
    written_mark,
)
from placer.utils.numbers import figure, percent

#: Height of a row: its name, and its bar below.
_ROW, _BAR = 36, 13
_TOP, _BOTTOM = 8, 26
#: Room for the labels of ends, wide and narrow, and the width of a letter.
_ENDS, _NARROW_ENDS, _LETTER = 150, 96, 6


def tornado(swings: pd.DataFrame, base: float, summary: str, title: str, unit: str = "") -> Html:
    """Draw a table of swings around a value.

    Parameters
    ----------
    swings : DataFrame
        One row a bar, by its name: ``low`` and ``high``, the ends; ``low_value`` and ``high_value``, their causes.
    base : float
        Where bars begin.
    summary : str
        Description of the chart for readers who cannot see it.
    title : str
        Of the axis: the figure and its unit.
    unit : str
        % for shares.
    """
    return at_both_widths(lambda width: _tornado(swings, base, summary, title, unit, width))


def _tornado(swings: pd.DataFrame, base: float, summary: str, title: str, unit: str, width: float) -> Html:
    low, high = min(base, float(swings["low"].min())), max(base, float(swings["high"].max()))
    room = _ENDS if width == WIDTH else _NARROW_ENDS
    scale, bottom = Scale(low, high, room, width - room), _TOP + _ROW * len(swings)
    marks = round_marks(low, high, 4)[:: 1 if width == WIDTH else 2]
    grid = [
        part
        for value in marks
        for part in (
            rule(scale.at(value), _TOP, scale.at(value), bottom, "grid"),
            text(scale.at(value), bottom + 16, written_mark(value, unit), class_="tick", text_anchor="middle"),
        )
    ]
    longest = (room - 8) // _LETTER
    rows = [
        part
        for place, (name, row) in enumerate(swings.iterrows())
        for part in _bars(str(name), row, base, scale, _TOP + _ROW * place, unit, longest)
    ]
    middle = rule(scale.at(base), _TOP, scale.at(base), bottom, "reference")
    below = text(width - 4, bottom + _BOTTOM + 4, title, class_="tick", text_anchor="end")
    return chart(width, bottom + _BOTTOM + 10, summary, *grid, middle, tag("g", *rows, class_="marks"), below)


def _bars(name: str, row: pd.Series, base: float, scale: Scale, y: float, unit: str, longest: int) -> list[Html]:
    """Return the name of a row, its one or two bars, and the labels of their ends."""
    parts = [text(4, y + 12, _clipped(name, int(scale.end + scale.start - 8) // _LETTER), class_="label")]
    for side, sign, anchor in (("low", -1, "end"), ("high", 1, "start")):
        end, given = float(row[side]), str(row[f"{side}_value"])
        if end == base:
            continue
        left, right = sorted((scale.at(base), scale.at(end)))
        tip = f"{name}, {given}: {percent(end) if unit else figure(end)}"
        parts.append(box(left, y + 17, right - left, _BAR, tip, class_="less" if side == "low" else "more"))
        label = _clipped(given, longest)
        parts.append(text(scale.at(end) + 4 * sign, y + 28, label, class_="value", text_anchor=anchor))
    return parts


def _clipped(label: str, longest: int) -> str:
    return label if len(label) <= longest else f"{label[: longest - 3]}..."


#: Lines that can be told apart.
MOST_LINES = 6
_LINE_ROW, _LINE_TOP, _LINE_BOTTOM = 30, 8, 8
#: Room for names, wide and narrow, for the figures at both ends, and the width of a letter.
_NAMES, _NARROW_NAMES, _LINE_ENDS, _LINE_LETTER = 190, 106, 76, 6.5


def parallel(ends: Sequence[tuple[str, float, float]], places: Mapping[str, Sequence[float]], summary: str) -> Html:
    """Draw lines over rows, with their legend.

    Parameters
    ----------
    ends : sequence of (str, float, float)
        Name, least and most of each row, which stand at its ends.
    places : mapping of str to sequence of float
        The places of each line in the rows, from 0 at the least to 1 at the most; at most ``MOST_LINES``.
    summary : str
        Description of the drawing for readers who cannot see it.
    """
    names = [(f"line c{number}", name) for number, name in enumerate(places)]
    drawing = at_both_widths(lambda width: _drawn(ends, list(places.values()), summary, width))
    return fragment(line_legend(names), drawing)


def _drawn(
    ends: Sequence[tuple[str, float, float]], lines: Sequence[Sequence[float]], summary: str, width: float
) -> Html:
    names = _NAMES if width == WIDTH else _NARROW_NAMES
    across = Scale(0.0, 1.0, names + _LINE_ENDS, width - _LINE_ENDS)
    heights = [_LINE_TOP + _LINE_ROW * (row + 0.5) for row in range(len(ends))]
    rows = [part for end, y in zip(ends, heights, strict=True) for part in _row(end, y, across, names)]
    paths = [
        tag("path", d="M" + "L".join(f"{across.at(place):g} {y:g}" for place, y in at), class_=f"line c{number}")
        for number, at in enumerate(list(zip(line, heights, strict=True)) for line in lines)
    ]
    return chart(width, _LINE_TOP + _LINE_ROW * len(ends) + _LINE_BOTTOM, summary, *rows, *paths)


def _row(end: tuple[str, float, float], y: float, across: Scale, names: float) -> list[Html]:
    name, least, most = end
    return [
        text(
            names - 8,
            y + 4,
            shortened(name, longest=int((names - 8) / _LINE_LETTER)),
            class_="label",
            text_anchor="end",
        ),
        text(across.start - 6, y + 4, figure(least), class_="tick", text_anchor="end"),
        rule(across.start, y, across.end, y, "grid"),
        text(across.end + 6, y + 4, figure(most), class_="tick"),
    ]
