"""Tests of the states that the options of ``placer plan`` say."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.cli.plan_states import StateOptions, states_of

NOTHING = StateOptions(0, 0, ())


@pytest.fixture(scope="module")
def tiny():
    return placer.load("tiny")


def test_demand_alone(tiny):
    """Tests that no option means no states, and sets are states."""
    assert states_of(tiny, NOTHING) is None
    assert states_of(tiny, replace(NOTHING, sets=2)).names == ("set 0", "set 1")


def test_options_that_need_others(tiny):
    """Tests that the uncertainty of demand needs demand sets."""
    with pytest.raises(placer.InstanceError, match="--set: there are no demand sets"):
        states_of(tiny, replace(NOTHING, uncertain=("growth=2",)))


def test_all_values_that_are_not_understood(tiny):
    """Tests that malformed values, unknown names and names given twice are named at once."""
    with pytest.raises(placer.InstanceError) as error:
        states_of(tiny, replace(NOTHING, sets=2, uncertain=("growth", "grow=1", "growth=1", "growth=2")))
    assert [(each.table, each.row, each.problem) for each in error.value.violations] == [
        ("--set", "growth", "not understood"),
        ("--set", "grow", "unknown"),
        ("--set", "growth", "given twice"),
    ]
