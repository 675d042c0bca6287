"""What the tests of the commands share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import placer
from placer.batch.identity import settings_of
from placer.batch.runner import solve_many
from placer.batch.store import Store


@pytest.fixture
def run(run_placer):
    """Return a function that runs a command and returns its exit code, standard output and standard error."""
    return run_placer


@pytest.fixture
def short_folder(tmp_path):
    """Return a dataset folder in which not all demand can be served."""
    tiny = placer.load("tiny")
    return placer.save(tiny.replace(data_centres=tiny.data_centres.assign(accelerators=10.0)), tmp_path / "short")


@pytest.fixture
def timed_folder(tmp_path):
    """Return a dataset folder whose hours are timestamps with a zone."""
    tiny = placer.load("tiny")
    hours = pd.date_range("2026-03-10", periods=2, freq="h", tz="UTC")
    return placer.save(tiny.replace(demand=tiny.demand.assign(hour=hours[tiny.demand["hour"]])), tmp_path / "timed")


@pytest.fixture
def in_threads(monkeypatch):
    """Sets are solved in threads of this process, since a process takes long to start."""
    monkeypatch.setattr("placer.batch.runner.Processes", lambda workers, **_: ThreadPoolExecutor(workers))


@pytest.fixture(scope="session")
def sets_of():
    """Return a function from a count to demand sets around the tiny dataset."""

    def make(count, seed=7):
        return placer.DemandSets(placer.load("tiny"), count=count, seed=seed)

    return make


@pytest.fixture(scope="session")
def write():
    """Return a function that keeps the first rows of a batch in a new store, and returns its path."""

    def write_store(path, sets, analyses=("cost",), count=None):
        with ThreadPoolExecutor(1) as threads, Store.create(path, settings_of(sets, analyses)) as store:
            for done, _ in enumerate(solve_many(sets, analyses, store=store, executor=threads), 1):
                if done == count:
                    break
        return path

    return write_store


@pytest.fixture(scope="session")
def written(tmp_path_factory, sets_of, write):
    """The store of three sets, with every analysis."""
    return write(tmp_path_factory.mktemp("batch") / "a.db", sets_of(3), ("cost", "hub_prices", "ceiling"))
