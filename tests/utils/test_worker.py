"""One process that runs tasks, as its parent sees it."""

from __future__ import annotations

import math
import os
import pickle
import time

import psutil
import pytest

from placer.errors import WorkerDiedError
from placer.utils.worker import _portable, start_worker


class TwoArgumentsError(Exception):
    """An exception that pickles and cannot be read again."""

    def __init__(self, first, second):
        super().__init__(f"{first} {second}")

    def __reduce__(self):
        """Name a call that fails when it is read, whatever helpers for pickling are installed."""
        return divmod, (1, 0)


def message(function, *arguments):
    """Return a task as it is sent."""
    return pickle.dumps((function, arguments, {}))


@pytest.fixture
def worker():
    """Return a process that is killed after the test."""
    worker = start_worker()
    yield worker
    worker.process.kill()
    worker.end()


def test_tasks_one_after_the_other(worker):
    """Tests two results, an exception by its type, and that the process ends when it is told to."""
    assert pickle.loads(worker.answer(message(abs, -3), math.inf)) == (True, 3)  # noqa: S301 - of our process
    succeeded, error = pickle.loads(worker.answer(message(int, "x"), math.inf))  # noqa: S301
    assert (succeeded, type(error)) == (False, ValueError)
    assert "In a worker process" in error.__notes__[0]
    assert pickle.loads(worker.answer(message(os.getpid), math.inf)) == (True, worker.process.pid)  # noqa: S301
    worker.end()
    assert not psutil.pid_exists(worker.process.pid)


@pytest.mark.slow
def test_time_limit_leaves_the_process(worker):
    """Tests that a task over its limit is an error, and that the process is for the caller to end."""
    with pytest.raises(TimeoutError, match=r"longer than 0\.1 seconds"):
        worker.answer(message(time.sleep, 600.0), 0.1)
    assert worker.process.is_alive()


def test_death_at_work_is_told_with_the_exit_code(worker):
    """Tests that the process that leaves in the middle of a task is said to have done so."""
    with pytest.raises(WorkerDiedError, match=r"while it ran the task \(exit code 3\)"):
        worker.answer(message(os._exit, 3), math.inf)


def test_death_before_the_task_is_told(worker):
    """Tests that a process that is gone already is said to be."""
    worker.process.kill()
    worker.process.join()
    with pytest.raises(WorkerDiedError, match="before it began the task"):
        worker.answer(message(abs, 1), math.inf)


def test_exceptions_that_cannot_be_read_become_text():
    """Tests that an exception that does not survive pickling keeps its name, text and notes."""
    error = TwoArgumentsError("no", "way")
    error.add_note("where it was")
    portable = _portable(error)
    assert type(portable) is RuntimeError
    assert str(portable) == "TwoArgumentsError: no way"
    assert portable.__notes__ == ["where it was"]
    proper = ValueError("x")
    assert _portable(proper) is proper
