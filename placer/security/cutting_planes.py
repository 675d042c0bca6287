"""Large secure programs by cuts: rows over the placement only replace the recourse of every contingency.

    minimise    cost of the placement + penalty of unserved demand + P sum_og v_og
    subject to  the program of the instance, the cuts found so far (``placer.security.rounds``)
                sum_i unserved_k u_i <= its value without security        if demand is unserved

If work strands, a second run of rounds has stranded work as its only cost, and always the row that limits unserved
demand. It ends when its bound reaches the stranded work. This proves that no placement strands less. If the bound stays
below, P rises (``placer.security.replacement.PENALTIES``), as it does for the explicit program.

The first list holds assignments whose reduced cost without security is at most 2e-4 of the price of their demand.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import NoSolutionError
from placer.model.answer import answer_of, whole_solution
from placer.security.answer import SecureAnswer
from placer.security.bound import Contingent
from placer.security.coupling import without_costs
from placer.security.cuts import CostLimit
from placer.security.program import UNSERVED_ROW, most_unserved_usd
from placer.security.replacement import PENALTIES, penalty_usd
from placer.security.rounds import Entered, RoundsParameters, SecureRounds
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.model.program import LinearProgram, Solver
    from placer.placement.result import Placement
    from placer.security.coupling import RecourseStructure
    from placer.security.rounds import Solved
    from placer.utils.arrays import IntArray

#: The default of the rounds.
ROUNDS = RoundsParameters()
#: The first list holds assignments whose reduced cost is at most this share of the price of their demand.
CHEAP = 2e-4


def solve_by_cuts(
    placement: Placement,
    base: LinearProgram,
    recourses: Sequence[RecourseStructure],
    solver: Solver,
    parameters: RoundsParameters = ROUNDS,
    cheap: float = CHEAP,
) -> SecureAnswer:
    """Solve the secure program of all contingencies, and prove it.

    Parameters
    ----------
    placement : Placement
        Without security.
    base : LinearProgram
        The whole program of its structure.
    recourses : sequence of RecourseStructure
        Of all contingencies.
    solver : Solver
    parameters : RoundsParameters, optional
    cheap : float, optional

    Raises
    ------
    NoSolutionError
        If no answer was proven within the rounds.
    """
    structure, usd = placement.formulation.structure, placement.penalty_usd
    nothing = np.zeros(len(structure.arc_class))
    entered = [Entered(place, each, nothing) for place, each in enumerate(recourses)]
    rounds = SecureRounds(structure, base, entered, _cheap(placement, base, cheap), solver, parameters)
    rounds.cut_off(placement.answer.point, np.zeros((len(entered), rounds.groups)))
    own = rounds.columns - len(base.cost)
    unserved = np.zeros(rounds.columns)
    unserved[base.col_blocks["u"]] = base.cost[base.col_blocks["u"]]
    # Without unserved demand, the row enters once it would be exceeded.
    limit = CostLimit(UNSERVED_ROW, unserved, usd, -np.inf if usd else most_unserved_usd(placement))
    rounds.limit(limit)
    first, least = penalty_usd(structure), 0.0
    for factor in PENALTIES:
        found = rounds.solve(np.append(base.cost, np.full(own, first * factor)))
        stranded = float(rounds.beyond(found.solution).sum())
        if stranded > rounds.rounding and not least:
            # Without the row, nothing strands where all demand is unserved. HiGHS goes on with the rows that it has.
            rounds.limit(replace(limit, enters_above=-np.inf))
            stranding = np.append(np.zeros(len(base.cost)), np.ones(own))
            least = rounds.solve(stranding, stranded - rounds.rounding).certificate.bound
        if stranded <= least + rounds.rounding:
            return _answer(placement, rounds, found, first * factor)
    raise NoSolutionError(Reason.FAILED, f"{stranded:.6g} Mtok strand, more than need to ({least:.6g})")


def _cheap(placement: Placement, base: LinearProgram, cheap: float) -> IntArray:
    """Return all assignments but those with a high reduced cost at the duals without security."""
    structure = placement.formulation.structure
    solution = whole_solution(structure, base, placement.answer)
    part = base.col_blocks["x"]
    reduced = (base.cost - base.matrix.T @ solution.duals)[part]
    price = np.abs(placement.answer.prices.demand)[structure.assignments.demand]
    return np.flatnonzero((reduced <= cheap * price) | (solution.point[part] > 0))


def _answer(placement: Placement, rounds: SecureRounds, found: Solved, penalty: float) -> SecureAnswer:
    """Return the answer; the prices of a contingency are the sums of those of its cuts."""
    contingents = []
    for each, duals in zip(rounds.entered, rounds.duals(found), strict=True):
        contingents.append(Contingent(each.recourse, without_costs(each.recourse.free, penalty), duals))
    limited = UNSERVED_ROW in found.extended.extension.rows.names
    return SecureAnswer(
        contingents=tuple(contingents),
        stranded=tuple(rounds.beyond(found.solution).sum(axis=1).tolist()),
        penalty=penalty,
        most_unserved_usd=placement.penalty_usd if limited else np.inf,
        unserved_rent=float(found.rents()[-1]) if limited else 0.0,
        extended=found.extended,
        answer=answer_of(placement.formulation.structure, found.extended.program, found.solution),
        certificate=found.certificate,
    )
