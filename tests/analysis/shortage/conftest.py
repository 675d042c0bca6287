"""An instance that is short, small enough to check by hand."""

from __future__ import annotations

import pytest

from placer.analysis.shortage.changes import spare_supplies
from placer.analysis.shortage.programs import Programs
from placer.analysis.shortage.state import State, changed
from placer.model.formulation import formulate
from placer.solve import solve
from placer.solvers.highs import HiGHS


@pytest.fixture
def short(make_instance):
    """A's 10 Mtok reach X only, which has 4 accelerators: 6 are short. B's 6 Mtok fit at Y."""
    return make_instance(
        workloads=[
            {
                "workload": "w",
                "accelerator_hours_per_mtok": 1.0,
                "kwh_per_mtok": 1000.0,
                "latency_slo_ms": 10.0,
                "unserved_usd_per_mtok": 1000.0,
            }
        ],
        data_centres=[{"data_centre": "X", "accelerators": 4.0}, {"data_centre": "Y", "accelerators": 6.0}],
    )


@pytest.fixture
def state(short):
    """The instance on the way to its cure, without any change; it needs no spare supply."""
    assert len(spare_supplies(short)["supplies"]) == len(short.supplies)
    return changed(State(short, formulate(short)), [])


@pytest.fixture
def programs(short):
    """What solves the programs of the instance."""
    return Programs(solve(short), HiGHS())


@pytest.fixture
def workload():
    """Return a function that gives the workload of the small instance with some attributes changed."""

    def give(**changes):
        plain = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0}
        return [plain | {"unserved_usd_per_mtok": 1000.0} | changes]

    return give
