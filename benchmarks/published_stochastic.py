"""Published stochastic programs stated as plans: what is decided before the outcome is known is a candidate.

An hour stands for the year, so that costs a year are the published ones times 8,760. What a unit yields in an outcome
is the speed of its data centre, and each buyer with its price is a workload: unserved demand costs the price.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial

import placer

from .published_figure import Published
from .published_plans import GAP, accelerators
from .published_problems import CASE, GB, YEAR_HOURS

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
        accelerators(crop, YEAR_HOURS * usd) | {"land": 1.0, "max_units": _ACRES} for crop, (usd, _) in _FIELDS.items()
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


#: Calendars: what one costs, its price and its refund in USD, and what may be asked for, with its probability.
_CALENDAR_USD, _PRICE_USD, _REFUND_USD = 2.0, 4.5, 0.75
_CALENDARS = {100.0: 0.3, 150.0: 0.2, 200.0: 0.3, 250.0: 0.15, 300.0: 0.05}


def calendars() -> float:
    """Return how many calendars a bookshop orders before it knows the demand.

    Each is refunded, and one that is sold brings its price less the refund.
    """
    shops = {
        asked: _supplied({"shop": {}}, [("sold", "shop", 0.0)], {"sold": (asked, _PRICE_USD - _REFUND_USD)})
        for asked in _CALENDARS
    }
    states = placer.States({f"{asked:g}": (shop, _CALENDARS[asked]) for asked, shop in shops.items()})
    candidates = [accelerators("shop", YEAR_HOURS * (_CALENDAR_USD - _REFUND_USD))]
    return float(placer.plan(shops[100.0], candidates, states, gap=GAP).units[0])


#: Furniture: lumber in board feet, and hours of finishing and carpentry of a piece, its price in USD, and what is asked
#: for in a year of low, likely and high demand. Resources are bought before the demand is known.
_FURNITURE = {
    "desk": (8.0, 4.0, 2.0, 60.0, (50.0, 150.0, 250.0)),
    "table": (6.0, 2.0, 1.5, 40.0, (20.0, 110.0, 250.0)),
    "chair": (1.0, 1.5, 0.5, 10.0, (200.0, 225.0, 500.0)),
}
_RESOURCES_USD = {"lumber": 2.0, "finishing": 4.0, "carpentry": 5.2}
_PROBABILITY = (0.3, 0.4, 0.3)


@dataclass(frozen=True)
class Furniture:
    """The plan of the furniture: resources bought before the demand is known.

    Attributes
    ----------
    plan : placer.Plan
    sales_usd : float
        The mean of what buyers would pay for all that they ask for.
    """

    plan: placer.Plan
    sales_usd: float

    def profit_usd(self) -> float:
        """Return the mean profit."""
        return self.sales_usd - self.plan.cost_usd_per_year / YEAR_HOURS

    def bought(self, resource: str) -> float:
        """Return the amount of a resource that is bought."""
        units = float(self.plan.units[list(_RESOURCES_USD).index(resource)])
        return units * GB if resource == "carpentry" else units


@cache
def furniture() -> Furniture:
    """Return the plan: lumber is accelerators, finishing is MW of a supply, and carpentry the capacity of a link."""
    demands = {
        name: {piece: asked[place] for piece, (*_, asked) in _FURNITURE.items()}
        for place, name in enumerate(("low", "likely", "high"))
    }
    states = {name: (_workshop(demands[name]), p) for name, p in zip(demands, _PROBABILITY, strict=True)}
    rows = {"lumber": ("accelerators", "shop", 1.0), "finishing": ("limit_mw", "hours|shop", 1.0)}
    rows |= {"carpentry": ("capacity_gbps", "buyers|shop", GB)}
    candidates = [
        {
            "candidate": name,
            "adds": adds,
            "target": target,
            "usd_per_unit_year": YEAR_HOURS * size * _RESOURCES_USD[name],
        }
        for name, (adds, target, size) in rows.items()
    ]
    sales = math.fsum(
        p * asked * price
        for *_, price, amounts in _FURNITURE.values()
        for p, asked in zip(_PROBABILITY, amounts, strict=True)
    )
    return Furniture(placer.plan(states["likely"][0], candidates, placer.States(states), gap=GAP), sales)


def _workshop(asked: Mapping[str, float]) -> placer.Instance:
    """Return the workshop without resources: a piece takes accelerator-hours, MWh and GB of them."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "buyers"}],
            "data_centres": [{"data_centre": "shop", "accelerators": 0.0}],
            "links": [{"from": "buyers", "to": "shop", "rtt_ms": 1.0, "capacity_gbps": 0.0}],
            "power_zones": [{"power_zone": "hours", "usd_per_mwh": 0.0}],
            "supplies": [{"power_zone": "hours", "data_centre": "shop", "limit_mw": 0.0}],
            "workloads": [
                {
                    "workload": piece,
                    "accelerator_hours_per_mtok": lumber,
                    "kwh_per_mtok": 1000.0 * finishing,
                    "gb_per_mtok": carpentry,
                    "unserved_usd_per_mtok": price,
                }
                for piece, (lumber, finishing, carpentry, price, _) in _FURNITURE.items()
            ],
            "demand": [{"workload": piece, "hub": "buyers", "mtok": amount} for piece, amount in asked.items()],
        },
        accelerators="sunk",
    )


def _bought(resource: str) -> float:
    return furniture().bought(resource)


_FARMER = "J. R. Birge, F. Louveaux, Introduction to Stochastic Programming, 2nd ed., 2011, section 1.1"
_DAKOTA = "Furniture (Dakota), a plan over three states"
_HIGLE = "J. L. Higle, Stochastic Programming: Optimization When Uncertainty Matters, INFORMS Tutorials, 2005"
_of = partial(Published, "stochastic program")

PROBLEMS = (
    _of("Farmer, a plan over three states", _FARMER, "profit", 108_390.0, lambda: farm().profit_usd()),
    _of("Farmer", _FARMER, "value of the stochastic solution", 1150.0, lambda: farm().stochastic_usd(), last_place=1.0),
    _of("Farmer", _FARMER, "value of perfect information", 7016.0, lambda: farm().information_usd(), last_place=1.0),
    _of(
        "Calendars, a plan over five states",
        "W. L. Winston, Operations Research, 4th ed., 2004, section on the newsvendor with discrete demand",
        "ordered",
        200.0,
        calendars,
    ),
    _of(_DAKOTA, _HIGLE, "profit", 1730.0, lambda: furniture().profit_usd()),
    *(
        _of(_DAKOTA, _HIGLE, f"{name} bought", bought, partial(_bought, name))
        for name, bought in (("lumber", 1300.0), ("finishing", 540.0), ("carpentry", 325.0))
    ),
)
