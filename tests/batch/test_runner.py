"""Batches: their rows, in any number of processes, and their stores."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import pytest

import placer
from placer.batch import runner as module
from placer.batch.identity import settings_of
from placer.batch.job import Job
from placer.batch.runner import patience_seconds, solve_many
from placer.batch.runner import rows_of as dispatched
from placer.batch.store import Store
from placer.batch.store_file import to_json
from placer.errors import InstanceError, WorkerDiedError
from placer.utils.shared import Shared
from placer.utils.tasks import Dispatcher
from tests.batch.executors import EVERY, Inline, fill, find_nothing, rows_of, statuses, workers
from tests.batch.stores import forge

pytestmark = pytest.mark.usefixtures("light_start")


@pytest.mark.slow
def test_every_set_is_solved_with_the_figures_of_a_solve(sets, expected, all_figures):
    assert statuses(expected) == dict.fromkeys(range(12), "optimal")
    for number in (0, 11):
        assert expected[number]["cost_usd"] == pytest.approx(placer.solve(sets[number]).cost_usd, rel=1e-9)
    for number, row in all_figures.items():
        assert row["cost_usd"] == pytest.approx(expected[number]["cost_usd"], rel=1e-9)
        assert row["ceiling_share"] == pytest.approx(placer.export_ceiling(sets[number]).share, rel=1e-9)
    assert len({row["cost_usd"] for row in expected.values()}) == 12


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 3])
def test_rows_are_the_same_to_the_last_bit_for_any_number_of_processes(few, all_figures, count):
    assert rows_of(solve_many(few, EVERY, workers=count)) == all_figures


def test_one_worker_is_this_process(few):
    """Tests that no process is started."""
    rows = solve_many(few)
    next(rows)
    assert not workers()


@pytest.mark.slow
def test_a_script_without_a_guard_gets_one_error(tmp_path):
    """Tests a script that asks for two processes: it runs once, and the error says what to write."""
    script = tmp_path / "unguarded.py"
    script.write_text(
        "import placer\nprint('begun')\n"
        "sets = placer.DemandSets(placer.load('tiny'), count=2, seed=7)\n"
        "print(len(list(placer.solve_many(sets, workers=2))))\n",
        encoding="utf-8",
    )
    ended = subprocess.run(  # noqa: S603 - this interpreter, and a script of ours
        [sys.executable, script], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout) == (1, "begun\n")
    assert ended.stderr.count("BatchError: every process would run this script again from its start") == 1


@pytest.mark.slow
def test_rows_are_the_same_to_the_last_bit_in_threads(few, all_figures):
    with ThreadPoolExecutor(3) as threads:
        assert rows_of(solve_many(few, EVERY, executor=threads, workers=3)) == all_figures


@pytest.mark.slow
def test_rows_are_the_same_to_the_last_bit_in_any_order(few, all_figures):
    analyses = EVERY
    job = Shared(Job(few, analyses, module._known(few.instance, analyses, math.inf), math.inf))
    numbers = list(range(5))
    random.Random(3).shuffle(numbers)  # noqa: S311
    assert rows_of(dispatched(Dispatcher(Inline(), 5), job, iter(numbers))) == all_figures


@pytest.mark.slow
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


def test_base_that_has_no_answer_leaves_sets_to_be_solved_afresh(few, monkeypatch):
    monkeypatch.setattr(module, "base_prices", lambda *_: find_nothing())
    found = rows_of(solve_many(few, executor=Inline()))
    assert statuses(found) == dict.fromkeys(range(5), "optimal")
    assert module._known(few.instance, ("cost",), math.inf) == ()


def test_time_limit_is_a_row(few):
    found = rows_of(solve_many(few, executor=Inline(), time_limit_seconds=1e-9))
    assert statuses(found) == dict.fromkeys(range(5), "time limit")
    assert all("time limit" in row["detail"] for row in found.values())


@pytest.mark.slow
def test_store_that_is_gone_on_with_solves_what_is_missing_and_nothing_twice(few, expected, tmp_path):
    first, inline = fill(tmp_path / "a.db", few, 2), Inline()
    with Store.resume(tmp_path / "a.db", settings_of(few, ["cost"])) as store:
        found = rows_of(solve_many(few, store=store, executor=inline))
        assert store.done() == set(range(5))
    assert sorted([*first, *inline.numbers]) == list(range(5))
    assert {number: row["cost_usd"] for number, row in found.items()} == {
        number: expected[number]["cost_usd"] for number in range(5)
    }
    assert {number: found[number] for number in first} == first


@pytest.mark.slow
def test_forged_row_that_contradicts_itself_is_solved_again(few, expected, tmp_path):
    """Tests half the cost of a set, with the digest of such a row: the parts of the cost still say what it was."""
    path = tmp_path / "a.db"
    fill(path, few, 5)
    with Store.read(path) as store:
        row = store.row(3)
    forge(path, 3, to_json(row | {"cost_usd": row["cost_usd"] / 2}), row["seconds"])
    inline = Inline()
    with Store.resume(path, settings_of(few, ["cost"])) as store:
        found = rows_of(solve_many(few, store=store, executor=inline))
        assert (store.dropped, inline.numbers) == ((3,), [3])
    assert found[3]["cost_usd"] == expected[3]["cost_usd"]


@pytest.mark.slow
def test_whole_store_is_read_and_nothing_solved(few, tmp_path, monkeypatch):
    rows = fill(tmp_path / "a.db", few, 5)
    monkeypatch.setattr(module, "base_prices", None)
    with Store.resume(tmp_path / "a.db", settings_of(few, ["cost"])) as store:
        assert rows_of(solve_many(few, store=store, executor=None)) == rows


@pytest.mark.slow
def test_rows_are_kept_before_they_are_given(few, tmp_path):
    with Store.create(tmp_path / "a.db", settings_of(few, ["cost"])) as store:
        for count, row in enumerate(solve_many(few, store=store, executor=Inline()), 1):
            assert row["number"] in store.done()
            assert len(store) == count


def test_table_that_does_not_fit_is_refused(monkeypatch):
    """Tests that more rows than fit into memory are refused before anything is solved, with an estimate."""
    with pytest.raises(placer.BatchError, match=r"the table of 1,000,000,000 sets needs about 3000\.0 GB"):
        module.check_size(10**9)
    monkeypatch.setattr("placer.solvers.memory.free_bytes", lambda: 30_000.0)
    with pytest.raises(placer.BatchError, match="enough for 9 sets"):
        module.check_size(10)
    module.check_size(9)


@pytest.mark.slow
def test_progress_counts_the_rows(few):
    """Tests that the base instance is told of, then every row, and that nothing holds between rows."""
    heard = []
    for row in solve_many(few, executor=Inline(), progress=heard.append):
        assert row["status"] == "optimal"
        placer.solve(few.instance)
    assert [text for text in heard if "of 5 sets" in text] == [
        f"{number} of 5 sets, the last one optimal" for number in range(1, 6)
    ]
    assert len([text for text in heard if text.startswith("formulating")]) == 0


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
    rows = {row["number"]: row for row in dispatched(Dispatcher(executor, 1), JOB, iter(range(4)))}
    ended = {0: "time limit", 1: "error", 2: "optimal", 3: "worker died"}
    assert {number: row["status"] for number, row in rows.items()} == ended
    assert rows[3]["detail"] == "its process died 3 times"
    assert executor.sent == [0, 1, 2, 3, 3, 3]


def test_patience_is_the_limit_of_every_analysis_and_some_grace():
    """Tests 2 analyses of 10 s, a tenth more and 5 s: 27 s; without a limit, for ever."""
    assert patience_seconds(JOB.value) == pytest.approx(27.0)
    assert patience_seconds(Job([], ("cost",), (), math.inf)) == math.inf
