"""Published problems stated as placements: production, transport, networks and investment.

Plants are data centres, markets are hubs, and freight is transit. Where a product is made ahead and held, time runs
backwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import placer

#: A token that needs no power and weighs 1 GB per Mtok: its cost is transit alone.
CASE = {
    "workload": "case",
    "accelerator_hours_per_mtok": 1.0,
    "kwh_per_mtok": 0.0,
    "gb_per_mtok": 1.0,
    "unserved_usd_per_mtok": 1e5,
}
#: GB that a link of 1 Gbps carries in an hour.
GB = 450.0


def transport(
    supply: Mapping[str, float], demand: Mapping[str, float], cost: Sequence[Sequence[float]]
) -> placer.Instance:
    """Return a transportation problem: ``cost`` has a row for each plant and a column for each market."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": market} for market in demand],
            "data_centres": [{"data_centre": plant, "accelerators": limit} for plant, limit in supply.items()],
            "links": [
                {"from": market, "to": plant, "rtt_ms": 1.0, "usd_per_gb": usd}
                for plant, row in zip(supply, cost, strict=True)
                for market, usd in zip(demand, row, strict=True)
            ],
            "workloads": [CASE],
            "demand": [{"workload": "case", "hub": market, "mtok": mtok} for market, mtok in demand.items()],
        }
    )


@dataclass(frozen=True)
class Production:
    """A production plan, and what holding costs however it is made.

    A demand arrives, and may wait while its production lies in an earlier and earlier period: time runs backwards. A
    unit made in period q for period p costs ``usd_q + holding (p - q)``. The part ``holding p`` is the same for every
    plan, so the power price of period q is ``usd_q - holding q``.

    Attributes
    ----------
    instance : Instance
    held_usd : float
        ``sum_p holding p demand_p``.
    """

    instance: placer.Instance
    held_usd: float

    @classmethod
    def of(
        cls,
        demand: Sequence[float],
        usd: Sequence[float],
        holding_usd: float,
        adders: Sequence[tuple[float, float]],
        pue: Sequence[float] = (),
        unserved_usd: float = 1e5,
    ) -> Production:
        """Return the plan of a plant; every (limit, adder) is a source of at most ``limit / pue`` in each period."""
        periods, factor = range(len(demand)), list(pue) or [1.0] * len(demand)
        prices = [(usd[q] - holding_usd * q) / factor[q] for q in periods]
        unit = {"workload": "unit", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1000.0, "deadline_hours": 99.0}
        instance = placer.Instance.from_tables(
            {
                "hubs": [{"hub": "orders"}],
                "data_centres": [{"data_centre": "plant", "pue": factor[::-1]}],
                "links": [{"from": "orders", "to": "plant", "rtt_ms": 1.0}],
                "power_zones": [{"power_zone": "cost", "usd_per_mwh": prices[::-1]}],
                "supplies": [
                    {"power_zone": "cost", "data_centre": "plant", "limit_mw": limit, "usd_per_mwh_adder": adder}
                    for limit, adder in adders
                ],
                "workloads": [unit | {"unserved_usd_per_mtok": unserved_usd}],
                "demand": [
                    {"workload": "unit", "hub": "orders", "hour": len(demand) - 1 - p, "mtok": asked}
                    for p, asked in enumerate(demand)
                ],
            }
        )
        return cls(instance, holding_usd * sum(p * asked for p, asked in enumerate(demand)))

    def cost_usd(self) -> float:
        """Return the least cost of production and holding."""
        return placer.solve(self.instance).cost_usd + self.held_usd


def sailco() -> Production:
    """Return Winston's sailboats.

    40, 60, 75 and 25 boats in four quarters, 10 at hand; 40 a quarter at 400 USD, more in overtime at 450; 20 USD to
    hold a boat over a quarter. Regular time and overtime are two tiers of a supply.
    """
    return Production.of([30.0, 60.0, 75.0, 25.0], [400] * 4, 20, [(40.0, 0.0), (math.inf, 50.0)])


def northern_airplane() -> Production:
    """Return the jet engines of Hillier and Lieberman.

    10, 15, 25 and 20 engines in four months; at most 25, 35, 30 and 10 made, at 1.08, 1.11, 1.10 and 1.13 million;
    storage 0.015 million a month. A supply of 35 with a PUE of 35 / capacity limits each month to its own.
    """
    pue = [35 / capacity for capacity in (25, 35, 30, 10)]
    usd = [1.08e6, 1.11e6, 1.10e6, 1.13e6]
    return Production.of([10.0, 15.0, 25.0, 20.0], usd, 15e3, [(35.0, 0.0)], pue, unserved_usd=1e8)


