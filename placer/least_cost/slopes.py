"""Answers of least ``cost - slope * w`` for a second objective ``w``, one slope after the other.

Each slope is solved and proven: it gives an answer on the curve of least cost over ``w``, and a line below the curve
(``placer.utils.chords``). A slope of a large program starts from prices interpolated between the next slopes below and
above, with the columns of their answers. These columns hold two feasible answers close to the optimal one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placer.column_generation.seed import columns_of
from placer.column_generation.solver import GAP, WIDEST_GAP, ColumnGeneration
from placer.column_generation.start import Start
from placer.column_generation.warm_start import best_start, interpolate, record_prices
from placer.ladder.proven import default_solver, proving, solve_structure
from placer.least_cost.second_objective import Objective
from placer.model.aggregation import merge
from placer.model.answer import Answer, Flows
from placer.model.caps import OWN_CAPS
from placer.model.loads import cost_of
from placer.model.parts import part_of
from placer.model.structure import Structure
from placer.utils.convex_curve import Tangent

#: Prices are interpolated up to a slope this many times as steep; a path from zero prices takes less time beyond.
_FAR = 10.0


class Slopes:
    """Solves for ``least cost - slope * w``, each slope from the prices and answers of its neighbours.

    Parameters
    ----------
    answer : Answer
        Of least cost, proven.
    objective : Objective
        ``w``.
    gap : float
        Relative gap of a large program.

    Attributes
    ----------
    large : bool
        Whether columns are generated.
    """

    def __init__(self, structure: Structure, answer: Answer, objective: Objective, gap: float) -> None:
        self._structure, self._objective = structure, objective
        self.large = is_large(structure)
        self._known = {0.0: (record_prices(structure, answer.prices), answer.point)}
        self._solver = ColumnGeneration(gap=min(max(gap, GAP), WIDEST_GAP))

    def at(self, slope: float) -> Tangent[Flows]:
        """Return a proven answer of least ``cost - slope * w``, and the line of its bound."""
        priced = priced_at(self._structure, self._objective, slope)
        if self.large:
            answer, certificate = solve_structure(priced, self._solver, self._start(priced, slope))
            self._known[slope] = record_prices(priced, answer.prices), answer.point
        else:
            answer, certificate = solve_structure(priced, default_solver(priced))
        return touch_of(self._structure, self._objective, slope, answer.point, certificate.bound)

    def _start(self, structure: Structure, slope: float) -> Start | None:
        """Return prices interpolated between the next slopes below and above, with their columns; None at an end."""
        below = max((each for each in self._known if each <= slope), default=None)
        above = min((each for each in self._known if each >= slope), default=None)
        if below is None or above is None or max(-below, above) > _FAR * abs(slope):
            return None
        (low, least), (high, most) = self._known[below], self._known[above]
        part = (slope - below) / (above - below) if above > below else 0.0
        start = best_start(structure, [interpolate(low, high, part)])
        if start is None:
            return None
        return replace(start, columns=tuple(columns_of(structure, start.market, flows) for flows in (least, most)))


def priced_at(structure: Structure, objective: Objective, slope: float) -> Structure:
    """Return the structure whose arcs cost ``slope`` less for each unit of the objective.

    The value of an unserved unit counts against the arcs, so that penalties stay as they are.
    """
    return replace(structure, arc_cost=structure.arc_cost - slope * (objective.arc - objective.unserved))


def touch_of(structure: Structure, objective: Objective, slope: float, flows: Flows, bound: float) -> Tangent[Flows]:
    """Return the point of some flows, and the line of a bound that was proven for the structure ``priced_at``."""
    value, cost = objective.of(flows), cost_of(structure, flows)
    always = slope * objective.unserved * structure.total_demand
    return Tangent(value, cost, slope, flows, below=cost - slope * value - bound + always)


def is_large(structure: Structure) -> bool:
    """Return whether columns are generated for a structure."""
    return not proving(default_solver(structure)).is_whole


def has_own_limits(structure: Structure) -> bool:
    """Return whether a structure has limits of one's own, which may ask for some service."""
    return bool(np.isfinite(structure.cap_limit[OWN_CAPS:]).any())


def least_at_any_cost(structure: Structure, objective: Objective) -> float:
    """Return a proven lower bound on an objective over all answers, whatever they cost.

    Where cost does not count, demands of many hubs are alike, and what counts no less than unserved demand may be left
    unserved, unless limits of one's own ask for it. What a unit counts is shifted so that an unserved one costs more
    than nothing, as column generation needs it to.
    """
    least = min(float(objective.arc.min(initial=objective.unserved)), objective.unserved)
    is_asked = has_own_limits(structure)
    if objective.unserved == least:
        if not (objective.range and is_asked):  # all demand may be left unserved
            return least * structure.total_demand
        least -= objective.range
    free = {name: np.zeros_like(getattr(structure, name)) for name in ("work_cost", "tier_cost")}
    unserved = np.full_like(structure.unserved_cost, objective.unserved - least)
    at_any_cost = replace(structure, **free, arc_cost=objective.arc - least, unserved_cost=unserved)
    alone = merge(part_of(at_any_cost, arcs=(objective.arc < objective.unserved) | is_asked)).structure
    return solve_structure(alone, default_solver(alone))[1].bound + least * structure.total_demand
