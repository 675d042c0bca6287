"""How classes, hours and hubs of a history and an instance are mapped; ``test_around.py`` tests most of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.histories.binding import classes_of, hub_shares, spread, tokens_as_they_came, workload_totals


def test_shares_are_those_of_the_instance(instance):
    """Tests chat, 18 of 24 Mtok at A, and work at one hub."""
    np.testing.assert_allclose(hub_shares(instance, None), [[0.75, 0.25], [1, 0], [0, 1]])


def test_shares_of_one_workload_and_of_all(instance):
    table = pd.DataFrame({"workload": ["chat", None, None], "hub": ["A", "A", "B"], "share": [0.0, 0.5, 0.5]})
    with pytest.raises(InstanceError, match="given twice"):
        hub_shares(instance, pd.concat([table, table.iloc[:1]]))
    np.testing.assert_allclose(hub_shares(instance, table), 0.5)


def test_unknown_names_of_shares_are_named(instance):
    table = pd.DataFrame({"workload": ["chat", "ghost"], "hub": ["A", "C"], "share": [1.0, 1.0]})
    with pytest.raises(InstanceError) as error:
        hub_shares(instance, table)
    assert [(each.row, each.column) for each in error.value.violations] == [("ghost", "workload"), ("C", "hub")]


def test_spreading_by_the_own_shares_keeps_totals(instance):
    other = spread(instance, workload_totals(instance), hub_shares(instance, None))
    assert other.demand["mtok"].sum() == pytest.approx(54)
    np.testing.assert_allclose(workload_totals(other), workload_totals(instance))


def test_a_class_without_demand_cannot_be_shared(instance):
    none = instance.replace(
        demand=instance.demand.assign(mtok=lambda each: each["mtok"] * (each["workload"] != "agent"))
    )
    with pytest.raises(InstanceError, match=r"classes\[agent\]: no demand in the instance"):
        tokens_as_they_came(none, np.ones((2, 2)), np.array([0, 1, 2]))


def test_classes_are_texts():
    assert classes_of({"chat": "live", "batch": None}) == {"chat": "live", "batch": None}
    with pytest.raises(InstanceError, match="unknown column"):
        classes_of(pd.DataFrame({"workloads": ["chat"], "class": ["live"]}))
