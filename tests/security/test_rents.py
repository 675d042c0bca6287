"""The rents of headroom: of every kind of limit, adding up to the settlement."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.security.rents import security_rents


@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(4))
def test_rents_add_up(make_random_instance, seed, kind):
    """Tests that the rents of all contingencies are the line of the settlement."""
    placement = placer.solve(make_random_instance(seed), security=placer.Security(kind))
    found = placement.security_rents["rent_usd"].sum()
    size = placement.settlement["payments"]
    assert found == pytest.approx(placement.settlement["security_rent"], abs=1e-6 * size)


def test_kinds_of_limits(make_instance):
    """Tests that power that is short in a contingency has a rent by its supply, with the hour."""
    links = [{"from": hub, "to": site, "rtt_ms": 5.0} for hub in "AB" for site in "XY"]
    supplies = [
        {"power_zone": "zx", "data_centre": "X", "limit_mw": 20.0},
        {"power_zone": "zy", "data_centre": "Y"},
    ]
    sites = [{"data_centre": "X", "accelerators": 100.0}, {"data_centre": "Y", "accelerators": 100.0}]
    other = {"workload": "near", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 8.0}
    small = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
    instance = make_instance(
        links=links,
        supplies=supplies,
        data_centres=sites,
        workloads=[small | {"unserved_usd_per_mtok": 1000.0}, other | {"unserved_usd_per_mtok": 1000.0}],
    )
    placement = placer.solve(instance, security=placer.Security([{"contingency": "dark", "power_zone": "zy"}]))
    assert placement.stranded_mtok == {"dark": 0.0}
    assert placement.security_rents.empty
    short = [{"power_zone": "zx", "data_centre": "X", "limit_mw": 12.0}, supplies[1]]
    placement = placer.solve(instance.replace(supplies=short), security=placer.Security("power_zones"))
    rents = placement.security_rents
    assert rents.index.get_level_values("limit").unique().tolist() == ["supply"]
    assert rents.index.get_level_values("name").unique().tolist() == ["zx - X"]
    assert placement.stranded_mtok["zy"] == pytest.approx(4.0)


@pytest.mark.parametrize(("usd", "size"), [(1.0, 1.0), (1e-9, 1.0), (1.0, 1e-3)])
def test_rents_of_zones_and_of_supplies_within_by_hand(make_zoned, usd, size):
    """Tests the loss of Y, in any units: 8 Mtok fit at X and 2 at W, at which a MWh of the zone saves half a Mtok.

    A MWh of X's supply saves a whole Mtok, of which the zone takes half. The supply of 0 MW has no line.
    """
    placement = placer.solve(
        make_zoned(usd, size), security=placer.Security([{"contingency": "dark", "data_centre": "Y"}])
    )
    rents, penalty = placement.security_rents, placement.secure.penalty
    assert placement.stranded_mtok == {"dark": pytest.approx(6.0 * size)}
    assert set(rents.index.get_level_values("hour")) == {1}
    found = {(limit, name): row for (_, limit, name, _), row in rents.iterrows()}
    assert set(found) == {("supply", "z - X"), ("power zone", "z")}
    for key, limit in ((("supply", "z - X"), 8.0), (("power zone", "z"), 12.0)):
        assert found[key]["rent_usd_per_unit"] == pytest.approx(penalty / 2)
        assert found[key]["rent_usd"] == pytest.approx(penalty / 2 * limit * size)
    assert rents["rent_usd"].sum() == pytest.approx(placement.settlement["security_rent"])


@pytest.mark.parametrize(
    ("rents", "units", "sites"),
    [
        ([1.0, 1e-17], [100.0, 100.0], ["X"]),  # rounding beside the other
        ([1.0, 1e-6], [100.0, 100.0], ["X", "W"]),
        ([1e-12, 0.0], [100.0, 100.0], ["X"]),  # small, but the largest
        ([1e20, 2.0], [0.0, 100.0], ["W"]),  # of nothing, beside which the other is not rounding
        ([1.0, 2.0], [100.0, np.inf], ["X"]),  # of no limit
        ([-1.0, 2.0], [100.0, 100.0], ["W"]),
    ],
)
def test_accelerators_with_a_rent(make_zoned, rents, units, sites):
    """Tests rents and accelerators of X and W in both hours of a contingency."""
    placement = placer.solve(make_zoned(), security=placer.Security([{"contingency": "dark", "data_centre": "Y"}]))
    (each,) = placement.secure.contingents
    capacity, rent = each.structure.capacity.copy(), np.zeros(each.structure.capacity.shape)
    capacity[:2], rent[:2] = np.array(units)[:, None], np.array(rents)[:, None]
    structure = replace(each.structure, capacity=capacity)
    changed = replace(each, structure=structure, duals=replace(each.duals, capacity=rent))
    found = security_rents(placement.instance, placement.formulation, [changed])
    there = found[found.index.get_level_values("limit") == "accelerators"]
    assert there.index.unique("name").tolist() == sites
    assert len(there) == 2 * len(sites)
