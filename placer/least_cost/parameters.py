"""Tolerances and weights of second objectives over the placements of least cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FaceParameters:
    """Tolerances and weights of ``placer.least_cost``; all are pure numbers.

    Costs are measured in the mean cost per unit of demand, a *unit* of a face is ``tied`` x that cost, and second
    objectives are measured in their range: the largest difference that one unit of demand can make.
    """

    tied: float = 1e-10
    """Columns are tied if their surplus is below this share of the mean cost; it weighs as much as a whole range."""
    rounding_cost: float = 1e-12
    """Cost differences up to this share of the mean cost are rounding; so are slacks up to this share of a load."""
    reaches: tuple[float, ...] = (1e3, 1e5)
    """Largest surplus, in units, of the columns that enter a face; tried in turn until the optimum is proven."""
    unproven: float = 1e-12
    """Duals that leave more than this share of the cost unproven are computed again (polished)."""
    polished_within: tuple[float, ...] = (1e-5, 1e-4, 1e-3)
    """Polishing solves over the columns with a surplus up to these shares of the mean cost, tried in turn."""
    carries: float = 1e-3
    """Polishing also takes in a dearer column if it alone carries more than this share of ``unproven``."""
    gap: float = 1e-6
    """Largest proven gap of a second objective, as a share of its largest possible difference without limits."""
    rounding_gap: float = 1e-12
    """A gap up to this is rounding: the known placement is optimal, and no program is solved."""
    preference: float = 1e-7
    """Fixed weights of the columns, up to this share of the range, break ties in both objectives."""


#: The parameters of the tie-break and of economic ranges.
DEFAULTS = FaceParameters()
