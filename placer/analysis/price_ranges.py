"""Ranges of prices: the saving of one Mtok less of a demand, and the cost of one more, with columns on demand.

If the duals of an optimum are not unique, a price is one of many. The left and right derivatives of the least cost with
respect to one demand bound the price. They are the optima of the program of feasible directions at a placement of least
cost: a row or column at its side may only leave it, others may move either way. That program is solved over the columns
of low surplus. Its duals price every arc, and columns of negative reduced cost are added until there is none: the
derivative is then that of the whole program.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.analysis.directions import Directions, no_shift
from placer.errors import Violation, refuse
from placer.instance.arguments import need_plain_placement
from placer.ladder.named import program_solver_of
from placer.model.program import Solver
from placer.running import running
from placer.solvers.highs import HiGHS

if TYPE_CHECKING:
    from placer.placement.result import Placement


def price_ranges(
    placement: Placement,
    demands: Iterable[int | tuple[str, str, int]],
    solver: Solver | str | None = None,
    *,
    time_limit_seconds: float = math.inf,
) -> pd.DataFrame:
    """Return the price range of some demands: what one Mtok less saves, and what one Mtok more costs.

    Parameters
    ----------
    placement : Placement
    demands : iterable of int or (workload, hub, hour)
        Positions or labels in ``placement.prices``.
    solver : Solver, optional
        ``placer.HiGHS()`` if not given.
    time_limit_seconds : float
        As in ``placer.running``.

    Returns
    -------
    DataFrame
        Rows of ``placement.prices`` with ``low_usd_per_mtok`` and ``high_usd_per_mtok``. A demand of 0 Mtok has no low.
        An end is infinite where the limits allow no Mtok less, or no Mtok more.

    Raises
    ------
    InstanceError
        If a position or label is not one of ``placement.prices``.
    NoSolutionError
        If a range cannot be proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> placement = placer.solve(placer.load("tiny"))
    >>> placer.price_ranges(placement, [0, placement.prices.index[1]]).shape
    (2, 2)
    """
    need_plain_placement(placement, "price_ranges")
    chosen = program_solver_of(solver, "price_ranges")
    labels = placement.prices.index
    positions = _positions(labels, list(demands))
    with running(time_limit_seconds=time_limit_seconds):
        directions = Directions(placement, chosen or HiGHS())
        rows = [(_saved_by_less(directions, position), _slope(directions, position, 1.0)) for position in positions]
    return pd.DataFrame(rows, index=labels[positions], columns=["low_usd_per_mtok", "high_usd_per_mtok"])


def _saved_by_less(directions: Directions, position: int) -> float:
    """Return the saving per Mtok less of a demand; NaN for a demand of 0."""
    asks = directions.structure.demand_amount[position] > 0
    return -_slope(directions, position, -1.0) if asks else math.nan


def _slope(directions: Directions, position: int, change: float) -> float:
    """Return the change of the least cost per Mtok of a demand that grows (1) or shrinks (-1) a little."""
    demand = np.zeros(len(directions.structure.demand_amount))
    demand[position] = change
    return directions.slope(no_shift(directions.structure, demand))


def _positions(index: pd.Index, demands: list[int | tuple[str, str, int]]) -> list[int]:
    """Return the positions of demands given by position or label."""
    labels = {label: position for position, label in enumerate(index)}
    found, problems = [], []
    for number, demand in enumerate(demands):
        if isinstance(demand, tuple) and demand in labels:
            found.append(labels[demand])
        elif isinstance(demand, (int, np.integer)) and not isinstance(demand, bool) and 0 <= demand < len(index):
            found.append(int(demand))
        else:
            allowed = f"a position from 0 to {len(index) - 1}, or a label such as {index[0]}"
            problems.append(
                Violation("price_ranges", str(number), "demands", f"{demand!r} is not in placement.prices", allowed)
            )
    refuse(problems)
    return found
