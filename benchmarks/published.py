"""Published problems that placer states as placements, plans, models and accounts, with their sources and answers.

``published_problems.py``, ``published_plans.py``, ``published_markets.py`` and ``published_storage.py`` beside this
file state them.
``python -m benchmarks.validation`` prints the published answers beside ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import placer

from .published_markets import (
    gloves,
    horse_market,
    horse_price,
    machine_rent,
    machines,
    net_exports,
    price_of_good,
    quota_loss,
    quota_rent,
    requests_on_types,
)
from .published_plans import farm, peak_load, plants_to_close, plants_to_open, screening_curve, two_generators
from .published_problems import (
    YEAR_HOURS,
    american_steel,
    electricity_investment,
    linear_network,
    minimum_cost_flow,
    northern_airplane,
    sailco,
    transport,
)
from .published_storage import bought_mwh, stored_electricity

if TYPE_CHECKING:
    from collections.abc import Callable

#: Largest relative difference from a published figure.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Published:
    """A published problem.

    Attributes
    ----------
    name, source : str
    figure : str
        What is compared.
    value : float
        The published answer.
    ours : callable
        Solves the problem with placer and returns the same figure.
    last_place : float
        The unit of the last place to which the answer is published; 0 if it is exact.
    """

    name: str
    source: str
    figure: str
    value: float
    ours: Callable[[], float]
    last_place: float = 0.0

    def agrees(self, ours: float) -> bool:
        """Whether a figure is the published one: rounded to its last place, or to ``TOLERANCE`` if it is exact."""
        return abs(ours - self.value) <= max(TOLERANCE * abs(self.value), self.last_place / 2)


def _cost(make: Callable[[], placer.Instance]) -> float:
    return placer.solve(make()).cost_usd


def _served(make: Callable[[], placer.Instance]) -> float:
    return placer.solve(make()).served_mtok


def _machines_of(name: str) -> float:
    return float(machines()[name])


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
_FARMER = "J. R. Birge, F. Louveaux, Introduction to Stochastic Programming, 2nd ed., 2011, section 1.1"
_PLANTS = "Frontline Systems, example of a facility location (examples of Gurobi)"
_HORSES = "E. von Boehm-Bawerk, The Positive Theory of Capital, 1891, book IV, chapter IV"
_GLOVES = (
    "L. S. Shapley, M. Shubik, Pure Competition, Coalitional Power, and Fair Division, Int. Economic Review 10(3), 1969"
)
_PEAK = "P. O. Steiner, Peak Loads and Efficient Pricing, Quarterly J. Economics 71(4), 1957: his rule, our demand"
_SCREENING = "T. Brown et al., documentation of PyPSA, Screening curve analysis"
_MARKET = "T. Brown et al., documentation of PyPSA, Electricity markets: single bidding zone with storage"
_THREE = "M. J. Miranda, P. L. Fackler, Applied Computational Economics and Finance, 2002 (demslv14 of CompEcon)"
_POLICY = "P. R. Krugman, M. Obstfeld, International Economics, chapter on the instruments of trade policy"
_MACHINES = "T. Griggs et al., Melange, arXiv 2404.14527, 2024: README.md and config/example.json of melange-release"
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
    Published("Farmer, a plan over three states", _FARMER, "profit", 108_390.0, lambda: farm().profit_usd()),
    Published(
        "Farmer", _FARMER, "value of the stochastic solution", 1150.0, lambda: farm().stochastic_usd(), last_place=1.0
    ),
    Published(
        "Farmer", _FARMER, "value of perfect information", 7016.0, lambda: farm().information_usd(), last_place=1.0
    ),
    Published(
        "Two generators (APL1P), 1,280 outcomes",
        "G. Infanger, Annals of Operations Research 39, 1992, p. 86; costs of T. G. Bailey, P. A. Jensen, D. P. "
        "Morton, Naval Research Logistics 46, 1999",
        "cost",
        24_642.32,
        lambda: two_generators().cost_usd_per_year / YEAR_HOURS,
        last_place=0.01,
    ),
    Published("Plants to close, a model with integers", _PLANTS, "cost", 210_500.0, plants_to_close),
    Published("Plants to open, a plan in modules", _PLANTS, "cost", 210_500.0, plants_to_open),
    Published(
        "Minimum cost flow, five routes",
        "S. P. Bradley, A. C. Hax, T. L. Magnanti, Applied Mathematical Programming, 1977, figure 8.1 "
        "(documentation of OR-Tools)",
        "cost",
        150.0,
        partial(_cost, partial(minimum_cost_flow, 5)),
    ),
    Published("Horse market", _HORSES, "horses sold", 5.0, lambda: horse_market().served_mtok),
    Published("Horse market", _HORSES, "least price", 21.0, lambda: horse_price()[0]),
    Published("Horse market", _HORSES, "most price", 21.5, lambda: horse_price()[1]),
    Published("Glove game", _GLOVES, "left glove, core", 1.0, lambda: gloves().loc["3", "gain_usd"]),
    Published("Glove game", _GLOVES, "left glove, Shapley value", 2 / 3, lambda: gloves().loc["3", "shapley_gain_usd"]),
    Published(
        "Glove game", _GLOVES, "right glove, Shapley value", 1 / 6, lambda: gloves().loc["1", "shapley_gain_usd"]
    ),
    Published("Peak load pricing, firm peak", _PEAK, "capacity", 90.0, partial(peak_load, 50.0)),
    Published("Peak load pricing, shifting peak", _PEAK, "capacity", 95.0, partial(peak_load, 100.0)),
    Published("Screening curve", _SCREENING, "MW of coal", 500.0, lambda: screening_curve()["coal"]),
    Published("Screening curve", _SCREENING, "MW of gas", 490.0, lambda: screening_curve()["gas"]),
    Published("Market with storage", _MARKET, "MWh of gas", 30_100.0, partial(bought_mwh, "Gas")),
    Published("Market with storage", _MARKET, "MWh of oil", 500.0, partial(bought_mwh, "Oil")),
    Published(
        "Market with storage", _MARKET, "cost", 6.05e6, lambda: stored_electricity().cost_usd, last_place=10_000.0
    ),
    *(
        Published(
            f"Three countries, {policy}",
            _THREE,
            f"price in {country}",
            price,
            partial(price_of_good, "three countries", policy, country),
            last_place=0.1,
        )
        for policy, prices in (("free trade", (24.0, 27.0, 30.0)), ("autarky", (20.0, 23.4, 34.5)))
        for country, price in zip("123", prices, strict=True)
    ),
    *(
        Published(
            "Three countries, free trade",
            _THREE,
            f"net exports of {country}",
            exports,
            partial(net_exports, "three countries", "free trade", country),
        )
        for country, exports in zip("123", (6.0, 3.0, -9.0), strict=True)
    ),
    *(
        Published(
            f"Two countries, {policy}",
            _POLICY,
            f"price {place}",
            price,
            partial(price_of_good, "wheat", policy, country),
            last_place=0.01,
        )
        for policy, prices in (("autarky", (2.0, 1.0)), ("free trade", (1.5, 1.5)), ("tariff", (1.75, 1.25)))
        for (place, country), price in zip((("at home", "home"), ("abroad", "foreign")), prices, strict=True)
    ),
    *(
        Published(
            f"Two countries, {policy}",
            _POLICY,
            "volume of trade",
            volume,
            partial(net_exports, "wheat", policy, "foreign"),
        )
        for policy, volume in (("free trade", 20.0), ("tariff", 10.0))
    ),
    Published(
        "A small country, quota",
        _POLICY,
        "price",
        20.0,
        partial(price_of_good, "peanuts", "quota", "home"),
        last_place=1.0,
    ),
    Published("A small country, quota", _POLICY, "rent of the quota", 500.0, quota_rent, last_place=1.0),
    Published("A small country, quota", _POLICY, "loss of welfare", 750.0, quota_loss),
    *(
        Published("Machines of two types", _MACHINES, name, count, partial(_machines_of, name))
        for name, count in (("A10G", 3.0), ("A100-80GB", 1.0))
    ),
    Published("Machines of two types", _MACHINES, "rent", 6.7, machine_rent),
    Published(
        "Machines of two types", f"{_MACHINES}, by hand", "rent if divided", 4.12875, partial(_cost, requests_on_types)
    ),
)
