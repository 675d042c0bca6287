"""Demand sets: a sequence of instances that a seed makes, the same everywhere."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer import DemandSets, InstanceError, Uncertainty
from placer.synthetic import CERTAIN, SetsAround

#: Three numbers of set 3 of seed 11, and its round trips.
PINNED = [0.602386527114, 0.973485580875, 8.30563370414]


PINNED_TRIPS = [0.0, 1.41758867984]


def test_no_uncertainty_gives_the_demand_to_the_last_bit(make_instance):
    third = [{"workload": "w", "hub": "A", "mtok": 1 / 3}]
    instance = make_instance(demand=third)
    sets = DemandSets(instance, CERTAIN, count=2)
    assert sets.demand(1)["mtok"].tolist() == [1 / 3]
    assert sets[0] == instance


def test_same_seed_gives_the_same_numbers_everywhere(instance):
    sets = DemandSets(instance, seed=11)
    assert sets.demand(3)["mtok"].to_numpy()[[0, 5, 31]].tolist() == PINNED
    assert sets[3].workloads["tool_round_trips"].tolist() == PINNED_TRIPS


def test_sets_do_not_depend_on_order_or_count_or_copies(instance):
    sets = DemandSets(instance, count=4, seed=2)
    forth = [each.demand for each in sets]
    back = [sets.demand(number) for number in (3, 2, 1, 0)]
    few = DemandSets(instance, count=2, seed=2)
    copy = pickle.loads(pickle.dumps(sets))  # noqa: S301 - our own bytes
    assert all(a.equals(b) for a, b in zip(forth, reversed(back), strict=True))
    assert few[1].demand.equals(forth[1])
    assert copy == sets
    assert copy[2].demand.equals(forth[2])
    assert len({float(each["mtok"].sum()) for each in forth}) == 4


def test_a_copy_leaves_behind_what_it_can_derive(instance):
    sets = DemandSets(instance)
    sets.demand(0)
    copy = pickle.loads(pickle.dumps(sets))  # noqa: S301 - our own bytes
    assert set(vars(copy)) == {"instance", "uncertainty", "count", "seed"}


def test_sets_are_a_sequence(instance):
    sets = DemandSets(instance, count=3)
    assert len(sets) == len(list(sets)) == len(list(reversed(sets))) == 3
    assert sets[-1] == sets[np.int64(2)]
    for place in (3, -4):
        with pytest.raises(IndexError, match="of 3"):
            sets[place]
        with pytest.raises(IndexError, match="of 3"):
            sets.demand(place)


def test_rows_and_other_columns_stay_as_they_are(make_instance):
    """Rows that are not there stay away, hours may begin anywhere, and a shift loses nothing."""
    rows = [
        {"workload": "w", "hub": "B", "hour": 8, "mtok": 4.0, "note": "b"},
        {"workload": "w", "hub": "A", "hour": 7, "mtok": 2.0, "note": "a"},
        {"workload": "w", "hub": "A", "hour": 9, "mtok": 1.0, "note": "c"},
    ]
    instance = make_instance(demand=rows)
    drawn = DemandSets(instance, replace(CERTAIN, shift_hours_sigma=1.0)).demand(0)
    kept = ["workload", "hub", "hour", "note"]
    assert drawn[kept].equals(instance.demand[kept])
    assert drawn["mtok"].iloc[0] == 4
    assert drawn["mtok"].iloc[1:].sum() == pytest.approx(3)
    assert drawn["mtok"].iloc[1] != 2


def test_switching_a_shock_off_leaves_the_others(instance):
    """What is left is one factor per hub: bursts are shares of what a hub asks for."""
    some = Uncertainty(burst_rate=3.0)
    ratios = [
        DemandSets(instance, some, seed=4).demand(0)["mtok"] / DemandSets(instance, other, seed=4).demand(0)["mtok"]
        for other in (replace(some, hub_sigma=0.0), replace(some, steps_sigma=0.0, burst_rate=0.0))
    ]
    assert np.ptp(ratios[0].to_numpy().reshape(4, 8), axis=1) == pytest.approx(0, abs=1e-10)
    chat = ratios[1].to_numpy().reshape(4, 2, 4)[:, 0]
    assert chat.min() == pytest.approx(1, abs=1e-10)


def test_sets_list_every_violation(instance):
    with pytest.raises(InstanceError) as caught:
        DemandSets(instance, count=0, seed=1.5)
    assert [each.column for each in caught.value.violations] == ["count", "seed"]


def test_demand_sets_are_those_of_the_class():
    """Tests that the function and the class mean the same sets."""
    tiny, calm = placer.load("tiny"), placer.Uncertainty(hub_sigma=0.0)
    assert placer.synthetic.demand_sets(tiny, n=3, seed=7) == placer.DemandSets(tiny, count=3, seed=7)
    assert placer.synthetic.demand_sets(tiny, n=3, seed=7, uncertainty=calm) == placer.DemandSets(tiny, calm, 3, 7)


class _Doubled(SetsAround):
    """Sets in which demand is once, twice and three times that of the instance, and agents take as many steps."""

    def __init__(self, instance):
        self.instance = instance

    identity = {"sets": "multiples"}  # noqa: RUF012 - a property in general

    def __len__(self):
        return 3

    def drawn(self, number):
        factor = 1.0 + self.place_of(number)
        return self.instance.demand["mtok"].to_numpy() * factor, np.full(len(self.instance.workloads), factor)


def test_a_kind_of_sets_says_how_demand_is_drawn(make_instance):
    instance = make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 1, "tool_round_trips": 2}]
    )
    sets = _Doubled(instance)
    assert [each.demand["mtok"].sum() for each in sets] == [16, 32, 48]
    assert sets.demand(-1)["mtok"].sum() == 48
    assert [each.workloads["tool_round_trips"].item() for each in sets] == [2, 4, 6]
    with pytest.raises(IndexError, match="set 3 of 3"):
        sets[3]


def test_any_of_them_make_states(make_instance):
    assert len(placer.States.of(_Doubled(make_instance()))) == 3
