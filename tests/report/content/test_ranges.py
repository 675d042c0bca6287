"""Tests of export ranges beside the tables of a report."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.errors import ArgumentError
from placer.report.content.page import Subject
from placer.report.content.ranges import note_on_ties, ranges_by
from placer.report.write import page

SAME_COST = [{"power_zone": zone, "usd_per_mwh": 20.0} for zone in ("zx", "zy")]


@pytest.fixture(scope="module")
def tied(make_instance):
    """Return a placement among many: both data centres cost the same, and each hub may send all or nothing."""
    return placer.solve(make_instance(power_zones=SAME_COST), tie_break=None)


@pytest.mark.slow
def test_least_and_most_stand_beside_exports(tied):
    """Tests by hand that both columns hold 0 and 100 % where all may be exported or nothing, and no note is needed."""
    text = page([Subject("tied", tied, ranges=[placer.export_ranges(tied, by="hub")])])
    hubs = text[text.index("All hubs:") : text.index("Workloads likewise")]
    assert "least at this cost, %" in hubs
    assert "most at this cost, %" in hubs
    assert hubs.count("100.0</td>") >= 2
    assert "accident" not in hubs


@pytest.mark.slow
def test_table_without_a_choice_says_so(tied):
    """Tests that the table names the reason and both ways to get the ranges, and that a tie-break ends that."""
    text = page([Subject("tied", tied)])
    assert text.count("column of exports depends on the solver") == 2
    assert "--ranges" in text
    assert "ranges=[placer.export_ranges(placement, by=&#x27;hub&#x27;)]" in text
    chosen = placer.solve(tied.instance)
    assert "accident" not in page([Subject("chosen", chosen)])
    unproven = replace(chosen, tie_break=replace(chosen.tie_break, detail="the time limit was reached"))
    assert "No rule chose among them (the time limit was reached)" in note_on_ties(unproven, "hub")


@pytest.mark.slow
def test_range_that_is_not_proven_says_so_in_its_cell(tied):
    ranges = placer.export_ranges(tied, by="hub").assign(proven=[True, False], low_share=[0.25, -2.0])
    text = page([Subject("tied", tied, ranges=[ranges])])
    assert "not proven: at least 0.0%" in text
    assert "not proven: at most 100.0%" in text
    assert ">25.0</td>" in text


def test_other_tables_are_refused(tied, make_instance):
    """Tests that a table of something else, and ranges of another placement, are told in a sentence."""
    with pytest.raises(ArgumentError, match=r"placer\.export_ranges"):
        ranges_by([tied.hubs], tied)
    with pytest.raises(ArgumentError, match=r"placer\.export_ranges"):
        ranges_by("hub", tied)
    other = placer.solve(make_instance(demand=[{"workload": "w", "hub": "A", "mtok": 1.0}]))
    fewer = placer.export_ranges(other, by="hub").head(1)
    with pytest.raises(ArgumentError, match="of another placement"):
        ranges_by([fewer], tied)
