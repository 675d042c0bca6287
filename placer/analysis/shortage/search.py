"""The search for the changes that cure a shortage, one after another.

``placer.analysis.shortage.explanation`` states the order in which they are made and what ends the search.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.analysis.shortage.changes import Change, Key, edited, made, spare_supplies
from placer.analysis.shortage.openings import openings
from placer.analysis.shortage.programs import SHORT, Programs
from placer.analysis.shortage.relief import ReliefRound, relief_round
from placer.analysis.shortage.state import State, changed, ratio_keys
from placer.errors import NoSolutionError
from placer.least_cost.unmet_limits import NO_POINT
from placer.model.formulation import Formulation, formulate
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.solvers.memory import whole_program
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray

if TYPE_CHECKING:
    from placer.placement.result import Placement

#: Changes by where they stand.
Changes = dict[Key, Change]


@dataclass(frozen=True, eq=False)
class Found:
    """The result of a search.

    Attributes
    ----------
    changes : dict of Key to Change
        All together they cure.
    alternatives : tuple of (Key, Change)
        Changes that cure as much as the one at the key.
    """

    changes: Changes
    alternatives: tuple[tuple[Key, Change], ...]


class ShortageSearch:
    """Finds the changes that cure the shortage of a placement. Holds no changes: every step takes and returns them."""

    def __init__(self, placement: Placement, solver: Solver | None, most_tried: int) -> None:
        self._instance = placement.instance
        self._most_tried = most_tried
        self._noise = SHORT * placement.formulation.structure.total_demand
        self._programs = Programs(placement, solver)
        self._ratios = ratio_keys(placement.instance, placement.formulation)
        spare = spare_supplies(self._instance)
        widened = len(spare["supplies"]) > len(self._instance.supplies)
        instance = self._instance.replace(**spare) if widened else self._instance
        formulation = formulate(instance) if widened else placement.formulation
        self._bases: dict[tuple[tuple[int, str], ...], State] = {(): State(instance, formulation)}

    def find(self) -> Found:
        """Lift one limit after another until no demand is short, then find the least change of each."""
        changes: Changes = {}
        others: list[tuple[Key, Change]] = []
        while True:
            here = self._round(changes.values())
            if here.left <= self._noise:
                break
            single, alike = self._best_single(here)
            others += [(single[0].key, change) for change in alike]
            found = single or self._best_opening(here, changes) or here.joint()
            if not found:
                raise NoSolutionError(Reason.FAILED, f"found no change that lowers {here.left:g} Mtok of shortage")
            changes = _and_more(changes, found)
        changes = self._settled_latencies(self._settled_amounts(changes, here.left))
        return Found(self._worth_serving(changes), tuple(others))

    def prune(self, changes: Changes, unserved: FloatArray) -> tuple[Changes, list[FloatArray]]:
        """Drop the changes that are not needed; return the others, and the demand that is short without each of them.

        Parameters
        ----------
        changes : dict of Key to Change
        unserved : (demands,) array
            Without any change.
        """
        if len(changes) == 1:
            return changes, [unserved]
        needed, without = dict(changes), {}
        for key in reversed(list(changes)):
            short = self._short_without(needed, key)
            if short.sum() > self._noise:
                without[key] = short
            else:
                del needed[key]
                without.clear()  # they were of more changes
        if len(needed) < len(changes):
            self._check(needed)
        return needed, [without[key] if key in without else self._short_without(needed, key) for key in needed]

    def formulation_after(self, changes: Iterable[Change]) -> Formulation:
        """Return the formulation after some changes."""
        return self._state(changes).formulation

    def _settled_amounts(self, changes: Changes, left: float) -> Changes:
        """Find the smallest amounts, as shares of their limits, of the limits that were lifted.

        Limits of ratios come last and one by one: their amounts are coefficients, which one program does not find.
        """
        lifted = [key for key, change in changes.items() if change.new == math.inf]
        ratios = [key for key in lifted if key in self._ratios]
        amounts = [key for key in lifted if key not in self._ratios]
        if amounts:
            here = self._round(change for key, change in changes.items() if key not in amounts)
            changes = changes | dict(zip(amounts, here.smallest_amounts(amounts, left), strict=True))
        for key in ratios:
            here = self._round(change for other, change in changes.items() if other != key)
            changes = changes | {key: here.smallest_ratio(key, left)}
        return changes

    def _settled_latencies(self, changes: Changes) -> Changes:
        """Shorten longer latency limits to the need that remains once all other changes are made."""
        if len(changes) == 1:
            return changes  # as short as can be already
        for key in [key for key, change in changes.items() if change.limit == "latency"]:
            changes = changes | {key: self._shortest_latency(changes, key)}
        return changes

    def _shortest_latency(self, changes: Changes, key: Key) -> Change:
        """Return the change of a latency limit to the shortest at which all changes together still cure."""
        change = changes[key]
        after = self.formulation_after(changes.values())
        latency = after.latency_ms[after.structure.served_class == change.position]
        between = latency[(latency > change.old) & (latency < change.new)]

        def enough(limit_ms: float) -> bool:
            shorter = changes | {key: replace(change, new=limit_ms)}
            return self._round(shorter.values()).left <= self._noise

        limits_ms = np.unique(np.append(between, change.new)).tolist()
        return replace(change, new=limits_ms[bisect_left(limits_ms, x=True, hi=len(limits_ms) - 1, key=enough)])

    def _worth_serving(self, changes: Changes) -> Changes:
        """Return the changes with higher penalties, where leaving demand unserved is cheaper than serving it."""
        for margin in (PROOF, 1.0):
            structure = formulate(made(self._instance, changes.values())).structure
            if self._short(structure).sum() <= self._noise:
                return changes
            changes = _and_more(changes, self._penalties(structure, margin))
        self._check(changes)
        return changes

    def _check(self, changes: Changes) -> None:
        """Make all changes, and refuse them if they leave anything unserved."""
        structure = formulate(made(self._instance, changes.values())).structure
        if self._short(structure).sum() > self._noise:
            raise NoSolutionError(Reason.FAILED, "the changes found leave demand unserved")

    def _short_without(self, changes: Changes, left_out: Key) -> FloatArray:
        others = [change for key, change in changes.items() if key != left_out]
        if any(change.limit == "penalty" for change in changes.values()):  # spare supplies alter the default
            return self._short(formulate(made(self._instance, others)).structure)
        return self._short(self.formulation_after(others).structure)

    def _short(self, structure: Structure) -> FloatArray:
        """Return the unserved amount of the placement of least cost, by demand."""
        program = whole_program(structure)
        values, _ = self._programs.solve(program, structure)
        return np.maximum(values[program.col_blocks["u"]], 0.0)

    def _round(self, changes: Iterable[Change]) -> ReliefRound:
        return relief_round(self._state(changes), self._programs, len(self._instance.supplies))

    def _state(self, changes: Iterable[Change]) -> State:
        """Return the state after some changes. Only a new link needs a new instance: it changes the routes."""
        changes = tuple(changes)
        links = tuple(change for change in changes if change.limit == "no route")
        key = tuple((change.position, change.name) for change in links)
        if key not in self._bases:
            base = self._bases[()].instance
            linked = base.replace(**edited(dict(base.tables), links)[0])
            self._bases[key] = State(linked, formulate(linked))
        return changed(self._bases[key], [change for change in changes if change.limit != "no route"])

    def _best_single(self, here: ReliefRound) -> tuple[list[Change], list[Change]]:
        """Return the change that cures most, and those that cure as much; none if no change cures anything.

        Of several that cure as much, it is the smallest. One of an amount is lifted altogether.
        """
        options = list(here.options(self._most_tried))
        best = min((option.left for option in options), default=math.inf)
        if best > here.left - self._noise:
            return [], []
        near = [option for option in options if option.left <= best + self._noise]
        sized = [(option.rank, share, change) for option in near for change, share in [option.smallest()]]
        first, *rest = [change for _, _, change in sorted(sized, key=lambda each: each[:2])]
        chosen = first if first.limit in ("latency", "residency") else replace(first, new=math.inf)
        return [chosen], rest

    def _best_opening(self, here: ReliefRound, changes: Changes) -> list[Change]:
        """Return the changes that open an arc for a pair without one: the first way to the lowest shortage."""
        ways = openings(here.state, here.unserved)[: self._most_tried]
        if len(ways) <= 1:
            return ways[0] if ways else []
        lefts = [self._round([*_and_more(changes, way).values()]).left for way in ways]
        return next(way for way, left in zip(ways, lefts, strict=True) if left <= min(lefts) + self._noise)

    def _penalties(self, structure: Structure, margin: float) -> list[Change]:
        """Return penalties above the price of the dearest demand when all are served."""
        program = whole_program(structure)
        col_upper = program.col_upper.copy()
        col_upper[program.col_blocks["u"]] = self._noise
        try:
            _, duals = self._programs.solve(replace(program, col_upper=col_upper), structure)
        except NoSolutionError as error:
            if error.reason not in NO_POINT:
                raise
            raise NoSolutionError(error.reason, "serving all demand breaks a limit of one's own") from error
        price = np.full(structure.classes, -math.inf)
        np.maximum.at(price, structure.demand_class, duals[program.row_blocks["demand"]])
        names, column = self._instance.workloads["workload"], "unserved_usd_per_mtok"
        return [
            Change(
                *("penalty", names.iloc[k], "workloads", int(k), column, float(old), float(price[k]) * (1 + margin)),
                currency=self._instance.settings.currency,
            )
            for k, old in enumerate(structure.unserved_cost[: len(names)])
            if price[k] * (1 + PROOF) > old
        ]


def _and_more(changes: Mapping[Key, Change], found: Iterable[Change]) -> Changes:
    """Return the changes with some more; where one stands already, it goes further."""
    together = dict(changes)
    for change in found:
        before = together.get(change.key)
        together[change.key] = replace(change, old=before.old) if before else change
    return together
