"""A pool of processes that can kill: a task that takes too long or takes its process with it harms no other task.

The pools of the standard library can do neither: a task that runs is never stopped, and one process that dies breaks
the pool. Here every process has a thread in the parent that hands it one task at a time, waits for the answer no longer
than allowed, and starts another process where one is gone. Processes are spawned, never forked, and end by themselves
when the parent does, in whatever way.
"""

from __future__ import annotations

import atexit
import hashlib
import math
import os
import pickle
import queue
import signal
import threading
import time
import traceback
import zlib
from collections import OrderedDict
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from placer.errors import WorkerDiedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from types import TracebackType

T = TypeVar("T")

#: Longest single wait; the operating system takes no longer ones.
LONGEST_WAIT_SECONDS = 86400.0
#: How long a process that was asked to end may take before it is killed.
PARTING_SECONDS = 5.0
#: Shared values a process keeps.
SHARED_KEPT = 4

#: What a worker says once it has read its task, and the parent when there are no more.
_BEGUN = _NO_MORE = b""


class Processes(Executor):
    """Run tasks in processes that are killed when they take too long and replaced when they die.

    The future of a task over the time limit holds TimeoutError, that of a task whose process died WorkerDiedError, and
    that of a task that raised its exception, with the traceback as a note. Everything a task is given and returns is
    pickled. To be used in a ``with``: if its block ends in an exception (Ctrl-C is one), or the interpreter ends before
    it does, tasks that run are killed and those that wait are cancelled.

    Parameters
    ----------
    workers : int
        How many processes there are at most. They are started as tasks come.
    time_limit_seconds : float
        How long a task may run, from when its process has read it.
    """

    def __init__(self, workers: int, *, time_limit_seconds: float = math.inf) -> None:
        if workers < 1:
            raise ValueError(f"workers is {workers}, and must be at least 1")
        if not time_limit_seconds > 0:
            raise ValueError(f"time_limit_seconds is {time_limit_seconds}, and must be positive")
        self._time_limit_seconds = time_limit_seconds
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._closed = self._killed = False
        self._workers: set[_Worker] = set()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(workers)]
        for thread in self._threads:
            thread.start()
        atexit.register(self.kill)

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Have ``fn(*args, **kwargs)`` run in a process.

        Raises
        ------
        RuntimeError
            After ``shutdown``.
        """
        with self._lock:
            if self._closed:
                raise RuntimeError("no task can be given to processes that were shut down")
            future: Future[T] = Future()
            self._tasks.put(_Task(future, fn, args, kwargs))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002
        """Take no more tasks. Wait for those there are, unless told otherwise; cancel those not begun, if told so."""
        with self._lock:
            waiting = _drained(self._tasks) if cancel_futures else []
            if cancel_futures or not self._closed:
                for _ in self._threads:
                    self._tasks.put(None)
            self._closed = True
        for task in waiting:
            if task.future.cancel():
                task.future.set_running_or_notify_cancel()  # without this, whoever waits for several is not told
        if wait:
            for thread in self._threads:
                thread.join()
            atexit.unregister(self.kill)

    def kill(self) -> None:
        """End at once: kill the tasks that run, cancel those that wait."""
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
        """Hand tasks to one process after the other, each until it is gone."""
        worker: _Worker | None = None
        while (task := self._tasks.get()) is not None:
            if task.future.set_running_or_notify_cancel():
                worker = self._run(task, worker)
            del task  # what it holds is not kept until the next one comes
        if worker:
            self._part(worker)

    def _run(self, task: _Task, worker: _Worker | None) -> _Worker | None:
        """Run a task and return the process, if it can take another one."""
        try:
            message = pickle.dumps((task.fn, task.args, task.kwargs))
        except BaseException as error:  # noqa: BLE001 (whatever pickling runs into)
            task.future.set_exception(error)
            return worker
        try:
            worker = self._ready(worker)
            answer = worker.answer(message, self._time_limit_seconds)
        except BaseException as error:  # noqa: BLE001 (whatever it is, its answer must not be taken for the next one's)
            if worker:
                worker.process.kill()
                self._part(worker)
            task.future.set_exception(error)
            return None
        _settle(task.future, answer)
        return worker

    def _ready(self, worker: _Worker | None) -> _Worker:
        """Return a process that lives: the one there is, or a new one."""
        if worker and worker.process.is_alive():
            return worker
        if worker:
            self._part(worker)
        with self._lock:
            if self._killed:
                raise WorkerDiedError("the processes were told to end")
            worker = _start()
            self._workers.add(worker)
        return worker

    def _part(self, worker: _Worker) -> None:
        worker.end()
        with self._lock:
            self._workers.discard(worker)


class InThisProcess(Executor):
    """Run every task at once, where it is submitted; its future has the result, or the exception, when it returns.

    Ctrl-C is no such exception: it goes through.

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
        except Exception as error:  # noqa: BLE001 - whatever a task raises is its result
            future.set_exception(error)
        return future


