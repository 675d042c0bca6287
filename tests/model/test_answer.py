"""Answers: a solution of the whole program read, and written out again."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.answer import Answer, answer_of, read_duals, whole_solution
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.model.program import LPSolution
from placer.solvers.highs import HiGHS
from placer.termination import Reason, Termination

SEEDS = range(8)


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def solved(request, make_random_instance):
    """A structure with every kind of row, its program, and a solution."""
    structure = formulate(make_random_instance(request.param, cyclic=bool(request.param % 2))).structure
    program = expand(structure)
    return structure, program, HiGHS().solve(program)


@pytest.fixture
def noise(make_random_instance):
    """A structure, its program, and a point and duals where no number is like another."""
    structure = formulate(make_random_instance(0)).structure
    program = expand(structure)
    random = np.random.default_rng(0)
    values, duals = random.normal(size=len(program.cost)), random.normal(size=len(program.row_lower))
    values[program.col_blocks["x"]][::3] = 0.0
    return structure, program, LPSolution(Termination(Reason.OPTIMAL, "noise"), values, duals, False, 7, 0.5)


def test_round_trip(solved):
    """Tests that what is read and written out is the solution it came from, bit for bit."""
    structure, program, solution = solved
    back = whole_solution(structure, program, answer_of(structure, program, solution))
    np.testing.assert_array_equal(back.values, solution.values)
    np.testing.assert_array_equal(back.row_duals, solution.row_duals)


def test_round_trip_of_any_numbers(noise):
    """Tests that every column and row has its own place, and what is said of the solver stays."""
    structure, program, solution = noise
    back = whole_solution(structure, program, answer_of(structure, program, solution))
    np.testing.assert_array_equal(back.values, solution.values)
    np.testing.assert_array_equal(back.row_duals, solution.row_duals)
    assert (back.termination, back.basic, back.iterations, back.seconds) == (solution.termination, False, 7, 0.5)


def test_only_what_carries_anything_is_read(noise):
    """Tests that assignments of 0 are left out, and the others stand by demand and arc."""
    structure, program, solution = noise
    flows = answer_of(structure, program, solution).point
    assigned = solution.values[program.col_blocks["x"]]
    assert len(flows.amount) == np.count_nonzero(assigned) < len(assigned)
    assert (flows.amount != 0).all()
    assert (np.diff(flows.demand * len(structure.arc_cost) + flows.arc) > 0).all()
    np.testing.assert_array_equal(structure.demand_class[flows.demand], structure.arc_class[flows.arc])
    np.testing.assert_array_equal(structure.demand_origin[flows.demand], structure.arc_origin[flows.arc])


def test_shapes(noise):
    """Tests that flows and duals have the shapes they document."""
    structure, program, solution = noise
    answer = answer_of(structure, program, solution)
    flows, duals = answer.point, answer.prices
    sites, periods = structure.capacity.shape
    assert flows.demand.shape == flows.arc.shape == flows.amount.shape
    assert flows.unserved.shape == duals.demand.shape == structure.demand_amount.shape
    assert flows.waiting.shape == structure.queue_flows.klass.shape
    assert flows.taken.shape == structure.tier_cost.shape
    assert duals.queue.shape == (len(structure.window), sites, periods)
    assert duals.balance.shape == duals.capacity.shape == duals.intake.shape == (sites, periods)
    assert duals.link.shape == (len(structure.link_capacity), periods)
    assert duals.cap.shape == structure.cap_limit.shape


def test_limits_are_worth_at_least_nothing(solved):
    """Tests the signs: rents of limits are >= 0, and 0 where there is no limit; demands cost what a unit more costs."""
    structure, program, solution = solved
    duals = answer_of(structure, program, solution).prices
    largest = np.abs(solution.row_duals).max()
    for name in ("capacity", "intake", "link", "cap"):
        rent = getattr(duals, name)
        assert (rent >= -1e-9 * largest).all()
        assert (rent[getattr(structure.rows, name) < 0] == 0).all()
    assert (duals.queue[structure.rows.queue < 0] == 0).all()
    np.testing.assert_array_equal(duals.demand, solution.row_duals[program.row_blocks["demand"]])


def test_duals_price_what_is_used(solved):
    """Tests the prices of queue and balance: a used flow costs what its queue says, a used tier what it yields."""
    structure, program, solution = solved
    answer = answer_of(structure, program, solution)
    flows, duals, queued = answer.point, answer.prices, structure.queue_flows
    service = structure.work_cost + structure.use[:, :, None] * duals.capacity
    service = service + structure.draw[:, :, None] * structure.overhead * (duals.balance + duals.intake)
    service = service + np.einsum("c,ckjt->kjt", duals.cap, structure.cap_work.array)
    used = flows.waiting > 1e-6
    assert used.any()
    np.testing.assert_allclose(
        service[queued.klass, queued.site, queued.service][used],
        duals.queue[queued.klass, queued.site, queued.arrival][used],
        rtol=1e-7,
        atol=1e-7,
    )
    part = (flows.taken > 1e-6) & (flows.taken < structure.tier_limit - 1e-6)
    cost = structure.tier_cost + np.einsum("c,cst->st", duals.cap, structure.cap_tier.array)
    worth = structure.tier_yield[:, None] * duals.balance[structure.tier_site]
    np.testing.assert_allclose(cost[part], worth[part], rtol=1e-7, atol=1e-7)


def test_a_program_with_more_rows_is_read_alike(noise):
    """Tests that only the blocks of the structure are read."""
    structure, program, solution = noise
    more = np.append(solution.row_duals, [5.0, 6.0])
    np.testing.assert_array_equal(
        read_duals(structure, program, more).link, read_duals(structure, program, solution.row_duals).link
    )


def test_nothing_is_read_from_nothing(noise):
    """Tests that an answer without point and duals stays so both ways, and says why when asked for them."""
    structure, program, _ = noise
    late = LPSolution(Termination(Reason.TIME_LIMIT, "out of time"))
    answer = answer_of(structure, program, late)
    assert answer == Answer(late.termination)
    back = whole_solution(structure, program, answer)
    assert vars(back) == vars(late)
    with pytest.raises(ValueError, match="no point: out of time"):
        _ = answer.point
    with pytest.raises(ValueError, match="no duals: out of time"):
        _ = answer.prices
