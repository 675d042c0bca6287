"""Performance profiles, and the growth of time."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from placer.utils.profiles import growth, performance_profile


def test_profile_by_hand():
    """Tests four problems, of which no solver solves the last."""
    seconds = pd.DataFrame({"fast": [1.0, 2.0, np.nan, np.nan], "slow": [3.0, 2.0, 5.0, np.nan]})
    found = performance_profile(seconds)
    assert found.index.tolist() == [1.0, 3.0]
    assert found["fast"].tolist() == [0.5, 0.5]
    assert found["slow"].tolist() == [0.5, 0.75]


def test_nothing_solved():
    """Tests that a share is 0 where nobody has an answer."""
    assert performance_profile(pd.DataFrame({"a": [np.nan]})).to_numpy().tolist() == [[0.0]]


def test_growth():
    """Tests that the exponent of a power law is found, and that one size shows none."""
    assert growth([(10, 2.0), (100, 2.0 * 10**1.5), (1000, 2.0 * 10**3)]) == pytest.approx(1.5)
    assert math.isnan(growth([(10, 1.0), (10, 2.0)]))
