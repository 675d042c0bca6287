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
    ("window", "cyclic", "link_use", "blocks", "operations"),
    [
        (0, False, 0.0, 1, 6 * 2**2),  # 6 prices over 3 periods: a band of the 2 of a period
        (1, False, 0.0, 1, 6 * 4**2),  # two periods coupled
        (1, True, 0.0, 1, 6 * 6**2),  # a band no wider than the whole
        (9, False, 0.0, 1, 6 * 6**2),  # every period coupled with every other
        (0, False, 1.0, 1, 6 * 2**2 + 24 * 10**2 / 2),  # pairs of ten links besides
        (1, True, 0.0, 2, 6 * 3**2),  # a band no wider than one of two blocks
    ],
)
def test_estimate_of_a_step(window, cyclic, link_use, blocks, operations):
    """Tests the estimate by hand: 3 periods, 4 origins and 2 sites are 24 cells; 6 prices are above zero."""
    group = SimpleNamespace(amount=np.ones((3, 4)), lanes=range(2), window=window, link_use=link_use)
    links, spans = np.zeros((10, 2, 4)), [slice(0, 3)] * blocks
    whole = SimpleNamespace(groups=(group,), periods=3, cyclic=cyclic, links=links, blocks=spans)
    prices = np.array([[1.0, 2.0, 0.0]] * 3)
    cost = EffortParameters(seconds_per_step=1.0, seconds_per_cell=0.5, seconds_per_operation=0.25)
    assert step_seconds(whole, prices, cost) == 1.0 + 0.5 * 24 + 0.25 * operations
