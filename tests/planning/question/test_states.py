"""Tests of states: their weights by hand, their products, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.errors import ArgumentError, InstanceError
from placer.planning.question.state_inputs import horizon_hours
from placer.planning.question.states import States
from placer.security.definition import Security
from tests.effort import tries


def _hours(make_instance, hours, mtok=1.0, **changes):
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour in range(hours)]
    return make_instance(demand=demand, **changes)


def _problems(action):
    with pytest.raises(placer.InstanceError) as caught:
        action()
    return [f"{each.row}.{each.column}: {each.problem}" for each in caught.value.violations]


def test_weights_are_horizons_a_year(make_instance):
    """Tests that a day all year occurs 365 times, and a share of 0.25 of two-hour horizons 1,095 times."""
    day, short = _hours(make_instance, 24), _hours(make_instance, 2)
    assert States({"all": day}).weights.tolist() == [365.0]
    states = States({"day": (day, 0.75), "short": (short, 0.25), "never": (day, 0)})
    assert states.weights.tolist() == [273.75, 1095.0, 0.0]
    assert (states.names, len(states)) == (("day", "short", "never"), 3)
    assert states.instances == (day, short, day)
    assert repr(states) == "<States: 3 (day, short, never)>"
    assert States({"a": day, "b": day}).weights.tolist() == [182.5, 182.5]


def test_hours_and_weights_of_periods_count(make_instance):
    """Tests that two steps of 12 hours are a day, and that a horizon of a weighted year occurs once."""
    assert States({"all": _hours(make_instance, 2, hour_length=12.0)}).weights.tolist() == [365.0]
    periods = [{"hour": hour, "weight": 8760 / 2 / 4, "block": str(hour)} for hour in (0, 1)]
    year = _hours(make_instance, 2, periods=periods, hour_length=4.0)
    assert States({"all": year}).weights == pytest.approx([1.0])


def test_days(make_instance):
    """Tests that representative days occur as often as said, in a leap year too."""
    day, other = _hours(make_instance, 24), _hours(make_instance, 24, 2.0)
    assert States.days({"work": day, "rest": other}, [255, 110]).weights == pytest.approx([255, 110])
    leap = States.days({"work": day, "rest": other}, {"rest": 111, "work": 255})
    assert leap.weights == pytest.approx([255, 111])
    assert leap.year_hours == 8784


@pytest.mark.parametrize(
    ("weights", "problem"),
    [
        ([255, 109], ".weights: weights times hours of the horizons sum to 8,736 hours"),
        ([365], ".weight: 1 weights for 2 states"),
        ({"work": 365}, "rest.weight: missing"),
        ({"work": 365, "rest": -1}, "rest.weight: -1 is out of range"),
        ({"work": 365, "rest": 0, "feast": 1}, "feast.weight: no such state"),
    ],
)
def test_days_that_make_no_year(make_instance, weights, problem):
    """Tests that weights must belong to the days and make a year."""
    day = _hours(make_instance, 24)
    assert _problems(lambda: States.days({"work": day, "rest": day}, weights)) == [problem]


def test_shares_that_do_not_sum_to_1(make_instance):
    """Tests that shares are from 0 to 1 and sum to 1, and that there is a state."""
    day = _hours(make_instance, 24)
    assert _problems(lambda: States({"a": (day, 0.3), "b": (day, 0.6)})) == [".share: shares of the year sum to 0.9"]
    assert _problems(lambda: States({"a": (day, -0.3), "b": (day, 1.3)})) == [
        "a.share: -0.3 is out of range",
        "b.share: 1.3 is out of range",
    ]
    assert _problems(lambda: States({})) == [".: no states"]


def test_types_of_states(make_instance):
    """Tests that wrong types are one sentence."""
    day = _hours(make_instance, 24)
    for wrong in (day, [day], {"a": 3}, {"a": (day, "1")}, {"a": (day, True)}, {"a": day, "b": (day, 0.5)}):
        with pytest.raises(placer.ArgumentError, match="expected"):
            States(wrong)
    for sets in (day, "tiny", 3):
        with pytest.raises(placer.ArgumentError, match="expected demand sets"):
            States.of(sets)
    with pytest.raises(placer.ArgumentError, match=r"States.of\(tables, instance\)"):
        States.of([day.demand])
    with pytest.raises(placer.ArgumentError, match="expected instances or demand tables"):
        States.of([3])
    with pytest.raises(TypeError):
        States({"all": day}) * 3


@pytest.mark.slow
def test_states_of_demand_sets(make_instance):
    """Tests demand sets, instances and tables of demand, by number and by name."""
    day = _hours(make_instance, 24)
    sets = placer.DemandSets(day, count=4, seed=1)
    states = States.of(sets)
    assert states.weights.tolist() == [91.25] * 4
    assert states.instances == tuple(sets)
    assert States.of(list(sets)).instances == tuple(sets)
    tables = {"low": day.demand, "high": day.demand.assign(mtok=3.0)}
    named = States.of(tables, day)
    assert named.names == ("low", "high")
    assert named.instances[1].demand["mtok"].tolist() == [3.0] * 24


def test_losses_of_data_centres(make_instance):
    """Tests that a lost site has no accelerators, its routes stay, and nothing that is built there counts."""
    day = States({"all year": _hours(make_instance, 24)})
    states = day.with_security(Security("data_centres", hours_a_year=87.6))
    assert states.names == ("nothing lost", "X", "Y")
    assert states.weights == pytest.approx([365 * 0.98, 3.65, 3.65])
    assert states.instances[1].data_centres["accelerators"].tolist() == [0.0, np.inf]
    rows = [
        {"candidate": name, "adds": name, "target": target, "usd_per_unit_year": 1.0}
        for name, target in (("accelerators", "X"), ("power_limit_mw", "Y"), ("limit_mw", "zx|X"))
    ]
    built = placer.Candidates.of(rows)
    assert states.availability(built).tolist() == [[1, 1, 1], [0, 1, 1], [1, 0, 1]]
    zones = day.with_security("power_zones")
    assert zones.weights.tolist() == [365, 0, 0]
    assert zones.instances[1].supplies["limit_mw"].tolist() == [0.0, np.inf]
    assert zones.availability(built).tolist() == [[1, 1, 1], [1, 1, 0], [1, 1, 1]]
    assert zones.security == Security("power_zones", recourse="all")


def test_losses_of_links(make_instance):
    """Tests that parallel links are lost one by one, and that nothing built on a lost link counts."""
    links = [{"from": "A", "to": "X", "rtt_ms": ms} for ms in (10.0, 12.0)]
    links.append({"from": "A", "to": "Y", "rtt_ms": 50.0})
    day = make_instance(
        links=[
            *links,
            {"from": "B", "to": "X", "rtt_ms": 5.0},
            {"from": "B", "to": "Y", "rtt_ms": 5.0},
            {"from": "X", "to": "Y", "rtt_ms": 5.0},
        ]
    )
    states = States({"all year": day}).with_security("links")
    assert states.names == ("nothing lost", "A - X", "A - X (2)", "A - Y", "B - X", "B - Y", "X - Y")
    assert [len(each.links) for each in states.instances] == [6, 5, 5, 5, 5, 5, 5]
    row = {"candidate": "fibre", "adds": "capacity_gbps", "target": "B|X", "usd_per_unit_year": 1.0}
    assert states.availability(placer.Candidates.of([row])).ravel().tolist() == [1, 1, 1, 1, 0, 1, 1]


def test_losses_that_are_none(make_instance):
    """Tests that the losses fit into a year, have a rule for builds, and come once."""
    day = States({"all year": _hours(make_instance, 24)})
    assert _problems(lambda: day.with_security("data_centre")) == [".contingencies: 'data_centre' is unknown"]
    assert _problems(lambda: day.with_security(Security(hours_a_year=5000))) == [
        ".hours_a_year: 5000 hours for each of 2 contingencies"
    ]
    with pytest.raises(ArgumentError, match="expected a security, not 3"):
        day.with_security(3)
    assert _problems(lambda: day.with_security("links").with_security("links")) == [
        ".states: the states have losses already"
    ]


def test_sunk_accelerators(make_instance):
    """Tests that all states and the instance that they change are paid for, and nothing else changes."""
    day = _hours(make_instance, 24)
    states = States({"low": (day, 0.25), "high": (day, 0.75)}, day).with_sunk_accelerators()
    assert [each.settings.accelerators for each in (*states.instances, states.base)] == ["sunk"] * 3
    assert states.weights.tolist() == [91.25, 273.75]


@pytest.mark.slow
def test_old_outages(make_instance):
    """Tests that outages, their products with demand sets and their limits are those of a security, and warn."""
    day = _hours(make_instance, 24)
    with pytest.warns(DeprecationWarning, match=r"security=placer.Security\('data_centres', most_stranded=1.0"):
        outages = States.outages(day, "data_centres", 87.6)
    new = States({"all year": day}, day).with_security(Security(most_stranded=1.0, hours_a_year=87.6))
    assert (outages.names, outages.security) == (new.names, new.security)
    assert outages.weights == pytest.approx(new.weights)
    with pytest.warns(DeprecationWarning, match="States.outages is deprecated"):
        assert States.outages(day, "power_zones").weights == pytest.approx([365 / 3] * 3)
    both = States.of(placer.DemandSets(day, count=2, seed=1)) * outages
    assert both.names[3:5] == ("set 1, nothing lost", "set 1, X")
    assert both.security == outages.security
    with pytest.warns(DeprecationWarning, match="most_stranded="):
        protected = both.protecting(0.1, {"w": 0.5})
    assert protected.security == Security(
        recourse="all", protected={"w": 0.5}, most_stranded=0.1, hours_a_year=outages.security.hours_a_year
    )
    with pytest.warns(DeprecationWarning, match="States.outages is deprecated"):
        zones = States.outages(day, "power_zones", 0.0)
    assert (zones * protected).security == (protected * zones).security == protected.security
    alone = States({"all year": day})
    with (
        pytest.warns(DeprecationWarning, match="States.protecting is deprecated"),
        pytest.raises(InstanceError, match="nothing is lost in any state"),
    ):
        alone.protecting()


@pytest.mark.slow
def test_products(make_instance):
    """Tests that a product has the demand of one and the network of the other, and that its weights multiply."""
    day = _hours(make_instance, 24)
    sets = States.of(placer.DemandSets(day, count=2, seed=1))
    losses = States({"all year": day}, day).with_security(Security(hours_a_year=87.6))
    both = sets * losses
    assert both.weights == pytest.approx(np.outer([0.5, 0.5], losses.weights).ravel())
    assert both.instances[4].demand.equals(sets.instances[1].demand)
    assert both.instances[4].data_centres.equals(losses.instances[1].data_centres)
    row = {"candidate": "a", "adds": "accelerators", "target": "X", "usd_per_unit_year": 1.0}
    assert both.availability(placer.Candidates.of([row])).ravel().tolist() == [1, 0, 1, 1, 0, 1]
    two = losses * States({"all year": day}, day).with_security(Security("power_zones", hours_a_year=10))
    assert two.instances[4].supplies["limit_mw"].tolist() == [0.0, np.inf]
    assert two.instances[4].data_centres["accelerators"].tolist() == [0.0, np.inf]


@pytest.mark.slow
def test_products_that_are_none(make_instance):
    """Tests that states of unlike instances, with changes of one table, or protected in two ways have no product."""
    day, other = _hours(make_instance, 24), _hours(make_instance, 24, 2.0)
    losses = States({"all year": day}, day).with_security("data_centres")
    unlike = ".*: the states are not known to be changes of one instance"
    assert _problems(lambda: losses * States({"all year": other}, other)) == [unlike]
    assert _problems(lambda: losses * States({"all": day})) == [unlike]
    assert "X, X.data_centres: changed by both states" in _problems(lambda: losses * losses)
    zones = States({"all year": day}, day).with_security(Security("power_zones", most_stranded=0.2))
    with pytest.raises(InstanceError, match="protected in two ways"):
        _ = losses * zones


def test_tables_of_demand_are_frames_only(make_instance):
    """Tests that an empty list of sets is no states, and a table with defects is named as any other."""
    day = _hours(make_instance, 2)
    assert _problems(lambda: States.of([])) == [".: no states"]
    with pytest.raises(placer.InstanceError, match="demand"):
        States.of([pd.DataFrame({"workload": ["w"], "hub": ["Z"], "mtok": [1.0]})], day)


@pytest.mark.slow
@settings(max_examples=tries(5, 15), deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 30), st.floats(0, 1)), min_size=1, max_size=6).filter(
        lambda drawn: sum(share for _, share in drawn) > 1e-3
    )
)
def test_states_make_a_year(make_instance, drawn):
    """Tests that the horizons of all states together are the hours of a year, whatever their lengths and shares."""
    total = sum(share for _, share in drawn)
    states = States({str(k): (_hours(make_instance, hours), share / total) for k, (hours, share) in enumerate(drawn)})
    assert states.weights @ [horizon_hours(each) for each in states.instances] == pytest.approx(8760)


def test_blocks_are_states(make_instance):
    """Tests that blocks and calendar days are states, for the share of the year that their weighted hours have."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0 + hour} for hour in range(4)]
    periods = [{"hour": hour, "weight": 1.0 + 2 * (hour > 1), "block": "ab"[hour // 2]} for hour in range(4)]
    states = States.blocks(make_instance(demand=demand, periods=periods))
    assert states.names == ("a", "b")
    assert [len(each.hours) for each in states.instances] == [2, 2]
    assert states.weights.tolist() == [1095, 1095]
    assert [horizon_hours(each) for each in states.instances] == [2, 6]
    stamps = pd.date_range("2026-01-01", periods=48, freq="h")
    days = make_instance(demand=pd.DataFrame({"workload": "w", "hub": "A", "hour": stamps, "mtok": 1.0}))
    assert States.blocks(days).names == ("2026-01-01", "2026-01-02")


def test_what_ties_blocks_together_is_listed(make_instance):
    """Tests caps, limits, quotas and work that waits past midnight, all at once; limits on each hour do not tie."""
    stamps = pd.date_range("2026-01-01", periods=48, freq="h")
    limit = {"limit": "all", "kind": "energy_mwh", "sense": "<=", "amount": 9.0, "data_centre": "X"}
    tied = make_instance(
        demand=pd.DataFrame({"workload": "w", "hub": "A", "hour": stamps, "mtok": 1.0}),
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "deadline_hours": 2.0}],
        limits=[limit, limit | {"limit": "each", "hours": "each"}],
        carbon_limit_kg=5.0,
    )
    assert _problems(lambda: States.blocks(tied)) == [
        ".carbon_limit_kg: a limit over all blocks",
        "all.: it may count in several blocks",
        ".block: work may wait from one day to the next",
    ]
    assert _problems(lambda: States.blocks(_hours(make_instance, 24))) == [
        ".block: whole hours in one block have no days"
    ]
