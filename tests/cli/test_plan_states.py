"""Tests of the states that the options of ``placer plan`` say."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.cli.plan_states import StateOptions, states_of
from placer.planning.question.protection import Protection

NOTHING = StateOptions(0, 0, (), None, 0.0, None, ())


@pytest.fixture(scope="module")
def tiny():
    return placer.load("tiny")


def test_demand_alone(tiny):
    """Tests that no option means no states, and sets are states."""
    assert states_of(tiny, NOTHING) is None
    assert states_of(tiny, replace(NOTHING, sets=2)).names == ("set 0", "set 1")


def test_outages(tiny):
    """Tests names and hours of outages, what they protect, and that every set meets every outage."""
    lost = replace(NOTHING, lost="power_zones", hours=20.0)
    states = states_of(tiny, lost)
    assert states.names == ("nothing lost", "Coast grid", "Plateau wind")
    assert states.weights.tolist() == pytest.approx([(8760 - 40) / 2, 10.0, 10.0])
    assert states.protection is None
    protected = states_of(tiny, replace(lost, hours=0.0, protect=("voice=0.5",)))
    assert protected.protection == Protection(0.0, {"voice": 0.5})
    assert states_of(tiny, replace(lost, most_unserved=0.1)).protection == Protection(0.1)
    assert len(states_of(tiny, replace(lost, sets=2))) == 6


def test_options_that_need_others(tiny):
    """Tests that all options without the one that they need are named at once."""
    with pytest.raises(placer.InstanceError) as error:
        states_of(tiny, replace(NOTHING, uncertain=("growth=2",), hours=3.0, most_unserved=0.0, protect=("voice=1",)))
    columns = [each.column for each in error.value.violations]
    assert columns == [
        "--set",
        "--outage-hours",
        "--most-unserved",
        "--protect",
    ]
    with pytest.raises(placer.InstanceError, match="outages of 0 hours change nothing"):
        states_of(tiny, replace(NOTHING, lost="links"))


def test_all_values_that_are_not_understood(tiny):
    """Tests that malformed values, unknown names and names given twice of both options are named at once."""
    wrong = {"uncertain": ("growth", "grow=1", "growth=1", "growth=2"), "protect": ("voice", "chat=all")}
    with pytest.raises(placer.InstanceError) as error:
        states_of(tiny, replace(NOTHING, sets=2, lost="links", **wrong))
    assert [(each.table, each.row, each.problem) for each in error.value.violations] == [
        ("--set", "growth", "not understood"),
        ("--set", "grow", "unknown"),
        ("--set", "growth", "given twice"),
        ("--protect", "voice", "not understood"),
        ("--protect", "chat=all", "not understood"),
    ]
