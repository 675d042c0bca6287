"""What opening an arc could gain at given duals: by hand, at optima, and chunk by chunk."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.answer import Duals
from placer.model.formulation import formulate, with_arcs
from placer.proof import arc_gains as module
from placer.proof.arc_gains import arc_gains
from placer.solvers.highs import HiGHS
from tests.model.modes_at_random import with_random_modes

SEEDS = range(6)


def _priced_arcs(formulation):
    """What a unit over every arc earns: less than nothing, its own cost of sending and of serving, turned."""
    structure = formulation.structure
    sending = formulation.transit_usd_per_gb[None] * structure.link_use[:, None, None]
    return -(sending + structure.work_cost[:, None, :, 0])


def test_gain_by_hand(make_instance):
    """Tests 2 Mtok at a price of 10, at sites whose accelerators have rents of 3 and 12: gains of 14 and 0."""
    instance = make_instance(
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}],
        demand=[{"workload": "w", "hub": "A", "mtok": 2.0}],
        data_centres=[{"data_centre": "X"}, {"data_centre": "Y"}],
        links=[{"from": "A", "to": "X", "rtt_ms": 1.0}],
        supplies=[],
    )
    structure = formulate(instance).structure
    nothing = np.zeros((2, 1))
    duals = Duals(
        demand=np.array([10.0]),
        queue=nothing[None],
        balance=nothing,
        capacity=np.array([[3.0], [12.0]]),
        intake=nothing,
        link=np.zeros((1, 1)),
        cap=np.zeros(2),
    )
    np.testing.assert_allclose(arc_gains(structure, duals)[0, 0], [14.0, 0.0])
    credit = np.array([[[-1.0, 5.0]]])
    np.testing.assert_allclose(arc_gains(structure, duals, credit)[0, 0], [12.0, 6.0])


@pytest.mark.parametrize("seed", SEEDS)
def test_arcs_that_are_there_gain_nothing(make_random_instance, seed):
    """Tests that at optimal duals no admissible arc gains anything, as its reduced cost is not below 0."""
    formulation = formulate(make_random_instance(seed, cyclic=bool(seed % 2)))
    structure = formulation.structure
    answer, _ = solve_structure(structure, HiGHS())
    gains = arc_gains(structure, answer.prices, _priced_arcs(formulation))
    size = float(np.abs(answer.prices.demand) @ structure.demand_amount)
    assert gains[structure.admitted].max(initial=0.0) <= 1e-6 * size


@pytest.mark.parametrize("seed", SEEDS)
def test_opening_an_arc_saves_no_more_than_it_gains(make_random_instance, seed):
    """Tests weak duality: the cost with all arcs that have a route open is within the gains of the cost without."""
    formulation = formulate(make_random_instance(seed, cyclic=bool(seed % 2)))
    structure, opened = formulation.structure, with_arcs(formulation, np.isfinite(formulation.latency_ms)).structure
    answer, before = solve_structure(structure, HiGHS())
    _, after = solve_structure(opened, HiGHS())
    gains = arc_gains(structure, answer.prices, _priced_arcs(formulation))
    fresh = opened.admitted & ~structure.admitted
    size = max(abs(before.objective), 1.0)
    assert before.objective - after.objective <= gains[fresh].sum() + 1e-6 * size


def test_chunks_of_demands_change_no_gain(make_random_instance, monkeypatch):
    """Tests that gains are the same to the last bit when one demand is held at a time."""
    structure = formulate(make_random_instance(1)).structure
    answer, _ = solve_structure(replace(structure, unserved_cost=structure.unserved_cost / 2), HiGHS())
    whole = arc_gains(structure, answer.prices)
    monkeypatch.setattr(module, "_AT_A_TIME", 1)
    np.testing.assert_array_equal(arc_gains(structure, answer.prices), whole)


@pytest.mark.parametrize("seed", SEEDS)
def test_arcs_that_are_there_gain_nothing_in_any_mode(make_random_instance, seed):
    """Tests the same of every mode, all of which serve the demand of their workload."""
    formulation = formulate(with_random_modes(make_random_instance(seed, cyclic=bool(seed % 2)), seed))
    structure = formulation.structure
    answer, _ = solve_structure(structure, HiGHS())
    gains = arc_gains(structure, answer.prices, _priced_arcs(formulation))
    size = float(np.abs(answer.prices.demand) @ structure.demand_amount)
    assert gains[structure.admitted].max(initial=0.0) <= 1e-6 * size
    asking = np.zeros((structure.classes, structure.origins), dtype=bool)
    asking[structure.demand_class, structure.demand_origin] = True
    free = arc_gains(structure, answer.prices, np.full(gains.shape, 2 * size))
    assert ((free > 0) == asking[structure.serves][:, :, None]).all()
