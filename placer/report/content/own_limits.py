"""Limits of one's own in words, and own rows and columns of a model with what prices hold of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from placer.analysis.baselines import compare
from placer.currency import USD
from placer.errors import ArgumentError
from placer.extended.placement import ModelPlacement
from placer.extended.prices import PART, with_own_part
from placer.instance.checks.limit_checks import KINDS
from placer.placement.result import Placement
from placer.security.placement import SECURITY_PART, SecurePlacement, with_security_part
from placer.utils.arrays import IntArray, without_noise
from placer.utils.numbers import NOTHING, figure, percent

#: Columns of the texts.
TEXTS = ("kind", "amount", "use", "rent")


def limit_rows(limits: pd.DataFrame, currency: str = USD) -> pd.DataFrame:
    """Return the texts of every row of ``placement.limits``, an hour of a limit on each a row.

    Index: the limit, and its hours where it is not about all. Columns: ``TEXTS``.
    """
    names = [f"{name} [{hours}]" if hours else str(name) for name, hours in limits.index]
    return _texts(names, (limits.iloc[[place]] for place in range(len(limits))), currency)


def limit_lines(limits: pd.DataFrame, currency: str = USD) -> pd.DataFrame:
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
    return _texts(names, (rows for _, rows in groups), currency)


def _texts(names: Sequence[str], groups: Iterable[pd.DataFrame], currency: str) -> pd.DataFrame:
    """Return the texts of groups of rows, of one limit each."""
    lines = pd.DataFrame([_line(rows, currency) for rows in groups], columns=list(TEXTS), dtype=object)
    return lines.set_axis(pd.Series(list(names), dtype=object, name="limit"))


def _line(rows: pd.DataFrame, currency: str) -> list[str]:
    """Return the cells of a limit."""
    first = rows.iloc[0]
    kind, unit = str(first["kind"]), str(first["unit"])
    is_share = KINDS[kind].is_share
    plural = unit if unit in ("Mtok", "MWh", "kg", currency) else f"{unit}s"
    amount = percent(first["amount"]) if is_share else f"{figure(first['amount'])} {plural}"
    rents = without_noise(rows["rent_usd_per_unit"].to_numpy(float))
    return [
        kind.replace("_", " "),
        f"{first['sense']} {amount}",
        _span(rows["use"].tolist(), percent if is_share else figure),
        f"{_span(rents.tolist(), figure)} {currency} per {unit}",
    ]


def _span(values: Sequence[float], write: Callable[[float], str]) -> str:
    """Return a figure, or the least and the most of several."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return NOTHING
    low, high = write(min(known)), write(max(known))
    return low if low == high else f"{low.removesuffix('%')} to {high}"


#: The part of a price that is the rent of own rows, as the page names it.
OWN_PART = PART.removesuffix("_usd_per_mtok")
#: The part that contingencies charge.
SECURITY_PRICE = SECURITY_PART.removesuffix("_usd_per_mtok")
#: Analyses that a secure placement's report takes.
_KNOW_CONTINGENCIES = frozenset({"secure_ceiling"})


@dataclass(frozen=True, eq=False)
class OwnContent:
    """Own rows and own columns of a model.

    Attributes
    ----------
    rows, columns : DataFrame
        As ``ModelPlacement.own_rows`` and ``own_columns``.
    integers_fixed : bool
        Whether prices, rents and reduced costs hold with the integers fixed.
    own_usd : float
        Cost of the own columns.
    """

    rows: pd.DataFrame
    columns: pd.DataFrame
    integers_fixed: bool
    own_usd: float


def own_content(placement: Placement) -> OwnContent | None:
    """Return the own rows and own columns of the placement of a model; None for every other placement."""
    if not isinstance(placement, ModelPlacement) or isinstance(placement, SecurePlacement):
        return None
    return OwnContent(placement.own_rows, placement.own_columns, placement.integers_fixed, placement.own_usd)


def refuse_analyses(placement: Placement, analyses: Mapping[str, object]) -> None:
    """Refuse analyses of an instance beside a placement whose program has more rows than that of its instance.

    Parameters
    ----------
    analyses : mapping of str to object
        By name; None where there is none.

    Raises
    ------
    ArgumentError
        Naming them.
    """
    given = [name for name, value in analyses.items() if value is not None]
    unaware = [name for name in given if name not in _KNOW_CONTINGENCIES]
    if isinstance(placement, SecurePlacement):
        if not unaware:
            return
        hint = "; leave them out of a secure placement's report"
        if "ceiling" in unaware:
            hint += (
                ", and pass secure_ceiling=placer.export_ceiling(instance, security=placement.security) for the "
                "ceilings with and without security"
            )
        raise ArgumentError(f"made without contingencies: {', '.join(unaware)}{hint}")
    if given and isinstance(placement, ModelPlacement):
        raise ArgumentError(f"made without the model's own rows: {', '.join(given)}; leave them out of its report")


def with_own_prices(summary: pd.DataFrame, placement: Placement, axis: IntArray) -> pd.DataFrame:
    """Return a summary of prices, with the part of own rows or of security where there is one, along the same axis."""
    if isinstance(placement, SecurePlacement):
        return with_security_part(summary, placement.prices, placement.priced_mtok, axis)
    if isinstance(placement, ModelPlacement):
        return with_own_part(summary, placement.prices, placement.priced_mtok, axis)
    return summary


def own_parts(placement: Placement) -> list[str]:
    """Return the part of prices that is the rent of own rows or of contingencies, where there is one."""
    if isinstance(placement, SecurePlacement):
        return [SECURITY_PRICE]
    return [OWN_PART] if isinstance(placement, ModelPlacement) else []


def rules_beside(placement: Placement) -> pd.DataFrame:
    """Return the naive rules beside the optimum; none where they ignore own rows or contingencies."""
    return pd.DataFrame() if isinstance(placement, ModelPlacement) else compare(placement)
