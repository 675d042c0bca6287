"""Tests of the substeps of a day: their sums, and draws around them."""

from __future__ import annotations

import numpy as np
import pytest

from placer.replays.arrivals import drawn_amounts, substep_amounts


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
