"""How far the search for prices of shared caps goes, and how it begins.

An answer is proven whatever the values are. Prices of caps are measured as shares: at 1 the limit of a cap is worth the
whole cost.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BoxParameters:
    """How the box of the prices of several caps moves (``box``).

    Attributes
    ----------
    grows_from, grows : float
        If prices at the edge achieve the part ``grows_from`` of the predicted gain, the box widens by the factor
        ``grows``.
    shrinks_below, shrinks : float
        If prices achieve less than the part ``shrinks_below``, the box narrows by a factor of at least ``shrinks``.
    """

    grows_from: float = 0.5
    grows: float = 2.0
    shrinks_below: float = 0.1
    shrinks: float = 0.3


@dataclass(frozen=True)
class SeveralCapsParameters:
    """How the search for the prices of several caps goes on (``several_caps``).

    Attributes
    ----------
    most_sample : int
        Most blocks of the sample, which is one program.
    first_part : float
        Half width of the first box, as a part of the prices.
    beyond : float
        The worth of a limit is its price times its size. The master may raise that of each limit above the worth at the
        best bound, by this many times the largest worth there.
    part_of_gap : float
        The search ends at a gap that the certificate allows where other prices in the box would close at most this part
        of it.
    kept : int
        Proposals of a block that stay although no mix uses them: those that cost least at the prices of the best bound.
    box : BoxParameters
    """

    most_sample: int = 14
    first_part: float = 0.01
    beyond: float = 3.0
    part_of_gap: float = 0.3
    kept: int = 20
    box: BoxParameters = BoxParameters()


@dataclass(frozen=True)
class SharedCapsParameters:
    """Limits, sizes and starting values of the search.

    Attributes
    ----------
    gap : float
        Relative gap, of the cost without penalty, at which to stop.
    most_sample, sample_part : int, float
        Blocks that are answered with their shares of the limits: ``sample_part`` of all, at most ``most_sample``.
    first_price : float
        Middle of the first box of prices where the sample has no answer.
    box_part : float
        Half width of the box after the sample, as a part of the prices.
    roots : int
        Prices of a single cap that are sought as the root of its slope, before those of the master.
    overshoot : float
        How far beyond the root of a secant the price goes while all prices are too low.
    most_evaluations : int
        Evaluations of all blocks at most.
    kept : int
        Evaluations whose proposals stay although no mix uses them, of a single cap, and whose prices are kept.
    dearest : float
        Prices above this say that no placement keeps the limits.
    least_cost : float
        The cost is at least this share of the penalty of leaving all demand unserved. Prices are shares of the cost and
        need one that is not 0.
    several : SeveralCapsParameters
        Of several caps.
    """

    gap: float = 1e-7
    most_sample: int = 8
    sample_part: float = 0.25
    first_price: float = 0.02
    box_part: float = 0.2
    roots: int = 4
    overshoot: float = 1.3
    most_evaluations: int = 60
    kept: int = 3
    dearest: float = 1e7
    least_cost: float = 1e-6
    several: SeveralCapsParameters = SeveralCapsParameters()


#: The defaults.
DEFAULT = SharedCapsParameters()
