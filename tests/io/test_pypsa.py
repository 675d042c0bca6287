"""PyPSA's optimum of an exported network is ours."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

import placer
from benchmarks.published_storage import LOAD, PLANTS, STORAGE_HOURS, STORAGE_MW, WIND, stored_electricity
from placer.errors import InstanceError, PlacerError
from placer.io.pypsa import RELAXED, to_pypsa
from tests.batteries_at_random import random_tables
from tests.batteries_by_hand import powered

#: Two supplies of the dear site, the cheaper of them short.
TIERS = [
    {"power_zone": "zx", "data_centre": "X", "limit_mw": 3.0},
    {"power_zone": "zx", "data_centre": "X", "usd_per_mwh_adder": 40.0},
    {"power_zone": "zy", "data_centre": "Y", "limit_mw": 4.0, "loss": 0.1},
    {"power_zone": "zy", "data_centre": "Y", "limit_mw": 2.0, "usd_per_mwh_adder": 25.0, "loss": 0.05},
]


@pytest.fixture
def optimum():
    """Return a function that solves the exported network with PyPSA."""
    pytest.importorskip("pypsa", reason="PyPSA is not installed")

    def solve(instance, **given):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of PyPSA's own libraries
            network = to_pypsa(instance, **given)
            status, condition = network.optimize(solver_name="highs", output_flag=False)
        assert (status, condition) == ("ok", "optimal")
        return network.objective + network.objective_constant

    return solve


def ours(instance):
    placement = placer.solve(instance)
    return placement.cost_usd + placement.penalty_usd


@pytest.mark.slow
def test_what_is_relaxed_is_named_and_bounds(optimum):
    """Tests work that could wait for cheap power (400 USD, else 1,200), and a limit of 5 MWh that is lifted."""
    waits = powered((100.0, 20.0))
    waits = waits.replace(workloads=waits.workloads.assign(deadline_hours=1.0))
    limit = {"limit": "l", "kind": "energy_mwh", "sense": "<=", "amount": 5.0}
    short = powered((100.0, 20.0), limits=[limit])
    assert (ours(waits), ours(short)) == pytest.approx((400.0, 15_100.0))
    assert optimum(waits, relax=["deadlines", "limits"]) == pytest.approx(1200.0)
    assert optimum(short, relax=["limits"]) == pytest.approx(1200.0)
    assert to_pypsa(waits, relax=["deadlines", "limits"]).meta[RELAXED] == {"deadlines": "network >= instance"}
    assert to_pypsa(short, relax=["limits"]).meta[RELAXED] == {"limits": "network <= instance"}


@pytest.mark.slow
def test_transportation(make_instance, optimum):
    """Tests that both agree where accelerators are scarce, something is dear and something stays unserved."""
    sites = [
        {"data_centre": "X", "accelerators": 5.0, "accelerator_usd_per_hour": 2.0, "pue": 1.3},
        {"data_centre": "Y", "accelerators": 8.0, "accelerator_usd_per_hour": 1.0, "speed": 1.25},
    ]
    instance = make_instance(data_centres=sites)
    assert placer.solve(instance).unserved_mtok > 0
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-6)


@pytest.mark.slow
def test_tiers_of_power(make_instance, optimum):
    """Tests that both fill the tiers of every site in the order of what they cost."""
    instance = make_instance(supplies=TIERS)
    assert (placer.solve(instance).supplies["mwh"] > 0).sum() > 2
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_everything_that_can_be_expressed(make_random_instance, optimum, seed):
    """Tests that both agree on hourly prices and PUE, losses, limits of sites and links, carbon and water prices."""
    whole = make_random_instance(seed)
    caps = {"carbon_limit_kg": float("inf"), "water_limit_litres": float("inf")}
    instance = whole.replace(workloads=whole.workloads.assign(deadline_hours=0.0), hour_length=0.5, **caps)
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-6)


@pytest.mark.slow
def test_nothing_limits_it(make_instance, optimum):
    """Tests that what is unlimited limits nothing, also where a price is negative."""
    instance = make_instance(
        power_zones=[{"power_zone": "zx", "usd_per_mwh": -5}, {"power_zone": "zy", "usd_per_mwh": 2}]
    )
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-6)


@pytest.mark.slow
def test_a_link_that_two_arcs_share(make_instance, optimum):
    """Tests that a link's capacity binds the sum of what passes through it."""
    links = [
        {"from": "A", "to": "E", "rtt_ms": 1.0, "capacity_gbps": 0.02},
        {"from": "B", "to": "E", "rtt_ms": 1.0},
        {"from": "E", "to": "Y", "rtt_ms": 1.0, "capacity_gbps": 0.01, "usd_per_gb": 0.5},
        {"from": "E", "to": "X", "rtt_ms": 1.0},
    ]
    heavy = [{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1000, "gb_per_mtok": 1}]
    instance = make_instance(exchanges=[{"exchange": "E"}], links=links, workloads=heavy)
    assert placer.solve(instance).links["rent_usd_per_gb"].max() > 0
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-6)


