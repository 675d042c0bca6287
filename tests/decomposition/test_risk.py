"""Measures of risk: by hand, and against the program that defines them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from placer.decomposition.risk import NEUTRAL, CVaR, admissible_weights, measure, worst_weights
from placer.errors import InstanceError

COSTS = st.lists(st.integers(-50, 200), min_size=2, max_size=6)


def test_the_worst_quarter_by_hand():
    """Tests the mean of the worst half and quarter of four equal states, and the mix with the mean."""
    weights, costs = np.ones(4), np.array([10.0, 40.0, 20.0, 30.0])
    assert measure(NEUTRAL, weights, costs) == pytest.approx(100)
    assert measure(CVaR(level=0.5), weights, costs) == pytest.approx(4 * 35)
    assert measure(CVaR(level=0.75, weight=0.5), weights, costs) == pytest.approx(0.5 * 100 + 0.5 * 4 * 40)
    assert worst_weights(CVaR(level=0.75), weights, costs).tolist() == [0, 4, 0, 0]


@given(costs=COSTS, level=st.sampled_from([0.0, 0.3, 0.8, 0.95]), weight=st.sampled_from([0.0, 0.4, 1.0]))
def test_the_measure_is_the_optimum_of_its_program(costs, level, weight):
    """Tests the measure against the program of Rockafellar and Uryasev."""
    count = len(costs)
    weights = np.arange(1.0, count + 1)
    yearly, shares = weights.sum() * np.array(costs, dtype=float), weights / weights.sum()
    cost = np.append(weight * shares / (1 - level), weight)
    rows = np.hstack([-np.eye(count), -np.ones((count, 1))])
    found = linprog(cost, A_ub=rows, b_ub=-yearly, bounds=[(0, None)] * count + [(None, None)])
    expected = (1 - weight) * float(weights @ costs) + found.fun
    assert measure(CVaR(level, weight), weights, np.array(costs, dtype=float)) == pytest.approx(expected, abs=1e-6)


@given(extra=st.lists(st.floats(-1, 5), min_size=3, max_size=3))
def test_mended_weights_are_admitted(extra):
    """Tests that any weights are mended to ones that the measure admits, so that they prove no more than it."""
    risk, weights = CVaR(level=0.4, weight=0.7), np.array([1.0, 2.0, 3.0])
    omega = admissible_weights(risk, weights, np.array(extra))
    assert omega.sum() == pytest.approx(weights.sum())
    assert (omega >= 0.3 * weights - 1e-12).all()
    assert (omega <= 0.3 * weights + 0.7 * weights / 0.6 + 1e-12).all()
    costs = np.array([5.0, -2.0, 9.0])
    assert omega @ costs <= measure(risk, weights, costs) + 1e-9


def test_figures_out_of_range_are_listed():
    """Tests that both figures are named in one error."""
    with pytest.raises(InstanceError) as raised:
        CVaR(level=1.0, weight=-1.0)
    assert [violation.column for violation in raised.value.violations] == ["level", "weight"]
