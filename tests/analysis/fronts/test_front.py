"""Tests fronts by hand, their properties, and their points against explicit programs."""

from itertools import pairwise

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError
from placer.utils.records import records_of
from tests.analysis.fronts.conftest import powered
from tests.analysis.fronts.oracle import instance_of, least_cost, random_case
from tests.batteries_at_random import explicit
from tests.effort import tries
from tests.green_batteries import add_green, random_green, wind_by_day


def curved(share):
    """Return the cost of ``bent`` beyond its 10 USD: concave up to a third, and from there on."""
    return 20 * share / (1 + share) if share <= 1 / 3 else 20 - 5 / share


@pytest.mark.slow
def test_the_ladder_by_hand(ladder):
    """Tests 10 USD more a MWh of wind, 50 of sun."""
    front = placer.green_front(ladder, points=20)
    assert front.table["green_share"].tolist() == pytest.approx([0, 0.4, 0.8])
    assert front.table["usd_per_mwh"].tolist()[:2] == pytest.approx([10, 50])
    assert front.table["rent_usd_per_mwh"].tolist()[-1] == pytest.approx(50)
    assert (
        repr(front) == "Front of cost against green share: 500.00 USD at 0.00%, 740.00 USD at 80.00%; 3 points, exact"
    )
    assert front.cost_between(0.6) == pytest.approx((640, 640), abs=1e-4)
    assert front.placement(1).limits["use"].tolist() == pytest.approx([0.4])
    with pytest.raises(ArgumentError, match=r"amount 0.9 is not between 0 and 0.8"):
        front.cost_between(0.9)
    with pytest.raises(ArgumentError, match="points 1 is not a whole number of at least 2"):
        placer.green_front(ladder, points=1)


@pytest.mark.slow
def test_a_share_need_not_have_a_convex_front(bent):
    """Tests the counterexample: cost lies above its chords, and every mix and bound holds it between them."""
    front = placer.green_front(bent, points=12)
    assert [point.cost - 10 for point in front.points] == pytest.approx([curved(each.at) for each in front.points])
    assert curved(1 / 6) > (curved(0.0) + curved(1 / 3)) / 2
    for low, high in pairwise(front.points):
        for part in (0.2, 0.5, 0.8):
            share = low.at + part * (high.at - low.at)
            least, most = front.cost_between(share)
            assert least - 1e-6 <= 10 + curved(share) <= most + 1e-6
            assert most - 10 - curved(share) <= front.errors_usd[front.points.index(low)] + 1e-6
    assert front.error_usd < 0.2


@pytest.mark.slow
def test_the_day_of_the_farm_by_hand(windy):
    """Tests 800 USD with time alone; all matched, 16 MWh of imports cost 30 more; hour by hour the way is longer."""
    front, hourly = placer.green_front(windy), placer.green_front(windy, "hour", points=4)
    assert front.table["green_share"].tolist() == pytest.approx([5 / 9, 1.0])
    for each in (front, hourly):
        assert each.objective_usd.tolist()[::3][0] == pytest.approx(800)
        assert each.points[-1].cost == pytest.approx(1280)
    assert [point.cost for point in hourly.points] == pytest.approx([800 + 480 * each.at for each in hourly.points])


@pytest.mark.slow
def test_an_hour_without_green_power_ends_the_front_at_once(dark):
    """Tests a reach of 0; beyond it hour 0 has no power: 40,000 USD of penalty, 200 of hour 1, and 40 for all wind."""
    front = placer.green_front(dark, "hour")
    assert (front.reach, front.objective_usd.tolist()) == (0.0, pytest.approx([400]))
    assert repr(front) == (
        "Front of cost against green share of every hour: 400.00 USD at 0.00%; no larger share serves as much demand"
    )
    beyond = placer.green_front(dark, "hour", until=1, points=6)
    shares = beyond.table["green_share"]
    assert [shares.iloc[0], beyond.reach] == [0, 1]
    assert beyond.objective_usd.tolist() == pytest.approx([400, *(40_200 + 40 * shares[1:])])
    assert beyond.table["unserved_mtok"].tolist() == pytest.approx([0, *[4] * (len(shares) - 1)])
    least, most = beyond.cost_between(0.7)
    assert least - 1e-3 <= 40_228 <= most + 1e-3