@pytest.mark.slow
def test_names_that_are_the_same_once_joined(make_instance, optimum):
    """Tests that a workload 'w A' at hub 'B' and a workload 'w' at hub 'A B' stay apart."""
    each = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}
    instance = make_instance(
        hubs=[{"hub": "B"}, {"hub": "A B"}],
        links=[{"from": hub, "to": "X", "rtt_ms": 1} for hub in ("B", "A B")],
        workloads=[{"workload": "w A", **each}, {"workload": "w", **each}],
        demand=[{"workload": "w A", "hub": "B", "mtok": 1}, {"workload": "w", "hub": "A B", "mtok": 2}],
    )
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-6)


def test_without_pypsa(make_instance, monkeypatch):
    """Tests that the error says what to install."""
    monkeypatch.setitem(sys.modules, "pypsa", None)
    with pytest.raises(PlacerError, match=r"pip install 'token-placer\[pypsa\]'"):
        to_pypsa(make_instance())


@pytest.mark.slow
def test_limits_of_power_zones(make_instance, optimum):
    """Tests that both share the limit of a zone out over two sites, and that one by the hour has no translation."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 20.0, "limit_mw": 5.0}]
    supplies = [{"power_zone": zone, "data_centre": site} for zone in ("zx", "zy") for site in "XY"]
    instance = make_instance(power_zones=zones, supplies=supplies)
    assert placer.solve(instance).cost_usd == pytest.approx(5 * 20 + 11 * 50)
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-6)
    zones[1]["limit_mw"] = (5.0,)
    with pytest.raises(InstanceError, match=r"power_zones\.limit_mw: hourly values are not translated"):
        to_pypsa(make_instance(power_zones=zones, supplies=supplies))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_batteries(optimum, seed):
    """Tests that both store alike: losses, wear, prices below 0, at data centres and power zones, with a weight."""
    rng = np.random.default_rng(seed)
    tables = random_tables(rng, 6)
    work = [row | {"deadline_hours": 0} for row in tables["workloads"]]
    periods = {"periods": [{"hour": hour, "weight": 3.0} for hour in range(6)]} if seed % 2 else {}
    instance = placer.Instance.from_tables(tables | {"workloads": work} | periods, hour_length=0.5 if seed % 3 else 1.0)
    assert placer.solve(instance).batteries["discharged_mwh"].sum() > 0
    assert optimum(instance) == pytest.approx(ours(instance), rel=1e-9)
    assert placer.Instance.from_pypsa(to_pypsa(instance)) == instance


def test_batteries_of_days_are_refused():
    """Tests that a battery that starts each day anew has no component."""
    days = powered(battery={}).replace(periods=[{"hour": hour, "block": f"day {hour}"} for hour in (0, 1)])
    with pytest.raises(InstanceError, match="a battery holds the same at both ends of each block"):
        to_pypsa(days)


@pytest.mark.slow
def test_a_published_market_with_storage():
    """Tests that PyPSA's own example of pumped hydro, stated as it is there, has our least cost."""
    pypsa = pytest.importorskip("pypsa", reason="PyPSA is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyPSA's own libraries
        network = pypsa.Network(snapshots=range(len(LOAD)))
        network.add("Bus", "zone")
        network.add("Load", "load", bus="zone", p_set=list(LOAD))
        for plant, (usd, mw) in PLANTS.items():
            part = list(WIND) if plant == "Wind" else 1.0
            network.add("Generator", plant, bus="zone", p_nom=mw, marginal_cost=usd, p_max_pu=part)
        network.add("StorageUnit", "pumped hydro", bus="zone", p_nom=STORAGE_MW, max_hours=STORAGE_HOURS)
        assert network.optimize(solver_name="highs", output_flag=False) == ("ok", "optimal")
    assert network.objective == pytest.approx(6_046_000, rel=1e-9)
    placement = stored_electricity()
    assert placement.cost_usd == pytest.approx(network.objective, rel=1e-9)
    assert placement.batteries["discharged_mwh"].sum() > 0
