"""The technical ceiling: the most demand that can be exported over a cut without swaps.

Three programs over the rows of ``placer.model.formulation``, one after the other (a lexicographic optimum); cost plays
no part. With ``exported_khj`` and ``displaced_khj`` as ``placer.model.counts`` has them:

    1.  U* = least  sum u_kht
    2.  D* = least  sum displaced_khj x_khjt        over the optimal points of 1
    3.  E* = most   sum exported_khj x_khjt         over the optimal points of 2

If no arc displaces (exports with swaps), program 2 is left out. The ceiling is E* as a share of the weight of all
demand.

``placer.proof.answer_certificate`` proves all three over the whole structure. Unless a solver is given, one sweep
(``placer.ceiling.walk.sweep``), in which all admissible arcs enter at the same limit, solves them together. Its prices
by objective, added up with sufficient weights P and Q, give duals that prove each of the programs:

    least  sum u                                    proves U*
    least  P / Q sum u + sum displaced x            proves D*, if it leaves no more unserved than U*
    least  P sum u + Q sum displaced x - sum exported x    proves E*, if it leaves no more unserved than U*, and
                                                    displaces no more than D*

A solver of whole programs solves the three in turn, each over the optimal face of the one before. Column generation
solves the programs with weights, and raises the weights while unserved demand exceeds U* or displaced demand D*.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import fields, replace

import numpy as np

from placer.ceiling.programs import ExportPrograms, Extent
from placer.ceiling.walk.answer import LEAST_PENALTY, served_first, weighed
from placer.ceiling.walk.parameters import SweepParameters
from placer.column_generation.solver import WIDEST_GAP
from placer.errors import NoSolutionError
from placer.ladder.proven import AnySolver, ProvingSolver, default_solver, proving
from placer.ladder.whole_program import solve_program
from placer.least_cost.unmet_limits import impossible
from placer.model.aggregation import merge
from placer.model.answer import Answer, Duals, answer_of
from placer.model.counts import Count
from placer.model.edits import optimal_face
from placer.model.formulation import Formulation
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.running import phase, running
from placer.solvers.memory import check_walk, whole_program
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import NOISE

_log = logging.getLogger(__name__)

#: Prices of unserved demand tried in turn, in units of the largest weight. A served unit may displace as many exported
#: units as need the same scarce resource; the first price nearly always exceeds that number.
UNSERVED_PRICES = (LEAST_PENALTY, 1e3, 3e4)
#: Least price of an unserved unit in column generation, in units of the largest price of a displaced unit.
_AHEAD = 8.0


@running()
@phase(_log, "solving for the most export")
def most_export(
    formulation: Formulation,
    count: Count,
    solver: AnySolver | None = None,
    *,
    time_limit_seconds: float = math.inf,
    parameters: SweepParameters | None = None,
) -> Extent:
    """Return the lexicographic optimum: least unserved demand, then least displaced demand, then most exports.

    Parameters
    ----------
    count : Count
        Weights of exports and of displaced demand.
    solver : Solver or ColumnGeneration, optional
        If not given, a sweep; if its answer is not proven, the solver that ``placer.solve`` would choose.
    time_limit_seconds : float
        For the sweep, and again for the solver that replaces it. A given solver has its own limit.
    parameters : SweepParameters, optional
        Of the sweep.

    Raises
    ------
    NoSolutionError
        If no answer passed the certificate, or not in time; if no placement can meet the limits, which it names.
    """
    chosen, task = solver, ExportPrograms.of(formulation, count)
    if chosen is None:
        started = time.monotonic()
        found = _by_walk(task, time_limit_seconds, parameters)
        if found is not None:
            return found
        left = time_limit_seconds - (time.monotonic() - started)
        if left <= 0:
            raise NoSolutionError(Reason.TIME_LIMIT, "walk: not proven, and no time is left to solve instead")
        chosen = default_solver(formulation.structure, left)
    prover = proving(chosen)
    try:
        return _on_the_faces(task, prover.programs) if prover.is_whole else _at_a_price(task, prover)
    except NoSolutionError as stopped:
        raise impossible(formulation, stopped) from None


def _by_walk(task: ExportPrograms, time_limit_seconds: float, parameters: SweepParameters | None) -> Extent | None:
    """Answer the programs by a sweep; None if its answer is not proven."""
    structure = task.structure
    check_walk(structure)
    try:
        found = served_first(structure, time_limit_seconds, parameters)
    except NoSolutionError as error:
        if error.reason in (Reason.TIME_LIMIT, Reason.MEMORY_LIMIT):
            raise
        return None
    answer, penalty, displacement = found.answer, found.penalty, found.displacement
    priced = certify_answer(weighed(structure, penalty, displacement, 1.0), answer, gap=WIDEST_GAP)
    least = task.unserved(answer, found.duals_alone, priced)
    certificates = [least, task.third(priced, penalty, displacement, answer)]
    prices = [found.duals_alone, answer.prices]
    if found.duals_before is not None:
        second = task.displaced(answer, found.duals_before, penalty / displacement, least)
        certificates.insert(1, second)
        prices.insert(1, found.duals_before)
    return task.extent(answer, certificates, prices) if task.close(certificates) else None


def _on_the_faces(task: ExportPrograms, solver: Solver) -> Extent:
    """Solve the programs in turn, each over the optimal face of the one before."""
    structure = task.structure
    program = face = whole_program(structure)
    unserved = np.zeros(len(program.cost))
    unserved[program.col_blocks["u"]] = 1.0
    counted = np.zeros(len(program.cost))
    counted[program.col_blocks["x"]] = structure.arc_cost[structure.assignments.arc]
    displaced = np.maximum(counted, 0.0)
    last = program.cost - unserved - displaced
    costs = [unserved, displaced, last] if displaced.any() else [unserved, last]
    certificates, answers = [], []
    for cost in costs:
        face = replace(face, cost=cost)
        solution, certificate = solve_program(face, solver)
        certificates.append(certificate)
        answers.append(answer_of(structure, program, solution))
        face = optimal_face(face, solution, SOLVER * float(np.abs(cost).max(initial=0.0)))
    return task.extent(answers[-1], certificates, [answer.prices for answer in answers])


def most_for_effort(task: ExportPrograms, solver: AnySolver | None = None) -> Extent:
    """Solve programs whose third one has costs of work too; see ``ExportPrograms.spending``.

    Raises
    ------
    NoSolutionError
        If no answer passed the certificate, or not in time.
    """
    prover = proving(solver or default_solver(task.structure))
    if prover.is_whole:
        return _on_the_faces(task, prover.programs)
    return _at_a_price(task, proving(solver or default_solver(merge(task.structure).structure)))


def _at_a_price(task: ExportPrograms, solver: ProvingSolver) -> Extent:
    """Solve the last program with prices on unserved and displaced demand, then the earlier programs if needed."""
    structure, least = task.structure, None
    spent = float(structure.work_cost.max(initial=0.0))
    exported = float(np.maximum(-structure.arc_cost, 0.0).max(initial=0.0)) + spent or 1.0
    work = float(np.maximum(structure.arc_cost, 0.0).max(initial=0.0))
    for price in UNSERVED_PRICES:
        displacement = price * exported / work if work else 0.0
        penalty = price * exported * (_AHEAD if work else 1.0)
        answer, most = _solve_merged(weighed(structure, penalty, displacement, 1.0), solver)
        if least is None:
            least = _least_unserved(task, answer, most, solver)
        proofs = [least, (answer.prices, task.third(most, penalty, displacement, answer))]
        if work:
            proofs.insert(1, _least_displaced(task, answer, least, _AHEAD * work * price, solver))
        certificates = [certificate for _, certificate in proofs]
        found = task.extent(answer, certificates, [duals for duals, _ in proofs])
        reached = (found.unserved_mtok, found.displaced_hours)
        sides = zip(reached, certificates[:-1], (task.demand, task.hours), strict=False)
        if all(value <= side.objective + NOISE * size for value, side, size in sides):
            return found
    return _on_the_faces(task, solver.programs)


def _least_unserved(
    task: ExportPrograms, answer: Answer, checked: Certificate, solver: ProvingSolver
) -> tuple[Duals, Certificate]:
    """Prove the least unserved demand; without a program if all demand with an admissible arc is served."""
    nowhere = np.diff(task.structure.assignment_starts) == 0
    duals = answer.prices
    zero = Duals(**{field.name: np.zeros_like(getattr(duals, field.name)) for field in fields(Duals)})
    plain = replace(zero, demand=nowhere.astype(float))
    certificate = task.unserved(answer, plain, checked)
    if _is_least(certificate, task.demand):
        return plain, certificate
    first, certificate = _solve_merged(weighed(task.structure, 1.0, 0.0, 0.0), solver)
    return first.prices, certificate


def _least_displaced(
    task: ExportPrograms, answer: Answer, least: tuple[Duals, Certificate], penalty: float, solver: ProvingSolver
) -> tuple[Duals, Certificate]:
    """Prove the least displaced demand; without a program if no demand is displaced."""
    scaled = Duals(**{field.name: penalty * getattr(least[0], field.name) for field in fields(Duals)})
    certificate = task.displaced(answer, scaled, penalty, least[1])
    if _is_least(certificate, task.hours):
        return scaled, certificate
    second, certificate = _solve_merged(weighed(task.structure, penalty, 1.0, 0.0), solver)
    return second.prices, task.second(certificate, penalty, second)


def _is_least(certificate: Certificate, size: float) -> bool:
    """Return whether demand is proven to be at its least up to rounding, as a part of a size."""
    return certificate.proven and certificate.objective - certificate.bound <= NOISE * size


def _solve_merged(structure: Structure, solver: ProvingSolver) -> tuple[Answer, Certificate]:
    """Solve with identical demands merged, and prove the answer for the demands themselves."""
    merged = merge(structure)
    answer = merged.spread(solver.answer(merged.structure)[0])
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    return (answer, certificate) if certificate.proven else solver.answer(structure)
