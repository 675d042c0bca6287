"""Results that survive: kills, damage, other settings, other writers, full disks."""

from __future__ import annotations

import math
import os
import random
import signal
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from placer.batch import store_file as module
from placer.batch.store import Store, export
from placer.errors import StoreError
from tests.batch.stores import ROW, SETTINGS

#: Runs one writer after the other in a fork of its own, each until it is killed; says when each has begun.
WRITERS = """
import os, sys
from placer.batch.store import Store
path, count = sys.argv[1], int(sys.argv[2])
for _ in range(count):
    pid = os.fork()
    if not pid:
        with Store.resume(path, {"seed": 7}) as store:
            print(os.getpid(), flush=True)
            number = max(store.done(), default=-1)
            while True:
                number += 1
                store.add(number, {"status": "optimal", "square": number**2, "text": "x" * 3000})
                with open(path + ".log", "a") as log:
                    log.write(f"{number}\\n")
    os.waitpid(pid, 0)
"""


def test_rows_come_back_by_number(written):
    with Store.read(written) as store:
        assert list(store.rows()) == [
            {"number": 0, "status": "failed", "why": "time limit"},
            {"number": 2, "status": "optimal", "seconds": 0.5, "cost_usd": 12.25},
        ]
        assert (store.done(), len(store), store.settings) == ({0, 2}, 2, SETTINGS)


