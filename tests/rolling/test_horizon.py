"""Horizons solved in steps: held against the whole horizon, and what goes in is what comes out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.errors import ArgumentError, InstanceError, NoSolutionError
from placer.model.formulation import formulate
from placer.rolling.horizon import roll
from placer.solve import solve
from tests.effort import tries
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, tables
from tests.model.pools_by_hand import any_pool
from tests.paid_and_unpaid import paid_and_unpaid
from tests.rolling.conftest import LATE


def without_caps(instance):
    return instance.replace(carbon_limit_kg=np.inf, water_limit_litres=np.inf)


@pytest.mark.slow
def test_steps_by_hand(dear_first):
    """Tests each step by hand: with a look ahead work waits for the cheap hour; without it is served at once."""
    whole = solve(dear_first).cost_usd
    assert whole == pytest.approx(20 * 20 + 20)
    ahead = roll(dear_first, hours=1, look_ahead=1)
    assert ahead.cost_and_penalty_usd == pytest.approx(whole)
    assert ahead.steps["remaining_mtok"].tolist() == pytest.approx([10, 0, 10, 0])
    assert ahead.steps["cost_usd"].tolist() == pytest.approx([10, 200, 10, 200])
    assert ahead.steps.index.tolist() == ahead.steps["last_hour"].tolist() == [0, 1, 2, 3]
    blind = roll(dear_first, hours=1, look_ahead=0)
    assert blind.cost_usd == pytest.approx(20 * 50 + 20)
    assert blind.steps["remaining_mtok"].tolist() == [0, 0, 0, 0]
    assert blind.steps["served_mtok"].tolist() == pytest.approx([10, 0, 10, 0])
    assert [each is None for each in blind.placements] == [False, True, False, True]
    assert repr(ahead) == "<4 steps: 20 Mtok served, 0 unserved, 420.00 USD and 0.00 USD penalty>"


@pytest.mark.slow
def test_time_left_goes_along(dear_first):
    """Tests by hand that work with two hours passes hour 1 for a cheaper hour 2, and is served by then."""
    cheap_later = dear_first.replace(power_zones=dear_first.power_zones.assign(usd_per_mwh=[(50.0, 40.0, 10.0, 5.0)]))
    rolled = roll(cheap_later, hours=1, look_ahead=2)
    assert rolled.cost_usd == pytest.approx(solve(cheap_later).cost_usd)
    assert rolled.steps["remaining_mtok"].tolist() == pytest.approx([10, 10, 10, 0])
    assert rolled.placements[1].instance.backlog["hours_left"].tolist() == [1.0]
    assert rolled.placements[2].instance.backlog["hours_left"].tolist() == [0.0]


@pytest.mark.slow
def test_every_arc_cost_is_paid_once(dear_first):
    """Tests by hand that 20 Mtok lose 1 USD of value each and pay 0.5 USD of surcharge, rolled as at once."""
    far = dear_first.replace(
        workloads=dear_first.workloads.assign(value_usd_per_mtok=10.0),
        data_centres=dear_first.data_centres.assign(region="west"),
        latency_value=[{"workload": "late", "ms": 10.0, "share_lost": 0.1}],
        surcharges=[{"hub_region": "east", "region": "west", "usd_per_mtok": 0.5}],
    )
    whole = solve(far).cost_usd
    assert whole == pytest.approx(20 * 20 + 20 + 20 * 1.0 + 20 * 0.5)
    assert roll(far, hours=1, look_ahead=1).cost_usd == pytest.approx(whole)


@pytest.mark.slow
def test_the_horizon_may_begin_with_a_backlog(dear_first):
    """Tests that the first step has the backlog of the instance, and that tokens are counted once."""
    waits = dear_first.with_backlog([{"workload": "late", "data_centre": "X", "hours_left": 1, "mtok": 4}])
    rolled = roll(waits, hours=1, look_ahead=1)
    assert rolled.cost_and_penalty_usd == pytest.approx(solve(waits).cost_and_penalty_usd)
    assert rolled.workloads.loc["late"].to_dict() == pytest.approx(
        {"demand_mtok": 20, "not_bought_mtok": 0, "backlog_mtok": 4, "served_mtok": 24, "unserved_mtok": 0}
    )
    assert (rolled.demand_mtok, rolled.served_mtok, rolled.unserved_mtok) == pytest.approx((20, 24, 0))


@pytest.mark.slow
def test_timestamps(dear_first):
    """Tests that steps, backlogs and errors carry the timestamps of the demand, over a change of the clock."""
    stamps = pd.date_range("2026-03-29T00:00", periods=4, freq="h", tz="Europe/Berlin")
    timed = dear_first.replace(demand=dear_first.demand.assign(hour=[stamps[h] for h in dear_first.demand["hour"]]))
    rolled, plain = roll(timed, hours=2, look_ahead=1), roll(dear_first, hours=2, look_ahead=1)
    assert rolled.steps.index.tolist() == [stamps[0], stamps[2]]
    assert rolled.steps["last_hour"].tolist() == [stamps[1], stamps[3]]
    assert rolled.cost_usd == pytest.approx(plain.cost_usd)


@pytest.mark.slow
@settings(max_examples=tries(4, 12), deadline=None)
@given(seed=st.integers(0, 10_000), hours=st.integers(1, 3), look_ahead=st.integers(0, 4))
def test_never_below_the_whole_and_nothing_lost(make_random_instance, seed, hours, look_ahead):
    """Tests that a rolled horizon costs no less than the whole at once, and that asked = served + unserved."""
    instance = make_random_instance(seed)
    whole = solve(instance)
    rolled = roll(instance, hours, look_ahead)
    slack = 1e-6 * abs(whole.cost_and_penalty_usd)
    assert rolled.cost_and_penalty_usd >= whole.cost_and_penalty_usd - slack
    steps, total = rolled.steps, whole.demand_mtok
    into = steps["demand_mtok"] + steps["backlog_mtok"]
    assert np.allclose(into, steps["served_mtok"] + steps["unserved_mtok"] + steps["remaining_mtok"], atol=1e-6 * total)
    assert steps["backlog_mtok"].tolist()[1:] == pytest.approx(steps["remaining_mtok"].tolist()[:-1])
    workloads = rolled.workloads
    assert np.allclose(
        workloads["demand_mtok"], workloads["served_mtok"] + workloads["unserved_mtok"], atol=1e-6 * total
    )
    assert workloads["demand_mtok"].sum() == pytest.approx(total)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), hours=st.integers(1, 3))
def test_looking_ahead_to_the_end_costs_the_same(make_random_instance, seed, hours):
    """Tests the principle of optimality: where each step looks ahead to the end, caps included, nothing is lost."""
    instance = make_random_instance(seed)
    whole, rolled = solve(instance), roll(instance, hours, look_ahead=10)
    assert rolled.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-6)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), hours=st.integers(1, 3))
def test_work_that_cannot_wait_needs_no_look_ahead(make_random_instance, seed, hours):
    """Tests that without waiting work and without caps the hours have nothing in common."""
    instance = without_caps(make_random_instance(seed))
    instance = instance.replace(workloads=instance.workloads.assign(deadline_hours=0.0))
    rolled = roll(instance, hours, look_ahead=0)
    assert rolled.cost_and_penalty_usd == pytest.approx(solve(instance).cost_and_penalty_usd, rel=1e-6)


@pytest.mark.slow
def test_default_penalties_are_those_of_the_whole_horizon(dear_first):
    """Tests that a step without the dearest hour turns away demand at the same penalty as the whole."""
    free = dear_first.replace(
        workloads=dear_first.workloads.assign(unserved_usd_per_mtok=None),
        data_centres=dear_first.data_centres.assign(accelerators=4.0),
    )
    whole, rolled = solve(free), roll(free, hours=1, look_ahead=3)
    assert whole.penalty_usd > 0
    assert rolled.penalty_usd == pytest.approx(whole.penalty_usd)


@pytest.mark.slow
def test_hours_of_another_length(make_instance):
    """Tests steps of half an hour, in which deadlines and hours are still hours."""
    demand = [{"workload": "late", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(6)]
    prices = [{"power_zone": "zx", "usd_per_mwh": [9, 8, 7, 6, 5, 4]}, {"power_zone": "zy", "usd_per_mwh": 50}]
    half = make_instance(workloads=[LATE | {"deadline_hours": 1.5}], demand=demand, power_zones=prices, hour_length=0.5)
    rolled = roll(half, hours=1, look_ahead=1.5)
    assert len(rolled.steps) == 3
    assert rolled.cost_usd == pytest.approx(solve(half).cost_usd)


@pytest.mark.parametrize(
    ("change", "arguments", "said"),
    [
        ({"cyclic": True}, {}, "a cyclic horizon has no beginning and no end"),
        ({}, {"hours": 1.5}, r"roll.hours: 1.5 hours do not fit \(allowed: 1, 2, 3, ... times the hour_length of 1\)"),
        ({}, {"hours": 0}, "roll.hours: 0 hours do not fit"),
        ({}, {"look_ahead": -1}, "roll.look_ahead: -1 hours do not fit"),
        ({}, {"look_ahead": float("inf")}, "roll.look_ahead: inf hours do not fit"),
        ({"cyclic": True}, {"hours": 0, "look_ahead": 0.5}, "3 violations"),
    ],
)
def test_what_cannot_be_rolled(dear_first, change, arguments, said):
    """Tests that a cyclic horizon and steps that do not fit are refused, all in one error."""
    with pytest.raises(InstanceError, match=said):
        roll(dear_first.replace(**change), **arguments)


def test_arguments_of_another_type(dear_first):
    """Tests that anything but an instance and numbers is refused."""
    with pytest.raises(ArgumentError, match="expected an instance"):
        roll("tiny")
    with pytest.raises(ArgumentError, match="expected a number"):
        roll(dear_first, hours="24")


@pytest.mark.slow
def test_progress_and_limits(dear_first):
    """Tests that steps are told, that an exception of progress ends the work, and that the limit is of all steps."""
    lines = []
    roll(dear_first, hours=2, look_ahead=1, progress=lines.append)
    assert [line for line in lines if line.startswith("hours")] == ["hours 0 to 1", "hours 2 to 3"]

    def stop(line):
        if line == "hours 2 to 3":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        roll(dear_first, hours=2, progress=stop)
    with pytest.raises(NoSolutionError, match="time limit"):
        roll(dear_first, hours=1, time_limit_seconds=1e-9)


@pytest.mark.slow
def test_it_is_a_public_name():
    """Tests that the package has the function and its result."""
    assert placer.roll is roll
    assert isinstance(roll(placer.load("tiny"), 1), placer.RolledPlacement)


def test_limits_are_not_rolled(dear_first):
    """Tests that a limit over the horizon, which no step could keep for others, is refused."""
    limit = {"limit": "mine", "kind": "tokens", "sense": "<=", "amount": 1000.0}
    with pytest.raises(InstanceError, match=r"limits\[mine\]: a limit over the horizon is not shared out"):
        roll(dear_first.replace(limits=[limit]))


def stepped(instance, *steps):
    """Return the instance with the same steps in every demand, by value and share of the demand."""
    rows = [
        row | {"value_usd_per_mtok": usd, "mtok": share * row["mtok"]}
        for row in instance.demand.to_dict("records")
        for usd, share in steps
    ]
    return instance.replace(demand=rows)


@pytest.mark.slow
def test_steps_of_value_by_hand(dear_first):
    """Tests 4 of 10 Mtok worth 100 USD and 6 worth 30: at 21 with a look ahead all is bought, at 51 without only 4."""
    elastic = stepped(dear_first, (100.0, 0.4), (30.0, 0.6))
    ahead = roll(elastic, hours=1, look_ahead=1)
    assert ahead.not_bought_mtok == pytest.approx(0.0, abs=1e-9)
    assert ahead.cost_usd == pytest.approx(20 * 21)
    assert ahead.value_bought_usd == pytest.approx(2 * (4 * 100 + 6 * 30))
    assert ahead.steps["value_bought_usd"].tolist() == pytest.approx([580, 0, 580, 0])
    blind = roll(elastic, hours=1, look_ahead=0)
    assert blind.steps["not_bought_mtok"].tolist() == pytest.approx([6, 0, 6, 0])
    assert blind.cost_usd == pytest.approx(8 * 51)
    assert blind.workloads.loc["late", ["demand_mtok", "not_bought_mtok", "served_mtok"]].tolist() == [20, 12, 8]
    assert repr(blind) == "<4 steps: 8 Mtok served, 12 not bought, 0 unserved, 408.00 USD and 0.00 USD penalty>"


@pytest.mark.slow
def test_a_step_that_buys_nothing_has_a_placement_of_welfare_0(dear_first):
    """Tests demand worth 30: bought where the next hour costs 21, and not where all that is seen costs 51."""
    elastic = stepped(dear_first, (30.0, 1.0))
    blind = roll(elastic, hours=1, look_ahead=0)
    assert [each if each is None else each.welfare_usd for each in blind.placements] == [0.0, None, 0.0, None]
    assert (blind.not_bought_mtok, blind.cost_usd, blind.value_bought_usd) == (20.0, 0.0, 0.0)
    assert roll(elastic, hours=1, look_ahead=1).value_bought_usd == pytest.approx(600.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 15)))
def test_steps_of_value_in_any_horizon(make_random_instance, seed):
    """Tests that welfare is at most that of the whole, equal where steps look ahead to the end, and nothing is lost."""
    instance = make_random_instance(seed)
    price = float(np.median(solve(instance).prices["usd_per_mtok"]))
    elastic = stepped(instance, (3.0 * price, 0.5), (1.1 * price, 0.3), (0.8 * price, 0.2))
    whole = solve(elastic)
    welfare = whole.welfare_usd - whole.transfers_usd
    for look_ahead in (0, 1, 10):
        rolled = roll(elastic, 2, look_ahead)
        found = rolled.value_bought_usd - rolled.cost_and_penalty_usd - rolled.transfers_usd
        assert found <= welfare + 1e-6 * abs(welfare)
        into = rolled.steps["demand_mtok"] + rolled.steps["backlog_mtok"]
        out = rolled.steps[["not_bought_mtok", "served_mtok", "unserved_mtok", "remaining_mtok"]].sum(axis=1)
        assert np.allclose(into, out, atol=1e-6 * whole.offered_mtok)
    assert found == pytest.approx(welfare, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_one_step_at_the_penalty_costs_as_much_as_no_step(make_random_instance, seed):
    """Tests that what is not bought costs what was unserved."""
    plain = make_random_instance(seed)
    penalty = formulate(plain).structure.unserved_cost
    plain = plain.replace(workloads=plain.workloads.assign(unserved_usd_per_mtok=penalty))
    usd = plain.demand["workload"].map(dict(zip(plain.workloads["workload"], penalty, strict=True)))
    found = roll(plain.replace(demand=plain.demand.assign(value_usd_per_mtok=usd)), 2, look_ahead=10)
    value = float((usd * plain.demand["mtok"]).sum())
    rolled = roll(plain, 2, look_ahead=10)
    assert value - found.value_bought_usd + found.cost_and_penalty_usd == pytest.approx(
        rolled.cost_and_penalty_usd, rel=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_charges_that_a_region_is_paid_cost_as_much_as_those_that_nobody_is(seed):
    """Tests that transfers are apart from cost, and that a horizon of one step is the whole at once."""
    paid, unpaid = (each.replace(cyclic=False) for each in paid_and_unpaid(seed))
    for hours, ahead in ((1, 0), (1, 1), (3, 0)):
        found, other = roll(paid, hours, ahead), roll(unpaid, hours, ahead)
        assert found.cost_usd + found.transfers_usd == pytest.approx(other.cost_usd)
    assert other.transfers_usd == 0.0
    assert found.cost_usd + found.transfers_usd == pytest.approx(solve(paid).certificate.objective)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 10)))
def test_quotas_are_kept_and_cost_nothing_more_with_all_in_sight(seed):
    """Tests random quotas: no horizon sends more than they allow, and one in sight to the end costs what solve does."""
    instance, _ = paid_and_unpaid(seed)
    row = {"kind": "quota_mtok", "from_region": "a"}
    quotas = [row | {"policy": "first", "amount": 5.0}, row | {"policy": "second", "to_region": "b", "amount": 2.0}]
    limited = instance.replace(cyclic=False, policies=quotas)
    assert roll(limited, 1, 3).cost_and_penalty_usd == pytest.approx(solve(limited).cost_and_penalty_usd)
    blind = roll(limited, 1, 0)
    flows = pd.concat([each.flows for each in blind.placements]).reset_index()
    sent = flows[flows["data_centre"].isin(["Da", "Da2"]) & (flows["hub"] != "Ha")]
    assert sent["mtok"].sum() <= 5.0 + 1e-6
    assert sent.loc[sent["hub"] == "Hb", "mtok"].sum() <= 2.0 + 1e-6


@pytest.mark.slow
def test_steps_take_modes():
    """Tests that work in several modes is rolled at the cost of the whole horizon, and all of it is counted."""
    hours = [{"workload": "chat", "hub": "users", "hour": hour, "mtok": 10.0 * (hour + 1)} for hour in range(4)]
    waits = [tables()["workloads"][0] | {"deadline_hours": 1.0}]
    instance = modes([SLOW, MIDDLE, FAST | {"kwh_per_mtok": 0.0}], demand=hours, workloads=waits)
    rolled = roll(instance, hours=2, look_ahead=1)
    assert rolled.cost_usd == pytest.approx(solve(instance).cost_usd)
    assert rolled.workloads["served_mtok"].to_dict() == pytest.approx({"chat": 100.0})


def test_steps_take_pools():
    """Tests two hours of 15 Mtok over ten old accelerators and as many new ones as it takes: 20 USD in each."""
    hours = [{"workload": "chat", "hub": "users", "hour": hour, "mtok": 15.0} for hour in range(2)]
    rolled = roll(any_pool(demand=hours), hours=1, look_ahead=0)
    assert rolled.cost_usd == pytest.approx(40.0)
    assert rolled.workloads["served_mtok"].to_dict() == pytest.approx({"chat": 30.0})
