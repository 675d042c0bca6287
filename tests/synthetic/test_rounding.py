"""Drawn numbers are rounded to twelve digits."""

from __future__ import annotations

import numpy as np

from placer import DemandSets
from placer.synthetic.rounding import rounded


def test_numbers_have_twelve_digits(instance):
    values = DemandSets(instance).demand(0)["mtok"]
    assert all(float(f"{value:.11e}") == value for value in values)
    rng = np.random.default_rng(0)
    drawn = np.append(10 ** rng.uniform(-8.9, 14.9, 2000), [0, 1e-9, 1, 10, 999999999999.6, 0.1, 123456789012.5])
    assert rounded(drawn).tolist() == [float(f"{value:.11e}") for value in drawn]
