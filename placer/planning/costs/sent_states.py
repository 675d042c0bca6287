"""States sent to other processes: each task carries its own state, less the arrays that all states share.

States of demand sets differ in the amounts of demand and in little else. The arrays of the first state are sent to
every process once. A task refers to those of them that its state has too, so that a thousand states take no more room
in a task, nor in a process, than one. State s always runs in process s mod n, which keeps its warm master
(``AffineProcesses``).
"""

from __future__ import annotations

import io
import pickle
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from placer.column_generation.kept_masters import MOST_COLUMNS, MOST_PACKED, KeptMasters
from placer.planning.costs.evaluation import Evaluator, Here, StateJob, packed_masters
from placer.planning.costs.memory import NoMemory
from placer.utils.processes import InThisProcess, Processes
from placer.utils.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from types import TracebackType

    from placer.decomposition.member import Member
    from placer.ladder.proven import AnySolver
    from placer.planning.costs.memory import Memory
    from placer.planning.question.plan_program import PlanProgram


@dataclass(frozen=True, eq=False)
class SharedByStates:
    """Everything that all states share.

    Attributes
    ----------
    arrays : tuple of array
        Of the first state.
    solver : AnySolver or None
    masters : KeptMasters
        Those that a process keeps.
    """

    arrays: tuple[Any, ...]
    solver: AnySolver | None
    masters: KeptMasters


class SentStates:
    """The job of all states; ``of`` returns that of one state, which is pickled alone.

    Attributes
    ----------
    value : StateJob
    """

    def __init__(self, job: StateJob) -> None:
        self.value = job
        self._common = Shared(SharedByStates(_arrays_of(job.states[0]), job.solver, job.masters))

    def of(self, state: int) -> SentState:
        """Return the job of one state."""
        return SentState(self._common, state, self.value.states[state])


@dataclass(frozen=True, eq=False)
class SentState:
    """The job of one state.

    Attributes
    ----------
    common : Shared of SharedByStates
    number : int
        Position of the state.
    state : Member
    """

    common: Shared[SharedByStates]
    number: int
    state: Member

    @property
    def value(self) -> StateJob:
        """The job with this state alone."""
        common = self.common.value
        return StateJob({self.number: self.state}, common.solver, common.masters)

    def __reduce__(self) -> tuple[Callable[..., SentState], tuple[Shared[SharedByStates], int, bytes]]:
        """Return the call that restores the job from bytes without the shared arrays."""
        return _received, (self.common, self.number, _packed(self.state, self.common.value.arrays))


def _received(common: Shared[SharedByStates], number: int, packed: bytes) -> SentState:
    return SentState(common, number, _Unpickler(packed, common.value.arrays).load())


def _packed(state: Member, arrays: Sequence[Any]) -> bytes:
    file = io.BytesIO()
    _Pickler(file, arrays).dump(state)
    return file.getvalue()


def _arrays_of(state: Member) -> tuple[Any, ...]:
    """Return every array that a state holds, in its parts too."""
    collector = _Collector(io.BytesIO(), pickle.HIGHEST_PROTOCOL)
    collector.dump(state)
    return tuple(collector.arrays.values())


class _Collector(pickle.Pickler):
    """Collects the arrays that it pickles."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.arrays: dict[int, Any] = {}

    def persistent_id(self, each: Any) -> None:
        """Remember an array, and pickle everything by value."""
        if isinstance(each, np.ndarray):
            self.arrays[id(each)] = each


class _Pickler(pickle.Pickler):
    """Pickles known arrays as their positions."""

    def __init__(self, file: io.BytesIO, arrays: Sequence[Any]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._place = {id(each): place for place, each in enumerate(arrays)}

    def persistent_id(self, each: Any) -> int | None:
        """Return the position of a known array."""
        return self._place.get(id(each))


class _Unpickler(pickle.Unpickler):
    """Reads positions as the arrays there."""

    def __init__(self, packed: bytes, arrays: Sequence[Any]) -> None:
        super().__init__(io.BytesIO(packed))
        self._arrays = arrays

    def persistent_load(self, place: int) -> Any:
        """Return the array at a position."""
        return self._arrays[place]


T = TypeVar("T")


class AffineProcesses(Executor):
    """Run each task in the process whose position is the number of the task modulo the number of processes.

    Use it in a ``with``; it ends as ``Processes`` does.

    Parameters
    ----------
    workers : int
    number : callable
        Returns the number of a task from its arguments.
    """

    def __init__(self, workers: int, number: Callable[..., int]) -> None:
        self._number = number
        self._stack = ExitStack()
        self._processes = [self._stack.enter_context(Processes(1)) for _ in range(workers)]

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run ``fn(*args, **kwargs)`` in the process of its number."""
        return self._processes[self._number(*args, **kwargs) % len(self._processes)].submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Accept no more tasks; wait for the submitted ones if ``wait``; cancel waiting ones if ``cancel_futures``."""
        for process in self._processes:
            process.shutdown(wait, cancel_futures=cancel_futures)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all tasks, unless the block or the wait ends in an exception."""
        self._stack.__exit__(kind, error, trace)


@contextmanager
def evaluator_of(
    problem: PlanProgram,
    workers: int,
    memory: Memory | None = None,
    executor: Executor | None = None,
    masters: KeptMasters | None = None,
) -> Iterator[Evaluator]:
    """Yield the evaluator of the states of a problem: an executor, this process, or some processes of its own.

    Several processes keep a part of the masters each. Those of processes of its own are packed at the end.
    """
    known = KeptMasters() if masters is None else masters
    memory = NoMemory() if memory is None else memory
    known.points.update(memory.points)
    if executor is None and workers == 1:
        yield Evaluator(Here(StateJob(problem.states, masters=known)), InThisProcess(), 1, memory, known)
        return
    job = SentStates(StateJob(problem.states, masters=KeptMasters(MOST_COLUMNS // workers, MOST_PACKED // workers)))
    known.pack_all()
    if executor is not None:
        yield Evaluator(job, executor, workers, memory, known)
        return
    with AffineProcesses(workers, lambda _job, number, *_: number) as processes:
        yield Evaluator(job, processes, workers, memory, known)
        firsts = range(min(workers, len(problem.states)))
        for packed in [processes.submit(packed_masters, job.of(number), number) for number in firsts]:
            known.receive(packed.result())
