"""A store and demand sets that the tests of batches share."""

from __future__ import annotations

import pytest

import placer
from placer.batch.store import Store

SETTINGS = {"instance": "ab12", "seed": 7, "analyses": ["ceiling"], "placer": "0.1.0", "count": 100}
ROW = {"status": "optimal", "seconds": 0.5, "cost_usd": 12.25}


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


@pytest.fixture(scope="module")
def tiny():
    """The smallest dataset."""
    return placer.load("tiny")


@pytest.fixture(scope="module")
def sets(tiny):
    """Twelve demand sets of it."""
    return placer.DemandSets(tiny, count=12, seed=7)
