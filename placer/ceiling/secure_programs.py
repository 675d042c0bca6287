"""The programs of the secure ceiling over some contingencies, solved and proven.

With U unserved demand, V stranded work over all contingencies, D displaced demand and E exports, in their order

    1.  U* = least U        2.  V* = least V        3.  D* = least D        4.  E* = most E

each over the optimal points of those before it. Rows are those of ``placer.security.program``. One program weighs all,

    least  P U + Q V + R D - E        at weights P > Q > R > 0

and proves E* at any weights if its point attains U*, V* and D*: no other point that attains them costs less. Bounds on
the three that take no recourse mostly do: U* is that of the ceiling without security, the D* of that ceiling is no more
than D*, and no less strands than for certain (``placer.security.alike``), which is a program over the placement alone.
Where the point attains them not, the programs are solved in turn, each over the optimal face of the one before.
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
    from placer.proof.certificate import Certificate
    from placer.security.program import SecureProgram
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)

#: A weight is at least this many times the one after it.
_AHEAD = 8.0


@dataclass(frozen=True, eq=False)
class Objectives:
    """The objectives of a secure program, as costs of its columns.

    Attributes
    ----------
    unserved, stranded, displaced, exported : (columns,) arrays
        The last one is minus the export.
    surely : (columns of the placement,) array
        What strands for certain over all contingencies, a part of ``stranded`` at any point.
    """

    unserved: FloatArray
    stranded: FloatArray
    displaced: FloatArray
    exported: FloatArray
    surely: FloatArray

    @property
    def in_turn(self) -> list[FloatArray]:
        """The objectives in their order, without those that are 0 everywhere."""
        several = (self.unserved, self.stranded, self.displaced, self.exported)
        return [cost for cost in several if cost is self.exported or cost.any()]

    @property
    def weights(self) -> tuple[float, float, float]:
        """Weights of an unserved and a stranded Mtok and of a displaced accelerator-hour, in exports."""
        unit = LEAST_PENALTY * (float(-self.exported.min(initial=0.0)) or 1.0)
        most = max(1.0, float(self.surely.max(initial=0.0)))
        dearest = float(self.displaced.max(initial=0.0)) or 1.0
        return _AHEAD**2 * most * unit, _AHEAD * unit, unit / dearest


def objectives_of(secure: SecureProgram, surely: FloatArray, left_out: FloatArray) -> Objectives:
    """Return the objectives of a secure program.

    Parameters
    ----------
    secure : SecureProgram
        Its structure counts as ``placer.ceiling.programs`` has it.
    surely, left_out : (arcs,) arrays
        What strands for certain of a unit, over all contingencies, and over those that are not part of the program.
    """
    whole, program = secure.whole, secure.extended
    arc, sent = whole.assignments.arc, program.col_blocks["x"]
    nothing = np.zeros(len(program.cost))
    unserved, stranded, counted = nothing.copy(), secure.stranding().cost, nothing.copy()
    unserved[program.col_blocks["u"]] = 1.0
    stranded[sent] = left_out[arc]
    counted[sent] = whole.arc_cost[arc]
    on_placement = np.zeros(len(secure.base.cost))
    on_placement[sent] = surely[arc]
    return Objectives(unserved, stranded, np.maximum(counted, 0.0), np.minimum(counted, 0.0), on_placement)


def solve_secure_export(
    secure: SecureProgram, costs: Objectives, programs: ExportPrograms, without: Extent, solver: Solver
) -> tuple[LPSolution, tuple[Certificate, ...]]:
    """Return the optimum of the four programs, with the certificates that prove it.

    Parameters
    ----------
    secure : SecureProgram
    costs : Objectives
    programs : ExportPrograms
        Of the ceiling; they state the sizes that tolerances are shares of.
    without : Extent
        Of the ceiling without security.
    solver : Solver

    Raises
    ------
    NoSolutionError
        If a program was not proven.
    """
    served, kept, work = costs.weights
    priced = served * costs.unserved + kept * costs.stranded + work * costs.displaced
    with phase(_log, "the most export at weights"):
        solution, weighed = solve_program(replace(secure.extended, cost=priced + costs.exported), solver)
    unserved, stranded, displaced = (
        float(cost @ solution.point) for cost in (costs.unserved, costs.stranded, costs.displaced)
    )
    before = [*without.certificates[:-1]]
    if unserved <= without.unserved_mtok + TOLERANCE * programs.demand and (
        displaced <= without.displaced_hours + TOLERANCE * programs.hours
    ):
        least = _least_for_certain(secure, costs, solver)
        if stranded <= least.objective + TOLERANCE * programs.demand:
            last = without_priced(weighed, float(priced @ solution.point), SMALL * programs.most or 1.0)
            return solution, (before[0], least, *before[1:], last)
    return _in_turn(secure.extended, costs, solver)


def _least_for_certain(secure: SecureProgram, costs: Objectives, solver: Solver) -> Certificate:
    """Return the certificate of the least work that strands for certain, by the rows of the placement alone."""
    part = len(secure.base.cost)
    face = replace(secure.base, cost=costs.unserved[:part])
    solution, certificate = solve_program(face, solver)
    face = optimal_face(face, solution, FACE_TOLERANCE)
    return solve_program(replace(face, cost=costs.surely), solver)[1] if costs.surely.any() else certificate


def _in_turn(face: LinearProgram, costs: Objectives, solver: Solver) -> tuple[LPSolution, tuple[Certificate, ...]]:
    """Solve the programs in turn, each over the optimal face of the one before."""
    certificates = []
    for cost in costs.in_turn:
        face = replace(face, cost=cost)
        solution, certificate = solve_program(face, solver)
        certificates.append(certificate)
        face = optimal_face(face, solution, FACE_TOLERANCE * float(np.abs(cost).max(initial=0.0)))
    return solution, tuple(certificates)
