"""Structures with answers: of random instances, and small ones worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.model.answer import Answer, Flows
from placer.model.formulation import formulate
from tests.proof.answers import (
    OPTIMAL,
    SEEDS,
    UNLIMITED,
    duals_of,
    solved,
    workload,
)


@pytest.fixture(scope="session")
def honest(make_random_instance):
    """Structures of random instances, with and without caps and a cyclic horizon, their answers and least costs."""
    cases = []
    for seed in SEEDS:
        settings = {"cyclic": bool(seed % 2)} | (UNLIMITED if seed % 3 == 0 else {})
        cases.append(solved(make_random_instance(seed, **settings)))
    return cases


@pytest.fixture
def small(make_instance):
    """Ten units at X for 50 each and six at Y for 20 each: each hub is near one site only."""
    return formulate(make_instance(workloads=[workload(latency_slo_ms=15.0)])).structure


@pytest.fixture
def small_answer(small):
    """The optimum of that, worked out by hand: cost 620."""
    flows = Flows(
        np.arange(2), np.arange(2), np.array([10.0, 6.0]), np.zeros(2), np.zeros(0), np.array([[10.0], [6.0]])
    )
    return Answer(OPTIMAL, flows, duals_of(small, demand=np.array([50.0, 20.0]), balance=np.array([[50.0], [20.0]])))


@pytest.fixture
def patient(make_instance):
    """Ten units arrive in either hour at a site whose supply costs 50, then 20; all may wait for an hour."""
    return formulate(
        make_instance(
            workloads=[workload(deadline_hours=1.0)],
            hubs=[{"hub": "A"}],
            data_centres=[{"data_centre": "X"}],
            power_zones=[{"power_zone": "zx", "usd_per_mwh": [50.0, 20.0]}],
            supplies=[{"power_zone": "zx", "data_centre": "X"}],
            links=[{"from": "A", "to": "X", "rtt_ms": 1.0}],
            demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 10.0} for hour in range(2)],
            cyclic=False,
        )
    ).structure


@pytest.fixture
def program(make_program):
    """The least of 3a + 2b with a + b >= 4, a - b >= 0, b <= 9: optimum 10 at (2, 2), duals (2.5, 0.5)."""
    return make_program([3, 2], [[1, 1], [1, -1]], [4, 0], [np.inf, np.inf], [0, 0], [np.inf, 9])
