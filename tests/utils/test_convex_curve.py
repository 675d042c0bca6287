"""Tests that a convex curve is traced exactly."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.utils.convex_curve import (
    Tangent,
    best_mix,
    breakpoints,
    chord_error,
    chord_errors,
    chord_slope,
    meeting,
    trace_chords,
)


def _of_lines(lines):
    """Return the largest of some lines as a curve that can be evaluated, and the places it was evaluated at."""
    asked = []

    def evaluate(at):
        asked.append(at)
        value, slope = max((level + slope * at, slope) for level, slope in lines)
        return Tangent(at, value, slope, None, below=0)  # as an integer it leaves fractions exact

    return evaluate, asked


def _traced(evaluate, ends, tolerance, most):
    """Return the points of a curve that is evaluated where lines meet, and the error of the chords."""
    return trace_chords(lambda low, high: evaluate(meeting(low, high)), ends, lambda *_: tolerance, most)


def _bends(low, here, high):
    return chord_slope(here, high) - chord_slope(low, here) > 1e-9


def test_a_curve_of_three_pieces():
    """Tests slopes 0, 1 and 3 that meet at 2 and 5."""
    evaluate, asked = _of_lines([(0.0, 0.0), (-2.0, 1.0), (-12.0, 3.0)])
    points, error = _traced(evaluate, [evaluate(0.0), evaluate(8.0)], 1e-9, 100)
    kept = breakpoints(points, _bends)
    assert [point.at for point in kept] == pytest.approx([0.0, 2.0, 5.0, 8.0])
    assert error <= 1e-9
    assert len(asked) <= 7


def test_passes_go_down_and_up():
    """Tests slopes 0 to 4 that meet at 1, 3, 6 and 9: each pass turns back where the one before ended."""
    evaluate, asked = _of_lines([(0.0, 0.0), (-1.0, 1.0), (-4.0, 2.0), (-10.0, 3.0), (-19.0, 4.0)])
    _traced(evaluate, [evaluate(0.0), evaluate(10.0)], 1e-9, 100)
    # The lines of the ends meet at 19 / 4, on slope 2; it meets slope 0 at 2 and slope 4 at 7.5; then the corners.
    assert asked == pytest.approx([0, 10, 4.75, 2, 7.5, 9, 6, 3, 1])


def test_the_highest_chords_come_first_where_few_points_are_left():
    """Tests one point for two chords: the lower one, from 0 to 3, stays."""
    evaluate, asked = _of_lines([(0.0, 0.0), (-1.0, 1.0), (-4.0, 2.0), (-20.0, 6.0)])
    points, error = _traced(evaluate, [evaluate(0.0), evaluate(10.0)], 1e-9, 4)
    assert len(points) == len(asked) == 4
    assert error > 0


def test_one_place_is_one_point():
    """Tests a curve of no length."""
    evaluate, _ = _of_lines([(0.0, 1.0)])
    points, error = _traced(evaluate, [evaluate(3.0)], 1e-9, 100)
    assert ([point.at for point in points], error) == ([3.0], 0.0)
    assert breakpoints(points, _bends) == points


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
    points, error = _traced(evaluate, [evaluate(0.0), evaluate(10.0)], 1e-7, most)
    assert len(points) <= most
    for step in range(101):
        at = step / 10
        low = max(point for point in range(len(points)) if points[point].at <= at)
        high = min(low + 1, len(points) - 1)
        part = (at - points[low].at) / (points[high].at - points[low].at) if high > low else 0.0
        chord = points[low].value + part * (points[high].value - points[low].value)
        assert chord - evaluate(at).value <= error + 1e-9


def _corners(lines, low, high):
    """Return the ends and every place between them where two lines cross on the curve, by brute force."""
    crossings = {(one[0] - other[0]) / (other[1] - one[1]) for one in lines for other in lines if one[1] < other[1]}

    def is_on_curve(at):
        values = {slope: level + slope * at for level, slope in sorted(lines)}  # of parallel lines, the highest
        return list(values.values()).count(max(values.values())) > 1

    return sorted({low, high} | {at for at in crossings if low < at < high and is_on_curve(at)})


@given(st.lists(st.tuples(st.integers(-20, 20), st.integers(-6, 6)), min_size=1, max_size=9))
def test_breakpoints_are_those_by_brute_force(lines):
    """Tests both ways to evaluate, in rational numbers: where lines meet, and where the slope of a chord touches."""
    exact = [(Fraction(level), Fraction(slope)) for level, slope in lines]
    evaluate, _ = _of_lines(exact)
    expected = _corners(exact, Fraction(0), Fraction(10))

    def touching(low, high):
        slope = chord_slope(low, high)
        return replace(evaluate(min(expected, key=lambda at: evaluate(at).value - slope * at)), slope=slope)

    ends = [evaluate(Fraction(0)), evaluate(Fraction(10))]
    for way in (lambda low, high: evaluate(meeting(low, high)), touching):
        points, error = trace_chords(way, ends, lambda *_: 0, 100)
        assert error == 0
        assert len(points) <= 2 * len(expected) + 1
        alone = list({point.at: point for point in points}.values())  # a place may have two slopes
        kept = breakpoints(alone, lambda low, here, high: chord_slope(here, high) > chord_slope(low, here))
        assert [point.at for point in kept] == expected


def test_where_a_line_falls_to_a_value():
    """Tests a line 1 below (4, 6) that falls by 2: it is at 3 at 5; a line that does not fall tells nothing."""
    point = Tangent(4.0, 6.0, -2.0, None, below=1.0)
    assert point.falls_to(3.0) == 5.0
    assert point.with_detail("here").detail == "here"
    assert {replace(point, slope=slope).falls_to(3.0) for slope in (0.0, 1.0, math.inf, -math.inf)} == {-math.inf}


def test_lines_below_their_values():
    """Tests |x - 2| whose lines are 0.5 and 0.25 too low: they meet at 1.875, and the chord lies 2.375 above that."""
    ends = [Tangent(0.0, 2.0, -1.0, None, below=0.5), Tangent(4.0, 2.0, 1.0, None, below=0.25)]
    assert meeting(*ends) == 1.875
    assert chord_error(*ends) == 2.0 + 0.375


def test_an_end_without_a_line():
    """Tests infinite slopes: the error is the distance of the end above the other line, and there is no meeting."""
    first, last = Tangent(0.0, 5.0, -math.inf, None), Tangent(4.0, 2.0, 1.0, None)
    assert meeting(first, last) == 0.0
    assert chord_error(first, last) == 5.0 - (-2.0)
    assert meeting(last, Tangent(6.0, 9.0, math.inf, None)) == 6.0


def test_chords_between_which_nothing_is_found_stay():
    """Tests that the curve is asked once, and the error is left."""
    asked, ends = [], [Tangent(0.0, 2.0, -1.0, None), Tangent(4.0, 2.0, 1.0, None)]
    points, error = trace_chords(lambda *pair: asked.append(pair), ends, lambda *_: 0.0, 100)
    assert (points, error, len(asked)) == (ends, 2.0, 1)


def test_best_mix_by_hand():
    """Tests that of 12 a fifth of the point of 20 enters, as long as it has less, and none where it has more."""
    assert best_mix(np.array([5.0, 1.0, 7.0]), np.array([10.0, 20.0, 11.0]), 12.0) == pytest.approx((4.2, 0, 1, 0.2))
    assert best_mix(np.array([5.0, 6.0]), np.array([10.0, 20.0]), 12.0) == (5.0, 0, 0, 0.0)
