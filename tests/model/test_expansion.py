"""The expansion of a structure to a linear program, whole and over chosen assignments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.positions import Assignments
from placer.solvers.highs import HiGHS

BLOCKS_OF_COLUMNS = ["x", "u", "f", "y"]
BLOCKS_OF_ROWS = ["demand", "queue", "capacity", "balance", "intake", "link", "cap"]


@pytest.fixture(params=[False, True], ids=["clipped", "cyclic"])
def structure(request, make_random_instance):
    return formulate(make_random_instance(3, cyclic=request.param)).structure


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


def test_demands_in_any_order_get_their_own_arcs(make_random_instance):
    """Tests that the order of the demand table does not matter to the program's optimum."""
    instance = make_random_instance(5)
    shuffled = instance.replace(demand=instance.demand.sample(frac=1, random_state=1))
    costs = []
    for each in (instance, shuffled):
        program = expand(formulate(each).structure)
        costs.append(program.cost @ HiGHS().solve(program).values)
    assert costs[1] == pytest.approx(costs[0], rel=1e-9)


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
            put("cap", row, structure.cap_work[cap][k, j, t])
        np.testing.assert_array_equal(dense[:, x], expected)
        assert program.cost[x] == structure.arc_cost[arc[x]] + structure.work_cost[k, j, t]


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
