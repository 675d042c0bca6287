"""The master of the decomposition: which mix of the blocks' proposals keeps the caps at least cost.

    minimise  sum_bp cost_bp lambda_bp + high . over - low . under
    subject to  sum_p lambda_bp = 1                                       every block b
                sum_bp taken_bp lambda_bp - over + under <= limit         every cap
                lambda, over, under >= 0

The duals gamma of the caps lie in the box ``low <= gamma <= high`` ('boxstep': Marsten, Hogan and Blankenship,
Operations Research 23, 1975). The box keeps prices from leaping between two evaluations. Inside the box ``over = under
= 0``, and the mix keeps the caps. Costs are shares of the cost, caps shares of their sizes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csc_array

from placer.by_blocks.block_answer import PackedFlows
from placer.model.blocks import mixed
from placer.model.program import LinearProgram, blocks
from placer.solvers.highs import HiGHS
from placer.solvers.whole_program import solve_program

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
    promise : float
        The value of the master: no prices in the box have a higher lower bound, as far as the proposals tell.
    is_inside : bool
        Whether the mix keeps the caps and the prices lie inside their box.
    """

    cost: float
    penalty: float
    weights: list[FloatArray]
    prices: FloatArray
    promise: float
    is_inside: bool


def best_mix(
    proposals: Sequence[Sequence[Proposal]], limit: FloatArray, size: FloatArray, low: FloatArray, high: FloatArray
) -> Mix:
    """Return the cheapest mix of proposals, given those of every block.

    Parameters
    ----------
    proposals : sequence of sequence of Proposal
    limit, size, low, high : (caps,) arrays
        The limits, what they are measured against, and the box of prices.

    Raises
    ------
    NoSolutionError
        If the master has no proven answer.
    """
    flat = [each for those in proposals for each in those]
    cost = np.array([each.cost for each in flat])
    owner = np.repeat(np.arange(len(proposals)), [len(those) for those in proposals])
    unit = float(np.abs(cost).sum()) / max(len(flat) / len(proposals), 1.0) or 1.0
    taken, dropped = _without_least(np.array([each.taken for each in flat]) / size, owner)
    low = np.where(low * size > _LEAST * unit, low, 0.0)
    program = _program(cost / unit, owner, taken, limit / size - dropped, low, high, size / unit)
    solution, _ = solve_program(program, HiGHS())
    values, part = solution.point, program.col_blocks
    amount = np.maximum(values[part["mix"]], 0.0)
    amount = amount / np.bincount(owner, amount, len(proposals))[owner]
    slack = np.concatenate([values[part["over"]], values[part["under"]]])
    return Mix(
        cost=float(cost @ amount),
        penalty=float(np.array([each.penalty for each in flat]) @ amount),
        weights=np.split(amount, np.cumsum([len(those) for those in proposals])[:-1]),
        prices=np.clip(-solution.duals[program.row_blocks["cap"]] * unit / size, low, high),
        promise=float(program.cost @ values) * unit,
        is_inside=bool((slack <= _SPARE).all()),
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
    cost: FloatArray,
    owner: IntArray,
    taken: FloatArray,
    limit: FloatArray,
    low: FloatArray,
    high: FloatArray,
    per_price: FloatArray,
) -> LinearProgram:
    """Return the master in shares; ``per_price`` turns the prices of the box into shares."""
    count, caps, owners = len(cost), len(limit), int(owner[-1]) + 1
    cap_rows = owners + np.arange(caps)
    rows = np.concatenate([owner, np.tile(cap_rows, count), cap_rows, cap_rows])
    columns = np.concatenate([np.arange(count), np.repeat(np.arange(count), caps), count + np.arange(2 * caps)])
    entries = np.concatenate([np.ones(count), taken.ravel(), -np.ones(caps), np.ones(caps)])
    size = count + 2 * caps
    return LinearProgram(
        cost=np.concatenate([cost, high * per_price, -low * per_price]),
        matrix=csc_array(coo_array((entries, (rows, columns)), (owners + caps, size))),
        row_lower=np.concatenate([np.ones(owners), np.full(caps, -np.inf)]),
        row_upper=np.concatenate([np.ones(owners), limit - _SPARE]),
        col_lower=np.zeros(size),
        col_upper=np.full(size, np.inf),
        implied_upper=np.concatenate([np.ones(count), np.full(2 * caps, np.inf)]),
        row_blocks=blocks({"block": owners, "cap": caps}),
        col_blocks=blocks({"mix": count, "over": caps, "under": caps}),
    )
