"""Tests of the plots of a ceiling."""

from __future__ import annotations

import matplotlib as mpl
import pytest

mpl.use("Agg")

from placer import plots


def test_the_curve_is_drawn_as_steps(ceiling, tmp_path):
    """Tests that the curve is drawn on a given axis with its unit, and written to a file."""
    axis = plots.plot_curve(ceiling.curve)
    assert "ms" in axis.get_xlabel()
    assert axis.lines[0].get_drawstyle() == "steps-post"
    plots.save_plot(axis, tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_the_ceiling_by_effort_is_drawn_as_a_line(ceiling):
    """Tests that rows are joined, over accelerator-hours."""
    axis = plots.plot_curve(ceiling.effort_curve)
    assert axis.get_xlabel() == "accelerator hours"
    assert axis.lines[0].get_drawstyle() == "default"
    assert axis.lines[0].get_ydata().tolist() == [ceiling.share]


def test_the_split_adds_up_to_one(ceiling):
    """Tests that the bars stand on one another up to 100 %."""
    heights = [patch.get_height() for patch in plots.plot_limits(ceiling).patches]
    assert sum(heights) == pytest.approx(1)


def test_the_other_ceilings_stand_beside_the_split(ceiling):
    """Tests that the latency ceiling and the one with swaps are marked, and the title has tokens and work."""
    axis = plots.plot_limits(ceiling)
    marked = [line.get_ydata()[0] for line in axis.lines]
    assert marked == pytest.approx([ceiling.latency_share, ceiling.gross_share])
    named = [text.get_text() for text in axis.get_legend().get_texts()]
    assert f"distance and law alone {ceiling.latency_share:.1%}" in named
    assert f"with swaps {ceiling.gross_share:.1%}" in named
    assert axis.get_title() == f"Ceiling: {ceiling.share:.1%} of tokens, {ceiling.work_share:.1%} of work"
    assert not any("-0.0%" in text for text in named)
