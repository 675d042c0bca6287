"""Tests of the plots of real demand."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

import placer
from placer import plots


def test_the_rate_is_that_of_windows():
    """Tests two requests a second for 100 s and then one: windows of a second, and the mean."""
    seconds = np.concatenate([np.arange(0, 100, 0.5), np.arange(100, 200.5, 1.0)])
    trace = placer.Requests(pd.DataFrame({"time": seconds + 3600, "input_tokens": 1, "output_tokens": 1}))
    axis = plots.plot_requests(trace)
    start, rate = axis.lines[0].get_data()
    assert (start[0], len(rate)) == (1.0, 200)
    assert (rate[0], rate[-1]) == (2, 1)
    assert axis.lines[1].get_ydata()[0] == pytest.approx(301 / 200)


def test_long_traces_have_long_windows():
    days = np.arange(0, 1e7, 1000.0)
    axis = plots.plot_requests(placer.Requests(pd.DataFrame({"time": days, "input_tokens": 1, "output_tokens": 1})))
    assert axis.get_legend().get_texts()[0].get_text() == "in 1 day"


def test_one_request_has_no_rate():
    axis = plots.plot_requests(placer.Requests(pd.DataFrame({"time": [0], "input_tokens": 1, "output_tokens": 1})))
    assert len(axis.lines) == 1


def test_filled_steps_are_marked():
    """Tests the classes of a history about their means, with the filled step of one; names are no mathematics."""
    rows = [{"class": "$x_1$", "step": step, "requests": value} for step, value in enumerate([1, 0, 3, 4])]
    rows += [{"class": "tokens", "step": step, "mtok": 5.0} for step in range(4)]
    history = placer.History.of_table(pd.DataFrame(rows), 360, missing="interpolate")
    axis = plots.plot_history(history)
    assert axis.lines[0].get_ydata().tolist() == pytest.approx([0.4, 0.8, 1.2, 1.6])
    assert axis.lines[1].get_xdata().tolist() == [0.25]
    assert axis.lines[2].get_ydata().tolist() == [1, 1, 1, 1]
    assert [each.get_text() for each in axis.get_legend().get_texts()] == ["$x_1$", "$x_1$: 1 filled", "tokens"]
    axis.figure.canvas.draw()
