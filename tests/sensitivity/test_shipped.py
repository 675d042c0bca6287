"""Tests of the studies that datasets ship with."""

from __future__ import annotations

import pytest

import placer
from placer.sensitivity.conclusions import check_conclusions
from placer.sensitivity.figures import FIGURES


@pytest.mark.slow
@pytest.mark.parametrize(("name", "cases"), [("tiny", 4), ("world", 32)])
def test_shipped_assumptions_make_valid_instances(name, cases):
    """Tests that every value of every assumption makes an instance, each has its reason, and conclusions are sound."""
    instance = placer.load(name)
    assumptions, conclusions = placer.read_assumptions(name)
    made = [change(instance) for each in assumptions for change in each.changes.values()]
    assert len(made) == cases
    assert all(each.description and each.source and each.kind for each in assumptions)
    check_conclusions(conclusions, tuple(FIGURES))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["china", "globe"])
def test_shipped_assumptions_change_modes(name):
    """Tests that all values make an instance where classes have modes, and that energy is that of the modes too."""
    instance = placer.load(name, ["modes"])
    changes = {each.name: each.changes for each in placer.read_assumptions(name, ["modes"])[0]}
    made = [change(instance) for each in changes.values() for change in each.values()]
    assert all(len(each.modes) == len(instance.modes) for each in made)
    (energy,) = (each for label, each in changes.items() if "energy" in label)
    twice = energy["2"](instance)
    for table in ("workloads", "modes"):
        assert (twice.tables[table]["kwh_per_mtok"] == 2 * instance.tables[table]["kwh_per_mtok"]).all()


@pytest.mark.slow
def test_values_of_the_world_are_those_asked_for():
    """Tests assumptions by the figures they set: 100 ms for chat, half of the accelerators, no residency."""
    world = placer.load("world")
    changes = {each.name: each.changes for each in placer.read_assumptions("world")[0]}
    at = changes["first token of chat"]["100"](world).workloads.set_index("workload")
    assert (at["latency_slo_ms"] - at["server_ms"])[["interactive_chat", "reasoning_chat"]].tolist() == [100, 100]
    sites = changes["accelerators in North America"]["0.5"](world).data_centres
    speed = sites["accelerators"] * sites["speed"]
    assert speed[sites["region"] == "North America"].sum() / speed.sum() == pytest.approx(0.5)
    everywhere = changes["residency"]["anywhere"](world).workloads["jurisdictions"]
    assert not everywhere.map(bool).any()
