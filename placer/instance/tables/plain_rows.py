"""Rows of the tables of an instance in values that JSON has, for files and networks that hold them as text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import PlacerError
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.validation import show
from placer.instance.hours.timestamps import text_of


def plain_records(
    frame: pd.DataFrame, key: tuple[str, ...], table: str
) -> Iterator[tuple[tuple[str, ...], dict[str, object]]]:
    """Yield the key of every row, and its values except the defaults 'not given' and 'unlimited'."""
    unlimited = {column.name for column in TABLES[table].columns if column.unlimited}
    for row in frame.to_dict("records"):
        names = tuple(str(row.pop(name)) for name in key)
        place = f"{table}[{'|'.join(names)}]" if names else table
        yield (
            names,
            {
                str(name): plain(_given(value) if name in unlimited else value, f"{place}.{name}")
                for name, value in row.items()
                if not (value is None or (isinstance(value, float) and math.isnan(value)))
                and not (name in unlimited and value == math.inf)
            },
        )


def _given(value: Any) -> Any:
    """Return hourly limits with nothing in place of infinity, which JSON lacks and the default of the column is."""
    return [None if each == math.inf else each for each in value] if isinstance(value, tuple) else value


def plain(value: Any, place: str) -> Any:
    """Return a value in JSON types; only values of unknown attributes may have none."""
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if isinstance(value, pd.Timestamp):
        return text_of(value)
    if isinstance(value, (list, tuple)):
        return [plain(part, place) for part in value]
    if isinstance(value, dict):
        return {str(name): plain(part, place) for name, part in value.items()}
    whole = isinstance(value, str) and not any("\ud800" <= sign <= "\udfff" for sign in value)
    if value is None or whole or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise PlacerError(f"{place}: {show(value)} has no form in a graph file")
