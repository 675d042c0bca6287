"""Rows of a table as mappings."""

from __future__ import annotations

from typing import Any

import pandas as pd


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, each by the names of its columns; the index is left out."""
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]
