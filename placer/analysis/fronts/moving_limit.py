"""A limit whose amount moves along a front, added to an instance: one row, or one for each day or hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, refuse
from placer.instance.attributes.validation import show
from placer.instance.hours.days import days_of
from placer.instance.hours.hour_scopes import EACH
from placer.instance.hours.timestamps import short_text
from placer.instance.problem import Instance
from placer.model.answer import Duals, Flows
from placer.model.batteries import unclear_limits
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation, formulate_stored
from placer.model.limit_rows import use_of, with_caps, with_limits
from placer.model.limits import Limit, read_limits
from placer.model.loads import loads, served_work
from placer.model.storing import capped_by_stores
from placer.model.structure import Structure
from placer.proof.bound import bound_at
from placer.proof.certificate import Tolerances
from placer.proof.magnitudes import magnitudes
from placer.utils.arrays import NOISE, FloatArray, IntArray

#: Over which hours a green share is matched.
Matching = Literal["horizon", "day", "hour"]
#: What a front is against, and the unit of its rents.
Against = Literal["green_share", "carbon_kg", "water_litres"]

#: The name of the limit, before the day.
NAME = "front"
_HOURS_OF_DAY = 24


@dataclass(frozen=True, eq=False)
class MovingLimit:
    """An instance with a limit of any amount.

    Attributes
    ----------
    base : Instance
        Without the limit.
    rows : DataFrame
        Its rows of the table ``limits``, whatever their amount.
    """

    base: Instance
    rows: pd.DataFrame

    @property
    def against(self) -> str:
        """The kind of limit."""
        return str(self.rows["kind"].iloc[0])

    @property
    def sign(self) -> float:
        """1 if a larger amount is tighter, -1 if a smaller one is."""
        return 1.0 if self.rows["sense"].iloc[0] == ">=" else -1.0

    def instance(self, amount: float) -> Instance:
        """Return the instance with the limit."""
        rows = self.rows.assign(amount=amount)
        own = self.base.limits
        return self.base.replace(limits=pd.concat([own, rows], ignore_index=True) if len(own) else rows)

    def formulation(self, amount: float) -> Formulation:
        """Return the formulation with the limit, whose caps are the last ones."""
        base = self.without
        structure = self.added_to(base.structure, amount)
        return replace(base, structure=structure, limits=(*base.limits, *self._at(amount)))

    def added_to(self, structure: Structure, amount: float) -> Structure:
        """Return a structure of the instance with the limit."""
        return with_limits(structure, self._at(amount), self.without.quantities)

    def places(self, structure: Structure) -> IntArray:
        """Return the positions of the caps of the limit in a structure with it (rows,)."""
        return np.arange(len(structure.cap_limit))[-len(self.limits) :]

    def caps(self, values: FloatArray) -> FloatArray:
        """Return the part of a figure of caps (caps,) that is of the limit (rows,)."""
        return values[-len(self.limits) :]

    def bound(self, amount: float, duals: Duals, known: float, flows: Flows) -> float:
        """Return the bound on the least cost at an amount that the duals of a point prove.

        Parameters
        ----------
        known : float
            The amount of the point.
        flows : Flows
            Of the point.
        """
        return self.bound_of(self.without.structure, amount, duals, known, flows)

    def bound_of(self, base: Structure, amount: float, duals: Duals, known: float, flows: Flows) -> float:
        """Return the same for a structure without the limit.

        The price of power moves with what the limit adds to that of the supplies in use. Any price proves a bound, and
        this one is linear in the amount.
        """
        there = self.added_to(base, amount)
        rents = np.where(np.isfinite(there.cap_limit), np.maximum(duals.cap, 0.0), 0.0)
        dearer = there.cap_tier.priced(rents) - self.added_to(base, known).cap_tier.priced(rents)
        weight = there.tier_yield[:, None] * flows.taken + NOISE
        shift = there.at_sites(weight * dearer / there.tier_yield[:, None]) / np.maximum(there.at_sites(weight), NOISE)
        return bound_at(there, replace(duals, balance=duals.balance + shift))

    def excess(self, amount: float, flows: Flows) -> FloatArray:
        """Return by how much flows are above each row at an amount (rows,)."""
        structure = self.formulation(amount).structure
        return self.caps(loads(structure, flows).capped - structure.cap_limit)

    def noise(self, amount: float) -> FloatArray:
        """Return the excess of each row (rows,) that a certificate lets pass as rounding."""
        structure = self.formulation(amount).structure
        size = self.caps(magnitudes(structure).cap) + np.abs(self.caps(structure.cap_limit))
        return Tolerances.primal * size

    def counted(self, flows: Flows) -> FloatArray:
        """Return what moves each row by a unit of the amount (rows,): the MWh that work uses under a share, else 1."""
        if self.against != "green_share":
            return np.ones(len(self.limits))
        ends = [self.formulation(amount).structure for amount in (0.0, 1.0)]
        none, whole = (each.cap_tier.totals(flows.taken) + capped_by_stores(each, flows) for each in ends)
        return self.caps(whole - none)

    def kept_by(self, flows: Flows) -> float:
        """Return the tightest amount that flows keep in all rows; NaN where no row counts anything."""
        base = self.without
        served = served_work(base.structure, flows)
        used = np.array([use_of(base.structure, each, base.quantities, flows, served) for each in self.limits])
        if self.against == "green_share":
            used = np.clip(used, 0.0, 1.0)  # what contents of batteries gain and give may leave rounding
        return float(self.sign * np.nanmin(self.sign * used)) if np.isfinite(used).any() else np.nan

    @cached_property
    def without(self) -> Formulation:
        """The formulation without the limit, with the contents of the batteries that it counts."""
        whole = formulate_stored(self.instance(0.0))
        left = [place for place, limit in enumerate(whole.limits) if not self._moves(limit)]
        kept = np.append(np.arange(OWN_CAPS), np.array(left, dtype=int) + OWN_CAPS)
        limits = tuple(whole.limits[place] for place in left)
        return replace(whole, structure=with_caps(whole.structure, kept), limits=limits)

    def _at(self, amount: float) -> tuple[Limit, ...]:
        return tuple(replace(limit, amount=amount) for limit in self.limits)

    @cached_property
    def limits(self) -> list[Limit]:
        """Its rows, of amount 0."""
        return [limit for limit in read_limits(self.instance(0.0)) if self._moves(limit)]

    def _moves(self, limit: Limit) -> bool:
        return limit.is_own and limit.kind == self.against and limit.name in set(self.rows["limit"])


def moving_limit(instance: Instance, against: str, matching: str, scope: Mapping[str, Any]) -> MovingLimit:
    """Return the limit of a front.

    Parameters
    ----------
    scope : mapping of str to names
        Columns of the table ``limits``; None or absent for all.

    Raises
    ------
    ArgumentError
        If ``against`` or ``matching`` is unknown.
    InstanceError
        If a scope names nothing, the instance has a limit of that name, or batteries that the limit does not count.
    """
    for value, known, name in ((against, get_args(Against), "against"), (matching, get_args(Matching), "matching")):
        if value not in known:
            raise ArgumentError(f"{name} {show(value)} is not one of {', '.join(known)}")
    sense = ">=" if against == "green_share" else "<="
    given = {column: names for column, names in scope.items() if names is not None}
    rows = [
        {"limit": name, "kind": against, "sense": sense, "amount": 0.0, "hours": hours} | given
        for name, hours in _scopes(instance, matching)
    ]
    taken = sorted({str(row["limit"]) for row in rows} & set(instance.limits["limit"]))
    if taken:
        problem = "is the name of the limit that a front moves"
        raise InstanceError(Violation("limits", name, "limit", problem, "another name") for name in taken)
    found = MovingLimit(instance, instance.replace(limits=pd.DataFrame(rows)).limits)
    if len(instance.batteries):
        refuse(list(unclear_limits(instance, found.limits)))
    return found


def _scopes(instance: Instance, matching: str) -> Iterator[tuple[str, str | None]]:
    """Yield the name and the hours of each limit."""
    hours = instance.hours
    if matching == "horizon":
        yield NAME, None
    elif matching == "hour":
        yield NAME, EACH
    elif isinstance(hours, range) and instance.periods.empty and len(hours) <= _HOURS_OF_DAY:
        yield NAME, None
    else:
        days = days_of(hours, instance.periods)
        for label, first, after in zip(days.labels, days.starts[:-1], days.starts[1:], strict=True):
            ends = [short_text(hours[place]) for place in (first, after - 1)]
            yield (
                f"{NAME} {label}",
                ends[0] if ends[0] == ends[1] else ("-" if isinstance(hours, range) else "/").join(ends),
            )
