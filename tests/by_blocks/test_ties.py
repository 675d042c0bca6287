"""Ties where blocks share a cap: broken within each block, at the same cost, and no word of proof too much."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.block_answer import PackedFlows
from placer.by_blocks.dispatch import changes_of, lay_out
from placer.by_blocks.solve_blocks import solve_blocks
from placer.by_blocks.ties import WITHIN_BLOCKS, SharedCapPrices, TieTask, choose_in_blocks
from placer.ladder.proven import solve_structure
from placer.least_cost.tie_break import break_ties, round_trips
from placer.model.blocks import taken_of_caps
from placer.model.loads import cost_of
from tests.effort import PATIENCE_SECONDS


def _with_carbon(formulation, part):
    """Return the formulation with a carbon cap of a part of what the placement without one emits."""
    free, _, _ = solve_blocks(formulation, None, 1, None)
    limit = part * taken_of_caps(formulation.structure, free.point)[0]
    return replace(formulation, structure=replace(formulation.structure, cap_limit=np.array([limit, np.inf])))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_ties_are_broken_within_blocks(make_blocks, seed):
    """Tests that cost and use of the cap stay, and that no round trip is longer than as found."""
    capped = _with_carbon(make_blocks(seed), 0.8)
    structure, objective = capped.structure, round_trips(capped)
    found, _, none = solve_blocks(capped, None, 1, None)
    chosen, certificate, choice = solve_blocks(capped, None, 1, "round_trip")
    assert none is None
    assert certificate.proven
    assert cost_of(structure, chosen.point) == pytest.approx(cost_of(structure, found.point), rel=1e-7)
    assert taken_of_caps(structure, chosen.point)[0] <= structure.cap_limit[0] * (1 + 1e-7)
    assert objective.of(chosen.point) <= objective.of(found.point) * (1 + 1e-7)
    assert choice.mtok_ms == pytest.approx(objective.arc[chosen.point.arc] @ chosen.point.amount)
    assert not choice.proven
    assert WITHIN_BLOCKS in choice.detail


def test_a_cap_without_a_price_leaves_the_choice_proven(make_blocks):
    """Tests the round trip of the whole program where the cap allows more than any placement takes."""
    capped = _with_carbon(make_blocks(1), 100.0)
    _, _, choice = solve_blocks(capped, None, 1, "round_trip")
    _, _, expected = break_ties(capped, *solve_structure(capped.structure, placer.HiGHS()))
    assert choice.proven, choice.detail
    assert choice.mtok_ms == pytest.approx(expected.mtok_ms, rel=1e-5)


def _task_of_first_block(formulation, until, lowered=0.0):
    """Return the task of the first block, its prices of power lowered by a part."""
    blocks = lay_out(formulation.structure, None, None)
    answer, _ = solve_structure(blocks.common.value.base, placer.HiGHS())
    none = np.zeros(0, dtype=int)
    prices = replace(answer.prices, balance=answer.prices.balance * (1 - lowered))
    return TieTask(
        common=blocks.common,
        objective=round_trips(formulation),
        caps=SharedCapPrices(none, none, np.zeros(0)),
        changes=changes_of(blocks, range(1)),
        found=[(PackedFlows.of(answer.point), prices)],
        until=until,
    )


def test_time_is_over(make_blocks):
    """Tests that a block stays as it was found once the time is over."""
    task = _task_of_first_block(make_blocks(0), time.time() - 1)
    ((flows, choice),) = choose_in_blocks(task)
    assert flows is task.found[0][0]
    assert choice.detail == "the time limit was reached"


def test_a_block_that_costs_more_than_its_prices_prove_stays_as_found(make_blocks):
    """Tests that ties are broken at the duals of the block, and not where these leave some of its cost unproven."""
    ((_, chosen),) = choose_in_blocks(_task_of_first_block(make_blocks(0), time.time() + PATIENCE_SECONDS))
    assert chosen.proven
    task = _task_of_first_block(make_blocks(0), time.time() + PATIENCE_SECONDS, 1e-8)
    ((flows, choice),) = choose_in_blocks(task)
    assert flows is task.found[0][0]
    assert "at the prices of caps" in choice.detail
