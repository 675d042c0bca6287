"""The programs of the secure ceiling over some contingencies, solved and proven.

With U unserved demand, V stranded work over all contingencies, D displaced demand and E exports, in their order

    1.  U* = least U        2.  V* = least V        3.  D* = least D        4.  E* = most E

each over the optimal points of those before it. Rows are those of ``placer.security.program``. One program weights all
objectives,

    least  P U + Q V + R D - E        at weights P > Q > R > 0,   over points with D = 0 if D is 0 without security

and proves E* at any weights if its point attains U*, V* and D*: no other point that attains them costs less. Bounds
show that the point attains them:

    U*      is that of the ceiling without security
    D*      is no less than that of the ceiling without security, nor than 0
    V* >=   sum c_i amount_i - most sum c_i u_i    over 0 <= u_i <= amount_i with sum u_i = U*

with c_i the part of a unit of demand i that strands for certain over all contingencies (``placer.security.alike``). The
maximum takes the largest c_i first. If more work strands than that, a program with the objective P U + Q V bounds V*.
If the point does not attain these bounds, the program is solved at a larger P: a unit of demand can take the room of
several units of lighter workloads, so that Q alone may pay for leaving it unserved. If no P suffices, the programs are
solved in turn, each over the optimal face of the one before.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.maximum import FACE_TOLERANCE
from placer.ceiling.programs import SMALL, TOLERANCE, without_priced
from placer.ceiling.walk.answer import LEAST_PENALTY
from placer.model.optimal_face import optimal_face
from placer.running import phase
from placer.solvers.whole_program import solve_program

if TYPE_CHECKING:
    from placer.ceiling.programs import ExportPrograms, Extent
    from placer.model.program import LinearProgram, LPSolution, Solver
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.security.program import SecureProgram
    from placer.utils.arrays import BoolArray, FloatArray

_log = logging.getLogger(__name__)

#: The weight of stranded work is at least this many times that of displaced demand.
_AHEAD = 8.0
#: The weight of unserved demand is as many times that of stranded work, tried in this order. Larger ones cost digits.
_UNSERVED_AHEAD = (8.0, 64.0)


@dataclass(frozen=True, eq=False)
class Objectives:
    """The objectives of a secure program, as costs of its columns.

    Attributes
    ----------
    unserved, stranded, displaced, exported : (columns,) arrays
        The last one is minus the export.
    certain : (demands,) array
        ``c_i``, the least over the arcs of the demand.
    """

    unserved: FloatArray
    stranded: FloatArray
    displaced: FloatArray
    exported: FloatArray
    certain: FloatArray

    @property
    def in_turn(self) -> list[FloatArray]:
        """The objectives in their order, without those that are 0 everywhere."""
        several = (self.unserved, self.stranded, self.displaced, self.exported)
        return [cost for cost in several if cost is self.exported or cost.any()]

    def weights(self, ahead: float) -> tuple[float, float, float]:
        """Return the weights of an unserved and a stranded Mtok and of a displaced accelerator-hour, in exports.

        Parameters
        ----------
        ahead : float
            How many times the weight of unserved demand is that of stranded work, at least.
        """
        unit = LEAST_PENALTY * (float(-self.exported.min(initial=0.0)) or 1.0)
        most = max(1.0, float(self.certain.max(initial=0.0)))
        dearest = float(self.displaced.max(initial=0.0)) or 1.0
        return ahead * _AHEAD * most * unit, _AHEAD * unit, unit / dearest


@dataclass(frozen=True)
class Weighted:
    """The program at weights.

    Attributes
    ----------
    unserved, stranded, displaced : float
        The weights ``P``, ``Q`` and ``R``.
    none_displaced : bool
        Whether it is over points without displaced demand.
    objective, exported : float
        At its point.
    """

    unserved: float
    stranded: float
    displaced: float
    none_displaced: bool
    objective: float
    exported: float


@dataclass(frozen=True, eq=False)
class SecureOptimum:
    """The optimum of the four programs.

    Attributes
    ----------
    solution : LPSolution
    certificates : tuple of Certificate
        That prove it.
    weighted : Weighted or None
        The program that was solved; None if four were, in turn.
    """

    solution: LPSolution
    certificates: tuple[Certificate, ...]
    weighted: Weighted | None


def objectives_of(secure: SecureProgram, surely: FloatArray, left_out: FloatArray) -> Objectives:
    """Return the objectives of a secure program.

    Parameters
    ----------
    secure : SecureProgram
        Its structure has the weights of ``placer.ceiling.programs``.
    surely, left_out : (arcs,) arrays
        Parts of a unit that strand for certain, over all contingencies, and over those outside the program.
    """
    whole, program = secure.whole, secure.extended
    arc, sent = whole.assignments.arc, program.col_blocks["x"]
    nothing = np.zeros(len(program.cost))
    unserved, stranded, counted = nothing.copy(), secure.stranding().cost, nothing.copy()
    unserved[program.col_blocks["u"]] = 1.0
    stranded[sent] = left_out[arc]
    counted[sent] = whole.arc_cost[arc]
    certain = np.full(len(whole.demand_amount), np.inf)
    np.minimum.at(certain, whole.assignments.demand, surely[arc])
    certain[np.isinf(certain)] = 0.0
    return Objectives(unserved, stranded, np.maximum(counted, 0.0), np.minimum(counted, 0.0), certain)


def solve_secure_export(
    secure: SecureProgram, costs: Objectives, programs: ExportPrograms, without: Extent, solver: Solver
) -> SecureOptimum:
    """Return the optimum of the four programs, with the certificates that prove it.

    Parameters
    ----------
    secure : SecureProgram
    costs : Objectives
    programs : ExportPrograms
        Of the ceiling; tolerances are shares of these sizes.
    without : Extent
        Of the ceiling without security.
    solver : Solver

    Raises
    ------
    NoSolutionError
        If a program was not proven.
    """
    spare = without.unserved_mtok - float(secure.whole.demand_amount[_nowhere(secure.whole)].sum())
    # If demand that an arc serves stays unserved, it is open which, and the smaller weight seldom does.
    tried = _UNSERVED_AHEAD if spare <= TOLERANCE * programs.demand else _UNSERVED_AHEAD[-1:]
    for ahead in tried:
        found = _at_weights(secure, costs, programs, without, costs.weights(ahead), solver)
        if found is not None:
            return found
    return _in_turn(secure.extended, costs, solver)


def _at_weights(
    secure: SecureProgram,
    costs: Objectives,
    programs: ExportPrograms,
    without: Extent,
    weights: tuple[float, float, float],
    solver: Solver,
) -> SecureOptimum | None:
    """Return the optimum of the program at weights; None if its point does not attain the bounds."""
    served, kept, work = weights
    priced = served * costs.unserved + kept * costs.stranded + work * costs.displaced
    whole = replace(secure.extended, cost=priced + costs.exported)
    with phase(_log, "the most export at weights"):
        solution, weighed = solve_program(whole if without.displaced_hours else _none_displaced(whole, costs), solver)
    unserved, stranded, displaced = (
        float(cost @ solution.point) for cost in (costs.unserved, costs.stranded, costs.displaced)
    )
    slack = TOLERANCE * programs.demand
    if unserved <= without.unserved_mtok + slack and (
        displaced <= without.displaced_hours + TOLERANCE * programs.hours
    ):
        second = _least_stranded(secure, costs, programs, without, (stranded, served / kept), solver)
        if stranded <= second.bound + slack:
            first, *third = without.certificates[:-1]
            last = without_priced(weighed, float(priced @ solution.point), SMALL * programs.most or 1.0)
            exported = -float(costs.exported @ solution.point)
            of_point = weighed.objective, exported
            weighted = Weighted(served, kept, work, not without.displaced_hours, *of_point)
            return SecureOptimum(solution, (first, second, *third, last), weighted)
    return None


def _none_displaced(program: LinearProgram, costs: Objectives) -> LinearProgram:
    """Return the program without the assignments that displace."""
    return replace(program, col_upper=np.where(costs.displaced > 0, program.col_lower, program.col_upper))


def _least_stranded(
    secure: SecureProgram,
    costs: Objectives,
    programs: ExportPrograms,
    without: Extent,
    of_point: tuple[float, float],
    solver: Solver,
) -> Certificate:
    """Certify the least stranded work: by the work that strands for certain if no more strands, else by a program.

    ``of_point`` is the stranded work of the point, and the weight of unserved beside stranded work.
    """
    stranded, served = of_point
    size = SMALL * programs.demand
    least = certain_at_least(secure.whole, costs.certain, without.unserved_mtok)
    if stranded <= least + TOLERANCE * programs.demand:
        gap = (stranded - least) / max(stranded, size)
        return replace(without.certificates[0], objective=stranded, bound=least, gap=gap, serving_gap=gap)
    program = replace(secure.extended, cost=served * costs.unserved + costs.stranded)
    with phase(_log, "the least stranded work"):
        _, certificate = solve_program(program, solver)
    return without_priced(certificate, served * without.unserved_mtok, size)


def certain_at_least(whole: Structure, certain: FloatArray, unserved_mtok: float) -> float:
    """Return the least work that strands for certain over all choices of unserved demand.

    Parameters
    ----------
    whole : Structure
    certain : (demands,) array
        Part of a served unit that strands for certain.
    unserved_mtok : float
        The least total of unserved demand.
    """
    amount, nowhere = whole.demand_amount, _nowhere(whole)
    choice = max(unserved_mtok - float(amount[nowhere].sum()), 0.0)
    order = np.argsort(-certain, kind="stable")
    order = order[~nowhere[order]]
    before = np.cumsum(amount[order]) - amount[order]
    spared = np.clip(choice - before, 0.0, amount[order])
    return float(certain[order] @ (amount[order] - spared))


def _nowhere(whole: Structure) -> BoolArray:
    """Return which demands no arc serves."""
    return np.asarray(np.diff(whole.assignment_starts) == 0)


def _in_turn(face: LinearProgram, costs: Objectives, solver: Solver) -> SecureOptimum:
    """Solve the programs in turn, each over the optimal face of the one before."""
    certificates = []
    for cost in costs.in_turn:
        face = replace(face, cost=cost)
        solution, certificate = solve_program(face, solver)
        certificates.append(certificate)
        face = optimal_face(face, solution, FACE_TOLERANCE * float(np.abs(cost).max(initial=0.0)))
    return SecureOptimum(solution, tuple(certificates), None)
