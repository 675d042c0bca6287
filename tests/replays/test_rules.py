"""Tests of what rules decide, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.replays.rules import RULES, nearest_rule, next_rate, plan_rule, protect_rule, rents_rule


def test_prices_of_two_sites(two_sites, make_brief, view_of):
    """Tests round trips, and prices at a rent of 2 USD at A."""
    brief = make_brief(two_sites)
    view = view_of(brief.network)
    assert nearest_rule(brief)(view).price.tolist() == [[10.0, 100.0], [10.0, np.inf]]
    assert rents_rule(brief)(view).price == pytest.approx(np.array([[3.0, 3.0], [3.0, np.inf]]))
    assert plan_rule(brief)(view).split == pytest.approx(np.array([[0.5, 0.5], [1.0, 0.0]]))


def test_room_held_for_captive_pairs(two_sites, make_brief, view_of):
    """Tests that six of A are held for the strict."""
    found = protect_rule(make_brief(two_sites))(view_of(make_brief(two_sites).network))
    assert found.captive.tolist() == [False, True]
    assert found.held.tolist() == [6.0, 0.0]


def test_rates_go_on_as_they_grew(two_sites, make_brief, view_of):
    """Tests 2 then 3 Mtok of the flexible: 4 are expected; 4 then 1 of the strict: none."""
    network = make_brief(two_sites, parts=4).network
    view = view_of(network, 2, [[2.0, 3.0], [4.0, 1.0]])
    assert next_rate(network, np.zeros((2, 4)), view).tolist() == [4.0, 0.0]
    assert next_rate(network, np.full((2, 4), 7.0), view_of(network, 1, [[2.0], [4.0]])).tolist() == [7.0, 7.0]


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_rule_decides_finite_prices(name, make_random_history, make_brief, view_of):
    """Tests that prices are finite where there is a choice, and that splits are shares."""
    brief = make_brief(make_random_history(3)[0], parts=2, late_usd=9.0)
    found = RULES[name](brief)(view_of(brief.network))
    assert np.isfinite(found.price[brief.network.is_arc]).all()
    if found.split is not None:
        assert (found.split >= 0).all()
        assert found.split.sum(axis=1).max() <= 1 + 1e-9
