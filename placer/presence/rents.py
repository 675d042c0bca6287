"""Rents of accelerators with which models apart ask for little more than there is: from a program of one period.

    minimise  sum_khj y_khj (cost_khj + usd_j load_khj) + sum_kh u_kh unserved_kh
    subject to  sum_j y_khj + u_kh = 1,   sum_kh load_khj y_khj <= accelerators_j,   y, u >= 0

    cost_khj   sending and serving all demand of class k from hub h at j, work that waits at the mean price of the day
    load_khj   accelerators that it keeps busy in the busiest hour of its model; in the mean if it waits

The duals of the second rows are the rents. Any rents prove a bound, so nothing here is trusted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csc_array

from placer.model.program import LinearProgram, blocks
from placer.solvers.highs import HiGHS
from placer.utils.arrays import FloatArray, IntArray, sums_by

if TYPE_CHECKING:
    from placer.presence.apart import Shared
    from placer.presence.question import Question


def accelerator_rents(question: Question, shared: Shared) -> FloatArray:
    """Return the rents of accelerators of replicas that are the same in all hours (j, 1); 0 if none are found."""
    structure = question.structure
    limit, nothing = question.accelerators[:, 0], np.zeros_like(question.accelerators)
    limited = np.flatnonzero(np.isfinite(limit))
    pairs, pair = np.unique(structure.demand_pair, return_inverse=True)
    arc = np.flatnonzero(np.isin(structure.arc_pair, pairs))
    row = np.searchsorted(pairs, structure.arc_pair[arc])
    cost, load = _of_arcs(question, shared, arc, row, pair)
    per_accelerator = question.usd[:, :, 0] / question.size[:, None]
    klass, site = structure.arc_class[arc], structure.arc_site[arc]
    cost = cost + load * per_accelerator[question.model[klass], site]
    unserved = sums_by(pair, structure.demand_amount, len(pairs)) * structure.unserved_cost[pairs // structure.origins]
    place = np.full(structure.sites, -1)
    place[limited] = np.arange(len(limited))
    counted = place[site] >= 0
    columns, rows = np.arange(len(arc)), len(pairs)
    entries = (
        np.concatenate([np.ones(len(arc)), load[counted], np.ones(rows)]),
        (
            np.concatenate([row, rows + place[site[counted]], np.arange(rows)]),
            np.concatenate([columns, columns[counted], len(arc) + np.arange(rows)]),
        ),
    )
    count = len(arc) + rows
    upper = np.concatenate([np.ones(rows), limit[limited]])
    lower = np.concatenate([np.ones(rows), np.full(len(limited), -np.inf)])
    program = LinearProgram(
        cost=np.concatenate([cost, unserved]),
        matrix=csc_array(coo_array(entries, shape=(len(upper), count))),
        row_lower=lower,
        row_upper=upper,
        col_lower=np.zeros(count),
        col_upper=np.full(count, np.inf),
        implied_upper=np.ones(count),
        row_blocks=blocks({"demand": rows, "site": len(limited)}),
        col_blocks=blocks({"y": len(arc), "u": rows}),
    )
    found = HiGHS().solve(program)
    if found.row_duals is None:
        return nothing
    rents = nothing.copy()
    rents[limited, 0] = np.maximum(-found.row_duals[rows:], 0.0)
    return rents


def _of_arcs(
    question: Question, shared: Shared, arc: IntArray, row: IntArray, pair: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return what all demand of a pair costs over some arcs, and the accelerators that it keeps busy."""
    structure = question.structure
    klass, site = structure.arc_class[arc], structure.arc_site[arc]
    amount = np.zeros((int(pair.max(initial=-1)) + 1, structure.periods))
    np.add.at(amount, (pair, structure.demand_period), structure.demand_amount)
    waits = structure.window > 0
    mean = amount.mean(axis=1, keepdims=True)
    spread = np.where(waits[structure.demand_class[_first_of(pair)]][:, None], mean, amount)
    owner = question.model[structure.demand_class[_first_of(pair)]]
    total = np.zeros((len(question.size), structure.periods))
    np.add.at(total, owner, spread)
    busiest = total.argmax(axis=1)[owner]
    cost = shared.arc[arc] * amount.sum(axis=1)[row] + (spread[row] * shared.service[klass, site]).sum(axis=1)
    hour = busiest[row]
    return cost, spread[row, hour] * structure.use[klass, site] / question.hours[site, hour]


def _first_of(pair: IntArray) -> IntArray:
    """Return the first demand of every pair."""
    return np.unique(pair, return_index=True)[1]
