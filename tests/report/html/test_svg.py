"""Tests of the pieces of a drawing."""

from __future__ import annotations

import pytest

from placer.report.html.svg import Scale, box, legend, line_legend, ticks, time_axis, value_axis


def test_scale_is_linear_and_may_run_backwards():
    """Tests by hand: 3 of 0 to 10 stands at 70 of 100 to 0."""
    assert Scale(0, 10, 100, 0).at(3) == 70
    assert Scale(5, 5, 20, 80).at(7) == 20


@pytest.mark.parametrize(("high", "last"), [(0.0, 1.0), (1.0, 1.0), (99.0, 100.0), (float("inf"), 1.0)])
def test_ticks_are_round_and_cover_the_highest_value(high, last):
    assert ticks(high)[0] == 0
    assert ticks(high)[-1] == last


def test_an_axis_of_time_has_its_marks_and_its_title():
    drawn = time_axis([(10.0, "06"), (20.0, "<b>")], 100, 50, "10 Mar 2026")
    assert drawn.count("<text") == 3
    assert "&lt;b&gt;" in drawn


def test_axes_and_boxes_escape_what_they_say():
    """Tests a share of an axis, a tip with markup, and a width below 0."""
    assert ">25%<" in value_axis(Scale(0, 1, 0, 1), [0.25], 0, 1, "%")
    assert "<title>&lt;b&gt;</title>" in box(0, 0, -1, 2, "<b>")
    assert 'width="0"' in box(0, 0, -1, 2)


def test_legends_have_a_sample_of_each():
    assert legend([("p-energy", "energy")]).count("<rect") == 1
    assert line_legend([("line c0", "<b>")]).count("&lt;b&gt;") == 1
