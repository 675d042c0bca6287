"""Tests of the naive rules."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.analysis.baselines import cheapest, compare, nearest
from placer.model.answer import Answer, whole_solution
from placer.model.formulation import formulate
from placer.solve import to_program
from placer.termination import Reason, Termination
from tests.effort import tries
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes
from tests.model.pools_by_hand import NEW, OLD, pooled


def test_nearest_by_hand(make_instance):
    """Tests that both hubs are served at home, 10 ms away: 10 x 50 + 6 x 20 = 620 USD and nothing exported."""
    rule = nearest(make_instance())
    assert rule.cost_usd == pytest.approx(620)
    assert rule.export_share == 0


def test_nearest_spills_over(make_instance):
    """Tests that what the nearest has no room for goes to the next: 3 of A's 10 Mtok go on to Y."""
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 7.0},
        {"data_centre": "Y", "region": "west"},
    ]
    rule = nearest(make_instance(data_centres=centres))
    assert rule.cost_usd == pytest.approx(7 * 50 + 9 * 20)
    assert rule.export_share == pytest.approx(3 / 16)


def test_cheapest_is_greedy(make_instance):
    """Tests that the cheapest rule sends everything to Y while it has room, the larger demand first.

    Y takes A's 10 Mtok and 2 of B's; the other 4 of B cost 50 at X. The optimum costs the same here.
    """
    centres = [
        {"data_centre": "X", "region": "east"},
        {"data_centre": "Y", "region": "west", "accelerators": 12.0},
    ]
    rule = cheapest(make_instance(data_centres=centres))
    assert rule.cost_usd == pytest.approx(12 * 20 + 4 * 50)
    assert rule.export_share == pytest.approx(14 / 16)


def test_no_room_is_unserved(make_instance):
    """Tests that what fits nowhere is unserved and pays the penalty."""
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 5.0},
        {"data_centre": "Y", "region": "west", "accelerators": 5.0},
    ]
    rule = nearest(make_instance(data_centres=centres))
    assert rule.unserved_mtok == pytest.approx(6)
    assert rule.penalty_usd == pytest.approx(6000)


def _values(instance, program, rule):
    """Return a rule's point of the linear program."""
    answer = Answer(Termination(Reason.OPTIMAL), rule.flows)
    return whole_solution(formulate(instance).structure, program, answer).values


@pytest.mark.parametrize("seed", range(tries(7, 20)))
def test_a_rule_is_feasible_and_no_better_than_the_optimum(make_random_instance, seed):
    """Tests that a rule's point satisfies every row but the caps, and costs no less than the optimum without caps."""
    instance = make_random_instance(seed, carbon_limit_kg=np.inf, water_limit_litres=np.inf)
    program, placement = to_program(instance), placer.solve(instance, tie_break=None)
    for rule in (nearest, cheapest):
        followed = rule(instance)
        values = _values(instance, program, followed)
        activity = program.matrix @ values
        assert (activity >= program.row_lower - 1e-9).all()
        assert (activity <= program.row_upper + 1e-9).all()
        assert (values >= program.col_lower).all()
        assert (values <= program.col_upper + 1e-9).all()
        assert program.cost @ values >= placement.cost_and_penalty_usd * (1 - 1e-9)
        assert followed.cost_usd + followed.penalty_usd == pytest.approx(program.cost @ values)


@pytest.mark.parametrize("rule", [nearest, cheapest])
def test_flows_of_a_rule_are_in_order(make_random_instance, rule):
    """Tests that a rule's flows are sorted by demand, then arc, hold no 0, and serve what it says is served."""
    instance = make_random_instance(1)
    followed, structure = rule(instance), formulate(instance).structure
    flows = followed.flows
    assert (np.diff(flows.demand * len(structure.arc_cost) + flows.arc) > 0).all()
    assert (flows.amount > 0).all()
    assert flows.amount.sum() == pytest.approx(followed.served_mtok)


def test_caps_are_reported_not_kept(make_instance):
    """Tests that a rule that breaks a cap says so."""
    instance = make_instance(
        power_zones=[
            {"power_zone": "zx", "usd_per_mwh": 50.0, "carbon_kg_per_mwh": 100.0},
            {"power_zone": "zy", "usd_per_mwh": 20.0, "carbon_kg_per_mwh": 1000.0},
        ],
        carbon_limit_kg=5000.0,
    )
    assert not nearest(instance).within_caps
    assert compare(placer.solve(instance))["within_caps"].to_list() == [True, False, False]


