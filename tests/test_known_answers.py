"""Problems whose optimum is known: from textbooks, and worked out by hand in the docstring."""

from __future__ import annotations

import math

import numpy as np
import pytest

from placer.instance.problem import Instance
from placer.solve import solve

#: One hour of an accelerator and one MWh per Mtok.
W = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
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


def _one_site(make_instance, **changes):
    """One hub, one data centre, one supply."""
    tables = {
        "hubs": [{"hub": "A"}],
        "data_centres": [{"data_centre": "X"}],
        "links": [{"from": "A", "to": "X", "rtt_ms": 10.0}],
        "supplies": [{"power_zone": "zx", "data_centre": "X"}],
        "demand": [{"workload": "w", "hub": "A", "mtok": 12.0}],
    }
    return make_instance(**(tables | changes))


@pytest.mark.parametrize(("cyclic", "accelerators", "cost"), [(True, 9.0, 60), (True, 4.0, 240), (False, 9.0, 600)])
def test_queue_over_the_end_of_the_horizon(make_instance, cyclic, accelerators, cost):
    """Tests that work of the last hour runs in the first where the horizon is cyclic.

    6 Mtok arrive in hour 2 and may wait one hour; power costs 10, 100, 100. Cyclic: all run in hour 0, for 6 * 10.
    With 4 accelerators 4 do, and 2 run at once: 4 * 10 + 2 * 100. Clipped: all run at once, for 6 * 100.
    """
    placement = solve(
        _one_site(
            make_instance,
            workloads=[W | {"deadline_hours": 1.0}],
            data_centres=[{"data_centre": "X", "accelerators": accelerators}],
            power_zones=[{"power_zone": "zx", "usd_per_mwh": [10.0, 100.0, 100.0]}],
            demand=[
                {"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((0.0, 0.0, 6.0))
            ],
            cyclic=cyclic,
        )
    )
    assert placement.cost_usd == pytest.approx(cost)
    assert placement.unserved_mtok == pytest.approx(0, abs=1e-9)


def test_tiers_with_loss(make_instance):
    """Tests that a cheap tier with a loss is used up first, and what it would save on.

    12 MWh are needed. The tier at 30 loses a quarter: 40 a MWh delivered; its 8 MWh deliver 6. The other 6 cost 50.
    Cost 8 * 30 + 6 * 50 = 540. The price is 50; one more MWh of the lossy tier saves 0.75 * 50 - 30 = 7.5.
    """
    placement = solve(
        _one_site(
            make_instance,
            power_zones=[{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 30.0}],
            supplies=[
                {"power_zone": "zx", "data_centre": "X"},
                {"power_zone": "zy", "data_centre": "X", "limit_mw": 8.0, "loss": 0.25},
            ],
        )
    )
    assert placement.cost_usd == pytest.approx(540)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50])
    assert placement.supplies["rent_usd_per_mwh"].tolist() == pytest.approx([0, 7.5])


CLEAN_AND_DIRTY = [
    {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0},
    {"power_zone": "zy", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 800.0},
]


@pytest.mark.parametrize(("carbon", "site", "usd_per_mtok"), [(0.04, "Y", 20 + 32), (0.05, "X", 50 + 5)])
def test_carbon_price_turns_the_merit_order(make_instance, carbon, site, usd_per_mtok):
    """Tests that clean power wins once 50 + 100 p < 20 + 800 p, that is from p = 30 / 700 = 0.0429 USD per kg on."""
    placement = solve(make_instance(power_zones=CLEAN_AND_DIRTY, carbon_usd_per_kg=carbon))
    assert placement.data_centres.loc[site, "mtok"] == pytest.approx(16)
    assert placement.cost_usd == pytest.approx(16 * usd_per_mtok)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([usd_per_mtok] * 2)


