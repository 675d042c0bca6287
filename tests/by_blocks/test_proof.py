"""Certificates and choices of blocks joined, by hand."""

from __future__ import annotations

from dataclasses import replace

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


def test_a_choice_without_a_certificate_is_not_proven():
    """Tests a block without a bound and without a reason: the certificates of the others are none of the whole."""
    good = TieBreak(3.0, _certificate(3.0, 3.0, 0.0))
    joined = joined_tie_break([good, TieBreak(4.0, None)])
    assert (joined.mtok_ms, joined.certificate, joined.proven) == (7.0, None, False)


def test_reasons_are_at_most_three():
    """Tests three reasons, and a fourth that is left out."""
    bad = [TieBreak(1.0, None, f"reason {number}") for number in range(4)]
    assert joined_tie_break(bad[:3]).detail == "block 0: reason 0; block 1: reason 1; block 2: reason 2"
    assert joined_tie_break(bad).detail == "block 0: reason 0; block 1: reason 1; block 2: reason 2; ..."


def test_tolerances_are_those_of_the_first_block():
    """Tests blocks of other tolerances."""
    one, other = _certificate(1.0, 1.0, 0.0), replace(_certificate(1.0, 1.0, 0.0), tolerances=Tolerances(gap=1e-3))
    assert joined_certificate([one, other]).tolerances == one.tolerances
    assert joined_certificate([other, one]).tolerances == other.tolerances
