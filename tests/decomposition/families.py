"""Families by hand, and bounds on them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from placer.decomposition.bound import Multiplied, bound_by_cuts
from placer.decomposition.cuts import PriceVector
from placer.decomposition.risk import NEUTRAL, CVaR
from placer.ladder.proven import solve_structure
from placer.solvers.highs import HiGHS


@dataclass
class ByHand:
    """Two candidates, at 3 and 10 a unit, of at most 5 and 4; a unit takes 1 and 2 of a limit of 8; one state."""

    cost: np.ndarray = field(default_factory=lambda: np.array([3.0, 10.0]))
    takes: np.ndarray = field(default_factory=lambda: np.array([[1.0, 2.0]]))
    amount: np.ndarray = field(default_factory=lambda: np.array([8.0]))
    most: np.ndarray = field(default_factory=lambda: np.array([5.0, 4.0]))
    weights: np.ndarray = field(default_factory=lambda: np.array([2.0]))
    risk: CVaR = NEUTRAL
    useful: np.ndarray = field(default_factory=lambda: np.array([5.0, 4.0]))
    has_no_maximum: np.ndarray = field(default_factory=lambda: np.array([False, False]))

    @property
    def groups(self):
        """All states in one year."""
        return (np.arange(len(self.weights)),)

    def build_cost(self, units):
        """Return the yearly cost of units."""
        return float(self.cost @ units)

    def total(self, units, costs):
        """Return the yearly cost."""
        return self.build_cost(units) + float(self.weights @ costs)


def bound_of(weight, rents, constant=(100.0, 40.0), slope=((6.0, 4.0), (2.0, 30.0)), member=(0, 0), **changes):
    """Return the bound of two cuts by hand."""
    problem, cuts = ByHand(**changes), len(weight)
    extra = np.zeros(len(problem.weights))
    multiplied = Multiplied(np.arange(cuts), np.array(member), np.array(weight), np.array(rents), extra)
    return problem, bound_by_cuts(problem, multiplied, np.array(constant), np.array(slope))


def vectors_of(problem, random):
    """Return the prices of each member at random units."""
    found = []
    for state in problem.states:
        answer, _ = solve_structure(state.at(random.uniform(0, 4, len(problem.cost))), HiGHS())
        found.append(PriceVector.of(answer.prices))
    return found
