"""Place demand so that the loss of any single element strands the least work, then at least cost.

The order is: unserved demand costs no more than without security; then the stranded work of all contingencies is least;
then the cost is least. A small program is explicit (``placer.security.program``). A large one takes cuts
(``placer.security.cutting_planes``).

Contingencies enter by exact audit. The first program has none. Each round audits all contingencies and adds those in
which work strands, until no contingency outside the program strands any. The program of some contingencies is a
relaxation of the program of all, and its answer strands nothing in the others. So the answer is optimal for all.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import InstanceError, NoSolutionError, SolverError, Violation
from placer.extended.extension import Extended
from placer.ladder.proven import StructureSolver
from placer.ladder.whole_program import solve_program
from placer.model.answer import answer_of, read_duals
from placer.running import in_time, phase
from placer.security.answer import SecureAnswer
from placer.security.bound import Contingent
from placer.security.contingencies import protected_shares
from placer.security.coupling import merged_recourses
from placer.security.cutting_planes import solve_by_cuts
from placer.security.definition import need_least_stranded, security_of
from placer.security.outages import outages_of
from placer.security.placement import SecurePlacement
from placer.security.program import (
    LARGE_FROM,
    check_explicit_size,
    explicit_columns,
    leaves_more_unserved,
    secure_program,
)
from placer.security.replacement import PENALTIES, least_stranded, penalty_usd
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program
from placer.termination import Reason
from placer.tolerances import SOLVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.ladder.proven import AnySolver
    from placer.model.answer import Flows
    from placer.model.program import LinearProgram, LPSolution, Solver
    from placer.placement.result import Placement
    from placer.proof.certificate import Certificate
    from placer.security.coupling import RecourseStructure
    from placer.security.definition import Security
    from placer.security.program import SecureProgram

_log = logging.getLogger(__name__)


def secured(placement: Placement, security: Security, solver: AnySolver | None = None) -> SecurePlacement:
    """Return the secure placement of an instance, given its placement without security.

    Raises
    ------
    InstanceError
        If the security does not fit the instance, or its rule is ``all``.
    SolverError
        If the solver does not take whole programs.
    NoSolutionError
        If no answer was proven, or the program is too large for free memory.
    """
    security = binding_security(security)
    if isinstance(solver, StructureSolver):
        raise SolverError("a secure placement is solved as a whole linear program; use placer.HiGHS()")
    instance, formulation = placement.instance, placement.formulation
    outages = outages_of(instance, formulation, security)
    share = protected_shares(formulation.structure, formulation.workloads, security)
    whole, chosen = formulation.structure, solver or HiGHS()
    recourses = merged_recourses(whole, outages, share)
    if explicit_columns(whole, recourses) < LARGE_FROM:
        found = _explicitly(placement, recourses, chosen)
    else:
        found = solve_by_cuts(placement, whole_program(whole), recourses, chosen)
    duals = read_duals(whole, found.extended.program, found.extended.solution.duals)
    bound = found.bound(whole, duals, formulation.currency)
    return SecurePlacement(
        instance,
        formulation,
        replace(found.answer, bound=bound),
        found.certificate,
        extended=found.extended,
        security=security,
        share=share,
        without=placement,
        secure=found,
        contingencies=tuple(outage.name for outage in outages),
        bound_usd=bound,
    )


def _explicitly(placement: Placement, recourses: Sequence[RecourseStructure], solver: Solver) -> SecureAnswer:
    """Solve the explicit program, to which contingencies enter by exact audit."""
    whole = placement.formulation.structure
    program = whole_program(whole)
    entered: list[RecourseStructure] = []
    solved: SecureAnswer | None = None
    while True:
        flows = placement.answer.point if solved is None else solved.answer.point
        left_out = [recourse for recourse in recourses if all(recourse is not each for each in entered)]
        with phase(_log, f"auditing {len(left_out)} contingencies"):
            violated = [each for each in in_time(left_out, "auditing contingencies") if strands(each, flows)]
        if solved is not None and not violated:
            return solved
        entered += violated
        with phase(_log, f"the secure program of {len(entered)} contingencies"):
            solved = solve_secure(placement, program, entered, solver)


def binding_security(given: object) -> Security:
    """Return the security that binds a placement.

    Raises
    ------
    ArgumentError
        If it is neither a security nor text.
    InstanceError
        If no kind of contingencies has that name, its rule is ``all``, or it gives a share that may strand.
    """
    security = security_of(given)
    if security.recourse != "displaced":
        problem = f"{security.recourse!r} binds capacity, never a placement"
        raise InstanceError([Violation("security", "", "recourse", problem, "displaced; placer.audit takes both")])
    need_least_stranded(security)
    return security


def strands(recourse: RecourseStructure, flows: Flows) -> bool:
    """Return whether any protected work strands in a contingency, by flows of the structure of the instance."""
    displaced = recourse.displaced_mtok(flows)
    if not displaced > 0:
        return False
    return float(least_stranded(recourse, flows)[0].sum()) > SOLVER * displaced


def solve_secure(
    placement: Placement, program: LinearProgram, recourses: Sequence[RecourseStructure], solver: Solver
) -> SecureAnswer:
    """Solve the secure program of some contingencies in the order of its objectives, and prove it.

    Parameters
    ----------
    placement : Placement
        Without security.
    program : LinearProgram
        The whole program of its structure.
    recourses : sequence of RecourseStructure
    solver : Solver
    """
    whole = placement.formulation.structure
    check_explicit_size(whole, recourses)
    priced = partial(secure_program, whole, program, recourses)
    first, most, least = penalty_usd(whole), np.inf, 0.0
    rounding = SOLVER * whole.total_demand
    for factor in PENALTIES:
        secure = priced(first * factor, most)
        solution, certificate = solve_program(secure.extended, solver)
        if np.isinf(most) and leaves_more_unserved(placement, program, solution):
            most = placement.penalty_usd
            secure = priced(first * factor, most)
            solution, certificate = solve_program(secure.extended, solver)
        stranded = float(sum(each.sum() for each in secure.stranded(solution.point)))
        if stranded > rounding and not least:
            least = _least_stranded(priced(first, placement.penalty_usd), solver)
        if stranded <= least + rounding:
            return _answer(secure, solution, certificate)
    raise NoSolutionError(Reason.FAILED, f"{stranded:.6g} Mtok strand, more than need to ({least:.6g})")


def _least_stranded(secure: SecureProgram, solver: Solver) -> float:
    """Return the least stranded work of the program, proven. The program must limit unserved demand."""
    stranding = secure.stranding()
    solution, _ = solve_program(stranding, solver)
    return float(stranding.cost @ solution.point)


def _answer(secure: SecureProgram, solution: LPSolution, certificate: Certificate) -> SecureAnswer:
    """Return the answer of a solution of the explicit program."""
    pairs = zip(secure.blocks, secure.duals(solution.duals), strict=True)
    return SecureAnswer(
        contingents=tuple(Contingent(block.recourse, block.structure, duals) for block, duals in pairs),
        stranded=tuple(float(each.sum()) for each in secure.stranded(solution.point)),
        penalty=secure.penalty,
        most_unserved_usd=secure.most_unserved_usd,
        unserved_rent=secure.unserved_rent(solution.duals),
        extended=Extended(secure.extension, secure.extended, solution),
        answer=answer_of(secure.whole, secure.extended, solution),
        certificate=certificate,
    )