@pytest.mark.parametrize("name", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_signal_that_was_kept_as_a_row_is_no_result(written, name):
    """Tests that a set is not done which placer 0.3 ended by a signal; other errors, and what quotes one, are rows."""
    others = {4: "ValueError: odd", 5: f'ValueError: "detail": "{name}: 143"'}
    with Store.resume(written, SETTINGS) as store:
        for number, detail in (others | {3: f"{name}: 143"}).items():
            store.add(number, {"status": "error", "detail": detail})
    for opened in (Store.read(written), Store.resume(written, SETTINGS)):
        with opened as store:
            assert store.done() == {0, 2, *others} == {row["number"] for row in store.rows()}
            assert (len(store), len(store.frame()), store.damaged) == (4, 4, ())
            with pytest.raises(StoreError):
                store.row(3)
    with Store.resume(written, SETTINGS) as store:
        store.add(3, ROW)
        assert 3 in store.done()


def test_home(tmp_path, monkeypatch):
    """Tests that ~ is the home folder of a store that is made, resumed, read and exported."""
    monkeypatch.setenv("HOME", str(tmp_path))
    Store.create("~/runs.db", SETTINGS).close()
    Store.resume("~/runs.db", SETTINGS).close()
    with Store.read("~/runs.db") as store:
        export(store, "~/rows.csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["rows.csv", "runs.db", "runs.db.lock"]


def test_a_row_by_its_number(written):
    with Store.read(written) as store:
        assert store.row(0) == {"number": 0, "status": "failed", "why": "time limit"}
        assert store.row(2)["cost_usd"] == 12.25
        for missing in (1, 3, -1):
            with pytest.raises(StoreError, match=f"row {missing} is not as it was written"):
                store.row(missing)


def test_store_without_rows_is_true_and_has_a_table(path):
    with Store.create(path, {}) as store:
        assert store
        assert (len(store), list(store.rows()), list(store.frame().columns)) == (0, [], ["number"])


def test_columns_of_the_database_can_be_queried(written):
    with Store.read(written) as store:
        found = store._connection.execute("SELECT number, status, seconds FROM results ORDER BY number").fetchall()
    assert found == [(0, "failed", None), (2, "optimal", 0.5)]


def test_more_rows_than_are_read_at_a_time(path, monkeypatch):
    monkeypatch.setattr(module, "READ_AT_A_TIME", 2)
    with Store.create(path, {}) as store:
        for number in (4, 0, 3, 1):
            store.add(number, ROW)
        assert [row["number"] for row in store.rows()] == [0, 1, 3, 4]
        store.add(9, ROW)
        assert [row["number"] for row in store.rows()] == [0, 1, 3, 4, 9]


@pytest.mark.parametrize(
    "value",
    [
        0.1 + 0.2,
        5e-324,
        1.7976931348623157e308,
        -0.0,
        math.inf,
        -math.inf,
        2**70,
        True,
        None,
        "",
        "é\ud800\n'\"\0",
        "NaN",
    ],
)
def test_values_come_back_exactly(path, value):
    with Store.create(path, {}) as store:
        store.add(0, {"status": "x", "value": value})
        back = next(store.rows())["value"]
    assert (type(back), repr(back)) == (type(value), repr(value))


def test_random_floats_come_back_exactly(path):
    bits = np.random.default_rng(7).integers(0, 2**63, 2000, dtype=np.uint64)
    floats = {str(place): float(value) for place, value in enumerate(bits.view(np.float64)) if np.isfinite(value)}
    with Store.create(path, {}) as store:
        store.add(0, {"status": "x"} | floats)
        assert next(store.rows()) == {"number": 0, "status": "x"} | floats


def test_nan_comes_back_as_none(path):
    with Store.create(path, {}) as store:
        store.add(0, {"status": "x", "seconds": math.nan, "value": np.float64("nan")})
        assert next(store.rows()) == {"number": 0, "status": "x", "seconds": None, "value": None}


def test_numpy_and_enum_scalars_are_kept_as_plain_ones(path):
    class Status(StrEnum):
        DONE = "done"

    row = {"status": Status.DONE, "seconds": np.float32(0.5), "count": np.int64(3), "proven": np.bool_(True)}
    with Store.create(path, {}) as store:
        store.add(0, row)
        back = next(store.rows())
    assert back == {"number": 0, "status": "done", "seconds": 0.5, "count": 3, "proven": True}
    assert [type(value) for value in back.values()] == [int, str, float, int, bool]


def test_infinity_is_json_that_others_read(path):
    with Store.create(path, {}) as store:
        store.add(0, {"status": "x", "bound_usd": -math.inf})
        found = store._connection.execute("SELECT row FROM results").fetchone()
    assert found == ('{"status": "x", "bound_usd": -1e999}',)


@pytest.mark.parametrize("value", [[1], {"a": 1}, object(), b"x", np.zeros(2), pd.Timestamp(0), pd.NA])
def test_what_is_no_scalar_is_refused(path, value):
    with Store.create(path, {}) as store:
        with pytest.raises(StoreError, match=r"row 0: bad is of type .*, which is no scalar"):
            store.add(0, {"status": "x", "fine": 1, "bad": value})
        assert len(store) == 0


@pytest.mark.parametrize(
    ("number", "row"),
    [(-1, ROW), (0, ROW | {"number": 1}), (2**63, ROW), (0, ROW | {"seconds": 2**63}), (0, {}), (0, {"status": 1})],
)
def test_numbers_that_do_not_fit_are_refused(path, number, row):
    with Store.create(path, {}) as store:
        with pytest.raises(StoreError, match=f"row {number}"):
            store.add(number, row)
        assert len(store) == 0


def test_a_number_is_added_once(written):
    with Store.resume(written, SETTINGS) as store:
        with pytest.raises(StoreError, match="holds row 2 already"):
            store.add(2, ROW)
        store.add(1, ROW)
        assert store.done() == {0, 1, 2}


def test_settings_compare_by_value_not_by_order(path):
    Store.create(path, {"a": 1, "b": math.inf, "c": (1, 2)}).close()
    with Store.resume(path, {"c": [1, 2], "b": math.inf, "a": np.int64(1)}) as store:
        assert store.settings == {"a": 1, "b": math.inf, "c": [1, 2]}


def test_settings_that_are_no_json_are_refused(path):
    with pytest.raises(StoreError, match="not a value that can be kept"):
        Store.create(path, {"when": object()})
    assert not path.exists()


def test_readers_see_rows_as_they_come(path, monkeypatch):
    monkeypatch.setattr(module, "READ_AT_A_TIME", 1)
    with Store.create(path, SETTINGS) as writer, Store.read(path) as reader:
        writer.add(0, ROW)
        rows = reader.rows()
        assert next(rows) == {"number": 0} | ROW
        writer.add(1, ROW)
        assert next(rows) == {"number": 1} | ROW
        assert reader.done() == {0, 1}


def test_readers_cannot_write(written):
    with Store.read(written) as store:
        with pytest.raises(StoreError, match=r"row 1 was not kept in .* readonly"):
            store.add(1, ROW)
        assert store.done() == {0, 2}


def test_full_disk_keeps_the_rows_before(written):
    with Store.resume(written, SETTINGS) as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match=r"row 5 was not kept in .*: database or disk is full"):
            store.add(5, ROW | {"text": "x" * 100_000})
        assert store.done() == {0, 2}
        store.add(1, ROW)
    with Store.read(written) as store:
        assert store.done() == {0, 1, 2}


@pytest.mark.parametrize("parent", ["missing", "file"])
def test_folder_that_is_not_there(tmp_path, parent):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        Store.create(tmp_path / parent / "results.db", SETTINGS)


def test_closed_store_says_so(written):
    store = Store.read(written)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        len(store)


def test_leftovers_of_a_removed_file_do_no_harm(path):
    for name in ("results.db-journal", "results.db.new", "results.db.lock"):
        (path.parent / name).write_bytes(b"" if name.endswith("lock") else b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 200)
    with Store.create(path, SETTINGS) as store:
        store.add(0, ROW)
    with Store.read(path) as store:
        assert len(store) == 1


def test_crash_within_a_row_is_undone(written):
    """Tests that a row half written when the process was killed is not there, for readers too."""
    code = (
        "import os, sqlite3, sys\n"
        "half = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "half.execute('PRAGMA cache_size = 1')\n"
        "half.execute('BEGIN')\n"
        "half.execute('DELETE FROM results')\n"
        "for number in range(5, 50):\n"
        "    half.execute('INSERT INTO results VALUES (?, \\'\\', NULL, ?, \\'\\')', (number, 'x' * 5000))\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(written)], check=False)  # noqa: S603
    assert Path(f"{written}-journal").stat().st_size > 0
    with Store.read(written) as store:
        assert store.done() == {0, 2}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks its writers, so as to import only once")
def test_kill_at_any_moment_keeps_every_row(path):
    Store.create(path, {"seed": 7}).close()
    moments = random.Random(7)  # noqa: S311
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WRITERS, str(path), "10"], stdout=subprocess.PIPE, text=True
    )
    with process:
        for _ in range(10):
            writer = int(process.stdout.readline())
            time.sleep(moments.uniform(0.0, 0.1))
            os.kill(writer, signal.SIGKILL)
    log = Path(f"{path}.log")
    promised = [int(line) for line in log.read_text().splitlines()] if log.exists() else []
    with Store.read(path) as store:
        numbers = [row["number"] for row in store.rows()]
        assert all(row["square"] == row["number"] ** 2 for row in store.rows())
    assert numbers
    assert numbers == list(range(len(numbers)))
    assert len(promised) == len(set(promised))
    assert set(promised) <= set(numbers)