@pytest.mark.slow
def test_a_front_ends_where_it_is_asked_to(ladder):
    """Tests 2 MWh of wind at 10 USD more; at 100 % 2 of 10 MWh give way; amounts that are no end."""
    assert placer.green_front(ladder, until=0.2, points=20).objective_usd.tolist() == pytest.approx([500, 520])
    assert placer.green_front(ladder, until=1, points=20).table["unserved_mtok"].iloc[-1] == pytest.approx(2)
    zones = ladder.power_zones.assign(carbon_kg_per_mwh=[500.0, 0.0, 0.0])
    carbon = placer.abatement_front(ladder.replace(power_zones=zones), "carbon_kg", until=4000, points=20)
    assert carbon.objective_usd.tolist() == pytest.approx([500, 520])
    with pytest.raises(ArgumentError, match=r"until 0 is no tighter than 0, which costs nothing"):
        placer.green_front(ladder, until=0)
    with pytest.raises(ArgumentError, match=r"until 1.2 is not a share from 0 to 1"):
        placer.green_front(ladder, until=1.2)


@pytest.mark.slow
def test_carbon_and_water_are_convex(ladder):
    """Tests 5,000 kg of the grid down to 1,000: wind abates 2,000 kg at 40 USD, sun as much at 200."""
    zones = ladder.power_zones.assign(carbon_kg_per_mwh=[500.0, 0.0, 0.0])
    front = placer.abatement_front(ladder.replace(power_zones=zones), "carbon_kg", points=20)
    assert front.table["carbon_limit_kg"].tolist() == pytest.approx([5000, 3000, 1000], rel=1e-6)
    assert front.table["usd_per_kg"].tolist()[:2] == pytest.approx([0.02, 0.1])
    assert front.exact
    water = placer.abatement_front(placer.load("tiny"), "water_litres", points=30)
    slopes = water.table["usd_per_litre"].dropna().tolist()
    assert slopes == sorted(slopes)


@pytest.mark.slow
def test_scopes_are_those_of_limits(bent):
    """Tests a share of one site alone: nothing else counts."""
    front = placer.green_front(bent.scaled("demand.mtok", 0.5).replace(limits=[]), data_centre="new|old", points=3)
    assert front.reach == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 40)))
def test_random_fronts_against_explicit_programs(seed):
    """Tests ends, points, shares between them, monotone costs, and that a finer matching never costs less."""
    case = random_case(seed)
    instance = instance_of(case, powered)
    fronts = {matching: placer.green_front(instance, matching, points=6) for matching in ("horizon", "day", "hour")}
    for matching, front in fronts.items():
        costs = [point.cost for point in front.points]
        assert costs == pytest.approx(sorted(costs))
        assert costs[0] == pytest.approx(placer.solve(instance).certificate.objective)
        shares = [each.at for each in front.points]
        between = [(low + high) / 2 for low, high in pairwise(shares)]
        for share in (*shares, *between):
            exact = least_cost(case, share, by_hour=matching == "hour")
            least, most = front.cost_between(share)
            assert least <= exact * (1 + 1e-6) + 1e-6
            assert most >= exact * (1 - 1e-6) - 1e-6
            assert most - least <= front.error_usd + 1e-4
    share = fronts["hour"].points[-1].at
    shares = [each for each in (share / 2, share) if all(each >= front.points[0].at for front in fronts.values())]
    for each in shares:
        assert fronts["hour"].cost_between(each)[1] >= fronts["day"].cost_between(each)[0] - 1e-6
        assert fronts["day"].cost_between(each)[1] >= fronts["horizon"].cost_between(each)[0] - 1e-6


@pytest.mark.slow
def test_large_instances_take_column_generation():
    """Tests a front of china: each point is a proven placement, and the share is kept in every hour."""
    china = placer.load("china", ["own_limits"]).replace(limits=[])
    front = placer.green_front(china, "hour", points=3)
    assert all(point.placement.certificate.proven for point in front.points)
    assert front.placement(1).limits["use"].min() >= front.points[1].at - 1e-6


