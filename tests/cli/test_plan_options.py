"""Tests what the options of ``placer plan`` mean."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

import placer
from placer.cli.plan_options import StateOptions, build_limits_with, ends_of, states_of
from placer.errors import InstanceError
from placer.planning.question.build_limits import BuildLimits

GIVEN = pd.DataFrame({"limit": ["land_ha", "chips"], "sense": ["<=", "<="], "amount": [10.0, 5.0]})


def test_build_limits_replace_those_of_the_dataset():
    found = build_limits_with(GIVEN, ["land_ha=3", "green>=2e6"])
    assert found["limit"].tolist() == ["land_ha", "chips", "green"]
    assert found["sense"].tolist() == ["<=", "<=", ">="]
    assert found["amount"].tolist() == [3.0, 5.0, 2e6]
    with pytest.raises(InstanceError, match="'land_ha' is not NAME=AMOUNT"):
        build_limits_with(GIVEN, ["land_ha"])


def test_options_of_one_name_are_a_range_in_place_of_that_of_the_dataset():
    found = build_limits_with(GIVEN, ["land_ha>=3", "land_ha<=4"])
    assert found["limit"].tolist() == ["land_ha", "land_ha", "chips"]
    assert BuildLimits.of(found).labels == ("land_ha >=", "land_ha <=", "chips")
    with pytest.raises(InstanceError, match="given twice"):
        BuildLimits.of(build_limits_with(GIVEN, ["land_ha=3", "land_ha<=4"]))


def test_rows_of_the_dataset_stay_as_they_are():
    """Rows of one name, and rows without a name, are for the checks of build limits to refuse."""
    twice = pd.concat([GIVEN, GIVEN.assign(sense=[">=", "<="])])
    assert len(build_limits_with(twice, ["green=1"])) == 5
    headless = pd.DataFrame(columns=["land_ha", "<=", "10"])
    for options in ([], ["green=1"]):
        with pytest.raises(InstanceError, match="column missing"):
            BuildLimits.of(build_limits_with(headless, options))
    named = build_limits_with(GIVEN.rename(columns={"limit": "name"}), ["chips=7"])
    assert named["amount"].tolist() == [10.0, 7.0]


def test_the_sense_of_an_option_stays_where_the_dataset_gives_none():
    found = BuildLimits.of(build_limits_with(GIVEN.drop(columns="sense"), ["chips>=7"]))
    assert dict(zip(found.names, found.sense, strict=True)) == {"land_ha": "<=", "chips": ">="}


def test_ends_of_curves():
    limits = BuildLimits.of([*GIVEN.to_dict("records"), {"limit": "chips", "sense": ">=", "amount": 1.0}])
    assert ends_of(["land_ha=1:4", "chips>=0:2"], limits) == [("land_ha", 1.0, 4.0), ("chips >=", 0.0, 2.0)]
    assert ends_of(["land_ha<=1:4"], limits) == [("land_ha", 1.0, 4.0)]
    for option, said in (
        ("chips=1", "'chips=1' is not NAME=LEAST:MOST"),
        ("money=1:2", "no build limit 'money'"),
        ("chips=1:2", "no build limit 'chips' .allowed: land_ha, chips <=, chips >="),
        ("land_ha>=1:2", "no build limit 'land_ha >='"),
        ("land_ha=0:inf", "land_ha..most: inf is out of range"),
        ("land_ha=nan:1", "land_ha..least: nan is out of range"),
        ("land_ha=2:1", "1 is below 2"),
    ):
        with pytest.raises(InstanceError, match=said):
            ends_of([option], limits)
    with pytest.raises(InstanceError) as caught:
        ends_of(["chips=1", "land_ha=1:2", "land_ha=2:3"], limits)
    assert [each.problem for each in caught.value.violations] == [
        "'chips=1' is not NAME=LEAST:MOST",
        "'land_ha' is given twice",
    ]


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
