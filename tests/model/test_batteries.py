"""Batteries of an instance as stores of its structure."""

import pytest

import placer
from placer.model.batteries import battery_zones, stores_of
from placer.model.formulation import formulate, formulate_offered
from tests.batteries_by_hand import powered


def test_power_and_energy_count_as_often_as_their_hours():
    """Tests 4 MW over 2 hours that count 3 times, and 4 MWh of each time."""
    stores = stores_of(powered(battery={}, hour_length=2.0, periods=[{"hour": t, "weight": 3.0} for t in (0, 1)]))
    assert stores.power.tolist() == [[24.0, 24.0]]
    assert stores.energy.tolist() == [[12.0, 12.0]]


def test_no_more_energy_than_can_be_charged():
    """Tests that 100 MWh count as the 7.2 that 4 MW charge in two hours with an efficiency of 0.9."""
    stores = stores_of(powered(battery={"energy_mwh": 100.0, "efficiency": 0.9}))
    assert stores.energy.tolist() == [pytest.approx([7.2, 7.2])]


def test_places():
    """Tests that a battery stands at its data centre or its power zone, whose supplies take from it."""
    at_site, at_zone = powered(battery={}), powered(battery={}, at="Z")
    assert (stores_of(at_site).site.tolist(), stores_of(at_site).source.tolist()) == ([0], [-1])
    assert (stores_of(at_zone).site.tolist(), stores_of(at_zone).source.tolist()) == ([-1], [0])
    assert stores_of(at_site).tier_source.tolist() == [-1]
    assert stores_of(at_zone).tier_source.tolist() == [0]
    assert battery_zones(at_site).tolist() == []
    assert battery_zones(at_zone).tolist() == [0]
    assert stores_of(powered()) is None


def limit(**columns):
    return {"limit": "own", "kind": "carbon_kg", "sense": "<=", "amount": 1e6, **columns}


#: The second data centre of the zone, so that a limit may be on one of them.
TWO = {
    "data_centres": [{"data_centre": "D"}, {"data_centre": "E"}],
    "links": [{"from": "H", "to": name, "rtt_ms": 1} for name in "DE"],
    "supplies": [{"power_zone": "Z", "data_centre": name} for name in "DE"],
}


@pytest.mark.parametrize(
    ("column", "columns"),
    [
        ("data_centre", {"data_centre": ("D",)}),
        ("data_centre", {"kind": "cost_usd", "data_centre": ("D",)}),
        ("data_centre", {"kind": "energy_mwh", "power_zone": ("Z",), "data_centre": ("D",)}),
    ],
)
def test_limits_that_do_not_say_how_they_count_batteries(column, columns):
    """Tests that such limits are refused by name."""
    instance = powered(battery={}, at="Z", **TWO, limits=[limit(**columns)])
    with pytest.raises(placer.InstanceError, match=rf"limits\[own\].{column}"):
        placer.solve(instance)


def test_limits_on_what_a_zone_sells():
    """Tests that a limit of 12 MWh on the zone in each hour counts what the battery charges: 2 MWh are carried."""
    sold = limit(kind="energy_mwh", power_zone=("Z",), hours="each", amount=12.0)
    placement = placer.solve(powered(battery={}, at="Z", limits=[sold]))
    assert placement.cost_usd == pytest.approx(12 * 20 + 8 * 100)
    assert placement.limits["use"].tolist() == pytest.approx([12.0, 8.0])


@pytest.mark.parametrize("at", ["D", "Z"])
@pytest.mark.parametrize("zone", [None, ("Z",)])
def test_limits_on_what_energy_costs(at, zone):
    """Tests that 240 USD in hour 0 buy 12 MWh at 20, of which the battery charges 2; carbon, 10 USD a MWh, is apart."""
    cost = limit(kind="cost_usd", amount=240.0, hours="0", power_zone=zone)
    emits = [{"power_zone": "Z", "usd_per_mwh": [20.0, 100.0], "carbon_kg_per_mwh": 100.0}]
    placement = placer.solve(powered(battery={}, at=at, limits=[cost], power_zones=emits, carbon_usd_per_kg=0.1))
    assert placement.batteries["charged_mwh"].tolist() == pytest.approx([2.0, 0.0])
    assert placement.limits["use"].tolist() == pytest.approx([240.0])
    assert placement.limits["rent_usd_per_unit"].tolist() == pytest.approx([(110 - 30) / 20])


def test_wear_is_not_counted_in_a_limit_on_cost():
    """Tests that a battery whose discharging costs is refused beside a limit on all cost, and named."""
    worn = powered(battery={"usd_per_mwh_throughput": 1.0}, limits=[limit(kind="cost_usd")])
    with pytest.raises(placer.InstanceError, match="does not count the wear of battery B"):
        placer.solve(worn)


def test_functions_that_carry_no_batteries():
    """Tests that an instance with batteries is formulated only where they are carried."""
    for each in (formulate, formulate_offered):
        with pytest.raises(placer.InstanceError, match="carries no batteries yet"):
            each(powered(battery={}))