class Shared(Generic[T]):
    """A value that many tasks use: pickled once, and unpickled once in every process it comes to.

    For any executor. The value must not be changed: what is sent is what it was when it was wrapped.

    Attributes
    ----------
    value
        What was wrapped.

    Examples
    --------
    >>> import pickle
    >>> shared = Shared([1, 2, 3])
    >>> first, second = pickle.loads(pickle.dumps(shared)), pickle.loads(pickle.dumps(shared))
    >>> first.value, first.value is second.value
    ([1, 2, 3], True)
    """

    __slots__ = ("_digest", "_packed", "value")

    def __init__(self, value: T) -> None:
        self.value = value
        self._packed = zlib.compress(pickle.dumps(value, pickle.HIGHEST_PROTOCOL), 1)
        self._digest = hashlib.sha256(self._packed).digest()

    def __reduce__(self) -> tuple[Callable[[bytes, bytes], Shared[T]], tuple[bytes, bytes]]:
        """Return how to make the value again: from its bytes, or by its digest where it is known."""
        return _unpacked, (self._digest, self._packed)


_shared: OrderedDict[bytes, Shared[Any]] = OrderedDict()
_shared_lock = threading.RLock()  # of threads that unpickle; one value may hold another


def _unpacked(digest: bytes, packed: bytes) -> Shared[Any]:
    with _shared_lock:
        shared = _shared.pop(digest, None)
        if shared is None:
            shared = Shared.__new__(Shared)
            shared.value = pickle.loads(zlib.decompress(packed))  # noqa: S301 (inside a pickle already)
            shared._packed, shared._digest = packed, digest  # noqa: SLF001 (its own constructor, in effect)
        _shared[digest] = shared
        while len(_shared) > SHARED_KEPT:
            _shared.popitem(last=False)
        return shared


@dataclass(frozen=True, eq=False)
class _Task:
    """What is to be done, and where the answer goes."""

    future: Future[Any]
    fn: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass(frozen=True, eq=False)
class _Worker:
    """A process and the parent's end of its pipe."""

    process: Any
    pipe: Connection

    def answer(self, message: bytes, time_limit_seconds: float) -> bytes:
        """Hand over a task and return its answer.

        Raises
        ------
        TimeoutError
            If it takes longer than allowed once the process has read it. The process still runs.
        WorkerDiedError
        """
        try:
            self.pipe.send_bytes(message)
            answer = self._received(math.inf)
        except (EOFError, OSError) as error:
            hint = "does the script guard its entry with `if __name__ == '__main__':`?"
            raise WorkerDiedError(f"the process ended before it began the task ({self._exit()}); {hint}") from error
        if answer != _BEGUN:
            return answer
        try:
            return self._received(time_limit_seconds)
        except TimeoutError:
            raise
        except (EOFError, OSError) as error:
            raise WorkerDiedError(f"the process ended while it ran the task ({self._exit()})") from error

    def end(self) -> None:
        """End the process: by a word if it waits for one, by force otherwise."""
        with suppress(OSError):
            self.pipe.send_bytes(_NO_MORE)
        self.process.join(PARTING_SECONDS)
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def _received(self, limit_seconds: float) -> bytes:
        deadline = time.monotonic() + limit_seconds
        while not (ready := connection.wait([self.pipe, self.process.sentinel], _left(deadline))):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"the task took longer than {limit_seconds:g} seconds and was stopped")
        if self.pipe not in ready and not self.pipe.poll():
            raise EOFError
        return self.pipe.recv_bytes()

    def _exit(self) -> str:
        self.process.join(PARTING_SECONDS)
        return f"exit code {self.process.exitcode}"


def _left(deadline: float) -> float:
    return min(max(deadline - time.monotonic(), 0.0), LONGEST_WAIT_SECONDS)


def _settle(future: Future[Any], answer: bytes) -> None:
    try:
        succeeded, value = pickle.loads(answer)  # noqa: S301 (from our own process)
    except BaseException as error:  # noqa: BLE001 (whatever unpickling runs into)
        succeeded, value = False, error
    if succeeded:
        future.set_result(value)
    else:
        future.set_exception(value)


def _start() -> _Worker:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # so that the pipe ends with the process
    return _Worker(process, ours)


def _drained(tasks: queue.SimpleQueue[_Task | None]) -> list[_Task]:
    drained = []
    with suppress(queue.Empty):
        while True:
            task = tasks.get_nowait()
            if task is not None:
                drained.append(task)
    return drained


def _work(pipe: Connection) -> None:
    """Run tasks as they come, in the main thread of a process, until there are no more or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides what it means
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, messages), daemon=True).start()
    while (message := messages.get()) != _NO_MORE:
        answer = _answer(message, pipe)
        with suppress(OSError):  # the parent is gone, and so is this process in a moment
            pipe.send_bytes(answer)


def _listen(pipe: Connection, messages: queue.SimpleQueue[bytes]) -> None:
    """Pass on what the parent says; end the process, whatever it is doing, when the parent has ended."""
    message = None
    while message != _NO_MORE:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            os._exit(1)
        messages.put(message)


def _answer(message: bytes, pipe: Connection) -> bytes:
    try:
        fn, args, kwargs = pickle.loads(message)  # noqa: S301 (from our own parent)
        pipe.send_bytes(_BEGUN)
        return pickle.dumps((True, fn(*args, **kwargs)))
    except BaseException as error:  # noqa: BLE001 (SystemExit too ends the task, not the process)
        error.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return pickle.dumps((False, _portable(error)))


def _portable(error: BaseException) -> BaseException:
    """Return the error if it survives pickling, and what it says if not."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (made the line before)
    except Exception:  # noqa: BLE001 (its own code may raise anything)
        said = RuntimeError(f"{type(error).__qualname__}: {error}")
        said.add_note("\n".join(error.__notes__))
        return said
    return error
