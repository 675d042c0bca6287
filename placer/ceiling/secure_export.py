"""The most export of which the loss of any one thing strands the least, under the rule ``displaced``.

Programs, in turn, each over the optimal face of the one before:

    1.  least unserved demand       2.  least stranded work over all contingencies
    3.  least displaced demand      4.  most export

The rows are those of the placement and a block of recourse for each contingency (``placer.security.program``), over
demands that are alike, taken as one (``placer.security.alike``): nothing here costs by origin, so that few demands are
told apart. Contingencies enter by exact audit of the whole placement: those in which more strands than strands for
certain. What strands for certain in the others counts in program 2 by itself.

Every program is a relaxation for the contingencies left out. Where the audit finds none of them missing, its point
attains the figures of all four programs, and they are those of all contingencies.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from placer.ceiling.maximum import FACE_TOLERANCE
from placer.ceiling.programs import ExportPrograms
from placer.model.answer import answer_of
from placer.model.counts import net
from placer.model.expansion import expand
from placer.model.optimal_face import optimal_face
from placer.running import check_time, phase
from placer.security.alike import alike_in, certain_per_unit
from placer.security.coupling import merged_recourse
from placer.security.program import secure_program
from placer.security.replacement import TOLERANCE, least_stranded
from placer.security.secure import LARGE_FROM, check_explicit_size, explicit_columns
from placer.solvers.highs import HiGHS
from placer.solvers.whole_program import solve_program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.ceiling.result import ExportCeiling
    from placer.model.answer import Flows
    from placer.model.program import LPSolution, Solver
    from placer.proof.certificate import Certificate
    from placer.security.coupling import Recourse
    from placer.security.outages import Outage
    from placer.security.program import SecureProgram
    from placer.utils.arrays import BoolArray, FloatArray

_log = logging.getLogger(__name__)

#: Duals of contingencies up to this share of the largest are rounding.
_BINDS = 1e-7


@dataclass(frozen=True, eq=False)
class SecureExtent:
    """The optimum of the programs in turn.

    Attributes
    ----------
    exported : float
        In the unit of the weights.
    flows : Flows
    stranded : (contingencies,) array
        Mtok.
    binds : (contingencies,) bool array
        Whether the last program has a dual in them.
    certificates : tuple of Certificate
        Of all programs.
    """

    exported: float
    flows: Flows
    stranded: FloatArray
    binds: BoolArray
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True, eq=False)
class _Task:
    """What does not change from round to round.

    Attributes
    ----------
    programs : ExportPrograms
    outages : sequence of Outage
    share : (classes,) array
        The protected share.
    recourses : list of Recourse
        Of all contingencies, for the audits.
    certain : (contingencies, arcs) sparse array
        What strands for certain of a unit.
    solver : Solver or None
    """

    programs: ExportPrograms
    outages: Sequence[Outage]
    share: FloatArray
    recourses: list[Recourse]
    certain: csr_array
    solver: Solver | None

    def surely_stranded(self, flows: Flows) -> FloatArray:
        """Return what strands for certain of some flows (contingencies,)."""
        return np.asarray(self.certain[:, flows.arc] @ flows.amount)


def most_secure_export(
    ceiling: ExportCeiling, outages: Sequence[Outage], share: FloatArray, solver: Solver | None
) -> SecureExtent:
    """Return the optimum of the programs in turn.

    Parameters
    ----------
    ceiling : ExportCeiling
        Without security; its flows are audited first.
    outages : sequence of Outage
    share : (workloads,) array
        The protected share of every workload.
    solver : Solver or None
        Of the programs; if None, HiGHS by the simplex method, and by interior points from 50,000 columns on.

    Raises
    ------
    NoSolutionError
        If a program was not proven, or is too large for the memory that is free.
    """
    whole = ceiling.formulation.structure
    recourses = [merged_recourse(whole, outage, share) for outage in outages]
    certain = csr_array(np.array([certain_per_unit(each) for each in recourses]))
    programs = ExportPrograms.of(ceiling.formulation, net(ceiling.instance, ceiling.weights, ceiling.cut))
    task = _Task(programs, outages, share, recourses, certain, solver)
    extent = ceiling.extent
    surely = task.surely_stranded(extent.flows)
    found = SecureExtent(extent.exported, extent.flows, surely, np.zeros(len(outages), dtype=bool), extent.certificates)
    entered = _missing(task, found.flows, ())
    # What strands for certain depends on what is unserved alone, of which there may be a choice.
    unsolved = bool(entered) or (extent.unserved_mtok > 0 and bool(surely.any()))
    while unsolved:
        check_time("secure ceiling")
        with phase(_log, f"the secure ceiling of {len(entered)} contingencies"):
            found = _solved(task, entered)
        missing = _missing(task, found.flows, entered)
        entered, unsolved = [*entered, *missing], bool(missing)
    return found


def _missing(task: _Task, flows: Flows, entered: Sequence[int]) -> list[int]:
    """Audit contingencies that have not entered, and return those in which more strands than for certain."""
    whole, surely, missing = task.programs.structure, task.surely_stranded(flows), []
    protected = flows.amount * task.share[whole.arc_class[flows.arc]]
    left_out = [place for place in range(len(task.outages)) if place not in entered]
    with phase(_log, f"auditing {len(left_out)} contingencies"):
        for place in left_out:
            displaced = float(protected[task.outages[place].hit[flows.arc]].sum())
            if displaced - surely[place] > TOLERANCE * displaced:
                stranded = float(least_stranded(task.recourses[place], flows)[0].sum())
                if stranded - surely[place] > TOLERANCE * displaced:
                    missing.append(place)
    return missing


def _solved(task: _Task, entered: Sequence[int]) -> SecureExtent:
    """Solve the programs of the contingencies that entered."""
    programs = task.programs
    told_apart = [task.recourses[place] for place in entered]
    alike = alike_in(programs.structure, np.asarray(task.certain.sum(axis=0)), told_apart)
    recourses = [alike.recourse(task.outages[place], task.share) for place in entered]
    check_explicit_size(alike.structure, recourses)
    solver = task.solver or _by_size(explicit_columns(alike.structure, recourses))
    secure = secure_program(alike.structure, expand(alike.structure), recourses, 1.0)
    left_out = np.setdiff1d(np.arange(len(task.outages)), entered)
    surely = np.asarray(task.certain[left_out].sum(axis=0))
    solution, certificates = _in_turn(secure, surely[alike.arcs], solver)
    answer = alike.merged.spread(answer_of(alike.structure, secure.extended, solution))
    found = programs.extent(answer, certificates, ())
    stranded = task.surely_stranded(found.flows)
    stranded[list(entered)] = [float(each.sum()) for each in secure.stranded(solution.point)]
    binds = np.zeros(len(stranded), dtype=bool)
    binds[list(entered)] = _binding(secure, solution)
    return SecureExtent(found.exported, found.flows, stranded, binds, certificates)


def _by_size(columns: int) -> Solver:
    """Return HiGHS by the method that is faster."""
    return HiGHS("ipm") if columns >= LARGE_FROM else HiGHS()


def _in_turn(secure: SecureProgram, certain: FloatArray, solver: Solver) -> tuple[LPSolution, tuple[Certificate, ...]]:
    """Solve the programs in turn, each over the optimal face of the one before.

    Parameters
    ----------
    secure : SecureProgram
    certain : (arcs,) array
        What strands for certain of a unit in the contingencies that are not part of the program.
    solver : Solver
    """
    whole, face = secure.whole, secure.extended
    arc, sent = whole.assignments.arc, face.col_blocks["x"]
    nothing = np.zeros(len(face.cost))
    unserved, stranded, counted = nothing.copy(), secure.stranding().cost, nothing.copy()
    unserved[face.col_blocks["u"]] = 1.0
    stranded[sent] = certain[arc]
    counted[sent] = whole.arc_cost[arc]
    displaced, exported = np.maximum(counted, 0.0), np.minimum(counted, 0.0)
    certificates = []
    for cost in (unserved, stranded, displaced, exported) if displaced.any() else (unserved, stranded, exported):
        face = replace(face, cost=cost)
        solution, certificate = solve_program(face, solver)
        certificates.append(certificate)
        face = optimal_face(face, solution, FACE_TOLERANCE * float(np.abs(cost).max(initial=0.0)))
    return solution, tuple(certificates)


def _binding(secure: SecureProgram, solution: LPSolution) -> BoolArray:
    """Return which contingencies have a dual in the last program."""
    largest = [
        max(float(np.abs(part).max(initial=0.0)) for part in (duals.capacity, duals.intake, duals.balance, duals.link))
        for duals in secure.duals(solution.duals)
    ]
    return np.array(largest) > _BINDS * max([*largest, 0.0])
