"""Rents of limits that are 0, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.solver import ColumnGeneration
from placer.decomposition.closed_limits import _most_before, prices_of
from placer.decomposition.cuts import cuts_of
from placer.decomposition.member import Member
from placer.ladder.proven import solve_structure
from placer.model.formulation import formulate
from placer.planning.question.added_limits import added_limits
from placer.planning.question.candidates import Candidates
from placer.solvers.highs import HiGHS


def test_a_closed_site_is_worth_what_it_would_save(make_instance):
    """Tests that power at Y costs 20 in place of 50 at X: an accelerator-hour at Y, which has none, is worth 30."""
    instance = make_instance(
        data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 0.0}], accelerators="sunk"
    )
    row = {"candidate": "y", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 1.0}
    formulation = formulate(instance)
    state = Member("s", 1.0, formulation, added_limits(instance, instance, formulation, Candidates.of([row])))
    answer, certificate = solve_structure(state.structure, ColumnGeneration())
    prices = prices_of(state.structure, state.opened, answer.prices)
    cut = cuts_of(prices, [state])[0]
    assert certificate.objective == pytest.approx(800)
    assert cut.constant == pytest.approx(800)
    assert cut.slope.tolist() == pytest.approx([30])


@pytest.mark.parametrize("solver", [ColumnGeneration(), HiGHS()])
def test_a_power_zone_without_power_is_worth_what_it_would_save(make_instance, solver):
    """Tests the same of a MW of the zone of Y, which has none: 30 USD an hour."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 20.0, "limit_mw": 0.0}]
    instance = make_instance(power_zones=zones, accelerators="sunk")
    row = {"candidate": "grid", "adds": "limit_mw", "target": "zy", "usd_per_unit_year": 1.0}
    formulation = formulate(instance)
    state = Member("s", 1.0, formulation, added_limits(instance, instance, formulation, Candidates.of([row])))
    answer, certificate = solve_structure(state.structure, solver)
    cut = cuts_of(prices_of(state.structure, state.opened, answer.prices), [state])[0]
    assert certificate.objective == pytest.approx(800)
    assert cut.constant == pytest.approx(800)
    assert cut.slope.tolist() == pytest.approx([30])


def test_open_limits_keep_their_duals(make_instance):
    """Tests that nothing changes where no limit is 0."""
    instance = make_instance(data_centres=[{"data_centre": "X"}, {"data_centre": "Y", "accelerators": 2.0}])
    row = {"candidate": "y", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 1.0}
    formulation = formulate(instance)
    state = Member("s", 1.0, formulation, added_limits(instance, instance, formulation, Candidates.of([row])))
    answer, _ = solve_structure(state.structure, ColumnGeneration())
    prices = prices_of(state.structure, state.opened, answer.prices)
    assert prices.capacity is answer.prices.capacity


@pytest.mark.parametrize(("cyclic", "expected"), [(True, [4, 5, 5, 4]), (False, [1, 5, 5, 4])])
def test_the_most_of_the_hours_before(make_instance, cyclic, expected):
    """Tests the most of a period and the one before it, over the end of the horizon where it is cyclic."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in range(4)]
    structure = formulate(make_instance(demand=demand, cyclic=cyclic)).structure
    values = np.array([1.0, 5.0, 2.0, 4.0])
    assert _most_before(structure, values, 1).tolist() == expected
