"""Demand sets from the days of a history: drawn, kept in stores, and taken by batches and plans."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.batch.drawn import drawn_structure
from placer.batch.identity import settings_of
from placer.errors import InstanceError, StoreError
from placer.histories.history_sets import drawn_days
from placer.model.formulation import formulate
from placer.utils.processes import InThisProcess
from tests.histories.conftest import CLASSES


@pytest.fixture
def days(history, instance):
    """Return the history around the instance, relative to its first day."""
    return placer.DemandHistory(history, instance, CLASSES, reference_days=1)


def test_weekdays_are_kept():
    drawn = drawn_days(np.arange(14), 24, 30, 5, "day", "weekday")
    assert (drawn % 7 == np.arange(30)[:, None] % 7).all()
    assert (drawn == drawn[:, :1]).all()
    assert set(drawn[:, 0]) == set(range(14))


def test_hours_are_drawn_apart():
    drawn = drawn_days(np.arange(14), 24, 3, 5, "hour", None)
    assert all(len(set(row)) > 5 for row in drawn.tolist())


def test_a_set_does_not_depend_on_their_number():
    few, many = (drawn_days(np.arange(14), 24, count, 5, "day", "weekday") for count in (3, 20))
    np.testing.assert_array_equal(few, many[:3])
    assert not np.array_equal(many, drawn_days(np.arange(14), 24, 20, 6, "day", "weekday"))


def test_defects_of_draws_are_named_at_once():
    with pytest.raises(InstanceError) as error:
        drawn_days(np.arange(5), 24, 1, 0, "month", "weekday")
    assert [each.row for each in error.value.violations] == ["", "weekday 5", "weekday 6"]
    with pytest.raises(InstanceError, match="count"):
        drawn_days(np.arange(5), 24, 0, -1, "day", None)


def test_days_that_are_not_there_are_named(days):
    with pytest.raises(InstanceError) as error:
        days.sets([0, 2, "Monday"])
    assert [each.row for each in error.value.violations] == ["day 2", "day 'Monday'"]
    with pytest.raises(InstanceError, match="no days"):
        days.sets([])


def test_filled_steps_of_the_days_are_listed(make_history, instance):
    history = make_history("interpolate", live=[10, 0, 20, 20, 20, 0, 0, 40])
    days = placer.DemandHistory(history, instance, {"chat": "live", "agent": None, "batch": None}, reference_days=1)
    assert days.sets().filled["day"].tolist() == [0, 1, 1]
    assert days.sets([1]).filled["step"].tolist() == [1, 2]
    assert repr(days.sets([1])).startswith("<1 sets of a history, 2 steps filled, around Instance: 2 hubs")


@pytest.mark.slow
def test_batches_take_them(days):
    """Tests that a batch over the days has the cost of each day placed alone."""
    rows = sorted(placer.solve_many(days.sets(), executor=InThisProcess()), key=lambda row: row["number"])
    alone = [placer.solve(each).cost_usd for each in days.sets()]
    assert [row["cost_usd"] for row in rows] == pytest.approx(alone)


def test_bounded_batches_draw_their_structures(days):
    base = formulate(days.instance)
    for number, each in enumerate(days.sets()):
        drawn = drawn_structure(days.sets(), number, base)
        np.testing.assert_allclose(drawn.demand_amount, formulate(each).structure.demand_amount)


def test_plans_take_them(days):
    states = placer.States.of(days.sets())
    assert states.names == ("set 0", "set 1")
    assert states.base is days.instance


def test_stores_know_them(days, history, instance, tmp_path):
    """Tests that the same days resume a store, and that other days, histories and drawn sets are refused by name."""
    placer.Store.create(tmp_path / "a.db", settings_of(days.sets(), ["cost"])).close()
    placer.Store.resume(tmp_path / "a.db", settings_of(days.sets(), ["cost"])).close()
    other = placer.DemandHistory(history, instance, CLASSES | {"batch": "live"}, reference_days=1)
    for sets, expected in (
        (days.sets([1, 0]), "days was"),
        (other.sets(), "history was"),
        (placer.DemandSets(instance, count=2), "history was .* is absent"),
    ):
        with pytest.raises(StoreError, match=expected):
            placer.Store.resume(tmp_path / "a.db", settings_of(sets, ["cost"]))
