"""Published problems of location: which plants, warehouses, depots or periods to open, each at a fixed cost.

In a plan, what may be opened is a candidate in one whole module: of a data centre without accelerators, or of a link
without capacity. An hour stands for the year, so that costs a year are the published ones times 8,760. In a model with
integers, it is an own column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path

import pandas as pd

import placer

from .published_figure import Published
from .published_plans import GAP, accelerators
from .published_problems import CASE, GB, YEAR_HOURS, transport

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


def _modules(
    plants: Mapping[str, tuple[float, float]], asked: Mapping[str, float], freight: Sequence[Sequence[float]]
) -> float:
    """Return the least cost of a plan in which each plant is one module; ``freight`` has a row for each market."""
    candidates = [
        accelerators(plant, YEAR_HOURS * fixed_usd / most) | {"module_units": most, "max_units": most}
        for plant, (most, fixed_usd) in plants.items()
    ]
    closed = transport(dict.fromkeys(plants, 0.0), asked, list(zip(*freight, strict=True)))
    return placer.plan(closed.replace(accelerators="sunk"), candidates, gap=GAP).cost_usd_per_year / YEAR_HOURS


def plants_to_open() -> float:
    """Return the cost of ``plants_to_close`` by a plan."""
    return _modules(_PLANTS, _ASKING, _FREIGHT)


#: Five customers, and three facilities of a capacity of 500 and a cost of 1,000 each.
_CUSTOMERS = {"1": 80.0, "2": 270.0, "3": 250.0, "4": 160.0, "5": 180.0}
_FACILITIES = dict.fromkeys(("a", "b", "c"), (500.0, 1000.0))
_ROADS = [[4, 6, 9], [5, 4, 7], [6, 3, 4], [8, 5, 3], [10, 8, 4]]


def facilities() -> float:
    """Return the least cost of three facilities for five customers."""
    return _modules(_FACILITIES, _CUSTOMERS, _ROADS)


#: Demand of twelve months, and the cost of a set-up in each. A unit held for a month costs 1.
_ORDERS = (69.0, 29.0, 36.0, 61.0, 61.0, 26.0, 34.0, 67.0, 45.0, 67.0, 79.0, 56.0)
_SET_UPS = (85.0, 102.0, 102.0, 101.0, 98.0, 114.0, 105.0, 86.0, 119.0, 110.0, 98.0, 114.0)


def lot_sizes() -> float:
    """Return the least cost of set-ups and stock over twelve months.

    A month of production is a site for the months after it: what it makes for a later month is held until then.
    """
    months = range(len(_ORDERS))
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": f"in {month}"} for month in months],
            "data_centres": [{"data_centre": f"made {month}", "accelerators": sum(_ORDERS)} for month in months],
            "links": [
                {"from": f"in {month}", "to": f"made {made}", "rtt_ms": 1.0, "usd_per_gb": float(month - made)}
                for month in months
                for made in range(month + 1)
            ],
            "workloads": [CASE],
            "demand": [{"workload": "case", "hub": f"in {month}", "mtok": _ORDERS[month]} for month in months],
        },
        directed=True,
    )
    return _opened(instance, {f"made {month}": usd for month, usd in enumerate(_SET_UPS)})


def warehouses() -> float:
    """Return the least cost of cap71 of the OR-Library: 16 warehouses, 50 customers, and no capacity that binds.

    ``published_cap71.txt`` has the numbers of the library: capacity and fixed cost of each warehouse, then for each
    customer its demand and the cost of all of it from each warehouse.
    """
    numbers = iter(Path(__file__).with_name("published_cap71.txt").read_text(encoding="utf-8").split())
    count, customers = int(next(numbers)), int(next(numbers))
    sites = {f"warehouse {place}": (float(next(numbers)), float(next(numbers))) for place in range(1, count + 1)}
    asked, cost = {}, []
    for place in range(1, customers + 1):
        asked[f"customer {place}"] = demand = float(next(numbers))
        cost.append([float(next(numbers)) / demand for _ in sites])
    limits = {name: most for name, (most, _) in sites.items()}
    return _opened(
        transport(limits, asked, list(zip(*cost, strict=True))), {name: usd for name, (_, usd) in sites.items()}
    )


def _opened(instance: placer.Instance, fixed_usd: Mapping[str, float]) -> float:
    """Return the least cost where a site that serves anybody costs its fixed cost, as a model with integers.

    What a site serves of a demand is at most the demand if it is open: a row for each arc.
    """
    model = placer.Model(instance)
    added = model.add_columns(list(fixed_usd), cost_usd=fixed_usd, upper=1.0, integer=True)
    columns, asked = model.columns, instance.demand.groupby("hub")["mtok"].sum()
    arcs = columns.loc[columns["block"] == "x", ["hub", "data_centre"]].astype(str)
    opened = pd.Series(added, index=list(fixed_usd))
    names = arcs["hub"] + " from " + arcs["data_centre"]
    served = pd.DataFrame({"row": names, "column": arcs.index, "value": 1.0})
    is_open = pd.DataFrame({"row": names, "column": arcs["data_centre"].map(opened), "value": -arcs["hub"].map(asked)})
    model.add_rows(pd.concat([served, is_open]), upper=0.0)
    return model.solve(gap=0.0).cost_usd


#: Tonnes that two factories make and that each depot passes on, and what each customer asks for.
_FACTORIES = {"Liverpool": 150_000.0, "Brighton": 200_000.0}
_DEPOTS = {
    "Newcastle": 70_000.0,
    "Birmingham": 50_000.0,
    "London": 100_000.0,
    "Exeter": 40_000.0,
    "Bristol": 30_000.0,
    "Northampton": 25_000.0,
}
_SHOPS = {"C1": 50_000.0, "C2": 10_000.0, "C3": 40_000.0, "C4": 35_000.0, "C5": 60_000.0, "C6": 20_000.0}
#: Freight of a tonne to a place, from every place that delivers there.
_DELIVERIES: Mapping[str, Mapping[str, float]] = {
    "Newcastle": {"Liverpool": 0.5},
    "Birmingham": {"Liverpool": 0.5, "Brighton": 0.3},
    "London": {"Liverpool": 1.0, "Brighton": 0.5},
    "Exeter": {"Liverpool": 0.2, "Brighton": 0.2},
    "Bristol": {"Liverpool": 0.6, "Brighton": 0.4},
    "Northampton": {"Liverpool": 0.4, "Brighton": 0.3},
    "C1": {"Liverpool": 1.0, "Brighton": 2.0, "Birmingham": 1.0, "Bristol": 1.2},
    "C2": {"Newcastle": 1.5, "Birmingham": 0.5, "London": 1.5, "Bristol": 0.6, "Northampton": 0.4},
    "C3": {"Liverpool": 1.5, "Newcastle": 0.5, "Birmingham": 0.5, "London": 2.0, "Exeter": 0.2, "Bristol": 0.5},
    "C4": {"Liverpool": 2.0, "Newcastle": 1.5, "Birmingham": 1.0, "Exeter": 1.5, "Northampton": 0.5},
    "C5": {"Birmingham": 0.5, "London": 0.5, "Exeter": 0.5, "Bristol": 0.3, "Northampton": 0.6},
    "C6": {"Liverpool": 1.0, "Newcastle": 1.0, "London": 1.5, "Exeter": 1.5, "Bristol": 0.8, "Northampton": 0.9},
}
#: Yearly cost of a depot that may be closed or opened, and of 20,000 tonnes more at Birmingham.
_TO_OPEN = {"Newcastle": 10_000.0, "Exeter": 5000.0, "Bristol": 12_000.0, "Northampton": 4000.0}
_EXPANSION = (20_000.0, 3000.0)


def distribution(depots: Mapping[str, float]) -> placer.Instance:
    """Return the network with a capacity for each depot: factories are data centres, and links lead against freight.

    A depot is a link between two exchanges, whose capacity is what it passes on. Distances make every route a simple
    one: straight from a factory, or by one depot.
    """
    links = [
        {
            "from": f"out of {place}" if place in depots else place,
            "to": f"into {source}" if source in depots else source,
            "rtt_ms": 1.0,
            "usd_per_gb": usd,
        }
        for place, sources in _DELIVERIES.items()
        if place in depots or place in _SHOPS
        for source, usd in sources.items()
        if source in depots or source in _FACTORIES
    ]
    links += [
        {"from": f"into {depot}", "to": f"out of {depot}", "rtt_ms": 1.0, "capacity_gbps": most / GB}
        for depot, most in depots.items()
    ]
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": name} for name in _SHOPS],
            "data_centres": [{"data_centre": name, "accelerators": made} for name, made in _FACTORIES.items()],
            "exchanges": [{"exchange": f"{side} {depot}"} for depot in depots for side in ("into", "out of")],
            "links": links,
            "workloads": [CASE],
            "demand": [{"workload": "case", "hub": name, "mtok": asked} for name, asked in _SHOPS.items()],
        },
        directed=True,
        routes=1 + len(depots),
    )


def four_depots() -> placer.Instance:
    """Return the network with the four depots that are there."""
    return distribution({depot: most for depot, most in _DEPOTS.items() if depot not in ("Bristol", "Northampton")})


@cache
def depots_to_open() -> placer.Plan:
    """Return the plan of at most four depots, of which Birmingham and London are two."""
    modules = {depot: (_DEPOTS[depot], usd) for depot, usd in _TO_OPEN.items()} | {"Birmingham": _EXPANSION}
    candidates = [
        {
            "candidate": depot,
            "adds": "capacity_gbps",
            "target": f"into {depot}|out of {depot}",
            "usd_per_unit_year": YEAR_HOURS * usd / (most / GB),
            "module_units": most / GB,
            "max_units": most / GB,
            "depots": float(depot in _TO_OPEN) / (most / GB),
        }
        for depot, (most, usd) in modules.items()
    ]
    there = {depot: 0.0 if depot in _TO_OPEN else most for depot, most in _DEPOTS.items()}
    return placer.plan(distribution(there), candidates, build_limits={"depots": 2.0}, gap=GAP)


def depot_cost() -> float:
    """Return the cost less what Newcastle and Exeter cost, which the book counts as saved where they are closed."""
    return depots_to_open().cost_usd_per_year / YEAR_HOURS - _TO_OPEN["Newcastle"] - _TO_OPEN["Exeter"]


_PLANTS_OF = "Frontline Systems, example of a facility location (examples of Gurobi)"
_of = partial(Published, "location")

PROBLEMS = (
    _of("Plants to open, a model with integers", _PLANTS_OF, "cost", 210_500.0, plants_to_close),
    _of("Plants to open, a plan in modules", _PLANTS_OF, "cost", 210_500.0, plants_to_open),
    _of(
        "Three facilities, a plan in modules",
        "J. P. Pedroso et al., Mathematical Optimization: Solving Problems using SCIP and Python, 2012, chapter on "
        "facility location",
        "cost",
        5610.0,
        facilities,
    ),
    _of(
        "Sixteen warehouses (cap71), a model with integers",
        "J. E. Beasley, OR-Library, file uncapopt; European J. Operational Research 33, 1988",
        "cost",
        932_615.75,
        warehouses,
    ),
    _of(
        "Lot sizes of twelve months, a model with integers",
        "H. M. Wagner, T. M. Whitin, Dynamic Version of the Economic Lot Size Model, Management Science 5(1), 1958",
        "cost",
        864.0,
        lot_sizes,
    ),
    _of(
        "Depots to open, a plan in modules",
        "H. P. Williams, Model Building in Mathematical Programming, 5th ed., 2013, problem 20 (examples of Gurobi)",
        "cost",
        174_000.0,
        depot_cost,
    ),
)
