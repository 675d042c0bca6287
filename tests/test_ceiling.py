"""Tests of the export ceiling as users see it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import placer


@pytest.fixture(scope="module")
def ceiling():
    """Return the ceiling of the dataset tiny."""
    return placer.export_ceiling(placer.load("tiny"))


def test_tiny_by_hand(ceiling):
    """Tests the ceiling of tiny: chat (70) and batch (50) of 240 Mtok may leave, voice may not.

    Plateau has 200 accelerator-hours in its two hours. Inland's voice needs 20 of them, the coast's 60 Mtok of chat 120
    and its 50 of batch 50; Inland's 10 Mtok of chat go east. So all 120 leave.
    """
    assert ceiling.share == pytest.approx(0.5)
    assert ceiling.unserved_share == pytest.approx(0, abs=1e-9)


def test_the_curve_ends_at_the_ceiling(ceiling):
    """Tests that without a further limit the curve is the ceiling."""
    assert ceiling.curve.table["share"].iloc[-1] == pytest.approx(ceiling.share, abs=1e-9)
    assert ceiling.slo_curve.at(1.0)["share"] == pytest.approx(ceiling.share, abs=1e-9)
    assert ceiling.shorten_curve.at(0.0)["share"] == pytest.approx(ceiling.share, abs=1e-9)


def test_shortening_every_route_by_hand(make_instance):
    """Tests the ceiling against ms off every round trip: A - Y takes 40 ms and may take 25, B - X likewise.

    Nothing leaves before 15 ms come off; then both do. A is 10 of the 16 Mtok, B 6.
    """
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 25.0}
    curve = placer.export_ceiling(make_instance(workloads=[work])).shorten_curve
    assert curve.table["shorten_ms"].tolist() == [0, 15]
    assert curve.table["share"].to_numpy() == pytest.approx([0, 1])


def test_tables_add_up(ceiling):
    """Tests that the ceiling by workload, by hub and by destination is the same ceiling."""
    for table in (ceiling.workloads, ceiling.hubs, ceiling.data_centres):
        assert table["exported"].sum() == pytest.approx(ceiling.extent.exported)
    assert ceiling.limits.sum() == pytest.approx(1 - ceiling.share, abs=1e-9)
    assert ceiling.shapley_limits.sum() == pytest.approx(1 - ceiling.share, abs=1e-9)


def test_the_economic_range_lies_below_the_ceiling(ceiling):
    """Tests that no cost-optimal placement exports more than can be."""
    low, high = ceiling.economic_range
    assert 0 <= low <= high <= ceiling.share + 1e-9


def test_a_placement_saves_the_economic_range_a_solve(ceiling, monkeypatch):
    """Tests that the range from a placement that is there is the same, and that one of another instance is refused."""
    instance = placer.load("tiny")
    placement = placer.solve(instance)
    monkeypatch.setattr("placer.ceiling.solve", None)
    assert placer.export_ceiling(instance, placement=placement).economic_range == pytest.approx(ceiling.economic_range)
    with pytest.raises(placer.InstanceError, match=r"export_ceiling\.placement: it is of another instance"):
        placer.export_ceiling(placer.load("tiny"), placement=placement)


def test_files_and_texts(ceiling, tmp_path):
    """Tests that every table is written, and that a notebook and a terminal show the share."""
    files = ceiling.save_tables(tmp_path / "new", ceiling.curve)
    assert {file.name for file in files} >= {"curve_rtt.csv", "limits.csv", "workloads.csv", "shortenings.csv"}
    assert all(file.stat().st_size for file in files)
    assert "50.00%" in repr(ceiling)
    assert "50.00%" in ceiling._repr_html_()


def test_pickling(ceiling):
    """Tests that a ceiling survives pickling."""
    assert pickle.loads(pickle.dumps(ceiling)).share == ceiling.share  # noqa: S301 - our own


def test_home_region_without_data_centres(make_instance):
    """Tests that a hub whose region has no data centre exports all it can."""
    hubs = [{"hub": "A", "region": "north"}, {"hub": "B", "region": "north"}]
    assert placer.export_ceiling(make_instance(hubs=hubs)).share == pytest.approx(1)


def test_explicit_pairs_decide(make_instance):
    """Tests that only listed pairs of regions count as export."""
    assert placer.export_ceiling(make_instance(exports=(("east", "west"),))).share == pytest.approx(10 / 16)


def test_merging_identical_hubs_changes_nothing(make_instance):
    """Tests that a hub split into two halves has the same ceiling and curve."""
    whole = make_instance()
    hubs = [{"hub": "A", "region": "east"}, {"hub": "A2", "region": "east"}, {"hub": "B", "region": "west"}]
    links = [*whole.links.to_dict("records"), {"from": "A2", "to": "X", "rtt_ms": 10.0}]
    demand = [{"workload": "w", "hub": hub, "mtok": mtok} for hub, mtok in (("A", 4.0), ("A2", 6.0), ("B", 6.0))]
    halves = make_instance(hubs=hubs, links=links, demand=demand)
    one, two = placer.export_ceiling(whole), placer.export_ceiling(halves)
    assert one.share == pytest.approx(two.share)
    columns = ["rtt_limit_ms", "share"]
    assert np.allclose(one.curve.table[columns], two.curve.table[columns])
