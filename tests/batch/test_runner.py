"""Batches: rows that depend on nothing but their set, whatever happens to others, and a store that is gone on with."""

from __future__ import annotations

import math
import multiprocessing
import os
import pickle
import random
import sys
import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import psutil
import pytest

import placer
from placer.batch import runner as module
from placer.batch.dispatch import DispatchParameters
from placer.batch.dispatch import rows_of as dispatched
from placer.batch.figures import ANALYSES
from placer.batch.identity import settings_of
from placer.batch.job import Job
from placer.batch.runner import solve_many
from placer.batch.store import Store
from placer.errors import BatchError, InstanceError, NoSolutionError, Violation, WorkerDiedError
from placer.termination import Reason
from placer.utils import worker
from placer.utils.shared import Shared

#: A cluster is looked at without a pause.
AT_ONCE = DispatchParameters(look_seconds=0.0)


class Inline(Executor):
    """Runs a task when it is given, in this process, and keeps the numbers of the sets."""

    def __init__(self):
        self.numbers = []

    def submit(self, fn, /, *arguments):
        """Run a task."""
        self.numbers.append(arguments[-1])
        future = Future()
        try:
            future.set_result(fn(*arguments))
        except Exception as error:  # noqa: BLE001 - into the future, as every executor does
            future.set_exception(error)
        return future


class Breaking(Inline):
    """Breaks at the fourth task: when it is given, or when its result is asked for."""

    def __init__(self, at_once):
        super().__init__()
        self.at_once = at_once

    def submit(self, fn, /, *arguments):
        """Run a task, or break."""
        if len(self.numbers) < 3:
            return super().submit(fn, *arguments)
        if self.at_once:
            raise BrokenExecutor("no more")
        future = Future()
        future.set_exception(BrokenExecutor("no more"))
        return future


def _refuse():
    raise InstanceError([Violation("demand", "", "mtok", "is odd", "even")])


def _find_nothing():
    raise NoSolutionError(Reason.FAILED, "it is hard")


@dataclass(frozen=True)
class Troubled(Sequence):
    """Demand sets of which some do what they should not when they are made."""

    sets: placer.DemandSets
    trouble: dict = field(default_factory=dict)

    def __len__(self):
        """Return how many sets there are."""
        return len(self.sets)

    def __getitem__(self, number):
        """Return a set, or make trouble."""
        self.trouble.get(number, int)()
        return self.sets[number]


@pytest.fixture(scope="module", autouse=True)
def light_start(make_main_script):
    """Processes that start fast: what they take for the main script is empty."""
    make_main_script("")


@pytest.fixture(scope="module")
def expected(sets):
    """Their rows, solved one by one in this process."""
    return rows_of(solve_many(sets, tuple(ANALYSES), executor=Inline()))


def rows_of(rows):
    """Return rows by number, without how long they took."""
    return {row["number"]: {name: value for name, value in row.items() if name != "seconds"} for row in rows}


def statuses(rows):
    return {number: row["status"] for number, row in rows.items()}


def fill(path, sets, count):
    """Keep so many rows of a batch in a new store."""
    with Store.create(path, settings_of(sets, ["cost"])) as store:
        return rows_of(islice(solve_many(sets, store=store, executor=Inline()), count))


def workers():
    """Return the processes at work for this one."""
    return [child for child in psutil.Process().children() if "--multiprocessing-fork" in child.cmdline()]


def test_every_set_is_solved_with_the_figures_of_a_solve(sets, expected):
    assert statuses(expected) == dict.fromkeys(range(12), "optimal")
    for number in (0, 11):
        assert expected[number]["cost_usd"] == pytest.approx(placer.solve(sets[number]).cost_usd, rel=1e-9)
        assert expected[number]["ceiling_share"] == pytest.approx(placer.export_ceiling(sets[number]).share, rel=1e-9)
    assert len({row["cost_usd"] for row in expected.values()}) == 12


@pytest.mark.parametrize("count", [1, 2, 4])
def test_rows_are_the_same_to_the_last_bit_for_any_number_of_processes(sets, expected, count):
    assert rows_of(solve_many(sets, tuple(ANALYSES), workers=count)) == expected


def test_rows_are_the_same_to_the_last_bit_in_threads(sets, expected):
    with ThreadPoolExecutor(3) as threads:
        assert rows_of(solve_many(sets, tuple(ANALYSES), executor=threads, workers=3)) == expected


