"""The least change of an amount that is a coefficient: a limit of a ratio of two counts.

With counts C_r(x) and wholes W_r(x) >= 0 of every row r, and a limit of at most an amount,

    a* = min { a :  C_r(x) <= a W_r(x) for all r,  for some x of the other rows }

For a given a, a linear program tells whether such an x exists:

    v(a) = min sum_r slack_r        subject to   C_r(x) - a W_r(x) <= slack_r,   all other rows

v falls in a, so that the a with v(a) = 0 are those from a* on. Every x met on the way is one for a = max_r C_r(x) /
W_r(x), over the rows with W_r(x) > 0: that is Dinkelbach's step, and it closes in on a* faster than halving alone. The
search ends where an amount nearer by the tolerance is impossible. A limit of at least an amount is the mirror image.

Source: W. Dinkelbach, On nonlinear fractional programming, Management Science 13 (1967).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from placer.model.edits import with_cost, with_slacks
from placer.model.program import LinearProgram
from placer.tolerances import PROOF, SOLVER
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class RatioLimit:
    """A limit of a ratio in a linear program.

    Attributes
    ----------
    program_with : callable
        Function from an amount in [0, 1] to the program with the rows at that amount, each written ``<= 0``.
    rows : (r,) int array
        Positions of the rows of the limit, the same for every amount.
    sign : float
        1 for at most, -1 for at least.
    given : float
        The amount as it is, at which the program is infeasible.
    """

    program_with: Callable[[float], LinearProgram]
    rows: IntArray
    sign: float
    given: float


def nearest_amount(limit: RatioLimit, solve: Callable[[LinearProgram], FloatArray]) -> float:
    """Return the amount nearest to the given one with which the program is feasible, to ``PROOF``.

    Parameters
    ----------
    limit : RatioLimit
        Feasible with the amount 1 if it is one of at most, 0 if it is one of at least.
    solve : callable
        Returns a proven point of a program.

    Raises
    ------
    NoSolutionError
        From ``solve``.
    """
    at_0, at_1 = (csr_array(limit.program_with(amount).matrix)[limit.rows] for amount in (0.0, 1.0))
    counts, wholes = limit.sign * at_0, limit.sign * (at_0 - at_1)
    far, near, probing = limit.given, 1.0 if limit.sign > 0 else 0.0, False
    trial = far
    while True:
        point = _least_violating(limit, trial, solve)
        whole = np.asarray(wholes @ point)
        # The ratio of a whole that is rounding is one of nothing.
        met = whole > SOLVER * whole.max(initial=0.0)
        ratios = limit.sign * np.asarray(counts @ point)[met] / whole[met]
        reached = limit.sign * float(ratios.max()) if len(ratios) else trial
        if limit.sign * (reached - trial) > PROOF / 8:
            far = trial
        near = min(near, reached, key=lambda amount: limit.sign * amount)
        if limit.sign * (near - far) <= PROOF:
            return near
        probing = not probing
        trial = near - limit.sign * PROOF / 2 if probing else (near + far) / 2


def _least_violating(limit: RatioLimit, amount: float, solve: Callable[[LinearProgram], FloatArray]) -> FloatArray:
    """Return a point with the least sum of slacks with which the rows hold at an amount."""
    program, count = limit.program_with(amount), len(limit.rows)
    most = np.asarray(abs(program.matrix) @ program.implied_upper)[limit.rows]
    elastic = with_slacks(with_cost(program, {}), "slack", limit.rows, -1.0, np.ones(count), most)
    return solve(elastic)[: elastic.col_blocks["slack"].start]
