"""Tests what distance costs beyond transit: latency that loses value, and surcharges."""

import numpy as np
import pytest

import placer
from placer.model.distance import distance_costs
from placer.model.formulation import formulate

#: One accelerator-hour a Mtok, no energy.
WORK = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}


def _home_and_far(values, far_accelerators=np.inf, **tables):
    """Home is 5 ms away at 10 USD a Mtok, far 45 ms at 8; workloads of these values and amounts in one hub."""
    lost = [{"workload": f"v{value:g}", "ms": ms, "share_lost": 0.0008 * ms} for value in values for ms in (0, 1000)]
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "coast"}],
            "data_centres": [
                {"data_centre": "home", "region": "coast", "accelerator_usd_per_hour": 10.0},
                {"data_centre": "far", "region": "inland", "accelerator_usd_per_hour": 8.0}
                | {"accelerators": far_accelerators},
            ],
            "links": [{"from": "H", "to": "home", "rtt_ms": 5.0}, {"from": "H", "to": "far", "rtt_ms": 45.0}],
            "workloads": [{"workload": f"v{value:g}", "value_usd_per_mtok": value} | WORK for value in values],
            "demand": [{"workload": f"v{value:g}", "hub": "H", "mtok": mtok} for value, mtok in values.items()],
            "latency_value": lost,
        }
        | tables
    )


@pytest.mark.parametrize(("value", "exports"), [(62.4, True), (62.6, False), (20.0, True), (500.0, False)])
def test_tokens_below_62_5_usd_leave(value, exports):
    """Tests the known answer: 40 ms more lose 0.032 of the value, and save 2 USD: 2 / 0.032 = 62.5."""
    placement = placer.solve(_home_and_far({value: 1.0}))
    assert placement.exported_mtok == pytest.approx(float(exports))
    lost = 0.0008 * (45 if exports else 5) * value
    assert placement.cost_parts_usd["latency_loss"] == pytest.approx(lost)
    assert placement.cost_parts_usd["transit"] == 0.0
    assert placement.cost_usd == pytest.approx(lost + (8 if exports else 10))


def test_capacity_inland_goes_to_the_tokens_of_least_value():
    """Tests trade under a ceiling: far has room for 6 Mtok, for the 4 of value 10 and 2 of the 8 of value 50.

    A Mtok of value 10 gains 2 - 0.32 = 1.68, one of value 50 gains 0.4, one of value 100 loses. The last one that is
    exported sets the rent of far at 0.4; all of value 50 pay 12: 10 and a loss of 2 a ms * 5 ms * 0.0008 = 0.2 at home.
    """
    placement = placer.solve(_home_and_far({10.0: 4.0, 50.0: 8.0, 100.0: 3.0}, 6.0))
    sent = placement.flows["mtok"].groupby(level=("workload", "data_centre")).sum()
    assert sent.to_dict() == pytest.approx(
        {("v10", "far"): 4.0, ("v50", "far"): 2.0, ("v50", "home"): 6.0, ("v100", "home"): 3.0}
    )
    assert placement.data_centres.loc["far", "accelerator_rent_usd"] == pytest.approx(0.4)
    prices = placement.prices["usd_per_mtok"].droplevel(["hub", "hour"])
    assert prices.to_dict() == pytest.approx({"v10": 8 + 0.4 + 0.36, "v50": 10.2, "v100": 10.4})
    parts = placement.prices["latency_loss_usd_per_mtok"].droplevel(["hub", "hour"])
    assert parts.to_dict() == pytest.approx({"v10": 0.36, "v50": (6 * 0.2 + 2 * 1.8) / 8, "v100": 0.4})
    regions = placer.accounts(placement).regions
    assert regions["net_cost_usd"].sum() == pytest.approx(placement.cost_usd)
    assert regions.loc["network", "latency_loss_usd"] == pytest.approx(placement.cost_parts_usd["latency_loss"])
    assert placement.settlement["difference"] == pytest.approx(0.0, abs=1e-9)


