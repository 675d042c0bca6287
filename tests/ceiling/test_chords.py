"""A convex curve of exports from its slopes: e squared over whole numbers, whose breakpoints are known."""

from __future__ import annotations

import pytest

from placer.ceiling.chords import Chords
from placer.utils.convex_curve import Tangent


def vertex(slope):
    """Return the whole number e, from 0 to 5, of least ``e squared - slope e``."""
    export = min(range(6), key=lambda each: each * each - slope * each)
    return Tangent(float(export), float(export * export), slope, export)


def squares():
    """Return the curve, without vertices."""
    return Chords(vertex, 5.0, 1.0, 1e-9, lambda *_: None)


def test_every_breakpoint_is_found():
    """Tests that the chords between 0 and 5 lead to all whole numbers, none of them on a straight line."""
    chords = squares()
    chords.solve(0.0)
    assert chords.climb(1.0, 5.0) == 5.0
    points, error = chords.traced(100)
    assert [(point.at, point.value) for point in points] == [(e, e * e) for e in range(6)]
    assert error <= 1e-9


def test_few_programs_leave_an_error():
    """Tests that an early end is told: the chord from 0 to 5 is up to 6.25 above the curve of real numbers."""
    chords = squares()
    chords.solve(0.0)
    chords.climb(1.0, 5.0)
    points, error = chords.traced(2)
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