def test_limits_of_power_zones_are_caps(make_instance):
    """Tests that a rule that takes A's 10 MWh in the hour from a zone of 5 MW says so."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": 5.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    instance = make_instance(power_zones=zones)
    assert compare(placer.solve(instance))["within_caps"].to_list() == [True, False, True]


@pytest.mark.parametrize("mtok", [0.1, 0.3, 0.7, 1.1])
def test_a_share_that_is_just_met_is_kept(make_instance, mtok):
    """Tests that the third of the Mtok served that is at X meets a limit of a third, whatever the rounding of 1 / 3."""
    share = {"limit": "third", "kind": "share", "of": "served", "sense": ">=", "amount": mtok / (mtok + 2 * mtok)}
    instance = make_instance(
        demand=[{"workload": "w", "hub": hub, "mtok": part} for hub, part in (("A", mtok), ("B", 2 * mtok))],
        links=[{"from": hub, "to": site, "rtt_ms": 1.0} for hub, site in ("AX", "BY")],
        limits=[share | {"workload": "w", "data_centre": "X"}],
    )
    assert nearest(instance).within_caps


def test_rules_that_serve_less_are_compared_with_their_penalty(make_instance):
    """Tests that a rule that costs less since it serves less stands with its penalty beside the optimum.

    X has 4 accelerators and power at 50. In the first hour 4 Mtok of v and 2 of w arrive; w may wait for the second
    hour, when only 1 of v does. The rules let nothing wait, so that w's 2 Mtok stay unserved at 1000 USD each.
    """
    base = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
    instance = make_instance(
        workloads=[base | {"workload": "v"}, base | {"workload": "w", "deadline_hours": 1.0}],
        data_centres=[{"data_centre": "X", "accelerators": 4.0}],
        hubs=[{"hub": "A"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 1.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
        demand=[
            {"workload": "v", "hub": "A", "hour": 0, "mtok": 4.0},
            {"workload": "w", "hub": "A", "hour": 0, "mtok": 2.0},
            {"workload": "v", "hub": "A", "hour": 1, "mtok": 1.0},
        ],
    )
    table = compare(placer.solve(instance))
    assert table["unserved_mtok"].tolist() == pytest.approx([0, 2, 2])
    assert table["unserved_share"].tolist() == pytest.approx([0, 2 / 7, 2 / 7])
    assert table["cost_usd"].tolist() == pytest.approx([350, 250, 250])
    assert table["cost_and_penalty_usd"].tolist() == pytest.approx([350, 2250, 2250])
    assert table["cost_and_penalty_usd_per_mtok"].tolist() == pytest.approx([50, 2250 / 7, 2250 / 7])


def test_rules_pay_charges_beside_their_cost(make_instance):
    """Tests a tariff of 3 on the nearest data centre: the rule pays 5 and 3 a Mtok, the optimum 7 further away."""
    instance = make_instance(
        hubs=[{"hub": "A", "region": "east"}],
        data_centres=[
            {"data_centre": "X", "region": "west", "accelerator_usd_per_hour": 5.0},
            {"data_centre": "Y", "region": "east", "accelerator_usd_per_hour": 7.0},
        ],
        links=[{"from": "A", "to": "X", "rtt_ms": 1.0}, {"from": "A", "to": "Y", "rtt_ms": 2.0}],
        supplies=[],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 2.0}],
        policies=[
            {"policy": "t", "kind": "tariff_usd_per_mtok", "amount": 3.0, "from_region": "west", "paid_to": "importer"}
        ],
    )
    table = placer.baselines.compare(placer.solve(instance))
    assert table["cost_usd"].to_dict() == pytest.approx({"optimum": 14.0, "nearest": 10.0, "cheapest": 14.0})
    assert table["transfers_usd"].to_dict() == pytest.approx({"optimum": 0.0, "nearest": 6.0, "cheapest": 0.0})


def test_rules_take_modes():
    """Tests 36 Mtok near in the mode of 40 a second, the frugal one of two, and far in that of 80."""
    lavish = FAST | {"mode": "lavish", "kwh_per_mtok": 0.0}
    rules = [rule(modes([SLOW, lavish, MIDDLE, FAST])) for rule in (nearest, cheapest)]
    assert [rule.cost_usd for rule in rules] == pytest.approx([2.2 * 12.5, 25.0])
    assert [rule.unserved_mtok for rule in rules] == [0.0, 0.0]


@pytest.mark.slow
def test_rules_fill_pools_in_turn():
    """Tests 15 and 120 Mtok at ten old and a hundred new accelerators: no rule takes more than a pool has."""
    for rule in (nearest, cheapest):
        assert rule(pooled()).cost_usd == pytest.approx(20.0)
        full = rule(pooled(demand=[{"workload": "chat", "hub": "users", "mtok": 120.0}]))
        assert full.served_mtok == pytest.approx(110.0)
        assert full.within_caps
    (alone,) = [row for row in pooled().accelerator_pools.to_dict("records") if row["accelerator_type"] == NEW]
    assert nearest(pooled(accelerator_pools=[alone], modes=[])).cost_usd == pytest.approx(30.0)
    assert OLD not in placer.solve(pooled(accelerator_pools=[alone], modes=[])).pools.index.get_level_values(1)
