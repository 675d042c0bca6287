"""What own rows charge, and what ways to serve cost at the duals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import placer
from placer.extended.charges import charged_classes, cheapest_way, read_charges, waiting_charges
from tests.effort import tries

few = settings(max_examples=tries(7, 20), deadline=None, derandomize=True)


@pytest.mark.slow
@few
@given(seed=st.integers(0, 10_000))
def test_cheapest_ways_cost_the_price_where_anything_is_served(make_random_model, seed):
    """Tests that no way is cheaper than its demand's price, and that a served demand has one that costs as much."""
    placement = make_random_model(seed).solve()
    structure, ways = placement.formulation.structure, placement._ways
    price, served = placement.prices["usd_per_mtok"].to_numpy(), placement.prices["served_mtok"].to_numpy()
    for demand in range(len(price)):
        way = cheapest_way(structure, ways.cost, demand)
        least = ways.cost[way] if way >= 0 else np.inf
        assert least >= price[demand] - 1e-6 * max(1, abs(price[demand]))
        if served[demand] > 1e-6:
            assert least == pytest.approx(price[demand], rel=1e-6, abs=1e-6)


def test_charges_by_hand(at_y):
    """Tests that the row charges 30 for Mtok at Y, nothing at X, for power or for what is unserved."""
    placement = at_y.solve()
    charges, columns = placement._charges, at_y.columns
    sent = columns[columns["block"] == "x"]
    assert charges.assigned == pytest.approx(np.where(sent["data_centre"] == "Y", 30.0, 0.0))
    assert not charges.unserved.any()
    assert not charges.supply.any()
    assert charged_classes(placement.formulation.structure, charges).tolist() == [True]


def test_charges_of_waiting_work_are_means_over_what_waits(make_instance):
    """Tests by hand a charge of 2 a Mtok on one of two hours of service that share the work evenly."""
    instance = make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "deadline_hours": 1.0}],
        data_centres=[{"data_centre": "X", "accelerators": 5.0}, {"data_centre": "Y", "accelerators": 0.0}],
        demand=[
            {"workload": "w", "hub": "A", "hour": 0, "mtok": 10.0},
            {"workload": "w", "hub": "A", "hour": 1, "mtok": 0},
        ],
    )
    model = placer.Model(instance)
    placement = model.solve()
    structure, columns = placement.formulation.structure, model.columns
    waits = columns[columns["block"] == "f"]
    charge = np.where(waits["service_hour"] == 1, 2.0, 0.0)
    charges = read_charges(structure, placement.program, placement.solution.duals)
    charges = type(charges)(charges.assigned, charges.unserved, charge, charges.supply)
    mean = waiting_charges(structure, charges, placement.accounts.waiting)
    at_x = structure.rows.queue[0, 0, 0]
    assert mean[at_x] == pytest.approx(1.0)
    idle = structure.rows.queue[0, 1, 0]
    assert mean[idle] == 0.0  # nothing waits there: what would be served in the hour it arrives


def test_without_any_supply(make_instance):
    """Tests by hand that work which draws no power has a price where no supply is: 2 of accelerators, 5 of a row."""
    model = placer.Model(
        make_instance(
            workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
            data_centres=[{"data_centre": site, "accelerator_usd_per_hour": 2.0} for site in "XY"],
            power_zones=[],
            supplies=[],
        )
    )
    model.add_columns("fee", cost_usd=5.0)
    sent = model.columns["block"].eq("x").astype(float)
    sent.index = sent.index.astype(object)
    sent["fee"] = -1.0
    model.add_rows(sent, name="fee a Mtok", upper=0.0)
    prices = model.solve().prices
    assert prices["usd_per_mtok"].tolist() == pytest.approx([7, 7])
    assert prices["own_rows_usd_per_mtok"].tolist() == pytest.approx([5, 5])


def test_no_way_at_all(make_instance):
    """Tests that a demand without a data centre has no way."""
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "latency_slo_ms": 1.0}
    placement = placer.Model(make_instance(workloads=[workload])).solve()
    assert cheapest_way(placement.formulation.structure, placement._ways.cost, 0) == -1