def linear_network(links: int) -> placer.Instance:
    """Return a row of links of capacity 1: one route over all of them, and one over each."""
    places = range(links + 1)
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": f"hub {place}"} for place in places[:-1]],
            "data_centres": [{"data_centre": f"site {place}", "jurisdiction": str(place)} for place in places[1:]],
            "exchanges": [{"exchange": f"node {place}"} for place in places],
            "links": [
                *({"from": f"hub {place}", "to": f"node {place}", "rtt_ms": 0.1} for place in places[:-1]),
                *({"from": f"site {place}", "to": f"node {place}", "rtt_ms": 0.1} for place in places[1:]),
                *(
                    {"from": f"node {place}", "to": f"node {place + 1}", "rtt_ms": 1.0, "capacity_gbps": 1 / GB}
                    for place in places[:-1]
                ),
            ],
            "workloads": [
                CASE | {"workload": f"to {place}", "jurisdictions": (str(place),), "unserved_usd_per_mtok": 1.0}
                for place in places[1:]
            ],
            "demand": [
                *({"workload": f"to {place + 1}", "hub": f"hub {place}", "mtok": 1.0} for place in places[1:-1]),
                {"workload": "to 1", "hub": "hub 0", "mtok": 1.0},
                {"workload": f"to {links}", "hub": "hub 0", "mtok": 1.0},
            ],
        }
    )


#: American Steel: what the mills can make, what the warehouses ask for, and freight and limit of every leg. Its least
#: amounts on three legs do not bind.
_MILLS = {"Youngstown": 10_000, "Pittsburgh": 15_000}
_WAREHOUSES = {"Albany": 3000, "Houston": 7000, "Tempe": 4000, "Gary": 6000}
_LEGS = [
    ("Youngstown", "Albany", 0.5, 1000),
    ("Youngstown", "Cincinnati", 0.35, 3000),
    ("Youngstown", "Kansas City", 0.45, 5000),
    ("Youngstown", "Chicago", 0.375, 5000),
    ("Pittsburgh", "Cincinnati", 0.35, 2000),
    ("Pittsburgh", "Kansas City", 0.45, 3000),
    ("Pittsburgh", "Chicago", 0.4, 4000),
    ("Pittsburgh", "Gary", 0.45, 2000),
    ("Cincinnati", "Albany", 0.35, 5000),
    ("Cincinnati", "Houston", 0.55, 6000),
    ("Kansas City", "Houston", 0.375, 4000),
    ("Kansas City", "Tempe", 0.65, 4000),
    ("Chicago", "Tempe", 0.6, 2000),
    ("Chicago", "Gary", 0.12, 4000),
]


def american_steel(routes: int) -> placer.Instance:
    """Return the problem with warehouses as hubs and mills as data centres: links lead against the freight."""
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": name} for name in _WAREHOUSES],
            "data_centres": [{"data_centre": name, "accelerators": made} for name, made in _MILLS.items()],
            "exchanges": [{"exchange": name} for name in ("Cincinnati", "Kansas City", "Chicago")],
            "links": [
                {"from": head, "to": tail, "rtt_ms": 1.0, "usd_per_gb": usd, "capacity_gbps": most / GB}
                for tail, head, usd, most in _LEGS
            ],
            "workloads": [CASE | {"workload": "steel", "unserved_usd_per_mtok": 1e4}],
            "demand": [{"workload": "steel", "hub": name, "mtok": asked} for name, asked in _WAREHOUSES.items()],
        },
        directed=True,
        routes=routes,
    )


#: Minimum cost flow: tail, head, capacity and unit cost of every arc. Node 0 supplies 20, 3 asks for 5 and 4 for 15.
_ARCS = [
    (0, 1, 15, 4),
    (0, 2, 8, 4),
    (1, 2, 20, 2),
    (1, 3, 4, 2),
    (1, 4, 10, 6),
    (2, 3, 15, 1),
    (2, 4, 4, 3),
    (3, 4, 20, 2),
    (4, 2, 5, 3),
]


def minimum_cost_flow(routes: int) -> placer.Instance:
    """Return the flow with node 0 as a data centre, the other nodes as exchanges, and a hub at each that asks."""
    asked = {"3": 5.0, "4": 15.0}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": f"at {node}"} for node in asked],
            "data_centres": [{"data_centre": "0", "accelerators": 20.0}],
            "exchanges": [{"exchange": node} for node in "1234"],
            "links": [
                *({"from": f"at {node}", "to": node, "rtt_ms": 1.0} for node in asked),
                *(
                    {"from": str(head), "to": str(tail), "rtt_ms": 1.0, "usd_per_gb": usd, "capacity_gbps": most / GB}
                    for tail, head, most, usd in _ARCS
                ),
            ],
            "workloads": [CASE],
            "demand": [{"workload": "case", "hub": f"at {node}", "mtok": mtok} for node, mtok in asked.items()],
        },
        directed=True,
        routes=routes,
    )


YEAR_HOURS = 8760.0
