"""What notebooks show of results: a few figures and a table as HTML, with every name escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

#: Rows of a table that are shown; how many more there are is said below it.
SHOWN_ROWS = 20


def figures(pairs: Iterable[tuple[str, str]]) -> str:
    """Return labels and what belongs to them as an HTML table of two columns.

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
    """Return the first rows of a table as HTML, and how many more there are."""
    shown = table.head(SHOWN_ROWS).to_html(float_format=lambda value: f"{value:,.4g}", na_rep="-", border=0)
    more = len(table) - SHOWN_ROWS
    return shown + (sentence(f"and {more:,} more rows") if more > 0 else "")
