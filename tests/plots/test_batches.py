"""Tests of the plots of many solves."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError

mpl.use("Agg")

from placer import plots


def test_distributions_say_their_unit():
    """Tests that the figure of a batch is written with its unit, and one that no row has is refused."""
    rows = pd.DataFrame({"cost_usd_per_mtok": [1.0, 2.0, 4.0], "export_share": np.nan})
    assert plots.plot_distributions(rows).get_xlabel() == "cost, USD/Mtok"
    for figure in ("export_share", "no such"):
        with pytest.raises(InstanceError, match=r"no row has .* \(allowed: cost_usd_per_mtok\)"):
            plots.plot_distributions(rows, figure=figure)


mpl.use("Agg")


def labels(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


@pytest.mark.slow
def test_tornado_has_a_bar_for_every_assumption_the_widest_on_top():
    """Tests ends that are labelled with the values that give them, and the value as given."""
    figure = "cost_usd_per_mtok"
    found = placer.sensitivity(placer.load("tiny"), placer.read_assumptions("tiny")[0], figures=[figure])
    axis = plots.plot_tornado(found, figure)
    names = [text.get_text() for text in axis.get_yticklabels()]
    assert names == ["round trips (1)", "accelerator price (1)", "who pays for accelerators (rented)"]
    assert {text.get_text() for text in axis.texts} == {"2", "0.5", "1.25", "paid for"}
    assert axis.get_xlabel() == "cost, USD/Mtok: 1.378 as given"
    widths = [abs(bar.get_width()) for bar in axis.containers[0]]
    assert widths == pytest.approx([0, 155 / 240, 310 / 240])


@pytest.mark.slow
def test_tornado_of_shares_is_in_percent_on_a_given_axis(tmp_path):
    found = placer.sensitivity(placer.load("tiny"), placer.read_assumptions("tiny")[0], figures=["unserved_share"])
    given = plots.plot_tornado(found, "unserved_share").get_figure().add_subplot()
    axis = plots.plot_tornado(found, "unserved_share", given)
    assert axis is given
    assert "unserved: 0.0% as given" in axis.get_xlabel()
    plots.save_plot(axis, tmp_path / "tornado.png")
    assert (tmp_path / "tornado.png").stat().st_size > 0


def test_tornado_needs_an_assumption():
    found = placer.sensitivity(placer.load("tiny"), [], figures=["unserved_share"])
    with pytest.raises(InstanceError, match="no value as given"):
        plots.plot_tornado(found, "unserved_share")


mpl.use("Agg")


SECONDS = pd.DataFrame({"a": [1.0, 4.0], "b": [2.0, np.nan]})


def test_profiles():
    """Tests that each solver has a step line from its share at 1 to its share at all."""
    axis = plots.plot_profiles(SECONDS)
    lines = {line.get_label(): line.get_ydata().tolist() for line in axis.lines}
    assert (lines["a"][0], lines["a"][-1]) == (1.0, 1.0)
    assert (lines["b"][0], lines["b"][-1]) == (0.0, 0.5)
    axis.figure.canvas.draw()


def test_scaling():
    """Tests that the growth stands beside a solver with two sizes, and not beside one with one."""
    times = pd.DataFrame({"solver": ["a", "a", "b"], "columns": [10, 100, 10], "seconds": [1.0, 100.0, 1.0]})
    axis = plots.plot_scaling(times)
    assert [line.get_label() for line in axis.lines] == ["a: columns^2.00", "b"]
    axis.figure.canvas.draw()


def test_what_cannot_be_drawn():
    """Tests that a table without times, and what is no table, are refused."""
    with pytest.raises(InstanceError, match="no solver has a time"):
        plots.plot_profiles(SECONDS * np.nan)
    for draw in (plots.plot_profiles, plots.plot_scaling):
        with pytest.raises(ArgumentError, match="a table of"):
            draw([1.0])
