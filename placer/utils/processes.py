"""A pool of processes in which a task that exceeds its time limit or kills its process harms no other task.

The pools of the standard library never stop a running task, and break when one process dies. Here every process has a
thread in the parent that hands it one task at a time, waits for the answer up to the time limit, and replaces a dead
process. Processes are spawned, never forked, and end when the parent ends, however it ends.

``pebble`` has time limits and replaces processes too, but does not isolate tasks: all its processes share one pipe and
its lock, a killed idle process breaks the pool, and a working process outlives its parent.
"""

from __future__ import annotations

import ast
import atexit
import math
import pickle
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from placer.errors import BatchError, WorkerDiedError
from placer.utils.worker import NotBegunError, Worker, start_worker

T = TypeVar("T")

#: Largest number of processes: every one has a thread in the parent.
MOST_WORKERS = 1_000


class Processes(Executor):
    """Run tasks in processes that are killed when they take too long and replaced when they die.

    The future of a task over the time limit holds TimeoutError, that of a task whose process died WorkerDiedError, and
    that of a task that raised its exception, with the traceback as a note. Arguments and results are pickled. Use it in
    a ``with``: if the block ends in an exception (such as Ctrl-C), or the interpreter ends first, running tasks are
    killed and waiting tasks are cancelled.

    Parameters
    ----------
    workers : int
        Largest number of processes. They are started as tasks arrive.
    time_limit_seconds : float
        Time limit of a task, counted from when its process has read it.

    Raises
    ------
    BatchError
        If the script that calls does not guard its entry.
    MemoryError
        If the memory does not hold the threads that talk to the processes.
    """

    def __init__(self, workers: int, *, time_limit_seconds: float = math.inf) -> None:
        if not 1 <= workers <= MOST_WORKERS:
            raise ValueError(f"workers is {workers}, and must be 1 to {MOST_WORKERS:,}")
        if not time_limit_seconds > 0:
            raise ValueError(f"time_limit_seconds is {time_limit_seconds}, and must be positive")
        if not may_be_run_again():
            raise BatchError(
                "every process would run this script again from its start: put what it calls under "
                '`if __name__ == "__main__":`, or ask for one worker'
            )
        self._time_limit_seconds = time_limit_seconds
        self._tasks: queue.SimpleQueue[_Submitted | None] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._closed = self._killed = False
        self._workers: set[Worker] = set()
        self._threads: list[threading.Thread] = []
        atexit.register(self.kill)
        self._start(workers)

    def _start(self, workers: int) -> None:
        """Start the threads, or none."""
        for _ in range(workers):
            thread = threading.Thread(target=self._serve, daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # as threading says that there is no memory for a stack
                self.kill()
                raise MemoryError(f"{error} for each of {workers} workers") from error
            self._threads.append(thread)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run ``fn(*args, **kwargs)`` in a process.

        Raises
        ------
        RuntimeError
            After ``shutdown``.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("no task can be given to processes that were shut down")
            future: Future[T] = Future()
            self._tasks.put(_Submitted(future, fn, args, kwargs))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Accept no more tasks; wait for the submitted ones if ``wait``; cancel waiting ones if ``cancel_futures``."""
        with self._lock:
            waiting = _drained(self._tasks) if cancel_futures else []
            if cancel_futures or not self._closed:
                for _ in self._threads:
                    self._tasks.put(None)
            self._closed = True
        for task in waiting:
            if task.future.cancel():
                task.future.set_running_or_notify_cancel()  # without this, waits for several futures are not notified
        if wait:
            for thread in self._threads:
                thread.join()
            atexit.unregister(self.kill)

    def kill(self) -> None:
        """End at once: kill running tasks and cancel waiting ones."""
        with self._lock:
            self._killed = True
            for worker in self._workers:
                worker.process.kill()
        self.shutdown(cancel_futures=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for all tasks, unless the block or the wait ends in an exception."""
        try:
            if kind is None:
                self.shutdown()
        finally:
            self.kill()

    def _serve(self) -> None:
        """Hand tasks to one process at a time, and replace it when it is gone."""
        worker: Worker | None = None
        while (task := self._tasks.get()) is not None:
            if task.future.set_running_or_notify_cancel():
                worker = self._run(task, worker)
            del task  # frees its data before the next task arrives
        if worker:
            self._part(worker)

    def _run(self, task: _Submitted, worker: Worker | None) -> Worker | None:
        """Run a task and return the process if it can take another task."""
        try:
            message = pickle.dumps((task.fn, task.args, task.kwargs))
        except BaseException as error:  # noqa: BLE001 (pickling may raise anything)
            task.future.set_exception(error)
            return worker
        try:
            worker, answer = self._answer(message, worker)
        except BaseException as error:  # noqa: BLE001 (any error is the task's)
            task.future.set_exception(error)
            return None
        _settle(task.future, answer)
        return worker

    def _answer(self, message: bytes, idle: Worker | None) -> tuple[Worker, bytes]:
        """Return the process that ran the task, and its answer.

        An idle process that was killed a moment ago may still look alive. It never began the task: a new one runs it.
        """
        worker = self._ready(idle)
        try:
            return worker, worker.answer(message, self._time_limit_seconds)
        except BaseException as error:  # after any error, its answer must not be taken for the next task's
            worker.process.kill()
            self._part(worker)
            if worker is idle and isinstance(error, NotBegunError):
                return self._answer(message, None)
            raise

    def _ready(self, worker: Worker | None) -> Worker:
        """Return a live process: the given one, or a new one."""
        if worker and worker.process.is_alive():
            return worker
        if worker:
            self._part(worker)
        with self._lock:
            if self._killed:
                raise WorkerDiedError("the processes were told to end")
            worker = start_worker()
            self._workers.add(worker)
        return worker

    def _part(self, worker: Worker) -> None:
        worker.end()
        with self._lock:
            self._workers.discard(worker)


class InThisProcess(Executor):
    """Run every task on submission, in this process; the returned future is complete.

    The future holds the result or the exception of the task; Ctrl-C is raised instead.

    Examples
    --------
    >>> InThisProcess().submit(sum, [1, 2]).result()
    3
    """

    def submit(self, function: Callable[..., T], /, *args: Any, **keywords: Any) -> Future[T]:
        """Run a task."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **keywords))
        except Exception as error:  # noqa: BLE001 - any exception of a task is its result
            future.set_exception(error)
        return future


def may_be_run_again() -> bool:
    """Whether the program that calls has no script that a new process would run, or one that guards its entry."""
    main = sys.modules.get("__main__")
    file, spec = getattr(main, "__file__", None), getattr(main, "__spec__", None)
    if file is None or getattr(spec, "name", "").endswith("__main__"):
        return True  # a package that is run is not run again
    try:
        tree = ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True  # no script in Python
    return any(isinstance(each, ast.If) and "__name__" in ast.unparse(each.test) for each in tree.body)


@dataclass(frozen=True, eq=False)
class _Submitted:
    """A submitted task and its future."""

    future: Future[Any]
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


def _settle(future: Future[Any], answer: bytes) -> None:
    try:
        succeeded, value = pickle.loads(answer)  # noqa: S301 (from our own process)
    except BaseException as error:  # noqa: BLE001 (unpickling may raise anything)
        succeeded, value = False, error
    if succeeded:
        future.set_result(value)
    else:
        future.set_exception(value)


def _drained(tasks: queue.SimpleQueue[_Submitted | None]) -> list[_Submitted]:
    drained = []
    with suppress(queue.Empty):
        while True:
            task = tasks.get_nowait()
            if task is not None:
                drained.append(task)
    return drained
