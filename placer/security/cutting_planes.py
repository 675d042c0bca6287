"""Large secure programs by cuts: rows over the placement only replace the recourse of every contingency.

    minimise    cost of the placement + penalty of unserved demand + P sum_og v_og
    subject to  the program of the instance, the cuts found so far (``placer.security.rounds``)
                sum_i unserved_k u_i <= its value without security, in every block     if demand is unserved

If work strands, a second run of rounds has stranded work as its only cost, and always the rows that limit unserved
demand. It ends when its bound reaches the stranded work. This proves that no placement strands less. If the bound stays
below, P rises (``Unsecured.penalties``), as it does for the explicit program.

The first list holds assignments whose reduced cost without security is at most 2e-4 of the price of their demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from placer.errors import NoSolutionError
from placer.model.answer import answer_of, whole_solution
from placer.model.blocks import demand_blocks
from placer.model.program import LinearProgram, Solver
from placer.security.answer import SecureAnswer
from placer.security.bound import Contingent
from placer.security.coupling import RecourseStructure, without_costs
from placer.security.cuts import CostLimit
from placer.security.program import Unsecured, unserved_rows
from placer.security.rounds import Entered, SecureRounds, Solved
from placer.termination import Reason
from placer.utils.arrays import IntArray

#: The first list holds assignments whose reduced cost is at most this share of the price of their demand.
CHEAP = 2e-4


def solve_by_cuts(
    unsecured: Unsecured,
    base: LinearProgram,
    recourses: Sequence[RecourseStructure],
    solver: Solver,
    cheap: float = CHEAP,
) -> SecureAnswer:
    """Solve the secure program of all contingencies, and prove it.

    Parameters
    ----------
    base : LinearProgram
        The whole program of its structure.
    recourses : sequence of RecourseStructure
        Of all contingencies.

    Raises
    ------
    NoSolutionError
        If no answer was proven within the rounds.
    """
    structure = unsecured.structure
    nothing = np.zeros(len(structure.arc_class))
    entered = [Entered(place, each, nothing) for place, each in enumerate(recourses)]
    rounds = SecureRounds(structure, base, entered, _cheap(unsecured, base, cheap), solver)
    rounds.cut_off(unsecured.answer.point, np.zeros((len(entered), rounds.groups)))
    own = rounds.columns - len(base.cost)
    limits = _unserved_limits(unsecured, base, rounds.columns)
    for limit in limits:
        rounds.limit(limit)
    least = 0.0
    for penalty in unsecured.penalties:
        found = rounds.solve(np.append(base.cost, np.full(own, penalty)))
        stranded = float(rounds.beyond(found.solution).sum())
        if stranded > rounds.rounding and not least:
            # Without the rows, nothing strands where all demand is unserved. HiGHS goes on with the rows that it has.
            for limit in limits:
                rounds.limit(replace(limit, enters_above=-np.inf))
            stranding = np.append(np.zeros(len(base.cost)), np.ones(own))
            least = rounds.solve(stranding, stranded - rounds.rounding).certificate.bound
        if stranded <= least + rounds.rounding:
            return _answer(unsecured, rounds, found, penalty)
    raise NoSolutionError(Reason.FAILED, f"{stranded:.6g} Mtok strand, more than need to ({least:.6g})")


def _unserved_limits(unsecured: Unsecured, base: LinearProgram, columns: int) -> list[CostLimit]:
    """Return the row of each block that limits its unserved demand, over all columns."""
    structure, part, usd = unsecured.structure, base.col_blocks["u"], unsecured.unserved_usd
    block, found = demand_blocks(structure), []
    for number, (name, most) in enumerate(zip(unserved_rows(len(usd)), unsecured.most_unserved_usd, strict=True)):
        cost = np.zeros(columns)
        cost[part] = np.where(block == number, base.cost[part], 0.0)
        # Without unserved demand, the row enters once it would be exceeded.
        found.append(CostLimit(name, cost, float(usd[number]), -np.inf if usd[number] else float(most)))
    return found


def _cheap(unsecured: Unsecured, base: LinearProgram, cheap: float) -> IntArray:
    """Return all assignments but those with a high reduced cost at the duals without security."""
    structure = unsecured.structure
    solution = whole_solution(structure, base, unsecured.answer)
    part = base.col_blocks["x"]
    reduced = (base.cost - base.matrix.T @ solution.duals)[part]
    price = np.abs(unsecured.answer.prices.demand)[structure.assignments.demand]
    return np.flatnonzero((reduced <= cheap * price) | (solution.point[part] > 0))


def _answer(unsecured: Unsecured, rounds: SecureRounds, found: Solved, penalty: float) -> SecureAnswer:
    """Return the answer; the prices of a contingency are the sums of those of its cuts."""
    contingents = []
    for each, duals in zip(rounds.entered, rounds.duals(found), strict=True):
        contingents.append(Contingent(each.recourse, without_costs(each.recourse.free, penalty), duals))
    usd = unsecured.unserved_usd
    held = dict(zip(found.extended.extension.rows.names, found.rents().tolist(), strict=True))
    rents = np.array([held.get(name, 0.0) for name in unserved_rows(len(usd))])
    return SecureAnswer(
        contingents=tuple(contingents),
        stranded=tuple(rounds.beyond(found.solution).sum(axis=1).tolist()),
        penalty=penalty,
        unserved_rent=rents[demand_blocks(unsecured.structure)],
        unserved_rent_usd=float(rents @ usd),
        extended=found.extended,
        answer=answer_of(unsecured.structure, found.extended.program, found.solution),
        certificate=found.certificate,
    )
