"""Tests the classes of service of an instance: which workload and which mode each is."""

from dataclasses import replace

import numpy as np
import pytest

from placer.model.formulation import formulate
from tests.model.modes_by_hand import FAST, MIDDLE, modes, tables


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
