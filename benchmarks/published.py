"""Published problems with their sources and answers, and those of them that are placements.

The files ``published_*.py`` beside this one state the others: plans, stochastic programs, locations, trade, markets,
storage, queues and cooperative games. ``python -m benchmarks.validation`` prints the published answers beside ours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import placer

from . import (
    published_games,
    published_generators,
    published_locations,
    published_markets,
    published_plans,
    published_queues,
    published_stochastic,
    published_storage,
    published_trade,
)
from .published_figure import Published
from .published_problems import (
    american_steel,
    linear_network,
    minimum_cost_flow,
    northern_airplane,
    sailco,
    transport,
)


def _cost(make: Callable[[], placer.Instance]) -> float:
    return placer.solve(make()).cost_usd


def _most_carried(links: int) -> float:
    return placer.solve(linear_network(links)).served_mtok


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
_HILLIER = "F. S. Hillier, G. J. Lieberman, Introduction to Operations Research, chapter on transportation"
_SHARING = "L. Massoulie, J. Roberts, Bandwidth sharing, IEEE/ACM Trans. Networking 10(3), 2002"
_of = partial(Published, "placement")

PLACEMENTS = (
    _of(
        "Canning",
        "G. B. Dantzig, Linear Programming and Extensions, 1963, chapter 3.3 (trnsport of the GAMS library)",
        "cost",
        153_675.0,
        partial(_cost, _CANNING),
    ),
    _of(
        "Beer distribution",
        "A. Phillips, S. Mitchell, A Transportation Problem, documentation of PuLP, 2007",
        "cost",
        8600.0,
        partial(_cost, _BEER),
    ),
    _of(
        "Powerco",
        "W. L. Winston, Operations Research, 4th ed., 2004, section 7.1",
        "cost",
        1020.0,
        partial(_cost, _POWERCO),
    ),
    _of("P & T Company", _HILLIER, "cost", 152_535.0, partial(_cost, _PEAS)),
    _of(
        "Sailco",
        "W. L. Winston, Operations Research, 4th ed., 2004, section 3.10",
        "cost",
        78_450.0,
        lambda: sailco().cost_usd(),
    ),
    _of("Northern Airplane", _HILLIER, "cost", 77.3e6, lambda: northern_airplane().cost_usd()),
    _of(
        "American Steel, two routes",
        "A. Phillips, S. Mitchell, examples of PuLP, 2007",
        "cost",
        15_005.0,
        partial(_cost, partial(american_steel, 2)),
    ),
    _of(
        "Minimum cost flow, five routes",
        "S. P. Bradley, A. C. Hax, T. L. Magnanti, Applied Mathematical Programming, 1977, figure 8.1 "
        "(documentation of OR-Tools)",
        "cost",
        150.0,
        partial(_cost, partial(minimum_cost_flow, 5)),
    ),
    _of(
        "Distribution, five routes",
        "H. P. Williams, Model Building in Mathematical Programming, 5th ed., 2013, problem 19 (examples of Gurobi)",
        "cost",
        198_500.0,
        partial(_cost, published_locations.four_depots),
    ),
    *(
        _of(f"Linear network, {links} links", _SHARING, "most carried", links, partial(_most_carried, links))
        for links in (2, 3, 5)
    ),
)
PUBLISHED: tuple[Published, ...] = (
    *PLACEMENTS,
    *published_plans.PROBLEMS,
    *published_stochastic.PROBLEMS,
    *published_generators.PROBLEMS,
    *published_locations.PROBLEMS,
    *published_trade.PROBLEMS,
    *published_markets.PROBLEMS,
    *published_storage.PROBLEMS,
    *published_queues.PROBLEMS,
    *published_games.PROBLEMS,
)
