"""Solve the secure program of a structure: explicitly where it is small, by cuts where it is large.

The order is: unserved demand costs no more than without security, in every block; then the stranded work of all
contingencies is least; then the cost is least. A small program, and one with stores, is explicit
(``placer.security.program``). A large one takes cuts (``placer.security.cutting_planes``).

Contingencies enter by exact audit. The first program has none. Each round audits all contingencies and adds those in
which work strands, until no contingency outside the program strands any. The program of some contingencies is a
relaxation of the program of all, and its answer strands nothing in the others. So the answer is optimal for all.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from placer.errors import NoSolutionError
from placer.extended.extension import Extended
from placer.ladder.whole_program import solve_program
from placer.model.answer import Answer, Flows, answer_of
from placer.model.blocks import demand_blocks
from placer.model.program import LinearProgram, LPSolution, Solver
from placer.model.structure import Structure
from placer.proof.certificate import Certificate
from placer.running import in_time, phase
from placer.security.answer import SecureAnswer
from placer.security.bound import Contingent
from placer.security.coupling import RecourseStructure, merged_recourses
from placer.security.cutting_planes import solve_by_cuts
from placer.security.outages import Outage
from placer.security.program import (
    LARGE_FROM,
    SecureProgram,
    Unsecured,
    check_explicit_size,
    explicit_columns,
    secure_program,
    unserved_by_block,
)
from placer.security.replacement import PENALTIES, least_stranded, penalty_usd
from placer.solvers.memory import whole_program
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)


def unsecured_of(structure: Structure, answer: Answer) -> Unsecured:
    """Return a structure with its answer without security, to be secured at the penalties of the structure."""
    first = penalty_usd(structure)
    return Unsecured(structure, answer, tuple(first * factor for factor in PENALTIES))


def secure_answer(unsecured: Unsecured, outages: Sequence[Outage], share: FloatArray, solver: Solver) -> SecureAnswer:
    """Solve the secure program of a structure and prove its answer.

    Parameters
    ----------
    outages : sequence of Outage
        The contingencies, applied to the structure.
    share : (classes,) array
        The protected shares.

    Raises
    ------
    NoSolutionError
        If no answer was proven, or the program is too large for free memory.
    """
    whole = unsecured.structure
    recourses = merged_recourses(whole, outages, share)
    if whole.stores is not None or explicit_columns(whole, recourses) < LARGE_FROM:
        return _explicitly(unsecured, recourses, solver)
    return solve_by_cuts(unsecured, whole_program(whole), recourses, solver)


def _explicitly(unsecured: Unsecured, recourses: Sequence[RecourseStructure], solver: Solver) -> SecureAnswer:
    """Solve the explicit program, to which contingencies enter by exact audit."""
    program = whole_program(unsecured.structure)
    entered: list[RecourseStructure] = []
    solved: SecureAnswer | None = None
    while True:
        flows = unsecured.answer.point if solved is None else solved.answer.point
        left_out = [recourse for recourse in recourses if all(recourse is not each for each in entered)]
        with phase(_log, f"auditing {len(left_out)} contingencies"):
            violated = [each for each in in_time(left_out, "auditing contingencies") if strands(each, flows)]
        if solved is not None and not violated:
            return solved
        entered += violated
        with phase(_log, f"the secure program of {len(entered)} contingencies"):
            solved = solve_secure(unsecured, program, entered, solver)


def strands(recourse: RecourseStructure, flows: Flows) -> bool:
    """Return whether any protected work strands in a contingency, by flows of the structure of the instance."""
    displaced = recourse.displaced_mtok(flows)
    if not displaced > 0:
        return False
    return float(least_stranded(recourse, flows)[0].sum()) > SOLVER * displaced


def solve_secure(
    unsecured: Unsecured, program: LinearProgram, recourses: Sequence[RecourseStructure], solver: Solver
) -> SecureAnswer:
    """Solve the secure program of some contingencies in the order of its objectives, and prove it.

    Parameters
    ----------
    program : LinearProgram
        The whole program of its structure.
    """
    whole = unsecured.structure
    check_explicit_size(whole, recourses)
    priced = partial(secure_program, whole, program, recourses)
    most: FloatArray | None = None
    least = 0.0
    rounding = SOLVER * whole.total_demand
    for penalty in unsecured.penalties:
        secure = priced(penalty, most)
        solution, certificate = solve_program(secure.extended, solver)
        if most is None and _leaves_more_unserved(unsecured, program, solution):
            most = unsecured.unserved_usd
            secure = priced(penalty, most)
            solution, certificate = solve_program(secure.extended, solver)
        stranded = float(sum(each.sum() for each in secure.stranded(solution.point)))
        if stranded > rounding and not least:
            least = _least_stranded(priced(unsecured.penalties[0], unsecured.unserved_usd), solver)
        if stranded <= least + rounding:
            return _answer(secure, solution, certificate)
    raise NoSolutionError(Reason.FAILED, f"{stranded:.6g} Mtok strand, more than need to ({least:.6g})")


def _leaves_more_unserved(unsecured: Unsecured, base: LinearProgram, solution: LPSolution) -> bool:
    """Return whether a solution has a higher penalty of unserved demand in a block than the answer without security."""
    usd = unserved_by_block(unsecured.structure, solution.point[base.col_blocks["u"]])
    return bool((usd > unsecured.most_unserved_usd).any())


def _least_stranded(secure: SecureProgram, solver: Solver) -> float:
    """Return the least stranded work of the program, proven. The program must limit unserved demand."""
    stranding = secure.stranding()
    solution, _ = solve_program(stranding, solver)
    return float(stranding.cost @ solution.point)


def _answer(secure: SecureProgram, solution: LPSolution, certificate: Certificate) -> SecureAnswer:
    """Return the answer of a solution of the explicit program."""
    pairs = zip(secure.blocks, secure.duals(solution.duals), strict=True)
    rents, most = secure.unserved_rents(solution.duals), secure.most_unserved_usd
    return SecureAnswer(
        contingents=tuple(Contingent(block.recourse, block.structure, duals) for block, duals in pairs),
        stranded=tuple(float(each.sum()) for each in secure.stranded(solution.point)),
        penalty=secure.penalty,
        unserved_rent=rents[demand_blocks(secure.whole)],
        unserved_rent_usd=0.0 if most is None else float(rents @ most),
        extended=Extended(secure.extension, secure.extended, solution),
        answer=answer_of(secure.whole, secure.extended, solution),
        certificate=certificate,
    )
