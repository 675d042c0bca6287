"""Batches whose sets, processes or executors fail: each failure is a row or one error."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import random
import sys
import time
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial

import pytest

import placer
from placer.batch.identity import settings_of
from placer.batch.runner import solve_many
from placer.batch.store import Store
from placer.errors import BatchError
from placer.utils import worker
from placer.utils.tasks import TaskPolicy
from tests.batch.executors import Breaking, Inline, Troubled, find_nothing, refuse, rows_of, statuses, workers
from tests.effort import tries

pytestmark = pytest.mark.usefixtures("light_start")

#: A cluster is looked at without a pause.
AT_ONCE = TaskPolicy(look_seconds=0.0)


@pytest.mark.slow
@pytest.mark.parametrize("executor", [Inline, None])
def test_set_that_exits_ends_the_batch(few, tmp_path, executor):
    """Tests that SystemExit within a set is no row, whatever runs it: a batch that is resumed solves the set."""
    leaving, settings = Troubled(few, {3: partial(sys.exit, "leaving")}), settings_of(few, ["cost"])
    given = executor() if executor else None
    with Store.create(tmp_path / "a.db", settings) as store:
        with pytest.raises(SystemExit, match="leaving"):
            list(solve_many(leaving, base=few.instance, executor=given, store=store))
        assert 3 not in store.done()
    with Store.resume(tmp_path / "a.db", settings) as store:
        rows = rows_of(solve_many(few, executor=Inline(), store=store))
    assert set(statuses(rows).values()) == {"optimal"}
    assert len(rows) == len(few)


@pytest.mark.slow
def test_error_that_an_executor_says_of_a_set_is_a_row(few):
    """Tests that an error of the executor ends one set, not the batch."""

    class Odd(Inline):
        def submit(self, fn, /, *arguments):
            future = super().submit(fn, *arguments)
            if arguments[-1] == 2:
                future = Future()
                future.set_exception(MemoryError("full"))
            return future

    rows = {row["number"]: row for row in solve_many(few, executor=Odd())}
    assert (rows[2]["status"], rows[2]["detail"]) == ("error", "MemoryError: full")
    assert len(rows) == len(few)


class Cluster(Inline):
    """An executor like that of Dask, whose client loses its scheduler after two sets, for good or for a moment."""

    def __init__(self, after):
        super().__init__()
        self._states = iter(after)
        self._client = self

    @property
    def status(self):
        """How the client of the cluster is."""
        return next(self._states, "running") if len(self.numbers) >= 2 else "running"


def test_lost_scheduler_ends_the_batch(few):
    """Tests that the rows so far are given, and then one error that says what is gone."""
    rows = solve_many(few, executor=Cluster(["connecting", "connecting", "closed"]), dispatch=AT_ONCE)
    assert next(rows)["status"] == "optimal"
    with pytest.raises(BatchError, match="the scheduler of the cluster is gone"):
        list(rows)


@pytest.mark.slow
def test_whatever_a_set_does_is_a_row_and_the_others_are_solved(sets, expected, monkeypatch):
    """Tests a set that is refused, has no answer, raises, ends its process each time, and never ends.

    Only the last one is waited for no longer than a moment, so that a busy machine changes nothing.
    """
    answer = worker.Worker.answer

    def patient(worker, message, _):
        _, (_, number), _ = pickle.loads(message)  # noqa: S301 - of this process
        return answer(worker, message, 0.1 if number == 9 else math.inf)

    monkeypatch.setattr(worker.Worker, "answer", patient)
    trouble = {
        1: refuse,
        3: find_nothing,
        4: partial(int, "x"),
        6: partial(os._exit, 3),
        9: partial(time.sleep, 600.0),
    }
    troubled = Troubled(sets, trouble)
    found = rows_of(solve_many(troubled, base=sets.instance, workers=2, time_limit_seconds=1e3))
    ended = {1: "refused", 3: "failed", 4: "error", 6: "worker died", 9: "time limit"}
    assert statuses(found) == dict.fromkeys(range(12), "optimal") | ended
    said = {1: "is odd", 3: "it is hard", 4: "ValueError: invalid literal", 6: "died 3 times", 9: "ended by the parent"}
    for number, text in said.items():
        assert text in found[number]["detail"]
    for number in set(range(12)) - set(ended):
        assert found[number]["cost_usd"] == expected[number]["cost_usd"]


@pytest.mark.slow
def test_random_kills_of_processes_cost_no_set(tiny):
    """Tests that after each kill the batch goes on; there are tries enough if all meet the same set."""
    dice, kills, most = random.Random(7), 0, tries(2, 5)  # noqa: S311
    sets, found = placer.DemandSets(tiny, count=8 * most, seed=7), {}
    for row in solve_many(sets, workers=2, dispatch=TaskPolicy(tries=6)):
        found[row["number"]] = row
        if len(found) % 7 == 3 and kills < most:
            time.sleep(dice.uniform(0.0, 0.05))
            dice.choice(workers()).kill()
            kills += 1
    assert kills == most
    assert statuses(found) == dict.fromkeys(range(8 * most), "optimal")
    assert not workers()


@pytest.mark.slow
def test_consumer_that_stops_leaves_no_process(few):
    rows = solve_many(few, workers=2)
    next(rows)
    assert workers()
    rows.close()
    assert not workers()


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [True, False])
def test_broken_executor_is_said_and_rows_are_kept(sets, tmp_path, at_once):
    with Store.create(tmp_path / "a.db", settings_of(sets, ["cost"])) as store:
        with pytest.raises(BatchError, match="the executor broke: no more"):
            list(solve_many(sets, store=store, executor=Breaking(at_once)))
        assert 0 < len(store) <= 3


@pytest.mark.slow
def test_pool_of_the_standard_library_that_breaks_is_said(sets, tmp_path):
    troubled = Troubled(sets, {2: partial(os._exit, 3)})
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    with pool, Store.create(tmp_path / "a.db", {}) as store:
        with pytest.raises(BatchError, match="the executor broke"):
            list(solve_many(troubled, base=sets.instance, store=store, executor=pool))
        assert store.done() <= {0, 1}
