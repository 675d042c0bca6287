"""Softmax over shortlists."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.path import cost_spread
from placer.column_generation.dual.shortlist import PriceParts, list_columns
from placer.column_generation.dual.softmax import dense_class, softmax_over_all
from placer.column_generation.dual.softmax_listed import softmax_over_shortlist
from placer.column_generation.market.definition import market


def test_softmax_is_that_over_all_columns(cases):
    """Tests value, flows and covariance over shortlists against all columns in single precision."""
    for case in cases:
        whole, group = case.whole, case.group
        mu, sites = 0.1 * cost_spread(whole) * group.weight, np.arange(0, whole.sites, 2)
        dense = dense_class(whole, group, np.float32)
        links = len(dense.incidence)
        listed = list_columns(group, case.parts, mu)
        found = softmax_over_shortlist(group, listed, case.parts, mu, case.incidence[:links], sites)
        expected = softmax_over_all(dense, case.arrival, case.paid[:, :links], mu, sites)
        size = float(group.amount.sum())
        assert found.value == pytest.approx(expected.value, abs=1e-6 * size * group.unserved)
        for name in ("arriving", "link_flow", "covariance"):
            assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-4 * size)


def test_one_column_a_demand_varies_against_the_penalty_alone(make_structure):
    """Tests that where every demand has one column the variance keeps its digits: ``amount p (1 - p)``."""
    one_arc = {"arc_class": [0, 0], "arc_origin": [0, 1], "arc_site": [0, 1], "arc_cost": [1.0, 1.0]}
    group = market(make_structure(**one_arc, unserved_cost=[52.0])).groups[0]
    parts = PriceParts(group.base, None)
    found = softmax_over_shortlist(group, list_columns(group, parts, 1.0), parts, 1.0, np.zeros((0, 4)), np.arange(2))
    part = 1 / (1 + np.exp(51.0 - 52.0))
    assert found.covariance[:, 0, 0] == pytest.approx(np.array([10.0, 4.0]) * part * (1 - part))


def test_empty_list_is_in_floats(make_structure):
    """Tests that where the penalty is below any price nothing arrives, in numbers that delays can be added to."""
    group = market(make_structure(unserved_cost=[1.0])).groups[0]
    parts = PriceParts(group.base, None)
    listed = list_columns(group, parts, 1e-3)
    found = softmax_over_shortlist(group, listed, parts, 1e-3, np.zeros((0, 4)), np.arange(2))
    assert len(listed) == 0
    assert found.value == listed.unlisted_value == 22.0
    for values in (found.arriving, found.covariance):
        assert values.dtype == float
        assert not values.any()
