"""Tests of the trials of plans, in processes; ``tests/test_cluster.py`` kills those of a cluster."""

from types import SimpleNamespace

import pytest

from benchmarks import plan_survival
from benchmarks.plan_survival import plans, question

FIRST = SimpleNamespace(choice=lambda some: some[0], randrange=lambda _: 0)


@pytest.mark.slow
def test_plan_survives_its_workers(monkeypatch):
    """Tests that a plan is the same after a worker was killed; without Dask there are no other trials."""

    def missing(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(plan_survival, "importlib", SimpleNamespace(import_module=missing))
    monkeypatch.setattr(plan_survival, "question", lambda: question(2))
    (found,) = plans(1, FIRST)
    assert (found.what, found.tries, found.failures) == ("plan, worker processes killed", 1, ())
