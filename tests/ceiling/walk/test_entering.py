"""From which limit on arcs may be used."""

from __future__ import annotations

import numpy as np
import pytest

from placer.ceiling.walk.entering import entering
from placer.model.formulation import formulate
from placer.tolerances import INPUT

#: A Mtok may take 25 ms over the network, in one round trip.
WORK = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "latency_slo_ms": 25.0}


@pytest.fixture
def late(make_instance):
    """Return an instance in which A reaches Y too late by 15 ms: 40 ms of 25."""
    return formulate(make_instance(workloads=[WORK]))


def test_by_round_trip(late):
    """Tests that an admissible arc enters at its round trip, and one that is late never."""
    enter = entering(late, "rtt")
    assert enter[0, 0, 0] == pytest.approx(late.rtt_ms[0, 0])
    assert np.isinf(enter[0, 0, 1])


def test_by_factor_and_by_shortening(late):
    """Tests that Y enters at 40 / 25 of the limit, or once 15 ms come off the round trip."""
    assert entering(late, "slo")[0, 0, 1] == pytest.approx(40 / 25)
    assert entering(late, "shorten")[0, 0, 1] == pytest.approx(15)
    assert entering(late, "shorten")[0, 0, 0] == -np.inf


def test_work_that_waits_always_may(make_instance):
    """Tests that a limit on round trips leaves work with a deadline alone."""
    enter = entering(
        formulate(make_instance(workloads=[WORK | {"deadline_hours": 1.0, "latency_slo_ms": 99.0}])), "rtt"
    )
    assert (enter == -np.inf).all()


def test_limits_that_differ_by_rounding_are_one(make_instance):
    """Tests that round trips closer than the tie enter together, at the lower one."""
    links = [
        {"from": "A", "to": "X", "rtt_ms": 10.0},
        {"from": "A", "to": "Y", "rtt_ms": 10.0 + INPUT / 2},
        {"from": "B", "to": "Y", "rtt_ms": 20.0},
    ]
    assert len(set(entering(formulate(make_instance(links=links)), "rtt")[0, 0].tolist())) == 1
