"""Tests programs in which zones draw less."""

import numpy as np
import pytest

import placer
from placer.analysis.flexibility.programs import LeastCost, firm_mw, firm_mw_under_limits, reduced, reduction_of


@pytest.fixture(scope="module")
def baseline(evening):
    return placer.solve(evening)


def _reduction(placement, periods):
    return reduction_of(placement, np.array([True, False]), np.array(periods))


def test_a_reduction_counts_from_the_baseline(baseline):
    """Tests what home draws in both hours, and the most that it can draw less in each."""
    reduction = _reduction(baseline, [0, 1])
    assert reduction.drawn.tolist() == pytest.approx([10.0, 1.0])
    assert reduction.most_mw == pytest.approx(1.0)


def test_a_cap_for_every_hour(baseline):
    """Tests the limits and coefficients of the caps that are added."""
    structure = reduced(baseline.formulation.structure, _reduction(baseline, [0, 1]), 0.5)
    assert structure.cap_limit[-2:].tolist() == pytest.approx([9.5, 0.5])
    assert structure.cap_tier[-2:].array.sum(axis=(1, 2)).tolist() == [1.0, 1.0]
    assert structure.cap_tier[-2][0].tolist() == [1.0, 0.0]


def test_the_slope_is_the_rent_of_the_caps(baseline):
    """Tests a point inside a piece: chat moves at 35 USD a MWh."""
    point = LeastCost(baseline.formulation.structure, _reduction(baseline, [0])).at(5.0)
    assert point.slope == pytest.approx(35.0)
    assert point.value - baseline.cost_usd == pytest.approx(20 + 3 * 35)


def test_the_firm_amount_does_not_depend_on_the_penalty(baseline):
    """Tests that it is what can be served otherwise, whatever that costs."""
    structure = baseline.formulation.structure
    firm = firm_mw(structure, _reduction(baseline, [0]), baseline.accounts.unserved)
    assert firm == pytest.approx(8.0)


@pytest.mark.parametrize("periods", [[0], [0, 1]])
def test_both_ways_to_the_firm_amount_agree(baseline, periods):
    """Tests one program with the reduction as a column, where no limit forbids a reduction."""
    arguments = baseline.formulation.structure, _reduction(baseline, periods), baseline.accounts.unserved
    assert firm_mw_under_limits(*arguments) == pytest.approx(firm_mw(*arguments), abs=1e-6)


def test_a_program_from_its_neighbours_is_that_from_nothing(baseline):
    """Tests cost and slope inside a piece, from the prices at both sides and of the baseline, and from none."""
    structure, reduction = baseline.formulation.structure, _reduction(baseline, [0])
    alone, least = LeastCost(structure, reduction).at(5.0), LeastCost(structure, reduction)
    least.start_from(baseline.answer.prices)
    least.at(1.0), least.at(9.0), least.at(7.0)
    found = least.at(5.0)
    assert found.value == pytest.approx(alone.value)
    assert found.slope == pytest.approx(alone.slope)
    assert found.gap <= 1e-9
