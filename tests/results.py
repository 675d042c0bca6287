"""What every result offers, for the suite over all of them and for the rooms that make theirs at length."""

from __future__ import annotations

import json
import re

import pandas as pd

#: Figures that nobody can read: more than eight digits in a row after the point, or a power of ten below a millionth.
UNREADABLE = re.compile(r"\.\d{9,}|\de-0[67]")


def check_result(result):
    """Check the main table, all tables, the summary and the text of a result."""
    tables = result.tables
    assert all(isinstance(table, pd.DataFrame) for table in tables.values())
    assert any(result.table is each or result.table.equals(each) for each in tables.values())
    assert json.loads(json.dumps(result.summary()))
    text = repr(result)
    assert len(text.splitlines()) <= 30
    assert not UNREADABLE.search(text), text
    assert result._repr_html_().startswith(("<p>", "<table>"))
