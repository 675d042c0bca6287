"""The tables of a report: plain HTML tables that a script can sort and save as CSV, each figure written for people.

A figure is written with few digits; where these are not exact, its cell also holds ten digits, for the CSV.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.report.html.calendar import Steps
from placer.report.html.markup import Html, fragment, name_of, tag
from placer.tolerances import DISPLAY
from placer.utils.arrays import without_noise
from placer.utils.numbers import NOTHING, percent, plain_figure

#: Largest number of rows of a table on the page, which counts the omitted ones.
MOST_ROWS = 500
MOST_HEAT_ROWS = 200
#: Room for the columns of a heat map on wide and on narrow screens, and the width of a letter there, px.
_WIDE, _NARROW = (830.0, 7.5), (270.0, 7.5)
#: Letters of the longest mark with the gap behind it.
_MARK_LETTERS = 7
#: Largest numbers of columns of a heat map that have room for their figures on wide and on narrow screens.
_MOST_WIDE, _MOST_NARROW = 31, 8


@dataclass(frozen=True)
class Cell:
    """The text of a figure, its value in the same unit, and the class of its shade if it has one."""

    text: str
    value: float
    shade: str | None = None


def table(frame: pd.DataFrame, heading: str, columns: Mapping[str, str], caption: str) -> Html:
    """Lay out some columns of a table under their headings; a heading with % marks shares."""
    shown = frame[list(columns)].head(MOST_ROWS)
    by_column = [_column(title, shown[name]) for name, title in columns.items()]
    cells = [list(row) for row in zip(*by_column, strict=True)]
    return written_table([str(name) for name in frame.index], cells, [heading, *columns.values()], caption)


def shares(values: Sequence[float], places: int = 1) -> list[Cell]:
    """Return shares as cells in per cent, as the heading says."""
    return [Cell(percent(value, places).removesuffix("%"), 100 * value) for value in values]


def matrix_table(frame: pd.DataFrame, heading: str, caption: str) -> Html:
    """Lay out amounts of one unit with equal decimals, darker for larger; the last row and column hold the sums."""
    amounts = frame.to_numpy(float)
    least = DISPLAY * amounts.max()
    places = max(3 - math.floor(math.log10(amounts.max())), 0)
    shades = np.ceil(10 * amounts / amounts[:-1, :-1].max(initial=0.0))
    shades[-1], shades[:, -1] = 0, 0
    cells = [
        [
            Cell(_amount(value, places, least), value, f"u{shade:.0f}" if shade else None)
            for value, shade in zip(*row, strict=True)
        ]
        for row in zip(amounts.tolist(), shades.tolist(), strict=True)
    ]
    headings = [heading, *map(str, frame.columns)]
    return written_table([str(name) for name in frame.index], cells, headings, caption, "sortable matrix")


def _amount(value: float, places: int, least: float) -> str:
    """Return an amount; none if it is less than ``least``, which is rounding."""
    if abs(value) <= least:
        return NOTHING
    return f"{value:,.{places}f}" if value >= 0.5 * 10.0**-places else f"<{10.0**-places:g}"


def written_table(
    names: Sequence[str],
    cells: Sequence[Sequence[str | Cell]],
    headings: Sequence[str],
    caption: str,
    class_: str = "sortable",
) -> Html:
    """Lay out formatted figures, with a name in front of each row."""
    buttons = (tag("button", title, type="button", data_column=str(place)) for place, title in enumerate(headings))
    head = tag("tr", *(tag("th", button, scope="col") for button in buttons))
    body = [
        tag("tr", tag("th", name_of(name), scope="row"), *map(_cell, row))
        for name, row in zip(names[:MOST_ROWS], cells, strict=False)
    ]
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_=class_)
    return fragment(scrolling(whole, caption), _left_out(len(names), len(body)))


def text_table(rows: Sequence[Sequence[str]], headings: Sequence[str], caption: str) -> Html:
    """Lay out texts."""
    head = tag("tr", *(tag("th", title, scope="col") for title in headings))
    body = [tag("tr", *(tag("td", name_of(cell)) for cell in row)) for row in rows]
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="texts")
    return scrolling(whole, caption)


def heat_table(frame: pd.DataFrame, steps: Steps, heading: str, caption: str) -> Html:
    """Lay out shares by step as whole per cents, darker for higher shares, within the width of the page.

    The style shows the figures where the columns are wide enough for them; the tip and the CSV always have them.
    """
    head = tag("tr", tag("th", heading, scope="col"), *_times(steps))
    body = [
        tag("tr", tag("th", name_of(str(name)), scope="row"), *map(_shade, row))
        for name, *row in frame.head(MOST_HEAT_ROWS).itertuples()
    ]
    # columns too narrow for figures on any screen, or on narrow ones
    density = " finest" if len(steps) > _MOST_WIDE else " fine" if len(steps) > _MOST_NARROW else ""
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_=f"heat{density}")
    return fragment(scrolling(whole, caption), _left_out(len(frame), len(body)))


def _times(steps: Steps) -> Iterator[Html]:
    """Yield a heading for every step: its name in full, and a mark where there is room, on narrow screens fewer."""
    wide, narrow = (_with_room(steps, *width) for width in (_WIDE, _NARROW))
    for place, name in enumerate(steps.labels):
        said = wide.get(place) or narrow.get(place) or ""
        shown = None if (place in wide) == (place in narrow) else "wide-only" if place in wide else "narrow-only"
        yield tag("th", tag("span", said, class_=shown) if said else None, scope="col", title=name)


def _with_room(steps: Steps, width: float, letter: float) -> dict[int, str]:
    """Return the marks of the columns of a width in all, but for those that would run over its end."""
    each = width / len(steps)
    marks = steps.marks(int(width / (_MARK_LETTERS * letter)))
    return {place: said for place, said in marks.items() if (len(steps) - place) * each >= len(said) * letter}


def _left_out(rows: int, shown: int) -> Html | None:
    """Return a note on the number of omitted rows, if any."""
    if rows == shown:
        return None
    return tag("p", f"The first {shown} rows are shown; {rows - shown} more are left out.", class_="note")


def scrolling(content: Html, label: str) -> Html:
    """Wrap wide content in a box that scrolls sideways, also by keyboard."""
    return tag("div", content, class_="scroll", tabindex="0", role="group", aria_label=f"{label}, scrolls sideways")


def _cell(cell: str | Cell) -> Html:
    if isinstance(cell, str):
        return tag("td", cell)
    exact = f"{cell.value:.10g}" if math.isfinite(cell.value) else None
    return tag("td", cell.text, class_=cell.shade, data_value=None if exact == cell.text else exact)


def _shade(share: float) -> Html:
    if math.isnan(share):
        return tag("td", NOTHING)
    exact = f"{100 * share:.10g}"
    text = f"{100 * share:.0f}"
    shade = f"u{min(max(round(10 * share), 0), 10)}"
    return tag("td", text, class_=shade, data_value=None if exact == text else exact)


def _column(title: str, values: pd.Series) -> list[str | Cell]:
    """Format one column of a table; figures that are rounding beside the largest become 0."""
    if pd.api.types.is_float_dtype(values.dtype):
        return [_figure(title, value) for value in without_noise(values.to_numpy(float)).tolist()]
    return [_written(title, value) for value in values.to_numpy(dtype=object).tolist()]


def _figure(title: str, value: float) -> Cell:
    if "%" in title:
        return shares([value])[0]
    return Cell(plain_figure(value), value)


def _written(title: str, value: object) -> str | Cell:
    if isinstance(value, int) and not isinstance(value, bool):
        return Cell(f"{value:,}", value)
    return _figure(title, value) if isinstance(value, float) else str(value)
