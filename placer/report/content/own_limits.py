"""Limits of one's own in words: sense and amount, use, and rent with its unit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from placer.instance.limit_checks import KINDS
from placer.utils.arrays import without_noise
from placer.utils.numbers import NOTHING, figure, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

#: Columns of the texts, and their headings.
HEADINGS = {"kind": "kind", "amount": "limit", "use": "use", "rent": "rent"}


def limit_rows(limits: pd.DataFrame) -> pd.DataFrame:
    """Return the texts of every row of ``placement.limits``, an hour of a limit on each a row.

    Index: the limit, and its hours where it is not about all. Columns: ``HEADINGS``.
    """
    names = [f"{name} [{hours}]" if hours else str(name) for name, hours in limits.index]
    return _texts(names, (limits.iloc[[place]] for place in range(len(limits))))


def limit_lines(limits: pd.DataFrame) -> pd.DataFrame:
    """Return the texts of every limit, a line each: of a limit on each hour the least and the most.

    Index and columns as of ``limit_rows``.

    Examples
    --------
    >>> rows = pd.MultiIndex.from_tuples([("green", "0"), ("green", "1"), ("Wuhu", "")], names=["limit", "hours"])
    >>> columns = ["kind", "sense", "use", "amount", "unit", "rent_usd_per_unit"]
    >>> green = ["green_share", ">=", 0.75, 0.75, "MWh", 65.6]
    >>> wuhu = ["accelerator_hours", ">=", 90000.0, 90000.0, "accelerator-hour", 0.0031]
    >>> limits = pd.DataFrame([green, [*green[:2], 1.0, *green[3:5], 0.0], wuhu], rows, columns)
    >>> print(limit_lines(limits)[["amount", "use", "rent"]].to_string())
                                   amount             use                              rent
    limit
    green [2 hours]              >= 75.0%  75.0 to 100.0%          0 to 65.60 USD per MWh
    Wuhu       >= 90,000 accelerator-hours          90,000  0.003100 USD per accelerator-hour
    """
    groups = [(str(name), rows) for name, rows in limits.groupby(level="limit", sort=False)]
    names = []
    for name, rows in groups:
        hours = rows.index.get_level_values("hours")
        said = hours[0] if len(rows) == 1 else f"{len(rows)} hours"
        names.append(f"{name} [{said}]" if said else name)
    return _texts(names, (rows for _, rows in groups))


def _texts(names: Sequence[str], groups: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return the texts of groups of rows, of one limit each."""
    lines = pd.DataFrame([_line(rows) for rows in groups], columns=list(HEADINGS), dtype=object)
    return lines.set_axis(pd.Series(list(names), dtype=object, name="limit"))


def _line(rows: pd.DataFrame) -> list[str]:
    """Return the cells of a limit."""
    first = rows.iloc[0]
    kind, unit = str(first["kind"]), str(first["unit"])
    is_share = KINDS[kind].is_share
    plural = unit if unit in ("Mtok", "MWh", "kg", "USD") else f"{unit}s"
    amount = percent(first["amount"]) if is_share else f"{figure(first['amount'])} {plural}"
    rents = without_noise(rows["rent_usd_per_unit"].to_numpy(float))
    return [
        kind.replace("_", " "),
        f"{first['sense']} {amount}",
        _span(rows["use"].tolist(), percent if is_share else figure),
        f"{_span(rents.tolist(), figure)} USD per {unit}",
    ]


def _span(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Return a figure, or the least and the most of several."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return NOTHING
    low, high = write(min(known)), write(max(known))
    return low if low == high else f"{low.removesuffix('%')} to {high}"
