"""Blocks by lag in periods, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.parameters import HESSIAN
from placer.column_generation.dual.service_blocks import (
    add_delays,
    arrival_blocks,
    diagonals_between,
    periods_later,
)

#: Half of what arrives in the first of two periods is served at once, a quarter of what arrives in the second.
PHI = np.array([[[0.5], [0.25]], [[0.5], [0.75]]])


def test_arrivals_by_lag():
    """Tests covariances of 4 and 8: ``2 x 1/4`` and so on, at the period of the earlier service."""
    found = arrival_blocks(np.array([[[4.0]], [[8.0]]]), PHI, [0, 1], HESSIAN)
    assert found[0].ravel().tolist() == [4 * 0.25 + 8 * 0.5625, 8 * 0.0625 + 4 * 0.25]
    assert found[1].ravel().tolist() == [4 * 0.25, 8 * 0.1875]


def test_delays_add_the_spread_of_what_is_served():
    """Tests 10 units that arrive in the first period, each of the two delays taking 0.5 of one figure and 1 of another.

    The mean product is 0.375: ``10 (0.375 - 0.5)`` beside ``-10 x 0.5`` for different delays.
    """
    blocks = {lag: np.zeros((2, 2, 2)) for lag in (0, 1)}
    one, other = np.full((2, 2, 1), 0.5), np.ones((2, 2, 1))
    between = {lag: each[:, 0, 1] for lag, each in diagonals_between(blocks, 2).items()}
    add_delays(np.array([[10.0], [0.0]]), one, other, np.full((2, 2, 1), 0.375), [0, 1], between)
    assert blocks[0][:, 0, 1].tolist() == pytest.approx([10 * (0.375 - 0.5)] * 2)
    assert blocks[1][:, 0, 1].tolist() == [-5.0, 0.0]
    assert not blocks[0][:, [0, 1, 1], [0, 0, 1]].any()


def test_periods_later():
    """Tests figures of three periods, two periods later, and one figure of all periods."""
    assert periods_later(np.array([[1.0], [2.0], [3.0]]), 2).ravel().tolist() == [3.0, 1.0, 2.0]
    assert periods_later(np.array([[5.0]]), 2).tolist() == [[5.0]]
