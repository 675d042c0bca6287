"""Tasks whose process dies are tried again."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from types import SimpleNamespace

import pytest

from placer.errors import BatchError, NoSolutionError, WorkerDiedError
from placer.planning.tries import TRIES, answers_in_turn
from placer.termination import Reason


class Dying:
    """An executor that fails the first tasks with some errors, and then answers in this process."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.submitted = 0

    def submit(self, function, *task):
        """Return a future that is done."""
        self.submitted += 1
        future = Future()
        if self.errors:
            future.set_exception(self.errors.pop(0))
        else:
            future.set_result(function(*task))
        return future


def double(number):
    """Return twice a number."""
    return 2 * number


def test_a_task_whose_process_dies_is_tried_again():
    """Two deaths of the first task, in the order of the tasks."""
    executor = Dying(WorkerDiedError("one"), WorkerDiedError("two"))
    assert list(answers_in_turn(executor, double, [(1,), (2,), (3,)], 2)) == [2, 4, 6]
    assert executor.submitted == 5


def test_a_task_that_kills_every_process_is_an_error():
    """After the last try."""
    with pytest.raises(BatchError, match=f"died {TRIES} times"):
        list(answers_in_turn(Dying(*[WorkerDiedError("gone")] * TRIES), double, [(1,)], 2))


@pytest.mark.parametrize("deaths", [0, TRIES - 1])
def test_other_errors_are_those_of_the_task(deaths):
    """At the first try and at the last."""
    errors = [*[WorkerDiedError("gone")] * deaths, NoSolutionError(Reason.FAILED, "state x")]
    with pytest.raises(NoSolutionError, match="state x"):
        list(answers_in_turn(Dying(*errors), double, [(1,)], 2))


def test_a_broken_executor_and_a_cluster_that_is_gone():
    """Both are errors of the batch."""
    with pytest.raises(BatchError, match="the executor broke: pool"):
        list(answers_in_turn(Dying(BrokenExecutor("pool")), double, [(1,)], 2))
    lost = Dying(WorkerDiedError("gone"))
    lost._client = SimpleNamespace(status="closed")
    with pytest.raises(BatchError, match="scheduler of the cluster is gone"):
        list(answers_in_turn(lost, double, [(1,)], 2))


def test_tasks_are_made_in_turn_and_cancelled_at_the_end():
    """The third task is made after the first answer; a stop cancels the one in flight."""
    made, futures = [], []

    class Waiting:
        """An executor whose tasks end when asked for."""

        def submit(self, function, *task):
            """Return a future that is done for the first task alone."""
            futures.append(Future())
            if len(futures) == 1:
                futures[0].set_result(function(*task))
            return futures[-1]

    def tasks():
        for number in (1, 2, 3):
            made.append(number)
            yield (number,)

    answers = answers_in_turn(Waiting(), double, tasks(), 2)
    assert next(answers) == 2
    assert made == [1, 2]
    answers.close()
    assert [future.cancelled() for future in futures] == [False, True]