def test_rows_are_the_same_to_the_last_bit_in_any_order(sets, expected):
    analyses = tuple(ANALYSES)
    job = Shared(Job(sets, analyses, module._known(sets.instance, analyses, math.inf), math.inf))
    numbers = list(range(12))
    random.Random(3).shuffle(numbers)  # noqa: S311
    assert rows_of(dispatched(Inline(), job, iter(numbers), 5)) == expected


def test_few_sets_are_in_flight(sets):
    """Tests that a consumer that stops has not had all sets solved."""
    inline = Inline()
    next(solve_many(sets, executor=inline, workers=2))
    assert inline.numbers == [0, 1, 2, 3]


def test_any_sequence_starts_from_its_first_instance(sets):
    chosen = [sets[3], sets[5]]
    found = rows_of(solve_many(chosen, executor=Inline()))
    for number, instance in enumerate(chosen):
        assert found[number]["cost_usd"] == pytest.approx(placer.solve(instance).cost_usd, rel=1e-9)


def test_no_sets_have_no_rows():
    assert list(solve_many([])) == []


def test_unknown_analysis_is_refused_before_anything_is_solved(sets):
    inline = Inline()
    with pytest.raises(InstanceError, match="'costs' is unknown"):
        next(solve_many(sets, ["costs"], executor=inline))
    assert not inline.numbers


def test_base_that_has_no_answer_leaves_sets_to_be_solved_afresh(sets, monkeypatch):
    monkeypatch.setattr(module, "base_prices", lambda *_: _find_nothing())
    found = rows_of(solve_many(sets, executor=Inline()))
    assert statuses(found) == dict.fromkeys(range(12), "optimal")
    assert module._known(sets.instance, ("cost",), math.inf) == ()


def test_time_limit_is_a_row(sets):
    found = rows_of(solve_many(sets, executor=Inline(), time_limit_seconds=1e-9))
    assert statuses(found) == dict.fromkeys(range(12), "time limit")
    assert all("time limit" in row["detail"] for row in found.values())


@pytest.mark.parametrize("executor", [Inline, None])
def test_set_that_exits_is_a_row(sets, expected, executor):
    """Tests that SystemExit within a set ends neither the batch nor the process that solved it."""
    leaving = Troubled(sets, {5: partial(sys.exit, "leaving")})
    given = executor() if executor else None
    rows = {row["number"]: row for row in solve_many(leaving, base=sets.instance, executor=given)}
    assert (rows[5]["status"], rows[5]["detail"]) == ("error", "SystemExit: leaving")
    assert sum(row["status"] == "optimal" for row in rows.values()) == len(sets) - 1


@pytest.mark.parametrize("error", [SystemExit("out"), KeyboardInterrupt(), MemoryError("full")])
def test_whatever_an_executor_says_of_a_set_is_a_row(sets, error):
    """Tests that errors which are no ``Exception`` end one set, not the batch."""

    class Odd(Inline):
        def submit(self, fn, /, *arguments):
            future = super().submit(fn, *arguments)
            if arguments[-1] == 2:
                future = Future()
                future.set_exception(error)
            return future

    rows = {row["number"]: row for row in solve_many(sets, executor=Odd())}
    assert (rows[2]["status"], rows[2]["detail"]) == ("error", f"{type(error).__name__}: {error}")
    assert len(rows) == len(sets)


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


def test_lost_scheduler_ends_the_batch(sets):
    """Tests that the rows so far are given, and then one error that says what is gone."""
    rows = solve_many(sets, executor=Cluster(["connecting", "connecting", "closed"]), dispatch=AT_ONCE)
    assert next(rows)["status"] == "optimal"
    with pytest.raises(BatchError, match="the scheduler of the cluster is gone"):
        list(rows)


def test_scheduler_that_comes_back_is_waited_for(sets):
    """Tests that a connection lost for a moment costs nothing."""
    cluster = Cluster(["connecting", "connecting", "running"])
    assert len(list(solve_many(sets, executor=cluster, dispatch=AT_ONCE))) == len(sets)


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
        1: _refuse,
        3: _find_nothing,
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


def test_set_whose_process_dies_twice_is_solved(sets, expected):
    died = []

    class Dying(Inline):
        def submit(self, fn, /, *arguments):
            if arguments[-1] == 2 and len(died) < DispatchParameters().tries - 1:
                died.append(True)
                return super().submit(_die, *arguments)
            return super().submit(fn, *arguments)

    found = rows_of(solve_many(sets, executor=Dying()))
    assert statuses(found) == dict.fromkeys(range(12), "optimal")
    assert found[2]["cost_usd"] == expected[2]["cost_usd"]


