"""Tasks given to an executor: their order, tries, waiting and errors."""

from __future__ import annotations

import time
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from placer.errors import BatchError, NoSolutionError, WorkerDiedError
from placer.termination import Reason
from placer.utils.processes import InThisProcess
from placer.utils.tasks import DEFAULT, Dispatcher, TaskPolicy, dispatcher_of, has_died, in_turns, is_gone, result_of
from tests.batch.executors import Inline

GONE = WorkerDiedError("gone")
AT_ONCE = TaskPolicy(look_seconds=0.0)


class KilledWorker(Exception):  # noqa: N818 - as Dask names it
    """The error of Dask for a task whose worker died."""


class Scripted(Executor):
    """Ends a task with the next error of its script, and with twice its number where the script is at its end."""

    def __init__(self, script=()):
        self.script = {number: list(errors) for number, errors in dict(script).items()}
        self.sent = []

    def submit(self, function, number):
        """Return a future that is done."""
        self.sent.append(number)
        future, errors = Future(), self.script.get(number)
        if errors:
            future.set_exception(errors.pop(0))
        else:
            future.set_result(function(number))
        return future


class Silent(Executor):
    """Never ends a task."""

    def __init__(self):
        self.futures = []

    def submit(self, _function, *_task):
        """Return a future that is never done."""
        self.futures.append(Future())
        return self.futures[-1]


class Losing(Scripted):
    """Never ends the first tasks, two by default, and connects anew after the last of these is sent."""

    def __init__(self, lost=2):
        super().__init__()
        self.lost = lost
        self._client = SimpleNamespace(status="running", scheduler_comm=object())

    def submit(self, function, number):
        """Return a future that is never done for the first tasks, then one that is done."""
        done = super().submit(function, number)
        if len(self.sent) == self.lost:
            self._client.scheduler_comm = object()
        return Future() if len(self.sent) <= self.lost else done


class Connecting:
    """A client that finds its scheduler, or gives up, at the third look."""

    def __init__(self, *then):
        self.then = list(then)

    @property
    def status(self):
        """Return the next status."""
        return self.then.pop(0) if len(self.then) > 1 else self.then[0]


def double(number):
    """Return twice a number."""
    return 2 * number


def in_order(dispatcher, numbers):
    return list(dispatcher.in_order(double, ((number,) for number in numbers)))


def as_completed(dispatcher, numbers):
    return {task: future for (task,), future in dispatcher.as_completed(double, ((number,) for number in numbers))}


BOTH = pytest.mark.parametrize("run", [in_order, as_completed])


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("kind", [None, ThreadPoolExecutor, Scripted])
def test_every_task_has_its_result(run, workers, kind):
    """Tests this process or processes of its own, threads, and an executor that is done at once."""
    with dispatcher_of(workers, None if kind is None else kind()) as dispatcher:
        found = run(dispatcher, range(7))
    results = found if run is in_order else [found[number].result() for number in range(7)]
    assert results == [2 * number for number in range(7)]


@pytest.mark.parametrize("died", [GONE, CancelledError(), KilledWorker()])
def test_a_task_whose_process_dies_is_tried_again(died):
    """Tests two deaths of one task: in order it is tried again at once; else it comes last."""
    first, last = Scripted({1: [died] * 2}), Scripted({1: [died] * 2})
    assert in_order(Dispatcher(first, 1), [1, 2, 3]) == [2, 4, 6]
    assert first.sent == [1, 2, 1, 1, 3]
    assert as_completed(Dispatcher(last, 1), [1, 2, 3])[1].result() == 2
    assert last.sent == [1, 2, 3, 1, 1]


@pytest.mark.parametrize("tries", [1, 2, 5])
def test_a_task_that_kills_every_process_is_an_error(tries):
    """Tests that the last try counts, that one death more is an error, and that other tasks are none the worse."""
    policy, deaths = TaskPolicy(tries=tries), {1: [GONE] * tries}
    executor = Scripted(deaths)
    with pytest.raises(BatchError, match="the process of a task died on every try"):
        in_order(Dispatcher(executor, 1, policy), [0, 1, 2])
    assert executor.sent.count(1) == tries
    found = as_completed(Dispatcher(Scripted(deaths), 1, policy), range(3))
    assert found[1].exception() is GONE
    assert found[2].result() == 4
    with pytest.raises(BatchError, match="the process of a task died on every try"):
        result_of(found[1])
    assert in_order(Dispatcher(Scripted(deaths), 1, TaskPolicy(tries=tries + 1)), range(3)) == [0, 2, 4]


def test_tasks_to_try_again_come_last_and_alone():
    """Tests that 1 and 2, which died with one worker, are sent again after all others, one after the other."""
    executor = Scripted({1: [GONE], 2: [GONE]})
    as_completed(Dispatcher(executor, 2), range(5))
    assert sorted(executor.sent[:5]) == list(range(5))
    assert sorted(executor.sent[5:]) == [1, 2]


@pytest.mark.parametrize("deaths", [0, DEFAULT.tries - 1])
def test_other_errors_are_those_of_the_task(deaths):
    """Tests the first try and the last."""
    errors = {1: [*[GONE] * deaths, NoSolutionError(Reason.FAILED, "state x")]}
    with pytest.raises(NoSolutionError, match="state x"):
        in_order(Dispatcher(Scripted(errors), 1), [1])
    with pytest.raises(NoSolutionError, match="state x"):
        result_of(as_completed(Dispatcher(Scripted(errors), 1), [1])[1])


