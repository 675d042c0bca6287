"""What every column costs beyond its worth, and the columns that are near."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.proof.near import surpluses
from placer.solve import solve
from tests.batteries_by_hand import powered

SEEDS = range(6)


@pytest.fixture(params=[False, True], ids=["numpy", "kernels"], autouse=True)
def kernels(request, monkeypatch):
    """Everything with and without compiled kernels."""
    monkeypatch.setattr("placer.kernels.choice.LEAST_COLUMNS", 0 if request.param else np.inf)


@pytest.fixture(params=SEEDS, ids=lambda seed: f"seed {seed}")
def known(request, make_random_instance):
    """The surpluses at the duals of a placement."""
    placement = solve(make_random_instance(request.param, cyclic=bool(request.param % 2)))
    return surpluses(placement.formulation.structure, placement.answer.prices), placement


@pytest.mark.slow
def test_surpluses_by_hand(make_instance):
    """Tests 10 Mtok at 50 at X, where Y costs 20 and has no room: unserved is dearer by 950, Y by nothing."""
    work = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 1000.0}
    instance = make_instance(
        workloads=[work],
        data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 2.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 10.0}],
    )
    placement = solve(instance)
    found = surpluses(formulate(instance).structure, placement.answer.prices)
    chosen, surplus = found.near(1e-6)
    assert chosen.arc.tolist() == [0, 1]
    assert surplus == pytest.approx([0.0, 0.0], abs=1e-6)
    assert found.of_unserved() == pytest.approx([950.0])


@pytest.mark.parametrize("at", ["D", "Z"])
def test_surpluses_of_a_battery_by_hand(at):
    """Tests prices of 20, 60 and 100 where a MWh held is worth 60, and the battery buys at 20 and sells at 100.

    The rent of its power is 40 in hours 0 and 2. Charging in hour 2 loses 40, and pays that rent; hour 1 is even.
    """
    placement = solve(powered((20.0, 60.0, 100.0), {"energy_mwh": 10.0}, at=at))
    answer = placement.answer.prices
    found = surpluses(placement.formulation.structure, replace(answer, stored=np.full((1, 3), 60.0)))
    assert found.power_rents[0] == pytest.approx([40.0, 0.0, 40.0])
    assert found.of_stores() == pytest.approx([0.0, 0.0, 80.0, 80.0, 0.0, 0.0, 0.0, 0.0, 0.0])


def test_used_columns_have_no_surplus(known):
    """Tests that what a placement of least cost uses costs what it is worth."""
    found, placement = known
    flows, size = placement.answer.point, np.abs(found.price).max()
    chosen, _ = found.near(np.inf)
    surplus = dict(
        zip(zip(chosen.demand.tolist(), chosen.arc.tolist(), strict=True), found.of_assignments(chosen), strict=True)
    )
    used = [surplus[pair] for pair in zip(flows.demand.tolist(), flows.arc.tolist(), strict=True)]
    assert np.abs(used).max(initial=0.0) <= 1e-6 * size
    assert found.of_unserved()[flows.unserved > 1e-6].max(initial=0.0) <= 1e-6 * size


def test_a_margin_keeps_the_columns_below_it(known, monkeypatch):
    """Tests that few assignments held at a time give the same as all, and that none is left out or taken too much."""
    found, _ = known
    everything, all_surpluses = found.near(np.inf)
    assert len(everything.demand) == found.structure.assignment_count
    margin = float(np.median(all_surpluses[np.isfinite(all_surpluses)]))
    monkeypatch.setattr("placer.proof.near.ASSIGNMENTS_AT_A_TIME", 1)
    monkeypatch.setattr("placer.proof.bound._AT_A_TIME", 1)
    chosen, surplus = found.near(margin)
    np.testing.assert_array_equal(chosen.arc, everything.arc[all_surpluses <= margin])
    assert surplus.max() <= margin


def test_no_surplus_is_below_0(known):
    """Tests that no assignment, queue flow or unserved demand costs less than it is worth; tiers at a limit may."""
    found, _ = known
    size = np.abs(found.price).max()
    assert min(found.of_unserved().min(), found.of_queue_flows().min(initial=0.0)) >= -1e-9 * size
    assert found.near(np.inf)[1].min() >= -1e-9 * size
    assert (
        found.of_tiers().size
        == expand(found.structure).col_blocks["y"].stop - expand(found.structure).col_blocks["y"].start
    )
