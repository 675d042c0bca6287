"""A history around an instance, by hand."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError
from tests.effort import tries
from tests.histories.conftest import CLASSES


@pytest.fixture
def days(history, instance):
    """Return the history around the instance, relative to its first day."""
    return placer.DemandHistory(history, instance, CLASSES, reference_days=1)


def test_shapes_are_relative_to_the_reference(days):
    """Tests chat at A: day 0 is the reference, so 6 and 12 Mtok, by steps 1 to 3 and even; day 1 is the double."""
    assert days.pairs.to_numpy().tolist() == [["chat", "A"], ["chat", "B"], ["agent", "A"], ["batch", "B"]]
    np.testing.assert_allclose(days.mtok(0)[0], [1.5, 4.5, 6, 6])
    np.testing.assert_allclose(days.mtok(1)[0], [3, 9, 12, 12])
    np.testing.assert_allclose(days.mtok(1)[2], [2.5, 2.5, 10, 10])


def test_a_workload_without_a_class_stays_as_it_is(days):
    for day in range(2):
        np.testing.assert_allclose(days.mtok(day)[3], 2.5)


def test_steps_of_an_hour_sum_to_the_demand_of_the_day(days, instance):
    for day in range(2):
        summed = days.mtok(day).reshape(4, 2, 2).sum(axis=2).ravel()
        table = days.demand(day)
        np.testing.assert_allclose(table["mtok"], summed)
        assert table[["workload", "hub", "hour"]].equals(instance.demand[["workload", "hub", "hour"]])


def test_the_order_of_rows_does_not_matter(history, instance, days):
    """Tests that demand whose rows are shuffled has the same amounts in its own order."""
    order = np.random.default_rng(0).permutation(len(instance.demand))
    other = instance.replace(demand=instance.demand.iloc[order].reset_index(drop=True))
    shuffled = placer.DemandHistory(history, other, CLASSES, reference_days=1)
    np.testing.assert_allclose(shuffled.demand(1)["mtok"], days.demand(1)["mtok"].iloc[order])
    key = ["workload", "hub"]
    one, two = (each.pairs.assign(mtok=list(each.mtok(1))).set_index(key)["mtok"] for each in (shuffled, days))
    for pair in two.index:
        np.testing.assert_allclose(one[pair], two[pair])


def test_the_sum_of_a_history_is_the_sum_of_its_demand_sets(make_history, instance):
    """Tests that absolute tokens are those of the history, whatever the shares of workloads and hubs."""
    history = make_history(live=[10, 30, 0, 20, 20, 60, 40, 40], steps=[8, 8, 4, 4, 4, 4, 8, 8], missing="zero")
    classes = {"chat": "live", "agent": "steps", "batch": "live"}
    days = placer.DemandHistory(history, instance, classes, scale="absolute")
    sets = days.sets()
    assert sum(each.demand["mtok"].sum() for each in sets) == pytest.approx(history.mtok.sum().sum())
    assert sum(days.mtok(day).sum() for day in range(2)) == pytest.approx(history.mtok.sum().sum())
    by_workload = sum(days.demand(day).groupby("workload")["mtok"].sum() for day in range(2))
    assert by_workload["agent"] == pytest.approx(4.8)
    assert by_workload["chat"] / by_workload["batch"] == pytest.approx(24 / 10)  # as in the instance


@pytest.mark.parametrize("seed", range(tries(20, 200)))
def test_sums_hold_for_random_histories(make_random_instance, seed):
    """Tests, on random instances: absolute days sum to the history, and hours of steps to the rows of demand."""
    draw = np.random.default_rng(seed)
    random = make_random_instance(seed)
    hours = len(random.hours)
    first = random.demand["hour"] - random.hours[0]
    instance = random.replace(hour_length=24 / hours, demand=random.demand.assign(hour=first), cyclic=False)
    instance = instance.replace(workloads=instance.workloads.assign(deadline_hours=0.0))
    asked = instance.demand.groupby("workload")["mtok"].sum()
    names = asked.index[asked > 0]
    classes = {name: f"c{draw.integers(2)}" for name in names}
    days, per_hour = int(draw.integers(1, 4)), int(draw.integers(1, 4))
    rows = [
        {"class": name, "step": step, "mtok": draw.uniform(0.5, 2)}
        for name in sorted(set(classes.values()))
        for step in range(days * hours * per_hour)
    ]
    history = placer.History.of_table(pd.DataFrame(rows), 1440 / hours / per_hour)
    everywhere = classes | dict.fromkeys(set(asked.index) - set(names))
    around = placer.DemandHistory(history, instance, everywhere, scale="absolute")
    assert sum(around.mtok(day).sum() for day in range(days)) == pytest.approx(history.mtok.to_numpy().sum())
    for day, each in enumerate(around.sets()):
        steps = around.mtok(day).reshape(len(around.pairs), hours, per_hour).sum(axis=2)
        table = each.demand.pivot(index=["workload", "hub"], columns="hour", values="mtok")
        np.testing.assert_allclose(table.loc[list(map(tuple, around.pairs.to_numpy()))].to_numpy(), steps)


def test_hubs_share_as_a_table_says(history, instance):
    shares = pd.DataFrame({"hub": ["A", "B"], "share": [0.25, 0.75]})
    days = placer.DemandHistory(history, instance, CLASSES, reference_days=1, shares=shares)
    by_hub = days.demand(0).groupby(["workload", "hub"])["mtok"].sum()
    assert by_hub["chat", "A"] == pytest.approx(6)
    assert by_hub["batch", "B"] == pytest.approx(7.5)
    assert days.demand(0)["mtok"].sum() == pytest.approx(54)


def test_days_are_demand_sets(days):
    sets = days.sets([1])
    assert len(sets) == 1
    assert sets[0].demand["mtok"].tolist() == days.demand(1)["mtok"].tolist()
    assert sets.instance is days.instance
    with pytest.raises(IndexError):
        days.demand(2)
    with pytest.raises(IndexError):
        days.mtok(-1)


def test_it_survives_pickling(days):
    again = pickle.loads(pickle.dumps(days))  # noqa: S301 - its own bytes
    np.testing.assert_array_equal(again.mtok(1), days.mtok(1))


def test_every_violation_is_named_at_once(history, instance):
    classes = {"chat": "alive", "agent": "steps", "ghost": "steps"}
    shares = pd.DataFrame({"workload": ["chat", "chat"], "hub": ["A", "B"], "share": [0.5, 0.4]})
    with pytest.raises(InstanceError) as error:
        placer.DemandHistory(history, instance, classes, scale="tokens", reference_days=3, shares=shares)
    assert [(each.table, each.row, each.column) for each in error.value.violations] == [
        ("shares", "chat", "share"),
        ("shares", "agent", "share"),
        ("shares", "batch", "share"),
        ("history", "", "scale"),
        ("history", "", "reference_days"),
        ("classes", "ghost", ""),
        ("classes", "chat", "class"),
        ("classes", "batch", "class"),
        ("classes", "", "live"),
    ]


def test_a_reference_of_nothing_is_refused(make_history, instance):
    history = make_history("zero", live=[0, 0, 20, 20, 20, 60, 40, 40])
    classes = {"chat": "live", "agent": None, "batch": None}
    with pytest.raises(InstanceError, match=r"live, hour 0.*0 at the reference, and more later"):
        placer.DemandHistory(history, instance, classes, reference_days=1)


def test_a_class_that_lacks_the_figure_is_refused(instance):
    rows = pd.DataFrame({"class": "live", "step": range(4), "mtok": 1.0})
    history = placer.History.of_table(rows, 360)
    classes = {"chat": "live", "agent": None, "batch": None}
    with pytest.raises(InstanceError, match=r"history\[live\].requests: not known"):
        placer.DemandHistory(history, instance, classes, reference_days=1)
    days = placer.DemandHistory(history, instance, classes, "mtok", reference_days=1)
    assert days.demand(0)["mtok"].sum() == pytest.approx(54)


def test_amounts_that_no_instance_can_state_are_refused(make_history, instance):
    """Tests a second day whose first hour has a billionth of a billionth of the demand of the first."""
    history = make_history(live=[1e9, 1e9, 1, 1, 1e-9, 1e-9, 1, 1])
    with pytest.raises(InstanceError, match=r"demand\[chat\|A\|0, day 1\].mtok"):
        placer.DemandHistory(history, instance, {"chat": "live", "agent": None, "batch": None}, reference_days=1)


def test_hours_are_a_day_of_whole_steps(history, instance, make_history):
    for change, expected in (({"hour_length": 1.0}, "a horizon of 2 hours"), ({"hour_length": 6.0}, "of 12 hours")):
        with pytest.raises(InstanceError, match=expected):
            placer.DemandHistory(history, instance.replace(**change), CLASSES, reference_days=1)
    late = instance.replace(demand=instance.demand.assign(hour=instance.demand["hour"] + 1))
    with pytest.raises(InstanceError, match="begin 12 h after midnight"):
        placer.DemandHistory(history, late, CLASSES, reference_days=1)
    coarse = make_history(live=[1.0], steps=[1.0], step_minutes=1440)
    with pytest.raises(InstanceError, match="1440 minutes do not divide the hours"):
        placer.DemandHistory(coarse, instance, CLASSES, reference_days=1)


def test_hours_may_be_timestamps(history, instance, days):
    stamps = pd.to_datetime(["2026-05-01T00:00", "2026-05-01T12:00"])
    dated = instance.replace(demand=instance.demand.assign(hour=stamps[instance.demand["hour"]]))
    shares = pd.DataFrame({"hub": ["A", "B"], "share": [0.5, 0.5]})
    other = placer.DemandHistory(history, dated, CLASSES, reference_days=1)
    np.testing.assert_allclose(other.mtok(1), days.mtok(1))
    spread = placer.DemandHistory(history, dated, CLASSES, reference_days=1, shares=shares)
    assert spread.demand(1)["mtok"].sum() == pytest.approx(days.demand(1)["mtok"].sum())


def test_classes_come_from_a_file(history, instance, days, tmp_path):
    (tmp_path / "classes.csv").write_text("workload,class\nchat,live\nagent,steps\nbatch,\n")
    read = placer.DemandHistory(history, instance, tmp_path / "classes.csv", reference_days=1)
    np.testing.assert_array_equal(read.mtok(1), days.mtok(1))


@pytest.mark.slow
def test_servegen_around_china():
    """Tests the shipped history and both shipped mappings: the second week, and that the mapping decides its level."""
    china = placer.load("china")
    history = placer.History.of_rates("servegen_rates", ["m-large", "m-mid", "m-small"], missing="profile")
    shares = {}
    for classes in ("servegen_china", "servegen_china_by_size"):
        days = placer.DemandHistory(history, china, classes)
        assert days.mtok(7).shape == (len(days.pairs), 144)
        shares[classes] = [days.mtok(day).sum() / china.demand["mtok"].sum() for day in range(7, 14)]
    assert all(0.8 < share < 1.6 for each in shares.values() for share in each)
    assert np.abs(np.subtract(*shares.values())).max() > 0.05
