"""Tests of the plot of a plan."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import placer
from placer import plots

mpl.use("Agg")


def test_every_candidate_has_value_cost_and_units(hall_plan):
    """Tests the bars, the lines of cost, and that only what is built has a figure; the built candidate is on top."""
    axis = plots.plot_builds(hall_plan)
    assert [text.get_text() for text in axis.get_yticklabels()] == ["dear hall", "hall"]
    assert [text.get_text() for text in axis.texts] == ["16"]
    values = hall_plan.builds["value_usd_per_unit_year"]
    assert [bar.get_width() for bar in axis.containers[0]] == pytest.approx(values[["dear hall", "hall"]].tolist())
    lines = axis.collections[0].get_segments()
    assert [line[0][0] for line in lines] == pytest.approx([100_000, 87_600])


def test_curve_has_its_breakpoints_and_rents():
    """Tests a curve by hand: a dollar of budget saves 0.6 up to 1,800 and nothing beyond."""
    curve = pd.DataFrame(
        {
            "amount": [900.0, 1800.0, 2000.0],
            "cost_usd_per_year": [10_860.0, 10_320.0, 10_320.0],
            "rent_usd_per_unit_year": [0.6, 0.0, np.nan],
        }
    )
    axis = plots.plot_build_curve(curve, limit="$x$")
    assert axis.lines[0].get_xydata().tolist() == curve.iloc[:, :2].to_numpy().tolist()
    assert [text.get_text() for text in axis.texts] == ["0.6", "0"]
    axis.figure.canvas.draw()
    for wrong in (3, pd.DataFrame({"amount": [1.0]})):
        with pytest.raises(placer.ArgumentError, match="a curve of a plan"):
            plots.plot_build_curve(wrong)


def test_every_answer_is_a_line_over_the_groups_with_a_range(tiny):
    """Tests that exports of voice, of which no placement has any, have no axis."""
    found = placer.alternatives(tiny, groups=["region", "exports"], answers=2)
    axis = plots.plot_alternatives(found)
    free = [label for label in found.ranges.index if label != ("exports", "voice")]
    places = found.amounts["place"].unstack("answer")
    lines = axis.lines[: len(found.answers)]
    assert [line.get_label() for line in lines] == ["least cost", "hop 1", "hop 2"]
    for line in lines:
        assert line.get_ydata() == pytest.approx(places[line.get_label()].loc[free].to_numpy())
    ticks = [text.get_text() for text in axis.get_xticklabels()]
    assert ticks[0] == "east\n101"
    assert len(ticks) == len(free)
    assert axis.get_ylabel() == "place between the least and the most, Mtok"
