"""Parameters of the sweep along the limits; see ``placer.ceiling.walk.sweep``."""

from __future__ import annotations

from dataclasses import dataclass, field

from placer.solvers.simplex import SimplexParameters

#: How HiGHS runs the program of a sweep: primal throughout, to its tightest tolerance, with entries down to 1e-12. A
#: block is scaled already (its rows have a largest entry of 1 and its demands a mean of 1), so HiGHS does not scale.
WALK_SIMPLEX = SimplexParameters(
    "walk", maximises=True, feasibility=1e-10, smallest_entry=1e-12, scaling=0, warnings_fail=True
)


@dataclass(frozen=True)
class SweepParameters:
    """Parameters of a sweep. They trade effort for precision; none changes a result by more than ``gap``.

    Attributes
    ----------
    gain : float
        An arc enters if its gain exceeds the value of its node by ``gain`` exports per unit. The threshold is smaller
        where the count of all exports is below all demand, but never below ``NOISE``. Arcs passed over raise the
        bound by at most this share of the demand.
    first_weight : float or None
        Weight of served demand at the start, in exports; None derives it from the rows of the block, so far that it can
        still grow.
    growth : float
        Factor by which the weights grow where a test shows that they are too small.
    largest_weight : float
        Weight of served demand from which on the objectives are solved one after another, without weights.
    leaps : int
        Number of leaps to the last limit after the allowed iterations.
    entering : int
        Largest number of assignments that enter the program at once when they gain because prices changed.
    chunk : int
        Arcs beyond the present limit that are priced first; each further chunk is twice as large.
    program_growth, program_spare : float
        The program is rebuilt once it has ``program_growth`` times the columns it was rebuilt with, and
        ``program_spare`` more.
    together : int
        Parts that share no row are swept as one block up to this number of arcs.
    simplex : SimplexParameters
        How HiGHS runs the program.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %: ``gain`` 2.5e-11 to 4e-10,
    ``growth`` 4.75 to 61, ``largest_weight`` 2.5e4 to 4e5, ``leaps`` 3 to 48, ``entering`` 200 to 200, ``chunk``
    1.02e3 to 1.64e4, ``program_growth`` 1.25 to 3, ``program_spare`` 200 to 3.2e3, ``together`` 6.25e4 to 1e6.
    """

    gain: float = 1e-10
    first_weight: float | None = None
    growth: float = 16.0
    largest_weight: float = 1e5
    leaps: int = 12
    entering: int = 200
    chunk: int = 4096
    program_growth: float = 2.0
    program_spare: int = 800
    together: int = 250_000
    simplex: SimplexParameters = field(default=WALK_SIMPLEX)

    @property
    def gap(self) -> float:
        """Share of the demand of the block: an answer with a larger gap is solved again from no basis.

        Corners that differ by less are merged.
        """
        return 2 * self.gain
