"""Tests of the arcs to shorten first."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.maximum import most_export
from placer.ceiling.shortening import arcs_to_shorten
from placer.model.counts import Count
from placer.model.formulation import formulate
from tests.effort import tries


def _shorten(instance, **options):
    formulation = formulate(instance)
    exported = np.broadcast_to(formulation.exported.astype(float), formulation.latency_ms.shape)
    count = Count(exported, np.zeros_like(exported))
    total = float(formulation.structure.demand_amount.sum())
    return arcs_to_shorten(formulation, count, total, most_export(formulation, count), **options)


def test_by_hand(make_instance):
    """Tests that 20 ms off A - Y (40 ms with two calls, 80 against a limit of 40) let A's 10 of 16 Mtok leave."""
    work = {
        "workload": "w",
        "accelerator_hours_per_mtok": 1.0,
        "kwh_per_mtok": 1000.0,
        "latency_slo_ms": 40.0,
        "user_round_trips": 2.0,
    }
    table = _shorten(make_instance(workloads=[work]))
    best = table.loc[("w", "A", "Y")]
    assert best["shorten_ms"] == pytest.approx(20)
    assert best["share_gained"] == pytest.approx(10 / 16)
    assert best["share_at_most"] == pytest.approx(10 / 16)


def test_nothing_to_shorten(make_instance):
    """Tests that the table is empty where latency keeps nothing home."""
    assert _shorten(make_instance()).empty


@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_gains_stay_within_their_bounds(make_random_instance, seed):
    """Tests that what an arc brings is no more than its bound where all is served."""
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    centres = instance.data_centres.assign(accelerators=np.inf, power_limit_mw=np.inf)
    supplies = instance.supplies.assign(limit_mw=np.inf)
    links = instance.links.assign(capacity_gbps=np.inf)
    table = _shorten(instance.replace(data_centres=centres, supplies=supplies, links=links), solved=3)
    solved = table.dropna(subset="share_gained")
    assert (solved["share_gained"] <= solved["share_at_most"] + 1e-7).all()


def test_no_more_than_is_left_to_export(make_instance):
    """Tests the bound where X serves 5 of A's 10 Mtok: no more can leave than all 16, A's west, B's east."""
    work = {
        "workload": "w",
        "accelerator_hours_per_mtok": 1.0,
        "kwh_per_mtok": 1000.0,
        "latency_slo_ms": 20.0,
        "unserved_usd_per_mtok": 1000.0,
    }
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 5.0},
        {"data_centre": "Y", "region": "west", "accelerators": 100.0},
    ]
    table = _shorten(make_instance(workloads=[work], data_centres=centres))
    best = table.loc[("w", "A", "Y")]
    assert best["share_gained"] == pytest.approx(10 / 16)
    assert best["share_at_most"] == pytest.approx(1.0)
    assert best["share_of_demand"] == pytest.approx(10 / 16)


@pytest.mark.parametrize("seed", range(tries(4, 8)))
def test_shares_at_most_are_shares(make_random_instance, seed):
    """Tests that no arc promises more than is left to export, scarce as everything may be."""
    table = _shorten(make_random_instance(seed), solved=3)
    assert (table["share_at_most"] <= 1 + 1e-9).all()
    solved = table.dropna(subset="share_gained")
    assert (solved["share_gained"] <= 1).all()