def test_set_whose_process_died_comes_last_and_alone(sets):
    """Tests that no set is blamed for another: what a dead worker held is tried again with nothing beside it."""
    submitted = []

    class Slow(Inline):
        def submit(self, fn, /, *arguments):
            number = arguments[-1]
            task = super().submit(_die if number in (1, 2) and number not in submitted else fn, *arguments)
            submitted.append(number)
            return task

    assert len(rows_of(solve_many(sets, executor=Slow(), workers=2))) == 12
    assert submitted == [*range(12), 1, 2] or submitted == [*range(12), 2, 1]


def _die(*_):
    raise WorkerDiedError("gone")


def test_random_kills_of_processes_cost_no_set(tiny):
    """Tests that after each of five kills the batch goes on; there are tries enough if all meet the same set."""
    dice, kills = random.Random(7), 0  # noqa: S311
    sets, found = placer.DemandSets(tiny, count=40, seed=7), {}
    for row in solve_many(sets, workers=2, dispatch=DispatchParameters(tries=6)):
        found[row["number"]] = row
        if len(found) % 7 == 3 and kills < 5:
            time.sleep(dice.uniform(0.0, 0.05))
            dice.choice(workers()).kill()
            kills += 1
    assert kills == 5
    assert statuses(found) == dict.fromkeys(range(40), "optimal")
    assert not workers()


def test_consumer_that_stops_leaves_no_process(sets):
    rows = solve_many(sets, workers=1)
    next(rows)
    assert workers()
    rows.close()
    assert not workers()


@pytest.mark.parametrize("at_once", [True, False])
def test_broken_executor_is_said_and_rows_are_kept(sets, tmp_path, at_once):
    with Store.create(tmp_path / "a.db", settings_of(sets, ["cost"])) as store:
        with pytest.raises(BatchError, match="the executor broke: no more"):
            list(solve_many(sets, store=store, executor=Breaking(at_once)))
        assert 0 < len(store) <= 3


def test_pool_of_the_standard_library_that_breaks_is_said(sets, tmp_path):
    troubled = Troubled(sets, {2: partial(os._exit, 3)})
    pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
    with pool, Store.create(tmp_path / "a.db", {}) as store:
        with pytest.raises(BatchError, match="the executor broke"):
            list(solve_many(troubled, base=sets.instance, store=store, executor=pool))
        assert store.done() <= {0, 1}


def test_store_that_is_gone_on_with_solves_what_is_missing_and_nothing_twice(sets, expected, tmp_path):
    first, inline = fill(tmp_path / "a.db", sets, 4), Inline()
    with Store.resume(tmp_path / "a.db", settings_of(sets, ["cost"])) as store:
        found = rows_of(solve_many(sets, store=store, executor=inline))
        assert store.done() == set(range(12))
    assert sorted([*first, *inline.numbers]) == list(range(12))
    assert {number: row["cost_usd"] for number, row in found.items()} == {
        number: row["cost_usd"] for number, row in expected.items()
    }
    assert {number: found[number] for number in first} == first


def test_whole_store_is_read_and_nothing_solved(sets, tmp_path, monkeypatch):
    rows = fill(tmp_path / "a.db", sets, 12)
    monkeypatch.setattr(module, "base_prices", None)
    with Store.resume(tmp_path / "a.db", settings_of(sets, ["cost"])) as store:
        assert rows_of(solve_many(sets, store=store, executor=None)) == rows


def test_rows_are_kept_before_they_are_given(sets, tmp_path):
    with Store.create(tmp_path / "a.db", settings_of(sets, ["cost"])) as store:
        for count, row in enumerate(solve_many(sets, store=store, executor=Inline()), 1):
            assert row["number"] in store.done()
            assert len(store) == count


def test_table_that_does_not_fit_is_refused():
    """Tests that more rows than fit into memory are refused before anything is solved, with an estimate."""
    with pytest.raises(placer.BatchError, match=r"the table of 1,000,000,000 sets needs about 3000\.0 GB"):
        module.check_size(10**9)


def test_progress_counts_the_rows(sets):
    """Tests that the base instance is told of, then every row, and that nothing holds between rows."""
    heard = []
    for row in solve_many(sets, executor=Inline(), progress=heard.append):
        assert row["status"] == "optimal"
        placer.solve(sets.instance)
    assert [text for text in heard if "of 12 sets" in text] == [
        f"{number} of 12 sets, the last one optimal" for number in range(1, 13)
    ]
    assert len([text for text in heard if text.startswith("formulating")]) == 0
