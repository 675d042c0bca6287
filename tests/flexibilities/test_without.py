"""Tests structures without a flexibility, by hand."""

import numpy as np
import pytest

import placer
from placer.analysis.fronts.moving_limit import moving_limit
from placer.flexibilities.without import with_missing, without_moving, without_waiting
from placer.ladder.proven import solve_structure
from tests.analysis.fronts.conftest import powered


def test_work_that_may_not_wait_is_served_on_arrival(windy):
    """Tests 10 Mtok in hour 0 at most, of 24: 14 are unserved at 10,000."""
    structure = without_waiting(placer.solve(windy).formulation.structure)
    _, certificate = solve_structure(structure)
    assert certificate.objective == pytest.approx(14 * 10_000 + 10 * 50 + 4 * 50)


def test_each_demand_keeps_its_places():
    """Tests 6 Mtok at the cheap site and 4 at the dear one: they stay when the prices turn, and cost 6 x 9 + 4 x 1."""
    supplies = [("a", 1, 0, None, "cheap"), ("b", 9, 0, None, "dear")]
    instance = powered(supplies, {"chat": [10.0]}, {"cheap": {"accelerators": 6.0}, "dear": {}})
    flows = placer.solve(instance).answer.point
    turned = instance.replace(power_zones=instance.power_zones.assign(usd_per_mwh=[9.0, 1.0]))
    structure, dropped = without_moving(placer.solve(turned).formulation.structure, flows)
    assert solve_structure(structure)[1].objective == pytest.approx(6 * 9 + 4 * 1)
    assert dropped == 0.0
    assert placer.solve(turned).cost_usd == pytest.approx(10 * 1)


def test_what_was_unserved_stays_so():
    """Tests 4 Mtok beyond the capacity: they keep their penalty, and are no part of the structure."""
    instance = powered([("a", 1, 0, None, "site")], {"chat": [10.0]}, {"site": {"accelerators": 6.0}})
    found = placer.solve(instance)
    structure, dropped = without_moving(found.formulation.structure, found.answer.point)
    assert dropped == pytest.approx(40_000)
    assert structure.total_demand == pytest.approx(6.0)
    assert solve_structure(structure)[1].objective + dropped == pytest.approx(found.certificate.objective)


@pytest.mark.parametrize(("usd", "missing"), [(5, 8.0), (30, 4.0), (70, 0.0)])
def test_missing_power_is_bought_while_it_is_cheaper(ladder, usd, missing):
    """Tests 80 % of the ladder: wind adds 10 USD a MWh, sun 50; what is missing costs its price."""
    limit = moving_limit(ladder, "green_share", "hour", {})
    structure = limit.formulation(0.8).structure
    changed, idle = with_missing(structure, limit.places(structure), usd, 10.0)
    answer, certificate = solve_structure(changed)
    flows = answer.point
    assert flows.amount[changed.arc_class[flows.arc] == changed.classes - 1].sum() == pytest.approx(missing)
    bought = (min(usd, 10) + min(usd, 50)) * 4
    assert certificate.objective - idle == pytest.approx(500 + bought)
    assert np.isfinite(changed.cap_limit[limit.places(changed)]).all()
