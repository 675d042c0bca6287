"""What a Mtok more would cost at every data centre, at the duals of a solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from placer.placement.alternatives import arrival_prices_at
from placer.placement.prices import RENTS
from placer.solve import solve

SEEDS = range(12)
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def placement(request, make_random_instance):
    return solve(make_random_instance(request.param, cyclic=bool(request.param % 2)))


def test_chunks_of_hours_change_no_price(placement, monkeypatch):
    """Tests that prices are the same bit for bit however few hours are looked at together."""
    whole = placement.prices
    monkeypatch.setattr("placer.placement.alternatives._AT_A_TIME", 1)
    pd.testing.assert_frame_equal(replace(placement).prices, whole, check_exact=True)


def test_price_of_the_cheapest_place(make_instance):
    """Tests that with nothing scarce the price is the energy of the cheap data centre and holds no rent."""
    prices = solve(make_instance()).prices
    assert prices["usd_per_mtok"].tolist() == pytest.approx([20, 20])
    assert prices["energy_usd_per_mtok"].tolist() == pytest.approx([20, 20])
    rents = [f"{name}_usd_per_mtok" for name in (*RENTS, "unserved")]
    np.testing.assert_allclose(prices[rents], 0, atol=1e-9)


def test_latency_rent_of_a_tight_limit(make_instance):
    """Tests that A, kept at X by 15 ms, pays 50 and would pay 20 at Y: a latency rent of 30."""
    prices = solve(make_instance(workloads=[W | {"latency_slo_ms": 15.0}])).prices
    assert prices["usd_per_mtok"].tolist() == pytest.approx([50, 20])
    assert prices["latency_rent_usd_per_mtok"].tolist() == pytest.approx([30, 0])


def test_residency_has_a_latency_rent_too(make_instance):
    """Tests that work bound to a jurisdiction pays for it in the same column."""
    instance = make_instance(
        workloads=[W | {"jurisdictions": ("CN",)}],
        data_centres=[{"data_centre": "X", "jurisdiction": "CN"}, {"data_centre": "Y"}],
    )
    assert solve(instance).prices["latency_rent_usd_per_mtok"].tolist() == pytest.approx([30, 30])


def test_data_centre_without_power_is_no_alternative(make_instance):
    """Tests that the latency rent does not compare with a place that has no power to sell."""
    placement = solve(
        make_instance(
            workloads=[W | {"latency_slo_ms": 15.0}],
            supplies=[{"power_zone": "zx", "data_centre": "X"}],
            demand=[{"workload": "w", "hub": "A", "mtok": 1.0}],
        )
    )
    assert placement.prices["latency_rent_usd_per_mtok"].tolist() == [0]
    assert np.isinf(arrival_prices_at(placement.formulation.structure, placement.rents)[0, 1, 0])


@pytest.mark.parametrize(
    "closed",
    [
        {"data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 0.0}]},
        {"data_centres": [{"data_centre": "X"}, {"data_centre": "Y", "power_limit_mw": 0.0}]},
        {
            "supplies": [
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "Y", "limit_mw": 0.0},
            ]
        },
    ],
    ids=["accelerators", "site power", "supply"],
)
def test_closed_data_centre_is_no_alternative(make_instance, closed):
    """Tests that a limit of 0, whose dual may be anything, keeps a data centre out of the comparison."""
    demand = [{"workload": "w", "hub": "A", "mtok": 1.0}]
    placement = solve(make_instance(workloads=[W | {"latency_slo_ms": 15.0}], demand=demand, **closed))
    assert placement.prices["latency_rent_usd_per_mtok"].tolist() == [0]
