"""The least of a second objective over the answers within a budget: those of at most a cost E, with a proof of its own.

For any price s > 0 of the objective ``w``, with ``g(s) = least  cost + s w`` over all answers, an answer within the
budget has

    w >= (g(s) - E) / s

and the best s makes this bound exact: 1 / s is then the dual of the budget row. ``placer.least_cost.slopes`` solves for
each s, and its dual bound stands for ``g(s)``. Of two answers, one within the budget and one beyond it, the mix that
costs E is an answer too, since all limits are linear. ``placer.utils.chords`` seeks the chord that crosses E on the
curve of least cost over ``w``, with slopes -s, until bound and mix meet. Where no dearer answer counts less, and part
of the budget is left, the least ``w`` at any cost is the bound.

Without a budget beyond the least cost, ``placer.least_cost.second_objective`` searches the answers of least cost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.least_cost.parameters import DEFAULTS
from placer.least_cost.second_objective import Objective, Optimal
from placer.least_cost.slopes import Slopes, is_large, least_at_any_cost
from placer.model.answer import Flows
from placer.model.loads import cost_of
from placer.model.structure import assignment_positions
from placer.running import check_time
from placer.utils.arrays import sums_by
from placer.utils.chords import STEEPEST, Chords
from placer.utils.convex_curve import Tangent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scipy.sparse import csr_array

    from placer.model.answer import Answer
    from placer.model.structure import Structure
    from placer.utils.arrays import FloatArray
    from placer.utils.convex_curve import Mix

#: Largest gap of a proven end of a large program, which has tens of thousands of corners.
CLOSE = 1e-4
#: The relative gap of a large program, as a part of the budget's share and the largest gap of an end.
_PART_OF_GAP = 0.1
#: Slopes tried in turn where no known answer beyond the budget has less. The last one proves every end.
_STEEPEST = (*STEEPEST, 1e7)
#: Values that differ by less than this part of the largest gap are equal.
_APART = 1e-3
#: Most prices that are tried for an end.
_MOST_PRICES = 60


@dataclass(frozen=True, eq=False)
class Known:
    """An answer within the budget or beyond it.

    Attributes
    ----------
    cost : float
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
    structure : Structure
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
        self._pool = [self.cheapest]
        self.largest_gap = CLOSE if self._slack and is_large(structure) else DEFAULTS.gap

    def least(self, weights: FloatArray) -> End:
        """Return the least weighted sum of the groups, given weights (groups,), without flows.

        Answers found for one combination serve the next ones.
        """
        end, found = self._search(weights, self._pool)
        self._pool += [replace(each, flows=None) for each in found]
        return end

    def answer(self, weights: FloatArray) -> End:
        """Return the same with the flows of its answer."""
        return self._search(weights, [self.cheapest])[0]

    def _search(self, weights: FloatArray, known: list[Known]) -> tuple[End, list[Known]]:
        """Return the end, and the answers found beside the known ones."""
        objective = Objective(weights @ self._groups)
        bound, highest = objective.alone(self._structure)
        size = highest - bound
        if size == 0:  # no answer counts more than another
            return End(self.cheapest, bound, bound, 0.0, self.largest_gap), []
        if self._optimal is not None:
            return self._tied(weights, objective, self._optimal), []
        gap, sought, most_points = self.largest_gap, self.largest_gap * size, len(known) + _MOST_PRICES
        slopes = Slopes(self._structure, self._answer, objective, _PART_OF_GAP * self._share * gap)

        def at(slope: float) -> Tangent[Known]:
            touch = slopes.at(slope)
            return touch.with_detail(self._known_at(touch.detail))

        points = [Tangent(float(each.counts @ weights), each.cost, math.inf, each) for each in known]
        # a slope of 1 spends the budget on the whole size
        chords = Chords(at, _APART * sought, self._slack / size, _in_time, points)
        for least in self._more(chords, objective, bound):
            mix, bound = chords.least_within(self.most, max(bound, least), sought, most_points)
            if mix.value - bound <= sought:
                break
        found = [point.detail for point in chords.points]
        answer = self._mixed(found, mix)
        value = float(weights @ answer.counts)
        bound = min(bound, value)
        return End(answer, value, bound, (value - bound) / size, gap), found[len(known) :]

    def _more(self, chords: Chords[Known], objective: Objective, bound: float) -> Iterator[float]:
        """Yield lower bounds, each with more of the curve, up to an answer beyond the budget or least at any cost."""
        yield bound
        chords.climb(-1.0, bound, self.most, _STEEPEST[:1])
        yield bound
        end = least_at_any_cost(self._structure, objective)
        yield end
        chords.climb(-1.0, end, self.most, _STEEPEST[1:])
        yield end

    def _tied(self, weights: FloatArray, objective: Objective, optimal: Optimal) -> End:
        """Return the end over the answers of least cost."""
        found = optimal.least(objective)
        answer = self._known_at(found.flows if found.proven else self._answer.point)
        value = float(weights @ answer.counts)
        bound = min(max(found.bound, objective.alone(self._structure)[0]), value)
        gap = (value - bound) / objective.most_apart(self._structure)
        return End(answer, value, bound, gap, self.largest_gap)

    def _mixed(self, known: list[Known], mix: Mix) -> Known:
        """Return the answer that mixes two others, with flows where both have them."""
        low, high, part = known[mix.low], known[mix.high], mix.part
        if low is high:
            return low
        counts = (1 - part) * low.counts + part * high.counts
        flows = None
        if low.flows is not None and high.flows is not None:
            flows = mixed_flows(self._structure, low.flows, high.flows, part)
        return Known((1 - part) * low.cost + part * high.cost, counts, flows)

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
