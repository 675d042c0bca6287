"""Textbook problems with published optima: transport, production over time, networks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from placer.instance.problem import Instance
from placer.solve import solve

#: A token that needs no power and weighs 1 GB per Mtok: its cost is transit alone.
CASE = {
    "workload": "case",
    "accelerator_hours_per_mtok": 1.0,
    "kwh_per_mtok": 0.0,
    "gb_per_mtok": 1.0,
    "unserved_usd_per_mtok": 1e5,
}


def _transport(supply, demand, cost):
    """A transportation problem: plants are data centres, markets hubs, and freight is transit."""
    return Instance.from_tables(
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


def _production(demand, usd, holding_usd, adders, pue=1.0):
    """A production plan: what is asked in a period is made in it or in an earlier one, and held in between.

    Time runs backwards here: a demand arrives, and may wait, while its production is in an earlier and earlier period.
    Making a unit in period q for period p costs usd_q + holding * (p - q). The part holding * p is the same however
    it is made, so it is added at the end, and the power price of period q is usd_q - holding * q.
    """
    periods = len(demand)
    unit = {"workload": "unit", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1000.0, "deadline_hours": 99.0}
    instance = Instance.from_tables(
        {
            "hubs": [{"hub": "orders"}],
            "data_centres": [{"data_centre": "plant", "pue": pue if np.isscalar(pue) else list(pue)[::-1]}],
            "links": [{"from": "orders", "to": "plant", "rtt_ms": 1.0}],
            "power_zones": [
                {
                    "power_zone": "cost",
                    "usd_per_mwh": [
                        (usd[q] - holding_usd * q) / (pue if np.isscalar(pue) else pue[q]) for q in range(periods)
                    ][::-1],
                }
            ],
            "supplies": [
                {"power_zone": "cost", "data_centre": "plant", "limit_mw": limit, "usd_per_mwh_adder": adder}
                for limit, adder in adders
            ],
            "workloads": [unit | {"unserved_usd_per_mtok": 1e5}],
            "demand": [
                {"workload": "unit", "hub": "orders", "hour": periods - 1 - p, "mtok": asked}
                for p, asked in enumerate(demand)
            ],
        }
    )
    return instance, holding_usd * sum(p * asked for p, asked in enumerate(demand))


def test_dantzig_transportation_problem():
    """Tests that Dantzig's canning problem costs 153.675 thousand USD.

    G. B. Dantzig, Linear Programming and Extensions, Princeton University Press, 1963, chapter 3.3; the model
    ``trnsport`` of the GAMS model library (R. E. Rosenthal, GAMS: A User's Guide, 1988, chapter 2).
    """
    miles = [[2.5, 1.7, 1.8], [2.5, 1.8, 1.4]]
    instance = _transport(
        {"Seattle": 350.0, "San Diego": 600.0},
        {"New York": 325.0, "Chicago": 300.0, "Topeka": 275.0},
        [[90 * distance for distance in row] for row in miles],
    )
    assert solve(instance).cost_usd == pytest.approx(153675, rel=1e-9)


def test_beer_distribution_problem():
    """Tests that PuLP's beer distribution problem costs 8600.

    The case study 'A Transportation Problem' of PuLP's documentation (A. Phillips, S. Mitchell, 2007).
    """
    instance = _transport(
        {"A": 1000.0, "B": 4000.0},
        {"1": 500.0, "2": 900.0, "3": 1800.0, "4": 200.0, "5": 700.0},
        [[2, 4, 5, 2, 1], [3, 1, 3, 2, 3]],
    )
    assert solve(instance).cost_usd == pytest.approx(8600, rel=1e-9)


def test_powerco():
    """Tests that Winston's power stations serve his four cities for 1020.

    W. L. Winston, Operations Research: Applications and Algorithms, 4th ed., 2004, section 7.1 (Powerco).
    """
    instance = _transport(
        {"plant 1": 35.0, "plant 2": 50.0, "plant 3": 40.0},
        {"city 1": 45.0, "city 2": 20.0, "city 3": 30.0, "city 4": 30.0},
        [[8, 6, 10, 9], [9, 12, 13, 7], [14, 9, 16, 5]],
    )
    assert solve(instance).cost_usd == pytest.approx(1020, rel=1e-9)


def test_p_and_t_company():
    """Tests that the canned peas of the P & T Company travel for 152 535.

    F. S. Hillier, G. J. Lieberman, Introduction to Operations Research, chapter on the transportation problem.
    """
    instance = _transport(
        {"Bellingham": 75.0, "Eugene": 125.0, "Albert Lea": 100.0},
        {"Sacramento": 80.0, "Salt Lake City": 65.0, "Rapid City": 70.0, "Albuquerque": 85.0},
        [[464, 513, 654, 867], [352, 416, 690, 791], [995, 682, 388, 685]],
    )
    assert solve(instance).cost_usd == pytest.approx(152535, rel=1e-9)


def test_sailco():
    """Tests that Winston's sailboats, made ahead and in overtime, cost 78 450: work shifted in time.

    W. L. Winston, Operations Research: Applications and Algorithms, section 3.10: 40, 60, 75 and 25 boats in four
    quarters, 10 at hand; 40 a quarter at 400 USD, more in overtime at 450; 20 USD to hold a boat over a quarter.
    Regular time and overtime are two tiers of a supply.
    """
    instance, held_usd = _production([30.0, 60.0, 75.0, 25.0], [400] * 4, 20, [(40.0, 0.0), (math.inf, 50.0)])
    placement = solve(instance)
    assert placement.cost_usd + held_usd == pytest.approx(78450, rel=1e-9)
    overtime = placement.supplies.xs(1, level="supply")["mwh"].to_numpy()[::-1]
    np.testing.assert_allclose(overtime, [0, 10, 35, 0], atol=1e-7)


def test_northern_airplane():
    """Tests that the jet engines of the Northern Airplane Company cost 77.3 million: capacity that differs by period.

    F. S. Hillier, G. J. Lieberman, Introduction to Operations Research, chapter on the transportation problem: 10, 15,
    25 and 20 engines in four months; at most 25, 35, 30 and 10 made, at 1.08, 1.11, 1.10 and 1.13 million; storage
    0.015 a month. A supply of 35 with a PUE of 35 / capacity limits each month to its own.
    """
    pue = [35 / capacity for capacity in (25, 35, 30, 10)]
    usd = [1.08e6, 1.11e6, 1.10e6, 1.13e6]
    instance, held_usd = _production([10.0, 15.0, 25.0, 20.0], usd, 15e3, [(35.0, 0.0)], pue)
    instance = instance.replace(workloads=instance.workloads.assign(unserved_usd_per_mtok=1e8))
    assert solve(instance).cost_usd + held_usd == pytest.approx(77.3e6, rel=1e-9)


@pytest.mark.parametrize("links", [2, 3, 5])
def test_linear_network(links):
    """Tests that in a row of links, each with a short route of its own, one long route is starved.

    L. Massoulie, J. Roberts, Bandwidth sharing: objectives and algorithms, IEEE/ACM Transactions on Networking 10(3),
    2002: on L links of capacity 1 shared by one route over all and one route on each, the most that is carried in
    all is L, and the long route gets nothing.
    """
    places = range(links + 1)
    instance = Instance.from_tables(
        {
            "hubs": [{"hub": f"hub {place}"} for place in places[:-1]],
            "data_centres": [{"data_centre": f"site {place}", "jurisdiction": str(place)} for place in places[1:]],
            "exchanges": [{"exchange": f"node {place}"} for place in places],
            "links": [
                *({"from": f"hub {place}", "to": f"node {place}", "rtt_ms": 0.1} for place in places[:-1]),
                *({"from": f"site {place}", "to": f"node {place}", "rtt_ms": 0.1} for place in places[1:]),
                *(
                    {"from": f"node {place}", "to": f"node {place + 1}", "rtt_ms": 1.0, "capacity_gbps": 1 / 450}
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
    placement = solve(instance)
    assert placement.served_mtok == pytest.approx(links)
    served = placement.flows["mtok"]
    assert served.get((f"to {links}", "hub 0", f"site {links}", 0), 0.0) == pytest.approx(0, abs=1e-9)
