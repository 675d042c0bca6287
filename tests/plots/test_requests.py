"""Tests of the plots of real demand."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

import placer
from placer import plots
from placer.replays.result import Replay


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


@pytest.fixture
def found():
    """Return two days and two seeds under two rules; one of two workloads loses 1 of 10 Mtok under one of them."""
    at = [(rule, day, seed) for rule in ("$x_1$", "plan") for day in (8, 7) for seed in (0, 1)]
    days = pd.DataFrame(at, columns=["rule", "day", "seed"])
    days["regret_share"] = [0.01, 0.03, 0.02, 0.02, 0.0, 0.0, 0.0, 0.0]
    rows = [{"rule": rule, "day": day, "seed": seed, "workload": name} for rule, day, seed in at for name in "ab"]
    workloads = pd.DataFrame(rows).assign(demand_mtok=10.0, unserved_mtok=0.0, least_unserved_mtok=0.5)
    workloads.loc[(workloads["rule"] == "plan") & (workloads["workload"] == "b"), "unserved_mtok"] = 1.0
    return Replay(
        days.set_index(["rule", "day", "seed"]),
        workloads.set_index(["rule", "day", "seed", "workload"]),
        pd.DataFrame(columns=["class", "day", "step", "rule"]),
    )


def test_bars_are_means_over_seeds(found):
    """Tests means of 2 % on both days in the order of days, a line from 1 to 3 %, and names that are no mathematics."""
    axis = plots.plot_regret(found)
    first, second = axis.containers
    assert [bar.get_height() for bar in first] == pytest.approx([0.02, 0.02])
    assert [bar.get_height() for bar in second] == [0.0, 0.0]
    assert [each.get_text() for each in axis.get_xticklabels()] == ["7", "8"]
    assert [segment[:, 1].tolist() for segment in axis.collections[0].get_segments()] == [[0.02, 0.02], [0.01, 0.03]]
    axis.figure.canvas.draw()


def test_a_regret_without_bound_is_named(found):
    """Tests that a day over a least cost of 0 has a word in place of a bar."""
    found.days.loc[("plan", 8, 0), "regret_share"] = float("inf")
    axis = plots.plot_regret(found)
    assert [text.get_text() for text in axis.texts] == ["inf"]
    axis.figure.canvas.draw()


def test_losses_stand_beside_those_of_the_bound(found):
    """Tests 10 % of one workload under a rule, and 5 % of both in the bound; the first workload stands on top."""
    axis = plots.plot_losses(found, "plan")
    own, bound = ([bar.get_width() for bar in bars] for bars in axis.containers)
    assert own == pytest.approx([0.1, 0.0])
    assert bound == pytest.approx([0.05, 0.05])
    assert [each.get_text() for each in axis.get_yticklabels()] == ["b", "a"]
    axis.figure.canvas.draw()
    with pytest.raises(placer.InstanceError, match="no rule 'best'"):
        plots.plot_losses(found, "best")
