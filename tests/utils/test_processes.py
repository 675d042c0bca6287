"""Processes that can be killed: time limits, deaths, exceptions, and nothing left behind."""

from __future__ import annotations

import faulthandler
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError, wait
from functools import partial
from operator import truediv
from pathlib import Path

import psutil
import pytest

from placer.errors import WorkerDiedError
from placer.utils import processes as module
from placer.utils.processes import Processes
from placer.utils.shared import Shared
from tests.effort import PATIENCE_SECONDS
from tests.utils.counted import Counted

#: Long enough to be over only if something is stopped.
LONG = 600.0

#: Makes ``placer`` the folder alone, so that a process starts without loading all that the package loads.
LIGHT = f"""
import sys, types
sys.modules["placer"] = types.ModuleType("placer")
sys.modules["placer"].__path__ = [{str(Path(module.__file__).parents[1])!r}]
"""
#: Starts a pool of two processes, says which they are once both are at work, and waits.
PARENT = (
    LIGHT
    + """
import os, time
from placer.utils.processes import Processes

def pause(seconds):
    time.sleep(seconds)
    return os.getpid()

if __name__ == "__main__":
    with Processes(2) as pool:
        pids = {*pool.map(pause, [0.5, 0.5])}
        waiting = [pool.submit(time.sleep, 600.0) for _ in range(5)]
        while not waiting[1].running():
            time.sleep(0.01)
        print(*pids, flush=True)
        waiting[0].result()
"""
)


class UnpicklableError(Exception):
    """An exception that pickles and cannot be read again."""

    def __init__(self, first, second):
        super().__init__(f"{first} {second}")


class DeadlyToRead:
    """An argument that ends the process that reads it."""

    def __reduce__(self):
        """Name the call that ends the process."""
        return os._exit, (9,)


def use(shared, number):
    return shared.value.number + number, Counted.count


def fail(*arguments):
    raise UnpicklableError(*arguments)


def slow(number):
    time.sleep(0.02)
    return number


def pause(seconds):
    time.sleep(seconds)
    return os.getpid()


@pytest.fixture(scope="module", autouse=True)
def light_start(make_main_script):
    """Processes that start fast: what they take for the main script makes them so."""
    make_main_script(LIGHT)


@pytest.fixture(scope="module")
def pool(light_start):
    """Two processes that live through the tests that harm none."""
    with Processes(2) as processes:
        yield processes


@pytest.fixture(scope="module")
def one(light_start):
    """One process, replaced as tests kill it."""
    with Processes(1) as processes:
        yield processes


def gone(pids):
    """Return whether the processes end by themselves."""
    left = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return not psutil.wait_procs(left, timeout=PATIENCE_SECONDS)[1]


def test_threads_that_find_no_memory_are_said_to(monkeypatch):
    """Tests that the second of two threads, which cannot be started, leaves none behind."""
    start, before = threading.Thread.start, threading.active_count()

    def once(thread):
        if threading.active_count() > before:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", once)
    with pytest.raises(MemoryError, match="can't start new thread for each of 2 workers"):
        Processes(2)
    assert threading.active_count() == before


@pytest.mark.slow
def test_results_come_back(pool):
    assert pool.submit(truediv, 1.0, 4.0).result() == 0.25
    assert pool.submit(int, "ff", base=16).result() == 255
    assert list(pool.map(slow, range(6))) == list(range(6))
    assert len(pool.submit(bytes.upper, b"x" * 3_000_000).result()) == 3_000_000


def test_tasks_run_in_other_processes(pool):
    assert os.getpid() not in set(pool.map(pause, [0.05] * 4))


def test_exceptions_come_back_with_their_traceback(pool):
    with pytest.raises(ZeroDivisionError, match="division by zero") as raised:
        pool.submit(truediv, 1, 0).result()
    assert "In a worker process:\nTraceback" in raised.value.__notes__[0]


def test_exception_that_cannot_be_read_comes_back_as_text(pool):
    with pytest.raises(RuntimeError, match="UnpicklableError: one two") as raised:
        pool.submit(fail, "one", "two").result()
    assert "raise UnpicklableError" in raised.value.__notes__[0]


def test_exit_of_a_task_does_not_end_its_process(pool):
    with pytest.raises(SystemExit):
        pool.submit(sys.exit, 3).result()
    assert pool.submit(slow, 1).result() == 1


@pytest.mark.parametrize("task", [lambda: 1, partial(slow, threading.Lock())])
def test_task_that_cannot_be_sent_says_so(pool, task):
    with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
        pool.submit(task).result()
    assert pool.submit(slow, 1).result() == 1


def test_result_that_cannot_be_sent_says_so(pool):
    with pytest.raises(TypeError, match="pickle"):
        pool.submit(threading.Lock).result()
    assert pool.submit(slow, 1).result() == 1


@pytest.mark.slow
def test_waiting_task_can_be_cancelled(one):
    first, second = one.submit(slow, 1), one.submit(slow, 2)
    assert second.cancel()
    assert one.submit(slow, 3).result() == 3
    assert first.result() == 1
    with pytest.raises(CancelledError):
        second.result()


@pytest.mark.slow
def test_free_process_takes_the_next_task(pool):
    """Tests that no task waits behind a long one while another process is free."""
    long = pool.submit(time.sleep, 1.0)
    assert list(pool.map(slow, range(5))) == list(range(5))
    assert not long.done()
    long.result()


def test_shared_value_is_unpickled_once_in_each_process(pool):
    shared = Shared(Counted(40))
    answers = list(pool.map(partial(use, shared), range(8)))
    assert [total for total, _ in answers] == list(range(40, 48))
    assert {count for _, count in answers} == {1}


