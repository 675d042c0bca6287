"""A convex curve from its slopes: e squared over whole numbers, whose breakpoints are known."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from placer.utils.chords import Chords
from placer.utils.convex_curve import Tangent


def vertex(slope):
    """Return the whole number e, from 0 to 5, of least ``e squared - slope e``."""
    export = min(range(6), key=lambda each: each * each - slope * each)
    return Tangent(float(export), float(export * export), slope, export)


def squares():
    """Return the curve, without vertices."""
    return Chords(vertex, 5e-9, 1.0, lambda *_: None)


def test_every_breakpoint_is_found():
    """Tests that the chords between 0 and 5 lead to all whole numbers, none of them on a straight line."""
    chords = squares()
    chords.solve(0.0)
    assert chords.climb(1.0, 5.0) == 5.0
    points, error = chords.traced(1e-9, 100)
    assert [(point.at, point.value) for point in points] == [(e, e * e) for e in range(6)]
    assert error <= 1e-9


def test_few_programs_leave_an_error():
    """Tests that an early end is told: the chord from 0 to 5 is up to 6.25 above the curve of real numbers."""
    chords = squares()
    chords.solve(0.0)
    chords.climb(1.0, 5.0)
    points, error = chords.traced(1e-9, 2)
    assert [point.at for point in points] == [0.0, 5.0]
    assert error > 6


def test_the_steepest_slope_ends_the_climb():
    """Tests that an end that no slope reaches is not reached."""
    assert squares().climb(1.0, 7.0) == 5.0


def test_equal_exports_are_one():
    """Tests that a vertex takes the export of one that differs by rounding."""
    chords = squares()
    chords.add(Tangent(2.0, 4.0, 4.0, 2))
    assert chords.add(Tangent(2.0 + 1e-12, 4.0, 4.5, 2)).at == pytest.approx(2.0, abs=0)


def test_the_chord_that_crosses_a_value():
    """Tests the most of a square of at most 10, as the least of -e: 1/7 of the way from 3 to 4, whose slope proves it.

    The known point 2.5 is above the curve. Its chord to 5 leads to 3, that of 3 and 5 to 4, and that of 3 and 4 to 3.
    """
    asked = []

    def falling(slope):
        asked.append(slope)
        found = vertex(-slope)
        return Tangent(-found.at, found.value, slope, found.detail)

    known = [Tangent(-export, value, math.inf, None) for export, value in ((0.0, 0.0), (2.5, 9.0), (5.0, 25.0))]
    curve = Chords(falling, 5e-9, 1.0, lambda *_: None, known)
    mix, bound = curve.least_within(10.0, -5.0, 1e-9, 100)
    assert (mix.value, bound) == pytest.approx((-22 / 7, -22 / 7))
    assert [curve.points[place].at for place in (mix.low, mix.high)] == [-3.0, -4.0]
    assert asked == pytest.approx([-6.4, -8.0, -7.0])


def test_few_points_leave_a_bound_that_is_lower():
    """Tests the same with one slope: that of 0 and 5 leads to 2, and its line falls to 10 at 16 / 5."""
    known = [Tangent(0.0, 0.0, math.inf, None), Tangent(-5.0, 25.0, math.inf, None)]

    def falling(slope):
        return replace(vertex(-slope), at=-vertex(-slope).at, slope=slope)

    curve = Chords(falling, 5e-9, 1.0, lambda *_: None, known)
    mix, bound = curve.least_within(10.0, -5.0, 1e-9, 3)
    assert (mix.value, bound) == pytest.approx((-2 - 3 * 6 / 21, -2 - 6 / 5))


def test_a_climb_ends_at_a_value_above_the_most():
    """Tests that no slope follows one whose vertex is dearer; where no point is, no chord crosses the value."""
    curve = squares()
    curve.solve(0.0)
    mix, bound = curve.least_within(10.0, -3.0, 1e-9, 100)
    assert (mix.value, mix.low, mix.high, bound) == (0.0, 0, 0, -3.0)
    assert curve.climb(1.0, 7.0, most=10.0) == 5.0
    assert len(curve.points) == 2
