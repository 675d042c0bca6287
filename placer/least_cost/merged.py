"""Answers of about the least ``cost - slope * w``, from a program in which nearly alike demands are one.

The merged program (``placer.model.aggregation.merge_near``) is small, and only costs change from one slope and one
objective to the next: each goes on from the last basis. Its flows are split among the demands, and its prices bound the
whole, so that each touch is a feasible answer of the whole with a proven line below the curve, which lies a little
lower than that of ``placer.least_cost.slopes``.
"""

from __future__ import annotations

from placer.errors import NoSolutionError
from placer.ladder.proven import solve_structure
from placer.least_cost.second_objective import Objective
from placer.least_cost.slopes import is_large, priced_at, touch_of
from placer.model.aggregation import merge_near, near_pairs
from placer.model.answer import Answer, Flows
from placer.model.structure import Structure
from placer.proof.answer_certificate import cost_interval
from placer.solvers.simplex import Basis
from placer.solvers.started import StartedHiGHS
from placer.termination import Reason
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.convex_curve import Tangent

#: Largest differences between costs of merged demands that are tried in turn, as parts of the slack of a unit.
_APART = (1.0, 3.0, 10.0)


class MergedSlopes:
    """Solves for about the least ``cost - slope * w``, for one objective after the other.

    Parameters
    ----------
    leader : (classes * origins,) int array
        The pair that stands for each pair, as ``near_pairs`` returns them.
    """

    def __init__(self, structure: Structure, leader: IntArray) -> None:
        self._structure, self._leader = structure, leader
        self._basis: Basis | None = None

    def at(self, objective: Objective, slope: float) -> Tangent[Flows]:
        """Return a feasible answer of about the least ``cost - slope * w``, and the line of a proven bound.

        Where the merged program has no answer, or one that breaks a limit of the whole, the whole is solved.
        """
        priced = priced_at(self._structure, objective, slope)
        spread = self._spread(priced)
        proven = None if spread is None else cost_interval(priced, spread)
        if spread is None or proven is None:
            answer, certificate = solve_structure(priced)
            return touch_of(self._structure, objective, slope, answer.point, certificate.bound)
        return touch_of(self._structure, objective, slope, spread.point, proven.bound)

    def _spread(self, priced: Structure) -> Answer | None:
        """Return the answer of the merged program at some costs, split among the demands; None without one."""
        merged, solver = merge_near(priced, self._leader), StartedHiGHS(self._basis)
        try:
            answer, _ = solve_structure(merged.structure, solver)
        except NoSolutionError as stopped:
            if stopped.reason is not Reason.FAILED:
                raise
            return None
        self._basis = solver.end
        return merged.spread(answer)


def merged_slopes(structure: Structure, slack: float, marks: FloatArray) -> MergedSlopes | None:
    """Return the slopes of a large structure with demands merged; None if it is small, or large however it is merged.

    Parameters
    ----------
    slack : float
        Cost of an answer beyond the least that leaves it of use.
    marks : (arcs, marks) array
        As of ``near_pairs``.
    """
    if not is_large(structure):
        return None
    for part in _APART:
        leader = near_pairs(structure, part * slack / structure.total_demand, marks)
        if not is_large(merge_near(structure, leader).structure):
            return MergedSlopes(structure, leader)
    return None
