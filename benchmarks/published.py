"""Published problems that placer states as placements, with their sources and optima.

``benchmarks/published_problems.py`` states them. ``python -m benchmarks.validation`` prints the published optima beside
ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import placer

from .published_problems import (
    YEAR_HOURS,
    american_steel,
    electricity_investment,
    linear_network,
    northern_airplane,
    sailco,
    transport,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Published:
    """A published problem.

    Attributes
    ----------
    name, source : str
    figure : str
        What is compared.
    value : float
        The published optimum.
    ours : callable
        Solves the problem with placer and returns the same figure.
    """

    name: str
    source: str
    figure: str
    value: float
    ours: Callable[[], float]


def _cost(make: Callable[[], placer.Instance]) -> float:
    return placer.solve(make()).cost_usd


def _served(make: Callable[[], placer.Instance]) -> float:
    return placer.solve(make()).served_mtok


_CANNING = partial(
    transport,
    {"Seattle": 350.0, "San Diego": 600.0},
    {"New York": 325.0, "Chicago": 300.0, "Topeka": 275.0},
    [[90 * distance for distance in row] for row in ([2.5, 1.7, 1.8], [2.5, 1.8, 1.4])],
)
_BEER = partial(
    transport,
    {"A": 1000.0, "B": 4000.0},
    {"1": 500.0, "2": 900.0, "3": 1800.0, "4": 200.0, "5": 700.0},
    [[2, 4, 5, 2, 1], [3, 1, 3, 2, 3]],
)
_POWERCO = partial(
    transport,
    {"plant 1": 35.0, "plant 2": 50.0, "plant 3": 40.0},
    {"city 1": 45.0, "city 2": 20.0, "city 3": 30.0, "city 4": 30.0},
    [[8, 6, 10, 9], [9, 12, 13, 7], [14, 9, 16, 5]],
)
_PEAS = partial(
    transport,
    {"Bellingham": 75.0, "Eugene": 125.0, "Albert Lea": 100.0},
    {"Sacramento": 80.0, "Salt Lake City": 65.0, "Rapid City": 70.0, "Albuquerque": 85.0},
    [[464, 513, 654, 867], [352, 416, 690, 791], [995, 682, 388, 685]],
)
_SHARING = "L. Massoulie, J. Roberts, Bandwidth sharing, IEEE/ACM Trans. Networking 10(3), 2002"

PUBLISHED = (
    Published(
        "Canning",
        "G. B. Dantzig, Linear Programming and Extensions, 1963, chapter 3.3 (trnsport of the GAMS library)",
        "cost",
        153_675.0,
        partial(_cost, _CANNING),
    ),
    Published(
        "Beer distribution",
        "A. Phillips, S. Mitchell, A Transportation Problem, documentation of PuLP, 2007",
        "cost",
        8600.0,
        partial(_cost, _BEER),
    ),
    Published(
        "Powerco",
        "W. L. Winston, Operations Research, 4th ed., 2004, section 7.1",
        "cost",
        1020.0,
        partial(_cost, _POWERCO),
    ),
    Published(
        "P & T Company",
        "F. S. Hillier, G. J. Lieberman, Introduction to Operations Research, chapter on transportation",
        "cost",
        152_535.0,
        partial(_cost, _PEAS),
    ),
    Published(
        "Sailco",
        "W. L. Winston, Operations Research, 4th ed., 2004, section 3.10",
        "cost",
        78_450.0,
        lambda: sailco().cost_usd(),
    ),
    Published(
        "Northern Airplane",
        "F. S. Hillier, G. J. Lieberman, Introduction to Operations Research, chapter on transportation",
        "cost",
        77.3e6,
        lambda: northern_airplane().cost_usd(),
    ),
    Published(
        "American Steel, two routes",
        "A. Phillips, S. Mitchell, examples of PuLP, 2007",
        "cost",
        15_005.0,
        partial(_cost, partial(american_steel, 2)),
    ),
    Published(
        "Electricity investment (LandS), a plan over three states",
        "F. V. Louveaux, Y. Smeers, in Numerical Techniques for Stochastic Optimization Problems, 1988, pp. 445-452",
        "cost",
        381.853_333,
        lambda: electricity_investment().cost_usd_per_year / YEAR_HOURS,
    ),
    *(
        Published(
            f"Linear network, {links} links",
            _SHARING,
            "most carried",
            links,
            partial(_served, partial(linear_network, links)),
        )
        for links in (2, 3, 5)
    ),
)
