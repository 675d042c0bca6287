"""Column generation as a solver: settings, memory, and the result as an answer in the words of the structure."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from placer.column_generation.deadline import Deadline
from placer.column_generation.dual.cap_places import cap_places
from placer.column_generation.generation import generate, solve_moved
from placer.column_generation.market.definition import is_supply_scarce
from placer.column_generation.market.lanes import most_lanes
from placer.column_generation.nearby import generate_nearby
from placer.column_generation.opening import Opening
from placer.column_generation.parameters import DEFAULTS, ColumnGenerationParameters, ShortlistParameters
from placer.column_generation.recovery import recover_duals, recover_flows
from placer.column_generation.rounds import Generated
from placer.column_generation.seed import UsedColumns
from placer.column_generation.start import Start
from placer.column_generation.warm_start import KnownPrices
from placer.errors import SolverError
from placer.model.answer import Answer
from placer.model.caps import counts_by_arrival
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.running import check_time_limit, running, seconds_left, tell
from placer.solvers.highs import HiGHS
from placer.solvers.memory import MEASURED, MemoryParameters, check_memory, fits_into_memory, whole_program_bytes
from placer.termination import Reason, Termination
from placer.tolerances import PROOF
from placer.utils.numbers import gap_in_words
from placer.utils.shared_work import shared_among

_log = logging.getLogger(__name__)

#: Relative gap sought, and the widest that counts as proven where no column is left to add.
GAP, WIDEST_GAP = 1e-8, PROOF


@dataclass(frozen=True)
class ColumnGeneration:
    """Column generation: an exact solver that never builds the whole linear program.

    It works on the structure of a placement. Newton's method on a smoothed dual gives prices of accelerators, power,
    links and caps; a small linear program, the master, holds the columns near the lowest price of their demand; and
    every column is priced exactly before the answer is given. It pays from some tens of thousands of columns on.

    Parameters
    ----------
    gap : float
        Relative gap at which to stop. Where no column is left to add, an answer with a gap of up to 1e-6 is given.
    time_limit_seconds : float
        Time limit, at which it stops with the best bound and, if a master was feasible, the best placement so far.
    progress : callable, optional
        Called with a sentence on progress, several times a second.
    patience : float
        Microseconds for each assignment column after which the search for prices is given up, if it takes many steps
        or dear ones, and the whole program is solved instead, if it fits into memory. They are estimated from a count
        of operations, not read from a clock. By default inf, never; ``placer.solve`` sets it where it chooses the
        solver.
    threads : int, keyword only
        Threads that work through the classes side by side, unless these are small
        (``parameters.least_shared_cells``). Their number does not change the answer. More than one stand, whatever the
        ``workers`` of ``placer.solve``.
    parameters : ColumnGenerationParameters, keyword only
        Every figure that tunes the algorithm; see ``placer.column_generation.parameters``. Answers are proven
        for any figures, so that poor ones cost time only.

    Raises
    ------
    SolverError
        If the gap, the limit or the patience is not a positive number, the threads are no positive whole number, or the
        parameters are of another type.

    Examples
    --------
    >>> import placer
    >>> placement = placer.solve(placer.load("tiny"), placer.ColumnGeneration())
    >>> placement.certificate.proven
    True
    """

    gap: float = GAP
    time_limit_seconds: float = math.inf
    progress: Callable[[str], None] | None = field(default=None, compare=False)
    patience: float = math.inf
    threads: int = field(default=1, kw_only=True)
    parameters: ColumnGenerationParameters = field(default=DEFAULTS, kw_only=True, repr=False)

    def __post_init__(self) -> None:
        """Check the settings."""
        check_time_limit(self.time_limit_seconds)
        if isinstance(self.gap, bool) or not isinstance(self.gap, (int, float)) or not 0 < self.gap <= WIDEST_GAP:
            raise SolverError(f"gap {self.gap!r} is not a number above 0 and at most {WIDEST_GAP:g}")
        if isinstance(self.patience, bool) or not isinstance(self.patience, (int, float)) or not self.patience > 0:
            raise SolverError(f"patience {self.patience!r} is not a positive number")
        if isinstance(self.threads, bool) or not isinstance(self.threads, int) or not self.threads > 0:
            raise SolverError(f"threads {self.threads!r} is not a positive whole number")
        if not isinstance(self.parameters, ColumnGenerationParameters):
            raise SolverError(f"parameters {self.parameters!r} are not of the class ColumnGenerationParameters")

    @property
    def name(self) -> str:
        """Name for messages."""
        return "column generation"

    def with_workers(self, workers: int | None) -> ColumnGeneration:
        """Return this solver with a thread for each worker; itself if it has several threads or no number is given."""
        return self if workers is None or self.threads > 1 else replace(self, threads=workers)

    def fallback(self, seconds_left: float) -> Solver:
        """Return HiGHS for the whole program, with the seconds that are left as its limit."""
        return HiGHS(time_limit_seconds=seconds_left)

    def answer(self, structure: Structure, start: Start | None = None) -> Answer:
        """Answer a structure, from a start if one is known; the caller proves the answer.

        Where the whole program would not fit into the free memory, the patience is endless.

        Raises
        ------
        NoSolutionError
            With the reason ``memory limit``, if column generation would not fit into the free memory either.
        """
        return self.answer_from(structure, start)[0]

    def answer_from(self, structure: Structure, start: Start | None = None) -> tuple[Answer, Opening | None]:
        """Answer a structure as ``answer``, and return the last master too; None if it is not worth keeping.

        Raises
        ------
        NoSolutionError
            As ``answer``.
        """
        check_memory(column_generation_bytes(structure, self.parameters.shortlist), self.name)
        patience = self.patience
        if math.isfinite(patience) and not fits_into_memory(whole_program_bytes(structure)):
            patience = math.inf
        deadline = self._deadline(patience * 1e-6 * structure.assignment_count)
        if reason := unsuitable(structure):
            return Answer(Termination(Reason.FAILED, f"{self.name}: {reason}")), None
        with running(self.progress), self._shared(structure):
            found = generate(structure, self.gap, deadline, start, self.parameters)
        return _as_answer(structure, found, deadline.seconds_passed), self._worth_keeping(found)

    def answer_moved(self, structure: Structure, kept: Opening) -> tuple[Answer, Opening | None] | None:
        """Answer a structure from the last master of another that differs in limits; None if that fails.

        Parameters
        ----------
        structure : Structure
        kept : Opening
            As ``answer_from`` returned it. Its master is changed: it is of no use after None.
        """
        deadline = self._deadline(math.inf)
        with running(self.progress), self._shared(structure):
            found = solve_moved(structure, kept, self.gap, deadline, self.parameters)
        if found is None:
            return None
        return _as_answer(structure, found, deadline.seconds_passed), self._worth_keeping(found)

    def answer_nearby(self, structure: Structure, known: KnownPrices, used: UsedColumns, gap: float) -> Answer | None:
        """Answer a structure about within a gap from others nearby, without a path; None if that fails.

        Parameters
        ----------
        structure : Structure
        known : KnownPrices
            Prices of one of the others.
        used : UsedColumns
            Columns that the others use.
        gap : float
        """
        if unsuitable(structure):
            return None
        deadline = self._deadline(math.inf)
        with running(self.progress), self._shared(structure):
            found = generate_nearby(structure, known, used, gap, deadline, self.parameters)
        if found is None or found.best is None:
            return None
        return _as_answer(structure, found, deadline.seconds_passed)

    def _shared(self, structure: Structure) -> AbstractContextManager[None]:
        """Return the context that shares the work of a structure among the threads, or among one if it is small."""
        cells = structure.sites * len(structure.demand_amount) / structure.classes
        return shared_among(self.threads if cells >= self.parameters.least_shared_cells else 1)

    def _deadline(self, patience_seconds: float) -> Deadline:
        return Deadline(
            limit_seconds=min(self.time_limit_seconds, seconds_left()),
            tell=lambda text: tell(_log, text),
            patience_seconds=patience_seconds,
            effort=self.parameters.effort,
        )

    def _worth_keeping(self, found: Generated) -> Opening | None:
        """Return the last master, if there is one and it is not too large."""
        most = self.parameters.warm_start.most_kept_per_demand
        return found.opening if found.opening is not None and found.opening.is_light(most) else None


def unsuitable(structure: Structure) -> str:
    """Return why column generation cannot answer a structure; empty if it can."""
    if structure.routes > 1:
        return "several routes lead from an origin to a site"
    if not (structure.demand_amount > 0).any():
        return "nothing is asked for"
    if counts_by_arrival(structure):
        return "a limit counts tokens by the hour they are asked for"
    return ""


def _as_answer(structure: Structure, found: Generated, seconds: float) -> Answer:
    """Return the result in the words of the structure."""
    best = found.best
    detail = f"column generation: {found.detail or found.reason}"
    if found.start is not None:
        detail += f", {found.start.steps} price steps"
    if best is None:
        return Answer(Termination(found.reason, detail), seconds=seconds, bound=found.bound)
    return Answer(
        termination=Termination(found.reason, f"{detail}, {best.number} masters, {gap_in_words(best.gap)}"),
        flows=recover_flows(structure, best.maker, best.point),
        duals=recover_duals(structure, best.market, best.prices, best.caps, best.priced, best.stores),
        iterations=best.iterations,
        seconds=seconds,
        bound=found.bound,
    )


_DOUBLE_BYTES = 8


def column_generation_bytes(
    structure: Structure,
    shortlist: ShortlistParameters = DEFAULTS.shortlist,
    parameters: MemoryParameters = MEASURED,
) -> int:
    """Estimate the memory that column generation takes; the shortlist bounds the columns of its master."""
    sites, periods = structure.capacity.shape
    kinds = 2 if is_supply_scarce(structure) else 1
    kept = 1 + int((structure.window > 0).sum())
    places = cap_places(structure)
    resources = (kinds + places.kinds) * sites
    hessian = parameters.hessian_copies * periods * kept * max(resources, most_lanes(structure)) ** 2
    border = parameters.hessian_copies * len(places.border) * periods * resources
    given = parameters.doubles_per_demand * len(structure.demand_amount)
    given += parameters.doubles_per_arc * len(structure.arc_cost)
    most = shortlist.room * shortlist.most_in_all + len(structure.demand_amount)
    listed = min(structure.assignment_count, most)
    if structure.stores is not None:
        listed += 3 * structure.stores.power.size
    return int(_DOUBLE_BYTES * (hessian + border + given) + parameters.bytes_per_listed_column * listed)
