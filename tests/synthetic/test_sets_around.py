"""Demand sets around an instance, whatever draws them."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.synthetic import SetsAround


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
