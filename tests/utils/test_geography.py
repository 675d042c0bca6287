"""Tests of the outlines of countries."""

from __future__ import annotations

import numpy as np
import pytest

from placer.utils.geography import outlines


def test_outlines_are_closed_rings_on_the_globe():
    """Tests that every outline is a closed ring of at least three points within the range of degrees."""
    found = outlines()
    assert len(found) > 250
    for outline in found:
        assert outline.name
        assert outline.ring.shape[0] >= 4
        np.testing.assert_array_equal(outline.ring[0], outline.ring[-1])
        assert np.abs(outline.ring).max(axis=0) == pytest.approx(
            np.minimum(np.abs(outline.ring).max(axis=0), [180, 90])
        )


def test_known_places_are_on_land_of_their_country():
    """Tests that a ray to the east crosses the outline of a place's own country an odd number of times."""
    for name, lon, lat in (("China", 104.1, 30.7), ("Brazil", -47.9, -15.8), ("Australia", 133.9, -23.7)):
        crossings = 0
        for ring in (outline.ring for outline in outlines() if outline.name == name):
            (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
            across = (y1 > lat) != (y2 > lat)
            at = x1 + (lat - y1) / np.where(across, y2 - y1, 1.0) * (x2 - x1)
            crossings += int((across & (at > lon)).sum())
        assert crossings % 2 == 1


def test_outlines_cannot_be_changed_by_accident():
    """Tests that the points of a ring are not writeable."""
    with pytest.raises(ValueError, match="read-only"):
        outlines()[0].ring[0] = 0.0