@pytest.mark.slow
def test_time_limit_stops_the_task_and_no_other():
    with Processes(2, time_limit_seconds=1.0) as processes:
        stuck = processes.submit(time.sleep, LONG)
        others = [processes.submit(abs, number) for number in range(5)]
        with pytest.raises(TimeoutError, match="longer than 1 seconds"):
            stuck.result()
        others += [processes.submit(abs, number) for number in range(5, 8)]
        assert [other.result() for other in others] == list(range(8))


@pytest.mark.parametrize("task", [partial(os._exit, 7), faulthandler._sigsegv], ids=["exit", "segfault"])
def test_death_of_a_process_is_that_of_its_task_alone(one, task):
    dead, after = one.submit(task), one.submit(abs, -1)
    with pytest.raises(WorkerDiedError, match="ended while it ran the task"):
        dead.result()
    assert after.result() == 1


def test_process_killed_at_work_is_said_so(one):
    dead = one.submit(os.kill, one.submit(os.getpid).result(), getattr(signal, "SIGKILL", signal.SIGTERM))
    with pytest.raises(WorkerDiedError, match="exit code"):
        dead.result()


def test_idle_process_that_dies_is_replaced_unnoticed(one):
    pid = one.submit(os.getpid).result()
    (worker,) = one._workers
    worker.process.kill()
    worker.process.join()
    assert one.submit(os.getpid).result() != pid


def test_idle_process_killed_as_the_task_is_handed_over_is_replaced_unnoticed(one):
    pid = one.submit(os.getpid).result()
    (worker,) = one._workers
    worker.process.kill()
    worker.process.join()
    worker.process.is_alive = lambda: True  # as it looks until the signal has arrived
    assert one.submit(os.getpid).result() != pid
    assert worker not in one._workers


def test_task_that_kills_its_reader_is_tried_in_one_new_process(one):
    pid = one.submit(os.getpid).result()
    with pytest.raises(WorkerDiedError, match=r"before it began the task \(exit code 9\)"):
        one.submit(abs, DeadlyToRead()).result()
    assert one.submit(os.getpid).result() != pid


@pytest.mark.slow
def test_ten_kills_at_random_moments_leave_no_task_without_an_answer():
    dice = random.Random(7)  # noqa: S311
    with Processes(3) as processes:
        tasks = [processes.submit(sum, range(number + 1_000_000)) for number in range(60)]
        for _ in range(10):
            time.sleep(dice.uniform(0.0, 0.2))
            for worker in list(processes._workers)[:1]:
                worker.process.kill()
        assert not wait(tasks, timeout=PATIENCE_SECONDS).not_done
        assert processes.submit(abs, -1).result() == 1
    for number, task in enumerate(tasks):
        assert isinstance(task.exception(), WorkerDiedError) or task.result() == sum(range(number + 1_000_000))
    assert any(task.exception() is None for task in tasks)


def test_no_task_is_taken_after_shutdown():
    processes = Processes(1)
    last = processes.submit(abs, -1)
    processes.shutdown(wait=False)
    with pytest.raises(RuntimeError, match="shut down"):
        processes.submit(abs, 2)
    processes.shutdown()
    assert last.result() == 1
    processes.shutdown()


@pytest.mark.slow
def test_shutdown_cancels_what_waits_and_finishes_what_runs():
    with Processes(1) as processes:
        running = processes.submit(time.sleep, 0.5)
        waiting = [processes.submit(abs, number) for number in range(3)]
        while not running.running():
            time.sleep(0.01)
        processes.shutdown(cancel_futures=True)
        assert not wait(waiting, timeout=PATIENCE_SECONDS).not_done
        assert running.result() is None
        assert all(future.cancelled() for future in waiting)


def test_block_that_raises_ends_at_once():
    futures = []
    with pytest.raises(KeyboardInterrupt):
        interrupt_a_pool(futures)
    pid, running, waiting = futures
    assert isinstance(running.exception(), WorkerDiedError)
    assert waiting.cancelled()
    assert not psutil.pid_exists(pid.result())


def interrupt_a_pool(futures):
    with Processes(1) as processes:
        futures += [processes.submit(os.getpid), processes.submit(time.sleep, LONG), processes.submit(abs, 1)]
        while not futures[1].running():
            time.sleep(0.01)
        raise KeyboardInterrupt


def test_pool_without_tasks_starts_no_process():
    with Processes(4) as processes:
        pass
    assert not processes._workers


@pytest.mark.parametrize(("workers", "limit"), [(0, 1.0), (1, 0.0), (1, -1.0), (1, float("nan"))])
def test_senseless_pool_is_refused(workers, limit):
    with pytest.raises(ValueError, match="must be"):
        Processes(workers, time_limit_seconds=limit)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="sends the parent a signal")
@pytest.mark.parametrize("end", ["ctrl_c", "kill"])
def test_parent_that_ends_leaves_no_process(end, tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(  # noqa: S603
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    with parent:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(set(pids)) == 2
        family = [child.pid for child in psutil.Process(parent.pid).children(recursive=True)]
        if end == "ctrl_c":
            os.killpg(parent.pid, signal.SIGINT)
        else:
            os.kill(parent.pid, signal.SIGKILL)
        parent.wait(PATIENCE_SECONDS)
        errors = parent.stderr.read()
    assert set(pids) <= set(family)
    assert gone(family)
    if end == "ctrl_c":
        assert errors.count("Traceback") == 1, "the workers say nothing"
