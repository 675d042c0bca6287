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
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from placer.batch import store_file as module
from placer.batch.store import Store, export
from placer.batch.store_file import APPLICATION_ID, SCHEMA_VERSION, digest_of, row_digest
from placer.errors import StoreError

SETTINGS = {"instance": "ab12", "seed": 7, "analyses": ["ceiling"], "placer": "0.1.0", "count": 100}
ROW = {"status": "optimal", "seconds": 0.5, "cost_usd": 12.25}

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


def test_other_settings_are_refused_key_by_key(written):
    now = SETTINGS | {"seed": 8, "placer": "0.2.0", "new": None}
    del now["count"]
    said = refusal(Store.resume, written, now)
    assert said.partition("other settings: ")[2].split("; ") == [
        "count was 100, is absent",
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
    said = refusal(opening, written)
    assert f"another version of placer (schema {SCHEMA_VERSION + 1}, known here: {SCHEMA_VERSION})" in said


def test_tables_missing_is_refused(path, opening):
    bare = sqlite3.connect(path)
    bare.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    bare.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    bare.close()
    assert "table results, table settings is not as placer makes it" in refusal(opening, path)


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.99])
def test_truncated_is_refused(path, opening, share):
    with Store.create(path, SETTINGS) as store:
        store.add(0, {"status": "x", "text": "x" * 50_000})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert refusal(opening, path)


def test_page_overwritten_is_refused(path, opening):
    with Store.create(path, SETTINGS) as store:
        for number in range(20):
            store.add(number, {"status": "x", "text": "x" * 1000})
    with path.open("r+b") as file:
        file.seek(-4096, os.SEEK_END)
        file.write(b"\xff" * 4096)
    assert "damaged" in refusal(opening, path)


