"""HTML of results for notebooks: a few figures and a table, with every name escaped.

Figures are written as in the report (``placer.utils.numbers``), and their units stand above them.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

import pandas as pd

from placer.currency import USD
from placer.utils.readable import text_table

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


def rows(table: pd.DataFrame, currency: str = USD) -> str:
    """Return the first rows of a table in a currency as HTML, and the number of the others."""
    text = text_table(table.head(SHOWN_ROWS), currency)
    more = len(table) - SHOWN_ROWS
    return text.to_html(border=0) + (sentence(f"and {more:,} more rows") if more > 0 else "")
