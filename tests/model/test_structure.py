"""The structure, its columns and rows, and its expansion to a linear program."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.structure import Assignments, link_sets, links_along, positions_of
from placer.solvers.highs import HiGHS

BLOCKS_OF_COLUMNS = ["x", "u", "f", "y"]
BLOCKS_OF_ROWS = ["demand", "queue", "capacity", "balance", "intake", "link", "cap"]


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


@pytest.mark.parametrize("seed", range(6))
def test_any_subset_of_assignments_is_the_sub_matrix(make_random_instance, seed):
    """Tests that expanding some assignments gives exactly those columns of the whole program, and all other columns."""
    structure = formulate(make_random_instance(seed, cyclic=bool(seed % 2))).structure
    whole = expand(structure)
    random = np.random.default_rng(seed)
    every, count = structure.assignments, structure.assignment_count
    for size in (0, 1, count // 3, count):
        chosen = random.permutation(count)[:size]
        kept = np.concatenate([chosen, np.arange(count, len(whole.cost))])
        part = expand(structure, Assignments(every.demand[chosen], every.arc[chosen]))
        assert (part.matrix != whole.matrix[:, kept]).nnz == 0
        for name in ("cost", "col_lower", "col_upper", "implied_upper"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name)[kept])
        for name in ("row_lower", "row_upper"):
            np.testing.assert_array_equal(getattr(part, name), getattr(whole, name))
        assert part.row_blocks == whole.row_blocks
        assert part.col_blocks["x"] == slice(0, size)


def test_blocks_are_laid_in_the_documented_order(structure):
    """Tests that blocks follow the order of the module's text and cover all rows and columns."""
    program = expand(structure)
    assert list(program.col_blocks) == BLOCKS_OF_COLUMNS
    assert list(program.row_blocks) == BLOCKS_OF_ROWS
    assert (len(program.row_lower), len(program.cost)) == program.matrix.shape
    assert program.row_blocks["cap"].stop == program.matrix.shape[0]
    assert program.col_blocks["y"].stop == program.matrix.shape[1]
    assert len(program.row_names) == len(set(program.row_names)) == program.matrix.shape[0]


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
    positions = positions_of(structure, every.demand, every.arc)
    np.testing.assert_array_equal(positions, np.arange(structure.assignment_count))
    chosen = np.random.default_rng(0).permutation(structure.assignment_count)[:7]
    np.testing.assert_array_equal(positions_of(structure, every.demand[chosen], every.arc[chosen]), chosen)


def test_links_along_routes(structure):
    """Tests that the links of every route asked for are those of its row, in the order asked for, repeats included."""
    routes = np.array([5, 0, 11, 5])
    which, link = links_along(structure.route_links, routes)
    dense = structure.route_links.toarray()
    assert (np.diff(which) >= 0).all()
    for place, route in enumerate(routes):
        np.testing.assert_array_equal(np.sort(link[which == place]), np.flatnonzero(dense[route]))


def test_demands_in_any_order_get_their_own_arcs(make_random_instance):
    """Tests that the order of the demand table does not matter to the program's optimum."""
    instance = make_random_instance(5)
    shuffled = instance.replace(demand=instance.demand.sample(frac=1, random_state=1))
    costs = []
    for each in (instance, shuffled):
        program = expand(formulate(each).structure)
        costs.append(program.cost @ HiGHS().solve(program).values)
    assert costs[1] == pytest.approx(costs[0], rel=1e-9)


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
    for name in BLOCKS_OF_ROWS[1:]:
        positions = getattr(structure.rows, name)
        np.testing.assert_array_equal(positions[positions >= 0].ravel(), np.arange(structure.rows.sizes[name]))


def test_entries_are_those_of_the_text(structure):
    """Tests every coefficient of an assignment column that is served at once against the module's text."""
    program, every, rows = expand(structure), structure.assignments, structure.rows
    dense = program.matrix.toarray()
    arc = every.arc
    for x in np.flatnonzero(structure.window[structure.arc_class[arc]] == 0):
        k, h, j = (axis[arc[x]] for axis in (structure.arc_class, structure.arc_origin, structure.arc_site))
        t = structure.demand_period[every.demand[x]]
        expected = np.zeros(dense.shape[0])

        def put(block, position, value, expected=expected):
            if position >= 0:
                expected[program.row_blocks[block].start + position] += value

        drawn = structure.overhead[j, t] * structure.draw[k, j]
        put("demand", every.demand[x], 1)
        put("capacity", rows.capacity[j, t], structure.use[k, j])
        put("balance", rows.balance[j, t], drawn)
        put("intake", rows.intake[j, t], drawn)
        for link in structure.route_links[[h * structure.sites + j]].indices:
            put("link", rows.link[link, t], structure.link_use[k])
        for cap, row in enumerate(rows.cap):
            put("cap", row, structure.cap_work[cap, k, j])
        np.testing.assert_array_equal(dense[:, x], expected)
        assert program.cost[x] == structure.arc_cost[arc[x]] + structure.work_cost[k, j]


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


@pytest.mark.parametrize("seed", range(4))
def test_implied_bounds_hold(make_random_instance, seed):
    """Tests that no column can exceed its implied bound, pushed up by costs of any kind."""
    program = expand(formulate(make_random_instance(seed, cyclic=bool(seed % 2))).structure)
    random = np.random.default_rng(seed)
    assert np.isfinite(program.implied_upper).all()
    for _ in range(8):
        pushed = replace(program, cost=random.choice([-3.0, -1.0, 1.0], len(program.cost)))
        values = HiGHS().solve(pushed).values
        assert (values <= program.implied_upper * (1 + 1e-7) + 1e-7).all()


def test_expansion_does_not_depend_on_what_was_asked_before(structure):
    """Tests that expanding twice gives the same program."""
    first, second = expand(structure), expand(structure)
    assert (first.matrix != second.matrix).nnz == 0
    np.testing.assert_array_equal(first.cost, second.cost)


def test_sets_of_limited_links(make_instance):
    """Tests that only limited links count: A to X passes none, A to Y the long one, and B to X that and its own."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0, "capacity_gbps": 1.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0, "capacity_gbps": 2.0},
    ]
    structure = formulate(make_instance(links=links)).structure
    sets, number = link_sets(structure)
    assert not sets[0].any()
    limits = structure.link_capacity / structure.link_capacity[np.isfinite(structure.link_capacity)].min()
    passed = {(hub, site): sorted(limits[sets[number[hub, site]]]) for hub in range(2) for site in range(2)}
    assert passed == {(0, 0): [], (0, 1): [2.0], (1, 0): [1.0, 2.0], (1, 1): [1.0]}
