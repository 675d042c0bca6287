"""Sums over delays, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.delays import Delays, by_pair, equal_delays

#: Delays of 0 or 1 period, over 3 periods, at one site: half of what arrives in period 0 waits, and all in period 2.
PHI = np.array([[[0.5], [1.0], [0.0]], [[0.5], [0.0], [1.0]]])


@pytest.mark.parametrize("per_delay", [0, 8], ids=["delays", "pairs"])
def test_ahead_and_later_by_hand(per_delay, monkeypatch):
    """Tests means of what is ahead, and sums of what arrives, with all pairs of periods at once and delay by delay."""
    monkeypatch.setattr("placer.column_generation.dual.delays._PAIRS_PER_DELAY", per_delay)
    delays, values = Delays(PHI), np.array([[[2.0]], [[4.0]], [[8.0]]])
    assert delays.ahead(values).ravel().tolist() == [3.0, 4.0, 2.0]
    assert delays.later(values).ravel().tolist() == [9.0, 5.0, 0.0]


def test_pairs_of_periods():
    """Tests that what waits in the last period is served in the first."""
    assert by_pair(PHI)[0].tolist() == [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]


@pytest.mark.parametrize("cells", [1, 10**6])
def test_equal_delays(cells, monkeypatch):
    """Tests products of 4, 8 and 2 in two sites of which the second waits for nothing, period by period or at once."""
    monkeypatch.setattr("placer.column_generation.dual.delays.CELLS_PER_CHUNK", cells)
    products = np.array([4.0, 8.0, 2.0])[:, None, None] * np.array([[1.0, 0.5], [0.5, 1.0]])
    phi = np.concatenate([PHI, [[[1.0], [1.0], [1.0]], [[0.0], [0.0], [0.0]]]], axis=2)
    found = equal_delays(products, phi)
    assert found[:, 0, 0].tolist() == [4 * 0.25 + 2.0, 8 + 4 * 0.25, 0.0]
    assert found[:, 0, 1].tolist() == found[:, 1, 0].tolist() == [0.5 * 4 * 0.5, 0.5 * 8, 0.0]
    assert found[:, 1, 1].tolist() == [4.0, 8.0, 2.0]


def test_delays_that_serve_little_are_left_out():
    """Tests that a delay of a part of 0.01 is."""
    phi = np.array([[[0.99]], [[0.01]]])
    assert equal_delays(np.ones((1, 1, 1)), phi).tolist() == [[[0.99**2]]]
