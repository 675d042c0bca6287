"""The least unserved protected work of states, and cuts that bound it."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.decomposition.risk import NEUTRAL
from placer.planning.costs.unserved import unserved_protected
from placer.planning.plan import program_of
from placer.planning.question.problem import planning_problem


def test_cuts_bound_the_unserved_work():
    """Tests a cut of 60 Mtok without the east: exact at the 20 units where it was made, and a bound at any others."""
    work = {"accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "unserved_usd_per_mtok": 100.0}
    instance = placer.Instance.from_tables(
        {
            "hubs": [{"hub": "coast"}],
            "data_centres": [
                {"data_centre": "east", "accelerators": 100.0},
                {"data_centre": "west", "accelerators": 0.0},
            ],
            "links": [{"from": "coast", "to": name, "rtt_ms": 30.0} for name in ("east", "west")],
            "workloads": [{"workload": "chat"} | work],
            "demand": [{"workload": "chat", "hub": "coast", "mtok": 60.0}],
        },
        accelerators="sunk",
    )
    hall = {"candidate": "hall", "adds": "accelerators", "target": "west", "usd_per_unit_year": 8760.0}
    problem = program_of(planning_problem(instance, [hall], security="data_centres"), NEUTRAL)
    unserved, cuts = unserved_protected(problem.protected, np.array([20.0]))
    assert unserved == pytest.approx([40.0, 0.0])
    assert [cut.state for cut in cuts] == [0]
    for units in (0.0, 20.0, 50.0, 90.0):
        bound = cuts[0].constant - float(cuts[0].slope @ [units])
        assert bound <= max(60.0 - units, 0.0) + 1e-9
        assert bound == pytest.approx(60.0 - units)
