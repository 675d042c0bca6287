"""The certificate of a placement with integers."""

from __future__ import annotations

import math

import pytest

from placer.extended.integer_certificate import integer_certificate
from placer.proof.certificate import BASIC, Certificate


def _fixed(objective=100.0):
    return Certificate(objective, objective, 0.0, 0.0, 0.0, 0.0, 0.0, BASIC)


def test_it_is_never_proven():
    """Tests that a gap of 0 to a bound that is another's word is no proof."""
    found = integer_certificate(_fixed(), 100.0, 1e-6, 100.0)
    assert found.fixed.proven
    assert not found.proven
    assert found.feasible
    assert found.failures == ("the bound is that of branch and bound",)
    assert found.verdict == "bound by branch and bound"
    assert "proven" not in found._repr_html_()


@pytest.mark.parametrize(("bound", "gap"), [(99.0, 0.01), (101.0, -0.01), (-math.inf, math.inf), (math.nan, math.nan)])
def test_a_gap_beyond_the_tolerance_is_told(bound, gap):
    """Tests that a bound too far below the cost, or above it, is a failure beside the kind of bound."""
    found = integer_certificate(_fixed(), bound, 1e-6, 100.0)
    assert found.gap == pytest.approx(gap, nan_ok=True)
    assert len(found.failures) == 3
    assert found.verdict.startswith("bound by branch and bound; gap ")


def test_costs_that_cancel_are_measured_against_their_terms():
    """Tests that the gap of a cost near 0 is no share of nothing, in whatever unit it is."""
    assert integer_certificate(_fixed(1e-9), 0.0, 1e-6, 2000.0).gap == pytest.approx(5e-10)
    assert integer_certificate(_fixed(1e-9), 0.5e-9, 1e-6, 1e-9).gap == pytest.approx(0.5)
    assert integer_certificate(_fixed(0.0), 0.0, 1e-6, 0.0).gap == 0
