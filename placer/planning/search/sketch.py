"""A sketch of a planning problem: a few states with a sample of their demand, as one linear program.

The sketch keeps a few demands of each class in each period: a systematic sample, spread evenly over the amount, whose
first position differs from period to period. The sampled demands share the total amount of their class and period, so
that totals do not change. Arcs, limits and costs do not change either. The optimum of this small extensive form
(``placer.planning.search.extensive``) is near that of the whole problem, and its prices make cuts for every state,
like all prices. A search that starts from them skips trial plans far from the optimum, whose states take longest to
solve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from placer.decomposition.price_pool import PricePool
from placer.model.parts import part_of
from placer.model.structure import Structure
from placer.planning.question.plan_program import PlanProgram
from placer.planning.search.extensive import ExtensivePlan, solve_extensive
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class SketchParameters:
    """Parameters of a sketch.

    Attributes
    ----------
    kept : int
        Maximum number of demands of a class in a period.
    least_wait : int
        Number of periods that work may wait in any case.
    most_state_columns : int
        Columns of a state up to which work may wait longer: long waits can be most of the columns of a sketch.
    most_columns : int
        Maximum number of columns of all states together, unless one state has more.
    most_waiting_columns : int
        The same where work may wait longer: each state then stands well for others, and takes longer to solve.

    Notes
    -----
    The time of ``benchmarks.tuning`` changes by less than 5 % for ``kept`` 3 to 12. Its work does not change for
    ``least_wait`` 0 to 4, ``most_state_columns`` 5000 to 20000, ``most_columns`` 125000 to 2000000 and
    ``most_waiting_columns`` 20000 to 320000.
    """

    kept: int = 3
    least_wait: int = 1
    most_state_columns: int = 20_000
    most_columns: int = 500_000
    most_waiting_columns: int = 80_000


DEFAULT = SketchParameters()

#: The golden ratio: its multiples, as first positions, spread evenly.
_GOLDEN = 0.6180339887498949


def solve_sketch(problem: PlanProgram, parameters: SketchParameters = DEFAULT) -> ExtensivePlan:
    """Return the optimum of a sketch: units and price vectors to start from.

    Parameters
    ----------
    problem : PlanProgram
        Without whole units; the sketch ignores its risk.

    Raises
    ------
    NoSolutionError
        If no answer is proven within the time limit.
    """
    wait = _wait(problem.states[0].structure, parameters)
    columns = _columns(thinned(problem.states[0].structure, parameters.kept, wait))
    most = parameters.most_columns if wait == parameters.least_wait else parameters.most_waiting_columns
    count = min(max(most // max(columns, 1), 1), len(problem.states))
    _, few = some_states(problem, count, PricePool(problem.states).least(problem.most))
    thin = [replace(each.formulation, structure=thinned(each.structure, parameters.kept, wait)) for each in few.states]
    states = tuple(replace(each, formulation=formulation) for each, formulation in zip(few.states, thin, strict=True))
    found = solve_extensive(replace(few, states=states))
    return replace(found, units=problem.shared_out(found.units, few)) if len(problem.allotments) else found


def _wait(structure: Structure, parameters: SketchParameters) -> int:
    """Return the most periods that work may wait at which a state has few columns."""
    least = parameters.least_wait
    for wait in range(int(structure.window.max(initial=0)), least, -1):
        if _columns(thinned(structure, parameters.kept, wait)) <= parameters.most_state_columns:
            return wait
    return least


def thinned(structure: Structure, kept: int, wait: int) -> Structure:
    """Return a structure with a sample of its demands, and waits of at most some periods."""
    group = structure.demand_class * structure.periods + structure.demand_period
    chosen, amount = _sample(group, structure.demand_amount, kept)
    return part_of(structure, demands=chosen, demand_amount=amount, window=np.minimum(structure.window, wait))


def _sample(group: IntArray, amount: FloatArray, kept: int) -> tuple[IntArray, FloatArray]:
    """Return positions and amounts of a systematic sample that keeps the sum of every group."""
    sampled = np.zeros(len(amount))
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    for place, members in enumerate(np.split(order, starts[1:])):
        if len(members) <= kept:
            sampled[members] = amount[members]
            continue
        total = float(amount[members].sum())
        points = (np.arange(kept) + place * _GOLDEN % 1) / kept * total
        found = np.searchsorted(np.cumsum(amount[members]), points, side="right")
        np.add.at(sampled, members[np.minimum(found, len(members) - 1)], total / kept)
    chosen = np.flatnonzero(sampled)
    return chosen, sampled[chosen]


def _columns(structure: Structure) -> int:
    """Return the number of columns of a structure: assignments, queue flows and tiers."""
    return structure.assignment_count + len(structure.queue_flows.klass) + structure.tier_cost.size


def some_states(problem: PlanProgram, count: int, costs: FloatArray) -> tuple[IntArray, PlanProgram]:
    """Return a few states that stand for all, and the problem over them.

    The states in order of cost are divided into parts, and the middle state of each part has the weight of the part.
    The parts have about equal mass. Half of the mass of a state is its weight, and half is its weighted cost above the
    cheapest state: a rare state with much unserved demand decides the builds, and is a part of its own.

    Parameters
    ----------
    count : int
        Number of parts; some parts may have no middle state.
    costs : (states,) array
        The known costs or bounds on them; a state without a bound (-inf) counts as one of the cheapest.

    Returns
    -------
    numbers, part : (chosen,) int array, PlanProgram
        Positions of the chosen states, and the problem over them, without risk.
    """
    weight = problem.weights
    if not weight.any():
        return np.arange(len(weight)), problem
    cheapest = costs[np.isfinite(costs) & (weight > 0)].min(initial=np.inf)
    above = weight * np.where(costs > cheapest, costs - cheapest, 0.0)
    mass = weight / weight.sum() + above / (above.sum() or 1.0)
    order = np.argsort(costs, kind="stable")
    middle = np.cumsum(mass[order]) - mass[order] / 2
    part = np.minimum((middle / mass.sum() * count).astype(int), count - 1)
    chosen, weights = [], []
    for each in range(count):
        members = order[part == each]
        if len(members) and weight[members].any():
            chosen.append(int(members[weight[members] > 0][(weight[members] > 0).sum() // 2]))
            weights.append(float(weight[members].sum()))
    return np.array(chosen), problem.of_some_states(chosen, weights)
