"""Tests of the plots."""

from __future__ import annotations

import matplotlib as mpl
import pytest

import placer

mpl.use("Agg")


@pytest.fixture(scope="module")
def ceiling():
    """Return the ceiling of the dataset tiny."""
    return placer.export_ceiling(placer.load("tiny"))


def test_the_curve_is_drawn_as_steps(ceiling, tmp_path):
    """Tests that the curve is drawn on a given axis with its unit, and written to a file."""
    from placer.plots import plot_curve, save

    axis = plot_curve(ceiling.curve)
    assert "ms" in axis.get_xlabel()
    assert axis.lines[0].get_drawstyle() == "steps-post"
    save(axis, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_the_split_adds_up_to_one(ceiling):
    """Tests that the bars stand on one another up to 100 %."""
    from placer.plots import plot_limits

    heights = [patch.get_height() for patch in plot_limits(ceiling).patches]
    assert sum(heights) == pytest.approx(1)
