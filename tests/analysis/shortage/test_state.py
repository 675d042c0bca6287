"""The formulation after changes, against stating the changed instance anew."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from placer.analysis.shortage.changes import Change, made
from placer.analysis.shortage.state import State, changed
from placer.model.formulation import formulate

CHANGES = {
    "accelerators": Change("accelerators", "X", "data_centres", 0, "accelerators", 4.0, 9.0),
    "site power": Change("site power", "Y", "data_centres", 1, "power_limit_mw", np.inf, 5.0),
    "supply": Change("supply", "zx - X", "supplies", 0, "limit_mw", np.inf, 3.0),
    "link": Change("link", "A - X", "links", 0, "capacity_gbps", np.inf, 2.0),
    "carbon cap": Change("carbon cap", "", "settings", 0, "carbon_limit_kg", np.inf, 50.0),
    "water cap": Change("water cap", "", "settings", 0, "water_limit_litres", np.inf, 70.0),
    "latency": Change("latency", "w", "workloads", 0, "latency_slo_ms", 10.0, 60.0),
    "residency": Change("residency", "w", "workloads", 0, "jurisdictions", None, ("CN",)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_gives_the_structure_of_the_changed_instance(short, change):
    """Tests every field of the structure after a change against that of the instance in which it is made."""
    found = changed(State(short, formulate(short)), [change]).formulation
    expected = formulate(made(short, [change]))
    for field in fields(expected.structure):
        here, there = (getattr(each.structure, field.name) for each in (found, expected))
        if field.name == "route_links":
            here, there = here.toarray(), there.toarray()
        if there is None:
            assert here is None
            continue
        np.testing.assert_allclose(here, there, rtol=1e-12, err_msg=field.name)
    np.testing.assert_array_equal(found.in_time, expected.in_time)
    np.testing.assert_array_equal(found.allowed, expected.allowed)


def test_the_state_before_stays_as_it_is(short):
    """Tests that changes are made in copies."""
    before = State(short, formulate(short))
    changed(before, CHANGES.values())
    again = formulate(short)
    np.testing.assert_array_equal(before.formulation.structure.capacity, again.structure.capacity)
    np.testing.assert_array_equal(before.formulation.structure.cap_limit, again.structure.cap_limit)
    np.testing.assert_array_equal(before.formulation.latency_slo_ms, again.latency_slo_ms)
