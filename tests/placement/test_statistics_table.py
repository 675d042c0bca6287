"""Figures of a placement by any groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.placement.accounts import COST_PARTS
from placer.placement.groups import GROUPS, NOT_SERVED
from tests.batteries_by_hand import powered
from tests.effort import tries

PARTS = [f"{part}_usd" for part in COST_PARTS]
AMOUNTS = ["demand_mtok", "served_mtok", "unserved_mtok", "exported_mtok", *PARTS, "cost_usd"]
POWER = {"energy_mwh": "mwh", "carbon_kg": "carbon_kg", "water_litres": "water_litres"}
PAIRS = [("power_zone", "workload"), ("region", "hub_region"), ("data_centre", "hour"), ("workload", "hub", "region")]


@pytest.fixture(scope="module")
def two_zones(make_instance):
    """16 Mtok at X: of their 16 MWh a cheap zone delivers 4 at 20 USD, and a dear one 12 at 50."""
    supplies = [{"power_zone": "zx", "data_centre": "X"}, {"power_zone": "zy", "data_centre": "X", "limit_mw": 4.0}]
    return placer.solve(make_instance(supplies=supplies))


def test_zones_of_one_data_centre_by_hand(two_zones):
    """Tests that each zone has the tokens of its power at its price; exports and the rest follow the tokens."""
    table = two_zones.statistics("power_zone")
    assert table.index.tolist() == ["zx", "zy"]
    assert table["served_mtok"].tolist() == pytest.approx([12, 4])
    assert table["energy_mwh"].tolist() == pytest.approx([12, 4])
    assert table["energy_usd"].tolist() == pytest.approx([600, 80])
    assert table["cost_usd_per_mtok"].tolist() == pytest.approx([50, 20])
    assert table["exported_mtok"].tolist() == pytest.approx([6 * 12 / 16, 6 * 4 / 16])


def test_unserved_demand_is_at_no_data_centre(make_instance):
    """Tests 16 Mtok of which 10 fit, by hand: six are a row of their own, and belong to the hub that asked."""
    sites = [{"data_centre": name, "region": "r", "accelerators": 5.0} for name in ("X", "Y")]
    found = placer.solve(make_instance(data_centres=sites))
    table = found.statistics("data_centre")
    assert table.index.tolist() == ["X", "Y", NOT_SERVED]
    assert table["served_mtok"].tolist() == pytest.approx([5, 5, 0])
    assert table["unserved_mtok"].tolist() == pytest.approx([0, 0, 6])
    assert np.isnan(table.loc[NOT_SERVED, ["rtt_ms", "cost_usd_per_mtok", "price_usd_per_mtok"]].to_numpy(float)).all()
    assert found.statistics("hub")["demand_mtok"].tolist() == pytest.approx([10, 6])
    assert found.statistics("power_zone").index.tolist() == ["zx", "zy", NOT_SERVED]


def test_days_of_timestamps(make_instance):
    """Tests a group of two parts, one of them the days of the hours."""
    demand = pd.DataFrame({"workload": "w", "hub": ["A", "B"] * 2, "mtok": [1.0, 2.0, 3.0, 4.0]}).assign(
        hour=pd.to_datetime(["2026-03-10 23:00"] * 2 + ["2026-03-11 00:00"] * 2, utc=True)
    )
    table = placer.solve(make_instance(demand=demand)).statistics(["hub", "day"])
    assert table["demand_mtok"].to_dict() == {
        ("A", "2026-03-10"): 1,
        ("A", "2026-03-11"): 3,
        ("B", "2026-03-10"): 2,
        ("B", "2026-03-11"): 4,
    }


@pytest.mark.parametrize("seed", range(tries(3, 40)))
def test_every_grouping_adds_up_to_the_placement(make_random_instance, seed):
    """Tests that the sums are the totals of the placement, and the rows those of its own tables."""
    found = placer.solve(make_random_instance(seed))
    centres = found.data_centres
    totals = found.workloads[AMOUNTS].sum()
    for by in [*(name for name in GROUPS if name not in ("month", "week", "day")), *PAIRS]:
        table = found.statistics(by)
        size = float(np.abs(table[AMOUNTS].to_numpy()).sum())
        assert table[AMOUNTS].sum().to_numpy() == pytest.approx(totals.to_numpy(), abs=1e-9 * size), by
        for name, own in POWER.items():
            assert table[name].sum() == pytest.approx(centres[own].sum(), rel=1e-7, abs=1e-9), by
        assert table[PARTS].sum(axis=1).to_numpy() == pytest.approx(table["cost_usd"].to_numpy())
    for name in ("workload", "hub", "hour"):
        own, table = getattr(found, f"{name}s"), found.statistics(name)
        assert table["cost_usd"].to_numpy() == pytest.approx(own["cost_usd"].reindex(table.index).to_numpy(), abs=1e-6)
        price = own["price_usd_per_mtok"].reindex(table.index).to_numpy()
        assert table["price_usd_per_mtok"].to_numpy() == pytest.approx(price, nan_ok=True)
    by_site = found.statistics("data_centre").drop(index=NOT_SERVED, errors="ignore")
    own = centres.reindex(by_site.index)
    assert by_site["served_mtok"].to_numpy() == pytest.approx(own["mtok"].to_numpy(), rel=1e-7)
    assert by_site["energy_mwh"].to_numpy() == pytest.approx(own["mwh"].to_numpy(), rel=1e-7)


@pytest.mark.parametrize("seed", range(tries(3, 40)))
def test_zones_deliver_what_their_supplies_do(make_random_instance, seed):
    """Tests that the cost of the energy of every zone is that of what is bought of its supplies."""
    found = placer.solve(make_random_instance(seed))
    bought = (found.formulation.energy_usd * found.accounts.bought).sum(axis=1)
    own = pd.Series(bought, index=found.instance.supplies["power_zone"].to_numpy()).groupby(level=0).sum()
    table = found.statistics("power_zone")["energy_usd"].reindex(own.index).fillna(0.0)
    assert table.to_numpy() == pytest.approx(own.to_numpy(), rel=1e-7, abs=1e-6 * max(1.0, np.abs(own).sum()))


@pytest.mark.parametrize("by", ["workload", "data_centre", "power_zone"])
def test_where_nothing_is_served(by):
    """Tests that power at 2,000 USD leaves 20 Mtok unserved at 1,000, and that no figure is missing."""
    table = placer.solve(powered((2000.0, 2000.0))).statistics(by)
    assert table["served_mtok"].sum() == table["cost_usd"].sum() == 0
    assert table["unserved_mtok"].sum() == pytest.approx(20)
