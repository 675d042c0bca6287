"""Rows of a journal: read as they were written, and proven again from the data."""

from __future__ import annotations

import base64
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from placer.column_generation.dual.path_problem import path_problem_of
from placer.column_generation.early_point import EarlyPoint
from placer.decomposition.oracle import Evaluated
from placer.errors import StoreError
from placer.planning.costs.evaluation import Here, StateJob, solve_state
from placer.planning.search.journal_rows import priced_row, proves, read_point, read_row, solved_row

FILE = Path("plan.db")


def _array(text):
    return np.frombuffer(zlib.decompress(base64.b64decode(text))).copy()


def _text(array):
    return base64.b64encode(zlib.compress(np.asarray(array, dtype="<f8").tobytes())).decode()


@pytest.fixture(scope="module", params=range(4))
def solved(request, make_program_of_plan):
    """Return a planning problem, units, and its second state solved there."""
    problem = make_program_of_plan(request.param)
    units = np.minimum(problem.most, np.random.default_rng(request.param).uniform(0, 3, len(problem.cost)))
    return problem, units, solve_state(Here(StateJob(problem.states)), 1, units, (), np.inf)


def test_an_honest_row_is_proven(solved):
    """Tests that a row comes back to the last bit without its flows, and proves its cost."""
    problem, units, each = solved
    row = _row(problem, units, each) | {"number": 0}
    there, found = read_row(FILE, row, problem)
    assert (there == units).all()
    assert (found.member, found.cost, found.flows) == (1, each.cost, None)
    assert all((getattr(found.prices, name) == part).all() for name, part in vars(each.prices).items())
    assert proves(row, problem.states[1], units)


def _row(problem, units, each):
    return solved_row(units, each, problem.states[each.member].structure)


def _with(**changes):
    return lambda row: row | {name: change(row[name]) for name, change in changes.items()}


def _times(factor):
    return lambda text: _text(_array(text) * factor)


def _moved(place, value):
    def change(text):
        array = _array(text)
        array[place] = value
        return _text(array)

    return change


@pytest.mark.parametrize(
    "forged",
    [
        _with(cost_usd=lambda cost: 0.99 * cost),
        _with(cost_usd=lambda cost: 1.01 * cost),
        _with(cost_usd=lambda _: np.nan),
        _with(prices=_times(0.5)),
        _with(prices=_times(-1.0)),
        _with(prices=_times(1e200)),
        _with(flows=_times(0.5)),
        _with(flows=_moved(0, -1.0)),
        _with(flows=_moved(0, 1e300)),
        _with(flows=_moved(-1, -1e3)),
        _with(flows=_moved(-1, np.nan)),
        _with(flows=lambda text: _text(_array(text)[:-1])),
        _with(flows=lambda _: _text([])),
        _with(flows=lambda _: "no numbers"),
        lambda row: {name: value for name, value in row.items() if name != "flows"},
    ],
)
def test_a_forged_row_proves_nothing(solved, forged):
    """Tests costs, prices and flows that are wrong, of another length, or missing."""
    problem, units, each = solved
    row = forged(_row(problem, units, each) | {"number": 0})
    assert not proves(row, problem.states[1], units)


def test_a_row_of_another_place_proves_nothing(solved):
    """Tests that a row proves no cost at other units nor of another state."""
    problem, units, each = solved
    row = _row(problem, units, each) | {"number": 0}
    assert not proves(row, problem.states[2], units)
    assert not proves(row | {"cost_usd": each.cost - 1.0}, problem.states[1], units + 1.0)


def test_dear_flows_with_honest_prices_prove_nothing(solved):
    """Tests feasible flows that leave all demand unserved, at the cost that they have."""
    problem, units, each = solved
    structure = problem.states[1].structure
    nothing = replace(
        each.flows,
        demand=np.zeros(0, dtype=int),
        arc=np.zeros(0, dtype=int),
        amount=np.zeros(0),
        unserved=structure.demand_amount,
        waiting=np.zeros_like(each.flows.waiting),
        taken=np.zeros_like(each.flows.taken),
    )
    dear = float(structure.unserved_cost[structure.demand_class] @ structure.demand_amount)
    row = _row(problem, units, replace(each, cost=dear, flows=nothing)) | {"number": 0}
    assert not proves(row, problem.states[1], units)


@pytest.mark.parametrize(
    "forged",
    [
        _with(state=lambda _: None),
        _with(state=lambda _: np.inf),
        _with(cost_usd=lambda _: None),
        _with(units=lambda _: None),
        _with(units=lambda _: "no numbers"),
        _with(units=_moved(0, np.nan)),
        _with(prices=_moved(0, np.inf)),
        _with(prices=lambda _: _text([1.0])),
        lambda row: {name: value for name, value in row.items() if name != "prices"},
    ],
)
def test_an_unreadable_row_is_an_error(solved, forged):
    """Tests rows without numbers where they belong, each an error that names the row."""
    problem, units, each = solved
    with pytest.raises(StoreError, match=r"plan\.db: .*row 7 "):
        read_row(FILE, forged(_row(problem, units, each) | {"number": 7}), problem)


def test_early_points(solved):
    """Tests an early point, and points that are none."""
    problem, units, each = solved
    structure = problem.states[1].structure
    first = np.random.default_rng(0).random(path_problem_of(structure).start.shape)
    point = EarlyPoint((first, 1 + first))
    row = priced_row(units, Evaluated(1, each.cost, each.prices), point) | {"number": 3}
    there = read_point(FILE, row, structure)
    assert all((ours == theirs).all() for ours, theirs in zip(there.prices, point.prices, strict=True))
    for change in ({"shape": "99,3"}, {"shape": None}, {"point": _moved(0, np.nan)(row["point"])}, {"point": 1.0}):
        with pytest.raises(StoreError, match="row 3"):
            read_point(FILE, row | change, structure)
