"""Tests of what rules decide, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.replays.day import View
from placer.replays.rules import RULES, backlog_of, level, nearest, next_rate, plan, protect, rents


def make_view(network, period=0, counts=None, queued=None, gone=None):
    """Return a view of a period; nothing has arrived if not given."""
    shape = network.structure.classes, network.structure.sites
    return View(
        period,
        np.zeros((len(network.klass), period)) if counts is None else np.array(counts, dtype=float),
        np.zeros((*shape, period)) if queued is None else np.array(queued, dtype=float),
        np.zeros(shape) if gone is None else np.array(gone, dtype=float),
    )


def test_prices_of_two_sites(two_sites, make_brief):
    """Tests round trips, and prices at a rent of 2 USD at A."""
    brief = make_brief(two_sites)
    view = make_view(brief.network)
    assert nearest(brief)(view).price.tolist() == [[10.0, 100.0], [10.0, np.inf]]
    assert rents(brief)(view).price == pytest.approx(np.array([[3.0, 3.0], [3.0, np.inf]]))
    assert plan(brief)(view).split == pytest.approx(np.array([[0.5, 0.5], [1.0, 0.0]]))


def test_room_held_for_captive_pairs(two_sites, make_brief):
    """Tests that six of A are held for the strict."""
    found = protect(make_brief(two_sites))(make_view(make_brief(two_sites).network))
    assert found.captive.tolist() == [False, True]
    assert found.held.tolist() == [6.0, 0.0]


def test_rates_go_on_as_they_grew(two_sites, make_brief):
    """Tests 2 then 3 Mtok of the flexible: 4 are expected; 4 then 1 of the strict: none."""
    network = make_brief(two_sites, parts=4).network
    view = make_view(network, 2, [[2.0, 3.0], [4.0, 1.0]])
    assert next_rate(network, np.zeros((2, 4)), view).tolist() == [4.0, 0.0]
    assert next_rate(network, np.full((2, 4), 7.0), make_view(network, 1, [[2.0], [4.0]])).tolist() == [7.0, 7.0]


def test_level_of_a_class(two_sites, make_brief):
    """Tests 3 Mtok where 2 were expected, and 1 where nothing has arrived yet."""
    network = make_brief(two_sites, parts=4).network
    expected = np.array([[2.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]])
    view = make_view(network, 2, [[9.0, 3.0], [1.0, 1.0]])
    assert level(network, expected, view, 1).tolist() == [1.5, 1.0]
    assert level(network, expected, make_view(network), 1).tolist() == [1.0, 1.0]


def test_backlog_by_hours_left(one_queue, make_day):
    """Tests 5 Mtok, then 4, in two periods of hour 0, with 6 gone: 3 whose window of an hour ends in hour 1."""
    network, _, _ = make_day(one_queue, parts=2)
    view = make_view(network, 2, [[5.0, 4.0]], [[[5.0, 4.0]], [[0.0, 0.0]]], [[6.0], [0.0]])
    found = backlog_of(network, view)
    assert found[0, 0].tolist() == [3.0, 0.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_decides_finite_prices(name, make_random_history, make_brief):
    """Tests that prices are finite where there is a choice, and that splits are shares."""
    brief = make_brief(make_random_history(3)[0], parts=2, late_usd=9.0)
    found = RULES[name](brief)(make_view(brief.network))
    assert np.isfinite(found.price[brief.network.is_arc]).all()
    if found.split is not None:
        assert (found.split >= 0).all()
        assert found.split.sum(axis=1).max() <= 1 + 1e-9