def test_a_surcharge_keeps_tokens_at_home():
    """Tests that 0.5 USD from the coast inland moves the limit to (2 - 0.5) / 0.032 = 46.875."""
    surcharges = [{"hub_region": "coast", "region": "inland", "usd_per_mtok": 0.5}]
    for value, exports in ((46.8, 1.0), (47.0, 0.0)):
        placement = placer.solve(_home_and_far({value: 1.0}, surcharges=surcharges))
        assert placement.exported_mtok == pytest.approx(exports)
        assert placement.cost_parts_usd["surcharges"] == pytest.approx(0.5 * exports)
    regions = placer.accounts(placer.solve(_home_and_far({20.0: 1.0}, surcharges=surcharges))).regions
    assert regions.loc["authority", "surcharges_usd"] == pytest.approx(0.5)


def test_a_loss_is_linear_between_its_rows_and_constant_beyond(make_instance):
    """Tests a curve from 10 ms to 50 ms at 5, 30 and 500 ms, and a workload without one."""
    workloads = [
        {"workload": name, "value_usd_per_mtok": 100.0, "unserved_usd_per_mtok": 1000.0} | WORK for name in ("w", "v")
    ]
    lost = [{"workload": "w", "ms": 50, "share_lost": 0.5}, {"workload": "w", "ms": 10, "share_lost": 0.1}]
    instance = make_instance(workloads=workloads, latency_value=lost)
    costs = distance_costs(instance, np.tile([5.0, 30.0, 500.0], (2, len(instance.hubs), 1)))
    assert costs.loss_usd[0, 0].tolist() == costs.loss_usd[0, 1].tolist() == pytest.approx([10.0, 30.0, 50.0])
    assert not costs.loss_usd[1].any()


def test_a_backlog_paid_its_distance_when_it_was_sent(make_instance):
    """Tests that 3 Mtok of backlog cost neither the loss nor the surcharge of the 2 Mtok that are sent now."""
    late = {"workload": "late", "value_usd_per_mtok": 10.0, "deadline_hours": 2.0} | WORK
    instance = make_instance(
        hubs=[{"hub": "A", "region": "east"}],
        data_centres=[{"data_centre": "X", "region": "west"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}],
        supplies=[],
        workloads=[late],
        demand=[{"workload": "late", "hub": "A", "hour": 0, "mtok": 2.0}],
        latency_value=[{"workload": "late", "ms": 0.0, "share_lost": 0.1}],
        surcharges=[{"hub_region": "east", "region": "west", "usd_per_mtok": 0.5}],
    ).with_backlog([{"workload": "late", "data_centre": "X", "hours_left": 0, "mtok": 3.0}])
    placement = placer.solve(instance)
    assert placement.backlog_mtok == 3.0
    assert placement.unserved_mtok == placement.backlog_unserved_mtok == 0.0
    assert placement.cost_parts_usd["latency_loss"] == pytest.approx(2 * 1.0)
    assert placement.cost_parts_usd["surcharges"] == pytest.approx(2 * 0.5)


def test_without_tables_nothing_is_added(make_instance):
    """Tests that costs of arcs are transit alone."""
    formulation = formulate(make_instance())
    assert not formulation.distance.loss_usd.any()
    assert not formulation.distance.surcharge_usd.any()


@pytest.mark.slow
def test_both_solvers_and_routes_agree(make_random_instance):
    """Tests column generation against HiGHS, and the parts of prices over several routes."""
    for routes in (1, 2):
        instance = make_random_instance(5, routes=routes)
        workloads = instance.workloads.assign(value_usd_per_mtok=40.0)
        lost = [{"workload": "near", "ms": ms, "share_lost": ms / 100} for ms in (0, 100)]
        surcharges = [{"hub_region": "e", "region": "w", "usd_per_mtok": 3.0}]
        changed = instance.replace(workloads=workloads, latency_value=lost, surcharges=surcharges)
        placement = placer.solve(changed)
        if routes == 1:
            other = placer.solve(changed, placer.ColumnGeneration())
            assert other.cost_and_penalty_usd == pytest.approx(placement.cost_and_penalty_usd)
        parts = placement.prices.filter(regex="_usd_per_mtok$").drop(columns="latency_rent_usd_per_mtok")
        assert parts.sum(axis=1).tolist() == pytest.approx(placement.prices["usd_per_mtok"].tolist(), abs=1e-6)
