"""Three objectives, added up or in their order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.ceiling.walk.objectives import DISPLACED, EXPORTED, SERVED, Weighting, largest, total, worth_of
from placer.ceiling.walk.parameters import SweepParameters


def test_first_weights_by_hand(block):
    """Tests the weight that follows from two rows of which every arc takes 1: 2 x (2 + 1) x 1; more if given."""
    parameters = SweepParameters()
    assert Weighting.first(block, parameters).levels == ((6.0, 6.0, 1.0),)
    assert Weighting.first(block, replace(parameters, first_weight=30.0)).served == 30.0
    assert Weighting.first(block, replace(parameters, largest_weight=32.0)).served == 2.0


def test_served_comes_ahead_of_displaced(block):
    """Tests that where demand may be displaced a unit served counts twice as much as one displaced."""
    displacing = replace(block, displaced=np.array([1.0, 0.0]))
    found = Weighting.first(displacing, SweepParameters(first_weight=5.0))
    assert found.levels == ((10.0, 5.0, 1.0),)
    assert found.without_exports == (10.0, 5.0, 0.0)


@pytest.mark.parametrize(("displaces", "levels"), [(True, (SERVED, DISPLACED, EXPORTED)), (False, (SERVED, EXPORTED))])
def test_weights_grow_into_levels(displaces, levels):
    """Tests that weights grow by the factor, and that beyond the largest the objectives are levels."""
    parameters = SweepParameters(growth=10.0, largest_weight=500.0)
    once = Weighting(10.0, 5.0, displaces, by_levels=False).grown(parameters)
    assert (once.served, once.displaced, once.by_levels) == (100.0, 50.0, False)
    assert once.grown(parameters).levels == levels


def test_worths_by_hand(block):
    """Tests that X counts what is served and Y the export too, and that a flow counts likewise."""
    assert worth_of(block, (6.0, 3.0, 1.0)).tolist() == [6.0, 7.0]
    assert total((6.0, 3.0, 1.0), served=2.0, displaced=1.0, exported=0.5) == 6 * 2 - 3 + 0.5
    assert largest(np.array([1.0, 3.0, 2.0]), np.array([0, 0, 2]), 3).tolist() == [3.0, 0.0, 2.0]
