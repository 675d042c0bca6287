"""Published problems of investment stated as plans, and one as a model with integers.

What is built is a candidate, what it yields in a state is the speed of its data centre, and each buyer with its
price is a workload: unserved demand costs the price.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

import placer

from .published_problems import CASE, YEAR_HOURS, transport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Relative gap at which a plan counts as found.
GAP = 1e-10
#: Acres of the farmer, USD to plant an acre, and tonnes of a mean harvest of it.
_ACRES, _FIELDS = 500.0, {"wheat": (150.0, 2.5), "corn": (230.0, 3.0), "beets": (260.0, 20.0)}
#: What is done with each crop: tonnes at most, and USD a tonne. Cattle must be fed: what is not grown is bought.
_FEED = {"feed wheat": ("wheat", 200.0, 238.0), "feed corn": ("corn", 240.0, 210.0)}
_SALES = {
    "sell wheat": ("wheat", 2000.0, 170.0),
    "sell corn": ("corn", 2000.0, 150.0),
    "sell beets": ("beets", 6000.0, 36.0),
    "sell more beets": ("beets", 10_000.0, 10.0),
}
#: Factors of the harvest in a bad, a mean and a good year, of equal frequency.
_YIELDS = (0.8, 1.0, 1.2)


@dataclass(frozen=True)
class Farm:
    """The plan of the farmer: acres by crop before the yield of the year is known.

    Attributes
    ----------
    plan : placer.Plan
        Its cost is that of planting, of feed bought and of tonnes not sold at the price of each buyer.
    sales_usd : float
        What all buyers would pay for all tonnes. The profit is this less the cost of the plan.
    """

    plan: placer.Plan
    sales_usd: float

    def profit_usd(self) -> float:
        """Return the mean profit of a year."""
        return self.sales_usd - self.plan.cost_usd_per_year / YEAR_HOURS

    def stochastic_usd(self) -> float:
        """Return the value of the stochastic solution, against the plan for the mean yield."""
        return self.plan.value_of_stochastic_solution(_harvest(1.0), gap=GAP) / YEAR_HOURS

    def information_usd(self) -> float:
        """Return the value of perfect information."""
        return self.plan.value_of_perfect_information(gap=GAP) / YEAR_HOURS


@cache
def farm() -> Farm:
    """Return the farm of Birge and Louveaux: 500 acres of wheat, corn and sugar beets, and a yield of -20 to +20 %.

    An hour stands for the year, so that costs a year are the published ones times 8,760.
    """
    candidates = [
        _accelerators(crop, YEAR_HOURS * usd) | {"land": 1.0, "max_units": _ACRES} for crop, (usd, _) in _FIELDS.items()
    ]
    years = placer.States({f"yield {factor:g}": (_harvest(factor), 1 / len(_YIELDS)) for factor in _YIELDS})
    plan = placer.plan(_harvest(1.0), candidates, years, {"land": _ACRES}, gap=GAP)
    return Farm(plan, math.fsum(tonnes * usd for _, tonnes, usd in _SALES.values()))


def _harvest(factor: float) -> placer.Instance:
    """Return the fields without an acre: an acre is an accelerator, and its speed the tonnes that it yields."""
    uses = _FEED | _SALES
    return _supplied(
        {crop: {"speed": factor * tonnes} for crop, (_, tonnes) in _FIELDS.items()},
        [(use, crop, 0.0) for use, (crop, _, _) in uses.items()],
        {use: (tonnes, usd) for use, (_, tonnes, usd) in uses.items()},
    )


def _accelerators(target: str, usd_per_unit_year: float) -> dict[str, object]:
    """Return a candidate of accelerators."""
    return {
        "candidate": target,
        "adds": "accelerators",
        "target": target,
        "usd_per_unit_year": usd_per_unit_year,
        "max_units": 1e5,
    }


def _supplied(
    plants: Mapping[str, Mapping[str, float]],
    arcs: Sequence[tuple[str, str, float]],
    uses: Mapping[str, tuple[float, float]],
) -> placer.Instance:
    """Return plants without capacity, (use, plant, cost) of the arcs, and amount and price of every use."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": use} for use in uses],
            "data_centres": [{"data_centre": name, "accelerators": 0.0} | given for name, given in plants.items()],
            "links": [{"from": use, "to": plant, "rtt_ms": 1.0, "usd_per_gb": usd} for use, plant, usd in arcs],
            "workloads": [CASE | {"workload": use, "unserved_usd_per_mtok": usd} for use, (_, usd) in uses.items()],
            "demand": [{"workload": use, "hub": use, "mtok": mtok} for use, (mtok, _) in uses.items()],
        },
        accelerators="sunk",
    )


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
        _accelerators(name, YEAR_HOURS * usd) | {f"least {name}": 1.0} for name, (usd, _) in _GENERATORS.items()
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


