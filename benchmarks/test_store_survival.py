"""Tests of the trials of stores, with a stand-in for the commands."""

from types import SimpleNamespace

import pytest

from benchmarks import store_survival
from benchmarks.store_survival import stores
from placer.batch.store import Store

FIRST = SimpleNamespace(choice=lambda some: some[0])


def run(_name, folder, room_bytes=None, *, says_damaged=True):
    """Keep three rows, or one where there is little room, as a command does."""
    file = folder / "kept.db"
    with Store.resume(file, {}) if file.exists() else Store.create(file, {}) as store:
        said = f"{store.about_damaged()}; solved again" if store.dropped and says_damaged else ""
        for number in sorted({0, 1, 2} - store.done()):
            if room_bytes is not None and number:
                return 1, "row 1 was not kept in kept.db: database or disk is full"
            store.add(number, {"status": "optimal", "cost_usd": 1.5})
    return 0, said


@pytest.mark.slow
@pytest.mark.parametrize("says_damaged", [True, False])
def test_full_disk_and_damaged_rows(monkeypatch, says_damaged):
    """Tests that a command that goes on survives, and one that drops a damaged row without a word does not."""
    monkeypatch.setattr(store_survival, "run", lambda *given: run(*given, says_damaged=says_damaged))
    monkeypatch.setattr(store_survival, "STORES", ("batch",))
    full, damaged = stores(1, FIRST)
    assert (full.what, full.tries, full.failures) == ("full disk, batch", 1, ())
    assert (damaged.what, damaged.survived) == ("damaged rows, batch", says_damaged)
