"""The steps of a sweep without a program: find the arcs that gain, move demand whole, raise the limit.

``placer.ceiling.walk.sweep`` says when a flow stays optimal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from placer.ceiling.walk.columns import NOWHERE
from placer.ceiling.walk.proof import step_at
from placer.ceiling.walk.state import Position, SweepState, SweepTask
from placer.ceiling.walk.steps import Step, between, differ
from placer.utils.arrays import NOISE, IntArray


def missing_ways(task: SweepTask, state: SweepState) -> IntArray:
    """Return ways that the program lacks at the present limit: the best of nodes that cannot move whole.

    Before the first run, demand that cannot move whole is split over the arcs with room, so that the run starts from a
    flow that serves nearly the largest servable demand.
    """
    prices, node = state.prices, task.block.node
    shed = np.flatnonzero(prices.sheds)
    if len(shed) > task.parameters.entering:
        shed = shed[np.argsort(-task.block.demand[shed], kind="stable")[: task.parameters.entering]]
    nowhere = np.column_stack([shed, np.full((len(shed), 2), NOWHERE)])
    arcs = task.gaining(prices, 0, state.position.top)
    _move_all(task, state, arcs)
    if not state.program.runs:
        _fill(task, state, arcs)
    best = _best(task, state, arcs)
    return np.concatenate([nowhere, np.column_stack([node[best], best, prices.best(best)])])


def next_ways(task: SweepTask, state: SweepState, steps: list[Step]) -> tuple[SweepState, IntArray | None]:
    """Raise the limit until the program needs the ways of entering arcs; None if no arc is left."""
    tests, wanted = (
        state.tests,
        list[int](),
    )  # the tests as they are here: notes on the way may replace those of the state
    for first, last in _chunks(task, state.position):
        for arc in _gaining_by_any(task, state, first, last):
            node = int(task.block.node[arc])
            if arc >= state.position.top:
                if wanted:
                    return state, _ways(task, state, wanted)
                state = _risen(task, noted(task, state, steps), arc)
            if state.prices.more_by(arc, node) > task.tolerance:
                if not _move(task, state, arc):
                    wanted.append(arc)
            elif any(test.more_by(arc, node) > task.tolerance for test in tests.values()):
                if not state.weighting.by_levels:
                    return state.grown(task), _ways(task, state, wanted)
                for test in tests.values():
                    test.raise_to(arc, node)
    return state, _ways(task, state, wanted) if wanted else None


def noted(task: SweepTask, state: SweepState, steps: list[Step]) -> SweepState:
    """Append a step if the present flow or its bounds differ from the last step; return the new state."""
    state, now = step_at(task, state)
    before, leapt_from = steps[-1] if steps else None, state.position.leapt_from
    size, unit, parameters = task.demand * task.block.unit, task.block.unit, task.parameters
    if before is not None and not math.isnan(leapt_from):
        steps += [between(leapt_from, before, now, task.most_exported * unit, parameters.gap * size), now]
    elif before is None or differ(before, now, NOISE * size, parameters.gap * size):
        steps.append(now)
    return replace(state, position=replace(state.position, leapt_from=math.nan))


def _risen(task: SweepTask, state: SweepState, arc: int) -> SweepState:
    """Return the state at the limit where an arc enters, or at a later limit after the allowed iterations."""
    enter, limits, position = task.block.enter, task.limits, state.position
    limit, stride, leapt_from = float(enter[arc]), position.stride, position.leapt_from
    if state.program.iterations > task.iterations:
        place = int(np.searchsorted(limits, limit))
        stride = stride or max(1, (len(limits) - place) // task.parameters.leaps)
        further = float(limits[min(place + stride, len(limits)) - 1])
        if further > limit:
            leapt_from, limit = limit, further
    top = int(np.searchsorted(enter, limit, side="right"))
    return replace(
        state, position=replace(position, limit=limit, top=top, leapt_from=leapt_from, stride=stride, risen=True)
    )


def _chunks(task: SweepTask, position: Position) -> Iterator[tuple[int, int]]:
    """Yield stretches of the arcs beyond the present limit, each twice as long as the one before."""
    first, many = position.top, task.parameters.chunk
    while first < len(task.block.node):
        yield first, first + many
        first, many = first + many, 2 * many


def _gaining_by_any(task: SweepTask, state: SweepState, first: int, last: int) -> list[int]:
    """Return the arcs in [first, last) whose gain exceeds the value of their node, by the prices or by a test."""
    arcs = task.gaining(state.prices, first, last)
    for test in state.tests.values():
        arcs = np.union1d(arcs, task.gaining(test, first, last))
    return arcs.tolist()


def _ways(task: SweepTask, state: SweepState, wanted: list[int]) -> IntArray:
    """Return the best way over each arc."""
    arcs = np.array(wanted, dtype=int)
    return np.column_stack([task.block.node[arcs], arcs, state.prices.best(arcs)])


def _move_all(task: SweepTask, state: SweepState, arcs: IntArray) -> None:
    """Move all demand that can move whole to some arcs; skip a service once it has no room for a demand."""
    prices, block = state.prices, task.block
    service, node = block.service[arcs], block.node[arcs]
    free = np.flatnonzero((prices.least[service] == 0) & ~prices.held[node] & (prices.path[block.path[arcs]] == 0))
    if not free.size:
        return
    asking = arcs[free]
    moved = state.program.move_in_turn(asking[np.lexsort((-prices.more(asking), node[free]))], prices.option)
    if moved.size:
        for each in (prices, *state.tests.values()):
            each.raise_all(moved)


def _fill(task: SweepTask, state: SweepState, arcs: IntArray) -> None:
    """Send demand that could not move whole in parts: nodes with the fewest arcs first, each by its best arcs first."""
    waiting = arcs[state.program.known.key_arc[task.block.node[arcs]] == NOWHERE]
    if len(waiting):
        node = task.block.node[waiting]
        order = np.lexsort((-state.prices.more(waiting), node, np.bincount(node)[node]))
        state.program.send_by(waiting[order], state.weighting.levels[-1])


def _best(task: SweepTask, state: SweepState, arcs: IntArray) -> IntArray:
    """Return the arc with the largest gain of every node, of at most ``entering`` nodes by gain times demand."""
    more, node, demand = state.prices.more(arcs), task.block.node[arcs], task.block.demand
    most = np.full(len(demand), task.tolerance)
    np.maximum.at(most, node, more)
    best = np.full(len(most), -1)
    leads = np.flatnonzero((more == most[node]) & (more > task.tolerance))
    best[node[leads]] = arcs[leads]
    nodes = np.flatnonzero(best >= 0)
    entering = task.parameters.entering
    if len(nodes) > entering:
        worth = most[nodes] * demand[nodes]
        nodes = nodes[np.argpartition(-worth, entering)[:entering]]
    return best[nodes]


def _move(task: SweepTask, state: SweepState, arc: int) -> bool:
    """Move the whole demand of a node to an arc if it can, and raise the value of the node to the gain of the arc."""
    if not _moves_to(task, state, arc):
        return False
    node = int(task.block.node[arc])
    for each in (state.prices, *state.tests.values()):
        each.raise_to(arc, node)
    return True


def _moves_to(task: SweepTask, state: SweepState, arc: int) -> bool:
    """Move the whole demand of a node to an arc if no row with a price is touched and there is room."""
    block, prices, program = task.block, state.prices, state.program
    service, node = int(block.service[arc]), int(block.node[arc])
    if prices.held[node] or prices.least[service] or prices.path[block.path[arc]]:
        return False
    for option in range(task.first_option[service], task.first_option[service + 1]):
        if not prices.option[option] and program.has_room(node, arc, option):
            break
    else:
        return False
    program.move(node, arc, option)
    return True
