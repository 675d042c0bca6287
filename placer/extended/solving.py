"""Solve the extended program: as a linear program with placer's own proof, or by branch and bound.

With integers there are two steps. Branch and bound (``placer.solvers.branch_and_bound``) finds the integers
and bounds the cost. Then the linear program with the integers fixed is solved and proven like every other linear
program. The placement and its prices are those of that program.

Its certificate is of a checked point and an unproven bound of HiGHS: placer's own certificate proves that the point is
the optimum of the linear program with the integers fixed, and only the bound of branch and bound shows that no other
integers cost less. placer cannot check this bound, so ``proven`` is never true.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace

import numpy as np

from placer.currency import amount_in
from placer.errors import NoSolutionError, SolverError
from placer.extended.elastic import infeasible
from placer.extended.extension import BLOCK, Extended, Extension, extend
from placer.extended.period_units import over_horizon
from placer.extended.placement import ModelPlacement
from placer.extended.stepped import elastic_model_placement
from placer.instance.problem import Instance
from placer.ladder.proven import AnySolver, StructureSolver
from placer.ladder.whole_program import solve_program
from placer.model.answer import answer_of
from placer.model.formulation import Formulation
from placer.model.program import LinearProgram, LPSolution, Solver
from placer.placement.elastic import Offered
from placer.proof.certificate import Certificate
from placer.running import check_time, phase, seconds_left
from placer.solvers.branch_and_bound import IntegerSolution, branch_and_bound
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.numbers import gap_in_words

#: Share of the time limit that branch and bound may take; the rest is for the program with the integers fixed.
_SEARCH = 0.9
_log = logging.getLogger(__name__)


def solve_extension(
    instance: Instance,
    formulation: Formulation,
    program: LinearProgram,
    extension: Extension,
    solver: AnySolver | None,
    gap: float,
) -> ModelPlacement:
    """Return the placement of a model.

    Parameters
    ----------
    formulation : Formulation
        Of the instance.
    program : LinearProgram
        Of the instance, with the amounts of one period (``placer.extended.period_units``).
    gap : float
        The relative gap at which branch and bound may stop.

    Raises
    ------
    SolverError
        If the solver does not take the program.
    InfeasibleModelError
        If no placement meets the own rows.
    NoSolutionError
        If no answer was proven; if a limit was reached, the error may hold the best placement found.
    """
    chosen = _chosen(solver, extension)
    extended = extend(program, extension)
    try:
        if extension.has_integers:
            return _by_branch_and_bound(instance, formulation, extended, extension, chosen, gap)
        solution, certificate = solve_program(extended, chosen)
    except NoSolutionError as error:
        raise infeasible(program, extension, chosen, error) from None
    return _placement(instance, formulation, Extended(extension, extended, solution), certificate)


def _chosen(solver: AnySolver | None, extension: Extension) -> Solver:
    """Return the solver to use, or raise ``SolverError`` if it cannot solve the program."""
    if solver is None:
        return HiGHS()
    if isinstance(solver, StructureSolver):
        raise SolverError("a model is solved as a whole linear program; use placer.HiGHS() or placer.PuLP(name)")
    if extension.has_integers and not isinstance(solver, HiGHS):
        raise SolverError(f"{solver.name} solves no model with integer columns here; use placer.HiGHS()")
    return solver


def _by_branch_and_bound(
    instance: Instance,
    formulation: Formulation,
    extended: LinearProgram,
    extension: Extension,
    solver: Solver,
    gap: float,
) -> ModelPlacement:
    """Return the placement of a model with integers."""
    integer = np.zeros(len(extended.cost), dtype=bool)
    integer[extended.col_blocks[BLOCK]] = extension.columns.integer
    with phase(_log, f"branch and bound over {int(integer.sum()):,} integer columns"):
        found = branch_and_bound(extended, integer, _searching(solver), gap)
    if found.values is None:
        raise NoSolutionError(
            found.termination.reason, _with_bound(found.termination.detail, found.bound, formulation.currency)
        )
    solution, fixed = _with_integers_fixed(extended, integer, found, solver, formulation.currency)
    terms_usd = float(np.abs(extended.cost) @ np.abs(solution.point))
    # The cost of the point by branch and bound, and its cost with the integers fixed, may differ by ``PROOF``.
    certificate = integer_certificate(fixed, found.bound, gap + PROOF, terms_usd)
    detail = f"{found.termination.detail}, {found.nodes:,} nodes; then {solution.termination.detail}"
    solution = replace(solution, termination=replace(found.termination, detail=detail))
    placement = _placement(instance, formulation, Extended(extension, extended, solution), certificate)
    within = abs(certificate.gap) <= certificate.tolerances.gap
    if found.termination.reason is not Reason.OPTIMAL or not within:
        reason = Reason.FAILED if found.termination.reason is Reason.OPTIMAL else found.termination.reason
        said = f"{_with_bound(detail, found.bound, formulation.currency)}, {gap_in_words(certificate.gap)}"
        raise NoSolutionError(reason, said, placement=placement)
    return placement


def _searching(solver: Solver) -> HiGHS:
    """Return the solver of branch and bound; its time limit leaves time for the proof of its point."""
    check_time("no time was left for branch and bound")
    highs = solver if isinstance(solver, HiGHS) else HiGHS()
    left = min(highs.time_limit_seconds, seconds_left())
    return replace(highs, time_limit_seconds=_SEARCH * left) if math.isfinite(left) else highs


def _with_bound(detail: str, bound: float, currency: str) -> str:
    """Return a detail with the bound of branch and bound. The field of the error is for proven bounds only."""
    return f"{detail}; bound by branch and bound {amount_in(bound, currency)}" if math.isfinite(bound) else detail


def _with_integers_fixed(
    extended: LinearProgram, integer: np.ndarray, found: IntegerSolution, solver: Solver, currency: str
) -> tuple[LPSolution, Certificate]:
    """Return the proven solution of the linear program with the integers fixed at those found."""
    values = extended.cost if found.values is None else found.values
    fixed = replace(
        extended,
        col_lower=np.where(integer, values, extended.col_lower),
        col_upper=np.where(integer, values, extended.col_upper),
    )
    try:
        return solve_program(fixed, solver)
    except NoSolutionError as error:
        reason = Reason.FAILED if error.reason is Reason.INFEASIBLE else error.reason
        detail = f"{found.termination.detail}; with its integers fixed: {error.detail}"
        raise NoSolutionError(reason, _with_bound(detail, found.bound, currency)) from None


def _placement(
    instance: Instance, formulation: Formulation, extended: Extended, certificate: Certificate
) -> ModelPlacement:
    if formulation.structure.steps is not None:
        return elastic_model_placement(Offered(instance, formulation.structure), formulation, extended, certificate)
    answer = answer_of(formulation.structure, *over_horizon(formulation, extended.program, extended.solution))
    return ModelPlacement(instance, formulation, answer, certificate, extended=extended)


#: Minimum of the denominator of the gap, as a share of the sum of the terms of the cost.
_SMALL = 1e-3


@dataclass(frozen=True)
class IntegerCertificate(Certificate):
    """The certificate of a placement with integers.

    Attributes
    ----------
    objective : float
        Cost of the point.
    bound : float
        Lower bound on the cost of every placement, by branch and bound of HiGHS; unproven.
    primal_infeasibility, dual_infeasibility, complementarity : float
        Of the linear program with the integers fixed.
    gap, serving_gap : float
        (cost - bound) / size, with the bound of branch and bound; see ``integer_certificate`` for the size.
    fixed : Certificate
        Of the linear program with the integers fixed: of the point and of the prices.
    """

    fixed: Certificate

    @property
    def failures(self) -> tuple[str, ...]:
        """The reasons why the placement is not proven; never empty."""
        return ("the bound is that of branch and bound", *super().failures)

    @property
    def verdict(self) -> str:
        """The kind of bound, and the figures that exceed their tolerance, if any."""
        return "; ".join(["bound by branch and bound", *super().failures])


def integer_certificate(fixed: Certificate, bound: float, gap: float, terms_usd: float) -> IntegerCertificate:
    """Return the certificate of a point with integers.

    Parameters
    ----------
    fixed : Certificate
        Of the linear program with the integers fixed.
    bound : float
        Of branch and bound.
    gap : float
        The tolerance on the relative gap.
    terms_usd : float
        The sum of the magnitudes of all terms of the cost. The gap is relative to the cost, or to a thousandth of this
        sum if that is larger: costs of either sign may cancel.
    """
    size = max(abs(fixed.objective), _SMALL * terms_usd) or 1.0
    above = (fixed.objective - bound) / size
    return IntegerCertificate(
        objective=fixed.objective,
        bound=bound,
        primal_infeasibility=fixed.primal_infeasibility,
        dual_infeasibility=fixed.dual_infeasibility,
        complementarity=fixed.complementarity,
        gap=above,
        serving_gap=above,
        tolerances=replace(fixed.tolerances, gap=gap, serving_gap=gap),
        fixed=fixed,
    )
