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
    level : float
        Level of a trial point in a search by levels, as a part of the way from the bound to the cost of the centre.
    most_failed : int
        Number of trial points in a row that keep a level and cost more than the centre, after which the trust region
        makes the trial points.
    most_stalls : int
        Rounds in a row without gain in cost and bound, with a region that holds every point, after which the search
        gives up.
    """

    accepted: float = 0.1
    neglected: float = 0.1
    grows: float = 2.0
    shrinks: float = 0.4
    first_radius: float = 1.0
    least_scale: float = 0.05
    level: float = 0.3
    most_failed: int = 20
    most_stalls: int = 5
