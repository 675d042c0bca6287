"""The technical ceiling: the most demand that can be exported over a cut, when nothing is swapped for it.

Three programs over the rows of ``placer.model.formulation``, one after the other (a lexicographic optimum); cost plays
no part. With ``exported_khj`` and ``displaced_khj`` as ``placer.model.counts`` has them:

    1.  U* = least  sum u_kht
    2.  D* = least  sum displaced_khj x_khjt        over the optimal points of 1
    3.  E* = most   sum exported_khj x_khjt         over the optimal points of 2

Where nothing counts as displaced (exports with swaps), 2 is left out. The ceiling is E* as a share of the weight of all
demand.

All are proven over the whole structure by ``placer.proof.answer_certificate``. Unless a solver is named they are
answered together by a walk (``placer.ceiling.walk.sweep``) on which all admissible arcs enter at once. Its prices, by
objective, are added up with weights P and Q that are large enough, so that each of the programs has duals that prove
it:

    least  sum u                                    proves U*
    least  P / Q sum u + sum displaced x            proves D*, if it leaves no more unserved than U*
    least  P sum u + Q sum displaced x - sum exported x    proves E*, if it leaves no more unserved than U*, and
                                                    displaces no more than D*

With a solver for whole programs the three are solved one after the other, each over the optimal face of the one before.
Column generation solves those with weights, and raises these while more than U* is left unserved or more than D* is
displaced.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.walk.answer import LEAST_PENALTY, served_first, weighed
from placer.errors import NoSolutionError
from placer.model.aggregation import merge
from placer.model.answer import Duals, answer_of
from placer.model.counts import displaced_total, may_leave
from placer.model.optimal_face import optimal_face
from placer.proof.answer_certificate import certify_answer
from placer.running import phase, running
from placer.solvers.column_generation.solver import WIDEST_GAP
from placer.solvers.memory import whole_program
from placer.solvers.proven import default_solver, proving
from placer.solvers.whole_program import solve_program
from placer.termination import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.ceiling.walk.parameters import SweepParameters
    from placer.model.answer import Answer, Flows
    from placer.model.counts import Count
    from placer.model.formulation import Formulation
    from placer.model.program import Solver
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.solvers.proven import AnySolver, ProvingSolver

_log = logging.getLogger(__name__)

#: Duals of the first programs up to this, in units of their largest cost, count as 0 when an optimal face is formed.
FACE_TOLERANCE = 1e-9
#: Prices of unserved demand tried in turn, in units of the highest weight. Serving a unit may push out as many as take
#: its place in what is scarce, which is seldom more than the first.
UNSERVED_PRICES = (LEAST_PENALTY, 1e3, 3e4)
#: Unserved or displaced demand above the least by less than this part of all demand is rounding.
TOLERANCE = 1e-9
#: What a unit unserved costs column generation at least, in units of what a unit displaced costs at most.
_AHEAD = 8.0
#: Displaced demand up to this part of all that may be is rounding.
_NOTHING = 1e-12
#: Gaps are shares of what is exported or displaced, or of this part of what may be if that is more.
SMALL = 1e-3


@dataclass(frozen=True)
class Extent:
    """A lexicographic optimum: what is least unserved, what is least displaced then, and what is most exported then.

    Attributes
    ----------
    exported : float
        ``E*``, in the unit of the weights.
    displaced_hours : float
        ``D*``, in accelerator-hours of the reference.
    unserved_mtok : float
        ``U*``.
    flows : Flows
        What flows where when that is exported.
    prices : tuple of Duals
        Of the programs, in their order; the last costs less export.
    certificates : tuple of Certificate
        Of the programs, in their order; two where nothing counts as displaced.
    """

    exported: float
    displaced_hours: float
    unserved_mtok: float
    flows: Flows
    prices: tuple[Duals, ...]
    certificates: tuple[Certificate, ...]

    @property
    def duals(self) -> Duals:
        """The duals of the last program."""
        return self.prices[-1]

    @property
    def gap(self) -> float:
        """The largest relative gap of the certificates."""
        return max(abs(certificate.gap) for certificate in self.certificates)


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
    """Return the least unserved demand, the least displaced, and the most export they leave room for.

    Parameters
    ----------
    formulation : Formulation
    count : Count
        What is exported and displaced.
    solver : Solver or ColumnGeneration, optional
        If not given, a walk, and should it not be proven what ``placer.solve`` would take.
    time_limit_seconds : float
        Of the walk, and of what is taken in its stead; a solver that is given has its own.
    parameters : SweepParameters, optional
        Of the walk.

    Raises
    ------
    NoSolutionError
        If no answer passed the certificate, or not in time.
    """
    chosen, task = solver, _Task.of(formulation, count)
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
    return _on_the_faces(task, prover.programs) if prover.is_whole else _at_a_price(task, prover)


@dataclass(frozen=True)
class _Task:
    """The programs: a structure in which an arc costs what a unit counts as displaced, less what it counts as exported.

    ``demand``, ``hours`` and ``most`` are all demand, what would be displaced if all that may be were, and exported
    likewise.
    """

    structure: Structure
    demand: float
    hours: float
    most: float

    @classmethod
    def of(cls, formulation: Formulation, count: Count) -> _Task:
        structure = formulation.structure
        arcs = structure.arc_class, structure.arc_origin, structure.arc_site
        free = replace(
            structure,
            arc_cost=count.displaced[arcs] - count.exported[arcs],
            work_cost=np.zeros_like(structure.work_cost),
            tier_cost=np.zeros_like(structure.tier_cost),
            unserved_cost=np.ones_like(structure.unserved_cost),
        )
        hours, most = displaced_total(formulation, count), may_leave(formulation, count)
        return cls(free, structure.total_demand, hours, most)

    @property
    def displaces(self) -> bool:
        """Whether any arc counts as displaced."""
        return bool((self.structure.arc_cost > 0).any())

    def extent(self, answer: Answer, certificates: Sequence[Certificate], prices: Sequence[Duals]) -> Extent:
        """Return what an answer exports, displaces and leaves unserved."""
        counted = self.structure.arc_cost[answer.point.arc] * answer.point.amount
        displaced = float(np.maximum(counted, 0.0).sum())
        return Extent(
            exported=0.0 - float(np.minimum(counted, 0.0).sum()),
            displaced_hours=displaced if displaced > _NOTHING * self.hours else 0.0,
            unserved_mtok=float(answer.point.unserved.sum()),
            flows=answer.point,
            prices=tuple(prices),
            certificates=tuple(certificates),
        )

    def unserved(self, answer: Answer, duals: Duals) -> Certificate:
        """Hold an answer and duals against the first program."""
        return certify_answer(weighed(self.structure, 1.0, 0.0, 0.0), replace(answer, duals=duals), gap=WIDEST_GAP)

    def displaced(self, answer: Answer, duals: Duals, penalty: float, least: Certificate) -> Certificate:
        """Hold an answer and duals against the second program, with a price on unserved demand.

        Where nothing is displaced duals of 0 prove that no less can be; the flows have been checked for ``least``.
        """
        if self.extent(answer, (), ()).displaced_hours == 0:
            return replace(least, objective=0.0, bound=0.0, complementarity=0.0, dual_infeasibility=0.0, gap=0.0)
        priced = weighed(self.structure, penalty, 1.0, 0.0)
        certificate = certify_answer(priced, replace(answer, duals=duals), gap=WIDEST_GAP)
        return self.second(certificate, penalty, answer)

    def second(self, certificate: Certificate, penalty: float, answer: Answer) -> Certificate:
        """Return the certificate of the second program without the price on unserved demand."""
        return _without(certificate, penalty * float(answer.point.unserved.sum()), SMALL * self.hours or 1.0)

    def third(self, certificate: Certificate, penalty: float, displacement: float, answer: Answer) -> Certificate:
        """Return the certificate of the third program without the prices on unserved and displaced demand."""
        found = self.extent(answer, (), ())
        priced = penalty * found.unserved_mtok + displacement * found.displaced_hours
        return _without(certificate, priced, SMALL * self.most or 1.0)

    def close(self, certificates: Sequence[Certificate]) -> bool:
        """Whether all are proven, and no more is unserved or displaced than the least but for rounding."""
        apart = [certificate.objective - certificate.bound for certificate in certificates]
        near = all(gap <= TOLERANCE * size for gap, size in zip(apart[:-1], (self.demand, self.hours), strict=False))
        return near and all(certificate.proven for certificate in certificates)


def _by_walk(task: _Task, time_limit_seconds: float, parameters: SweepParameters | None) -> Extent | None:
    """Answer the programs by a walk; None if that is not proven."""
    structure = task.structure
    try:
        found = served_first(structure, time_limit_seconds, parameters)
    except NoSolutionError as error:
        if error.reason == Reason.TIME_LIMIT:
            raise
        return None
    answer, penalty, displacement = found.answer, found.penalty, found.displacement
    priced = certify_answer(weighed(structure, penalty, displacement, 1.0), answer, gap=WIDEST_GAP)
    certificates = [task.unserved(answer, found.duals_alone), task.third(priced, penalty, displacement, answer)]
    prices = [found.duals_alone, answer.prices]
    if found.duals_before is not None:
        second = task.displaced(answer, found.duals_before, penalty / displacement, certificates[0])
        certificates.insert(1, second)
        prices.insert(1, found.duals_before)
    return task.extent(answer, certificates, prices) if task.close(certificates) else None


def _on_the_faces(task: _Task, solver: Solver) -> Extent:
    """Solve the programs in turn, each over the optimal face of the one before."""
    structure = task.structure
    program = face = whole_program(structure)
    unserved = np.zeros(len(program.cost))
    unserved[program.col_blocks["u"]] = 1.0
    counted = np.zeros(len(program.cost))
    counted[program.col_blocks["x"]] = structure.arc_cost[structure.assignments.arc]
    displaced, exported = np.maximum(counted, 0.0), np.maximum(-counted, 0.0)
    costs = [unserved, displaced, -exported] if displaced.any() else [unserved, -exported]
    certificates, answers = [], []
    for cost in costs:
        face = replace(face, cost=cost)
        solution, certificate = solve_program(face, solver)
        certificates.append(certificate)
        answers.append(answer_of(structure, program, solution))
        face = optimal_face(face, solution, FACE_TOLERANCE * float(np.abs(cost).max(initial=0.0)))
    return task.extent(answers[-1], certificates, [answer.prices for answer in answers])


def _at_a_price(task: _Task, solver: ProvingSolver) -> Extent:
    """Solve the last program with prices on unserved and displaced demand, then those before where needed."""
    structure, least = task.structure, None
    exported = float(np.maximum(-structure.arc_cost, 0.0).max(initial=0.0)) or 1.0
    work = float(np.maximum(structure.arc_cost, 0.0).max(initial=0.0))
    for price in UNSERVED_PRICES:
        displacement = price * exported / work if work else 0.0
        penalty = price * exported * (_AHEAD if work else 1.0)
        answer, most = _solve_merged(weighed(structure, penalty, displacement, 1.0), solver)
        if least is None:
            least = _least_unserved(task, answer, solver)
        proofs = [least, (answer.prices, task.third(most, penalty, displacement, answer))]
        if work:
            proofs.insert(1, _least_displaced(task, answer, least, _AHEAD * work * price, solver))
        certificates = [certificate for _, certificate in proofs]
        found = task.extent(answer, certificates, [duals for duals, _ in proofs])
        reached = (found.unserved_mtok, found.displaced_hours)
        sides = zip(reached, certificates[:-1], (task.demand, task.hours), strict=False)
        if all(value <= side.objective + TOLERANCE * size for value, side, size in sides):
            return found
    return _on_the_faces(task, solver.programs)


def _least_unserved(task: _Task, answer: Answer, solver: ProvingSolver) -> tuple[Duals, Certificate]:
    """Prove the least that is unserved: at once if all that has somewhere to run is served, for no more can be."""
    nowhere = np.diff(task.structure.assignment_starts) == 0
    duals = answer.prices
    zero = Duals(**{field.name: np.zeros_like(getattr(duals, field.name)) for field in fields(Duals)})
    plain = replace(zero, demand=nowhere.astype(float))
    certificate = task.unserved(answer, plain)
    if certificate.proven:
        return plain, certificate
    first, certificate = _solve_merged(weighed(task.structure, 1.0, 0.0, 0.0), solver)
    return first.prices, certificate


def _least_displaced(
    task: _Task, answer: Answer, least: tuple[Duals, Certificate], penalty: float, solver: ProvingSolver
) -> tuple[Duals, Certificate]:
    """Prove the least that is displaced: at once if nothing is, for no less can be."""
    scaled = Duals(**{field.name: penalty * getattr(least[0], field.name) for field in fields(Duals)})
    certificate = task.displaced(answer, scaled, penalty, least[1])
    if certificate.proven:
        return scaled, certificate
    second, certificate = _solve_merged(weighed(task.structure, penalty, 1.0, 0.0), solver)
    return second.prices, task.second(certificate, penalty, second)


def _solve_merged(structure: Structure, solver: ProvingSolver) -> tuple[Answer, Certificate]:
    """Solve for demands that are alike as one, and prove the answer for all of them."""
    merged = merge(structure)
    answer = merged.spread(solver.answer(merged.structure)[0])
    certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
    return (answer, certificate) if certificate.proven else solver.answer(structure)


def _without(certificate: Certificate, priced: float, size: float) -> Certificate:
    """Return a certificate without prices that no point can avoid, its gap relative to what is left, or a size."""
    objective, bound = certificate.objective - priced, certificate.bound - priced
    return replace(certificate, objective=objective, bound=bound, gap=(objective - bound) / max(abs(objective), size))
