"""Conversion of wide tables, as kept in spreadsheets, into the long tables that placer takes."""

from __future__ import annotations

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.validation import show

#: Columns that identify the row of a value in a long table.
_KEYS = ("workload", "hub", "data_centre", "power_zone", "hour")


def long_table(wide: pd.DataFrame, columns: str, values: str, **fixed: str | float) -> pd.DataFrame:
    """Turn a wide table into a long one, with one row for every cell that is not empty.

    Parameters
    ----------
    wide : DataFrame
        Columns named ``workload``, ``hub``, ``data_centre``, ``power_zone`` and ``hour`` stay columns; every other one
        becomes rows. The index gives the hours, unless there is a column ``hour``: whole numbers or
        timestamps, which stay as they are. An index named after one of those columns counts as that column.
    columns : str
        The kind of the wide columns: ``hub``, ``workload``, ``data_centre`` or ``power_zone``.
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
        If ``columns`` is no such name or is a column of the table already.
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
    known = [name for name in _KEYS if name != "hour"]
    if columns not in known or columns in wide or columns in fixed:
        raise InstanceError([Violation("long_table", "", "columns", show(columns), "one of " + ", ".join(known))])
    index = wide.index.name if wide.index.name in _KEYS else "hour"
    frame = wide
    if index not in wide:
        frame = wide.rename_axis(index=index, columns=None).reset_index()
    keys = [name for name in _KEYS if name in frame]
    result = frame.melt(id_vars=keys, var_name=columns, value_name=values).dropna(subset=[values]).assign(**fixed)
    order = [name for name in _KEYS if name in result]
    rest = [name for name in result if name not in (*order, values)]
    return result[[*order, *rest, values]].reset_index(drop=True)
