"""Instances solved by hand, an attribute of a workload, a site or a link at a time."""

from __future__ import annotations

import pytest

from placer.solve import solve
from tests.known_work import W


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
