"""Softmax over near columns by the compiled kernel, against all columns."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual import near_softmax
from placer.column_generation.dual.near_softmax import near_class
from placer.column_generation.dual.separable import softmax_of_sums
from placer.kernels import choice


@pytest.fixture(params=[56, 2], ids=lambda most: f"blocks of {most}")
def blocks(request, monkeypatch):
    """Blocks of many periods, and of two, the last of which may be shorter."""
    monkeypatch.setattr(near_softmax, "_MOST_PERIODS", request.param)


@pytest.mark.slow
@pytest.mark.parametrize("widths", [1.0, 1e-2, 1e-4])
def test_sums_are_those_over_all_columns(cases, blocks, widths):
    """Tests random classes at three widths, with a covariance over all sites, some and none."""
    for case in cases:
        mu, every = widths * case.group.unserved, np.arange(case.arrival.shape[1])
        near = near_class(case.group, choice.LEAST_COLUMNS)
        tiles = list(np.arange(len(case.arrival))[:, None])
        for sites in (every, every[::2], every[:0]):
            found = near.softmax(case.arrival, mu, sites)
            expected = softmax_of_sums(case.group, case.arrival, mu, sites, tiles)
            size = abs(expected.value) + mu * case.group.amount.sum()
            assert found.value == pytest.approx(expected.value, rel=0, abs=1e-12 * size)
            np.testing.assert_allclose(found.arriving, expected.arriving, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-9, atol=1e-9)


def test_small_markets_have_no_kernel(cases):
    """Tests the edge of size."""
    assert near_class(cases[0].group, choice.LEAST_COLUMNS - 1) is None


def test_it_pays_where_few_columns_are_near(cases):
    """Tests few and many tiles, values alone, and a width at which no column is near beside the cheapest."""
    case = max(cases, key=lambda case: case.arrival.size)
    near, sites = near_class(case.group, choice.LEAST_COLUMNS), np.arange(case.arrival.shape[1])
    assert not near.pays(case.arrival, 1e-9, sites, tiles=1)
    assert near.pays(case.arrival, 1e9, sites[:0], tiles=0)
    assert near.pays(case.arrival, 1e-9, sites, tiles=20)
