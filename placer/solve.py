"""Solve an instance: the short function that wires the parts, and the ladder that lets no unproven answer out."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from placer.errors import NoSolutionError
from placer.instance.arguments import need_instance, need_solver
from placer.least_cost.tie_break import Rule, break_ties, check_rule
from placer.model.answer import answer_of
from placer.model.formulation import formulate
from placer.model.program import Reason
from placer.model.scaling import magnitude_range, scale, unscale
from placer.placement.result import Placement
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate, certify
from placer.running import check_time, phase, running, seconds_left
from placer.solvers.column_generation.solver import WIDEST_GAP, AnySolver, ColumnGeneration
from placer.solvers.highs import HiGHS
from placer.solvers.memory import check_memory, column_generation_bytes, fits, whole_program, whole_program_bytes
from placer.utils.solver_limits import WIDEST_RANGE

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.instance.problem import Instance
    from placer.model.answer import Answer
    from placer.model.formulation import Formulation
    from placer.model.program import LinearProgram, LPSolution, Solver, Termination
    from placer.model.structure import Structure
    from placer.running import Progress
    from placer.solvers.column_generation.start import Start


_log = logging.getLogger(__name__)

#: From this many assignment columns on, column generation is faster than HiGHS on the whole program.
LARGE_FROM_COLUMNS = 50_000
#: How patient column generation is, in microseconds for each of them (HiGHS takes more on any program), below so many
#: of them. ``python -m benchmarks.giving_up`` shows what it comes to.
PATIENCE, NEVER_WHOLE_FROM = 4.0, 400_000


def solve(
    instance: Instance,
    solver: AnySolver | None = None,
    tie_break: Rule = "round_trip",
    *,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Placement:
    """Place the demand of an instance at least cost.

    Parameters
    ----------
    instance : Instance
    solver : Solver or ColumnGeneration, optional
        If not given, ``placer.HiGHS()`` on the whole linear program for instances of fewer than 50,000 assignment
        columns (workload, hub, data centre and hour), and ``placer.ColumnGeneration()`` from there on.
    tie_break : str or None
        Which placement of least cost to return: ``round_trip``, the one of least traffic-weighted round trip (Mtok
        times ms; see ``placer.least_cost.tie_break``), or None, the one that the solver found. ``Placement.tie_break``
        says whether the choice is proven; where it is not, the placement is the one that the solver found.
    time_limit_seconds : float
        For all of it, building included, whatever is tried; a solver's own limit counts from the same moment.
    progress : callable, optional
        Called with a line of text on how far it is; see ``placer.running``.

    Returns
    -------
    Placement
        Proven optimal by the project's own certificate.

    Raises
    ------
    InstanceError
        If the tie-break is unknown.
    NoSolutionError
        If the solver stopped early, no answer passed the certificate, or the instance is too large for the memory that
        is free; it says which, with the best bound and the best placement there is.
    SolverError
        If the solver is none, or the time limit not a positive number.

    Examples
    --------
    >>> import placer
    >>> placement = placer.solve(placer.load("tiny"))
    >>> placement.certificate.proven
    True
    """
    need_instance(instance)
    need_solver(solver)
    check_rule(tie_break, "solve")
    with running(progress, min(time_limit_seconds, _limit_of(solver))):
        with phase(_log, f"formulating {instance!r}"):
            formulation = formulate(instance)
        chosen = solver or default_solver(formulation.structure)
        return place(instance, formulation, chosen, tie_break=tie_break)


def place(
    instance: Instance,
    formulation: Formulation,
    solver: AnySolver,
    start: Start | None = None,
    tie_break: Rule = None,
) -> Placement:
    """Return the placement of an instance that is formulated, from a start if one is known; raises as ``solve``."""
    started = time.perf_counter()
    try:
        with running(time_limit_seconds=_limit_of(solver)):
            answer, certificate = solve_structure(formulation.structure, solver, start)
    except _UnprovenError as stopped:
        best = Placement(instance, formulation, stopped.answer, stopped.certificate)
        raise NoSolutionError(stopped.reason, stopped.detail, stopped.bound_usd, best) from None
    if tie_break is None:
        return Placement(instance, formulation, answer, certificate)
    left = min(_limit_of(solver) - (time.perf_counter() - started), seconds_left())
    with running():
        return Placement(instance, formulation, *break_ties(formulation, answer, certificate, left))


def _limit_of(solver: AnySolver | None) -> float:
    """Return the time limit that a solver brings, which holds for all that is done for its sake."""
    return float(getattr(solver, "time_limit_seconds", math.inf))


def default_solver(
    structure: Structure, time_limit_seconds: float = math.inf, progress: Callable[[str], None] | None = None
) -> AnySolver:
    """Return the solver that ``solve`` takes if it is given none: by the number of assignment columns."""
    if structure.assignment_count < LARGE_FROM_COLUMNS:
        return HiGHS(time_limit_seconds=time_limit_seconds)
    patience = PATIENCE if structure.assignment_count < NEVER_WHOLE_FROM else math.inf
    return ColumnGeneration(time_limit_seconds=time_limit_seconds, progress=progress, patience=patience)


def solve_structure(structure: Structure, solver: AnySolver, start: Start | None = None) -> tuple[Answer, Certificate]:
    """Answer a structure and prove the answer, or raise ``NoSolutionError``.

    Column generation begins from a start if one is known. What it cannot prove is solved as a whole program, if the
    memory that is free allows it.
    """
    if not isinstance(solver, ColumnGeneration):
        return _solve_whole(structure, solver)
    check_memory(column_generation_bytes(structure), "column generation")
    if math.isfinite(solver.patience) and not fits(whole_program_bytes(structure)):
        solver = replace(solver, patience=math.inf)
    with phase(_log, f"column generation over {structure.assignment_count:,} assignments"):
        answer = solver.answer(structure, start)
    reason, detail = answer.termination.reason, answer.termination.detail
    if answer.flows is not None:
        with phase(_log, "proving the answer"):
            certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
        if reason is Reason.OPTIMAL and certificate.proven:
            return answer, certificate
        if reason is Reason.TIME_LIMIT and certificate.feasible:
            raise _UnprovenError(reason, detail, answer, certificate)
        detail = f"{solver.name}: {', '.join(certificate.failures)}"
    if reason not in (Reason.FAILED, Reason.OPTIMAL):
        raise NoSolutionError(reason, detail, answer.bound)
    return _fall_back(structure, solver, answer.seconds, detail)


class _UnprovenError(NoSolutionError):
    """A limit was reached, and there is an answer that is feasible."""

    def __init__(self, reason: str, detail: str, answer: Answer, certificate: Certificate) -> None:
        super().__init__(reason, detail, max(answer.bound, certificate.bound))
        self.answer = answer
        self.certificate = certificate


def _fall_back(
    structure: Structure, solver: ColumnGeneration, seconds: float, detail: str
) -> tuple[Answer, Certificate]:
    """Solve the whole program in the time that is left."""
    left = solver.time_limit_seconds - seconds
    if left <= 0:
        raise NoSolutionError(Reason.TIME_LIMIT, detail)
    try:
        answer, certificate = _solve_whole(structure, solver.fallback(left))
    except NoSolutionError as error:
        raise NoSolutionError(error.reason, f"{detail}; {error.detail}") from None
    return replace(answer, termination=_noted(answer.termination, [detail])), certificate


def _solve_whole(structure: Structure, solver: Solver) -> tuple[Answer, Certificate]:
    program = whole_program(structure)
    solution, certificate = solve_program(program, solver)
    return answer_of(structure, program, solution), certificate


def to_program(instance: Instance) -> LinearProgram:
    """Return the linear program of an instance, as plain arrays; see ``placer.model.formulation`` for what it says."""
    need_instance(instance)
    return whole_program(formulate(instance).structure)


def solve_program(program: LinearProgram, solver: Solver) -> tuple[LPSolution, Certificate]:
    """Solve a linear program and prove the answer, or raise ``NoSolutionError``.

    The program is scaled, solved and checked. An answer that fails the check is sought again from the start, then
    from the solver's fallbacks; what none of them proves is refused. A limit that was reached ends the search. The time
    limit of the solver is one for all attempts together.
    """
    check_time("no time was left for the first attempt")
    with running(time_limit_seconds=_limit_of(solver)):
        return _solve_program(program, solver)


def _solve_program(program: LinearProgram, solver: Solver) -> tuple[LPSolution, Certificate]:
    scaled, scales = scale(program)
    if (spread := magnitude_range(scaled)) > WIDEST_RANGE:
        detail = f"coefficients range over {spread:.1e}, more than {WIDEST_RANGE:g}"
        raise NoSolutionError(Reason.FAILED, detail)
    attempts: list[str] = []
    for candidate in (solver, solver, *solver.fallbacks()):
        if attempts:
            check_time("; ".join(attempts))
        with phase(_log, f"{candidate.name}: {' x '.join(f'{size:,}' for size in scaled.matrix.shape)}"):
            solution = candidate.solve(scaled)
        if solution.values is not None and solution.row_duals is not None:
            certificate = certify(scaled, solution, 1 / (scales.cost * scales.size))
            if certificate.proven:
                solution = unscale(solution, scales)
                return replace(solution, termination=_noted(solution.termination, attempts)), certificate
            attempts.append(f"{candidate.name}: {', '.join(certificate.failures)}")
            continue
        attempts.append(solution.termination.detail)
        if solution.termination.reason not in (Reason.FAILED, Reason.OPTIMAL):
            raise NoSolutionError(solution.termination.reason, "; ".join(attempts))
    raise NoSolutionError(Reason.FAILED, "; ".join(attempts))


def _noted(termination: Termination, attempts: list[str]) -> Termination:
    """Say in the termination what was tried before."""
    if not attempts:
        return termination
    detail = f"{termination.detail}, after {len(attempts)} refused: {'; '.join(attempts)}"
    return replace(termination, detail=detail)
