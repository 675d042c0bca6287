"""Tests of the check of flows: it passes those of a rule, and finds each kind of broken balance, window and limit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.replays.day import replay_day
from placer.replays.flows import class_penalty_usd, cost_usd, day_infeasibility, drawn, taken
from placer.replays.rules import cheapest_rule


@pytest.fixture
def replayed(one_queue, make_brief):
    """Return the network of the queue, and its flows under the cheapest rule."""
    brief = make_brief(one_queue, late_usd=5.0)
    return brief.network, replay_day(brief.network, brief.forecast, cheapest_rule(brief))


def changed(flows, name, place, by):
    """Return flows with one figure raised."""
    values = getattr(flows, name).copy()
    values[place] += by
    return replace(flows, **{name: values})


def test_flows_of_a_rule_pass(replayed):
    """Tests cost, power and penalty of 10 Mtok at 1 USD, 8 at 5 and 4 at 1."""
    network, flows = replayed
    assert day_infeasibility(network, flows) <= 1e-15
    assert cost_usd(network, flows) == pytest.approx(54.0)
    assert drawn(network, flows).tolist() == taken(network, flows).tolist() == [[10.0, 8.0, 0.0, 4.0]]
    assert class_penalty_usd(network, flows).sum() == 0


@pytest.mark.parametrize(
    ("name", "place", "by"),
    [
        ("sent", (0, 0), 1.0),
        ("sent", (0, 0), -30.0),
        ("queued", (0, 0, 0), 1.0),
        ("served", (0, 0, 0), 1.0),
        ("served", (0, 0, 1), -1.0),
        ("served", (0, 0, 1), np.nan),
        ("left", 0, 1.0),
        ("expired", 0, 1.0),
        ("waiting", 1, 1.0),
        ("arrived", 0, 1.0),
    ],
)
def test_a_changed_figure_is_found(replayed, name, place, by):
    """Tests that one changed figure breaks a balance or a limit."""
    network, flows = replayed
    assert not day_infeasibility(network, changed(flows, name, place, by)) <= 1e-3


def test_work_sent_to_another_site_than_it_came_to_is_found(two_sites, make_brief):
    """Tests 1 Mtok of the flexible that is sent to B and served at A, with all sums kept."""
    brief = make_brief(two_sites)
    flows = replay_day(brief.network, brief.forecast, cheapest_rule(brief))
    assert day_infeasibility(brief.network, flows) <= 1e-12
    moved = changed(changed(flows, "sent", (0, 0), -1.0), "sent", (0, 1), 1.0)
    assert day_infeasibility(brief.network, moved) > 1e-3


@pytest.mark.parametrize("periods", [(0, 2), (1, 0)])
def test_work_out_of_its_window_is_found(replayed, periods):
    """Tests work that is moved to before it arrived, or to after its window, with all sums kept."""
    network, flows = replayed
    source, target = periods
    moved = changed(changed(flows, "served", (0, 0, source), -8.0), "served", (0, 0, target), 8.0)
    assert day_infeasibility(network, moved) > 1e-3
