"""Solve an instance: the short function that wires the parts, and the ladder that lets no unproven answer out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from placer.answer import answer_of
from placer.certificate import Certificate, certify
from placer.errors import NoSolutionError, SolverError
from placer.expansion import expand
from placer.formulation import formulate
from placer.placement import Placement
from placer.program import Reason
from placer.scaling import magnitude_range, scale, unscale
from placer.schema import WIDEST_RANGE
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from placer.instance import Instance
    from placer.program import LinearProgram, LPSolution, Solver


def solve(instance: Instance, solver: Solver | None = None) -> Placement:
    """Place the demand of an instance at least cost.

    Parameters
    ----------
    instance : Instance
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.

    Returns
    -------
    Placement
        Proven optimal by the project's own certificate.

    Raises
    ------
    NoSolutionError
        If the solver stopped early or no answer passed the certificate; it says which.
    SolverError
        If the solver is none.

    Examples
    --------
    >>> import placer
    >>> placement = placer.solve(placer.load("tiny"))
    >>> placement.certificate.proven
    True
    """
    if solver is not None and not callable(getattr(solver, "solve", None)):
        raise SolverError(f"{solver!r} is not a solver; use placer.HiGHS(), placer.PuLP(name) or one of your own")
    formulation = formulate(instance)
    program = expand(formulation.structure)
    solution, certificate = solve_program(program, solver or HiGHS())
    return Placement(instance, formulation, answer_of(formulation.structure, program, solution), certificate)


def to_program(instance: Instance) -> LinearProgram:
    """Return the linear program of an instance, as plain arrays; see ``placer.formulation`` for what it says."""
    return expand(formulate(instance).structure)


def solve_program(program: LinearProgram, solver: Solver) -> tuple[LPSolution, Certificate]:
    """Solve a linear program and prove the answer, or raise ``NoSolutionError``.

    The program is scaled, solved and checked. An answer that fails the check is sought again from the start, then
    from the solver's fallbacks; what none of them proves is refused. A limit that was reached ends the search.
    """
    scaled, scales = scale(program)
    if (spread := magnitude_range(scaled)) > WIDEST_RANGE:
        detail = f"coefficients range over {spread:.1e}, more than {WIDEST_RANGE:g}"
        raise NoSolutionError(Reason.FAILED, detail)
    attempts: list[str] = []
    for candidate in (solver, solver, *solver.fallbacks()):
        solution = candidate.solve(scaled)
        if solution.values is not None and solution.row_duals is not None:
            certificate = certify(scaled, solution, 1 / (scales.cost * scales.size))
            if certificate.proven:
                return _noted(unscale(solution, scales), attempts), certificate
            attempts.append(f"{candidate.name}: {', '.join(certificate.failures)}")
            continue
        attempts.append(solution.termination.detail)
        if solution.termination.reason not in (Reason.FAILED, Reason.OPTIMAL):
            raise NoSolutionError(solution.termination.reason, "; ".join(attempts))
    raise NoSolutionError(Reason.FAILED, "; ".join(attempts))


def _noted(solution: LPSolution, attempts: list[str]) -> LPSolution:
    """Say in the termination what was tried before."""
    if not attempts:
        return solution
    detail = f"{solution.termination.detail}, after {len(attempts)} refused: {'; '.join(attempts)}"
    return replace(solution, termination=replace(solution.termination, detail=detail))
