"""The tables of a report: plain HTML tables that a script can sort, each figure written for people."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from placer.report.figures import NOTHING, figure, percent
from placer.report.markup import Html, join, name_of, tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Rows of a table on the page; it says how many it leaves out.
MOST_ROWS = 500
MOST_HEAT_ROWS = 200


def table(frame: pd.DataFrame, heading: str, columns: Mapping[str, str], caption: str) -> Html:
    """Lay out some columns of a table by their headings; a heading with % is for shares."""
    cells = [
        [_written(title, value) for title, value in zip(columns.values(), row, strict=True)]
        for row in _rows(frame, columns)
    ]
    return written_table([str(name) for name in frame.index], cells, [heading, *columns.values()], caption)


def written_table(names: Sequence[str], cells: Sequence[Sequence[str]], headings: Sequence[str], caption: str) -> Html:
    """Lay out figures that are written already, a name in front of each row."""
    head = tag("tr", *(_heading(title, place) for place, title in enumerate(headings)))
    body = [
        tag("tr", tag("th", name_of(name), scope="row"), *(tag("td", cell) for cell in row))
        for name, row in zip(names[:MOST_ROWS], cells, strict=False)
    ]
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="sortable")
    return join(scrolling(whole, caption), _left_out(len(names), len(body)))


def text_table(rows: Sequence[Sequence[str]], headings: Sequence[str], caption: str) -> Html:
    """Lay out texts."""
    head = tag("tr", *(tag("th", title, scope="col") for title in headings))
    body = [tag("tr", *(tag("td", name_of(cell)) for cell in row)) for row in rows]
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="texts")
    return scrolling(whole, caption)


def heat_table(frame: pd.DataFrame, heading: str, caption: str) -> Html:
    """Lay out shares as whole per cents, the fuller the darker: the figures can be read without the shades."""
    head = tag("tr", tag("th", heading, scope="col"), *(tag("th", str(name), scope="col") for name in frame.columns))
    body = [
        tag("tr", tag("th", name_of(str(name)), scope="row"), *map(_shade, row))
        for name, *row in frame.head(MOST_HEAT_ROWS).itertuples()
    ]
    whole = tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body), class_="heat")
    return join(scrolling(whole, caption), _left_out(len(frame), len(body)))


def _left_out(rows: int, shown: int) -> Html | None:
    """Say how many rows are not shown, if there are any."""
    if rows == shown:
        return None
    return tag("p", f"The first {shown} rows are shown; {rows - shown} more are left out.", class_="note")


def scrolling(content: Html, label: str) -> Html:
    """Return something wide that scrolls by itself, by keyboard too."""
    return tag("div", content, class_="scroll", tabindex="0", role="group", aria_label=f"{label}, scrolls sideways")


def _heading(title: str, place: int) -> Html:
    return tag("th", tag("button", title, type="button", data_column=str(place)), scope="col")


def _shade(share: float) -> Html:
    if math.isnan(share):
        return tag("td", NOTHING)
    return tag("td", f"{100 * share:.0f}", class_=f"u{min(max(round(10 * share), 0), 10)}")


def _rows(frame: pd.DataFrame, columns: Mapping[str, str]) -> list[list[object]]:
    return frame[list(columns)].head(MOST_ROWS).to_numpy(dtype=object).tolist()


def _written(title: str, value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    if not isinstance(value, float):
        return str(value)
    write: Callable[[float], str] = percent if "%" in title else figure
    return write(float(value)).removesuffix("%")
