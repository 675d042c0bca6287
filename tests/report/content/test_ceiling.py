"""Tests of what a page takes from a ceiling."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.report.content import ceiling as ceiling_content_module
from placer.report.content.ceiling import ceiling_content, exports_at_limits
from placer.report.content.flow_map import flow_map
from placer.report.content.page import content_of
from placer.report.html.calendar import steps_of


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


@pytest.mark.slow
def test_long_curves_keep_their_ends_and_say_what_is_left_out(on_map, monkeypatch):
    """Tests that corners beyond what fits are left out evenly and counted."""
    monkeypatch.setattr("placer.report.content.ceiling.MOST_CORNERS", 3)
    found = content_of(on_map, 1_000).ceiling
    table = on_map.ceiling.curve.table
    assert len(found.curve) == 3
    assert found.corners_left_out == len(table) - 3
    assert found.curve["rtt_limit_ms"].iloc[[0, -1]].tolist() == table["rtt_limit_ms"].iloc[[0, -1]].tolist()


@pytest.mark.slow
def test_regions_stand_where_both_directions_count(make_instance):
    """Tests that exports between all regions give a table over regions and name the largest cut; pairs do not."""
    instance = make_instance()
    both, pairs = (instance.replace(exports=exports) for exports in ("between_regions", (("east", "west"),)))
    found = ceiling_content(placer.export_ceiling(both))
    assert found.regions["share"].tolist() == pytest.approx(placer.ceilings_by_region(both)["share"].tolist())
    assert {*found.exporting, *found.receiving} == {"east", "west"}
    assert ceiling_content(placer.export_ceiling(pairs)).regions is None


def _found(subject):
    placement = subject.placement
    flows = flow_map(placement, steps_of(placement.formulation.hours), 100_000)
    curve = ceiling_content(subject.ceiling).curve
    return exports_at_limits(subject.ceiling, curve, flows), curve, flows


def test_flows_add_up_to_the_curve(on_map):
    """Tests that at each limit the Mtok that leave are the share of the curve, and that the ends are among them."""
    found, curve, _ = _found(on_map)
    assert [each.corner for each in found][:: len(found) - 1] == [0, len(curve) - 1]
    for each in found:
        mtok = sum(amount for *_, amount in each.flows)
        assert mtok == pytest.approx(curve["share"].iloc[each.corner] * on_map.ceiling.total, rel=1e-6, abs=1e-9)
        assert each.flow_count == len(each.flows)


def test_flows_leave_their_region(on_map):
    """Tests that each flow goes from an exporting region to a receiving one."""
    found, _, flows = _found(on_map)
    instance, cut = on_map.placement.instance, on_map.ceiling.cut
    region_of_hub = dict(zip(flows.place_of_hub.tolist(), instance.hubs["region"], strict=True))
    region_of_site = dict(zip(flows.place_of_site.tolist(), instance.data_centres["region"], strict=True))
    for place, site, _ in found[-1].flows:
        assert region_of_hub[place] in cut.exporting
        assert region_of_site[site] in cut.receiving


def test_the_largest_flows_are_kept_and_all_are_counted(on_map, monkeypatch):
    """Tests that of more flows than there is room for the largest are kept."""
    every = _found(on_map)[0][-1]
    monkeypatch.setattr(ceiling_content_module, "MOST_FLOWS", 2)
    some = _found(on_map)[0][-1]
    amounts = sorted((mtok for *_, mtok in every.flows), reverse=True)
    np.testing.assert_allclose([mtok for *_, mtok in some.flows], amounts[:2], rtol=1e-9)
    assert some.flow_count == len(every.flows) > 2


@pytest.mark.slow
def test_without_places_there_is_nothing(tiny):
    """Tests an instance without latitudes and longitudes."""
    assert _found(tiny)[0] == ()