def test_carbon_cap(make_instance):
    """Tests that a cap splits the work and is worth what the last kg saves.

    16 MWh under 8600 kg: with y dirty MWh, 800 y + 100 (16 - y) = 8600, so y = 10. Cost 10 * 20 + 6 * 50 = 500.
    A kg more moves 1/700 MWh from 50 to 20: 30 / 700 USD. One more Mtok is made clean, and its 100 kg push 1/7 MWh
    from dirty to clean: 50 + 30 / 7. Payments 16 (50 + 30 / 7) = 500 + 8600 * 30 / 700.
    """
    placement = solve(make_instance(power_zones=CLEAN_AND_DIRTY, carbon_limit_kg=8600.0))
    assert placement.cost_usd == pytest.approx(500)
    assert placement.carbon_kg == pytest.approx(8600)
    assert placement.rents.carbon == pytest.approx(30 / 700)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50 + 30 / 7] * 2)
    assert placement.settlement["payments"] == pytest.approx(500 + 8600 * 30 / 700)


def test_water_cap(make_instance):
    """Tests that a cap on water moves work from thirsty cheap power.

    Y takes 2000 litres per Mtok, X none. 24 000 litres let 12 Mtok run at Y: 12 * 20 + 4 * 50 = 440. A litre more
    moves 1/2000 Mtok and saves 30 / 2000 USD.
    """
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "water_litres_per_kwh": 2.0}]
    placement = solve(make_instance(data_centres=centres, water_limit_litres=24000.0))
    assert placement.cost_usd == pytest.approx(440)
    assert placement.rents.water == pytest.approx(30 / 2000)


def test_jurisdiction(make_instance):
    """Tests that work bound to X's jurisdiction pays X's power, and other work Y's: 10 * 50 + 6 * 20."""
    placement = solve(
        make_instance(
            workloads=[W | {"jurisdictions": ("CN",)}, W | {"workload": "v"}],
            data_centres=[{"data_centre": "X", "jurisdiction": "CN"}, {"data_centre": "Y", "jurisdiction": "EU"}],
            demand=[{"workload": "w", "hub": "B", "mtok": 10.0}, {"workload": "v", "hub": "A", "mtok": 6.0}],
        )
    )
    assert placement.cost_usd == pytest.approx(620)


def test_site_power_limit(make_instance):
    """Tests that a limit at the meter counts the overhead.

    Y may draw 5 MW at a PUE of 1.25: 4 Mtok, for 5 * 20. The other 12 run at X for 12 * 50. A MW more carries 0.8
    Mtok from 50 to 25 USD: a rent of 20.
    """
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "pue": 1.25, "power_limit_mw": 5.0}]
    placement = solve(make_instance(data_centres=centres))
    assert placement.cost_usd == pytest.approx(700)
    assert placement.data_centres.loc["Y", "power_rent_usd"] == pytest.approx(20)


def test_unserved_where_serving_costs_more(make_instance):
    """Tests that demand kept at X by its latency is left unserved where X's 50 exceed the penalty of 35.

    B's 6 Mtok run at Y for 120. A's 10 stay unserved, for 350.
    """
    workload = W | {"latency_slo_ms": 15.0, "unserved_usd_per_mtok": 35.0}
    placement = solve(make_instance(workloads=[workload]))
    assert placement.cost_usd == pytest.approx(120)
    assert placement.penalty_usd == pytest.approx(350)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([35, 20])


