"""A store and demand sets that the tests of batches share."""

from __future__ import annotations

import pytest

import placer
from placer.batch.runner import solve_many
from placer.batch.store import Store
from tests.batch.executors import EVERY, Inline, rows_of
from tests.batch.stores import ROW, SETTINGS


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


@pytest.fixture(params=["resume", "read"])
def opening(request):
    """Both ways to open a file that is there."""
    return Store.read if request.param == "read" else lambda path: Store.resume(path, SETTINGS)


@pytest.fixture(scope="module")
def light_start(make_main_script):
    """Processes that start fast: what they take for the main script is empty."""
    make_main_script("")


@pytest.fixture(scope="module")
def expected(sets):
    """Their rows with the figures of costs, solved one by one in this process."""
    return rows_of(solve_many(sets, executor=Inline()))


@pytest.fixture(scope="module")
def few(tiny):
    """The first five of them."""
    return placer.DemandSets(tiny, count=5, seed=7)


@pytest.fixture(scope="module")
def all_figures(few):
    """The rows of the five with the figures of every analysis, solved one by one in this process."""
    return rows_of(solve_many(few, EVERY, executor=Inline()))
