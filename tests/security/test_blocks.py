"""Secure years: each block as if it stood alone, against the program of each block written anew, and by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import placer
from placer.security import secure, solving
from placer.security.program import UNSERVED_ROW
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.pools_at_random import with_random_pools

KINDS = ("data_centres", "power_zones", "links")
#: How each day's demand compares to the first, and how many days it stands for.
SCALES, WEIGHTS = (1.0, 1.7, 0.6), (2.0, 3.0, 1.0)


def year_of(instance, scales=SCALES, weights=WEIGHTS, **tables):
    """Return days of one hour as blocks of one instance."""
    rows = [instance.demand.assign(hour=day, mtok=instance.demand["mtok"] * scale) for day, scale in enumerate(scales)]
    days = range(len(scales))
    periods = pd.DataFrame({"hour": days, "weight": weights, "block": [f"day {day}" for day in days]})
    return instance.replace(demand=pd.concat(rows, ignore_index=True), periods=periods, **tables)


def _holds_together(placement):
    """Check what holds in every secure placement: the two proofs, the settlement, rents, prices and accounts."""
    whole, payments = placement.formulation.structure, placement.settlement["payments"]
    assert placement.certificate.proven
    assert placement.bound_usd == pytest.approx(placement.certificate.objective, rel=1e-9)
    joined = placement.secure.bound(whole, placement.answer.prices)
    assert joined == pytest.approx(placement.bound_usd, rel=1e-9)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6 * payments)
    rents = placement.security_rents["rent_usd"].sum()
    assert rents == pytest.approx(placement.settlement["security_rent"], rel=1e-5, abs=1e-5)
    prices = placement.prices.drop(columns="latency_rent_usd_per_mtok")
    parts = prices.filter(like="_usd_per_mtok").fillna(0.0).sum(axis=1)
    np.testing.assert_allclose(parts, placement.prices["usd_per_mtok"], rtol=1e-6, atol=1e-6)
    stability = placer.accounts(placement).stability
    assert stability.rounding_usd == pytest.approx(0.0, abs=1e-5 * payments)


@pytest.mark.slow
@pytest.mark.parametrize("large_from", [solving.LARGE_FROM, 0], ids=["explicit", "cuts"])
@pytest.mark.parametrize("change", [lambda instance, _: instance, with_random_modes, with_random_pools])
@pytest.mark.parametrize("seed", range(tries(3, 60)))
def test_against_an_implementation_of_its_own(
    monkeypatch, make_small, contingencies_of_small, least_secure_cost, large_from, change, seed
):
    """Tests cost and stranded work of weighted days by the program of each, with modes and pools too."""
    monkeypatch.setattr(solving, "LARGE_FROM", large_from)
    plain, kind = make_small(seed), KINDS[seed % 3]
    day = change(plain.replace(workloads=plain.workloads.assign(latency_slo_ms=19.0)), seed)
    share = np.random.default_rng(seed).choice([1.0, 1.0, 0.5, 0.0], len(day.workloads))
    protected = dict(zip(day.workloads["workload"], share.tolist(), strict=True))
    placement = placer.solve(year_of(day), security=placer.Security(kind, protected=protected))
    lost, penalty = contingencies_of_small(day, kind), placement.secure.penalty
    alone = [least_secure_cost(day.scaled_demand(scale), lost, share, penalty) for scale in SCALES]
    usd, stranded, least, without = np.array(WEIGHTS) @ np.array(alone)
    assert placement.cost_and_penalty_usd == pytest.approx(usd, rel=1e-7)
    assert sum(placement.stranded_mtok.values()) == pytest.approx(stranded, abs=1e-6)
    assert stranded == pytest.approx(least, abs=1e-6)
    assert placement.without.cost_and_penalty_usd == pytest.approx(without, rel=1e-7)
    found = placer.audit(placement, placer.Security(kind, protected=protected))
    assert found.contingencies["stranded_mtok"].sum() == pytest.approx(stranded, abs=1e-5)
    _holds_together(placement)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(tries(2, 12)))
def test_as_one_program(make_random_instance, monkeypatch, kind, seed):
    """Tests blocks of several hours, with zones and links that are short, against all blocks as one program."""
    instance = _blocks(make_random_instance(seed))
    short = instance.power_zones.assign(limit_mw=[9.0, 7.0])
    for year in (instance, instance.replace(power_zones=short)):
        apart = placer.solve(year, security=kind)
        assert apart.termination.detail == "2 blocks, each secured apart"
        with monkeypatch.context() as patch:
            patch.setattr(secure, "is_apart", lambda _: False)
            whole = placer.solve(year, security=kind)
        assert apart.cost_and_penalty_usd == pytest.approx(whole.cost_and_penalty_usd, rel=1e-6)
        stranded = sum(whole.stranded_mtok.values())
        assert sum(apart.stranded_mtok.values()) == pytest.approx(stranded, abs=1e-5)
        _holds_together(apart)
        _holds_together(whole)


def _blocks(instance, weights=(3.0, 2.0)):
    """Return an instance without caps with its hours in two blocks, the second of them longer if they are odd."""
    hours = len(instance.hours)
    number = (np.arange(hours) >= hours // 2).astype(int)
    periods = {"hour": instance.hours, "weight": np.array(weights)[number], "block": np.array(["a", "b"])[number]}
    return instance.replace(periods=pd.DataFrame(periods), carbon_limit_kg=np.inf, water_limit_litres=np.inf)


def test_a1_on_two_days_by_hand(a1):
    """Tests A1 on two days and a day of half its demand on three: 2 x 555 + 3 x 260, and headroom on the first only.

    Half of the demand, 20 of voice and 40 of chat, fits at B if W is lost, and costs what it costs without security.
    """
    placement = placer.solve(year_of(a1, (1.0, 0.5), (2.0, 3.0)), security="data_centres")
    assert placement.cost_usd == pytest.approx(2 * 555.0 + 3 * 260.0)
    assert placement.security_usd == pytest.approx(2 * 35.0)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([6.0, 5.0, 5.0, 4.0])
    assert placement.prices["security_usd_per_mtok"].tolist() == pytest.approx([5 / 40, 1.0, 0.0, 0.0])
    rents = placement.security_rents["rent_usd"].to_dict()
    assert rents == pytest.approx({("W", "accelerators", "B", 0): 2 * 85.0})
    assert placement.own_rows.index[0].startswith("block 0: ")
    assert placer.audit(placement, "data_centres").passed
    assert placement.summary()["security_usd"] == pytest.approx(70.0)


def test_stranded_work_counts_times_the_weight(short_of_room):
    """Tests 10 of which 6 strand without A, on 5 days and, at twice the demand, 16 on another one."""
    placement = placer.solve(year_of(short_of_room(1.0, 0.1), (1.0, 2.0), (5.0, 1.0)), security="data_centres")
    assert placement.stranded_mtok == pytest.approx({"A": 5 * 6.0 + 16.0, "B": 0.0})


def test_a_day_does_not_pay_for_another(make_a1):
    """Tests that each day has its own row of unserved demand, at its own rent: 6 strand, and nothing is unserved."""
    sites = [{"data_centre": name, "accelerators": 10.0} for name in "XY"]
    instance = make_a1(
        data_centres=sites,
        links=[{"from": "H", "to": site["data_centre"], "rtt_ms": 1.0} for site in sites],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        demand=[{"workload": "w", "hub": "H", "mtok": 16.0}],
    )
    placement = placer.solve(year_of(instance, (1.0, 0.5), (1.0, 1.0)), security="data_centres")
    held = [name for name in placement.own_rows.index if name.endswith(UNSERVED_ROW)]
    assert held == [f"block 0: {UNSERVED_ROW}"]
    assert placement.secure.unserved_rent[0] > 0 == placement.secure.unserved_rent[1]
    assert placement.stranded_mtok == pytest.approx({"X": 6.0, "Y": 6.0})
    assert placement.unserved_mtok == pytest.approx(0.0)
    _holds_together(placement)


def test_one_penalty_for_all_days(a1, monkeypatch):
    """Tests that a day which needs no higher penalty of stranded work is solved again at that of the day that does."""
    monkeypatch.setattr(solving, "penalty_usd", lambda _: 0.5)
    placement = placer.solve(year_of(a1, (1.0, 0.5), (1.0, 1.0)), security="data_centres")
    assert (placement.secure.penalty, placement.cost_usd) == pytest.approx((15.0, 555.0 + 260.0))
    _holds_together(placement)


@pytest.mark.slow
def test_a_shared_limit_makes_one_program(a1):
    """Tests a limit of 60 at A over two days of A1, where 70 would strand nothing: 10 strand without W.

    60 of voice at 6, 20 at 5, and 160 of chat at 4 cost 1,100.
    """
    row = {"limit": "A", "kind": "tokens", "sense": "<=", "amount": 60.0, "data_centre": "A"}
    year = year_of(a1, (1.0, 1.0), (1.0, 1.0))
    placement = placer.solve(year.replace(limits=[row]), security="data_centres")
    assert placement.cost_usd == pytest.approx(1_100.0)
    assert placement.stranded_mtok == pytest.approx({"A": 0.0, "B": 0.0, "W": 10.0})
    _holds_together(placement)
    loose = placer.solve(year.replace(limits=[row | {"amount": 70.0}]), security="data_centres")
    assert loose.cost_usd == pytest.approx(placer.solve(year, security="data_centres").cost_usd)


def test_a_limit_of_one_day_keeps_days_apart(a1):
    """Tests a limit of 30 at A on the second day alone, where 35 would strand nothing: 5 strand without W, twice."""
    row = {"limit": "A", "kind": "tokens", "sense": "<=", "amount": 60.0, "data_centre": "A", "hours": "1"}
    placement = placer.solve(year_of(a1, (1.0, 1.0), (1.0, 2.0), limits=[row]), security="data_centres")
    assert placement.termination.detail == "2 blocks, each secured apart"
    assert placement.stranded_mtok == pytest.approx({"A": 0.0, "B": 0.0, "W": 10.0})
    assert placement.cost_usd == pytest.approx(555.0 + 2 * 550.0)
    _holds_together(placement)


@pytest.mark.slow
def test_any_executor_gives_the_same(a1):
    """Tests that threads secure days side by side to the same answer."""
    year = year_of(a1)
    with ThreadPoolExecutor(2) as executor:
        found = placer.solve(year, security="data_centres", workers=2, executor=executor)
    here = placer.solve(year, security="data_centres", workers=1)
    assert found.certificate == here.certificate
    pd.testing.assert_frame_equal(found.flows, here.flows)


@pytest.mark.slow
def test_steps_of_demand_buy_what_they_buy_without_security(a1):
    """Tests a step of 40 of chat worth 4.5, of which A1 buys the 10 that fit at W for 4: 5 of 90 strand without W.

    Voice is at A, and a day costs 40 * 6 + 90 * 4. Of half the demand all is bought: 20 * 5 + 60 * 4, and none strands.
    """
    more = {"workload": "chat", "hub": "H", "mtok": 40.0}
    values = [(row, 50.0) for row in a1.demand.to_dict("records")] + [(more, 4.5)]
    rows = [
        {**row, "hour": day, "mtok": row["mtok"] * scale, "value_usd_per_mtok": usd}
        for day, scale in enumerate((1.0, 0.5))
        for row, usd in values
    ]
    periods = pd.DataFrame({"hour": [0, 1], "weight": [2.0, 3.0], "block": ["busy", "quiet"]})
    placement = placer.solve(a1.replace(demand=rows, periods=periods), security="data_centres")
    assert placement.termination.detail == "2 blocks, each secured apart"
    assert placement.cost_usd == pytest.approx(2 * 600.0 + 3 * 340.0)
    assert placement.stranded_mtok == pytest.approx({"A": 0.0, "B": 0.0, "W": 2 * 5.0})
    assert placement.bought_demand is not None
    _holds_together(placement)


def _policy(kind, amount):
    return {"policy": kind, "kind": kind, "amount": amount, "from_region": "west", "to_region": "north"}


def test_charges_count_on_every_day(a1):
    """Tests half a USD on each of 80 Mtok of chat from W, twice, and on half of them, thrice: 80 + 60 USD are paid."""
    duty = _policy("tariff_usd_per_mtok", 0.5) | {"paid_to": "importer"}
    year = year_of(a1, (1.0, 0.5), (2.0, 3.0))
    placement = placer.solve(year.replace(policies=[duty]), security="data_centres")
    assert placement.termination.detail == "2 blocks, each secured apart"
    assert placement.cost_usd == pytest.approx(2 * 555.0 + 3 * 260.0)
    assert placement.transfers_usd == pytest.approx(80.0 + 60.0)
    assert placement.security_usd == pytest.approx(2 * 35.0)
    _holds_together(placement)


@pytest.mark.parametrize(("mtok", "usd", "stranded"), [(70.0, 1_200.0, 0.0), (60.0, 1_210.0, 10.0)])
def test_a_quota_makes_one_program(a1, mtok, usd, stranded):
    """Tests a quota from W over two days: 35 a day leave B room for voice without A, and each Mtok less strands one.

    With 70 of chat at W for 4 and 90 at B for 5, voice has 70 at A for 6 and 10 at B, since chat needs B without W.
    """
    year = year_of(a1, (1.0, 1.0), (1.0, 1.0), policies=[_policy("quota_mtok", mtok)])
    placement = placer.solve(year, security="data_centres")
    assert placement.termination.detail != "2 blocks, each secured apart"
    assert placement.cost_usd == pytest.approx(usd)
    assert sum(placement.stranded_mtok.values()) == pytest.approx(stranded)
    _holds_together(placement)


def test_one_program_that_does_not_fit(a1, monkeypatch):
    """Tests that blocks which share a limit and need more memory than there is are an error that says what to do."""
    row = {"limit": "A", "kind": "tokens", "sense": "<=", "amount": 60.0, "data_centre": "A"}
    year = year_of(a1, (1.0, 1.0), (1.0, 1.0), limits=[row])
    placement = placer.solve(year)
    monkeypatch.setattr("placer.solvers.memory.free_bytes", lambda: 9_000.0)
    with pytest.raises(placer.NoSolutionError, match=r"share a limit \(secure fewer days, or limit each day"):
        secure.secured(placement, placer.Security(recourse="displaced"))
