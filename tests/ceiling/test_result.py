"""Tests of the export ceiling and all that is read off it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import placer


@pytest.mark.slow
def test_the_curve_ends_at_the_ceiling(ceiling):
    """Tests that without a further limit the curve is the ceiling."""
    assert ceiling.curve.table["share"].iloc[-1] == pytest.approx(ceiling.share, abs=1e-9)
    assert ceiling.slo_curve.at(1.0)["share"] == pytest.approx(ceiling.share, abs=1e-9)
    assert ceiling.shorten_curve.at(0.0)["share"] == pytest.approx(ceiling.share, abs=1e-9)


def test_shortening_every_route_by_hand(make_instance):
    """Tests the ceiling against ms off every round trip: A - Y takes 40 ms and may take 25.

    Nothing leaves before 15 ms come off; then A's 10 of the 16 Mtok do.
    """
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 25.0}
    curve = placer.export_ceiling(make_instance(workloads=[work]), exporting="east").shorten_curve
    assert curve.table["shorten_ms"].tolist() == [0, 15]
    assert curve.table["share"].to_numpy() == pytest.approx([0, 10 / 16])


def test_tables_add_up(ceiling):
    """Tests that the ceiling by workload, by hub and by destination is the same ceiling."""
    for table in (ceiling.workloads, ceiling.hubs, ceiling.data_centres):
        assert table["exported"].sum() == pytest.approx(ceiling.extent.exported)
    for split in (ceiling.limits, ceiling.ordered_limits):
        assert split["share"].sum() == pytest.approx(1 - ceiling.share, abs=1e-9)
        assert split["unserved_share"].sum() == pytest.approx(ceiling.unserved_share, abs=1e-9)


def test_the_economic_range_lies_below_the_ceiling(ceiling):
    """Tests that no cost-optimal placement exports more than can be."""
    low, high = ceiling.economic_range
    assert 0 <= low <= high <= ceiling.share + 1e-9


def test_a_range_that_fails_leaves_the_rest(monkeypatch):
    """Tests that without a placement of least cost the ceiling is still told, with the reason of the range."""

    def fails(*_, **__):
        raise placer.NoSolutionError(placer.Reason.FAILED, "no placement")

    monkeypatch.setattr("placer.ceiling.result.place_instance", fails)
    found = placer.export_ceiling(placer.load("tiny")).summary()
    assert found["share"] == pytest.approx(0.4375)
    assert (found["economic_share_low"], found["economic_share_high"]) == (0.0, 1.0)
    assert "no placement" in found["economic_share_detail"]


def test_files_and_texts(ceiling, tmp_path):
    """Tests that every table is written, and that a notebook and a terminal show the share."""
    files = ceiling.save_tables(tmp_path / "new")
    assert {file.name for file in files} >= {"curve_rtt.csv", "limits.csv", "workloads.csv", "shortenings.csv"}
    assert all(file.stat().st_size for file in files)
    assert "43.75%" in repr(ceiling)
    assert "43.75%" in ceiling._repr_html_()


def test_pickling(ceiling):
    """Tests that a ceiling survives pickling."""
    assert pickle.loads(pickle.dumps(ceiling)).share == ceiling.share  # noqa: S301 - our own


def test_what_takes_the_rest_by_hand(make_instance, uneven):
    """Tests the split of the 140 of 150 Mtok: accelerators keep 90 of A's 100 home, and B's 50 cannot be exports."""
    limits = placer.export_ceiling(make_instance(**uneven)).limits
    assert limits["share"].to_dict() == pytest.approx(
        {"latency": 0, "residency": 0, "accelerators": 90 / 150, "power": 0, "links": 0, "not exportable": 50 / 150},
        abs=1e-9,
    )
    assert limits["unserved_share"].to_numpy() == pytest.approx(np.zeros(6), abs=1e-12)


def test_unserved_beside_the_split(make_instance, uneven):
    """Tests that what accelerators leave unserved stands beside: with 20 at Y and 100 at X, 30 of 150 Mtok.

    B's 50 come first at Y, which is full with them: 20 at Y, 30 at X, displaced; so nothing is exported.
    """
    centres = [row | {"accelerators": size} for row, size in zip(uneven["data_centres"], (100.0, 20.0), strict=True)]
    ceiling = placer.export_ceiling(make_instance(**(uneven | {"data_centres": centres})))
    assert ceiling.unserved_share == pytest.approx(30 / 150)
    assert ceiling.limits["unserved_share"]["accelerators"] == pytest.approx(30 / 150)


def test_the_economic_share_is_gross_and_net(make_instance):
    """Tests that a placement that swaps says so: all 16 Mtok at the cheap Y, so that A's 10 are exported, net too."""
    placement = placer.solve(make_instance(exports=(("east", "west"),)))
    assert placement.export_share == pytest.approx(10 / 16)
    assert placement.net_export_share == pytest.approx(10 / 16)
    ceiling = placer.export_ceiling(placement.instance, placement=placement)
    assert tuple(ceiling.economic_range) == pytest.approx((10 / 16, 10 / 16))
    assert tuple(ceiling.net_economic_range) == pytest.approx((10 / 16, 10 / 16))


def test_shortening_restores_value_by_hand(make_instance, valued):
    """Tests that an arc that is shortened counts what arrives in time: 50 ms of Z lose 0.1 of 100 USD.

    Within 50 ms A's 10 Mtok reach Y (40 ms), which takes 4, and 368 of 1,000 USD arrive. With 40 ms off Z the other 6
    arrive there at 90 USD: 0.54 more.
    """
    valued["workloads"][0]["latency_slo_ms"] = 50.0
    ceiling = placer.export_ceiling(make_instance(**valued), "value", exporting="east")
    assert ceiling.share == pytest.approx(0.368)
    best = ceiling.shortenings.loc[("w", "A", "Z")]
    assert (best["shorten_ms"], best["share_gained"]) == pytest.approx((40.0, 0.54))
    assert best["share_at_most"] >= 0.54 - 1e-9


def test_value_has_no_curve_by_shortening(make_instance, valued):
    """Tests that a curve that would rise with every ms is refused, and that the others have corners by hand."""
    ceiling = placer.export_ceiling(make_instance(**valued), "value", exporting="east")
    with pytest.raises(placer.InstanceError, match=r"'shorten' has no curve by value.*rtt, slo"):
        _ = ceiling.shorten_curve
    curve = ceiling.curve.table
    assert curve["rtt_limit_ms"].tolist() == [0, 10, 40, 90]
    assert curve["exported"].to_numpy() == pytest.approx([0, 0, 368, 860])