def test_negative_power_price(make_instance):
    """Tests that power at -10 is drawn as far as there is work for it and no further: 16 Mtok cost -160."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": -10.0}]
    placement = solve(make_instance(power_zones=zones))
    assert placement.cost_usd == pytest.approx(-160)
    assert placement.energy_mwh == pytest.approx(16)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([-10, -10])


def test_negative_power_price_with_loss_and_limit(make_instance):
    """Tests that of two negative tiers the one that is paid more per MWh delivered comes first.

    -10 with half lost pays 20 a MWh delivered, -15 without loss 15. The first delivers 2 of its 4 MWh: -40. The other
    10 of 12 MWh come from the second: -150. One more Mtok is paid 15.
    """
    placement = solve(
        _one_site(
            make_instance,
            power_zones=[{"power_zone": "zx", "usd_per_mwh": -10.0}],
            supplies=[
                {"power_zone": "zx", "data_centre": "X", "loss": 0.5, "limit_mw": 4.0},
                {"power_zone": "zx", "data_centre": "X", "usd_per_mwh_adder": -5.0},
            ],
        )
    )
    assert placement.cost_usd == pytest.approx(-190)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([-15])


def test_hour_that_stands_for_four(make_instance):
    """Tests that limits are rates and demands are amounts.

    In a step of 4 hours, 2 accelerators at Y do 8 Mtok; a link of 1 Gbps carries 1800 GB, so that at 225 GB per Mtok
    8 of A's 10 can cross to Y. With B's 6 Mtok at Y before any of A's: the 8 at Y cost 20 each, the other 8 at X 50.
    """
    placement = solve(
        make_instance(
            data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 2.0}],
            hour_length=4.0,
        )
    )
    assert placement.cost_usd == pytest.approx(8 * 20 + 8 * 50)
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0, "capacity_gbps": 1.0},
    ]
    placement = solve(make_instance(workloads=[W | {"gb_per_mtok": 225.0}], links=links, hour_length=4.0))
    assert placement.cost_usd == pytest.approx((6 + 8) * 20 + 2 * 50)
    assert placement.rents.link[2, 0] == pytest.approx(30 / 225)


def test_speed_and_energy_factor(make_instance):
    """Tests that speed divides the accelerator-hours and the energy factor multiplies the energy.

    At X one Mtok takes 1/2 hour at 6 USD and 0.8 MWh at 50: 3 + 40 = 43. At Y it takes 1 hour at 10 and 1.5 MWh at 20:
    40. Y's 12 accelerators do 12 Mtok; the other 4 go to X: 12 * 40 + 4 * 43.
    """
    centres = [
        {"data_centre": "X", "accelerator_usd_per_hour": 6.0, "speed": 2.0, "energy_factor": 0.8, "accelerators": 2.0},
        {"data_centre": "Y", "accelerator_usd_per_hour": 10.0, "energy_factor": 1.5, "accelerators": 12.0},
    ]
    placement = solve(make_instance(data_centres=centres))
    assert placement.cost_usd == pytest.approx(652)
    assert placement.data_centres.loc["X", "utilisation"] == pytest.approx(1)


def test_accelerators_held_back(make_instance):
    """Tests that a site uses no more than the given share of its accelerators, and that tables count all of them.

    Y may use 10 of its 20 accelerators, for 10 Mtok at 20 USD; the other 6 Mtok go to X at 50. One accelerator more at
    Y is half an hour of work, which saves half of 30 USD.
    """
    centres = [{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 20.0, "max_utilisation": 0.5}]
    placement = solve(make_instance(data_centres=centres))
    assert placement.cost_usd == pytest.approx(10 * 20 + 6 * 50)
    site = placement.data_centres.loc["Y"]
    assert (site["utilisation"], site["peak_utilisation"]) == pytest.approx((0.5, 0.5))
    assert placement.data_centre_hours.loc[("Y", 0), "utilisation"] == pytest.approx(0.5)
    assert site["accelerator_rent_usd"] == pytest.approx(0.5 * 30)


def test_peak_throughput(make_instance):
    """Tests that a full site does more than the fleet on average, while the fleet's hours are what is paid for.

    One Mtok takes 1 accelerator-hour of the fleet, at 10 USD, and 0.8 of busy accelerators. Y's 8 accelerators do
    10 Mtok at 20 + 10 USD; the other 6 go to X at 50 + 10.
    """
    centres = [
        {"data_centre": "X", "accelerator_usd_per_hour": 10.0},
        {"data_centre": "Y", "accelerator_usd_per_hour": 10.0, "accelerators": 8.0},
    ]
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "peak_accelerator_hours_per_mtok": 0.8}
    work |= {"kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
    placement = solve(make_instance(workloads=[work], data_centres=centres))
    assert placement.cost_usd == pytest.approx(10 * 30 + 6 * 60)
    site = placement.data_centres.loc["Y"]
    assert (site["mtok"], site["accelerator_hours"], site["utilisation"]) == pytest.approx((10, 10, 1))
    assert site["accelerator_rent_usd"] == pytest.approx(30 / 0.8)


@pytest.mark.parametrize(("accelerators", "charged"), [("by_use", 26), ("sunk", 0)])
def test_operations(make_instance, accelerators, charged):
    """Tests that operations are charged by the accelerator-hour of work, also where accelerators are sunk.

    One Mtok takes half an hour at X (speed 2) and an hour at Y. Without the accelerators, 26 USD at both, it costs
    50 + 8 / 2 = 54 USD at X and 20 + 40 = 60 at Y. So all 16 Mtok run at X.
    """
    centres = [
        {"data_centre": "X", "speed": 2.0, "accelerator_usd_per_hour": 52.0, "operations_usd_per_hour": 8.0},
        {"data_centre": "Y", "accelerator_usd_per_hour": 26.0, "operations_usd_per_hour": 40.0},
    ]
    placement = solve(make_instance(data_centres=centres, accelerators=accelerators))
    assert placement.data_centres["mtok"].tolist() == pytest.approx([16, 0])
    assert placement.cost_parts_usd["operations"] == pytest.approx(16 * 4)
    assert placement.cost_usd == pytest.approx(16 * (54 + charged))
    assert placement.energy_share_of_cost == pytest.approx(50 / (54 + charged))
    assert placement.energy_share_of_operating_cost == pytest.approx(50 / 54)


@pytest.mark.parametrize(("colocated", "site"), [(0.5, "Y"), (0.45, "X"), (1.0, "Y")])
def test_tools_in_the_data_centre_decide_where_it_may_be(make_instance, colocated, site):
    """Tests that an agent may run far away once enough of its tools stand there, at exactly its limit.

    From A the round trip is 40 ms to cheap Y and 10 ms to X. 1 + (1 - c) * 19 round trips: at c = 0.5 that is 10.5, so
    a task takes 80 + 10.5 * 40 = 500 ms at Y, its limit. At c = 0.45 it is 11.45 and 538 ms.
    """
    agent = W | {
        "server_ms": 80.0,
        "latency_slo_ms": 500.0,
        "tool_round_trips": 19.0,
        "tools_colocated": colocated,
    }
    placement = solve(make_instance(workloads=[agent], demand=[{"workload": "w", "hub": "A", "mtok": 10.0}]))
    assert placement.data_centres.loc[site, "mtok"] == pytest.approx(10)


def test_link_shared_by_two_workloads(make_instance):
    """Tests that a scarce link goes to the workload that saves most per GB.

    900 GB may cross from A to Y. v saves 30 USD with 45 GB, w saves 30 USD with 90 GB. v's 10 Mtok take 450 GB, the
    rest lets 5 of w's 10 cross: 15 * 20 + 5 * 50. A GB more saves 30 / 90.
    """
    placement = solve(
        make_instance(
            workloads=[W | {"gb_per_mtok": 90.0}, W | {"workload": "v", "gb_per_mtok": 45.0}],
            demand=[{"workload": workload, "hub": "A", "mtok": 10.0} for workload in "wv"],
            links=[
                {"from": "A", "to": "X", "rtt_ms": 10.0},
                {"from": "B", "to": "Y", "rtt_ms": 10.0},
                {"from": "X", "to": "Y", "rtt_ms": 30.0, "capacity_gbps": 2.0},
            ],
        )
    )
    assert placement.cost_usd == pytest.approx(550)
    assert placement.rents.link[2, 0] == pytest.approx(30 / 90)
    assert placement.prices["usd_per_mtok"].tolist() == pytest.approx([50, 20 + 45 * 30 / 90])
