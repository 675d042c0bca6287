"""The parameters of the bundle method; poor values cost time only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BundleParameters:
    """Parameters of trial points in a trust region, or below a level.

    Attributes
    ----------
    accepted : float
        Share of the predicted gain that a trial point must reach; if it lies at the edge of the region, the region
        grows.
    neglected : float
        Estimated error of the unsolved members, as a share of the predicted gain, at which a trial point is judged
        without them.
    grows, shrinks : float
        Factors on the trust region.
    first_radius : float
        Radius of the trust region, in scales of the variables.
    least_scale : float
        Smallest scale of a variable, as a share of the largest of any variable that adds to the same kind of limit.
    way : float
        Part of the way from the centre to the optimum of the model at which points are tried while much can be gained.
    level : float
        Level of a trial point in a search by levels, as a part of the way from the bound to the cost of the centre.
    most_failed : int
        Number of trial points in a row that keep a level and cost more than the centre, after which the trust region
        makes the trial points.
    most_stalls : int
        Rounds in a row without gain in cost and bound, with a region that holds every point, after which the search
        gives up.

    Notes
    -----
    Ranges in which the programs of ``benchmarks.tuning`` change in number by less than 5 %: ``accepted`` 0.025 to 0.4,
    ``neglected`` 0.025 to 0.4, ``grows`` 1.25 to 5, ``shrinks`` 0.1 to 0.8, ``first_radius`` 1 to 4, ``least_scale``
    0.0125 to 0.2, ``most_stalls`` 1 to 20. ``way`` measured by ``benchmarks.plan`` with 4, 6, 8 and 10 sets: 0.5 takes
    94 s of the processor, 1 takes 113. Its work, and that of its case ``plan china 2``, does not change for
    ``level`` 0.075 to 0.6; that of its cases does not for ``most_failed`` 5 to 80.
    """

    accepted: float = 0.1
    neglected: float = 0.1
    grows: float = 2.0
    shrinks: float = 0.4
    first_radius: float = 1.0
    least_scale: float = 0.05
    way: float = 0.5
    level: float = 0.3
    most_failed: int = 20
    most_stalls: int = 5
