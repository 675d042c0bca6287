"""The master of the decomposition: which mix of the blocks' proposals keeps the caps at least cost.

    minimise  sum_bp cost_bp lambda_bp + high . over - low . under
    subject to  sum_p lambda_bp = 1                                       every block b
                sum_bp taken_bp lambda_bp - over + under <= limit         every cap
                lambda, over, under >= 0

The duals gamma of the caps lie in the box ``low <= gamma <= high`` ('boxstep': Marsten, Hogan and Blankenship,
Operations Research 23, 1975). Inside the box ``over = under = 0``, and the mix keeps the caps.

The differences between proposals that matter near the optimum are a millionth of the cost, or less. So the program is
written round some prices ``about`` in the box, where each block has a cheapest proposal, its base:

    minimise  sum_bp more_bp lambda_bp + (high - about) . over + (about - low) . under
    subject to  sum_p lambda_bp = 1                                                           every block b
                sum_bp (taken_bp - taken of base_b) lambda_bp - over + under = what is left   every cap

with ``more_bp`` how much dearer than its base a proposal is at these prices. Its duals are ``gamma - about``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csc_array

from placer.by_blocks.block_answer import PackedFlows
from placer.errors import NoSolutionError
from placer.model.blocks import mixed
from placer.model.program import LinearProgram, blocks
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.utils.arrays import FloatArray, IntArray

#: The share of its size that a cap is kept below its limit: what rounding may add.
_SPARE = 1e-9
#: Shares and prices below this count as 0, for solvers round coefficients that range over more.
_LEAST = 1e-8


@dataclass(frozen=True, eq=False)
class Proposal:
    """A placement of one block.

    Attributes
    ----------
    cost, penalty : float
        Without what caps charge; the penalty for unserved demand is part of the cost.
    taken : (caps,) array
        Use of the caps that have a limit.
    flows : PackedFlows
    evaluation : int
        Number of the evaluation that proposed it.
    """

    cost: float
    penalty: float
    taken: FloatArray
    flows: PackedFlows
    evaluation: int


@dataclass(frozen=True, eq=False)
class Mix:
    """The optimum of the master.

    Attributes
    ----------
    cost, penalty : float
        Of the mix.
    weights : list of array
        Of the proposals of every block; those of a block sum to 1.
    prices : (caps,) array
        ``gamma``.
    predicted : float
        The value of the master: no prices in the box have a higher lower bound, as far as the proposals tell.
    is_inside : bool
        Whether the mix keeps the caps and the prices lie inside their box.
    """

    cost: float
    penalty: float
    weights: list[FloatArray]
    prices: FloatArray
    predicted: float
    is_inside: bool


def best_mix(
    proposals: Sequence[Sequence[Proposal]],
    limit: FloatArray,
    size: FloatArray,
    box: tuple[FloatArray, FloatArray],
    about: FloatArray,
) -> Mix:
    """Return the cheapest mix of proposals, given those of every block.

    Parameters
    ----------
    proposals : sequence of sequence of Proposal
    limit, size : (shared caps,) arrays
        The limits, and what they are measured against.
    box : pair of (shared caps,) arrays
        The lowest and highest prices.
    about : (shared caps,) array
        Prices in the box at which the cheapest proposal of each block is its base.

    Raises
    ------
    NoSolutionError
        If the master has no solution. The mix needs no proof: the answer that it makes has its own.
    """
    flat, count = [each for those in proposals for each in those], len(proposals)
    owner = np.repeat(np.arange(count), [len(those) for those in proposals])
    cost, taken = np.array([each.cost for each in flat]), np.array([each.taken for each in flat])
    charged = cost + taken @ about
    base = np.lexsort((charged, owner))[np.searchsorted(owner, np.arange(count))]
    per_cap = size / count
    beyond, dropped = _without_least((taken - taken[base][owner]) / per_cap, owner)
    more = charged - charged[base][owner]
    worth = [np.maximum(each, 0.0) * per_cap for each in (about - box[0], box[1] - about)]
    unit = float(more.max()) or float(np.max(worth)) or 1.0
    low, high = (each / unit for each in worth)
    left = (limit - _SPARE * size - taken[base].sum(axis=0)) / per_cap - dropped
    program = _program(more / unit, owner, beyond, left, high, low)
    solution = HiGHS().solve(program)
    if solution.values is None or solution.row_duals is None:
        raise NoSolutionError(solution.termination.reason, f"master: {solution.termination.detail}")
    values, part = solution.values, program.col_blocks
    amount = np.maximum(values[part["mix"]], 0.0)
    amount = amount / np.bincount(owner, amount, count)[owner]
    prices = about - solution.row_duals[program.row_blocks["cap"]] * unit / per_cap
    is_kept = (values[part["over"]] <= _SPARE * count) & ((values[part["under"]] <= _SPARE * count) | (box[0] == 0))
    return Mix(
        cost=float(cost @ amount),
        penalty=float(np.array([each.penalty for each in flat]) @ amount),
        weights=np.split(amount, np.cumsum([len(those) for those in proposals])[:-1]),
        prices=np.clip(prices, *box),
        predicted=float(program.cost @ values) * unit + float(charged[base].sum() - about @ limit),
        is_inside=bool(is_kept.all()),
    )


def flows_of(proposals: Sequence[Proposal], weight: FloatArray) -> PackedFlows:
    """Return the mix of the proposals of one block, given the weight of each."""
    used = [(float(part), each.flows) for each, part in zip(proposals, weight, strict=True) if part > 0]
    return used[0][1] if len(used) == 1 else PackedFlows.of(mixed([(part, each.flows) for part, each in used]))


def _without_least(taken: FloatArray, owner: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return shares of caps with the least counted as 0, and what a mix may take of each cap beyond what it counts."""
    small = np.abs(taken) < _LEAST
    beyond = np.zeros((int(owner[-1]) + 1, taken.shape[1]))
    np.maximum.at(beyond, owner, np.where(small, taken, 0.0))
    return np.where(small, 0.0, taken), beyond.sum(axis=0)


def _program(
    cost: FloatArray, owner: IntArray, taken: FloatArray, limit: FloatArray, over: FloatArray, under: FloatArray
) -> LinearProgram:
    """Return the master; ``over`` and ``under`` are the costs of exceeding a cap and of staying below it."""
    count, caps, owners = len(cost), len(limit), int(owner[-1]) + 1
    cap_rows = owners + np.arange(caps)
    rows = np.concatenate([owner, np.tile(cap_rows, count), cap_rows, cap_rows])
    columns = np.concatenate([np.arange(count), np.repeat(np.arange(count), caps), count + np.arange(2 * caps)])
    entries = np.concatenate([np.ones(count), taken.ravel(), -np.ones(caps), np.ones(caps)])
    size = count + 2 * caps
    sides = np.concatenate([np.ones(owners), limit])
    return LinearProgram(
        cost=np.concatenate([cost, over, under]),
        matrix=csc_array(coo_array((entries, (rows, columns)), (owners + caps, size))),
        row_lower=sides,
        row_upper=sides,
        col_lower=np.zeros(size),
        col_upper=np.full(size, np.inf),
        implied_upper=np.concatenate([np.ones(count), np.full(2 * caps, np.inf)]),
        row_blocks=blocks({"block": owners, "cap": caps}),
        col_blocks=blocks({"mix": count, "over": caps, "under": caps}),
    )
