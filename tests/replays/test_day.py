"""Tests of a day under a rule: orders of arrival, queues, and what a rule may see."""

from __future__ import annotations

import numpy as np
import pytest

from placer.replays.day import drawn_amounts, replay_day, substep_amounts
from placer.replays.flows import class_penalty_usd, cost_usd, day_infeasibility
from placer.replays.rules import RULES, cheapest_rule, protect_rule, rents_rule


def total_usd(network, flows):
    """Return cost and penalty."""
    assert day_infeasibility(network, flows) <= 1e-12
    return cost_usd(network, flows) + class_penalty_usd(network, flows).sum()


def seed_of(first):
    """Return a seed that draws the class of a number first of two."""
    return next(seed for seed in range(20) if np.random.default_rng(seed).permutation(2)[0] == first)


def test_two_sites_by_hand(two_sites, make_brief):
    """Tests 50 USD first come, cheapest; 30 at the rent of 2 with ties to B; 22 where six at A are protected."""
    brief = make_brief(two_sites)
    network = brief.network
    flexible_first = seed_of(1)  # classes with fewer choices are numbered first
    flows = replay_day(network, brief.forecast, cheapest_rule(brief), "random", flexible_first)
    assert total_usd(network, flows) == pytest.approx(50.0)
    assert flows.left.tolist() == pytest.approx([0.0, 4.0])
    assert total_usd(
        network, replay_day(network, brief.forecast, protect_rule(brief), "random", flexible_first)
    ) == pytest.approx(22.0)
    assert total_usd(
        network, replay_day(network, brief.forecast, cheapest_rule(brief), "strict_first")
    ) == pytest.approx(22.0)

    def ties_to_b(view):
        found = rents_rule(brief)(view)
        found.price[0, 1] -= 1e-9
        return found

    assert total_usd(
        network, replay_day(network, brief.forecast, ties_to_b, "random", flexible_first)
    ) == pytest.approx(30.0)


def test_a_queue_by_hand(one_queue, make_brief):
    """Tests 18 Mtok that may wait an hour, of which 10 fit into the first: 10 at 1 USD, 8 at 5, late work at 1."""
    brief = make_brief(one_queue, parts=1, late_usd=50.0)
    flows = replay_day(brief.network, brief.forecast, cheapest_rule(brief))
    assert flows.served[:, 0].tolist() == [[10.0, 8.0, 0.0, 0.0], [0.0, 0.0, 0.0, 4.0]]
    assert total_usd(brief.network, flows) == pytest.approx(10 + 40 + 4)


def test_work_expires_after_its_window(one_queue, make_day):
    """Tests 30 Mtok that may wait an hour of 10: 10 expire."""
    network, _, _ = make_day(one_queue, late_usd=0.5)
    decide = RULES["cheapest"](_brief_of(network))
    flows = replay_day(network, np.array([[30.0, 0.0, 0.0, 12.0]]), decide)
    assert (flows.expired[0], flows.waiting[1]) == (10.0, 2.0)
    assert total_usd(network, flows) == pytest.approx(10 + 50 + 10 * 100 + 10 + 1)


def _brief_of(network):
    class Brief:
        pass

    brief = Brief()
    brief.network = network
    return brief


@pytest.mark.parametrize("name", ["plan", "protect", "online", "rolling"])
def test_later_counts_change_no_decision(name, make_random_history, make_brief):
    """Tests that decisions of half a day are equal to the last bit if all later counts differ."""
    instance, _ = make_random_history(5)
    brief = make_brief(instance, parts=3, late_usd=20.0)
    amounts = np.repeat(brief.forecast / 3, 3, axis=1) * np.random.default_rng(1).uniform(0.5, 1.5, (1, 12))
    changed = amounts.copy()
    changed[:, 6:] *= 3

    def decisions(came):
        decide, kept = RULES[name](brief), []

        def keep(view):
            assert not view.counts.flags.writeable
            kept.append(decide(view))
            return kept[-1]

        replay_day(brief.network, came, keep)
        return kept[:7]

    for one, other in zip(decisions(amounts), decisions(changed), strict=True):
        assert one.price.tobytes() == other.price.tobytes()
        assert one.wanted.tobytes() == other.wanted.tobytes()
        assert (one.split is None) == (other.split is None)
        assert one.split is None or one.split.tobytes() == other.split.tobytes()


def test_steps_keep_their_sums():
    """Tests sums over the substeps of random steps, with empty ones."""
    steps = np.random.default_rng(0).uniform(0, 5, (3, 8)) * [[1, 1, 0, 0, 1, 1, 1, 1]]
    found = substep_amounts(steps, 7)
    assert found.reshape(3, 8, 7).sum(axis=2) == pytest.approx(steps)
    assert (found >= 0).all()


def test_one_step_is_even():
    """Tests a day of one step, and one substep."""
    assert substep_amounts(np.array([[6.0]]), 3).tolist() == [[2.0, 2.0, 2.0]]
    assert substep_amounts(np.array([[6.0, 2.0]]), 1).tolist() == [[6.0, 2.0]]


@pytest.mark.slow
@pytest.mark.parametrize("dispersion", [1.0, 9.0])
def test_draws_have_their_mean_and_dispersion(dispersion):
    """Tests 200,000 draws of 50 requests each: mean within 5 standard errors, dispersion within a twentieth."""
    drawn = drawn_amounts(np.full((1, 200_000), 0.1), np.array([0.002]), dispersion, seed=3) / 0.002
    assert drawn == pytest.approx(np.round(drawn))
    assert drawn.mean() == pytest.approx(50, abs=5 * np.sqrt(50 * dispersion / 200_000))
    assert drawn.var() / drawn.mean() == pytest.approx(dispersion, rel=0.05)


def test_without_dispersion_amounts_are_as_expected():
    """Tests a dispersion of 0, and two seeds otherwise."""
    amounts = np.array([[1.0, 2.0]])
    assert drawn_amounts(amounts, np.array([0.001]), 0, 0).tolist() == amounts.tolist()
    one, other, again = (drawn_amounts(amounts, np.array([0.001]), 4, seed) for seed in (1, 2, 1))
    assert one.tolist() == again.tolist() != other.tolist()
