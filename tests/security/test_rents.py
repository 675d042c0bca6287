"""The rents of headroom: of every kind of limit, adding up to the settlement."""

from __future__ import annotations

import pytest

import placer


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
