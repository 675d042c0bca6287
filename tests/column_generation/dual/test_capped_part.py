"""What a block adds to the smoothed dual of a capped market."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.capped_blocks import capped_blocks
from placer.column_generation.dual.capped_market import capped_market
from placer.column_generation.dual.capped_part import CappedPart, Prices
from placer.column_generation.dual.path import cost_spread
from tests.column_generation.structures_with_caps import with_caps_by_period


@pytest.mark.parametrize("by_period", [False, True])
@pytest.mark.parametrize("cyclic", [False, True])
def test_counted_and_curvature_are_differences(make_random_blocks, cyclic, by_period):
    """Tests value, gradient, counts and curvature of every block along a direction, by central differences."""
    for seed in range(4):
        structure = make_random_blocks(seed, cyclic=cyclic, capped=True)
        capped = capped_market(with_caps_by_period(structure, seed) if by_period else structure)
        width = 0.1 * cost_spread(capped.market)
        for block in capped_blocks(capped):
            part, random = CappedPart(block), np.random.default_rng(seed)
            shape, caps = block.market.price_shape, len(block.caps)
            unit = np.concatenate([np.broadcast_to(block.market.unit, shape).ravel(), np.ones(caps)])
            prices = width * unit * random.uniform(1, 2, len(unit))
            step = 1e-3 * width * unit * random.standard_normal(len(unit))

            def split(flat, shape=shape, caps=caps):
                return Prices(flat[: len(flat) - caps].reshape(shape), flat[len(flat) - caps :])

            part.choose_precision(width)
            here = part.evaluate_curved(split(prices), width, np.ones(shape, dtype=bool), np.ones(caps, dtype=bool))
            ahead, back = (part.evaluate(split(prices + sign * step), width) for sign in (1, -1))
            slope = np.concatenate([here.gradient.ravel(), here.counted]) @ step
            assert (ahead.value - back.value) / 2 == pytest.approx(slope, rel=1e-2, abs=1e-4 * width)
            bent = [(getattr(back, name) - getattr(ahead, name)).ravel() / 2 for name in ("gradient", "counted")]
            bent = np.concatenate(bent)
            own, of_caps = split(step)
            found = here.curvature.times(block.places.joined(own, of_caps))
            found = np.concatenate([each.ravel() for each in block.places.split(found)])
            assert found == pytest.approx(bent, rel=2e-2, abs=1e-2 * np.abs(bent).max() + 1e-8)
