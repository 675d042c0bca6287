"""One round of ``placer.explain``: the lowest shortage at a state, and the changes that would lower it."""

from __future__ import annotations

import logging
import math
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from placer.analysis.shortage.changes import Change, Key
from placer.analysis.shortage.elastic import ElasticLimit, elastic_limits
from placer.analysis.shortage.openings import allowing
from placer.analysis.shortage.programs import (
    SHORT,
    Programs,
    cheapest_raise,
    shortage_program,
    with_elastic,
    with_shortage,
)
from placer.analysis.shortage.state import State, changed
from placer.model.answer import read_duals
from placer.model.formulation import with_arcs
from placer.model.latency import over_ways
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.proof.arc_gains import arc_gains
from placer.running import tell
from placer.solvers.ratios import RatioLimit, nearest_amount
from placer.tolerances import SOLVER
from placer.utils.arrays import NOISE, BoolArray, FloatArray, sums_by
from placer.utils.numbers import quantity

_log = logging.getLogger(__name__)

#: Changes that leave equally little short are compared by kind, then by share of the present limit: an amount more, a
#: limit where there is none, another jurisdiction.
RAISE, BUILD, RELAX_LAW = 0, 1, 2
#: A limit of 0 is measured against its largest useful amount over this weight, not against itself.
_NEW_LIMIT_WEIGHT = 10.0


@dataclass(frozen=True, eq=False)
class Option:
    """A single change.

    Attributes
    ----------
    left : float
        The lowest shortage with the change as large as it likes, Mtok.
    rank : int
        ``RAISE``, ``BUILD`` or ``RELAX_LAW``.
    smallest : callable
        Solves for the smallest size that leaves no more; returns the change, and its size as a share of the limit.
    """

    left: float
    rank: int
    smallest: Callable[[], tuple[Change, float]]


