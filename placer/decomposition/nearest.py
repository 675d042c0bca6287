"""The point nearest to another one among the points that cost at most some level by the cuts.

    minimise    sum_r u_r / size_k(r)
    rows        those of the master, and    c z + (measure of theta) <= level
    distance    -u <= z - centre <= u

``size_k`` is the sum of the units at the centre that add to the same kind of limit, so that the distance is the sum of
the changed parts of each kind. (Level methods: Lemarechal, Nemirovskii, Nesterov, Mathematical Programming 69, 1995.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import block_array, coo_array, csc_array, eye_array

from placer.decomposition.family import Problem
from placer.decomposition.master import Cuts, solve_over
from placer.model.program import LinearProgram, blocks
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class NearestPoint:
    """The nearest point.

    Attributes
    ----------
    z : (variables,) array
    theta : (members,) array
        Costs of the members that keep the level; at least the cuts given.
    """

    z: FloatArray
    theta: FloatArray


def solve_nearest(problem: Problem, cuts: Cuts, floor: FloatArray, centre: FloatArray, level: float) -> NearestPoint:
    """Return the point nearest to a centre that keeps the rows and costs at most a level by the cuts.

    Parameters
    ----------
    cuts, floor
        As of ``solve_master``.
    centre : (variables,) array
    level : float
        USD a year.

    Raises
    ------
    NoSolutionError
        If every point costs more by the cuts, or the answer is not proven.
    """

    def near(master: LinearProgram, constant: float) -> LinearProgram:
        return _nearest_program(problem, master, centre, level - constant)

    program, _, solution, _ = solve_over(problem, cuts, floor, np.zeros(len(centre)), problem.most, near)
    z, costs = (solution.point[program.col_blocks[name]] for name in ("z", "t"))
    return NearestPoint(np.clip(z, 0.0, problem.most), floor + costs)


def _nearest_program(problem: Problem, master: LinearProgram, centre: FloatArray, level: float) -> LinearProgram:
    """Return the program of the nearest point to a centre whose cost is at most a level, without constant terms."""
    count, columns = len(centre), len(master.cost)
    size = abs(level) or 1.0
    identity = eye_array(count, columns)
    matrix = [
        [master.matrix, None],
        [coo_array(master.cost[None, :] / size), None],
        [identity, -eye_array(count)],
        [identity, eye_array(count)],
    ]
    open_side = np.full(count, np.inf)
    last = {"u": slice(columns, columns + count)}
    return LinearProgram(
        cost=np.concatenate([np.zeros(columns), 1.0 / _sizes(problem, centre)]),
        matrix=csc_array(block_array(matrix)),
        row_lower=np.concatenate([master.row_lower, [-np.inf], -open_side, centre]),
        row_upper=np.concatenate([master.row_upper, [level / size], centre, open_side]),
        col_lower=np.concatenate([master.col_lower, np.zeros(count)]),
        col_upper=np.concatenate([master.col_upper, open_side]),
        implied_upper=np.concatenate([master.implied_upper, open_side]),
        row_blocks=blocks({"all": len(master.row_lower) + 1 + 2 * count}),
        col_blocks=dict(master.col_blocks) | last,
    )


def _sizes(problem: Problem, centre: FloatArray) -> FloatArray:
    """Return the units at the centre that add to the kind of limit of each variable; if 0, the most possible."""
    kinds = np.array(problem.kinds)
    sizes = np.empty(len(centre))
    for kind in set(problem.kinds):
        alike = kinds == kind
        sizes[alike] = centre[alike].sum() or problem.most[alike].sum() or 1.0
    return sizes
