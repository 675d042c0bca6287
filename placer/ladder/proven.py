"""Proven answers of structures: every solver that a user passes is wrapped so that it returns only these.

    proving(solver)      at the door: any solver as a ``ProvingSolver``, whose ``answer`` is proven or raises
    solve_structure      the two steps in one
    default_solver       the solver where none is passed, by the number of assignment columns

Solvers of linear programs become ``WholeProgram``; solvers of structures, such as column generation, ``OnStructure``.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

from placer.column_generation.solver import WIDEST_GAP, ColumnGeneration
from placer.column_generation.start import Start
from placer.errors import NoSolutionError
from placer.ladder.stepped import answer_with_steps
from placer.ladder.whole_program import WholeProgram, with_attempts
from placer.model.answer import Answer
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.running import Progress, phase
from placer.solvers.highs import HiGHS
from placer.termination import Reason

_log = logging.getLogger(__name__)


@runtime_checkable
class StructureSolver(Protocol):
    """A solver that answers structures without their whole program. ``OnStructure`` proves its answers."""

    @property
    def name(self) -> str:
        """Name for messages."""
        ...

    @property
    def time_limit_seconds(self) -> float:
        """Time after which it stops."""
        ...

    def answer(self, structure: Structure, start: Start | None = None) -> Answer:
        """Answer a structure, from a start if one is known; not proven."""
        ...

    def fallback(self, seconds_left: float) -> Solver:
        """Return a solver for the whole program, in the time that is left."""
        ...


#: The types of a solver that a user may pass.
AnySolver = Solver | StructureSolver


class ProvingSolver(Protocol):
    """A solver as the rest of the package sees it."""

    @property
    def is_whole(self) -> bool:
        """Whether it is given whole linear programs: it can then solve over optimal faces, and a start is no use."""
        ...

    @property
    def time_limit_seconds(self) -> float:
        """Time for all its attempts together."""
        ...

    @property
    def programs(self) -> Solver:
        """Its solver of whole linear programs."""
        ...

    def answer(self, structure: Structure, start: Start | None = None) -> tuple[Answer, Certificate]:
        """Answer a structure and prove the answer, or raise ``NoSolutionError``."""
        ...


@dataclass(frozen=True)
class SolverChoice:
    """Which solver is taken where none is passed.

    Attributes
    ----------
    large_from : int
        Number of assignment columns from which column generation is faster than HiGHS on the whole program.
    patience : float
        ``ColumnGeneration.patience`` below ``never_whole_from``, in microseconds for each assignment column. HiGHS
        takes longer on any program. ``python -m benchmarks.giving_up`` measures the effect.
    never_whole_from : int
        Number of assignment columns from which column generation never gives up.
    """

    large_from: int = 50_000
    patience: float = 4.0
    never_whole_from: int = 400_000


#: The default choice.
BY_SIZE = SolverChoice()


def default_solver(
    structure: Structure,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
    choice: SolverChoice = BY_SIZE,
) -> HiGHS | ColumnGeneration:
    """Return the solver that ``placer.solve`` takes if it is given none: by the number of assignment columns.

    Column generation prices one route from an origin to a site, so that several routes take the whole program.
    """
    if structure.assignment_count < choice.large_from or structure.routes > 1:
        return HiGHS(time_limit_seconds=time_limit_seconds)
    patience = choice.patience if structure.assignment_count < choice.never_whole_from else math.inf
    return ColumnGeneration(time_limit_seconds=time_limit_seconds, progress=progress, patience=patience)


def proving(solver: AnySolver) -> ProvingSolver:
    """Return a solver of whole programs or of structures as one whose answers are proven."""
    return OnStructure(solver) if isinstance(solver, StructureSolver) else WholeProgram(solver)


def solve_structure(
    structure: Structure, solver: AnySolver | None = None, start: Start | None = None
) -> tuple[Answer, Certificate]:
    """Answer a structure and prove the answer, by ``default_solver`` if none is given, from a start if one is known.

    Raises
    ------
    NoSolutionError
        If no answer was proven; an ``UnprovenError`` if a limit was reached.
    """
    return proving(solver or default_solver(structure)).answer(structure, start)


@dataclass(frozen=True)
class OnStructure:
    """A solver of structures whose answers are proven; an answer that is not leads to the whole program."""

    solver: StructureSolver

    is_whole = False

    @property
    def time_limit_seconds(self) -> float:
        """The time limit of the solver."""
        return self.solver.time_limit_seconds

    @property
    def programs(self) -> Solver:
        """The solver that it falls back on."""
        return self.solver.fallback(self.time_limit_seconds)

    def answer(self, structure: Structure, start: Start | None = None) -> tuple[Answer, Certificate]:
        """Answer a structure and prove the answer; see ``solve_structure``."""
        with phase(_log, f"solving {structure.assignment_count:,} assignments by {self.solver.name}"):
            if structure.steps is not None:
                return self._answer_with_steps(structure)
            answer = self.solver.answer(structure, start)
        reason, detail = answer.termination.reason, answer.termination.detail
        if answer.flows is not None:
            with phase(_log, "proving the answer"):
                certificate = certify_answer(structure, answer, gap=WIDEST_GAP)
            if reason is Reason.OPTIMAL and certificate.proven:
                return answer, certificate
            if reason is Reason.TIME_LIMIT and certificate.feasible:
                raise UnprovenError(reason, detail, max(answer.bound, certificate.bound), (answer, certificate))
            detail = f"{self.solver.name}: {', '.join(certificate.failures)}"
        if reason not in (Reason.FAILED, Reason.OPTIMAL):
            raise UnprovenError(reason, detail, answer.bound)
        return self._fall_back(structure, answer.seconds, detail)

    def _answer_with_steps(self, structure: Structure) -> tuple[Answer, Certificate]:
        """Answer a structure with steps of demand, which the solver itself does not know."""
        answer, certificate = answer_with_steps(structure, self.solver.answer, WIDEST_GAP)
        if certificate is not None:
            return answer, certificate
        reason, detail = answer.termination.reason, answer.termination.detail
        if reason not in (Reason.FAILED, Reason.OPTIMAL):
            raise NoSolutionError(reason, detail)
        return self._fall_back(structure, answer.seconds, f"{self.solver.name}: no proof with the steps of demand")

    def _fall_back(self, structure: Structure, seconds: float, detail: str) -> tuple[Answer, Certificate]:
        """Solve the whole program in the time that is left."""
        left = self.time_limit_seconds - seconds
        if left <= 0:
            raise NoSolutionError(Reason.TIME_LIMIT, detail)
        try:
            answer, certificate = WholeProgram(self.solver.fallback(left)).answer(structure)
        except NoSolutionError as error:
            raise NoSolutionError(error.reason, f"{detail}; {error.detail}") from None
        return replace(answer, termination=with_attempts(answer.termination, [detail])), certificate


class UnprovenError(NoSolutionError):
    """A limit was reached before the proof. It leaves the process as a ``NoSolutionError``.

    Attributes
    ----------
    bound : float
        On the objective of the structure. It is no ``bound_usd``: that of a slope or of a ceiling bounds no placement,
        and only ``placer.solve.place`` knows that the structure is that of an instance.
    found : tuple of Answer and Certificate, or None
        The best answer, if it is feasible.
    """

    def __init__(
        self, reason: Reason, detail: str, bound: float, found: tuple[Answer, Certificate] | None = None
    ) -> None:
        super().__init__(reason, detail)
        self.bound = bound
        self.found = found

    def __reduce__(self) -> tuple[Any, ...]:
        """Return the call that makes the error again in another process, without the answer."""
        return NoSolutionError, (self.reason, self.detail)
