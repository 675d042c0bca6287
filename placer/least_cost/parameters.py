"""Tolerances and weights of second objectives over the placements of least cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FaceParameters:
    """Tolerances and weights of ``placer.least_cost``; all are pure numbers.

    Costs are measured in the mean cost per unit of demand, a *unit* of a face is ``tied`` x that cost, and second
    objectives are measured in their range: the largest difference that one unit of demand can make. Rounding is
    ``NOISE``: of a cost beside the mean cost, of a slack beside its load, of a gap beside the largest possible
    difference without limits. Duals that leave more of the cost unproven are computed again (polished), and a gap of a
    second objective up to ``PROOF`` of that difference is proven.

    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``tied`` 2.5e-11 to 2e-10,
    ``carries`` 0.00025 to 0.004, ``preference`` 2.5e-8 to 1e-7.
    """

    tied: float = 1e-10
    """Columns are tied if their surplus is below this share of the mean cost; it weighs as much as a whole range."""
    reaches: tuple[float, ...] = (1e3, 1e5)
    """Largest surplus, in units, of the columns that enter a face; tried in turn until the optimum is proven."""
    polished_within: tuple[float, ...] = (1e-5, 1e-4, 1e-3)
    """Polishing solves over the columns with a surplus up to these shares of the mean cost, tried in turn."""
    carries: float = 1e-3
    """Polishing also takes in a dearer column if it alone leaves more than this share of ``NOISE`` unproven."""
    preference: float = 1e-7
    """Fixed weights of the columns, up to this share of the range, break ties in both objectives."""


#: The parameters of the tie-break and of economic ranges.
DEFAULTS = FaceParameters()
