"""The largest rows of a table, and the sum of all others."""

from __future__ import annotations

import pandas as pd


def largest_rows(frame: pd.DataFrame, size: pd.Series, most: int) -> pd.DataFrame:
    """Return the rows of the largest sizes, the largest first, then the sum of the others in one row.

    The rows add up to those of the whole table. A single row that is left keeps its name.

    Examples
    --------
    >>> frame = pd.DataFrame({"mtok": [1.0, 4.0, 2.0]}, index=["a", "b", "c"])
    >>> largest_rows(frame, frame["mtok"], 1)["mtok"].to_dict()
    {'b': 4.0, '2 others': 3.0}
    """
    ordered = frame.iloc[(-size.to_numpy(float)).argsort(kind="stable")]
    rest = ordered.iloc[most:]
    if len(rest) < 2:
        return ordered
    others = pd.DataFrame([rest.sum()], index=pd.Index([f"{len(rest)} others"], name=frame.index.name))
    return pd.concat([ordered.iloc[:most], others])
