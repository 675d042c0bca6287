"""The smallest blocks of a sweep."""

from __future__ import annotations

import math

import numpy as np
import pytest

from placer.ceiling.walk.blocks import split
from placer.ceiling.walk.entering import entering
from placer.ceiling.walk.parameters import SweepParameters
from placer.ceiling.walk.state import SweepTask
from placer.model.formulation import formulate


@pytest.fixture
def formulation(make_instance):
    """Return hub A alone, whose 10 Mtok may go to X at home or to Y abroad, each of 8 Mtok."""
    centres = [
        {"data_centre": "X", "region": "east", "accelerators": 8.0},
        {"data_centre": "Y", "region": "west", "accelerators": 8.0},
    ]
    return formulate(make_instance(data_centres=centres, demand=[{"workload": "w", "hub": "A", "mtok": 10.0}]))


@pytest.fixture
def block(formulation):
    """Return its block by a limit on round trips: one node, arcs to X (5 ms) and then Y, 10 Mtok are one unit."""
    counted = np.ones((1, 1, 1)) * formulation.exported
    (found,) = split(formulation.structure, entering(formulation, "rtt"), counted)
    return found


@pytest.fixture
def task(block):
    """Return the task of sweeping over the block."""
    return SweepTask.of(block, SweepParameters(), math.inf, math.inf)
