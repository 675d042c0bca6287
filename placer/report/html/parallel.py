"""Parallel coordinates: a row for each quantity from its least to its most, and a line for each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from placer.report.html.markup import Html, fragment, shortened, tag
from placer.report.html.svg import WIDTH, Scale, at_both_widths, chart, line_legend, rule, text
from placer.utils.numbers import figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Lines that can be told apart.
MOST_LINES = 6
_ROW, _TOP, _BOTTOM = 30, 8, 8
#: Room for names, wide and narrow, for the figures at both ends, and the width of a letter.
_NAMES, _NARROW_NAMES, _ENDS, _LETTER = 190, 106, 76, 6.5


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
    across = Scale(0.0, 1.0, names + _ENDS, width - _ENDS)
    heights = [_TOP + _ROW * (row + 0.5) for row in range(len(ends))]
    rows = [part for end, y in zip(ends, heights, strict=True) for part in _row(end, y, across, names)]
    paths = [
        tag("path", d="M" + "L".join(f"{across.at(place):g} {y:g}" for place, y in at), class_=f"line c{number}")
        for number, at in enumerate(list(zip(line, heights, strict=True)) for line in lines)
    ]
    return chart(width, _TOP + _ROW * len(ends) + _BOTTOM, summary, *rows, *paths)


def _row(end: tuple[str, float, float], y: float, across: Scale, names: float) -> list[Html]:
    name, least, most = end
    return [
        text(names - 8, y + 4, shortened(name, longest=int((names - 8) / _LETTER)), class_="label", text_anchor="end"),
        text(across.start - 6, y + 4, figure(least), class_="tick", text_anchor="end"),
        rule(across.start, y, across.end, y, "grid"),
        text(across.end + 6, y + 4, figure(most), class_="tick"),
    ]
