"""Tests of what users give as states; ``test_states.py`` tests most of it through the class."""

from __future__ import annotations

import pytest

import placer
from placer.planning.question.state_inputs import combined, horizon_hours, with_shares


def test_horizon_of_tiny():
    """Tests that the hours of a horizon are its steps times their length."""
    tiny = placer.load("tiny")
    assert horizon_hours(tiny) == 2
    assert horizon_hours(tiny.replace(hour_length=0.5)) == 1


def test_changes_of_settings_combine():
    """Tests that a changed setting and a changed table combine, and that nothing changed is the base."""
    tiny = placer.load("tiny")
    both = combined(tiny, tiny.replace(accelerators="sunk"), tiny.scaled_demand(0.5), "both")
    assert both == tiny.scaled_demand(0.5).replace(accelerators="sunk")
    assert combined(tiny, tiny, tiny, "none") is tiny


def test_names_of_states_are_texts():
    """Tests that a number as the name of a state becomes text."""
    tiny = placer.load("tiny")
    assert with_shares({1: tiny, 2: tiny}) == {"1": (tiny, 0.5), "2": (tiny, 0.5)}


def test_every_state_has_a_name_of_its_own():
    """Tests that names that are missing, blank or equal as text are named at once."""
    tiny = placer.load("tiny")
    with pytest.raises(placer.InstanceError) as error:
        placer.States(dict.fromkeys((1, "1", None, " "), tiny))
    assert [(each.row, each.problem) for each in error.value.violations] == [
        ("None", "no name"),
        ("' '", "no name"),
        ("1", "given twice"),
    ]


def test_demand_sets_that_do_not_fit_into_memory_are_refused(monkeypatch):
    """A state of tiny, which has 13 rows of demand, counts 40,520 bytes; 9/10 of the free memory may be taken."""
    tiny = placer.load("tiny")
    monkeypatch.setattr("placer.solvers.memory.free_bytes", lambda: 100_000.0)
    with pytest.raises(placer.InstanceError, match=r"3 demand sets need about .* .allowed: at most 2 in the memory"):
        placer.States.of(placer.DemandSets(tiny, count=3))
    assert len(placer.States.of(placer.DemandSets(tiny, count=2))) == 2
    with pytest.raises(placer.InstanceError, match="1,000,000,000,000 demand sets"):
        placer.States.of(placer.DemandSets(tiny, count=10**12))
    with pytest.raises(placer.InstanceError, match="out of range"):
        placer.DemandSets(tiny, count=10**400)
