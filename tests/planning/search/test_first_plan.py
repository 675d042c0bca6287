"""The first plan of a search over all states."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.batch.store import Store
from placer.column_generation.solver import ColumnGeneration
from placer.decomposition import closing
from placer.decomposition.price_pool import PricePool
from placer.errors import NoSolutionError
from placer.planning.costs import inexact
from placer.planning.costs.evaluation import Evaluator, Here, StateJob, solve_state
from placer.planning.search import first_plan as module
from placer.planning.search.best_plan import find_plan
from placer.planning.search.first_plan import first_plan
from placer.planning.search.journal import Journal
from placer.planning.search.search_parameters import DEFAULT
from placer.running import running
from placer.termination import Reason
from placer.utils.processes import InThisProcess

FACTORS = (0.7, 0.9, 1.1, 1.3, 1.5)
#: States are placed however few their columns are.
PLACED = replace(DEFAULT, placed_from=0)


def _evaluator(problem, executor=None):
    return Evaluator(Here(StateJob(problem.states)), executor or InThisProcess(), 1)


@pytest.fixture
def all_large(monkeypatch):
    """Let small states be solved along a path of prices too."""
    monkeypatch.setattr(inexact, "default_solver", lambda _: ColumnGeneration())


class _Stops(InThisProcess):
    """Raises an error from the first task of some function on."""

    def __init__(self, function, error):
        super().__init__()
        self._function, self._error = function, error

    def submit(self, function, /, *arguments, **keywords):
        if function is self._function:
            raise self._error
        return super().submit(function, *arguments, **keywords)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_every_state_has_a_placement_at_the_first_plan(make_program_of_plan, seed):
    """Tests that each costs at least the least cost of its state; of such small states, up to three times as much."""
    problem = make_program_of_plan(seed, factors=FACTORS)
    evaluator = _evaluator(problem)
    with running(time_limit_seconds=1e6):
        placed = first_plan(problem, evaluator, 1e-8, None, PricePool(problem.states), PLACED).placed
    assert problem.keeps_limits(placed.units)
    for state, cost in enumerate(placed.costs.tolist()):
        least = solve_state(evaluator.job, state, placed.units, (), np.inf).cost
        assert least * (1 - 1e-9) <= cost <= 3.0 * least


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize(("seconds", "parameters"), [(np.inf, PLACED), (1e6, DEFAULT)])
def test_without_a_time_limit_or_of_few_columns_none_is_placed(make_program_of_plan, seconds, parameters):
    """Tests that states are solved at once then."""
    problem = make_program_of_plan(1, factors=FACTORS)
    with running(time_limit_seconds=seconds):
        assert (
            first_plan(problem, _evaluator(problem), 1e-8, None, PricePool(problem.states), parameters).placed is None
        )


@pytest.mark.slow
def test_small_states_have_none(make_program_of_plan):
    """Tests that the states of a small problem are solved, not placed."""
    problem = make_program_of_plan(1, factors=FACTORS)
    with running(time_limit_seconds=1e6):
        assert first_plan(problem, _evaluator(problem), 1e-8, None, PricePool(problem.states), PLACED).placed is None


@pytest.mark.slow
@pytest.mark.usefixtures("all_large", "patient")
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (NoSolutionError(Reason.TIME_LIMIT, "the time is over"), "time limit: the time is over"),
    ],
)
def test_a_search_stopped_before_any_solve_has_this_plan(make_program_of_plan, error, said):
    """Tests that the plan keeps its bound and says why it is no better."""
    problem = make_program_of_plan(1, factors=FACTORS)
    whole, _ = find_plan(problem, _evaluator(problem), 1e-8)
    least = problem.total(whole.units, whole.costs)
    with running(time_limit_seconds=1e6):
        found, _ = find_plan(problem, _evaluator(problem, _Stops(solve_state, error)), 1e-8, parameters=PLACED)
    cost = problem.total(found.units, found.costs)
    assert (found.stopped, found.proven, found.rounds) == (said, True, 0)
    assert found.bound.amount <= least * (1 + 1e-9) <= cost * (1 + 2e-9)
    assert found.bound.amount >= 0.9 * least
    assert cost <= 1.5 * least
    assert [total for _, total in found.plans] == [cost]


@pytest.fixture
def patient(monkeypatch):
    """Give a busy machine the time to place states after Ctrl-C."""
    monkeypatch.setattr(closing, "SECONDS_AFTER_CTRL_C", 600.0)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large", "patient")
@pytest.mark.parametrize("function", [inexact.price_state, solve_state])
def test_large_states_are_placed_at_an_interruption(make_program_of_plan, function):
    """Tests Ctrl-C while states are priced, and while they are solved."""
    problem = make_program_of_plan(1, factors=FACTORS)
    whole, _ = find_plan(problem, _evaluator(problem), 1e-8)
    least = problem.total(whole.units, whole.costs)
    with running():
        found, _ = find_plan(problem, _evaluator(problem, _Stops(function, KeyboardInterrupt())), 1e-8)
    cost = problem.total(found.units, found.costs)
    assert (found.stopped, found.proven) == ("interrupted", True)
    assert found.bound.amount <= least * (1 + 1e-9) <= cost * (1 + 2e-9)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
@pytest.mark.parametrize("function", [inexact.price_state, solve_state])
def test_an_interruption_ends_soon(make_program_of_plan, monkeypatch, function):
    """Tests that Ctrl-C ends the search without a plan if the placements take longer than they may."""
    monkeypatch.setattr(closing, "SECONDS_AFTER_CTRL_C", 1e-9)
    problem = make_program_of_plan(1, factors=FACTORS)
    with running(), pytest.raises(KeyboardInterrupt):
        find_plan(problem, _evaluator(problem, _Stops(function, KeyboardInterrupt())), 1e-8)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large", "patient")
def test_a_re_plan_is_placed_at_an_interruption(make_program_of_plan):
    """Tests Ctrl-C before any state was solved in a search that starts from an earlier plan."""
    problem = make_program_of_plan(1, factors=FACTORS)
    whole, pool = find_plan(problem, _evaluator(problem), 1e-8)
    evaluator = _evaluator(problem, _Stops(solve_state, KeyboardInterrupt()))
    with running():
        found, _ = find_plan(problem, evaluator, 1e-8, pool, whole.units)
    assert found.stopped == "interrupted"
    assert found.units.tolist() == whole.units.tolist()
    assert (found.costs >= whole.costs * (1 - 1e-9)).all()


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
def test_an_interruption_before_any_prices_is_an_error(make_program_of_plan, monkeypatch):
    """Tests Ctrl-C within the sketch."""
    problem = make_program_of_plan(1, factors=FACTORS)

    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "solve_sketch", interrupted)
    with running(), pytest.raises(KeyboardInterrupt):
        find_plan(problem, _evaluator(problem), 1e-8)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
def test_a_second_interruption_is_an_error(make_program_of_plan):
    """Tests an interruption while states are placed."""
    problem = make_program_of_plan(1, factors=FACTORS)
    evaluator = _evaluator(problem, _Stops(inexact.place_state, KeyboardInterrupt()))
    with running(time_limit_seconds=1e6), pytest.raises(KeyboardInterrupt):
        find_plan(problem, evaluator, 1e-8, parameters=PLACED)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
def test_rough_pricing_leaves_time_for_placements(make_program_of_plan, monkeypatch):
    """Tests that the placements are made at the best plan so far when the time of inexact pricing is over."""
    problem, left = make_program_of_plan(1, factors=FACTORS), []

    def over(*_):
        left.append(module.seconds_left())
        raise NoSolutionError(Reason.TIME_LIMIT, "its part of the time is over")

    monkeypatch.setattr(module, "_over_all", over)
    with running(time_limit_seconds=1000.0):
        found = first_plan(problem, _evaluator(problem), 1e-8, None, PricePool(problem.states), PLACED)
    assert 600.0 < left[0] <= 700.0
    assert problem.keeps_limits(found.placed.units)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
def test_a_state_without_an_answer_is_an_error(make_program_of_plan, monkeypatch):
    """Tests that only the end of the time is no error."""
    problem = make_program_of_plan(1, factors=FACTORS)

    def infeasible(*_):
        raise NoSolutionError(Reason.INFEASIBLE, "state 0.7: no")

    monkeypatch.setattr(module, "_over_all", infeasible)
    with running(), pytest.raises(NoSolutionError, match=r"state 0\.7"):
        first_plan(problem, _evaluator(problem), 1e-8, None, PricePool(problem.states), PLACED)


@pytest.mark.slow
@pytest.mark.usefixtures("all_large")
def test_a_run_killed_while_states_are_priced_goes_on(make_program_of_plan, tmp_path, monkeypatch):
    """Tests that the prices and points of the first run are those that the second begins with, without a sketch."""
    problem = make_program_of_plan(1, factors=FACTORS)
    with Store.create(tmp_path / "plan.db", {"of": "a test"}) as store:
        evaluator = _evaluator(problem, _Stops(solve_state, RuntimeError("no power")))
        evaluator.memory = Journal(store, problem)
        with running(), pytest.raises(RuntimeError, match="no power"):
            find_plan(problem, evaluator, 1e-8)
        journal = Journal(store, problem)
        vectors, units = journal.first()
        assert units is None
        assert len(vectors) >= len(FACTORS)
        assert set(journal.points) == set(range(len(FACTORS)))
        monkeypatch.setattr(module, "solve_sketch", None)
        again = _evaluator(problem)
        again.memory = journal
        again.points.update(journal.points)
        found, _ = find_plan(problem, again, 1e-8, vectors)
    whole, _ = find_plan(problem, _evaluator(problem), 1e-8, units=np.zeros(len(problem.cost)))
    assert problem.total(found.units, found.costs) == pytest.approx(problem.total(whole.units, whole.costs), rel=1e-7)
