"""The file of a store: other settings, other files, one writer at a time."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys

import pytest

from placer.batch import store_file as module
from placer.batch.store import Store
from placer.batch.store_file import APPLICATION_ID, SCHEMA_VERSION
from placer.errors import StoreError
from tests.batch.stores import ROW, SETTINGS, refusal


def test_only_an_empty_lock_is_left_beside_the_file(written):
    assert {file.name: file.stat().st_size for file in written.parent.iterdir() if file != written} == {
        "results.db.lock": 0
    }


def test_other_settings_are_refused_key_by_key(written):
    now = SETTINGS | {"seed": 8, "new": None}
    del now["count"]
    said = refusal(Store.resume, written, now)
    assert said.partition("other settings, begin a new store: ")[2].split("; ") == [
        "count was 100, is absent",
        "seed was 7, is 8",
        "new was absent, is null",
    ]


def test_another_version_is_refused_by_its_name(written):
    said = refusal(Store.resume, written, SETTINGS | {"seed": 8, "placer": "0.3.0"})
    assert "results of placer 0.1.0, and this is placer 0.3.0: begin a new store" in said
    assert said.endswith("these settings are others too: seed")


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


def test_one_writer_at_a_time(path):
    with Store.create(path, SETTINGS) as store:
        assert "being written by another process" in refusal(Store.resume, path, SETTINGS)
        assert "exists already" in refusal(Store.create, path, SETTINGS)
        store.add(0, ROW)
        assert "being written by another process" in refusal(Store.resume, path, SETTINGS)
    with Store.resume(path, SETTINGS) as store:
        assert len(store) == 1


@pytest.mark.slow
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
