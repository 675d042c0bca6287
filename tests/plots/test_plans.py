"""Tests of the plot of a plan."""

from __future__ import annotations

import matplotlib as mpl
import pytest

mpl.use("Agg")

from placer import plots


def test_every_candidate_has_value_cost_and_units(hall_plan):
    """Tests the bars, the lines of cost, and that only what is built has a figure; the built candidate is on top."""
    axis = plots.plot_builds(hall_plan)
    assert [text.get_text() for text in axis.get_yticklabels()] == ["dear hall", "hall"]
    assert [text.get_text() for text in axis.texts] == ["16"]
    values = hall_plan.builds["value_usd_per_unit_year"]
    assert [bar.get_width() for bar in axis.containers[0]] == pytest.approx(values[["dear hall", "hall"]].tolist())
    lines = axis.collections[0].get_segments()
    assert [line[0][0] for line in lines] == pytest.approx([100_000, 87_600])
