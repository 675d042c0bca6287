"""The least change of own rows that no placement meets."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import pandas as pd
import pytest

import placer
from placer.errors import InfeasibleModelError, NoSolutionError
from placer.extended import elastic
from placer.extended.elastic import infeasible, least_change
from placer.extended.extension import Extension
from placer.solvers.highs import HiGHS
from placer.termination import Reason


@pytest.fixture
def model(make_instance):
    return placer.Model(make_instance())


@pytest.fixture
def served(model):
    """All Mtok served: at most 16."""
    return model.columns["block"].eq("x").astype(float)


def test_the_row_that_must_give_is_named(model, served):
    """Tests by hand that 20 Mtok asked for must give to the 16 there are, while a row that is met stays."""
    model.add_rows(served, name="serve", lower=20.0)
    model.add_rows(served, name="serve little", lower=1.0)
    with pytest.raises(InfeasibleModelError, match="lower of 'serve': 16 in place of 20") as stopped:
        model.solve()
    (change,) = stopped.value.changes
    assert (change.row, change.side, change.given, change.needed) == ("serve", "lower", 20, pytest.approx(16))
    assert stopped.value.reason is Reason.INFEASIBLE
    again = pickle.loads(pickle.dumps(stopped.value))  # noqa: S301 - our own
    assert (str(again), again.changes) == (str(stopped.value), stopped.value.changes)


def test_changes_count_as_shares_of_their_rows(model, served):
    """Tests that of two rows at odds by 4, the one for which 4 is the smaller share gives."""
    model.add_rows(served, name="at least", lower=12.0)
    model.add_rows(served, name="at most", upper=8.0)
    with pytest.raises(InfeasibleModelError) as stopped:
        model.solve()
    (change,) = stopped.value.changes
    assert (change.row, change.needed) == ("at least", pytest.approx(8))


def test_an_upper_side_gives(model):
    """Tests by hand that all Mtok, served or not, are 16 and not 10."""
    model.add_rows(model.columns["block"].isin(["x", "u"]).astype(float), name="ask less", upper=10.0)
    with pytest.raises(InfeasibleModelError, match="upper of 'ask less': 16 in place of 10"):
        model.solve()


def test_integers_stay_integers(model, served):
    """Tests that a row which only fractions would meet must give: twice a count is never 3."""
    model.add_columns("count", upper=5.0, integer=True)
    model.add_rows(pd.Series({"count": 2.0}), name="three", lower=3.0, upper=3.0)
    with pytest.raises(InfeasibleModelError) as stopped:
        model.solve()
    (change,) = stopped.value.changes
    assert (change.row, abs(change.needed - 3)) == ("three", pytest.approx(1))


def test_costs_without_limit_are_no_matter_of_rows(model):
    """Tests that a cost which falls without limit is said to do so, and blames no own row."""
    model.add_columns("gift", cost_usd=-1.0)
    model.add_rows(pd.Series({"gift": 1.0}), name="some", lower=1.0)
    with pytest.raises(NoSolutionError, match="unbounded") as stopped:
        model.solve()
    assert not isinstance(stopped.value, InfeasibleModelError)
    unknown = NoSolutionError(Reason.INFEASIBLE_OR_UNBOUNDED, "presolve")
    told = infeasible(model._program, model._extension, HiGHS(), unknown)
    assert told.reason is Reason.UNBOUNDED


def test_rows_that_can_be_met_need_no_change(model, served):
    """Tests that the least change of rows that can all be met is none, and other errors pass as they are."""
    model.add_rows(served, name="serve", lower=3.0)
    assert least_change(model._program, model._extension, HiGHS()) == ()
    for reason in (Reason.INFEASIBLE, Reason.FAILED):
        error = NoSolutionError(reason, "as told")
        assert infeasible(model._program, model._extension, HiGHS(), error) is error
    error = NoSolutionError(Reason.INFEASIBLE, "no rows")
    none = Extension(model._extension.columns, placer.Model(model.instance)._extension.rows)
    assert infeasible(model._program, none, HiGHS(), error) is error


def test_a_change_that_is_not_found_is_told(model, served, monkeypatch):
    """Tests that where even the elastic program is not solved, the error says so beside the first one."""
    model.add_rows(served, name="serve", lower=20.0)

    def stop(*_):
        raise NoSolutionError(Reason.TIME_LIMIT, "over", -math.inf)

    monkeypatch.setattr(elastic, "solve_program", stop)
    with pytest.raises(NoSolutionError, match="the least change of the own rows was not found: over"):
        model.solve()


def test_no_change_is_found_with_integers(model, monkeypatch):
    """Tests the same where branch and bound finds no point."""
    model.add_columns("count", upper=5.0, integer=True)
    model.add_rows(pd.Series({"count": 2.0}), name="three", lower=3.0, upper=3.0)
    real = elastic.branch_and_bound
    monkeypatch.setattr(elastic, "branch_and_bound", lambda *given: replace(real(*given), values=None))
    with pytest.raises(NoSolutionError, match="the least change of the own rows was not found"):
        model.solve()
