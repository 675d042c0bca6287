"""Tests of the arcs to shorten first."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.ceiling.maximum import most_export
from placer.ceiling.shortening import arcs_to_shorten
from placer.model.counts import Count
from placer.model.formulation import formulate
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes_abroad


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


def test_a_shorter_arc_opens_to_every_mode_in_time():
    """Tests that 100 ms off let the mode of 40 a second export the other half; that of 20 would need 933 ms."""
    instance = modes_abroad([SLOW, MIDDLE, FAST])
    table = placer.export_ceiling(instance).shortenings
    assert table.index.tolist() == [("chat", "users", "far")]
    best = table.iloc[0]
    assert best["shorten_ms"] == pytest.approx(100.0)
    assert (best["share_gained"], best["share_at_most"], best["share_of_demand"]) == pytest.approx((0.5, 0.5, 1.0))
    faster = FAST | {"mode": "faster", "server_ms": 2600.0, "accelerator_hours_per_mtok": 1.0}
    alone = placer.export_ceiling(modes_abroad([MIDDLE, faster], 600.0, chips=36.0)).shortenings
    assert alone["shorten_ms"].tolist() == pytest.approx([100.0])
    assert alone["share_gained"].tolist() == pytest.approx([1.0])
    both = placer.export_ceiling(modes_abroad([SLOW, faster], 1000.0, chips=12.5)).shortenings
    assert both["share_gained"].tolist() == pytest.approx([12.5 / 36])


@pytest.mark.parametrize("seed", range(tries(3, 30)))
def test_gains_over_modes_stay_within_their_bounds(make_random_instance, seed):
    """Tests the same bounds where workloads have modes, a share of which opens at once."""
    plain = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    centres = plain.data_centres.assign(accelerators=plain.data_centres["accelerators"] * 3, power_limit_mw=np.inf)
    supplies, links = plain.supplies.assign(limit_mw=np.inf), plain.links.assign(capacity_gbps=np.inf)
    instance = with_random_modes(plain.replace(data_centres=centres, supplies=supplies, links=links), seed)
    ceiling = placer.export_ceiling(instance, exporting="e")
    table = ceiling.shortenings
    solved = table.dropna(subset="share_gained")
    if ceiling.unserved_share == 0 and ceiling.displaced_share == 0:
        assert (solved["share_gained"] <= solved["share_at_most"] + 1e-7).all()
    assert (table["share_at_most"] <= 1 + 1e-9).all()
