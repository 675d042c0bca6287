"""What flows take of limits, against the rows of the linear program."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.answer import read_flows
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.loads import cost_of, crossings, loads

SEEDS = range(8)


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def case(request, make_random_instance):
    """A structure, its program, any values of its columns, and the flows they are."""
    structure = formulate(make_random_instance(request.param, cyclic=bool(request.param % 2))).structure
    program = expand(structure)
    values = np.random.default_rng(request.param).normal(size=len(program.cost))
    values[program.col_blocks["x"]][::3] = 0.0
    return structure, program, values, read_flows(structure, program, values)


def test_sides_are_those_of_the_rows(case):
    """Tests that every row's activity is what the loads say, for flows of any size and sign."""
    structure, program, values, flows = case
    activity = program.matrix @ values
    load, rows = loads(structure, flows), structure.rows
    expected = {
        "demand": load.met,
        "queue": (load.arriving - load.released)[rows.queue >= 0],
        "capacity": load.used[rows.capacity >= 0],
        "balance": (load.drawn - load.supplied)[rows.balance >= 0],
        "intake": load.drawn[rows.intake >= 0],
        "link": load.carried.ravel(),
        "cap": load.capped[rows.cap >= 0],
    }
    assert list(expected) == list(program.row_blocks)
    for block, side in expected.items():
        np.testing.assert_allclose(activity[program.row_blocks[block]], side, rtol=1e-12, atol=1e-9)


def test_links_are_those_with_a_limit(case):
    """Tests that only links that have a row are counted."""
    structure, _, _, flows = case
    np.testing.assert_array_equal(loads(structure, flows).links, np.flatnonzero(structure.rows.link[:, 0] >= 0))


def test_cost_is_the_cost_of_the_program(case):
    """Tests that flows cost what the program says."""
    structure, program, values, flows = case
    assert cost_of(structure, flows) == pytest.approx(program.cost @ values, rel=1e-12, abs=1e-9)


def test_nothing_is_released_that_did_not_arrive(case):
    """Tests that work that cannot wait is released as it arrives."""
    structure, _, _, flows = case
    load = loads(structure, flows)
    at_once = structure.window == 0
    np.testing.assert_array_equal(load.released[at_once], load.arriving[at_once])


def test_crossings_name_every_link_on_the_way(case):
    """Tests that crossings of some links are the entries of the route's row."""
    structure, _, _, flows = case
    links = np.arange(0, len(structure.link_capacity), 2)
    which, link = crossings(structure, flows, links)
    found = np.zeros((len(flows.arc), len(links)))
    np.add.at(found, (which, link), 1.0)
    route = structure.arc_origin[flows.arc] * structure.sites + structure.arc_site[flows.arc]
    np.testing.assert_array_equal(found, structure.route_links.toarray()[np.ix_(route, links)])


def test_no_flows_at_all_take_nothing(make_instance):
    """Tests that a structure without tiers, links with limits, queues or caps has loads of 0, not an error."""
    workload = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
    structure = formulate(make_instance(workloads=[workload], supplies=[])).structure
    program = expand(structure)
    flows = read_flows(structure, program, np.zeros(len(program.cost)))
    load = loads(structure, flows)
    assert cost_of(structure, flows) == 0
    assert load.carried.shape == (0, 1)
    assert not any(array.any() for array in (load.met, load.arriving, load.used, load.drawn, load.supplied))
