"""Sets sent to an executor, and their rows."""

from __future__ import annotations

import math
from concurrent.futures import Executor, Future

import pytest

from placer.batch.dispatch import DispatchParameters, rows_of
from placer.batch.job import Job
from placer.errors import WorkerDiedError
from placer.utils.shared import Shared
from placer.utils.tasks import Dispatcher

JOB = Shared(Job([], ("cost", "ceiling"), (), 10.0))


class Failing(Executor):
    """Ends numbers with errors, and others with a row."""

    def __init__(self, errors):
        self.errors, self.sent = errors, []

    def submit(self, _fn, _job, number):
        """Answer at once."""
        self.sent.append(number)
        future = Future()
        if number in self.errors:
            future.set_exception(self.errors[number])
        else:
            future.set_result({"number": number, "status": "optimal"})
        return future


def test_errors_of_a_set_are_its_row():
    """Tests a time limit that the parent enforced, any other error, and a set that kills its process on every try."""
    executor = Failing({0: TimeoutError(), 1: ValueError("odd"), 3: WorkerDiedError("gone")})
    rows = {row["number"]: row for row in rows_of(Dispatcher(executor, 1), JOB, iter(range(4)))}
    ended = {0: "time limit", 1: "error", 2: "optimal", 3: "worker died"}
    assert {number: row["status"] for number, row in rows.items()} == ended
    assert rows[3]["detail"] == "its process died 3 times"
    assert executor.sent == [0, 1, 2, 3, 3, 3]


def test_patience_is_the_limit_of_every_analysis_and_some_grace():
    """Tests 2 analyses of 10 s, a tenth more and 5 s: 27 s; without a limit, for ever."""
    assert DispatchParameters().patience_seconds(JOB.value) == pytest.approx(27.0)
    assert DispatchParameters().patience_seconds(Job([], ("cost",), (), math.inf)) == math.inf
