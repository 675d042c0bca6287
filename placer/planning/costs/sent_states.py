"""States sent to other processes: each task carries what differs in its own state from the first one.

States of demand sets differ in the amounts of demand and in little else. The first state is sent to every process
once, so that a thousand states take no more room in a task, nor in a process, than one. State s always runs in process
s mod n, which keeps its warm master (``AffineProcesses``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

from placer.column_generation.kept_masters import MOST_COLUMNS, MOST_PACKED, KeptMasters
from placer.decomposition.member import Member
from placer.ladder.proven import AnySolver
from placer.planning.costs.evaluation import Evaluator, Here, StateJob, packed_masters
from placer.planning.costs.memory import Memory, NoMemory
from placer.planning.question.plan_program import PlanProgram
from placer.utils.alike import Changes, changed, changes_from
from placer.utils.processes import InThisProcess, Processes
from placer.utils.shared import Shared


@dataclass(frozen=True, eq=False)
class SharedByStates:
    """Everything that all states share.

    Attributes
    ----------
    base : Member
        The first state; each other one is given by its changes.
    masters : KeptMasters
        Those that a process keeps.
    """

    base: Member
    solver: AnySolver | None
    masters: KeptMasters


class SentStates:
    """The job of all states; ``of`` returns that of one state, which is sent alone.

    Attributes
    ----------
    value : StateJob
    """

    def __init__(self, job: StateJob) -> None:
        self.value = job
        self._common = Shared(SharedByStates(job.states[0], job.solver, job.masters))

    def of(self, state: int) -> SentState:
        """Return the job of one state."""
        base, own = self._common.value.base, self.value.states[state]
        return SentState(self._common, state, changes_from(base, own))


@dataclass(frozen=True, eq=False)
class SentState:
    """The job of one state.

    Attributes
    ----------
    number : int
        Position of the state.
    changes : Changes
        That make the state of the first one.
    """

    common: Shared[SharedByStates]
    number: int
    changes: Changes

    @property
    def value(self) -> StateJob:
        """The job with this state alone."""
        common = self.common.value
        return StateJob({self.number: changed(common.base, self.changes)}, common.solver, common.masters)


T = TypeVar("T")


class AffineProcesses(Executor):
    """Run each task in the process whose position is the number of the task modulo the number of processes.

    Use it in a ``with``; it ends as ``Processes`` does.

    Parameters
    ----------
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
