"""HTML of results for notebooks: a few figures and a table, with every name escaped.

Figures are written as in the report (``placer.utils.numbers``), and their units stand above them.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.result_columns import heading, is_share
from placer.utils.numbers import NOTHING, figure, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Rows of a table that are shown; a line below counts the others.
SHOWN_ROWS = 20


def figures(pairs: Iterable[tuple[str, str]]) -> str:
    """Return labels and their values as an HTML table of two columns.

    Examples
    --------
    >>> figures([("Served", "<all>")])
    "<table><tr><th style='text-align:left'>Served</th><td style='text-align:left'>&lt;all&gt;</td></tr></table>"
    """
    rows = "".join(
        f"<tr><th style='text-align:left'>{html.escape(label)}</th>"
        f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
        for label, value in pairs
    )
    return f"<table>{rows}</table>"


def sentence(text: str) -> str:
    """Return a text as an HTML paragraph.

    Examples
    --------
    >>> sentence("3 hubs & 2 data centres")
    '<p>3 hubs &amp; 2 data centres</p>'
    """
    return f"<p>{html.escape(text)}</p>"


def rows(table: pd.DataFrame) -> str:
    """Return the first rows of a table as HTML, and the number of the others."""
    shown = table.head(SHOWN_ROWS)
    cells = {place: [_cell(name, value) for value in shown.iloc[:, place]] for place, name in enumerate(table.columns)}
    text = pd.DataFrame(cells, index=shown.index, dtype=object)
    text.columns = pd.Index([heading(str(name)) for name in table.columns], dtype=object)
    text.index.names = [None if name is None else heading(str(name)) for name in shown.index.names]
    more = len(table) - SHOWN_ROWS
    return text.to_html(border=0) + (sentence(f"and {more:,} more rows") if more > 0 else "")


def _cell(column: str, value: Any) -> str:
    """Return a value for display: shares in per cent, figures to four digits or in full, and texts unchanged."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return NOTHING if value is None or value is pd.NA else str(value)
    if is_share(column):
        return percent(float(value))
    return f"{value:,}" if isinstance(value, int | np.integer) else figure(float(value))
