"""Sets sent to an executor, and their rows: tries, waiting and what an executor may say."""

from __future__ import annotations

import math
from concurrent.futures import BrokenExecutor, Executor, Future

import pytest

from placer.batch.dispatch import DispatchParameters, rows_of
from placer.batch.job import Job
from placer.errors import BatchError, WorkerDiedError
from placer.utils.shared import Shared

JOB = Shared(Job([], ("cost", "ceiling"), (), 10.0))


class Scripted(Executor):
    """Answers a number with the next line of its script; with a row where the script is at its end."""

    def __init__(self, script=()):
        self.script = {number: list(said) for number, said in dict(script).items()}
        self.sent = []

    def submit(self, _fn, _job, number):
        """Answer at once."""
        self.sent.append(number)
        future, said = Future(), self.script.get(number)
        if said and (error := said.pop(0)) is not None:
            future.set_exception(error)
        else:
            future.set_result({"number": number, "status": "optimal"})
        return future


def rows(executor, count, most=2, **parameters):
    found = rows_of(executor, JOB, iter(range(count)), most, DispatchParameters(**parameters))
    return {row["number"]: row["status"] for row in found}


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_a_set_whose_process_dies_is_tried_as_often_as_asked(tries):
    """Tests that the last try counts, and one death more is a row that says so."""
    deaths = [WorkerDiedError("gone")] * tries
    executor = Scripted({1: deaths})
    assert rows(executor, 3, tries=tries) == {0: "optimal", 1: "worker died", 2: "optimal"}
    assert executor.sent.count(1) == tries
    assert rows(Scripted({1: deaths}), 3, tries=tries + 1)[1] == "optimal"


def test_sets_to_try_again_come_last_and_alone():
    """Tests that 1 and 2, which died with one worker, are sent again after all others, one after the other."""
    executor = Scripted({1: [WorkerDiedError("gone")], 2: [WorkerDiedError("gone")]})
    rows(executor, 5, most=3)
    assert sorted(executor.sent[:5]) == list(range(5))
    assert sorted(executor.sent[5:]) == [1, 2]


def test_errors_of_a_set_are_its_row():
    """Tests that a time limit that the parent enforced and an error are told apart, and are not tried again."""
    executor = Scripted({0: [TimeoutError()], 1: [ValueError("odd")]})
    assert rows(executor, 3) == {0: "time limit", 1: "error", 2: "optimal"}
    assert len(executor.sent) == 3


def test_a_broken_executor_ends_the_batch():
    """Tests that the error says what to do."""
    with pytest.raises(BatchError, match="the executor broke: no more; give it again to go on"):
        rows(Scripted({1: [BrokenExecutor("no more")]}), 3)


def test_patience_is_the_limit_of_every_analysis_and_some_grace():
    """Tests 2 analyses of 10 s, a tenth more and 5 s: 27 s; without a limit, for ever."""
    assert DispatchParameters().patience_seconds(JOB.value) == pytest.approx(27.0)
    assert DispatchParameters().patience_seconds(Job([], ("cost",), (), math.inf)) == math.inf
