"""Tables as people read them: rounded figures, shares in per cent, and headings with units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from placer.currency import USD
from placer.result_columns import heading, is_share
from placer.utils.numbers import NOTHING, figure, percent

#: Name of the index of tables with one figure a row, by its name.
FIGURE = "figure"


def readable(table: pd.DataFrame, currency: str = USD) -> pd.DataFrame:
    """Return a table of results as text: figures rounded, shares in per cent, headings with units.

    Numbers have four significant digits, or their whole digits from ten thousand on. Rows of zeros only are left out.

    Parameters
    ----------
    table : DataFrame
        A table of any result, such as ``Placement.workloads`` or ``Comparison.figures``, or rows of it.
    currency : str
        The currency of the result, its ``currency``; the headings of amounts state it.

    Returns
    -------
    DataFrame
        Texts, one column for each column of the table.

    Examples
    --------
    >>> import placer
    >>> placement = placer.solve(placer.load("tiny"))
    >>> placer.readable(placement.data_centres[["mtok", "utilisation", "cost_usd"]])
                  Mtok    used cost, USD
    data centre
    Metro        90.00  100.0%     99.72
    Port         20.00   10.0%     22.55
    Plateau      130.0  100.0%     208.5
    """
    return text_table(table[~_is_zero(table)], currency)


def text_table(table: pd.DataFrame, currency: str = USD) -> pd.DataFrame:
    """Return a table as ``readable`` does, rows of zeros included."""
    if table.index.name == FIGURE:
        rows = [[text_of(str(name), value) for value in table.loc[name]] for name in table.index]
        index = pd.Index([heading(str(name), currency) for name in table.index], name=FIGURE, dtype=object)
        return pd.DataFrame(rows, index=index, columns=table.columns, dtype=object)
    cells = {place: [text_of(str(name), value) for value in table.iloc[:, place]] for place, name in enumerate(table)}
    text = pd.DataFrame(cells, index=table.index, dtype=object)
    text.columns = pd.Index([heading(str(name), currency) for name in table], dtype=object)
    text.index.names = [None if name is None else heading(str(name), currency) for name in table.index.names]
    return text


def text_of(column: str, value: Any) -> str:
    """Return a value for display: shares in per cent, figures to four digits or in full, and texts unchanged."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return NOTHING if value is None or value is pd.NA else str(value)
    if is_share(column):
        return percent(float(value))
    return f"{value:,}" if isinstance(value, int | np.integer) else figure(float(value))


def _is_zero(table: pd.DataFrame) -> pd.Series:
    """Return which rows hold zeros only; none of a table with texts."""
    numbers = table.select_dtypes("number")
    return (numbers == 0).all(axis=1) & (0 < numbers.shape[1] == table.shape[1])
