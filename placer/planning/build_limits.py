"""Joint limits on all builds, such as a yearly budget, land or the supply of chips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.cleaning import clean, tabulate
from placer.instance.columns import Column, Kind, Table
from placer.instance.limit_checks import SENSES
from placer.instance.validation import show

if TYPE_CHECKING:
    from placer.instance.given import TableLike
    from placer.utils.arrays import FloatArray

BUILD_LIMITS = Table(
    "build_limits",
    ("limit",),
    (
        Column("limit", Kind.TEXT),
        Column("sense", Kind.TEXT, default=None),
        Column("amount", scaled=False),
    ),
)

_EXAMPLE = 'write {"budget_usd_year": 1e9}, or give a table with limit, sense and amount'


@dataclass(frozen=True, eq=False)
class BuildLimits:
    """Limits on the total use by all builds: ``takes . units <= amount``, or ``>=``.

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
        >>> BuildLimits.of([{"limit": "green_mw", "sense": ">=", "amount": 20}]).sense
        ('>=',)
        """
        limits, violations = build_limits_of(given)
        if violations:
            raise InstanceError(violations)
        return limits


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
    frame, violations = clean(_as_table({} if given is None else given), BUILD_LIMITS)
    violations += [
        Violation("build_limits", str(limit), "sense", f"{show(sense)} is unknown", ", ".join(SENSES))
        for limit, sense in zip(frame["limit"], frame["sense"], strict=True)
        if sense is not None and sense not in SENSES
    ]
    senses = tuple(sense or SENSES[0] for sense in frame["sense"])
    return BuildLimits(tuple(map(str, frame["limit"])), senses, frame["amount"].to_numpy(float)), violations


def _as_table(given: Mapping[str, float] | TableLike) -> pd.DataFrame:
    need(given, (Mapping, Sequence, pd.DataFrame), "build limits", _EXAMPLE)
    if isinstance(given, pd.DataFrame):
        return given
    if isinstance(given, Mapping):
        return tabulate([{"limit": name, "amount": amount} for name, amount in given.items()], BUILD_LIMITS)
    for row in given:
        need(row, Mapping, "rows of build limits", _EXAMPLE)
    return tabulate(given, BUILD_LIMITS)
