"""What annual limits may be, and everything that is wrong with others in one error."""

from __future__ import annotations

import math

import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from placer.planning.question.annual_limits import annual_limits_of, cap_of, kind_of, with_amounts
from placer.planning.question.problem import planning_problem
from tests.planning.annual_by_hand import CARBON, HALL, two_hours

#: Limits of one's own that no annual limit can be, beside one that can.
OWN = [
    {"limit": "coal", "kind": "energy_mwh", "sense": "<=", "amount": 1000, "power_zone": "coal"},
    {"limit": "take", "kind": "energy_mwh", "sense": ">=", "amount": 1, "power_zone": "coal"},
    {"limit": "part", "kind": "share", "sense": "<=", "amount": 0.9, "data_centre": "north"},
    {"limit": "hourly", "kind": "energy_mwh", "sense": "<=", "amount": 1000, "hours": "each"},
]


def with_own(rows):
    """Return the calm hour and the states, with limits of one's own."""
    calm, states = two_hours()
    given = {name: (each.replace(limits=rows), share) for name, (each, share) in states.given.items()}
    return calm.replace(limits=rows), placer.States(given)


@pytest.mark.parametrize(
    "given", [{"a": 1.0, "b": math.inf}, pd.DataFrame({"limit": ["a", "b"], "amount_per_year": [1.0, math.inf]})]
)
def test_a_mapping_or_a_table(given):
    """Tests names and amounts, and those with a finite amount."""
    limits, violations = annual_limits_of(given)
    assert not violations
    assert (limits.names, limits.amount.tolist()) == (("a", "b"), [1.0, math.inf])
    assert limits.finite.names == ("a",)
    assert annual_limits_of(limits)[0] is limits
    assert annual_limits_of(None)[0].names == ()


@pytest.mark.parametrize("given", [5.0, "carbon", [3]])
def test_anything_else_is_no_table(given):
    """Tests one error about the type."""
    with pytest.raises(placer.ArgumentError, match="annual limits"):
        annual_limits_of(given)


def test_everything_that_is_wrong_is_told_at_once():
    """Tests amounts, names, kinds, senses and hours, with the violations of build limits."""
    calm, states = with_own(OWN)
    given = {"coal": math.nan, "take": 1.0, "part": 1.0, "hourly": -1.0, "cool": 1.0, CARBON: "much", "land_ha": 1.0}
    with pytest.raises(InstanceError) as error:
        placer.plan(calm, HALL, states, {"land_ha": 1.0}, annual_limits=given)
    told = {(each.row, each.column): each.problem for each in error.value.violations if each.table == "annual_limits"}
    assert {row for row, column in told if column == "amount_per_year"} == {"coal", "hourly", CARBON}
    assert {row for row, column in told if column == "limit"} == {"take", "part", "hourly", "cool", "land_ha"}
    assert told["take", "limit"] == "asks for at least an amount"
    assert "do not add up" in told["part", "limit"]
    assert "each hour" in told["hourly", "limit"]
    assert "perhaps coal" in str(error.value)
    assert any(each.table == "build_limits" for each in error.value.violations)


def test_a_limit_is_named_once():
    """Tests a table with a name twice."""
    calm, states = two_hours()
    table = pd.DataFrame({"limit": [CARBON, CARBON], "amount_per_year": [1.0, 2.0]})
    with pytest.raises(InstanceError, match="annual_limits"):
        planning_problem(calm, HALL, states, annual_limits=table)


@pytest.mark.slow
def test_every_state_has_the_limit():
    """Tests a state without it, and one in which it counts something else; its amount may differ."""
    calm, states = with_own(OWN[:1])
    (busy, share), rest = states.given["busy"], {"calm": states.given["calm"]}
    for rows, problem in (
        ([], "state 'busy' has no such limit"),
        ([OWN[0] | {"power_zone": "wind"}], "counts something else"),
    ):
        with pytest.raises(InstanceError, match=problem):
            placer.plan(
                calm,
                HALL,
                placer.States(rest | {"busy": (busy.replace(limits=rows), share)}),
                annual_limits={"coal": 1.0},
            )
    less = placer.States(rest | {"busy": (busy.replace(limits=[OWN[0] | {"amount": 5}]), share)})
    plan = placer.plan(calm, HALL, less, annual_limits={"coal": 1e6}, gap=1e-9)
    assert plan.allotments.loc[("coal", "busy"), "allotted"] <= 5


def test_caps_kinds_and_amounts_go_by_name():
    """Tests the position of the cap, the kind, and other amounts of limits of one's own and of settings."""
    calm, states = with_own(OWN[:1])
    formulation = planning_problem(calm, HALL, states).instance
    assert kind_of(formulation, "coal") == "energy_mwh"
    assert [kind_of(calm, name) for name in (CARBON, "water_limit_litres")] == ["carbon_kg", "water_litres"]
    formulated = placer.plan(calm, HALL, states, annual_limits={"coal": 1e6}).problem.states[0].formulation
    assert [cap_of(formulated, name) for name in (CARBON, "water_limit_litres", "coal")] == [0, 1, 2]
    changed = with_amounts(calm, {"coal": 7.0, CARBON: 3.0})
    assert changed.limits["amount"].tolist() == [7.0]
    assert changed.settings.carbon_limit_kg == 3.0
    assert with_amounts(calm, {CARBON: 4.0}).settings.carbon_limit_kg == 4.0
    assert with_amounts(calm, {}) is calm