@BOTH
def test_a_broken_executor_ends_the_work(run):
    """Tests a broken executor, told by a future or by the call, and that the error says what to do."""

    class Refusing(Executor):
        def submit(self, *_):
            raise BrokenExecutor("no more")

    for executor in (Scripted({1: [BrokenExecutor("no more")]}), Refusing()):
        with pytest.raises(BatchError, match="the executor broke: no more; give another one"):
            run(Dispatcher(executor, 1), range(3))


@BOTH
def test_a_cluster_that_is_gone_ends_the_work(run):
    """Tests a task that died with the cluster, and one that never ends."""
    for executor in (Scripted({1: [GONE]}), Silent()):
        executor._client = SimpleNamespace(status="closed")
        with pytest.raises(BatchError, match="the scheduler of the cluster is gone; give another one"):
            run(Dispatcher(executor, 1, AT_ONCE), [1])


@BOTH
def test_a_cluster_that_comes_back_is_waited_for(run):
    """Tests that a connection lost for a moment costs nothing."""
    executor = Scripted({1: [GONE]})
    executor._client = Connecting("running", "connecting", "connecting", "running")
    assert len(run(Dispatcher(executor, 1, AT_ONCE), range(3))) == 3


@BOTH
def test_tasks_lost_with_a_connection_are_tried_again(run):
    """Tests that a future that never ends, since the client has connected anew, is not waited for."""
    executor = Losing()
    assert len(run(Dispatcher(executor, 1, AT_ONCE), range(3))) == 3
    assert sorted(executor.sent) == [0, 0, 1, 1, 2]


def test_tasks_are_made_in_turn_and_cancelled_at_the_end():
    """Tests two workers of two tasks each: no fifth task before a result, and an early end cancels the others."""
    made, executor = [], Silent()

    def tasks():
        for number in range(9):
            made.append(number)
            yield (number,)

    with pytest.raises(NoSolutionError):
        next(Dispatcher(executor, 2, AT_ONCE, until=0.0).in_order(double, tasks()))
    assert made == [0, 1, 2, 3]
    assert all(future.cancelled() for future in executor.futures)


@BOTH
def test_an_interruption_is_heard_while_tasks_run(run, monkeypatch):
    """Tests that Ctrl-C between two looks cancels what is in flight."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    executor = Silent()
    monkeypatch.setattr("placer.utils.tasks.wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(Dispatcher(executor, 1), range(3))
    assert all(future.cancelled() for future in executor.futures)


@BOTH
@pytest.mark.parametrize("executor", [InThisProcess, Inline, ThreadPoolExecutor])
@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_an_exit_of_a_task_is_raised(run, monkeypatch, executor, ending):
    """Tests that what ends an interpreter is no result: it passes through every executor, as an error of its task."""

    def end(number):
        raise ending(number)

    monkeypatch.setitem(globals(), "double", end)
    with pytest.raises(ending):
        run(Dispatcher(executor(), 1), [3])


@BOTH
def test_a_task_that_does_not_stop_is_given_up(run):
    """Tests the reason of the error, once the grace is over too."""
    with pytest.raises(NoSolutionError, match="a task did not stop by itself") as error:
        run(Dispatcher(Silent(), 1, AT_ONCE, until=0.0), [1])
    assert error.value.reason is Reason.TIME_LIMIT


def test_the_grace_is_kept():
    """Tests that a task that is a little late is waited for."""
    with ThreadPoolExecutor(1) as threads:
        late = Dispatcher(threads, 1, TaskPolicy(look_seconds=0.01, grace_seconds=60.0), until=time.time() - 1.0)
        assert list(late.in_order(lambda number: time.sleep(0.03) or number, [(1,), (2,)])) == [1, 2]


def test_this_process_has_one_task_at_a_time():
    """Tests that a result is there before the next task is made."""
    assert Dispatcher(InThisProcess(), 5).most == 1
    assert Dispatcher(Scripted(), 5).most == 10


def test_only_an_executor_of_its_own_is_shut_down():
    """Tests that the caller's threads go on."""
    with ThreadPoolExecutor(1) as threads:
        with dispatcher_of(1, threads) as dispatcher:
            dispatcher.close()
        assert threads.submit(double, 2).result() == 4
    with dispatcher_of(2) as dispatcher:
        dispatcher.close()
        with pytest.raises(RuntimeError, match="shut down"):
            dispatcher.executor.submit(double, 2)


@pytest.mark.parametrize(
    ("error", "died"), [(GONE, True), (CancelledError(), True), (KilledWorker(), True), (ValueError("wrong"), False)]
)
def test_errors_of_dead_processes(error, died):
    """Tests those of placer, of concurrent.futures and of Dask."""
    assert has_died(error) is died


@pytest.mark.parametrize(("status", "gone"), [("running", False), ("closed", True), ("closing", True)])
def test_a_client_that_looks_for_its_scheduler_is_waited_for(status, gone):
    """Tests that executors without a client are never gone."""
    executor = SimpleNamespace(_client=Connecting("connecting", "connecting", status))
    assert is_gone(executor, 0.0) is gone
    assert not is_gone(SimpleNamespace(), 0.0)


@pytest.mark.parametrize(("numbers", "order"), [([], []), ([5, 3, 1], [5, 3, 1]), ([2, 4, 1], [2, 1, 4])])
def test_homes_take_turns(numbers, order):
    """Tests none, one home alone, and two of which one has more."""
    assert in_turns(numbers, 2) == order
