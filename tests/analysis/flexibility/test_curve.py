"""Tests curves of flexibility by hand and against single solves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.analysis.flexibility import curve as curves
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import MIDDLE, modes
from tests.paid_and_unpaid import paid_and_unpaid


def test_the_curve_by_hand(evening):
    """Tests 2 MW for 20 USD, 8 for 230, 10 for 2,230: batch waits, chat moves, voice is dropped."""
    curve = placer.flexibility(placer.solve(evening), "home", 0)
    table = curve.table
    assert curve.exact
    assert table["mw"].tolist() == pytest.approx([0, 2, 8, 10])
    assert table["usd"].tolist() == pytest.approx([0, 20, 230, 2230], abs=1e-6)
    assert table["usd_per_mwh"].tolist()[:3] == pytest.approx([10, 35, 1000])
    assert table["unserved_mtok"].tolist() == pytest.approx([0, 0, 0, 2], abs=1e-9)
    assert curve.firm_mw == pytest.approx(8.0)
    assert repr(curve) == "Flexibility: up to 10 MW less for 2,230.00 USD, 4 points, exact"


@pytest.mark.parametrize(("mtok", "usd"), [(1e-8, 1e-3), (1e8, 1e3), (1.0, 1e-7)])
def test_the_curve_by_hand_at_any_scale(evening, mtok, usd):
    """Tests the curve by hand with other units of work and of money: its breakpoints move with them."""
    scaled = evening.replace(
        demand=evening.demand.assign(mtok=evening.demand["mtok"] * mtok),
        workloads=evening.workloads.assign(unserved_usd_per_mtok=evening.workloads["unserved_usd_per_mtok"] * usd),
        power_zones=evening.power_zones.assign(usd_per_mwh=[(20.0 * usd, 30.0 * usd), 55.0 * usd]),
    )
    curve = placer.flexibility(placer.solve(scaled), "home", 0)
    assert curve.exact
    assert (curve.table["mw"] / mtok).tolist() == pytest.approx([0, 2, 8, 10])
    assert (curve.table["usd"] / (mtok * usd)).tolist() == pytest.approx([0, 20, 230, 2230], abs=1e-4)
    assert curve.firm_mw / mtok == pytest.approx(8.0)


def test_a_curve_from_free_work(evening):
    """Tests a baseline that costs nothing: waiting is free, moving costs 55, and dropped voice 1,020."""
    free = evening.replace(power_zones=evening.power_zones.assign(usd_per_mwh=[0.0, 55.0]))
    curve = placer.flexibility(placer.solve(free), "home", 0)
    assert curve.exact
    assert curve.table["mw"].tolist() == pytest.approx([0, 2, 8, 10])
    assert curve.table["usd"].tolist() == pytest.approx([0, 0, 330, 330 + 2040], abs=1e-6)


def test_free_work_of_many_tokens_is_dropped(evening):
    """Tests a curve from a cap of 0 MWh to one of 1e9, a change by no finite part: voice is dropped at 1,020."""
    voice = evening.demand.iloc[[2]].assign(mtok=2e9)
    free = evening.replace(demand=voice, power_zones=evening.power_zones.assign(usd_per_mwh=[0.0, 55.0]))
    curve = placer.flexibility(placer.solve(free), "home", 0)
    assert curve.table["mw"].tolist() == pytest.approx([0, 2e9])
    assert curve.table["usd"].tolist() == pytest.approx([0, 2040e9])


def test_what_gives_way_by_hand(evening):
    """Tests who waits, moves and is dropped at the last point, and where the power goes."""
    curve = placer.flexibility(placer.solve(evening), ["home"], "0")
    last = curve.responses[curve.responses["mw"] == curve.responses["mw"].max()]
    found = {(row.workload, row.response, row.power_zone): row.mtok for row in last.itertuples()}
    assert found == pytest.approx(
        {("batch", "waited", ""): 2.0, ("chat", "moved", "away"): 6.0, ("voice", "dropped", ""): 2.0}
    )
    rebound = curve.rebound()
    assert rebound.loc[0].to_dict() == pytest.approx({"home": -10.0, "away": 6.0})
    assert rebound.loc[1].to_dict() == pytest.approx({"home": 2.0, "away": 0.0}, abs=1e-9)
    assert curve.rebound(0).abs().to_numpy().max() == pytest.approx(0.0, abs=1e-9)


def test_both_hours_bind_waiting_work(evening):
    """Tests that in both hours 1 MW is the most: voice of 1 in hour 1 is dropped, and batch may not wait into it."""
    curve = placer.flexibility(placer.solve(evening), "home", [0, 1])
    # Hour 0: chat moves at +35. Hour 1: voice is dropped at 1,020 - 30.
    assert curve.table["mw"].tolist() == pytest.approx([0, 1])
    assert curve.table["usd"].tolist() == pytest.approx([0, 35 + 990])
    assert curve.table["usd_per_mwh"].tolist()[0] == pytest.approx((35 + 990) / 2)
    assert curve.firm_mw == pytest.approx(0.0, abs=1e-9)


def test_all_of_it_is_firm_without_a_program(evening, monkeypatch):
    """Tests that where the last point drops no work, the firm amount takes no programs of its own."""
    monkeypatch.setattr(curves, "firm_mw", None)
    allowed = evening.workloads.assign(latency_slo_ms=float("inf"))
    assert placer.flexibility(placer.solve(evening.replace(workloads=allowed)), "home", 0).firm_mw == pytest.approx(10)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_points_are_the_least_cost_under_a_limit(make_random_instance, seed):
    """Tests every point, and the middle of some chords, of random instances against the instance with a limit."""
    instance = make_random_instance(seed)
    placement = placer.solve(instance)
    by_hour = placement.supplies["mwh"].groupby(level=("power_zone", "hour")).sum()
    (zone, hour), drawn = by_hour.idxmax(), by_hour.max()
    curve = placer.flexibility(placement, zone, hour)
    table = curve.table
    assert curve.exact
    assert table["mw"].iloc[-1] == pytest.approx(drawn)
    assert (table["usd_per_mwh"].dropna().diff().dropna() > 0).all()
    limit = {"limit": "less", "kind": "energy_mwh", "sense": "<=", "power_zone": zone, "hours": str(hour)}
    middle = np.convolve(table["mw"], [0.5, 0.5], "valid")
    for mw in np.concatenate([table["mw"], middle[:: len(middle) // 3 + 1]]):
        usd = np.interp(mw, table["mw"], table["usd"])
        held = placer.solve(instance.replace(limits=[limit | {"amount": max(drawn - mw, 0.0)}]), tie_break=None)
        more = held.cost_and_penalty_usd - placement.cost_and_penalty_usd
        assert usd == pytest.approx(more, abs=1e-7 * placement.cost_and_penalty_usd)
    firm = curve.firm_mw
    assert 0 <= firm <= drawn + 1e-9
    unserved = placement.accounts.unserved
    nobody = [point.at for point in curve.points if (point.detail.point.unserved <= unserved + 1e-9).all()]
    assert firm >= max(nobody, default=0.0) - 1e-6


@pytest.mark.parametrize(
    ("zones", "hours", "message"),
    [
        ("moon", 0, "'moon' is no power zone"),
        ([], 0, "none is named"),
        ("home", 7, "7 is no hour of the demand"),
        ("home", "each", "'each' names no hours"),
        ("away", 0, "the zones draw nothing in one of them"),
    ],
)
def test_unknown_zones_and_hours_are_errors(evening, zones, hours, message):
    """Tests that each error says what is wrong."""
    with pytest.raises(placer.InstanceError, match=message):
        placer.flexibility(placer.solve(evening), zones, hours)


def test_a_limit_that_a_reduction_breaks_is_named(evening):
    """Tests that voice may run at home alone, so that 10 MW less leave nothing of it where all is asked for."""
    share = {"limit": "voice on", "kind": "share", "sense": ">=", "amount": 1.0, "workload": "voice", "hours": "0"}
    told = r"at 10 MW less: no placement can meet this limit; .* 'voice on \[0\]' \(share >= 1\) .* with amount 0$"
    with pytest.raises(placer.NoSolutionError, match=told):
        placer.flexibility(placer.solve(evening.replace(limits=[share])), "home", 0)


def test_what_is_firm_under_a_limit_of_at_least_an_amount(evening):
    """Tests at least 11 Mtok in all, which spare work that is worth less keeps up where 2 Mtok of voice are dropped.

    8 of the 10 MW are firm: voice is unserved beyond.
    """
    workloads = evening.workloads.iloc[[1]].assign(workload="spare", unserved_usd_per_mtok=1.0)
    demand = evening.demand.iloc[[1]].assign(workload="spare", mtok=5.0)
    limited = evening.replace(
        workloads=pd.concat([evening.workloads, workloads]),
        demand=pd.concat([evening.demand, demand]),
        limits=[{"limit": "all", "kind": "tokens", "sense": ">=", "amount": 11.0}],
    )
    curve = placer.flexibility(placer.solve(limited), "home", 0)
    assert curve.table["mw"].iloc[-1] == pytest.approx(10.0)
    assert curve.firm_mw == pytest.approx(8.0)


def test_few_programs_give_a_curve_with_its_error(evening):
    """Tests that two points are the ends, and that the error is proven."""
    curve = placer.flexibility(placer.solve(evening), "home", 0, most_programs=2)
    assert not curve.exact
    assert curve.table["mw"].tolist() == pytest.approx([0, 10])
    assert curve.error_usd > 1000
    assert repr(curve).endswith(f"2 points, chords at most {curve.error_usd:,.2f} USD too high")
    assert curve.table["error_usd"].tolist() == pytest.approx([curve.error_usd, float("nan")], nan_ok=True)


def test_a_wide_tolerance_is_not_exact(evening):
    """Tests that with the cost of the whole reduction as tolerance both ends suffice, and that the curve says so."""
    curve = placer.flexibility(placer.solve(evening), "home", 0, tolerance=1.0)
    assert len(curve.points) == 2
    assert not curve.exact


def test_a_baseline_with_a_gap_is_solved_anew(evening):
    """Tests a baseline whose bound is 1 USD too low: the curve starts from a point of its own, and is exact."""
    placement = placer.solve(evening)
    certificate = placement.certificate
    loose = replace(placement, certificate=replace(certificate, bound=certificate.bound - 1.0))
    curve = placer.flexibility(loose, "home", 0)
    assert curve.exact
    assert curve.table["usd"].tolist() == pytest.approx([0, 20, 230, 2230], abs=1e-6)


def test_charges_that_a_region_is_paid_by_hand(evening):
    """Tests a tariff of 10 on what moves abroad: 6 Mtok of chat cost 45 more each, 10 of it a transfer."""
    home = evening.replace(hubs=evening.hubs.assign(region="home"))
    both = home.replace(data_centres=home.data_centres.assign(region=["home", "abroad"]))
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 10.0, "to_region": "home", "paid_to": "importer"}
    curve = placer.flexibility(placer.solve(both.replace(policies=[tariff])), "home", 0)
    assert curve.exact
    assert curve.table["mw"].tolist() == pytest.approx([0, 2, 8, 10])
    assert curve.table["usd"].tolist() == pytest.approx([0, 20, 290, 2290], abs=1e-6)
    assert curve.table["transfers_usd"].tolist() == pytest.approx([0, 0, 60, 60], abs=1e-6)
    assert curve.firm_mw == pytest.approx(8.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 6)))
def test_charges_that_a_region_is_paid_cost_as_much_as_those_that_nobody_is(seed):
    """Tests that the curve is that of premia which nobody is paid."""
    paid, unpaid = (placer.flexibility(placer.solve(each), "Za", 1).table for each in paid_and_unpaid(seed))
    assert paid["mw"].to_numpy() == pytest.approx(unpaid["mw"].to_numpy())
    assert paid["usd"].to_numpy() == pytest.approx(unpaid["usd"].to_numpy(), abs=1e-6)


@pytest.mark.slow
def test_the_curve_of_steps_of_value_is_that_of_what_is_bought(evening):
    """Tests voice in steps of 1,020 and of 1, of which the second is not bought: the curve is that of the first."""
    worth = evening.demand["workload"].map({"voice": 1020.0})
    second = evening.demand.iloc[[2]].assign(value_usd_per_mtok=1.0)
    steps = pd.concat([evening.demand.assign(value_usd_per_mtok=worth), second])
    placement = placer.solve(evening.replace(demand=steps))
    assert placement.not_bought_mtok == pytest.approx(2.0)
    curve = placer.flexibility(placement, "home", 0)
    assert curve.exact
    assert curve.table["usd"].tolist() == pytest.approx([0, 20, 230, 230 + 2 * (10 * 1020 - 20)], abs=1e-6)


def test_a_frugal_mode_gives_way_by_hand():
    """Tests that work draws less in a mode of more accelerators before any is dropped.

    10 Mtok at 1 hour and 1 MWh cost 30 USD each, at 3 hours and half a MWh 40: 20 USD for each MWh less, up to 5.
    """
    hot = MIDDLE | {"mode": "hot", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    cool = MIDDLE | {"mode": "cool", "accelerator_hours_per_mtok": 3.0, "kwh_per_mtok": 500.0}
    site = {"data_centre": "near", "accelerators": 100.0, "accelerator_usd_per_hour": 10.0}
    instance = modes(
        [hot, cool],
        data_centres=[site],
        links=[{"from": "users", "to": "near", "rtt_ms": 0.0}],
        power_zones=[{"power_zone": "grid", "usd_per_mwh": 20.0}],
        supplies=[{"power_zone": "grid", "data_centre": "near"}],
        demand=[{"workload": "chat", "hub": "users", "mtok": 10.0}],
    )
    curve = placer.flexibility(placer.solve(instance), "grid", 0)
    assert curve.exact
    assert curve.table["mw"].tolist() == pytest.approx([0.0, 5.0, 10.0])
    assert curve.table["usd"].tolist() == pytest.approx([0.0, 100.0, 100.0 - 400.0 + 1000.0])
    assert curve.firm_mw == pytest.approx(5.0)
    at_all = curve.responses[curve.responses["mw"] > 9.0]
    assert at_all[["workload", "response", "mtok"]].to_numpy().tolist() == [["chat", "dropped", pytest.approx(10.0)]]
    assert not (curve.responses["mw"] < 9.0).any()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(1, 6)))
def test_points_over_modes_are_the_least_cost_under_a_limit(make_random_instance, seed):
    """Tests every point of random instances with modes against the instance with a limit."""
    instance = with_random_modes(make_random_instance(seed), seed)
    placement = placer.solve(instance)
    by_hour = placement.supplies["mwh"].groupby(level=("power_zone", "hour")).sum()
    (zone, hour), drawn = by_hour.idxmax(), by_hour.max()
    curve = placer.flexibility(placement, zone, hour)
    assert curve.exact
    limit = {"limit": "less", "kind": "energy_mwh", "sense": "<=", "power_zone": zone, "hours": str(hour)}
    for mw, usd in zip(curve.table["mw"][::3], curve.table["usd"][::3], strict=True):
        held = placer.solve(instance.replace(limits=[limit | {"amount": max(drawn - mw, 0.0)}]), tie_break=None)
        more = held.cost_and_penalty_usd - placement.cost_and_penalty_usd
        assert usd == pytest.approx(more, abs=1e-7 * placement.cost_and_penalty_usd)
    mtok = curve.responses.groupby(["mw", "workload"])["mtok"].sum()
    assert (mtok > -1e-6).all()
