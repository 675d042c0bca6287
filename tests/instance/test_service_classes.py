"""Tests the classes of service of an instance: which workload and which mode each is."""

from dataclasses import replace

import numpy as np
import pytest

from placer.instance.service_classes import NOWHERE, OWN
from placer.model.formulation import formulate
from tests.model.modes_by_hand import FAST, MIDDLE, modes, tables
from tests.model.pools_by_hand import NEW, OLD, any_pool, mode
from tests.model.pools_by_hand import tables as tables_of_pools


def test_classes_are_the_workloads_and_then_their_further_modes():
    """Tests that each workload keeps its place, and that ``serves`` has one entry for each class."""
    own = [tables()["workloads"][0], {**tables()["workloads"][0], "workload": "plain", "server_ms": 7.0}]
    instance = modes([MIDDLE, FAST], workloads=own)
    found = instance.service_classes
    assert found.workload.tolist() == [0, 1, 0]
    assert found.mode.tolist() == ["40 a second", "", "80 a second"]
    assert found.server_ms.tolist() == [2500.0, 7.0, 1250.0]
    assert found.serves.tolist() == [0, 1, 0]
    structure = formulate(instance).structure
    assert structure.arc_serves.tolist() == sorted(structure.arc_serves.tolist())
    assert modes([FAST]).service_classes.serves is None
    with pytest.raises(ValueError, match="modes of 1 classes, not of 3"):
        replace(structure, serves=np.zeros(1, dtype=int))


def test_each_class_has_one_pool_at_a_data_centre():
    """Tests that work for any accelerators is a class for each place in the list of pools, a typed mode one class."""
    instance = any_pool().with_data_centre("annexe", {"users": 20}, "grid", accelerators=7, accelerator_type=NEW)
    found = instance.service_classes
    assert found.workload.tolist() == [0, 0]
    assert found.serves.tolist() == [0, 0]
    assert found.pool.tolist() == [[0, OWN], [1, NOWHERE]]
    assert found.runs.tolist() == [[True, True], [True, False]]
    assert found.pool_type.tolist() == [OLD, NEW]
    typed = instance.replace(modes=[mode(OLD), mode(NEW), mode(None)]).service_classes
    assert typed.mode.tolist() == ["on old", "on new", "on None", "on None"]
    assert typed.pool.tolist() == [[0, NOWHERE], [1, OWN], [0, OWN], [1, NOWHERE]]


def test_one_pool_at_each_data_centre_takes_no_further_class():
    """Tests that the classes are then the workloads."""
    pools = tables_of_pools()["accelerator_pools"][:1]
    found = any_pool(accelerator_pools=pools).service_classes
    assert found.serves is None
    assert found.pool.tolist() == [[0]]
    assert found.has_pools
    assert not modes([FAST]).service_classes.has_pools
