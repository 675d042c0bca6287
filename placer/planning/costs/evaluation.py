"""The cost of states at some units, each proven, with the prices that prove it.

Each state is solved in this process or in another one. Its warm start is the price vector of the pool with the highest
bound on it at the units, from any state. A state of several blocks is solved block by block, as by ``placer.solve``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from placer.by_blocks.solve_blocks import is_by_blocks, solve_blocks
from placer.column_generation.early_point import EarlyPoint
from placer.column_generation.kept_masters import Keeping, KeptMasters
from placer.column_generation.packed_opening import PackedOpening
from placer.column_generation.solver import WIDEST_GAP, ColumnGeneration
from placer.column_generation.start import Start
from placer.column_generation.warm_start import joint_start, record_prices
from placer.decomposition.closed_limits import prices_of
from placer.decomposition.cuts import PriceVector, duals_at
from placer.decomposition.member import Member
from placer.decomposition.oracle import Evaluated
from placer.decomposition.price_pool import PricePool
from placer.errors import NoSolutionError
from placer.ladder.proven import BY_SIZE, AnySolver, default_solver, proving, solve_structure
from placer.ladder.stepped import answer_from_prices
from placer.model.answer import Answer
from placer.model.structure import Structure
from placer.planning.costs.memory import Memory, NoMemory
from placer.planning.costs.unmet_states import state_error
from placer.proof.certificate import Certificate
from placer.running import check_time, deadline, running, running_until
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.tasks import DEFAULT, Dispatcher, TaskPolicy

#: Smallest number of columns at which a warm start pays: below, HiGHS solves the whole program.
_SMALL = BY_SIZE.large_from
#: With one worker each state starts from the prices of all states before it, wherever the worker is.
_ONE_AT_A_TIME = TaskPolicy(in_flight_per_worker=1)


@dataclass(frozen=True, eq=False)
class StateJob:
    """The states by position, the solver of all solves, and the masters that each process keeps."""

    states: Sequence[Member] | Mapping[int, Member]
    solver: AnySolver | None = None
    masters: KeptMasters = field(default_factory=KeptMasters)


class Held(Protocol):
    """A job as a task gets it."""

    @property
    def value(self) -> StateJob:
        """The job, of one state at least."""
        ...


class HeldForAll(Held, Protocol):
    """A job of all states: ``Here`` in this process, ``SentStates`` for others."""

    def of(self, state: int) -> Held:
        """Return the job as the task of a state gets it."""
        ...


@dataclass(frozen=True, eq=False)
class Here:
    """A job in this process, never pickled."""

    value: StateJob

    def of(self, state: int) -> Here:  # noqa: ARG002 - one process has all states
        """Return itself."""
        return self


def nothing_near(state: int) -> tuple[PriceVector, ...]:  # noqa: ARG001 - as every function that knows prices
    """Return nothing: no prices are known."""
    return ()


@dataclass(eq=False)
class Evaluator:
    """Solves states at units, and counts the solves.

    Attributes
    ----------
    workers : int
        The number of workers of the executor.
    memory : Memory
        Of states that need not be solved again.
    known : KeptMasters
        Of the plan: the masters of an earlier search, and the early points of states
        (``placer.planning.costs.inexact``).
    solves : (states,) int array
        Solves of each state so far.
    """

    job: HeldForAll
    executor: Executor
    workers: int
    memory: Memory = field(default_factory=NoMemory)
    known: KeptMasters = field(default_factory=KeptMasters)
    solves: IntArray = field(init=False)

    def __post_init__(self) -> None:
        """Start to count."""
        self.solves = np.zeros(len(self.job.value.states), dtype=int)

    @property
    def points(self) -> dict[int, EarlyPoint]:
        """The last early point of the path of each state that has one."""
        return self.known.points

    @property
    def what(self) -> str:
        """The verb of its messages: states are ``solved`` or ``priced``."""
        return "states solved"

    def dispatcher(self) -> Dispatcher:
        """Return the dispatcher of the states, until the time is over."""
        policy = _ONE_AT_A_TIME if self.workers == 1 else DEFAULT
        return Dispatcher(self.executor, self.workers, policy, deadline())

    def evaluate(
        self, numbers: Sequence[int], units: FloatArray, near: Callable[[int], tuple[PriceVector, ...]] = nothing_near
    ) -> Iterator[list[Evaluated]]:
        """Solve states at some units in parallel, and yield them in their order when they are solved.

        Remembered states come first, and are not solved.

        Parameters
        ----------
        numbers : sequence of int
            Positions of the states.
        units : (candidates,) array
        near : callable
            Prices for the warm start of a state, by its number, the best first; called when its turn comes.

        Raises
        ------
        NoSolutionError
            If a state has no proven answer, or the time is over.
        BatchError
            As ``Dispatcher.in_order``.
        """
        remembered = [each for number in numbers if (each := self.memory.find(number, units)) is not None]
        if remembered:
            yield remembered
            there = {each.member for each in remembered}
            numbers = [number for number in numbers if number not in there]
        for each in self.dispatcher().in_order(solve_state, self._tasks(numbers, units, near)):
            self.memory.add(units, each)
            self.solves[each.member] += 1
            yield [each]

    def _tasks(
        self, numbers: Sequence[int], units: FloatArray, near: Callable[[int], tuple[PriceVector, ...]]
    ) -> Iterator[tuple[object, ...]]:
        """Yield the arguments of ``solve_state``, each made when its turn comes."""
        for number in numbers:
            check_time("no time was left for the next state")
            packed = self.known.take_packed(number)
            yield self.job.of(number), number, units, near(number), deadline(), self.points.get(number), packed


def solve_all(pool: PricePool, evaluator: Evaluator, units: FloatArray) -> FloatArray:
    """Return the proven cost of every state at some units, and add their price vectors to a pool (states,).

    Raises
    ------
    NoSolutionError
        If a state has no proven answer, or the time is over.
    """
    costs = np.zeros(len(pool.members))
    for done in evaluator.evaluate(range(len(costs)), units, lambda state: pool.nearest(state, units)):
        for each in done:
            pool.add(each.prices, each.member)
            costs[each.member] = each.cost
    return costs


def solve_state(
    job: Held,
    number: int,
    units: FloatArray,
    near: tuple[PriceVector, ...],
    until: float,
    point: EarlyPoint | None = None,
    packed: PackedOpening | None = None,
) -> Evaluated:
    """Return a state at some units; runs in the executor.

    Parameters
    ----------
    number : int
        Position of the state.
    units : (candidates,) array
    near : tuple of PriceVector
        Prices to start from, the best first.
    until : float
        When the time is over, by ``time.time``.
    point : EarlyPoint, optional
        Of the path of the state at other units.
    packed : PackedOpening, optional
        The last master of the state, from another process.

    Raises
    ------
    NoSolutionError
        Naming the state, if it has no proven answer; an ``UnmetStateError`` if it has no placement.
    """
    state = job.value.states[number]
    structure = state.at(units)
    try:
        with running_until(until, "no time was left"):
            solver = _keeping(job.value, number, structure, near, point, packed)
            answer, certificate = answer_state(state, structure, solver, near)
    except NoSolutionError as error:
        raise state_error(error, state, units) from None
    prices = prices_of(structure, state.opened, answer.prices)
    return Evaluated(number, certificate.objective, prices, answer.flows)


def _keeping(
    job: StateJob,
    number: int,
    structure: Structure,
    near: Sequence[PriceVector],
    point: EarlyPoint | None,
    packed: PackedOpening | None,
) -> AnySolver | None:
    """Return the solver of the job; column generation as one that keeps its masters in this process.

    With steps of demand the amounts change too (``placer.ladder.stepped``), and a master would be of other data.
    """
    solver = job.solver
    if structure.steps is not None:
        return solver
    if solver is None and structure.assignment_count >= _SMALL and structure.routes == 1:
        solver = ColumnGeneration() if near else default_solver(structure)
    if not isinstance(solver, ColumnGeneration) or is_by_blocks(structure, solver, 1):
        return job.solver
    # After a master that failed the path is faster: known prices, as of another plan or state, are no nearer.
    return Keeping(
        solver, job.masters, number, lambda failed: None if failed else _start(structure, near), point, packed
    )


def packed_masters(job: Held, number: int) -> dict[int, PackedOpening]:  # noqa: ARG001 - it tells the process
    """Return the masters that a process keeps, packed; runs in the process of a state."""
    return job.value.masters.pack_all()


@running()
def answer_state(
    state: Member, structure: Structure, solver: AnySolver | None, near: Sequence[PriceVector] = ()
) -> tuple[Answer, Certificate]:
    """Answer a state with the limits of a structure, from some prices if any are near, and prove the answer."""
    if structure.steps is not None:  # all blocks are one program, as by ``placer.solve``
        solver = solver or default_solver(structure)
        known = next((each for each in near if each.fits(structure)), None)
        if known is None or not isinstance(solver, ColumnGeneration):
            return solve_structure(structure, solver)
        found = answer_from_prices(structure, duals_at(structure, known), WIDEST_GAP)
        return found or solve_structure(structure, solver)
    if is_by_blocks(structure, solver, 1):
        answer, certificate, _ = solve_blocks(replace(state.formulation, structure=structure), solver, 1, None)
        return answer, certificate
    if isinstance(solver, Keeping) or (solver is not None and proving(solver).is_whole):
        return solve_structure(structure, solver)
    start = _start(structure, near)
    if start is None:
        return solve_structure(structure, solver)
    return solve_structure(structure, solver or ColumnGeneration(), start)


def _start(structure: Structure, near: Sequence[PriceVector]) -> Start | None:
    """Return a warm start from prices, if any fit and the structure is large enough to profit.

    They are recorded as prices of the structure itself: they give the highest bound on it, from any state.
    """
    if structure.assignment_count < _SMALL:
        return None
    known = [record_prices(structure, duals_at(structure, each)) for each in near if each.fits(structure)]
    return joint_start(structure, known)
