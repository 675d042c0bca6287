"""Security of placements with batteries: by hand, and at random beside explicit programs of all contingencies."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import placer
from placer.security.rents import security_rents
from tests.batteries_at_random import explicit_rows, random_instance
from tests.batteries_by_hand import powered
from tests.effort import tries
from tests.green_batteries import add_green, random_green, wind_by_day


class Of(str):
    """The name of a contingency, last in the names of its columns."""

    __slots__ = ()


#: A site without power in hour 1, with a battery of 4 MWh, beside one that has power in both hours.
TWO = {
    "data_centres": [{"data_centre": name} for name in "DE"],
    "links": [{"from": "H", "to": name, "rtt_ms": 1} for name in "DE"],
    "supplies": [
        {"power_zone": "Z", "data_centre": "D"},
        {"power_zone": "Z", "data_centre": "E", "limit_mw": [20.0, 0.0]},
    ],
}


def two(at="data_centre", place="E"):
    """Return that instance, with the battery elsewhere if told."""
    instance = powered(**TWO)
    return instance.replace(batteries=[{"battery": "B", at: place, "power_mw": 4.0, "energy_mwh": 4.0}])


@pytest.mark.slow
def test_a_battery_serves_the_hour_without_supply():
    """Tests that the loss of D strands 6 of 10 Mtok of hour 1: the battery of E holds 4 MWh."""
    placement = placer.solve(two(), security="data_centres")
    assert placement.stranded_mtok == pytest.approx({"D": 6.0, "E": 0.0})
    rents = placement.security_rents
    assert set(rents.index.droplevel("hour")) == {("D", "battery energy", "B")}
    settlement = placement.settlement
    assert rents["rent_usd"].sum() == pytest.approx(settlement["security_rent"])
    assert settlement["difference"] == pytest.approx(0.0, abs=1e-6)
    assert placement.bound_usd == pytest.approx(placement.certificate.objective)


def _without_power_in_hour_1(limit_mw):
    """Return those sites, each with a zone of its own; that of E has the battery, and no power in hour 1."""
    zones = [
        {"power_zone": "Y", "usd_per_mwh": 20.0},
        {"power_zone": "Z", "usd_per_mwh": 20.0, "limit_mw": [20.0, 0.0]},
    ]
    supplies = [{"power_zone": "Y", "data_centre": "D"}, {"power_zone": "Z", "data_centre": "E", "limit_mw": limit_mw}]
    return two("power_zone", "Z").replace(power_zones=zones, supplies=supplies)


def test_a_zone_without_power_leaves_its_supply_without_a_rent():
    """Tests that 4 MWh of the battery find room in the supply, and that no power has no rent."""
    placement = placer.solve(_without_power_in_hour_1(20.0), security="data_centres")
    rents = placement.security_rents
    assert placement.stranded_mtok == pytest.approx({"D": 6.0, "E": 0.0})
    assert set(rents.index.droplevel("hour")) == {("D", "battery energy", "B")}
    assert rents["rent_usd"].sum() == pytest.approx(placement.settlement["security_rent"])


def test_rents_of_a_zone_without_power_are_net_of_the_price_of_its_batteries():
    """Tests that only the difference of the two counts for a supply of 3 MW, which the battery fills."""
    placement = placer.solve(_without_power_in_hour_1([20.0, 3.0]), security="data_centres")
    rents = placement.security_rents
    assert rents.index.to_list() == [("D", "supply", "Z - E", 1)]
    contingents = []
    for each in placement.secure.contingents:
        duals, (zone,) = each.duals, np.flatnonzero(each.structure.cap_limit == 0)
        cap, source = duals.cap.copy(), duals.source.copy()
        cap[zone] += 5.0
        source[:, 1] += 5.0
        contingents.append(replace(each, duals=replace(duals, cap=cap, source=source)))
    pd.testing.assert_frame_equal(security_rents(placement.instance, placement.formulation, contingents), rents)


def test_a_battery_is_lost_with_its_data_centre():
    """Tests an audit of work at E, whose loss costs the 320 USD that the battery saves, and strands nothing."""
    placement = placer.solve(two())
    found = placer.audit(placement, "data_centres").contingencies
    assert placement.cost_usd == pytest.approx(880)
    assert found.loc["E", "stranded_mtok"] == pytest.approx(0.0)
    assert found.loc["E", "extra_usd"] == pytest.approx(320.0)


@pytest.mark.parametrize("recourse", ["displaced", "all"])
def test_a_battery_at_a_zone_lives_on(recourse):
    """Tests that the battery of the zone gives nothing to E, whose supply has a limit of 0 in hour 1."""
    placement = placer.solve(two("power_zone", "Z"))
    found = placer.audit(placement, placer.Security("data_centres", recourse=recourse)).contingencies
    assert found["stranded_mtok"].to_dict() == pytest.approx({"D": 10.0, "E": 0.0})


def left(instance, lost_sites, lost_supplies):
    """Return the columns and rows of all work in a contingency: no supply or battery of what is lost, no work there."""
    supplies = instance.supplies
    supplies = supplies.assign(limit_mw=supplies["limit_mw"].where(~lost_supplies, 0.0))
    dark = set(supplies["power_zone"][lost_supplies]) - set(supplies["power_zone"][~lost_supplies])
    batteries = instance.batteries
    gone = batteries["data_centre"].isin(lost_sites) | batteries["power_zone"].isin(dark)
    rows = explicit_rows(instance.replace(supplies=supplies, batteries=batteries[~gone]))
    for name, place in rows.place.items():
        if name[0] == "x" and name[2] in lost_sites:
            rows.upper[place] = 0.0
    return rows


def secured(instance, kind, share, penalty, most_unserved_usd, more=lambda *_: None):
    """Return the cost and the stranded work of the explicit program of a placement and all its contingencies.

    ``more`` adds columns and rows of other features to those of the placement.
    """
    whole = explicit_rows(instance)
    more(whole, instance)
    whole.below.append(([(name, 400.0) for name in whole.place if name[0] == "u"], most_unserved_usd))
    sites, supplies = list(instance.data_centres["data_centre"]), instance.supplies
    zones = list(dict.fromkeys(supplies["power_zone"]))
    for element in sites if kind == "data_centres" else zones:
        lost_supplies = (supplies["power_zone"] == element).to_numpy()
        lost_sites = {element} if kind == "data_centres" else set()
        hit = lost_sites | set(supplies["data_centre"][lost_supplies])
        _add_contingency(whole, instance, element, left(instance, lost_sites, lost_supplies), hit, share, penalty)
    found = whole.solved()
    values = dict(zip(whole.place, found.x.tolist(), strict=True))
    return found.fun, sum(value for name, value in values.items() if name[0] == "u" and isinstance(name[-1], Of))


def _add_contingency(whole, instance, element, rows, hit, share, penalty):
    """Add columns and rows of a contingency: displaced work is its demand, work that stays waits for service too."""
    for name, place in rows.place.items():
        whole.column(*name, Of(element), cost=penalty if name[0] == "u" else 0.0, upper=rows.upper[place])
    own = [[((*name, Of(element)), value) for name, value in terms] for terms, _ in rows.equal]
    sides = [side for _, side in rows.equal]
    demand, sites, hours = instance.demand, list(instance.data_centres["data_centre"]), list(instance.hours)
    for row in demand.itertuples():
        part, sides[row.Index] = share[row.workload], 0.0
        for site in sites:
            base = ("x", row.Index, site)
            if site in hit:
                own[row.Index].append((base, -part))
            else:
                place = (list(instance.workloads["workload"]).index(row.workload) * len(sites)) + sites.index(site)
                own[len(demand) + place * len(hours) + hours.index(row.hour)].append((base, part))
    whole.equal += list(zip(own, sides, strict=True))
    whole.below += [([((*name, Of(element)), value) for name, value in terms], side) for terms, side in rows.below]


def assert_as_explicit(seed, made=random_instance, more=lambda *_: None):
    """Assert that cost, stranded work, bound, settlement and audit are those of the explicit program."""
    rng = np.random.default_rng(seed)
    instance, kind = made(rng, 4), ("data_centres", "power_zones")[seed % 2]
    share = {"chat": float(rng.choice([1.0, 0.5])), "batch": float(rng.choice([0.0, 1.0]))}
    security = placer.Security(kind, protected=share)
    placement = placer.solve(instance, security=security)
    without = placement.without
    penalty, most = placement.secure.penalty, without.penalty_usd
    usd, stranded = secured(instance, kind, share, penalty, most + 1e-6, more)
    size = max(1.0, abs(usd))
    assert placement.certificate.objective == pytest.approx(usd, abs=1e-6 * size)
    assert sum(placement.stranded_mtok.values()) == pytest.approx(stranded, abs=1e-5)
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-6 * placement.settlement["payments"])
    rents = placement.security_rents["rent_usd"].sum()
    assert rents == pytest.approx(placement.settlement["security_rent"], abs=1e-6 * size)
    found = placer.audit(placement, security).contingencies
    assert found["proven"].all()
    assert found["stranded_mtok"].sum() == pytest.approx(stranded, abs=1e-4)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(4, 30)))
def test_random_security_as_explicit_programs(seed):
    """Tests small random instances and kinds of contingencies beside their explicit programs."""
    assert_as_explicit(seed)


def test_a_share_does_not_hold_in_a_contingency():
    """Tests the loss of wind by day: the battery buys of the grid by day, at 50 USD, and the night works on."""
    instance = wind_by_day()
    found = placer.audit(placer.solve(instance), "power_zones").contingencies
    assert found["stranded_mtok"].to_dict() == pytest.approx({"wind": 0.0, "grid": 0.0})
    assert found.loc["wind", "extra_usd"] == pytest.approx(20 * 50 - 1537.5)
    grid_by_day = [{"power_zone": "wind", "data_centre": "D", "limit_mw": [30, 0], "green": 1}]
    grid_by_day.append({"power_zone": "grid", "data_centre": "D", "limit_mw": [30, 0]})
    lit = placer.audit(placer.solve(instance.replace(supplies=grid_by_day)), "power_zones").contingencies
    assert lit.loc["wind", "stranded_mtok"] == pytest.approx(0.0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(2, 30)))
def test_security_beside_green_shares_as_explicit_programs(seed):
    """Tests that shares, and the contents of batteries, hold for the placement alone."""
    assert_as_explicit(seed, random_green, add_green)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::placer.InputWarning")
@pytest.mark.parametrize("seed", range(tries(3, 10)))
def test_much_random_security_as_explicit_programs(seed):
    """Tests more of them, ten at a time."""
    for number in range(10):
        assert_as_explicit(100 + 10 * seed + number)
