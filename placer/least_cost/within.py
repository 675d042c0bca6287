"""The least of a second objective over the answers within a budget: those of at most a cost E, with a proof of its own.

For any price s > 0 of the objective ``w``, with ``g(s) = least  cost + s w`` over all answers, an answer within the
budget has

    w >= (g(s) - E) / s

and the best s makes this bound exact: 1 / s is then the dual of the budget row. ``placer.least_cost.slopes`` solves for
each s, and its dual bound stands for ``g(s)``. Of two answers, one within the budget and one beyond it, the mix that
costs E is an answer too, since all limits are linear. ``placer.utils.chords`` seeks the chord that crosses E on the
curve of least cost over ``w``, with slopes -s, until bound and mix meet. Where no dearer answer counts less, and part
of the budget is left, the least ``w`` at any cost is the bound. Every answer that was found serves all ``w``. Where
columns are generated, ``placer.least_cost.merged`` finds most answers, and the whole is solved where these do not meet
the bound.

Without a budget beyond the least cost, ``placer.least_cost.second_objective`` searches the answers of least cost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from placer.least_cost.merged import MergedSlopes, merged_slopes
from placer.least_cost.second_objective import Objective, Optimal
from placer.least_cost.slopes import Slopes, is_large, least_at_any_cost
from placer.model.answer import Answer, Flows
from placer.model.loads import cost_of
from placer.model.structure import Structure, assignment_positions
from placer.running import check_time
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray, sums_by
from placer.utils.chords import STEEPEST, Chords
from placer.utils.convex_curve import Mix, Tangent

if TYPE_CHECKING:
    from scipy.sparse import csr_array


#: Largest gap of a proven end of a large program, which has tens of thousands of corners.
CLOSE = 1e-4
#: The relative gap of a large program, as a part of the budget's share and the largest gap of an end.
_PART_OF_GAP = 0.1
#: Slopes tried in turn where no known answer beyond the budget has less. The last one proves every end.
_STEEPEST = (1e2, *STEEPEST[1:], 1e7)
#: Those of the program with demands merged, which is as fast at any slope.
_STEEP = (1e3, 1e5)
#: Values that differ by less than this part of the largest gap are equal.
_APART = 1e-3
#: Most prices that are tried for an end.
_MOST_PRICES = 60
#: Most of these where demands are merged.
_FEW_PRICES = 6
#: Most flows of answers that are kept for mixes, some 24 bytes each.
_MOST_FLOWS = 5_000_000


@dataclass(frozen=True, eq=False)
class Known:
    """An answer within the budget or beyond it.

    Attributes
    ----------
    counts : (groups,) array
        What it counts in each group.
    flows : Flows or None
        None where they are not kept.
    """

    cost: float
    counts: FloatArray
    flows: Flows | None = None


@dataclass(frozen=True, eq=False)
class End:
    """The least of an objective over the answers within the budget.

    Attributes
    ----------
    answer : Known
        An answer within the budget.
    value, bound : float
        The objective there, and its lower bound over all answers within the budget.
    gap, largest_gap : float
        ``value - bound`` as a share of the largest difference without limits, and the largest of a proven end.
    """

    answer: Known
    value: float
    bound: float
    gap: float
    largest_gap: float

    @property
    def proven(self) -> bool:
        """Whether the value is the least to within ``largest_gap``."""
        return self.gap <= self.largest_gap


class Within:
    """The answers of a structure within a budget, for one combination of groups after the other.

    Parameters
    ----------
    answer : Answer
        Of least cost, proven.
    groups : (groups, arcs) sparse array
        What one unit over each arc counts in each group.
    within : float
        The budget exceeds the least cost by this share of it; at least 0.

    Attributes
    ----------
    cheapest : Known
        The answer of least cost.
    most : float
        The budget.
    largest_gap : float
        Of a proven end.
    """

    def __init__(self, structure: Structure, answer: Answer, groups: csr_array, within: float) -> None:
        self._structure, self._answer, self._groups, self._share = structure, answer, groups, within
        self.cheapest = self._known_at(answer.point)
        self._slack = within * abs(self.cheapest.cost)
        self.most = self.cheapest.cost + self._slack
        self._optimal = None if self._slack else Optimal(structure, answer)
        self._pool, self._room = [self.cheapest], _MOST_FLOWS
        self.largest_gap = CLOSE if self._slack and is_large(structure) else PROOF
        self._merged = self._merged_slopes() if self._slack else None

    def _merged_slopes(self) -> MergedSlopes | None:
        """Return slopes with demands merged that count alike in all groups."""
        mark = np.random.default_rng(0).random(self._groups.shape[0]) @ self._groups  # arcs that differ in any group
        return merged_slopes(self._structure, self._slack, mark[:, None])

    def least(self, weights: FloatArray) -> End:
        """Return the least weighted sum of the groups, given weights (groups,), without flows.

        Answers found for one combination serve the next ones.
        """
        return self._search(weights, [replace(each, flows=None) for each in self._pool])

    def answer(self, weights: FloatArray) -> Known:
        """Return an answer with flows of the least weighted sum; of about the least where demands are merged."""
        known, objective = [each for each in self._pool if each.flows is not None], Objective(weights @ self._groups)
        if self._merged is None or objective.most_apart(self._structure) == 0:
            return self._search(weights, known).answer
        chords = self._curve(weights, objective, partial(self._merged.at, objective), known)
        mix, _ = chords.least_within(self.most, -math.inf, 0.0, len(known) + _FEW_PRICES)
        if mix.low == mix.high:  # no known answer beyond the budget has less
            chords.climb(-1.0, -math.inf, self.most, _STEEP)
            mix, _ = chords.least_within(self.most, -math.inf, 0.0, len(chords.points) + _FEW_PRICES)
        return self._mixed(chords, mix)

    def _search(self, weights: FloatArray, known: list[Known]) -> End:
        """Return the end, given some known answers."""
        objective = Objective(weights @ self._groups)
        bound, highest = objective.alone(self._structure)
        size = highest - bound
        if size == 0:  # no answer counts more than another
            return End(self.cheapest, bound, bound, 0.0, self.largest_gap)
        if self._optimal is not None:
            return self._tied(weights, objective, self._optimal)
        sought = self.largest_gap * size
        for chords, least, prices in self._curves(weights, objective, known):
            mix, bound = chords.least_within(self.most, max(bound, least), sought, len(chords.points) + prices)
            if mix.value - bound <= sought:
                break
        answer = self._mixed(chords, mix)
        value = float(weights @ answer.counts)
        bound = min(bound, value)
        return End(answer, value, bound, (value - bound) / size, self.largest_gap)

    def _curves(
        self, weights: FloatArray, objective: Objective, known: list[Known]
    ) -> Iterator[tuple[Chords[Known], float, int]]:
        """Yield ever more of the curve, each with a lower bound and how many prices may follow."""
        slopes = Slopes(self._structure, self._answer, objective, _PART_OF_GAP * self._share * self.largest_gap)
        chords = self._curve(weights, objective, slopes.at, known)
        yield chords, -math.inf, 0
        end = least_at_any_cost(self._structure, objective)
        yield chords, end, 0
        if self._merged is not None:
            near = self._curve(weights, objective, partial(self._merged.at, objective), known)
            near.climb(-1.0, end, self.most, _STEEP)
            yield near, end, _FEW_PRICES
            chords = self._curve(weights, objective, slopes.at, [point.detail for point in near.points])
        yield chords, end, _MOST_PRICES
        for steepest in (_STEEPEST[:1], _STEEPEST[1:]):
            chords.climb(-1.0, end, self.most, steepest)
            yield chords, end, _MOST_PRICES

    def _curve(
        self, weights: FloatArray, objective: Objective, at: Callable[[float], Tangent[Flows]], known: list[Known]
    ) -> Chords[Known]:
        """Return the curve through known answers; each slope keeps one more."""
        size = objective.most_apart(self._structure)

        def kept(slope: float) -> Tangent[Known]:
            touch = at(slope)
            return touch.with_detail(self._keep(touch.detail))

        points = [Tangent(float(each.counts @ weights), each.cost, math.inf, each) for each in known]
        # a slope of 1 spends the budget on the whole size
        return Chords(kept, _APART * self.largest_gap * size, self._slack / size, _in_time, points)

    def _tied(self, weights: FloatArray, objective: Objective, optimal: Optimal) -> End:
        """Return the end over the answers of least cost."""
        found = optimal.least(objective)
        answer = self._known_at(found.flows if found.proven else self._answer.point)
        value = float(weights @ answer.counts)
        bound = min(max(found.bound, objective.alone(self._structure)[0]), value)
        gap = (value - bound) / objective.most_apart(self._structure)
        return End(answer, value, bound, gap, self.largest_gap)

    def _mixed(self, chords: Chords[Known], mix: Mix) -> Known:
        """Return the answer that mixes two points, with flows where both have them."""
        low, high, part = chords.points[mix.low].detail, chords.points[mix.high].detail, mix.part
        if low is high:
            return low
        counts = (1 - part) * low.counts + part * high.counts
        flows = None
        if low.flows is not None and high.flows is not None:
            flows = mixed_flows(self._structure, low.flows, high.flows, part)
        return Known((1 - part) * low.cost + part * high.cost, counts, flows)

    def _keep(self, flows: Flows) -> Known:
        """Return the answer of some flows, a known one from now on; its flows are kept too as long as these are few."""
        found = self._known_at(flows)
        self._room -= len(flows.amount)
        self._pool.append(found if self._room > 0 else replace(found, flows=None))
        return found

    def _known_at(self, flows: Flows) -> Known:
        return Known(cost_of(self._structure, flows), self._groups_of(flows), flows)

    def _groups_of(self, flows: Flows) -> FloatArray:
        """Return what flows count in each group (groups,)."""
        return np.asarray(self._groups @ np.bincount(flows.arc, flows.amount, self._groups.shape[1]))


def _in_time(*_: float) -> None:
    check_time("the time limit was reached between two ends of a range")


def mixed_flows(structure: Structure, first: Flows, last: Flows, part: float) -> Flows:
    """Return ``(1 - part) * first + part * last`` of two flows, which keeps all limits if both do."""
    both = ((first, 1 - part), (last, part))
    position, at = np.unique(
        np.concatenate([assignment_positions(structure, flows.demand, flows.arc) for flows, _ in both]),
        return_inverse=True,
    )
    amount = sums_by(at, np.concatenate([share * flows.amount for flows, share in both]), len(position))
    demand = np.searchsorted(structure.assignment_starts, position, side="right") - 1
    return Flows(
        demand=demand,
        arc=structure.arc_starts[structure.demand_pair[demand]] + position - structure.assignment_starts[demand],
        amount=amount,
        unserved=(1 - part) * first.unserved + part * last.unserved,
        waiting=(1 - part) * first.waiting + part * last.waiting,
        taken=(1 - part) * first.taken + part * last.taken,
    )
