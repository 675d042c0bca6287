"""Tests of what a page takes from a ceiling."""

from __future__ import annotations

import pytest

import placer
from placer.report.content.ceiling import ceiling_content
from placer.report.content.page import content_of


@pytest.mark.slow
def test_ceiling(content, on_map):
    """Tests that the ceiling's parts and corners are those of the ceiling."""
    found, ceiling = content.ceiling, on_map.ceiling
    assert found.share + found.limits["share"].sum() == pytest.approx(1)
    shares = (found.work_share, found.latency_share, found.gross_share)
    assert shares == pytest.approx((ceiling.work_share, ceiling.latency_share, ceiling.gross_share))
    assert len(found.curve) == len(ceiling.curve.table)
    assert found.corners_left_out == 0
    assert found.curve["share"].iloc[-1] == pytest.approx(ceiling.share, abs=1e-6)


def test_long_curves_keep_their_ends_and_say_what_is_left_out(on_map, monkeypatch):
    """Tests that corners beyond what fits are left out evenly and counted."""
    monkeypatch.setattr("placer.report.content.ceiling.MOST_CORNERS", 3)
    found = content_of(on_map, 1_000).ceiling
    table = on_map.ceiling.curve.table
    assert len(found.curve) == 3
    assert found.corners_left_out == len(table) - 3
    assert found.curve["rtt_limit_ms"].iloc[[0, -1]].tolist() == table["rtt_limit_ms"].iloc[[0, -1]].tolist()


def test_regions_stand_where_both_directions_count(make_instance):
    """Tests that exports between all regions give a table over regions and name the largest cut; pairs do not."""
    instance = make_instance()
    both, pairs = (instance.replace(exports=exports) for exports in ("between_regions", (("east", "west"),)))
    found = ceiling_content(placer.export_ceiling(both))
    assert found.regions["share"].tolist() == pytest.approx(placer.ceilings_by_region(both)["share"].tolist())
    assert {*found.exporting, *found.receiving} == {"east", "west"}
    assert ceiling_content(placer.export_ceiling(pairs)).regions is None
