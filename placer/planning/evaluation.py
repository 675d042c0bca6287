"""The cost of states at some units, each proven, with the prices that prove it.

Each state is solved from the prices of its own last solves, here or in processes. Where a state has several blocks,
these are solved one by one, as ``placer.solve`` does.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from placer.by_blocks.solve_blocks import is_by_blocks, solve_blocks
from placer.errors import NoSolutionError
from placer.planning.closed_limits import prices_of
from placer.running import check_time, running, seconds_left
from placer.solvers.column_generation.warm_start import KnownPrices, record_prices
from placer.solvers.price_memory import PriceMemory
from placer.solvers.proven import proving, solve_structure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor

    from placer.model.answer import Answer
    from placer.model.structure import Structure
    from placer.planning.cuts import PriceVector
    from placer.planning.pool import Pool
    from placer.planning.state_program import StateProgram
    from placer.proof.certificate import Certificate
    from placer.solvers.proven import AnySolver
    from placer.utils.arrays import FloatArray, IntArray

#: Number of solves of a state whose prices are kept.
KEPT = 2
#: Smallest number of columns from which a start from known prices pays: below, HiGHS solves the whole program.
_SMALL = 50_000


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A state at some units.

    Attributes
    ----------
    state : int
        Its position.
    cost : float
        Least cost of its horizon in USD, penalty included.
    prices : PriceVector
        That prove it.
    known : KnownPrices or None
        For the next solve of the state.
    """

    state: int
    cost: float
    prices: PriceVector
    known: KnownPrices | None


@dataclass(frozen=True, eq=False)
class StateJob:
    """What all solves share."""

    states: tuple[StateProgram, ...]
    solver: AnySolver | None = None


class Held(Protocol):
    """A job as tasks get it: ``Shared`` between processes, ``Here`` in this one."""

    @property
    def value(self) -> StateJob:
        """The job."""
        ...


@dataclass(frozen=True, eq=False)
class Here:
    """A job in this process, never pickled."""

    value: StateJob


class Memory(Protocol):
    """What remembers states that were solved: ``placer.planning.journal``."""

    def find(self, state: int, units: FloatArray) -> Evaluated | None:
        """Return a state at some units, if it was solved there."""
        ...

    def add(self, units: FloatArray, each: Evaluated) -> None:
        """Remember a state that was solved at some units."""
        ...


class NoMemory:
    """Remembers nothing."""

    def find(self, state: int, units: FloatArray) -> None:
        """Return None."""

    def add(self, units: FloatArray, each: Evaluated) -> None:
        """Do nothing."""


@dataclass(eq=False)
class Evaluator:
    """Solves states at units, and counts the solves.

    Attributes
    ----------
    job : Held
    executor : Executor
    workers : int
        What the executor has.
    memory : Memory
        Of states that need not be solved again.
    solves : (states,) int array
        Solves of each state so far.
    known : dict of int to list of KnownPrices
        Of each state, the latest first.
    """

    job: Held
    executor: Executor
    workers: int
    memory: Memory = field(default_factory=NoMemory)
    solves: IntArray = field(init=False)
    known: dict[int, list[KnownPrices]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Start to count."""
        self.solves = np.zeros(len(self.job.value.states), dtype=int)

    def evaluate(self, numbers: Sequence[int], units: FloatArray) -> Iterator[list[Evaluated]]:
        """Solve states at some units, as many at a time as there are workers, and yield them as they are done.

        Those that are remembered come first, and are not solved.

        Raises
        ------
        NoSolutionError
            If a state has no proven answer, or the time is over.
        """
        remembered = [each for number in numbers if (each := self.memory.find(number, units)) is not None]
        if remembered:
            yield remembered
            there = {each.state for each in remembered}
            numbers = [number for number in numbers if number not in there]
        for start in range(0, len(numbers), self.workers):
            check_time("no time was left for the next state")
            until = time.time() + seconds_left() if math.isfinite(seconds_left()) else math.inf
            futures = [
                self.executor.submit(solve_state, self.job, number, units, tuple(self.known.get(number, ())), until)
                for number in numbers[start : start + self.workers]
            ]
            done = [future.result() for future in futures]
            for each in done:
                self.memory.add(units, each)
                self.solves[each.state] += 1
                if each.known is not None:
                    self.known[each.state] = [each.known, *self.known.get(each.state, ())][:KEPT]
            yield done


def solve_all(pool: Pool, evaluator: Evaluator, units: FloatArray) -> FloatArray:
    """Return the proven cost of every state at some units, and add their price vectors to a pool (states,).

    Raises
    ------
    NoSolutionError
        If a state has no proven answer, or the time is over.
    """
    costs = np.zeros(len(pool.states))
    for done in evaluator.evaluate(range(len(costs)), units):
        for each in done:
            pool.add(each.prices)
            costs[each.state] = each.cost
    return costs


def solve_state(job: Held, number: int, units: FloatArray, known: tuple[KnownPrices, ...], until: float) -> Evaluated:
    """Return a state at some units; runs in the executor.

    Parameters
    ----------
    job : Held
    number : int
        Position of the state.
    units : (candidates,) array
    known : tuple of KnownPrices
    until : float
        When the time is over, by ``time.time``.

    Raises
    ------
    NoSolutionError
        Naming the state, if it has no proven answer.
    """
    state = job.value.states[number]
    structure = state.at(units)
    try:
        with running(time_limit_seconds=max(until - time.time(), 1e-3)):
            answer, certificate = answer_state(state, structure, job.value.solver, known)
    except NoSolutionError as error:
        raise NoSolutionError(error.reason, f"state {state.name}: {error.detail}", error.bound_usd) from None
    large = structure.assignment_count >= _SMALL and structure.routes == 1
    return Evaluated(
        state=number,
        cost=certificate.objective,
        prices=prices_of(structure, state.opened, answer.prices),
        known=record_prices(structure, answer.prices) if large else None,
    )


def answer_state(
    state: StateProgram, structure: Structure, solver: AnySolver | None, known: tuple[KnownPrices, ...] = ()
) -> tuple[Answer, Certificate]:
    """Answer a state with the limits of a structure, and prove the answer."""
    if is_by_blocks(structure, solver, 1):
        answer, certificate, _ = solve_blocks(replace(state.formulation, structure=structure), solver, 1, None)
        return answer, certificate
    if solver is not None and proving(solver).is_whole:
        return solve_structure(structure, solver)
    return PriceMemory(solver, known=known).solve_structure(structure)
