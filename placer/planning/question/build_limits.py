"""Joint limits on all builds, such as a yearly budget, land or the supply of chips."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from placer.errors import Violation, refuse
from placer.instance.arguments import need
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.validation import show
from placer.instance.checks.limit_checks import SENSES
from placer.instance.tables.cleaning import clean, tabulate
from placer.instance.tables.given import TableLike
from placer.utils.arrays import FloatArray

BUILD_LIMITS = Table(
    "build_limits",
    ("limit",),
    (
        Column("limit", Kind.TEXT),
        Column("sense", Kind.TEXT, default=None),
        Column("amount", scaled=False),
    ),
    unique=False,  # a range is two rows
)

_EXAMPLE = 'write {"budget_usd_year": 1e9}, or give a table with limit, sense and amount'


@dataclass(frozen=True, eq=False)
class BuildLimits:
    """Limits on the total use by all builds: ``takes . units <= amount``, or ``>=``.

    A range is two limits of one name, one of each sense.

    Attributes
    ----------
    names : tuple of str
        Each is the name of a column of the candidates, which holds the use of a unit.
    sense : tuple of str
        ``<=`` or ``>=``.
    amount : (limits,) float array
        In the unit of the column of the candidates.
    """

    names: tuple[str, ...]
    sense: tuple[str, ...]
    amount: FloatArray

    @classmethod
    def of(cls, given: BuildLimits | Mapping[str, float] | TableLike | None) -> BuildLimits:
        """Return build limits from amounts by name (at most), or from a table ``limit``, ``sense``, ``amount``.

        Raises
        ------
        ArgumentError
            If it is neither.
        InstanceError
            Listing every violation.

        Examples
        --------
        >>> BuildLimits.of({"budget_usd_year": 1e9, "chips": 5000})
        BuildLimits(names=('budget_usd_year', 'chips'), sense=('<=', '<='), amount=array([1.e+09, 5.e+03]))
        >>> least = {"limit": "green_mw", "sense": ">=", "amount": 20}
        >>> BuildLimits.of([least, {"limit": "green_mw", "sense": "<=", "amount": 90}]).labels
        ('green_mw >=', 'green_mw <=')
        """
        limits, violations = build_limits_of(given)
        refuse(violations)
        return limits

    @property
    def labels(self) -> tuple[str, ...]:
        """Name of every limit; name and sense of the sides of a range."""
        pairs = zip(self.names, self.sense, strict=True)
        return tuple(f"{name} {sense}" if self.names.count(name) > 1 else name for name, sense in pairs)


def build_limits_of(
    given: BuildLimits | Mapping[str, float] | TableLike | None,
) -> tuple[BuildLimits, list[Violation]]:
    """Return build limits and their violations; ``BuildLimits.of`` raises them.

    Raises
    ------
    ArgumentError
        If the argument is neither a mapping nor a table.
    """
    if isinstance(given, BuildLimits):
        return given, []
    frame, violations = clean(
        limits_table({} if given is None else given, BUILD_LIMITS, "amount", _EXAMPLE), BUILD_LIMITS
    )
    violations += [
        Violation("build_limits", str(limit), "sense", f"{show(sense)} is unknown", ", ".join(SENSES))
        for limit, sense in zip(frame["limit"], frame["sense"], strict=True)
        if sense is not None and sense not in SENSES
    ]
    named = frame[frame["limit"].notna()]
    senses = tuple(sense or SENSES[0] for sense in named["sense"])
    limits = BuildLimits(tuple(named["limit"]), senses, named["amount"].to_numpy(float))
    return limits, violations + _contradictions(limits)


def _contradictions(limits: BuildLimits) -> list[Violation]:
    """Return a violation for every limit that is given twice, and for every range without an amount in it."""
    found = [
        Violation("build_limits", label, "", "given twice", "once, or one row of each sense")
        for label, count in Counter(limits.labels).items()
        if count > 1
    ]
    amounts = dict(zip(limits.labels, limits.amount.tolist(), strict=True))
    for name in dict.fromkeys(limits.names):
        most, least = (amounts.get(f"{name} {sense}", math.nan) for sense in SENSES)
        if least > most:
            problem = f">= {least:g} and <= {most:g}: no amount keeps both"
            found.append(Violation("build_limits", name, "amount", problem, "an amount of >= up to that of <="))
    return found


def limits_table(given: Mapping[str, float] | TableLike, table: Table, amount: str, example: str) -> pd.DataFrame:
    """Return limits as a table, from amounts by name or from rows.

    Parameters
    ----------
    given : mapping of str to float, DataFrame or sequence of mappings
    table : Table
        Of its columns, ``limit`` among them; its name is that of the limits, with underscores.
    amount : str
        Its column of amounts.
    example : str
        What could be given, for the error.

    Raises
    ------
    ArgumentError
        If it is none of these.
    """
    what = table.name.replace("_", " ")
    need(given, (Mapping, Sequence, pd.DataFrame), what, example)
    if isinstance(given, pd.DataFrame):
        return given
    if isinstance(given, Mapping):
        return tabulate([{"limit": name, amount: value} for name, value in given.items()], table)
    for row in given:
        need(row, Mapping, f"rows of {what}", example)
    return tabulate(given, table)
