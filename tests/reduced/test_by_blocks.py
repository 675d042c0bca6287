"""Blocks of a whole near prices of a smaller structure: feasible, proven, with what blocks share kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.by_blocks.dispatch import lay_out
from placer.errors import NoSolutionError
from placer.ladder.proven import SolverChoice
from placer.model.formulation import formulate
from placer.model.loads import loads
from placer.reduced import block_tasks
from placer.reduced import carried as carried_module
from placer.reduced.block_columns import BlockColumns
from placer.reduced.by_blocks import carried_by_blocks, carried_in_processes
from placer.reduced.laid import laid_duals, places_of
from placer.utils.processes import InThisProcess
from placer.utils.tasks import Dispatcher
from tests.effort import tries


def carry(reduced, gap=1e-3):
    """Return what the days of a smaller instance say of the blocks of the whole, and the placement of the days."""
    small, whole = placer.solve(reduced.instance, tie_break=None), formulate(reduced.whole)
    places = places_of(reduced, whole, small.formulation)
    blocks, laid = lay_out(whole.structure, None, None), laid_duals(places, whole.structure, small.answer.prices)
    columns = BlockColumns.of(whole.structure, blocks.spans, places, small.formulation.structure, small.answer.point)
    return carried_by_blocks(blocks, laid, columns, gap, Dispatcher(InThisProcess(), 1)), whole.structure


def assert_holds(reduced, gap=1e-3):
    """Assert that the answer keeps every limit, and that the least cost of the whole lies in the interval."""
    found, structure = carry(reduced, gap)
    least = placer.solve(reduced.whole, tie_break=None).certificate.objective
    close = 1e-7 * max(abs(least), 1.0)
    assert found.certificate.feasible, found.certificate.failures
    assert found.laid_bound <= found.certificate.bound + close
    assert found.certificate.bound <= least + close <= found.certificate.objective + 2 * close
    return found, structure


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(4, 200)))
def test_interval_holds_the_least_cost(make_days, seed):
    """Tests days that differ much, from few representatives; all days as representatives leave no gap."""
    whole = make_days(seed, cyclic=bool(seed % 2))
    assert_holds(whole.representative_days(1 + seed % 3))
    assert assert_holds(whole.representative_days(4))[0].certificate.gap < 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.7, 0.95, 1.2])
@pytest.mark.parametrize("seed", range(tries(2, 60)))
def test_limits_that_days_share_are_kept(make_days, seed, part):
    """Tests caps on carbon and water, and a limit of one's own, that bind or not."""
    whole = make_days(seed)
    free = placer.solve(whole, tie_break=None)
    whole = whole.replace(carbon_limit_kg=part * free.carbon_kg)
    assert_holds(whole.representative_days(2))
    limit = {"limit": "west", "kind": "tokens", "sense": "<=", "amount": part * free.served_mtok / 2, "region": "w"}
    both = whole.replace(water_limit_litres=part * free.water_litres + 1, limits=[limit])
    found, structure = assert_holds(both.representative_days(2))
    capped = loads(structure, found.answer.point).capped
    assert (capped <= structure.cap_limit * (1 + 1e-7)).all()


@pytest.mark.slow
def test_limit_that_nothing_keeps_is_an_error(make_days):
    """Tests that a limit of at least an amount, which no answer of the blocks reaches, is told."""
    whole = make_days(1)
    most = {"limit": "west", "kind": "tokens", "sense": ">=", "amount": 1.0, "region": "w"}
    reduced = whole.replace(limits=[most]).representative_days(2)
    assert_holds(reduced)
    tall = whole.replace(limits=[most | {"amount": 1e5}])
    with pytest.raises(NoSolutionError):
        carry(replace(reduced, whole=tall))


@pytest.mark.slow
def test_large_blocks_take_masters(make_days, monkeypatch):
    """Tests blocks that take the masters of column generation over the columns of other days."""
    for module in (block_tasks, carried_module):
        monkeypatch.setattr(module, "BY_SIZE", SolverChoice(large_from=0))
    for seed in range(tries(3, 30)):
        assert_holds(make_days(seed).representative_days(2))


def test_gap_that_is_left_is_told(make_days, monkeypatch):
    """Tests that an answer with a gap says that it is not of least cost."""
    monkeypatch.setattr(carried_module, "ROUNDS", 1)
    found, _ = carry(make_days(3).representative_days(1), gap=0.5)
    assert (found.answer.termination.reason == "optimal") == found.certificate.proven
    assert "4 blocks near known prices" in found.answer.termination.detail


@pytest.mark.slow
def test_processes_give_the_same(make_days):
    """Tests that two processes return the interval that one does."""
    reduced = make_days(2).representative_days(2)
    small, whole = placer.solve(reduced.instance, tie_break=None), formulate(reduced.whole)
    places = places_of(reduced, whole, small.formulation)
    laid = laid_duals(places, whole.structure, small.answer.prices)
    ends = [
        (each.certificate.objective, each.certificate.bound, each.laid_bound)
        for workers in (1, 2)
        for each in [carried_in_processes(whole.structure, laid, places, small, 1e-3, workers)]
    ]
    assert ends[0] == ends[1]
