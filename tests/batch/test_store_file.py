"""The file of a store: locks, foreign and malformed files, and rows that are damaged."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from placer.batch import store_file as module
from placer.batch.store import Store
from placer.batch.store_file import APPLICATION_ID, SCHEMA_VERSION, digest_of, row_digest
from placer.errors import StoreError

SETTINGS = {"instance": "ab12", "seed": 7, "analyses": ["ceiling"], "placer": "0.1.0", "count": 100}
ROW = {"status": "optimal", "seconds": 0.5, "cost_usd": 12.25}


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


def test_only_an_empty_lock_is_left_beside_the_file(written):
    assert {file.name: file.stat().st_size for file in written.parent.iterdir() if file != written} == {
        "results.db.lock": 0
    }


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
        "import json, sys, placer.batch.store as s\n"
        "try: s.Store.resume(sys.argv[1], json.loads(sys.argv[2]))\n"
        "except s.StoreError as error: print(error)\n"
    )
    command = [sys.executable, "-c", code, str(written), json.dumps(SETTINGS)]
    with Store.resume(written, SETTINGS):
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert "being written by another process" in done.stdout


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
