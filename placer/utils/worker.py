"""One process that runs tasks: the parent's side, and the program of the process.

The parent holds a ``Worker``: the process and one end of a pipe. The process runs tasks in its main thread; another
thread listens to the pipe, and ends the process as soon as the parent is gone.
"""

from __future__ import annotations

import math
import os
import pickle
import queue
import signal
import threading
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import connection, get_context
from typing import TYPE_CHECKING, Any

from placer.errors import WorkerDiedError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: Longest single wait that the operating system accepts.
LONGEST_WAIT_SECONDS = 86400.0
#: Time that a process may take to end on request before it is killed.
PARTING_SECONDS = 5.0

#: Message of a worker that has read its task, and of the parent when there are no more tasks.
_BEGUN = _NO_MORE = b""


class NotBegunError(WorkerDiedError):
    """A process that ended before it began the task it was given."""


@dataclass(frozen=True, eq=False)
class Worker:
    """A process and the parent's end of its pipe."""

    process: Any
    pipe: Connection

    def answer(self, message: bytes, time_limit_seconds: float) -> bytes:
        """Hand over a task and return its answer.

        Raises
        ------
        TimeoutError
            If the task exceeds the limit after the process has read it. The process still runs.
        NotBegunError
            If the process ended before it had read the task.
        WorkerDiedError
            If the process ended while it ran the task.
        """
        try:
            self.pipe.send_bytes(message)
            answer = self._received(math.inf)
        except (EOFError, OSError) as error:
            raise NotBegunError(f"the process ended before it began the task ({self._exit()})") from error
        if answer != _BEGUN:
            return answer
        try:
            return self._received(time_limit_seconds)
        except TimeoutError:
            raise
        except (EOFError, OSError) as error:
            raise WorkerDiedError(f"the process ended while it ran the task ({self._exit()})") from error

    def end(self) -> None:
        """End the process: by a message if it is idle, by force otherwise."""
        with suppress(OSError):
            self.pipe.send_bytes(_NO_MORE)
        self.process.join(PARTING_SECONDS)
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def _received(self, limit_seconds: float) -> bytes:
        deadline = time.monotonic() + limit_seconds
        while not (ready := connection.wait([self.pipe, self.process.sentinel], _remaining(deadline))):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"the task took longer than {limit_seconds:g} seconds and was stopped")
        if self.pipe not in ready and not self.pipe.poll():
            raise EOFError
        return self.pipe.recv_bytes()

    def _exit(self) -> str:
        self.process.join(PARTING_SECONDS)
        return f"exit code {self.process.exitcode}"


def _remaining(deadline: float) -> float:
    return min(max(deadline - time.monotonic(), 0.0), LONGEST_WAIT_SECONDS)


def start_worker() -> Worker:
    """Start a process and return the parent's side of it."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()  # so that the pipe ends with the process
    return Worker(process, ours)


def _work(pipe: Connection) -> None:
    """Run tasks as they arrive, in the main thread of a process, until there are no more or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole process group; the parent handles it
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, messages), daemon=True).start()
    while (message := messages.get()) != _NO_MORE:
        answer = _run_task(message, pipe)
        with suppress(OSError):  # the parent is gone; this process ends in a moment
            pipe.send_bytes(answer)


def _listen(pipe: Connection, messages: queue.SimpleQueue[bytes]) -> None:
    """Pass on the messages of the parent; end the process, even in a task, when the parent has ended."""
    message = None
    while message != _NO_MORE:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            os._exit(1)
        messages.put(message)


def _run_task(message: bytes, pipe: Connection) -> bytes:
    try:
        fn, args, kwargs = pickle.loads(message)  # noqa: S301 (from our own parent)
        pipe.send_bytes(_BEGUN)
        return pickle.dumps((True, fn(*args, **kwargs)))
    except BaseException as error:  # noqa: BLE001 (SystemExit too ends the task, not the process)
        error.add_note(f"In a worker process:\n{traceback.format_exc()}")
        return pickle.dumps((False, _portable(error)))


def _portable(error: BaseException) -> BaseException:
    """Return the error if it survives pickling, otherwise an error with its text."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (made the line before)
    except Exception:  # noqa: BLE001 (its own code may raise anything)
        said = RuntimeError(f"{type(error).__qualname__}: {error}")
        said.add_note("\n".join(error.__notes__))
        return said
    return error
