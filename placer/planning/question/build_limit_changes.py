"""Infeasible build limits, and the least change of them that admits a plan.

    minimise  sum_l over_l / size_l     A z - over <= L,  0 <= z <= most,  over >= 0

with size_l the larger of the amount and the largest use by a unit of any candidate. Cuts that exclude units at which a
state has no placement (``placer.planning.costs.unmet_states``) are not elastic.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array

from placer.errors import InfeasibleBuildLimitsError, RowChange
from placer.ladder.whole_program import solve_program
from placer.model.edits import with_slacks
from placer.model.program import LinearProgram, blocks
from placer.planning.question.plan_program import PlanProgram
from placer.solvers.highs import HiGHS
from placer.termination import Reason
from placer.tolerances import SOLVER


def _given(problem: PlanProgram) -> list[tuple[str, float, float]]:
    """Return name, sign and amount of every row: build limits, and limits on unserved protected work."""
    limits = problem.build_limits
    given = list(zip(limits.names, problem.sign.tolist(), limits.amount.tolist(), strict=True))
    states = (problem.protected[cut.state] for cut in problem.survival_cuts)
    return given + [(f"unserved protected Mtok of state {each.state.name}", 1.0, each.most_mtok) for each in states]


def _largest_by_row(changes: list[RowChange]) -> list[RowChange]:
    """Return the largest change of each side of a row: limits on unserved work have one for each cut."""
    largest: dict[tuple[str, str], RowChange] = {}
    for each in changes:
        before = largest.setdefault((each.row, each.side), each)
        largest[each.row, each.side] = max(each, before, key=lambda change: abs(change.needed - change.given))
    return list(largest.values())


def check_build_limits(problem: PlanProgram) -> None:
    """Raise an error if no plan keeps the build limits.

    Raises
    ------
    InfeasibleBuildLimitsError
        If no plan keeps them; the error holds the least change that admits a plan.
    """
    count = len(problem.amount)
    if not count:
        return
    fixed = count - len(problem.unmet_cuts)
    size = np.maximum(np.abs(problem.amount), np.abs(problem.takes).max(axis=1, initial=0.0))
    size = np.where(size > 0, size, 1.0)
    units = len(problem.most)
    program = LinearProgram(
        cost=np.zeros(units),
        matrix=csc_array(problem.takes / size[:, None]),
        row_lower=np.full(count, -np.inf),
        row_upper=problem.amount / size,
        col_lower=np.zeros(units),
        col_upper=problem.most,
        implied_upper=np.full(units, np.inf),
        row_blocks=blocks({"limits": count}),
        col_blocks=blocks({"z": units}),
    )
    every, most = np.arange(count), np.where(np.arange(count) < fixed, np.inf, 0.0)
    solution, _ = solve_program(with_slacks(program, "over", every, -1.0, np.ones(count), most), HiGHS())
    over = solution.point[units:]
    changes = [
        RowChange(
            row=name,
            side="upper" if sign > 0 else "lower",
            given=float(given),
            needed=float(given + sign * by * unit),
        )
        for (name, sign, given), by, unit in zip(_given(problem), over[:fixed], size[:fixed], strict=True)
        if by > SOLVER
    ]
    if changes:
        detail = "no plan keeps all build limits"
        raise InfeasibleBuildLimitsError(Reason.INFEASIBLE, detail, _largest_by_row(changes))