@contextmanager
def behind_its_back(path):
    """Open the database of a store as any program may."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


#: What may have happened to row 2 of the file, of rows 0 and 2.
DAMAGE = {
    "no JSON": "UPDATE results SET row = '{' WHERE number = 2",
    "no object": "UPDATE results SET row = '[]' WHERE number = 2",
    "other figure": "UPDATE results SET row = replace(row, '12.25', '13.25') WHERE number = 2",
    "number as text": "UPDATE results SET row = replace(row, '12.25', '\"12.25\"') WHERE number = 2",
    "no status": "UPDATE results SET row = replace(row, '\"status\": \"optimal\", ', '') WHERE number = 2",
    "other status": "UPDATE results SET status = 'failed' WHERE number = 2",
    "other seconds": "UPDATE results SET seconds = 7.0 WHERE number = 2",
    "bytes": "UPDATE results SET row = x'ff' WHERE number = 2",
    "not UTF-8": "UPDATE results SET row = CAST(x'7bff7d' AS TEXT) WHERE number = 2",
    "digest as bytes": "UPDATE results SET digest = x'00' WHERE number = 2",
    "digest of another": "UPDATE results SET digest = (SELECT digest FROM results WHERE number = 0) WHERE number = 2",
    "content of another": (
        "UPDATE results SET (status, seconds, row, digest) = (SELECT status, seconds, row, digest FROM results "
        "WHERE number = 0) WHERE number = 2"
    ),
    "deep": "UPDATE results SET row = replace(hex(zeroblob(50000)), '0', '[') WHERE number = 2",
}


@pytest.mark.parametrize("statement", DAMAGE.values(), ids=DAMAGE)
def test_damaged_row_is_named_and_dropped_to_be_solved_again(written, statement):
    """Tests that a row that is not as it was written is never given out, and a store that is gone on with lacks it."""
    with behind_its_back(written) as connection:
        assert connection.execute(statement).rowcount == 1
    with Store.read(written) as store:
        assert (store.damaged, store.done()) == ((2,), {0})
        for read in (store.frame, lambda: list(store.rows())):
            with pytest.raises(StoreError, match=r"results\.db: row 2 is damaged; placer batch with --resume solves"):
                read()
    with Store.resume(written, SETTINGS) as store:
        assert (store.dropped, store.done(), [row["number"] for row in store.rows()]) == ((2,), {0}, [0])
        store.add(2, ROW)
        assert store.done() == {0, 2}
    with Store.read(written) as store:
        assert (store.damaged, [row["number"] for row in store.rows()]) == ((), [0, 2])


def test_row_under_another_number_is_damaged(written):
    with behind_its_back(written) as connection:
        connection.execute("UPDATE results SET number = 5 WHERE number = 2")
    with Store.resume(written, SETTINGS) as store:
        assert (store.dropped, store.done()) == ((5,), {0})


def test_row_beyond_the_count_of_the_settings_is_damaged(path):
    with Store.create(path, {"count": 1}) as store:
        store.add(1, ROW)
    with Store.read(path) as store:
        assert store.damaged == (1,)


def test_row_of_another_store_is_damaged(written, tmp_path):
    with Store.create(tmp_path / "other.db", SETTINGS | {"seed": 8}) as store:
        store.add(1, ROW)
    with behind_its_back(written) as connection:
        connection.execute("ATTACH ? AS other", (str(tmp_path / "other.db"),))
        connection.execute("INSERT INTO results SELECT * FROM other.results")
    with Store.read(written) as store:
        assert store.damaged == (1,)


def test_row_damaged_while_it_is_open_is_named(written):
    with Store.read(written) as store:
        with behind_its_back(written) as connection:
            connection.execute(DAMAGE["other figure"])
        with pytest.raises(StoreError, match="damaged: row 2 is not as it was written"):
            list(store.rows())


def test_many_damaged_rows_are_counted(path):
    with Store.create(path, {}) as store:
        for number in range(30):
            store.add(number, ROW)
    with behind_its_back(path) as connection:
        connection.execute("UPDATE results SET digest = ''")
    with Store.read(path) as store:
        assert store.about_damaged().endswith("18, 19 and 10 more are damaged")


#: What makes of the file another one than placer writes.
MALFORMED = {
    "endless view": (
        "DROP TABLE results",
        "CREATE VIEW results AS WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
    ),
    "endless settings": (
        "DROP TABLE settings",
        "CREATE VIEW settings AS WITH RECURSIVE r(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM r) SELECT sum(n) FROM r",
    ),
    "no results": ("DROP TABLE results",),
    "other results": ("DROP TABLE results", "CREATE TABLE results (number, status, seconds, row, digest)"),
    "another table": ("CREATE TABLE more (x)",),
    "trigger": ("CREATE TRIGGER t AFTER INSERT ON results BEGIN DELETE FROM results; END",),
    "index": ("CREATE INDEX i ON results (status)",),
    "no settings": ("DELETE FROM settings",),
    "settings twice": ("INSERT INTO settings SELECT * FROM settings",),
    "settings as bytes": ("UPDATE settings SET settings = x'ff'",),
    "settings changed": ("UPDATE settings SET settings = replace(settings, '7', '8')",),
    "settings no object": ("UPDATE settings SET settings = '[]'",),
    "settings deep": ("UPDATE settings SET settings = replace(hex(zeroblob(50000)), '0', '[')",),
    "version of old": ("PRAGMA user_version = 1",),
    "version below zero": ("PRAGMA user_version = -1",),
}


@pytest.mark.parametrize("statements", MALFORMED.values(), ids=MALFORMED)
def test_malformed_store_is_refused(written, opening, statements):
    """Tests that a file with other tables or settings is one message, and nothing of it is read without end."""
    with behind_its_back(written) as connection:
        for statement in statements:
            connection.execute(statement)
    assert "results.db" in refusal(opening, written)


@pytest.mark.parametrize("settings", ["[]", "3", "null", "[" * 100_000, "{", "é"])
def test_settings_with_a_digest_that_are_no_settings_are_refused(written, opening, settings):
    with behind_its_back(written) as connection:
        connection.execute("UPDATE settings SET settings = ?, digest = ?", (settings, digest_of(settings)))
    assert "results.db" in refusal(opening, written)


@pytest.mark.parametrize(
    "row", ["[]", "3", "null", "[" * 100_000, "{", "{}", '{"status": 3}', '{"status": "x", "a": [1]}']
)
def test_row_with_a_digest_that_is_no_row_is_damaged(written, row):
    with behind_its_back(written) as connection:
        (settings,) = connection.execute("SELECT digest FROM settings").fetchone()
        connection.execute(
            "UPDATE results SET seconds = NULL, row = ?, digest = ? WHERE number = 2",
            (row, row_digest(settings, 2, row)),
        )
    with Store.read(written) as store:
        assert store.damaged == (2,)


def test_flipped_bits_change_no_figure_unnoticed(path):
    """Tests that of 200 files with a bit flipped each, none gives out a row other than it was written."""
    rows = {number: ROW | {"cost_usd": number / 7, "detail": "x" * 40} for number in range(60)}
    with Store.create(path, SETTINGS) as store:
        for number, row in rows.items():
            store.add(number, row)
    sound, dice = path.read_bytes(), random.Random(7)  # noqa: S311
    outcomes = []
    for _ in range(200):
        changed = bytearray(sound)
        changed[dice.randrange(len(sound))] ^= 1 << dice.randrange(8)
        path.write_bytes(changed)
        try:
            with Store.read(path) as store:
                outcomes.append("damaged" if store.damaged else "read")
                if not store.damaged:
                    assert store.settings == SETTINGS
                    assert {row.pop("number"): row for row in store.rows()} == rows
        except StoreError:
            outcomes.append("refused")
    assert set(outcomes) == {"damaged", "read", "refused"}


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


def test_database_held_by_another_program(written, monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.0)
    with Store.resume(written, SETTINGS) as store:
        other = sqlite3.connect(written, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"row 1 was not kept in .*: database is locked"):
            store.add(1, ROW)
        assert "database is locked" in refusal(Store.read, written)
        other.close()
        store.add(1, ROW)
        assert store.done() == {0, 1, 2}


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
    monkeypatch.setattr(module, "TABLES", module.TABLES | {"wrong": "CREATE TABLE"})
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
        "    half.execute('INSERT INTO results VALUES (?, \\'\\', NULL, ?, \\'\\')', (number, 'x' * 5000))\n"
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
        store.add(1, {"status": "x", "count": 2**60 + 1, "limit": math.inf})
        frame = store.frame()
    assert list(frame.columns) == ["number", "status", "why", "count", "limit", "seconds", "cost_usd"]
    assert frame["number"].tolist() == [0, 1, 2]
    assert frame["count"].dropna().tolist() == [2**60 + 1]
    assert frame["limit"][1] == math.inf
    assert frame["cost_usd"].isna().tolist() == [True, True, False]


def test_csv_is_exact(written, tmp_path):
    with Store.resume(written, SETTINGS) as store:
        store.add(1, {"status": "x", "cost_usd": 0.1 + 0.2, "count": 3})
        export(store, tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text() == (
        "number,status,why,cost_usd,count,seconds\n"
        "0,failed,time limit,,,\n1,x,,0.30000000000000004,3,\n2,optimal,,12.25,,0.5\n"
    )


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
