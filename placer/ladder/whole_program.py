"""Solve whole linear programs and let no unproven answer out; and a solver of such programs as one of structures.

A program is scaled, solved and checked. An answer that does not pass the certificate is sought again, first from the
same solver, then from its fallbacks (``placer.Solver.fallbacks``), with costs scaled by those that the answer bears. If
none of them gives a proven answer, an error is raised. A limit that was reached ends the search. The termination names
all attempts.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from placer.column_generation.start import Start
from placer.errors import NoSolutionError
from placer.model.answer import Answer, answer_of
from placer.model.program import LinearProgram, LPSolution, Solver
from placer.model.scaling import magnitude_range, scale, scale_by_used, unscale
from placer.model.structure import Structure
from placer.proof.certificate import Certificate, certify
from placer.running import check_time, phase, running
from placer.solvers.memory import whole_program
from placer.termination import Reason, Termination
from placer.utils.solver_limits import WIDEST_RANGE

_log = logging.getLogger(__name__)


def solve_program(program: LinearProgram, solver: Solver) -> tuple[LPSolution, Certificate]:
    """Solve a linear program and prove the answer.

    The time limit of the solver is one for all attempts together.

    Raises
    ------
    NoSolutionError
        If no attempt was proven, a limit was reached, or the coefficients of the scaled program range too widely.
    """
    check_time("no time was left for the first attempt")
    with running(time_limit_seconds=limit_of(solver)):
        return _solve_scaled(program, solver)


def _solve_scaled(program: LinearProgram, solver: Solver) -> tuple[LPSolution, Certificate]:
    scaled, scales = scale(program)
    if (spread := magnitude_range(scaled)) > WIDEST_RANGE:
        detail = f"coefficients range over {spread:.1e}, more than {WIDEST_RANGE:g}"
        raise NoSolutionError(Reason.FAILED, detail)
    attempts: list[str] = []
    for candidate in _candidates(solver):
        if attempts:
            check_time("; ".join(attempts))
        rows, columns = scaled.matrix.shape
        with phase(_log, f"solving {rows:,} rows and {columns:,} columns by {candidate.name}"):
            solution = candidate.solve(scaled)
        if solution.values is not None and solution.row_duals is not None:
            certificate = certify(scaled, solution, 1 / (scales.cost * scales.size))
            if certificate.proven:
                solution = unscale(solution, scales)
                return replace(solution, termination=with_attempts(solution.termination, attempts)), certificate
            attempts.append(f"{candidate.name}: {', '.join(certificate.failures)}")
            scaled, scales = scale_by_used(scaled, scales, solution.point)
            continue
        attempts.append(solution.termination.detail)
        if solution.termination.reason not in (Reason.FAILED, Reason.OPTIMAL):
            raise NoSolutionError(solution.termination.reason, "; ".join(attempts))
    raise NoSolutionError(Reason.FAILED, "; ".join(attempts))


def _candidates(solver: Solver) -> Iterator[Solver]:
    """Yield the solver twice, and then its fallbacks, which are made only if they are needed."""
    yield from (solver, solver)
    yield from solver.fallbacks()


@dataclass(frozen=True)
class WholeProgram:
    """A solver of linear programs as a solver of structures, each expanded to its whole program."""

    solver: Solver

    is_whole = True

    @property
    def time_limit_seconds(self) -> float:
        """The time limit of the solver; inf if it has none."""
        return limit_of(self.solver)

    @property
    def programs(self) -> Solver:
        """The solver itself."""
        return self.solver

    def answer(self, structure: Structure, start: Start | None = None) -> tuple[Answer, Certificate]:  # noqa: ARG002
        """Answer a structure and prove the answer; a start is of no use to it.

        Raises
        ------
        NoSolutionError
            As ``solve_program``; also if the program is too large for the memory that is free.
        """
        program = whole_program(structure)
        solution, certificate = solve_program(program, self.solver)
        return answer_of(structure, program, solution), certificate


def limit_of(solver: object) -> float:
    """Return the time limit that a solver brings, which holds for everything done on its behalf; inf without one."""
    return float(getattr(solver, "time_limit_seconds", math.inf))


def with_attempts(termination: Termination, attempts: Sequence[str]) -> Termination:
    """Say in a termination which attempts were refused before."""
    if not attempts:
        return termination
    detail = f"{termination.detail}, after {len(attempts)} refused: {'; '.join(attempts)}"
    return replace(termination, detail=detail)
