"""Plots that compare solvers."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from placer.errors import ArgumentError, InstanceError

mpl.use("Agg")

from placer import plots

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
