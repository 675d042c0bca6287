"""A tornado chart: bars to both sides of a value, the widest on top, each end labelled with its cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.html.markup import Html, tag
from placer.report.html.svg import WIDTH, Scale, at_both_widths, box, chart, round_marks, rule, text, written_mark
from placer.utils.numbers import figure, percent

if TYPE_CHECKING:
    import pandas as pd

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
