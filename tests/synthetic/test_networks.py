"""Networks that are made up whole."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import placer
from placer import InstanceError
from placer.synthetic import network, networks

DATASETS = Path(__file__).parents[2] / "datasets"


#: Of the small network: cost per Mtok, and numbers of its tables.
PINNED_COST = 0.10666049166956373


PINNED_DEMAND = [33919.6313177, 7275.13831399]


PINNED_RTT = [4.37280234853, 3.75528]


PINNED_ACCELERATORS = [23624.5636498, 20425.8298894]


@pytest.fixture(scope="module")
def made():
    """Return a small made-up network."""
    return network(data_centres=6, hubs=24, workloads=6, hours=6, seed=3)


@pytest.mark.slow
def test_network_is_the_same_each_time_and_solves(made):
    assert network(data_centres=6, hubs=24, workloads=6, hours=6, seed=3) == made
    assert network(data_centres=6, hubs=24, workloads=6, hours=6, seed=4) != made
    assert placer.check(made) == []
    placement = placer.solve(made)
    assert placement.unserved_mtok < 0.01 * placement.served_mtok
    assert 0 < placement.export_share < 1
    assert placement.cost_usd_per_mtok == pytest.approx(PINNED_COST, rel=1e-9)


def test_network_has_pinned_numbers(made):
    assert made.demand["mtok"].iloc[[0, 100]].tolist() == PINNED_DEMAND
    assert made.links["rtt_ms"].iloc[[0, 30]].tolist() == PINNED_RTT
    assert made.data_centres["accelerators"].iloc[[0, 5]].tolist() == PINNED_ACCELERATORS


@pytest.mark.parametrize("size", [(1, 1, 1, 1), (2, 1, 14, 2), (1, 2, 30, 3), (5, 9, 3, 1)])
def test_network_may_be_tiny(size):
    instance = network(*size)
    assert (len(instance.data_centres), len(instance.hubs), len(instance.workloads)) == size[:3]
    assert instance.hours == range(size[3])
    assert placer.solve(instance).served_mtok > 0


def test_network_has_the_stated_totals():
    instance = network(data_centres=22, hubs=43, workloads=6, seed=1)
    table, need = instance.demand, instance.workloads.set_index("workload")["accelerator_hours_per_mtok"]
    assert table["mtok"].sum() == pytest.approx(140e6)
    hourly = (table["mtok"] * table["workload"].map(need)).groupby(table["hour"]).sum()
    sites = instance.data_centres
    assert sites["accelerators"].sum() == pytest.approx(hourly.mean() / 0.6272)
    inland = sites["region"] == "inland"
    assert inland.sum() == 6
    assert sites["accelerators"][inland].sum() / sites["accelerators"].sum() == pytest.approx(0.23)


def test_network_is_cheap_far_away():
    """Inland sites pay less for power and are farther from the coast's hubs."""
    instance = network(data_centres=22, hubs=43, workloads=1, seed=2)
    price = instance.hourly("power_zones", "usd_per_mwh").mean(axis=1)
    coast = (instance.hubs["region"] == "coast").to_numpy()
    away = instance.routes.rtt_ms[coast].mean(axis=0)
    inland = (instance.data_centres["region"] == "inland").to_numpy()
    assert price[inland].max() < price[~inland].min()
    assert away[inland].min() > np.median(away[~inland])
    assert np.corrcoef(price, away)[0, 1] < -0.5


def test_network_hubs_have_a_heavy_tail():
    """Pareto of exponent 1 / 0.6: a least size of 1 has a mean of 2.5 and a median of 2 ** 0.6."""
    instance = network(data_centres=2, hubs=4000, workloads=1, hours=1)
    hubs = instance.hubs["region"].to_numpy()
    mtok = instance.demand["mtok"].to_numpy()
    coast = mtok[hubs == "coast"]
    assert (hubs == "coast").mean() == pytest.approx(26 / 43, abs=0.04)
    assert coast.sum() / mtok.sum() == pytest.approx(0.71, abs=0.05)
    assert np.median(coast) / np.mean(coast) == pytest.approx(2**0.6 / 2.5, abs=0.06)
    largest = np.sort(coast)[::-1][:400]
    slope = np.polyfit(np.log(np.arange(400) + 0.5), np.log(largest), 1)[0]
    assert slope == pytest.approx(-networks.ZIPF_EXPONENT, abs=0.15)


def test_network_keeps_regulated_work_on_the_coast(made):
    asking = made.demand[made.demand["workload"] == networks.LOCAL]["hub"]
    region = made.hubs.set_index("hub")["region"]
    assert set(asking.map(region)) == {"coast"}
    flows = placer.solve(made).flows.reset_index()
    sites = made.data_centres.set_index("data_centre")["region"]
    assert set(flows.loc[flows["workload"] == networks.LOCAL, "data_centre"].map(sites)) == {"coast"}


def test_network_lists_every_violation():
    with pytest.raises(InstanceError) as caught:
        network(data_centres=0, hubs=1.5, workloads="two", hours=0, seed=-1)
    names = ["data_centres", "hubs", "workloads", "hours", "seed"]
    assert [each.column for each in caught.value.violations] == names


def test_network_has_the_published_hours():
    shapes = pd.read_csv(DATASETS / "facts" / "demand_shapes.csv")
    level = shapes.pivot_table(index="hour_local", columns="series", values="rel_to_mean")
    assert level["deepseek_v3r1_token_revenue"].tolist() == list(networks.PEOPLE)
    assert np.roll(level["azure2024_code"], -5).tolist() == list(networks.DEVELOPERS)
    prices = pd.read_csv(DATASETS / "facts" / "price_shapes.csv").set_index("zone")
    assert prices.loc["CN Shanghai", "h00":"h23"].tolist() == list(networks.TARIFF)


def test_network_has_the_workloads_of_china():
    given = pd.read_csv(DATASETS / "china" / "workloads.csv").set_index("workload")
    made = network(data_centres=2, hubs=2, workloads=14, hours=1).workloads.set_index("workload")
    columns = [name for name in given if name != "jurisdictions"]
    expected = given.loc[made.index, columns].fillna({"latency_slo_ms": math.inf, "server_ms": 0})
    assert (made[columns] == expected).all(axis=None)
    share = pd.read_csv(DATASETS / "facts" / "assumed_mix.csv").set_index("workload")["default"]
    assert [part for _, part, _ in networks.CLASSES] == share[made.index].tolist()
