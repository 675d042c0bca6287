"""Tests that a convex curve is traced exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.analysis.flexibility.tangents import Tangent, breakpoints, chord_errors, meeting, trace_chords


def _of_lines(lines):
    """Return the largest of some lines as a curve that can be evaluated, and the places it was evaluated at."""
    asked = []

    def evaluate(at):
        asked.append(at)
        value, slope = max((level + slope * at, slope) for level, slope in lines)
        return Tangent(at, value, slope, None)

    return evaluate, asked


def test_a_curve_of_three_pieces():
    """Tests slopes 0, 1 and 3 that meet at 2 and 5."""
    evaluate, asked = _of_lines([(0.0, 0.0), (-2.0, 1.0), (-12.0, 3.0)])
    points, error = trace_chords(evaluate, [evaluate(0.0), evaluate(8.0)], 1e-9, 100)
    kept = breakpoints(points, 1e-9)
    assert [point.at for point in kept] == pytest.approx([0.0, 2.0, 5.0, 8.0])
    assert error <= 1e-9
    assert len(asked) <= 7


def test_passes_go_down_and_up():
    """Tests slopes 0 to 4 that meet at 1, 3, 6 and 9: each pass turns back where the one before ended."""
    evaluate, asked = _of_lines([(0.0, 0.0), (-1.0, 1.0), (-4.0, 2.0), (-10.0, 3.0), (-19.0, 4.0)])
    trace_chords(evaluate, [evaluate(0.0), evaluate(10.0)], 1e-9, 100)
    # The lines of the ends meet at 19 / 4, on slope 2; it meets slope 0 at 2 and slope 4 at 7.5; then the corners.
    assert asked == pytest.approx([0, 10, 4.75, 2, 7.5, 9, 6, 3, 1])


def test_the_highest_chords_come_first_where_few_points_are_left():
    """Tests one point for two chords: the lower one, from 0 to 3, stays."""
    evaluate, asked = _of_lines([(0.0, 0.0), (-1.0, 1.0), (-4.0, 2.0), (-20.0, 6.0)])
    points, error = trace_chords(evaluate, [evaluate(0.0), evaluate(10.0)], 1e-9, 4)
    assert len(points) == len(asked) == 4
    assert error > 0


def test_one_place_is_one_point():
    """Tests a curve of no length."""
    evaluate, _ = _of_lines([(0.0, 1.0)])
    points, error = trace_chords(evaluate, [evaluate(3.0)], 1e-9, 100)
    assert ([point.at for point in points], error) == ([3.0], 0.0)
    assert breakpoints(points, 1e-9) == points


def test_parallel_lines_meet_in_the_middle():
    """Tests the chord that is a piece of the curve."""
    assert meeting(Tangent(0.0, 0.0, 1.0, None), Tangent(4.0, 4.0, 1.0, None)) == 2.0


def test_errors_of_chords_by_hand():
    """Tests |x - 2| from 0 to 4: its chord lies 2 above where the lines meet, and 0 with the point there.

    Values that may lie 0.5 above the curve add as much. A point that is left out adds its distance below the chord.
    """
    ends = [Tangent(0.0, 2.0, -1.0, None), Tangent(4.0, 2.0, 1.0, None, gap=0.5)]
    assert chord_errors(ends, ends) == [2.5]
    corner = Tangent(2.0, 0.0, 0.0, None)
    assert chord_errors([ends[0], corner, ends[1]], [ends[0], corner, ends[1]]) == [0.0, 0.5]
    bent = [Tangent(0.0, 0.0, 0.5, None), Tangent(1.0, 0.75, 1.0, None), Tangent(2.0, 2.0, 1.5, None)]
    assert chord_errors(bent, bent) == [0.125, 0.125]
    assert chord_errors([bent[0], bent[2]], bent) == [0.25 + 0.125]


@given(
    lines=st.lists(st.tuples(st.floats(-10, 10), st.floats(-5, 5)), min_size=1, max_size=8),
    most=st.integers(2, 12),
)
def test_chords_are_no_further_above_the_curve_than_the_error(lines, most):
    """Tests the error of the chords at many places, however few evaluations there were."""
    evaluate, _ = _of_lines(lines)
    points, error = trace_chords(evaluate, [evaluate(0.0), evaluate(10.0)], 1e-7, most)
    assert len(points) <= most
    for step in range(101):
        at = step / 10
        low = max(point for point in range(len(points)) if points[point].at <= at)
        high = min(low + 1, len(points) - 1)
        part = (at - points[low].at) / (points[high].at - points[low].at) if high > low else 0.0
        chord = points[low].value + part * (points[high].value - points[low].value)
        assert chord - evaluate(at).value <= error + 1e-9