#: Warehouses and what they ask for; plants, what they can make, and what it costs to keep each open.
_ASKING = {"1": 15.0, "2": 18.0, "3": 14.0, "4": 20.0}
_PLANTS = {
    "A": (20.0, 12_000.0),
    "B": (22.0, 15_000.0),
    "C": (17.0, 17_000.0),
    "D": (19.0, 13_000.0),
    "E": (18.0, 16e3),
}
#: Freight, a row for each warehouse and a column for each plant.
_FREIGHT = [
    [4000, 2000, 3000, 2500, 4500],
    [2500, 2600, 3400, 3000, 4000],
    [1200, 1800, 2600, 4100, 3000],
    [2200, 2600, 3100, 3700, 3200],
]


def plants_to_close() -> float:
    """Return the least cost of five plants and four warehouses: a plant that makes anything costs its fixed cost.

    A model with an own integer column for each plant: what it makes is at most what it can make if it is open.
    """
    limits = {plant: most for plant, (most, _) in _PLANTS.items()}
    model = placer.Model(transport(limits, _ASKING, list(zip(*_FREIGHT, strict=True))))
    columns = model.columns
    for plant, (most, fixed_usd) in _PLANTS.items():
        (is_open,) = model.add_columns(f"open {plant}", cost_usd=fixed_usd, upper=1.0, integer=True)
        made = columns.index[(columns["block"] == "x") & (columns["data_centre"] == plant)]
        use = dict.fromkeys(made, 1.0) | {is_open: -most}
        model.add_rows(pd.Series(use), name=f"made at {plant}", upper=0.0)
    return model.solve(gap=0.0).cost_usd


def plants_to_open() -> float:
    """Return the same cost by a plan: each plant is one module."""
    candidates = [
        _accelerators(plant, YEAR_HOURS * fixed_usd / most) | {"module_units": most, "max_units": most}
        for plant, (most, fixed_usd) in _PLANTS.items()
    ]
    closed = transport(dict.fromkeys(_PLANTS, 0.0), _ASKING, list(zip(*_FREIGHT, strict=True)))
    return placer.plan(closed.replace(accelerators="sunk"), candidates, gap=GAP).cost_usd_per_year / YEAR_HOURS


def peak_load(off_peak: float) -> float:
    """Return the capacity for two periods of equal length: peak demand of 100 - price, off-peak demand less than that.

    A unit of capacity costs 10 a cycle of both, and a unit made costs nothing. Demand is a step a unit: the first is
    worth ``off_peak - 0.5`` off peak, and 99.5 at the peak.
    """
    steps = {"peak": 100.0, "off peak": off_peak}
    worth = [(hour, most - step - 0.5) for hour, most in enumerate(steps.values()) for step in range(int(most))]
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "users"}],
            "data_centres": [{"data_centre": "plant", "accelerators": 0.0}],
            "links": [{"from": "users", "to": "plant", "rtt_ms": 1.0}],
            "workloads": [
                CASE | {"workload": f"{usd:g}", "unserved_usd_per_mtok": usd} for usd in {usd for _, usd in worth}
            ],
            "demand": [{"workload": f"{usd:g}", "hub": "users", "hour": hour, "mtok": 1.0} for hour, usd in worth],
        },
        accelerators="sunk",
    )
    plan = placer.plan(instance, [_accelerators("plant", 10.0 * YEAR_HOURS / len(steps))], gap=GAP)
    return float(plan.units[0])


#: Generators of the screening curve: EUR a MW of capacity and a MWh of energy, and what a MWh not served costs.
_SCREENED = {"coal": (15.0, 2.0), "gas": (10.0, 12.0)}
_SHED_EUR_PER_MWH = 1012.0


@cache
def screening_curve(steps: int = 101) -> dict[str, float]:
    """Return the MW of coal and gas for a load that falls from 1,000 MW to 0, by ``steps`` periods of equal length.

    Coal is cheaper than gas for half of the time or longer, and shedding is cheaper than gas for a hundredth or less.
    """
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "load"}],
            "data_centres": [{"data_centre": plant, "accelerators": 0.0} for plant in _SCREENED],
            "links": [
                {"from": "load", "to": plant, "rtt_ms": 1.0, "usd_per_gb": usd} for plant, (_, usd) in _SCREENED.items()
            ],
            "workloads": [CASE | {"unserved_usd_per_mtok": _SHED_EUR_PER_MWH}],
            "demand": [
                {"workload": "case", "hub": "load", "hour": step, "mtok": 1000.0 * (1 - step / (steps - 1))}
                for step in range(steps)
            ],
        },
        accelerators="sunk",
    )
    candidates = [_accelerators(plant, YEAR_HOURS * usd) for plant, (usd, _) in _SCREENED.items()]
    return dict(zip(_SCREENED, placer.plan(instance, candidates, gap=GAP).units.tolist(), strict=True))
