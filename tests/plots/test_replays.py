"""Tests of the plots of replays."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest

mpl.use("Agg")

import placer
from placer import plots
from placer.replays.result import Replay


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
