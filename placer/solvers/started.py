"""HiGHS' simplex method from a basis, for a program that differs little from one that was solved before.

The basis may be of another program: where it holds too many or too few basic variables, HiGHS mends it. Nothing is
trusted: the caller proves the answer, and a second attempt starts from nothing.
"""

from __future__ import annotations

import math
import time

import highspy
import numpy as np

from placer.model.program import LinearProgram, LPSolution, Solver, defects
from placer.solvers.highs import APART_FROM, HiGHS, answer_of_engine, arrays_of
from placer.solvers.simplex import Basis
from placer.termination import Reason, Termination
from placer.utils.arrays import IntArray

_STATUSES = sorted(highspy.HighsBasisStatus.__members__.values(), key=int)
#: Numbers of HiGHS for a variable at its lower bound, and for a basic one.
LOWER, BASIC = int(highspy.HighsBasisStatus.kLower), int(highspy.HighsBasisStatus.kBasic)
#: Options of HiGHS from a basis: it is near the optimum, and no presolve may throw it away.
_FROM_BASIS = {"presolve": "off", "simplex_strategy": 4}


class StartedHiGHS:
    """HiGHS from a basis for the first program, and from nothing for every other.

    Parameters
    ----------
    start : Basis or None
        None: from nothing.

    Attributes
    ----------
    end : Basis or None
        Where the last run ended; None if not at an optimum.
    """

    name = "HiGHS simplex"
    time_limit_seconds = math.inf

    def __init__(self, start: Basis | None) -> None:
        self._start = start
        self.end: Basis | None = None

    def fallbacks(self) -> tuple[Solver, ...]:
        """HiGHS as it is asked for without a basis, and its other methods."""
        return HiGHS(), *HiGHS().fallbacks()

    def solve(self, program: LinearProgram) -> LPSolution:
        """Answer the program, and keep the basis at the end.

        A large program is not presolved, since no signal is heard meanwhile.
        """
        started, start = time.perf_counter(), self._start
        self._start = self.end = None
        if found := defects(program):
            return LPSolution(Termination(Reason.FAILED, f"not given to HiGHS: {'; '.join(found)}"))
        options = _FROM_BASIS if start is not None else {}
        if start is None and program.matrix.nnz >= APART_FROM:
            options = {"presolve": "off"}
        engine = HiGHS(options=options).new_engine()
        engine.passModel(*arrays_of(program))
        if start is not None:
            engine.setBasis(_of_highs(start))
        solution = answer_of_engine(engine, "simplex", started)
        if solution.values is not None:
            basis = engine.getBasis()
            self.end = Basis(_numbers(basis.col_status), _numbers(basis.row_status))
        return solution


def _of_highs(basis: Basis) -> highspy.HighsBasis:
    found = highspy.HighsBasis()
    found.col_status = [_STATUSES[status] for status in basis.columns.tolist()]
    found.row_status = [_STATUSES[status] for status in basis.rows.tolist()]
    found.valid = found.alien = True
    return found


def _numbers(statuses: list[highspy.HighsBasisStatus]) -> IntArray:
    return np.array([int(status) for status in statuses], dtype=np.int8)
