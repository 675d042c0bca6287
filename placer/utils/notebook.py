"""HTML of results for notebooks: a few figures and a table, with every name escaped.

Figures are written as in the report (``placer.utils.numbers``), and their units stand above them.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.utils.numbers import NOTHING, figure, percent

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Rows of a table that are shown; a line below counts the others.
SHOWN_ROWS = 20
#: Units by the ending of a column's name; the first match counts.
_UNITS = {
    "usd_per_mtok": "USD/Mtok",
    "usd_per_mwh": "USD/MWh",
    "usd_per_gb": "USD/GB",
    "usd_per_litre": "USD/litre",
    "usd_per_kg": "USD/kg",
    "usd_per_hour": "USD/h",
    "usd_per_token": "USD/token",
    "kg_per_mwh": "kg/MWh",
    "litres_per_kwh": "litres/kWh",
    "kwh_per_mtok": "kWh/Mtok",
    "gb_per_mtok": "GB/Mtok",
    "hours_per_mtok": "h/Mtok",
    "mtok": "Mtok",
    "usd": "USD",
    "mwh": "MWh",
    "mw": "MW",
    "ms": "ms",
    "gbps": "Gbps",
    "gb": "GB",
    "kg": "kg",
    "litres": "litres",
}
#: Words in the names of columns of shares, which are shown in per cent.
_SHARES = ("share", "utilisation")


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


def heading(column: str) -> str:
    """Return the heading of a column: its name in words and, after a comma, its unit.

    Examples
    --------
    >>> heading("cost_usd"), heading("price_usd_per_mtok"), heading("mtok"), heading("hub"), heading("rtt_limit_ms")
    ('cost, USD', 'price, USD/Mtok', 'Mtok', 'hub', 'rtt limit, ms')
    """
    for end, unit in _UNITS.items():
        if column == end:
            return unit
        if column.endswith(f"_{end}"):
            return f"{column.removesuffix(f'_{end}').replace('_', ' ')}, {unit}"
    return column.replace("_", " ")


def _cell(column: str, value: Any) -> str:
    """Return a value for display: shares in per cent, figures to four digits or in full, and texts unchanged."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return NOTHING if value is None or value is pd.NA else str(value)
    if any(word in column for word in _SHARES):
        return percent(float(value))
    return f"{value:,}" if isinstance(value, int | np.integer) else figure(float(value))
