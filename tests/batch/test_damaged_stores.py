"""Damaged stores: a damaged row is named and solved again, a malformed store refused."""

from __future__ import annotations

import random

import pytest

from placer.batch.store import Store
from placer.batch.store_file import digest_of, to_json
from placer.errors import StoreError
from tests.batch.stores import ROW, SETTINGS, behind_its_back, forge, refusal

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
    forge(written, 2, row)
    with Store.read(written) as store:
        assert store.damaged == (2,)


@pytest.mark.parametrize("share", [1.5, -0.5, None])
def test_row_with_a_digest_whose_figures_disagree_is_damaged(written, share):
    """Tests a share of unserved demand beyond all demand, below none, and missing."""
    forge(written, 2, to_json({"status": "optimal", "cost_usd": 12.25, "unserved_share": share}))
    with Store.read(written) as store:
        assert (store.damaged, store.done()) == ((2,), {0})
        with pytest.raises(StoreError, match=r"results\.db: row 2 is damaged"):
            store.frame()
    with Store.resume(written, SETTINGS) as store:
        assert (store.dropped, [row["number"] for row in store.rows()]) == ((2,), [0])


@pytest.mark.slow
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
