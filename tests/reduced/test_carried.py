"""Answers near prices of another program: feasible, and within what they prove, whatever the prices are."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

import placer
from placer.errors import NoSolutionError
from placer.ladder import stepped
from placer.ladder.proven import SolverChoice, solve_structure
from placer.model.answer import Duals, no_duals
from placer.model.formulation import formulate, formulate_offered
from placer.model.structure import assignment_positions
from placer.reduced import carried as carried_module
from placer.reduced.carried import carried, carried_by
from placer.termination import Reason
from tests.effort import tries
from tests.route_networks import build

NONE = np.zeros(0, dtype=int)


@pytest.fixture
def by_columns(monkeypatch):
    """Take every structure that column generation can answer for a large one."""
    monkeypatch.setattr(carried_module, "BY_SIZE", SolverChoice(large_from=0))


def noisy(duals, seed):
    """Return duals off by a third or so, with zeros among them."""
    random = np.random.default_rng(seed)
    parts = {each.name: getattr(duals, each.name) for each in fields(Duals)}
    return Duals(**{name: part * random.choice([0.0, 0.7, 1.0, 1.4], part.shape) for name, part in parts.items()})


def assert_holds(structure, laid, *, gap=1e-3, used=NONE):
    """Assert that an answer is feasible, and that the least cost lies within its interval."""
    answer, least = solve_structure(structure, placer.HiGHS())
    found = carried(structure, laid(answer.prices), used, gap)
    certificate, close = found.certificate, 1e-7 * max(abs(least.objective), 1.0)
    assert certificate.feasible
    assert found.laid_bound <= certificate.bound + close
    assert certificate.bound <= least.objective + close <= certificate.objective + 2 * close
    return found


@pytest.mark.parametrize("seed", range(tries(8, 60)))
def test_interval_holds_the_least_cost(make_random_instance, seed):
    """Tests that both ends hold at prices that are far off, and that the optimal prices and columns close the gap."""
    structure = formulate(make_random_instance(seed)).structure
    assert_holds(structure, lambda duals: noisy(duals, seed))
    flows = solve_structure(structure, placer.HiGHS())[0].point
    used = assignment_positions(structure, flows.demand, flows.arc)
    assert assert_holds(structure, lambda duals: duals, used=used).certificate.proven


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(6, 40)))
def test_interval_holds_with_column_generation(make_random_instance, by_columns, seed):
    """Tests the same of the masters of column generation, and of the whole where these end without an answer."""
    structure = formulate(make_random_instance(seed)).structure
    assert_holds(structure, lambda duals: noisy(duals, seed))


@pytest.mark.parametrize("seed", range(tries(3, 20)))
def test_several_routes_and_narrow_links(seed):
    """Tests structures that column generation cannot answer."""
    structure = formulate(build(seed, routes=3)).structure
    assert structure.routes > 1
    assert_holds(structure, lambda duals: noisy(duals, seed))


def test_steps_of_demand():
    """Tests that prices of 0 lead to an answer of demand with steps of value."""
    elastic = placer.load("tiny").with_elastic_demand(1.5, -1.1, between=(0.5, 6.0), steps=6)
    structure = formulate_offered(elastic).structure
    assert_holds(structure, lambda _: no_duals(structure, np.zeros(len(structure.cap_limit))))


def test_wide_gap_is_no_proof(monkeypatch):
    """Tests that one master over the cheapest columns at prices of 0 leaves a gap, and that its answer says so."""
    monkeypatch.setattr(carried_module, "ROUNDS", 1)
    monkeypatch.setattr(stepped, "REACH", 0.0)
    structure = formulate(placer.load("tiny").with_value("data_centres.accelerators", 60.0)).structure
    found = assert_holds(structure, lambda _: no_duals(structure, np.zeros(len(structure.cap_limit))))
    assert found.certificate.gap > 1e-3
    assert not found.certificate.proven
    assert found.answer.termination.reason is Reason.ITERATION_LIMIT
    assert any("gap" in failure for failure in found.certificate.failures)


@pytest.mark.parametrize("large_from", [0, 50_000])
def test_used_columns_meet_limits_of_at_least_an_amount(monkeypatch, large_from):
    """Tests a limit that the near columns cannot meet: by the columns given, and without them by the whole program."""
    monkeypatch.setattr(carried_module, "BY_SIZE", SolverChoice(large_from=large_from))
    limit = {"limit": "at the port", "kind": "tokens", "sense": ">=", "amount": 80.0, "data_centre": "Port"}
    structure = formulate(placer.load("tiny").replace(limits=[limit])).structure
    answer, least = solve_structure(structure, placer.HiGHS())
    used = assignment_positions(structure, answer.point.demand, answer.point.arc)
    for given in (used, NONE):
        found = assert_holds(structure, lambda _: no_duals(structure, np.zeros(len(structure.cap_limit))), used=given)
        assert found.certificate.objective == pytest.approx(least.objective, rel=1e-3)


def test_what_no_placement_meets_is_an_error():
    """Tests that a structure without an answer raises as a solve does."""
    limit = {"limit": "at the port", "kind": "tokens", "sense": ">=", "amount": 500.0, "data_centre": "Port"}
    structure = formulate(placer.load("tiny").replace(limits=[limit])).structure
    with pytest.raises(NoSolutionError):
        carried(structure, no_duals(structure, np.zeros(len(structure.cap_limit))), NONE, 1e-3)


def test_laid_prices_stand_where_they_prove_more(monkeypatch):
    """Tests that the duals of the answer are those of the highest bound, the laid ones included."""
    structure = formulate(placer.load("tiny")).structure
    answer, least = solve_structure(structure, placer.HiGHS())

    def poor(*_):
        nothing = no_duals(structure, np.zeros(len(structure.cap_limit)))
        yield replace(answer, duals=nothing)

    monkeypatch.setattr(carried_module, "answers_of_masters", poor)
    found = carried(structure, answer.prices, NONE, 1e-3)
    assert found.certificate.bound == pytest.approx(found.laid_bound)
    assert found.certificate.bound == pytest.approx(least.objective)


def test_an_answer_that_is_not_feasible_is_left_out():
    """Tests that flows of half of what is asked for give way to the whole program, at prices that would prove them."""
    structure = formulate(placer.load("tiny")).structure
    answer, least = solve_structure(structure, placer.HiGHS())
    half = replace(answer, flows=replace(answer.flows, amount=answer.flows.amount / 2))
    found = carried_by(structure, answer.prices, 1e-3, lambda *_: [half])
    assert found.certificate.proven
    assert found.certificate.objective == pytest.approx(least.objective)
