"""Estimates of what a path takes, counted by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from placer.column_generation.dual.effort import set_up_seconds, step_seconds
from placer.column_generation.parameters import EffortParameters


def test_estimate_of_the_set_up():
    """Tests that 5 origins of the two classes that use links and 2 sites are 10 routes, with 6 pairs of 3 links."""
    groups = tuple(
        SimpleNamespace(amount=np.ones((7, origins)), link_use=use, lanes=range(2))
        for origins, use in ((4, 1.0), (1, 0.5), (9, 0.0))
    )
    whole = SimpleNamespace(groups=groups, links=np.zeros((3, 2, 9)))
    assert set_up_seconds(whole, EffortParameters(seconds_per_pair=0.5)) == 0.5 * 10 * 6


@pytest.mark.parametrize(
    ("link_use", "operations"),
    [
        (0.0, 6 * 2**2),  # 6 prices over 3 periods: blocks of 2
        (1.0, 6 * 2**2 + 24 * 10**2 / 2),  # pairs of ten links besides
    ],
)
def test_estimate_of_a_step(link_use, operations):
    """Tests the estimate by hand: 3 periods, 4 origins and 2 sites are 24 cells; 6 prices are above zero."""
    group = SimpleNamespace(amount=np.ones((3, 4)), lanes=range(2), link_use=link_use)
    whole = SimpleNamespace(groups=(group,), periods=3, links=np.zeros((10, 2, 4)))
    prices = np.array([[1.0, 2.0, 0.0]] * 3)
    cost = EffortParameters(seconds_per_step=1.0, seconds_per_cell=0.5, seconds_per_operation=0.25)
    assert step_seconds(whole, prices, cost) == 1.0 + 0.5 * 24 + 0.25 * operations
