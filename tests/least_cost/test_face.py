"""The placements of least cost as a program: what is on it, what a point off it costs, and even preferences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.least_cost.face import excess, face_at, flows_at, preferences, solved
from placer.model.loads import cost_of
from placer.proof.near import surpluses
from placer.solve import solve


@pytest.fixture
def tied(make_instance):
    """A's 10 Mtok cost 20 at X as at Y, each with room for all: a face of one dimension."""
    zones = [{"power_zone": name, "usd_per_mwh": 20.0} for name in ("zx", "zy")]
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
    placement = solve(
        make_instance(power_zones=zones, workloads=[work], demand=[{"workload": "w", "hub": "A", "mtok": 10.0}])
    )
    return face_at(surpluses(placement.formulation.structure, placement.answer.prices), placement.answer.point, 1.0)


def test_both_sites_are_on_the_face(tied):
    """Tests that the arcs to X and to Y are near, and the start costs nothing beyond the least."""
    assert tied.assigned.arc.tolist() == [0, 1]
    assert excess(tied, tied.start) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("dear", [0, 1])
def test_a_second_cost_chooses_the_other_site(tied, dear):
    """Tests that a cost on one of the two arcs moves all to the other, at the same first cost."""
    cost = np.zeros(len(tied.surplus))
    cost[dear] = 1.0
    values, _, detail = solved(tied, cost, 60.0)
    flows = flows_at(tied, values)
    assert detail == ""
    assert flows.arc.tolist() == [1 - dear]
    assert flows.amount == pytest.approx([10.0])
    assert cost_of(tied.structure, flows) == pytest.approx(200.0)


def test_leaving_the_face_costs(tied):
    """Tests that leaving 1 Mtok unserved costs 980 more, in units of the face."""
    values = tied.start.copy()
    part = tied.program.col_blocks
    values[part["u"]] = 1.0
    used = np.flatnonzero(values[part["x"]])[0]
    values[used] -= 1.0
    unit = 1e-10 * 20.0
    assert excess(tied, values) * unit == pytest.approx(980.0, rel=1e-6)


def test_rounding_in_a_dear_tier_costs_nothing(tied):
    """Tests that 1e-13 of a tier far off the face is rounding: a solver leaves as much where nothing is drawn."""
    part = tied.program.col_blocks["y"]
    surplus, values = tied.surplus.copy(), tied.start.copy()
    surplus[part.start] = 1e12
    values[part.start] = 1e-13
    dear = replace(tied, surplus=surplus)
    assert excess(dear, values) == excess(tied, tied.start)
    values[part.start] = 1e-3
    assert excess(dear, values) == pytest.approx(1e9)


def test_preferences_are_spread_and_always_the_same(tied):
    """Tests weights from 0 to 1, no two alike but 0 of the only tier of each site, that another face gives them too."""
    weights = preferences(tied)
    assert ((weights >= 0) & (weights < 1)).all()
    assert (weights[tied.program.col_blocks["y"]] == 0).all()
    others = np.delete(weights, tied.program.col_blocks["y"])
    assert len(np.unique(others)) == len(others)
    again = face_at(tied.known, tied.flows, 0.0)
    kept = np.isin(tied.assigned.arc, again.assigned.arc)
    np.testing.assert_array_equal(preferences(again)[: kept.sum()], weights[: len(kept)][kept])
