"""Certificates and choices of blocks joined, by hand."""

from __future__ import annotations

from placer.by_blocks.proof import joined_certificate, joined_tie_break
from placer.least_cost.tie_break import TieBreak
from placer.proof.certificate import Certificate, Tolerances


def _certificate(objective, bound, gap):
    return Certificate(objective, bound, 1e-9, 0.0, 1e-8, gap, gap, Tolerances(gap=1e-6))


def test_costs_add_up_and_the_worst_figure_stands():
    """Tests sums and largest magnitudes."""
    joined = joined_certificate([_certificate(10.0, 9.0, -1e-7), _certificate(5.0, 5.0, 3e-8)])
    assert (joined.objective, joined.bound) == (15.0, 14.0)
    assert joined.gap == joined.serving_gap == 1e-7
    assert joined.proven
    assert not joined_certificate([_certificate(1.0, 1.0, 0.0), _certificate(1.0, 0.5, 0.5)]).proven


def test_a_choice_is_proven_if_that_of_every_block_is():
    """Tests sums of round trips, and the reason of the block that is not proven."""
    good = TieBreak(3.0, _certificate(3.0, 3.0, 0.0))
    both = joined_tie_break([good, good])
    assert (both.mtok_ms, both.proven, both.detail) == (6.0, True, "")
    bad = joined_tie_break([good, TieBreak(4.0, None, "the time limit was reached")])
    assert (bad.mtok_ms, bad.proven, bad.detail) == (7.0, False, "block 1: the time limit was reached")
