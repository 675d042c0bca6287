"""Place demand so that the loss of any one thing strands as little as can be, then at least cost.

Order: unserved demand costs no more than without security, then least stranded work over all contingencies, then least
cost. Contingencies enter by exact audit: none at first; all are audited, and those in which work strands are added to
the program; again until no other one strands any. The program of some contingencies is a relaxation of that of all, and
its answer strands nothing in those left out. So the answer is optimal for all.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import InstanceError, NoSolutionError, SolverError, Violation
from placer.extended.placement import Extended
from placer.model.answer import answer_of, read_duals
from placer.running import phase
from placer.security.bound import Contingent, secure_bound
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import merged_recourse, recourse_for
from placer.security.outages import outage_of
from placer.security.placement import SecurePlacement
from placer.security.program import secure_program
from placer.security.replacement import TOLERANCE, least_stranded, penalty_usd
from placer.solvers.highs import HiGHS
from placer.solvers.memory import MEASURED, check_memory, whole_program
from placer.solvers.proven import StructureSolver
from placer.solvers.whole_program import solve_program
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.model.answer import Answer, Flows
    from placer.model.program import LinearProgram, LPSolution, Solver
    from placer.model.structure import Structure
    from placer.placement.result import Placement
    from placer.proof.certificate import Certificate
    from placer.security.coupling import Recourse
    from placer.security.definition import Security
    from placer.security.outages import Outage
    from placer.security.program import SecureProgram
    from placer.solvers.proven import AnySolver
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)

#: Penalties of stranded work that are tried in turn, in units of the first.
_PENALTIES = (1.0, 30.0, 1000.0)
#: The largest relative gap between the cost and the bound with its inner minimum.
_GAP = 1e-6


@dataclass(frozen=True, eq=False)
class Solved:
    """A secure program with its proven solution.

    Attributes
    ----------
    program : SecureProgram
    solution : LPSolution
    answer : Answer
        The placement in it.
    certificate : Certificate
        Of the extended program.
    bound_usd : float
        ``placer.security.bound.secure_bound`` at the duals.
    """

    program: SecureProgram
    solution: LPSolution
    answer: Answer
    certificate: Certificate
    bound_usd: float


def secured(placement: Placement, security: Security, solver: AnySolver | None = None) -> SecurePlacement:
    """Return the secure placement of an instance, given its placement without security.

    Raises
    ------
    InstanceError
        If the security does not fit the instance, or its rule is ``all``.
    SolverError
        If the solver does not take whole programs.
    NoSolutionError
        If nothing was proven, or the program is too large for the memory that is free.
    """
    _need_displaced(security)
    if isinstance(solver, StructureSolver):
        raise SolverError("a secure placement is solved as a whole linear program; use placer.HiGHS()")
    instance, formulation = placement.instance, placement.formulation
    outages = [outage_of(instance, formulation, each) for each in contingencies_of(instance, security)]
    share = protected_shares(formulation.structure, formulation.workloads, security)
    entered: list[Recourse] = []
    program: LinearProgram | None = None
    solved: Solved | None = None
    while True:
        flows = placement.answer.point if solved is None else solved.answer.point
        left_out = [outage for outage in outages if all(outage is not each.outage for each in entered)]
        with phase(_log, f"auditing {len(left_out)} contingencies"):
            violated = [outage for outage in left_out if strands(formulation.structure, outage, share, flows)]
        if solved is not None and not violated:
            break
        whole = formulation.structure
        entered += [merged_recourse(whole, outage, share) for outage in violated]
        program = whole_program(whole) if program is None else program
        with phase(_log, f"the secure program of {len(entered)} contingencies"):
            solved = solve_secure(placement, program, entered, solver or HiGHS())
    extended = Extended(solved.program.extension, solved.program.extended, solved.solution)
    return SecurePlacement(
        instance,
        formulation,
        solved.answer,
        solved.certificate,
        extended=extended,
        security=security,
        share=share,
        without=placement,
        secure=solved.program,
        contingencies=tuple(outage.name for outage in outages),
        bound_usd=solved.bound_usd,
    )


def _need_displaced(security: Security) -> None:
    """Refuse the rule by which everything may be placed anew."""
    if security.recourse != "displaced":
        problem = f"{security.recourse!r} binds capacity, never a placement"
        raise InstanceError([Violation("security", "", "recourse", problem, "displaced; placer.audit takes both")])


def strands(structure: Structure, outage: Outage, share: FloatArray, flows: Flows) -> bool:
    """Return whether any protected work strands in a contingency, by flows of the structure of the instance."""
    moved = outage.hit[flows.arc] & (flows.amount > 0) & (share[structure.arc_class[flows.arc]] > 0)
    if not moved.any():
        return False
    return least_stranded(recourse_for(structure, outage, share, np.unique(flows.demand[moved])), flows) > 0


def solve_secure(placement: Placement, program: LinearProgram, recourses: Sequence[Recourse], solver: Solver) -> Solved:
    """Solve the secure program of some contingencies in the order of its objectives, and prove it.

    Parameters
    ----------
    placement : Placement
        Without security.
    program : LinearProgram
        The whole program of its structure.
    recourses : sequence of Recourse
    solver : Solver
    """
    check_size(placement.formulation.structure, recourses)
    whole, most = placement.formulation.structure, np.inf
    first, served = penalty_usd(whole), whole.total_demand
    for factor in _PENALTIES:
        secure = secure_program(whole, program, recourses, first * factor, most)
        solution, certificate = solve_program(secure.extended, solver)
        if np.isinf(most) and _unserved_usd(secure, solution) > placement.penalty_usd * (1 + _GAP) + _GAP:
            most = placement.penalty_usd
            secure = secure_program(whole, program, recourses, first * factor, most)
            solution, certificate = solve_program(secure.extended, solver)
        stranded = float(sum(each.sum() for each in secure.stranded(solution.point)))
        if stranded <= TOLERANCE * served or stranded <= _least_stranded(secure, solver) + TOLERANCE * served:
            return _proven(secure, solution, certificate)
    raise NoSolutionError(Reason.FAILED, f"{stranded:.6g} Mtok strand over all contingencies, more than need to")


def check_size(whole: Structure, recourses: Sequence[Recourse]) -> None:
    """Refuse a secure program that does not fit into the memory that is free; raises ``NoSolutionError``."""
    columns = whole.assignment_count + sum(each.structure.assignment_count for each in recourses)
    check_memory(MEASURED.bytes_per_column * columns, f"the secure program of {len(recourses)} contingencies")


def _unserved_usd(secure: SecureProgram, solution: LPSolution) -> float:
    part = secure.base.col_blocks["u"]
    return float(secure.base.cost[part] @ solution.point[part])


def _least_stranded(secure: SecureProgram, solver: Solver) -> float:
    """Return the least stranded work of the program, proven."""
    stranding = secure.stranding()
    solution, _ = solve_program(stranding, solver)
    return float(stranding.cost @ solution.point)


def _proven(secure: SecureProgram, solution: LPSolution, certificate: Certificate) -> Solved:
    """Prove a solution a second time, by the bound with its inner minimum."""
    whole = secure.whole
    contingents = [
        Contingent(block.recourse, block.structure, duals)
        for block, duals in zip(secure.blocks, secure.duals(solution.duals), strict=True)
    ]
    rho = secure.unserved_rent(solution.duals)
    most = secure.most_unserved_usd if rho else 0.0
    bound = secure_bound(whole, read_duals(whole, secure.base, solution.duals), contingents, rho, most)
    gap = (certificate.objective - bound) / max(1.0, abs(certificate.objective))
    if not abs(gap) <= _GAP:
        raise NoSolutionError(Reason.FAILED, f"the bound with its inner minimum leaves a gap of {gap:.1e}", bound)
    answer = answer_of(whole, secure.extended, solution)
    return Solved(secure, solution, replace(answer, bound=bound), certificate, bound)