@pytest.mark.slow
def test_carbon_with_a_battery_is_that_of_single_solves():
    """Tests that fronts carry batteries where their limits count them: costs between ends are those of solves."""
    zones = [("coal", 20, 0, None, "site"), ("gas", 40, 0, None, "site")]
    instance = powered(zones, {"chat": [10.0, 10.0]})
    zones = instance.power_zones.assign(usd_per_mwh=[(20.0, 100.0), (40.0, 110.0)], carbon_kg_per_mwh=[500.0, 100.0])
    battery = {"battery": "B", "data_centre": "site", "power_mw": 4.0, "energy_mwh": 4.0}
    stored = instance.replace(power_zones=zones, batteries=[battery])
    front = placer.abatement_front(stored, "carbon_kg", points=20)
    assert front.exact
    assert front.points[0].cost == pytest.approx(880)
    for part in (0.3, 0.8):
        amount = front.points[0].at + part * (front.reach - front.points[0].at)
        limit = {"limit": "cap", "kind": "carbon_kg", "sense": "<=", "amount": amount}
        alone = placer.solve(stored.replace(limits=[limit])).certificate.objective
        assert front.cost_between(amount) == pytest.approx((alone, alone), rel=1e-6)


@pytest.mark.slow
def test_green_power_with_a_battery_at_a_zone_is_that_of_single_solves():
    """Tests that what a zone of wind stores counts as green."""
    zones = [("wind", 60, 1, None, "site"), ("coal", 50, 0, None, "site")]
    instance = powered(zones, {"chat": [10.0, 10.0]})
    usd = instance.power_zones.assign(usd_per_mwh=[(60.0, 300.0), (50.0, 50.0)])
    battery = {"battery": "B", "power_zone": "wind", "power_mw": 20.0, "energy_mwh": 20.0, "efficiency": 0.8}
    stored = instance.replace(power_zones=usd, batteries=[battery])
    front = placer.green_front(stored, "hour", points=20)
    for share in (0.4, 0.9):
        limit = {"limit": "share", "kind": "green_share", "sense": ">=", "amount": share, "hours": "each"}
        alone = placer.solve(stored.replace(limits=[limit])).cost_usd
        assert alone == pytest.approx(10 * (50 + 10 * share) + 10 * (50 + 43.75 * share))
        assert front.cost_between(share) == pytest.approx((alone, alone), rel=1e-6)


@pytest.mark.slow
def test_wind_by_day_lights_the_night_at_every_share():
    """Tests 10 USD more for a MWh by day, 93.75 - 50 at night: both hour by hour, the day first over the horizon."""
    instance = wind_by_day(limits=[])
    hourly, whole = placer.green_front(instance, "hour", points=6), placer.green_front(instance, points=6)
    assert hourly.exact
    assert whole.exact
    assert hourly.objective_usd.tolist() == pytest.approx([1000, 1537.5])
    assert hourly.table["usd_per_mwh"].iloc[0] == pytest.approx((10 + 43.75) / 2)
    assert whole.table["green_share"].tolist() == pytest.approx([0, 0.5, 1])
    assert whole.table["usd_per_mwh"].tolist()[:2] == pytest.approx([10, 43.75])


@pytest.mark.slow
def test_a_small_battery_ends_the_front():
    """Tests a battery of 10 MWh, of which 8 are left at night: 0.8 of its 10 MWh."""
    front = placer.green_front(wind_by_day(battery={"energy_mwh": 10.0}, limits=[]), "hour", points=2)
    assert front.reach == pytest.approx(0.8)
    assert front.points[-1].cost == pytest.approx(1000 + 0.8 * (100 + 437.5))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(3, 60)))
def test_random_fronts_beside_batteries_against_explicit_programs(seed):
    """Tests ends, and shares between, of one front beside random batteries and other green shares."""
    instance = random_green(np.random.default_rng(seed))
    matching = "hour" if seed % 2 else "horizon"
    front = placer.green_front(instance, matching, points=3)
    ends = [each.at for each in front.points]
    for share in (*ends, *((low + high) / 2 for low, high in pairwise(ends))):
        row = {"limit": "front", "kind": "green_share", "sense": ">=", "amount": share}
        limits = [*records_of(instance.limits), row | ({"hours": "each"} if matching == "hour" else {})]
        exact = explicit(instance.replace(limits=limits), add_green).fun
        least, most = front.cost_between(share)
        assert least <= exact + 1e-6 * abs(exact)
        assert most >= exact - 1e-6 * abs(exact)
