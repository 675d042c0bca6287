"""Formats of tables and JSON of the commands."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pandas as pd
from rich.table import Table
from rich.text import Text

from placer.cli.screen import print_table
from placer.currency import USD
from placer.instance.hours.timestamps import short_text
from placer.result_columns import is_share, short
from placer.texts import visible
from placer.utils.numbers import in_full, percent
from placer.utils.records import records_of

#: Largest number of rows of a table on the screen; ``--out`` writes all of them.
SHOWN_ROWS = 15


def as_table(heading: str, frame: pd.DataFrame, headings: dict[str, str], rows: int = SHOWN_ROWS) -> Table:
    """Lay out some columns of a table, the first rows only; labels may be wrapped, figures are not."""
    frame = frame[list(headings)]
    table = Table(
        title=Text(f"\n{visible(heading)}"), title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    table.add_column(Text(visible(str(frame.index.name).replace("_", " "))))
    for column in headings.values():
        table.add_column(Text(column), justify="right", no_wrap=True)
    for label, *values in frame.head(rows).itertuples():
        figures = (Text(cell_text(name, value)) for name, value in zip(headings, values, strict=True))
        table.add_row(Text(visible(short_text(label))), *figures)
    if frame.empty:
        table.add_row("none")
    if len(frame) > rows:
        table.add_row(f"and {len(frame) - rows} more")
    return table


def print_columns(
    heading: str, frame: pd.DataFrame, *columns: str, currency: str = USD, rows: int = SHOWN_ROWS
) -> None:
    """Print columns of a result under their short headings."""
    print_table(as_table(heading, frame, short(*columns, currency=currency), rows))


def print_named(heading: str, frame: pd.DataFrame, rows: int = SHOWN_ROWS) -> None:
    """Print all columns of a table under their names."""
    print_table(as_table(heading, frame, {str(name): str(name) for name in frame}, rows))


def spread_rows(frame: pd.DataFrame, rows: int = SHOWN_ROWS) -> pd.DataFrame:
    """Return some rows of a long table, including the first and the last."""
    places = sorted({round(place * (len(frame) - 1) / (rows - 1)) for place in range(rows)})
    return frame.iloc[places]


def cell_text(name: str, value: float | str) -> str:
    """Return a figure for a table: per cent for shares, four digits for small numbers."""
    if isinstance(value, str):
        return visible(value)
    if math.isnan(value):
        return "-"
    value = value or 0.0  # -0.0 is 0
    if is_share(name):
        return percent(value, 2)
    return in_full(value)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, including its index, in JSON types."""
    return records_of(frame.reset_index())


def json_text(value: Any) -> str:
    """Return JSON in which unknown (NaN) and unlimited (inf) values are null, and no character acts on a terminal.

    Timestamps are texts, as in tables.
    """

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {str(key) if isinstance(key, dt.date) else key: plain(part) for key, part in item.items()}
        if isinstance(item, (list, tuple)):
            return [plain(part) for part in item]
        if item is pd.NaT or (isinstance(item, float) and not math.isfinite(item)):
            return None
        return str(item) if isinstance(item, dt.date) else item

    text = json.dumps(plain(value), indent=2, ensure_ascii=False)
    return "".join(sign if sign.isprintable() or sign == "\n" else json.dumps(sign)[1:-1] for sign in text)
