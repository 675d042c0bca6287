"""Results that survive: kills, damage, other settings, other writers, full disks."""

from __future__ import annotations

import json
import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from placer import store as module
from placer.errors import StoreError
from placer.store import APPLICATION_ID, SCHEMA_VERSION, Store, export

SETTINGS = {"instance": "ab12", "seed": 7, "analyses": ["ceiling"], "placer": "0.1.0", "count": 3}
ROW = {"status": "optimal", "seconds": 0.5, "cost_usd": 12.25}

#: Runs one writer after the other in a fork of its own, each until it is killed; says when each has begun.
WRITERS = """
import os, sys
from placer.store import Store
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


@pytest.fixture
def path(tmp_path):
    """Name of a file of results."""
    return tmp_path / "results.db"


@pytest.fixture
def written(path):
    """A file with rows 0 and 2."""
    with Store.create(path, SETTINGS) as store:
        store.add(2, ROW)
        store.add(0, {"status": "failed", "why": "time limit"})
    return path


@pytest.fixture(params=["resume", "read"])
def opening(request):
    """Both ways to open a file that is there."""
    return Store.read if request.param == "read" else lambda path: Store.resume(path, SETTINGS)


def refusal(opening, *arguments):
    """Return what a refusal says, having checked that nothing else in the folder changed."""
    folder = Path(arguments[0]).parent
    before = {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}
    with pytest.raises(StoreError) as refused:
        opening(*arguments)
    assert {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_rows_come_back_by_number(written):
    with Store.read(written) as store:
        assert list(store.rows()) == [
            {"number": 0, "status": "failed", "why": "time limit"},
            {"number": 2, "status": "optimal", "seconds": 0.5, "cost_usd": 12.25},
        ]
        assert (store.done(), len(store), store.settings) == ({0, 2}, 2, SETTINGS)


def test_only_an_empty_lock_is_left_beside_the_file(written):
    assert {file.name: file.stat().st_size for file in written.parent.iterdir() if file != written} == {
        "results.db.lock": 0
    }


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
            store.add(number, {})
        assert [row["number"] for row in store.rows()] == [0, 1, 3, 4]
        store.add(9, {})
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
        store.add(0, {"value": value})
        back = next(store.rows())["value"]
    assert (type(back), repr(back)) == (type(value), repr(value))


def test_random_floats_come_back_exactly(path):
    bits = np.random.default_rng(7).integers(0, 2**63, 2000, dtype=np.uint64)
    floats = {str(place): float(value) for place, value in enumerate(bits.view(np.float64)) if np.isfinite(value)}
    with Store.create(path, {}) as store:
        store.add(0, floats)
        assert next(store.rows()) == {"number": 0} | floats


def test_nan_comes_back_as_none(path):
    with Store.create(path, {}) as store:
        store.add(0, {"seconds": math.nan, "value": np.float64("nan")})
        assert next(store.rows()) == {"number": 0, "seconds": None, "value": None}


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
        store.add(0, {"bound_usd": -math.inf})
        assert store._connection.execute("SELECT row FROM results").fetchone() == ('{"bound_usd": -1e999}',)


@pytest.mark.parametrize("value", [[1], {"a": 1}, object(), b"x", np.zeros(2), pd.Timestamp(0), pd.NA])
def test_what_is_no_scalar_is_refused(path, value):
    with Store.create(path, {}) as store:
        with pytest.raises(StoreError, match=r"row 0: bad is of type .*, which is no scalar"):
            store.add(0, {"fine": 1, "bad": value})
        assert len(store) == 0


@pytest.mark.parametrize(("number", "row"), [(-1, {}), (0, {"number": 1}), (2**63, {}), (0, {"seconds": 2**63})])
def test_numbers_that_do_not_fit_are_refused(path, number, row):
    with Store.create(path, {}) as store:
        with pytest.raises(StoreError, match=f"row {number}"):
            store.add(number, row)
        assert len(store) == 0


def test_a_number_is_added_once(written):
    with Store.resume(written, SETTINGS) as store:
        with pytest.raises(StoreError, match="holds row 2 already"):
            store.add(2, {})
        store.add(1, {})
        assert store.done() == {0, 1, 2}


def test_settings_compare_by_value_not_by_order(path):
    Store.create(path, {"a": 1, "b": math.inf, "c": (1, 2)}).close()
    with Store.resume(path, {"c": [1, 2], "b": math.inf, "a": np.int64(1)}) as store:
        assert store.settings == {"a": 1, "b": math.inf, "c": [1, 2]}


def test_other_settings_are_refused_key_by_key(written):
    now = SETTINGS | {"seed": 8, "placer": "0.2.0", "new": None}
    del now["count"]
    said = refusal(Store.resume, written, now)
    assert said.partition("other settings: ")[2].split("; ") == [
        "count was 3, is absent",
        'placer was "0.1.0", is "0.2.0"',
        "seed was 7, is 8",
        "new was absent, is null",
    ]


def test_settings_that_are_no_json_are_refused(path):
    with pytest.raises(StoreError, match="not a value that can be kept"):
        Store.create(path, {"when": object()})
    assert not path.exists()


def test_create_keeps_what_is_there(written):
    assert "give --resume to go on" in refusal(Store.create, written, SETTINGS)


def test_missing_is_refused(path, opening):
    assert "there is no file" in refusal(opening, path)


def test_folder_is_refused(tmp_path, opening):
    assert "there is no file" in refusal(opening, tmp_path)


@pytest.mark.parametrize("content", [b"number,cost\n1,2\n", b"x" * 5000, b"SQLite format 3\0" + b"x" * 200])
def test_not_sqlite_is_refused(path, opening, content):
    path.write_bytes(content)
    assert "not a file of results" in refusal(opening, path)


def test_empty_is_refused(path, opening):
    path.touch()
    assert "not a file of results" in refusal(opening, path)


def test_foreign_database_is_refused(path, opening):
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE results (number INTEGER PRIMARY KEY)")
    foreign.close()
    assert "belongs to another program" in refusal(opening, path)


def test_newer_schema_is_refused(written, opening):
    newer = sqlite3.connect(written)
    newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    newer.close()
    assert "newer placer (schema 2, known here: 1)" in refusal(opening, written)


def test_tables_missing_is_refused(path, opening):
    bare = sqlite3.connect(path)
    bare.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    bare.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    bare.close()
    assert "no such table: settings" in refusal(opening, path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_truncated_is_refused(path, opening, share):
    with Store.create(path, SETTINGS) as store:
        store.add(0, {"text": "x" * 50_000})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert refusal(opening, path)


def test_page_overwritten_is_refused(path, opening):
    with Store.create(path, SETTINGS) as store:
        for number in range(20):
            store.add(number, {"text": "x" * 1000})
    with path.open("r+b") as file:
        file.seek(-4096, os.SEEK_END)
        file.write(b"\xff" * 4096)
    assert "damaged" in refusal(opening, path)


def test_row_that_is_no_json_is_said_to_be_damaged(written):
    with Store.resume(written, SETTINGS) as store:
        store._connection.execute("UPDATE results SET row = '{' WHERE number = 2")
        with pytest.raises(StoreError, match="damaged: row 2"):
            list(store.rows())


def test_one_writer_at_a_time(path):
    with Store.create(path, SETTINGS) as store:
        assert "being written by another process" in refusal(Store.resume, path, SETTINGS)
        assert "exists already" in refusal(Store.create, path, SETTINGS)
        store.add(0, ROW)
        assert "being written by another process" in refusal(Store.resume, path, SETTINGS)
    with Store.resume(path, SETTINGS) as store:
        assert len(store) == 1


def test_another_process_is_kept_out(written):
    code = (
        "import json, sys, placer.store as s\n"
        "try: s.Store.resume(sys.argv[1], json.loads(sys.argv[2]))\n"
        "except s.StoreError as error: print(error)\n"
    )
    command = [sys.executable, "-c", code, str(written), json.dumps(SETTINGS)]
    with Store.resume(written, SETTINGS):
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert "being written by another process" in done.stdout


def test_readers_see_rows_as_they_come(path, monkeypatch):
    monkeypatch.setattr(module, "READ_AT_A_TIME", 1)
    with Store.create(path, SETTINGS) as writer, Store.read(path) as reader:
        writer.add(0, {})
        rows = reader.rows()
        assert next(rows) == {"number": 0}
        writer.add(1, {})
        assert next(rows) == {"number": 1}
        assert reader.done() == {0, 1}


def test_readers_cannot_write(written):
    with Store.read(written) as store:
        with pytest.raises(StoreError, match=r"row 1 was not kept in .* readonly"):
            store.add(1, {})
        assert store.done() == {0, 2}


def test_database_held_by_another_program(written, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    with Store.resume(written, SETTINGS) as store:
        other = sqlite3.connect(written, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"row 1 was not kept in .*: database is locked"):
            store.add(1, {})
        assert "database is locked" in refusal(Store.read, written)
        other.close()
        store.add(1, {})
        assert store.done() == {0, 1, 2}


def test_full_disk_keeps_the_rows_before(written):
    with Store.resume(written, SETTINGS) as store:
        pages = store._connection.execute("PRAGMA page_count").fetchone()[0]
        store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreError, match=r"row 5 was not kept in .*: database or disk is full"):
            store.add(5, {"text": "x" * 100_000})
        assert store.done() == {0, 2}
        store.add(1, {})
    with Store.read(written) as store:
        assert store.done() == {0, 1, 2}


def test_folder_that_cannot_be_written(written):
    folder = written.parent
    folder.chmod(0o500)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere")
        for opening in (Store.create, Store.resume):
            assert "cannot be written" in refusal(opening, written, SETTINGS)
        with Store.read(written) as store:
            assert len(store) == 2
    finally:
        folder.chmod(0o700)


def test_create_that_fails_half_way_leaves_nothing(path, monkeypatch):
    monkeypatch.setattr(module, "_TABLES", (*module._TABLES, "CREATE TABLE"))
    with pytest.raises(StoreError, match="cannot be written"):
        Store.create(path, SETTINGS)
    assert [file.name for file in path.parent.iterdir()] == ["results.db.lock"]


def test_file_that_is_write_protected(written):
    written.chmod(0o400)
    if os.access(written, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert "cannot be written" in refusal(Store.resume, written, SETTINGS)
    with Store.read(written) as store:
        assert len(store) == 2


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
        "    half.execute('INSERT INTO results VALUES (?, NULL, NULL, ?)', (number, 'x' * 5000))\n"
        "os._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(written)], check=False)  # noqa: S603
    assert Path(f"{written}-journal").stat().st_size > 0
    with Store.read(written) as store:
        assert store.done() == {0, 2}


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


def test_table_has_every_column(written):
    with Store.resume(written, SETTINGS) as store:
        store.add(1, {"count": 2**60 + 1, "limit": math.inf})
        frame = store.frame()
    assert list(frame.columns) == ["number", "status", "why", "count", "limit", "seconds", "cost_usd"]
    assert frame["number"].tolist() == [0, 1, 2]
    assert frame["count"].dropna().tolist() == [2**60 + 1]
    assert frame["limit"][1] == math.inf
    assert frame["cost_usd"].isna().tolist() == [True, True, False]


def test_csv_is_exact(written, tmp_path):
    with Store.resume(written, SETTINGS) as store:
        store.add(1, {"cost_usd": 0.1 + 0.2, "count": 3})
        export(store, tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == (
        "number,status,why,cost_usd,count,seconds\n"
        "0,failed,time limit,,,\n1,,,0.30000000000000004,3,\n2,optimal,,12.25,,0.5\n"
    )
    assert not (tmp_path / "rows.csv.new").exists()


def test_csv_is_harmless_in_a_spreadsheet(written, tmp_path):
    with Store.resume(written, SETTINGS) as store:
        store.add(1, {"status": "failed", "why": "=HYPERLINK(1)", "@hub": -1.5})
        export(store, tmp_path / "rows.csv")
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0] == "number,status,why,'@hub,seconds,cost_usd"
    assert lines[2] == "1,failed,'=HYPERLINK(1),-1.5,,"


def test_excel(written, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    with Store.read(written) as store:
        export(store, tmp_path / "rows.xlsx")
        assert len(store) == 2
    rows = list(openpyxl.load_workbook(tmp_path / "rows.xlsx")["rows"].iter_rows(values_only=True))
    assert rows[0][:3] == ("number", "status", "why")
    assert rows[1][:3] == (0, "failed", "time limit")


def test_parquet(written, tmp_path):
    pytest.importorskip("pyarrow")
    with Store.read(written) as store:
        export(store, tmp_path / "rows.parquet")
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "rows.parquet"), store.frame())


def test_parquet_without_its_library_names_the_extra(written, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with Store.read(written) as store, pytest.raises(StoreError, match=r"placer\[parquet\]"):
        export(store, tmp_path / "rows.parquet")


@pytest.mark.parametrize("name", ["rows.txt", "missing/rows.csv", "missing/rows.xlsx"])
def test_export_that_cannot_be_written(written, tmp_path, name):
    with Store.read(written) as store, pytest.raises(StoreError, match="rows"):
        export(store, tmp_path / name)
