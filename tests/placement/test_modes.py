"""Tests who runs how: the table of modes, the mode of a price, and tables that add modes up."""

import numpy as np
import pytest

import placer
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, modes, near_and_far, tables


def test_who_runs_how():
    """Tests 36 Mtok with room for ten accelerators far away: 14.4 there in the fast mode, the rest near."""
    placement = near_and_far()
    table = placement.modes
    assert table.index.names == ["workload", "mode", "hub", "data_centre"]
    assert table.index.tolist() == [
        ("chat", "40 a second", "users", "near"),
        ("chat", "80 a second", "users", "far"),
    ]
    assert table["mtok"].tolist() == pytest.approx([21.6, 14.4])
    assert table["accelerator_hours"].tolist() == pytest.approx([7.5, 10.0])
    assert table["latency_ms"].tolist() == pytest.approx([2500.0, 3050.0])
    assert table["rtt_ms"].tolist() == pytest.approx([0.0, 600.0])
    assert placement.prices["mode"].tolist() == ["40 a second"]
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([2.2 * 1e6 / 3600 / 800])
    assert placement.tables["modes"].equals(table)


def test_without_modes():
    """Tests that the table is empty, and that no other table says anything of modes."""
    placement = placer.solve(placer.load("tiny"))
    assert placement.modes.empty
    assert "mode" not in [*placement.prices, *placement.flows.index.names]
    assert "modes" not in placement.tables


def test_an_unserved_demand_has_no_mode():
    """Tests that the price of a demand that nothing serves names no mode."""
    sites = [site | {"accelerators": 0.0} for site in tables()["data_centres"]]
    placement = placer.solve(modes([MIDDLE, FAST], data_centres=sites))
    assert placement.prices["mode"].tolist() == [""]
    assert placement.modes.empty
    assert placement.unserved_reasons.index[0][0] == "accelerators"


def test_work_that_waits_takes_its_mode_at_service():
    """Tests two hours in which power is cheap and then dear: frugal work waits for neither, and each hour has a mode.

    Accelerators cost 1 USD an hour. Lavish takes one hour and 10 MWh a Mtok, frugal two hours and 1 MWh. At 0.05 USD
    a MWh lavish costs 1.5 and frugal 2.05; at 1 USD lavish 11 and frugal 3. Only one accelerator runs in each hour.
    """
    lavish = MIDDLE | {"mode": "lavish", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 10_000.0}
    frugal = MIDDLE | {"mode": "frugal", "accelerator_hours_per_mtok": 2.0, "kwh_per_mtok": 1000.0}
    sites = [{"data_centre": "far", "accelerators": 1.0, "accelerator_usd_per_hour": 1.0}]
    instance = modes(
        [lavish, frugal],
        0.0,
        data_centres=sites,
        links=[{"from": "users", "to": "far", "rtt_ms": 0.0}],
        power_zones=[{"power_zone": "grid", "usd_per_mwh": (0.05, 1.0)}],
        supplies=[{"power_zone": "grid", "data_centre": "far"}],
        workloads=[tables()["workloads"][0] | {"deadline_hours": 1.0}],
        demand=[
            {"workload": "chat", "hub": "users", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 1.5), (1, 0.0))
        ],
    )
    placement = placer.solve(instance)
    assert placement.modes["mtok"].to_dict() == pytest.approx(
        {("chat", "lavish", "users", "far"): 1.0, ("chat", "frugal", "users", "far"): 0.5}
    )
    assert placement.cost_usd == pytest.approx(1.5 + 0.5 * 3)
    assert placement.waiting["mtok"].tolist() == pytest.approx([1.0, 0.5])


@pytest.mark.parametrize("seed", range(4))
def test_tables_add_modes_up(make_random_instance, seed):
    """Tests that modes, flows, workloads and regions tell the same tokens and costs."""
    placement = placer.solve(with_random_modes(make_random_instance(seed), seed))
    workloads = placement.workloads
    assert workloads.index.tolist() == placement.instance.workloads["workload"].tolist()
    for table in (placement.modes, placement.flows):
        assert table.index.is_unique
        served = table["mtok"].groupby(level="workload").sum().reindex(workloads.index, fill_value=0.0)
        assert served.tolist() == pytest.approx(workloads["served_mtok"].tolist())
    assert placement.flows["cost_usd"].sum() == pytest.approx(placement.cost_usd)
    hours = placement.data_centres["accelerator_hours"]
    used = placement.modes["accelerator_hours"].groupby(level="data_centre").sum().reindex(hours.index, fill_value=0.0)
    assert used.tolist() == pytest.approx(hours.tolist())
    assert placement.waiting.index.is_unique
    regions = placer.accounts(placement).regions
    assert regions["net_cost_usd"].sum() == pytest.approx(placement.cost_and_penalty_usd)
    made = placer.accounts(placement).workloads["made_mtok"].groupby(level="workload").sum()
    assert made.reindex(workloads.index, fill_value=0.0).tolist() == pytest.approx(workloads["served_mtok"].tolist())
    parts = [name for name in placement.prices if name.endswith("_usd_per_mtok") and "latency_rent" not in name]
    total = placement.prices[parts].sum(axis=1).to_numpy()
    assert np.allclose(total, placement.prices["usd_per_mtok"], rtol=1e-6)