@dataclass(frozen=True, eq=False)
class ReliefRound:
    """The lowest shortage at a state, and the changes that would lower it; ``relief_round`` solves for it.

    Attributes
    ----------
    structure : Structure
        Of the state, without limits of tiers: they are rows of the program.
    program : LinearProgram
        Of the lowest shortage.
    unserved : (demands,) array
        At the lowest shortage, Mtok.
    row_duals : (rows,) array
    given_supplies : int
        Supplies of the instance as it was given; those after them are spare.
    """

    state: State
    structure: Structure
    program: LinearProgram
    unserved: FloatArray
    row_duals: FloatArray
    given_supplies: int
    programs: Programs

    @property
    def left(self) -> float:
        """The lowest shortage, Mtok."""
        return float(self.unserved.sum())

    def options(self, most: int) -> Iterator[Option]:
        """Yield the single changes that may lower the shortage, each with the shortage that it leaves.

        Parameters
        ----------
        most : int
            The most limits that are amounts to try: those whose duals promise most for the present limit again.
        """
        pressure, negligible = 0.0 - self.row_duals, NOISE * self.structure.total_demand
        worth = [
            (pressure[limit.rows] @ limit.per_unit * (limit.size or limit.largest), limit) for limit in self._limits
        ]
        worth = [each for each in worth if each[0] > negligible]
        tried = sorted(worth, key=lambda each: -each[0])[:most]
        for number, (_, limit) in enumerate(tried, 1):
            tell(
                _log,
                f"{quantity(self.left)} Mtok short: limit {number} of {len(tried)}, "
                f"{limit.limit} {limit.name}".rstrip(),
            )
            yield self._amount_option(limit)
        gain = arc_gains(self.structure, read_duals(self.structure, self.program, self.row_duals))
        yield from self._latency_options(gain, negligible)
        yield from self._residency_options(gain, negligible)

    def joint(self) -> list[Change]:
        """Return the limits to lift when all amounts together cure everything at the lowest sum of shares."""
        if not self._limits:
            return []
        amounts = self._smallest(self._limits, self._shares(self._limits), 0.0)
        return [
            limit.raised(math.inf, SHORT)
            for limit, amount in zip(self._limits, amounts, strict=True)
            if amount > SHORT * limit.largest
        ]

    def smallest_amounts(self, keys: Collection[Key], left: float) -> list[Change]:
        """Return the changes of some limits, at the lowest sum of shares, that leave no more than ``left`` short."""
        by_key = {limit.key: limit for limit in self._limits}
        limits = [by_key[key] for key in keys]
        amounts = self._smallest(limits, self._shares(limits), left)
        return [limit.raised(float(amount), SHORT) for limit, amount in zip(limits, amounts, strict=True)]

    def smallest_ratio(self, key: Key, left: float) -> Change:
        """Return the least change of a limit of a ratio that leaves no more than ``left`` short."""
        limit = next(each for each in self._limits if each.key == key)
        shortage = max(left, 0.0) + SOLVER * self.structure.total_demand

        def program_with(amount: float) -> LinearProgram:
            other = changed(self.state, [replace(limit.raised(math.inf, 0.0), new=amount)])
            free = replace(other.formulation.structure, tier_limit=self.structure.tier_limit)
            program = shortage_program(free, self.state.formulation.structure.tier_limit)
            return with_shortage(program, program.cost, shortage)

        ratio = RatioLimit(program_with, limit.rows, limit.sign, limit.size)
        new = nearest_amount(ratio, lambda program: self.programs.solve(program, self.structure)[0])
        return limit.raised(abs(new - limit.size), SHORT)

    @cached_property
    def _limits(self) -> tuple[ElasticLimit, ...]:
        tier_limits = self.state.formulation.structure.tier_limit
        return elastic_limits(replaced(self.state, self.structure), self.program, tier_limits, self.given_supplies)

    def _shares(self, limits: Sequence[ElasticLimit]) -> FloatArray:
        """Return the cost of raising each limit: as a share of itself, or of the largest useful amount if it is 0."""
        share = [1 / limit.size if limit.size > 0 else _NEW_LIMIT_WEIGHT / limit.largest for limit in limits]
        return self.structure.total_demand * np.array(share)

    def _amount_option(self, limit: ElasticLimit) -> Option:
        program = with_elastic(self.program, [limit], np.zeros(1))
        values, _ = self.programs.solve(program, self.structure)
        left = float(values[program.col_blocks["u"]].sum())

        def smallest() -> tuple[Change, float]:
            if limit.is_ratio:
                change = self.smallest_ratio(limit.key, left)
                return change, abs(change.amount) / limit.size if limit.size > 0 else abs(change.amount)
            (amount,) = self._smallest([limit], np.array([self.structure.total_demand / limit.largest]), left)
            change = limit.raised(amount, SHORT)
            return change, amount / limit.size if limit.size > 0 else amount

        return Option(left, RAISE if limit.size > 0 else BUILD, smallest)

    def _smallest(self, limits: Sequence[ElasticLimit], cost: FloatArray, left: float) -> FloatArray:
        """Return the cheapest amounts that leave no more short than ``left``."""
        slack = SOLVER * self.structure.total_demand
        program = cheapest_raise(self.program, limits, cost, max(left, 0.0) + slack)
        values, _ = self.programs.solve(program, self.structure)
        return np.maximum(values[program.col_blocks["raise"]], 0.0)

    def _latency_options(self, gain: FloatArray, negligible: float) -> Iterator[Option]:
        form = self.state.formulation
        late, served = self._near & form.allowed_ways & ~form.in_time, self.structure.served_class
        worth = sums_by(served, (gain * late).sum(axis=(1, 2)), len(served))
        for klass in np.flatnonzero(worth > negligible):
            tell(_log, f"{quantity(self.left)} Mtok short: latency of {form.workloads[klass]}")
            yield self._latency_option(int(klass), late & (served == klass)[:, None, None])

    def _residency_options(self, gain: FloatArray, negligible: float) -> Iterator[Option]:
        form = self.state.formulation
        closed = ~form.allowed[:, None, :] & ~form.banned
        unlawful = self._near & over_ways(closed, form.structure.routes) & form.in_time
        served, by_way = self.structure.served_class, np.zeros((len(gain), self.structure.ways))
        np.add.at(by_way, served, (gain * unlawful).sum(axis=1))
        places = self.state.instance.data_centres["jurisdiction"].to_numpy(object)[self.structure.way_site]
        for klass in np.flatnonzero(by_way.sum(axis=1) > negligible):
            for place in dict.fromkeys(places[by_way[klass] > 0]):
                left = self._left_with(unlawful & (served == klass)[:, None, None] & (places == place))
                yield _residency_option(allowing(self.state, int(klass), place), left)

    @property
    def _near(self) -> BoolArray:
        """Where a workload asks for something at a hub and has a route to a data centre."""
        form, structure = self.state.formulation, self.structure
        asked = np.zeros(form.latency_ms.shape[:2], dtype=bool)
        asked[structure.demand_class, structure.demand_origin] = True
        return asked[structure.served_class, :, None] & np.isfinite(form.latency_ms)

    def _latency_option(self, klass: int, late: BoolArray) -> Option:
        form, latency = self.state.formulation, self.state.formulation.latency_ms
        left, old = self._left_with(late), float(form.latency_slo_ms[klass])
        most = left + SHORT * self.structure.total_demand

        def enough(limit_ms: float) -> bool:
            return self._left_with(late & (latency <= limit_ms)) <= most

        def smallest() -> tuple[Change, float]:
            limits_ms = np.unique(latency[late]).tolist()
            new = limits_ms[bisect_left(limits_ms, x=True, hi=len(limits_ms) - 1, key=enough)]
            name = form.workloads[klass]
            return Change("latency", name, "workloads", klass, "latency_slo_ms", old, new), (new - old) / old

        return Option(left, RAISE, smallest)

    def _left_with(self, opened: BoolArray) -> float:
        """Return the lowest shortage with some more arcs (classes, hubs, ways)."""
        admitted = self.structure.admitted | opened
        more = with_arcs(replaced(self.state, self.structure).formulation, admitted).structure
        program = shortage_program(more, self.state.formulation.structure.tier_limit)
        values, _ = self.programs.solve(program, more)
        return float(values[program.col_blocks["u"]].sum())


def relief_round(state: State, programs: Programs, given_supplies: int) -> ReliefRound:
    """Solve for the lowest shortage at a state."""
    structure = state.formulation.structure
    free = replace(structure, tier_limit=np.full_like(structure.tier_limit, math.inf))
    program = shortage_program(free, structure.tier_limit)
    values, row_duals = programs.solve(program, free)
    unserved = values[program.col_blocks["u"]]
    return ReliefRound(state, free, program, unserved, row_duals, given_supplies, programs)


def replaced(state: State, structure: Structure) -> State:
    """Return the state with another structure."""
    return replace(state, formulation=replace(state.formulation, structure=structure))


def _residency_option(change: Change, left: float) -> Option:
    return Option(left, RELAX_LAW, lambda: (change, 0.0))
