"""Published stochastic programs of power plants, stated as plans over the outcomes of demand and of failures.

An hour stands for the year, so that costs a year are the published ones times 8,760.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from functools import cache, partial

import placer

from .published_figure import Published
from .published_plans import GAP, accelerators
from .published_problems import CASE, YEAR_HOURS

#: Two generators: USD of a unit of capacity, and of a unit of energy at each level of demand.
_GENERATORS = {"g1": (4.0, (4.3, 2.0, 0.5)), "g2": (2.5, (8.7, 4.0, 1.0))}
#: Share of a generator that is available, with its probability, and what each level may ask for, with its.
_AVAILABLE = {
    "g1": {1.0: 0.2, 0.9: 0.3, 0.5: 0.4, 0.1: 0.1},
    "g2": {1.0: 0.1, 0.9: 0.2, 0.7: 0.5, 0.1: 0.1, 0.0: 0.1},
}
_ASKED = {900.0: 0.15, 1000.0: 0.45, 1100.0: 0.25, 1200.0: 0.15}
_LEVELS = ("high", "middle", "low")


@cache
def two_generators() -> placer.Plan:
    """Return the plan of APL1P: at least 1,000 of each generator, 10 USD a unit not served, 1,280 outcomes.

    The 20 outcomes of availability are states, and the 64 of demand are periods of each, weighted by probability.
    """
    outcomes = list(itertools.product(*(shares.items() for shares in _AVAILABLE.values())))
    names = {f"{one:g} and {two:g}": ((one, two), p * q) for (one, p), (two, q) in outcomes}
    states = placer.States(
        {name: (_generators(shares), probability) for name, (shares, probability) in names.items()},
        lost={
            name: frozenset(
                ("data_centres", each) for each, share in zip(_GENERATORS, shares, strict=True) if not share
            )
            for name, (shares, _) in names.items()
        },
    )
    candidates = [
        accelerators(name, YEAR_HOURS * usd) | {f"least {name}": 1.0} for name, (usd, _) in _GENERATORS.items()
    ]
    limits = [{"limit": f"least {name}", "sense": ">=", "amount": 1000.0} for name in _GENERATORS]
    return placer.plan(_generators((1.0, 1.0)), candidates, states, limits, gap=GAP)


def _generators(shares: Sequence[float]) -> placer.Instance:
    """Return the generators without capacity: a generator of which half is available has half the speed."""
    asked = list(itertools.product(_ASKED.items(), repeat=len(_LEVELS)))
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": level} for level in _LEVELS],
            "data_centres": [
                {"data_centre": name, "accelerators": 0.0, "speed": share or 1.0}
                for name, share in zip(_GENERATORS, shares, strict=True)
            ],
            "links": [
                {"from": level, "to": name, "rtt_ms": 1.0, "usd_per_gb": usd}
                for name, (_, costs) in _GENERATORS.items()
                for level, usd in zip(_LEVELS, costs, strict=True)
            ],
            "workloads": [CASE | {"unserved_usd_per_mtok": 10.0}],
            "periods": [
                {"hour": hour, "weight": math.prod(p for _, p in chosen), "block": str(hour)}
                for hour, chosen in enumerate(asked)
            ],
            "demand": [
                {"workload": "case", "hub": level, "hour": hour, "mtok": mtok}
                for hour, chosen in enumerate(asked)
                for level, (mtok, _) in zip(_LEVELS, chosen, strict=True)
            ],
        },
        accelerators="sunk",
    )


#: Power plants to invest in, with three modes of operation: cost of a unit of capacity, and of a unit in each mode.
_INVESTMENT = {"plant-1": 10.0, "plant-2": 7.0, "plant-3": 16.0, "plant-4": 6.0}
_OPERATION = {
    "plant-1": (40, 24, 4),
    "plant-2": (45, 27, 4.5),
    "plant-3": (32, 19.2, 3.2),
    "plant-4": (55, 33, 5.5),
}
#: Demand of the first mode, and its probability.
_FIRST_MODE = {3.0: 0.3, 5.0: 0.4, 7.0: 0.3}


def electricity_investment() -> placer.Plan:
    """Return the plan of Louveaux and Smeers: capacity of at least 12 within a budget of 120, demand uncertain.

    An hour stands for the next period, so that costs a year are the published ones times 8,760. The budget allows at
    most 20 units of the cheapest plant.
    """
    instances = {str(first): _modes((first, 3.0, 2.0)) for first in _FIRST_MODE}
    states = placer.States({name: (instances[name], _FIRST_MODE[float(name)]) for name in instances})
    candidates = [
        {
            "candidate": plant,
            "adds": "accelerators",
            "target": plant,
            "usd_per_unit_year": YEAR_HOURS * cost,
            "max_units": 20.0,
            "budget": cost,
            "capacity": 1.0,
        }
        for plant, cost in _INVESTMENT.items()
    ]
    limits = [
        {"limit": "budget", "sense": "<=", "amount": 120.0},
        {"limit": "capacity", "sense": ">=", "amount": 12.0},
    ]
    return placer.plan(instances["5.0"], candidates, states, limits, gap=1e-10)


def _modes(demand: Sequence[float]) -> placer.Instance:
    """Return the plants without capacity, and the modes of operation as hubs."""
    modes = [f"mode-{place + 1}" for place in range(len(demand))]
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": mode} for mode in modes],
            "data_centres": [{"data_centre": plant, "accelerators": 0.0} for plant in _INVESTMENT],
            "links": [
                {"from": mode, "to": plant, "rtt_ms": 1.0, "usd_per_gb": usd}
                for plant, costs in _OPERATION.items()
                for mode, usd in zip(modes, costs, strict=True)
            ],
            "workloads": [CASE],
            "demand": [
                {"workload": "case", "hub": mode, "mtok": mtok} for mode, mtok in zip(modes, demand, strict=True)
            ],
        },
        accelerators="sunk",
    )


_of = partial(Published, "stochastic program")

PROBLEMS = (
    _of(
        "Electricity investment (LandS), a plan over three states",
        "F. V. Louveaux, Y. Smeers, in Numerical Techniques for Stochastic Optimization Problems, 1988, pp. 445-452",
        "cost",
        381.853_333,
        lambda: electricity_investment().cost_usd_per_year / YEAR_HOURS,
    ),
    _of(
        "Two generators (APL1P), 1,280 outcomes",
        "G. Infanger, Annals of Operations Research 39, 1992, p. 86; costs of T. G. Bailey, P. A. Jensen, D. P. "
        "Morton, Naval Research Logistics 46, 1999",
        "cost",
        24_642.32,
        lambda: two_generators().cost_usd_per_year / YEAR_HOURS,
        last_place=0.01,
    ),
)
