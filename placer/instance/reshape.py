"""Conversion of wide tables, as kept in spreadsheets, into the long tables that placer takes."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.attributes.validation import show

#: Columns that identify the row of a value in a long table.
_KEYS = ("workload", "hub", "data_centre", "power_zone", "hour")


def long_table(wide: pd.DataFrame, columns: str | Sequence[str], values: str, **fixed: str | float) -> pd.DataFrame:
    """Turn a wide table into a long one, with one row for every cell that is not empty.

    Parameters
    ----------
    wide : DataFrame
        Columns named ``workload``, ``hub``, ``data_centre``, ``power_zone`` and ``hour`` stay columns; every other one
        becomes rows. The index gives the hours, unless there is a column ``hour``: whole numbers or
        timestamps, which stay as they are. An index, or a level of it, that is named after one of those columns counts
        as that column.
    columns : str or sequence of str
        The kind of the wide columns: ``hub``, ``workload``, ``data_centre`` or ``power_zone``; of columns of several
        levels one for each level, as in ``("hub", "workload")``.
    values : str
        The name of the values, such as ``mtok`` or ``usd_per_mwh``.
    **fixed
        Columns that hold one value for all rows, such as ``workload="chat"``.

    Returns
    -------
    DataFrame
        For ``demand``, ``power_zone_hours`` or ``data_centre_hours`` of ``Instance.from_tables``.

    Raises
    ------
    InstanceError
        If ``columns`` is no such name, or is a column or level of the table already; if the levels of the columns or
        of the index are others.
    ArgumentError
        If ``wide`` is not a DataFrame.

    Examples
    --------
    >>> import pandas as pd
    >>> demand = pd.DataFrame({"Beijing": [10, 20], "Shanghai": [30, None]}, index=[0, 1])
    >>> long_table(demand, "hub", "mtok", workload="chat")
      workload       hub  hour  mtok
    0     chat   Beijing     0  10.0
    1     chat   Beijing     1  20.0
    2     chat  Shanghai     0  30.0
    >>> prices = pd.DataFrame({"grid": [40, 90]}, index=pd.date_range("2026-01-01", periods=2, freq="h"))
    >>> long_table(prices, "power_zone", "usd_per_mwh")
      power_zone                hour  usd_per_mwh
    0       grid 2026-01-01 00:00:00           40
    1       grid 2026-01-01 01:00:00           90
    """
    need(wide, pd.DataFrame, "a DataFrame", "pandas.DataFrame(rows) makes one")
    kinds, index = [columns] if isinstance(columns, str) else list(columns), _levels_of(wide.index)
    _check_kinds(wide, kinds, (*index, *fixed))
    if wide.columns.nlevels == 1:
        given = [name for name in index if name not in wide]
        frame = wide.rename_axis(index=index, columns=None).reset_index(given) if given else wide
        keys = [name for name in _KEYS if name in frame]
        result = frame.melt(id_vars=keys, var_name=kinds[0], value_name=values)
    else:
        frame = wide.rename_axis(index=index, columns=kinds)
        result = frame.melt(value_name=values, ignore_index=False).reset_index()
    result = result.dropna(subset=[values]).assign(**fixed)
    order = [name for name in _KEYS if name in result]
    rest = [name for name in result if name not in (*order, values)]
    return result[[*order, *rest, values]].reset_index(drop=True)


def _levels_of(index: pd.Index) -> list[str]:
    """Return the names of the levels of an index of rows: one that has no known name holds the hours."""
    names = [name if name in _KEYS else "hour" for name in index.names]
    if twice := [name for name in _KEYS if names.count(name) > 1]:
        problem = f"levels {show(list(index.names))} are not told apart: {', '.join(twice)} given twice"
        raise InstanceError([Violation("long_table", "", "index", problem, "levels named " + ", ".join(_KEYS))])
    return names


def _check_kinds(wide: pd.DataFrame, kinds: Sequence[str], taken: Sequence[str]) -> None:
    """Refuse kinds of columns that placer does not know, that the table has already, or of other levels than it has."""
    known = [name for name in _KEYS if name != "hour"]
    levels = list(wide.columns.names)
    one_each = len(kinds) == len(levels) and len({*kinds}) == len(kinds)
    named = [name for name, kind in zip(levels, kinds, strict=False) if name in _KEYS and name != kind]
    if not one_each or (named and len(levels) > 1):
        allowed = f"{len(levels)} names, one for each level of the columns: {show(levels)}"
        raise InstanceError([Violation("long_table", "", "columns", show(kinds), allowed)])
    if strange := [kind for kind in kinds if kind not in known or kind in wide or kind in taken]:
        raise InstanceError(
            Violation("long_table", "", "columns", show(kind), "one of " + ", ".join(known)) for kind in strange
        )
