"""Files that placer 0.2.0 wrote: each is read, or refused with one error that says what to do.

``written_by_0_2`` holds, of ``tiny``: a dataset folder, graphs as JSON and GraphML, a study and its store, the store of
a batch of three demand sets (seed 7), and that of a plan of one candidate.
"""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest

import placer
from placer.batch.identity import settings_of
from placer.errors import StoreError
from placer.utils.processes import InThisProcess

WRITTEN = Path(__file__).parent / "written_by_0_2"


@pytest.fixture
def written(tmp_path):
    """Return a copy of the files: a store that is opened may write beside itself."""
    return Path(shutil.copytree(WRITTEN, tmp_path / "written"))


@pytest.mark.parametrize("read", ["graph.json", "graph.graphml"])
def test_graphs(written, read):
    """Tests that graph files hold the same instance as the folder."""
    assert placer.load_graph(written / read) == placer.load(written / "folder")


def test_folder(written):
    """Tests that a folder, whose tables lack what came later, has the answer of then."""
    assert placer.solve(placer.load(written / "folder")).cost_usd == pytest.approx(330.77)


def test_study(written):
    """Tests that the tables of a study are read."""
    assert len(placer.read_sensitivity(written / "study").table) == 5


@pytest.mark.parametrize("name", ["batch.db", "plan.db", "study.db"])
def test_stores_are_read(written, name):
    """Tests that every row of a store is read, none damaged."""
    with placer.Store.read(written / name) as store:
        assert store.settings["placer"] == "0.2.0"
        assert not store.damaged
        assert len(list(store.rows())) == {"batch.db": 3, "plan.db": 7, "study.db": 5}[name]


@pytest.mark.slow
def test_rows_of_a_batch_are_those_of_today(written):
    """Tests that the demand sets of a seed, and their costs, are the same as then."""
    with placer.Store.read(written / "batch.db") as store:
        then = {row["number"]: row["cost_usd"] for row in store.rows()}
    sets = placer.DemandSets(placer.load(written / "folder"), count=3, seed=7)
    now = placer.solve_many(sets, executor=InThisProcess())
    assert then == pytest.approx({row["number"]: row["cost_usd"] for row in now})


def resume_batch(written):
    sets = placer.DemandSets(placer.load(written / "folder"), count=3, seed=7)
    placer.Store.resume(written / "batch.db", settings_of(sets, ["cost"]))


def resume_plan(written):
    hall = {"candidate": "hall", "adds": "accelerators", "target": "Metro", "usd_per_unit_year": 100.0}
    grown = placer.load(written / "folder").scaled_demand(1.5).replace(accelerators="sunk")
    placer.plan(grown, [hall], store=written / "plan.db")


def resume_study(written):
    assumptions, _ = placer.read_assumptions("tiny")
    ask = partial(placer.sensitivity, figures=["unserved_share"], store=written / "study.db", resume=True)
    ask(placer.load(written / "folder"), assumptions)


@pytest.mark.parametrize("resume", [resume_batch, resume_plan, resume_study])
def test_stores_are_not_resumed(written, resume):
    """Tests that no store goes on with answers of another version, and that the error says what to do."""
    with pytest.raises(StoreError, match=r"\.db holds results of .*begin a new store"):
        resume(written)
