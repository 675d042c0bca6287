"""Annual limits: limits of one's own that hold over all states together, each as often as it occurs in a year.

    sum_o w_o use_lo <= amount_l        w_o: horizons a year of state o

An annual limit names a limit of one's own that every state has: its row says what counts, and its own amount still
holds within each state. ``carbon_limit_kg`` and ``water_limit_litres`` name those of the settings.
``placer.planning.question.allotments`` divides the amount between the states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from placer.errors import Violation
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.synonyms import nearest_name
from placer.instance.attributes.validation import show
from placer.instance.checks.limit_checks import KINDS, SENSES
from placer.instance.hours.hour_scopes import EACH
from placer.instance.problem import Instance
from placer.instance.tables.cleaning import clean
from placer.instance.tables.given import TableLike
from placer.model.caps import CARBON_CAP, OWN_CAPS, WATER_CAP
from placer.model.formulation import Formulation
from placer.planning.question.build_limits import limits_table
from placer.planning.question.states import States
from placer.utils.arrays import FloatArray
from placer.utils.records import records_of

ANNUAL_LIMITS = Table(
    "annual_limits",
    ("limit",),
    (Column("limit", Kind.TEXT), Column("amount_per_year", low=0, unlimited=True, scaled=False)),
)
#: The limits of settings: the cap of each, and the kind of what it counts.
OF_SETTINGS = {"carbon_limit_kg": (CARBON_CAP, "carbon_kg"), "water_limit_litres": (WATER_CAP, "water_litres")}
_SUMMED = ", ".join(name for name, kind in KINDS.items() if not kind.is_share)
_EXAMPLE = 'write {"carbon_limit_kg": 5e8}, or give a table with limit and amount_per_year'


@dataclass(frozen=True, eq=False)
class AnnualLimits:
    """Limits over all states of a year: ``sum_o w_o use_o <= amount``.

    Attributes
    ----------
    names : tuple of str
        Each names a limit of one's own of every state, or a limit of the settings.
    amount : (limits,) float array
        In the unit of its kind a year; inf for no limit.
    """

    names: tuple[str, ...]
    amount: FloatArray

    @property
    def finite(self) -> AnnualLimits:
        """The limits with a finite amount."""
        kept = np.flatnonzero(np.isfinite(self.amount))
        return AnnualLimits(tuple(self.names[place] for place in kept.tolist()), self.amount[kept])


def annual_limits_of(
    given: AnnualLimits | Mapping[str, float] | TableLike | None,
) -> tuple[AnnualLimits, list[Violation]]:
    """Return annual limits and their violations, from amounts by name or from a table ``limit``, ``amount_per_year``.

    Raises
    ------
    ArgumentError
        If it is neither.

    Examples
    --------
    >>> annual_limits_of({"carbon_limit_kg": 5e8})[0]
    AnnualLimits(names=('carbon_limit_kg',), amount=array([5.e+08]))
    """
    if isinstance(given, AnnualLimits):
        return given, []
    frame, violations = clean(
        limits_table({} if given is None else given, ANNUAL_LIMITS, "amount_per_year", _EXAMPLE), ANNUAL_LIMITS
    )
    named = frame[frame["limit"].notna()].drop_duplicates("limit")
    return AnnualLimits(tuple(named["limit"]), named["amount_per_year"].to_numpy(float)), violations


def annual_limit_problems(limits: AnnualLimits, build_limits: Sequence[str], states: States) -> list[Violation]:
    """Return a violation for every annual limit that the states do not have, or that cannot hold over all of them."""
    found = [
        Violation("annual_limits", name, "limit", "is a build limit too", "a name of its own")
        for name in limits.names
        if name in build_limits
    ]
    for name in limits.names:
        rows = {state: _row_of(each, name) for state, each in zip(states.names, states.instances, strict=True)}
        found += [_unknown(name, state, states) for state, row in rows.items() if row is None]
        known = [row for row in rows.values() if row is not None]
        found += [
            Violation("annual_limits", name, "limit", *problem) for row in known[:1] for problem in _row_problems(row)
        ]
        if any(_scope_of(row) != _scope_of(known[0]) for row in known):
            problem = "counts something else in one state than in another"
            found.append(Violation("annual_limits", name, "limit", problem, "one kind and scope in all states"))
    return found


def kind_of(instance: Instance, name: str) -> str:
    """Return the kind of what an annual limit counts."""
    row = _row_of(instance, name)
    return OF_SETTINGS[name][1] if row is None else str(row["kind"])


def cap_of(formulation: Formulation, name: str) -> int:
    """Return the position of an annual limit among the caps of a state."""
    own = (place for place, limit in enumerate(formulation.limits, OWN_CAPS) if limit.is_own and limit.name == name)
    place = next(own, None)
    return OF_SETTINGS[name][0] if place is None else place


def with_amounts(instance: Instance, amounts: Mapping[str, float]) -> Instance:
    """Return an instance with other amounts of some limits of its own or of its settings."""
    if not amounts:
        return instance
    table = instance.limits
    own = table["limit"].isin(list(amounts)).to_numpy(bool)
    settings = {name: amount for name, amount in amounts.items() if name not in set(table["limit"])}
    if not own.any():
        return instance.replace(**settings)
    amount = [amounts.get(str(name), old) for name, old in zip(table["limit"], table["amount"], strict=True)]
    return instance.replace(limits=table.assign(amount=amount), **settings)


def _row_of(instance: Instance, name: str) -> dict[str, Any] | None:
    """Return the row of a limit of one's own, or of the settings; None if there is none."""
    row = next((row for row in records_of(instance.limits) if row["limit"] == name), None)
    if row is None and name in OF_SETTINGS:
        return {"kind": OF_SETTINGS[name][1], "sense": SENSES[0], "hours": None}
    return row


def _scope_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return {column: value for column, value in row.items() if column != "amount"}


def _unknown(name: str, state: str, states: States) -> Violation:
    """Return the violation that a state has no limit of a name."""
    known = dict.fromkeys(str(each) for one in states.instances for each in one.limits["limit"])
    near = nearest_name(name, tuple(each for each in (*known, *OF_SETTINGS) if each != name))
    allowed = f"a limit of every state, or {' or '.join(OF_SETTINGS)}" + (f"; perhaps {near}" if near else "")
    return Violation("annual_limits", name, "limit", f"state {show(state)} has no such limit", allowed)


def _row_problems(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return problem and allowed values of a limit that cannot hold over all states."""
    found = []
    kind = KINDS.get(str(row["kind"]))
    if kind is not None and kind.is_share:
        found.append((f"is a limit of kind {row['kind']}: shares of states do not add up", f"one of {_SUMMED}"))
    if row["sense"] != SENSES[0]:
        found.append(("asks for at least an amount", f"sense {SENSES[0]}"))
    if row["hours"] == EACH:
        found.append((f"holds in {EACH} hour alone", "a limit over all its hours together"))
    return found
