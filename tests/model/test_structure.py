"""The structure: its sizes, numberings, assignments, queue flows and rows."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.formulation import formulate
from placer.model.structure import assignment_positions


@pytest.fixture(params=[False, True], ids=["clipped", "cyclic"])
def structure(request, make_random_instance):
    return formulate(make_random_instance(3, cyclic=request.param)).structure


def _waiting(make_instance, window, periods, *, cyclic):
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "deadline_hours": window}
    instance = make_instance(
        workloads=[workload],
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(periods)],
        data_centres=[{"data_centre": "X"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 1.0}],
        supplies=[],
        cyclic=cyclic,
    )
    return formulate(instance).structure


def test_sizes_and_numberings_by_hand(make_instance):
    """Tests counts, admitted arcs and the numbering of routes and pairs on two workloads, two hubs and three sites."""
    workload = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "latency_slo_ms": 50.0}
    instance = make_instance(
        workloads=[{"workload": "v", **workload}, {"workload": "w", **workload, "latency_slo_ms": 5.0}],
        demand=[
            {"workload": name, "hub": hub, "hour": 0, "mtok": mtok}
            for name, hub, mtok in (("v", "A", 1.0), ("v", "B", 2.0), ("w", "B", 4.0))
        ],
        data_centres=[{"data_centre": name} for name in ("X", "Y", "Z")],
        links=[{"from": "A", "to": "Y", "rtt_ms": 10.0}, {"from": "B", "to": "Z", "rtt_ms": 1.0}],
        supplies=[],
    )
    structure = formulate(instance).structure
    assert (structure.classes, structure.origins, structure.sites, structure.periods) == (2, 2, 3, 1)
    assert structure.total_demand == 7.0
    np.testing.assert_array_equal(np.argwhere(structure.admitted), [[0, 0, 1], [0, 1, 2], [1, 1, 2]])
    np.testing.assert_array_equal(structure.reached, [[False, True, True], [False, False, True]])
    assert structure.arc_pair.tolist() == [0, 1, 3]
    assert structure.demand_pair.tolist() == [0, 1, 3]
    assert structure.arc_route.tolist() == [1, 5, 5]
    assert structure.route(1, 2) == 5
    np.testing.assert_array_equal(structure.route(np.array([0, 1]), 2), [2, 5])


def test_figures_of_tiers_are_summed_at_their_sites(structure):
    """Tests the sum over the tiers of every site against one written tier by tier."""
    figure = np.arange(structure.tier_cost.size, dtype=float).reshape(structure.tier_cost.shape)
    expected = np.zeros((structure.sites, structure.periods))
    for tier, site in enumerate(structure.tier_site):
        expected[site] += figure[tier]
    np.testing.assert_array_equal(structure.at_sites(figure), expected)


def test_assignments_are_the_arcs_of_each_demand(structure):
    """Tests that each demand has one column for every arc of its class and origin, in the order of the sites."""
    every = structure.assignments
    for demand in range(len(structure.demand_amount)):
        arcs = every.arc[every.demand == demand]
        expected = np.flatnonzero(
            (structure.arc_class == structure.demand_class[demand])
            & (structure.arc_origin == structure.demand_origin[demand])
        )
        np.testing.assert_array_equal(arcs, expected)
    assert structure.assignment_count == len(every.demand) == len(every.arc)


def test_counting_assignments_lays_none_out(structure):
    """Tests that the number of assignments is known without an array of them."""
    assert structure.assignment_count > 0
    assert "assignments" not in vars(structure)


def test_assignments_stand_where_they_are_said_to(structure):
    """Tests that the position of every assignment, found from its demand and arc, is its own."""
    every = structure.assignments
    positions = assignment_positions(structure, every.demand, every.arc)
    np.testing.assert_array_equal(positions, np.arange(structure.assignment_count))
    chosen = np.random.default_rng(0).permutation(structure.assignment_count)[:7]
    np.testing.assert_array_equal(assignment_positions(structure, every.demand[chosen], every.arc[chosen]), chosen)


@pytest.mark.parametrize(
    ("window", "cyclic", "pairs"),
    [
        (1.0, False, [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)]),
        (1.0, True, [(0, 0), (0, 1), (1, 1), (1, 2), (2, 2), (2, 0)]),
        (2.0, False, [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]),
        (2.0, True, [(a, (a + d) % 3) for a in range(3) for d in range(3)]),
        (50.0, True, [(a, (a + d) % 3) for a in range(3) for d in range(3)]),
        (50.0, False, [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]),
    ],
)
def test_queue_flows_stay_within_the_window(make_instance, window, cyclic, pairs):
    """Tests that waiting work is served from its arrival to its window's end, past the horizon only if cyclic."""
    flows = _waiting(make_instance, window, 3, cyclic=cyclic).queue_flows
    assert list(zip(flows.arrival.tolist(), flows.service.tolist(), strict=True)) == pairs


def test_work_that_cannot_wait_has_no_queue(make_instance):
    """Tests that neither queue rows nor queue flows are made where nothing may wait."""
    structure = _waiting(make_instance, 0.0, 3, cyclic=True)
    assert structure.rows.sizes["queue"] == 0
    assert structure.queue_flows.klass.size == 0


def test_limits_that_are_infinite_have_no_row(make_instance):
    """Tests that unlimited capacity, intake, links and caps leave no row behind."""
    sizes = formulate(make_instance()).structure.rows.sizes
    assert sizes == {"demand": 2, "queue": 0, "capacity": 0, "balance": 2, "intake": 0, "link": 0, "cap": 0}


def test_rows_are_numbered_within_their_block(structure):
    """Tests that the rows of a block are numbered from 0 without gaps, and absent ones are -1."""
    assert list(structure.rows.sizes) == ["demand", "queue", "capacity", "balance", "intake", "link", "cap"]
    for name in ("queue", "capacity", "balance", "intake", "link", "cap"):
        positions = getattr(structure.rows, name)
        np.testing.assert_array_equal(positions[positions >= 0].ravel(), np.arange(structure.rows.sizes[name]))


def test_site_nothing_can_reach_has_no_balance(make_instance):
    """Tests that a site without supply has a balance row only where work that draws power can go."""
    powered = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "latency_slo_ms": 15.0}
    instance = make_instance(
        workloads=[powered],
        hubs=[{"hub": "A"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 10.0}, {"from": "X", "to": "Y", "rtt_ms": 10.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 1.0}],
        supplies=[{"power_zone": "zx", "data_centre": "X"}],
    )
    assert formulate(instance).structure.rows.balance.tolist() == [[0], [-1]]
    anywhere = instance.replace(workloads=instance.workloads.assign(latency_slo_ms=np.inf))
    assert formulate(anywhere).structure.rows.balance.tolist() == [[0], [1]]
