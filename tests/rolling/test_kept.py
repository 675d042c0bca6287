"""Tests of what steps keep, and of what they leave of totals over the horizon."""

from __future__ import annotations

import pytest

from placer.errors import NoSolutionError
from placer.rolling.horizon import roll
from placer.rolling.kept import Totals
from placer.solve import solve
from tests.home_and_abroad import home_and_abroad


@pytest.mark.slow
def test_caps_are_kept_over_all_steps(dear_first):
    """Tests by hand that 12 of 20 Mtok can be served under a cap of 12 MWh, step by step too."""
    zones = dear_first.power_zones.assign(carbon_kg_per_mwh=1.0)
    capped = dear_first.replace(power_zones=zones, carbon_limit_kg=12.0)
    rolled = roll(capped, hours=2, look_ahead=1)
    assert rolled.served_mtok <= 12 + 1e-6
    assert rolled.served_mtok + rolled.unserved_mtok == pytest.approx(20)
    assert rolled.cost_and_penalty_usd >= solve(capped).cost_and_penalty_usd * (1 - 1e-6)


def test_what_is_too_small_to_hand_on_is_an_error(dear_first):
    """Tests that 5e-10 of 1e-8 Mtok, which wait for lack of room in the cheap hour, are not lost."""
    demand = dear_first.demand.assign(mtok=[1e-8, 0.0, 0.0, 0.0])
    zones = dear_first.power_zones.assign(usd_per_mwh=[(10.0, 20.0, 20.0, 20.0)])
    centres = dear_first.data_centres.assign(accelerators=0.95e-8)
    small = dear_first.replace(demand=demand, power_zones=zones, data_centres=centres)
    assert solve(small).unserved_mtok == 0.0
    with pytest.raises(NoSolutionError, match=r"5\.0e-10 Mtok wait: less than 1e-09, .* scale up demand"):
        roll(small, hours=1, look_ahead=3)
    dark = dear_first.replace(power_zones=zones.assign(carbon_kg_per_mwh=1.0), carbon_limit_kg=3e-9)
    with pytest.raises(NoSolutionError, match=r"7\.5e-10 of carbon_limit_kg is left: less than 1e-09"):
        roll(dark, hours=1, look_ahead=0)


@pytest.mark.slow
def test_a_quota_is_shared_out_over_the_hours_that_are_left():
    """Tests a quota of 12 Mtok over 4 hours: 3 in the first of 10 Mtok, 1 where 1 is asked for, then 4 and 4."""
    quota = {"policy": "q", "kind": "quota_mtok", "amount": 12.0, "from_region": "abroad"}
    demand = [{"hour": hour, "mtok": mtok} for hour, mtok in enumerate([10.0, 1.0, 10.0, 10.0])]
    instance = home_and_abroad(demand, workload={"unserved_usd_per_mtok": 6}, policies=[quota], cyclic=False)
    rolled = roll(instance, hours=1, look_ahead=0)
    imports = [3, 1, 4, 4]
    costs = [1.5 * sent + 3 * (row["mtok"] - sent) for row, sent in zip(demand, imports, strict=True)]
    assert rolled.steps["cost_usd"].tolist() == pytest.approx(costs)
    totals = Totals.of(instance)
    assert totals.quotas == {"q": 12.0}
    assert totals.less(rolled.placements[0], 1).quotas == pytest.approx({"q": 9.0})


@pytest.mark.slow
def test_transfers_are_those_of_the_kept_hours():
    """Tests a tariff of 1 on 10 Mtok an hour, of which each step keeps one hour and sees two."""
    tariff = {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 1.0, "to_region": "home", "paid_to": "importer"}
    demand = [{"hour": hour, "mtok": 10.0} for hour in range(3)]
    instance = home_and_abroad(demand, workload={"unserved_usd_per_mtok": 6}, policies=[tariff], cyclic=False)
    rolled = roll(instance, hours=1, look_ahead=1)
    assert rolled.steps["transfers_usd"].tolist() == pytest.approx([10, 10, 10])
    assert rolled.steps["cost_usd"].tolist() == pytest.approx([15, 15, 15])
