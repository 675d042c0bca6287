"""Linear programs with columns that must be integers: branch and bound by HiGHS.

Nothing that it answers is proven by placer. Its point is made a certified one by solving the linear program with the
integers fixed; its bound on the cost is HiGHS' own word, and whoever passes it on says so.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import highspy
import numpy as np

from placer.model.program import LinearProgram, defects
from placer.model.scaling import magnitude_range, scale_around
from placer.solvers.highs import STATUS, HiGHS, arrays_of
from placer.solvers.interrupt import run
from placer.termination import Reason, Termination
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.solver_limits import WIDEST_RANGE

#: How far from an integer HiGHS may take a value for one. Its own 1e-6 lets a thousandth of a limit of 1,000 pass
#: through a site that is closed.
_WHOLE = 1e-9


@dataclass(frozen=True, eq=False)
class IntegerSolution:
    """The answer of branch and bound.

    Attributes
    ----------
    values : (columns,) array, or None
        The best point found, whole where it must be; None if there is none.
    bound : float
        Lower bound on the cost of every point: HiGHS' word; -inf if there is none.
    nodes : int
        Nodes of the tree.
    """

    termination: Termination
    values: FloatArray | None = None
    bound: float = -math.inf
    nodes: int = -1
    seconds: float = 0.0


def branch_and_bound(program: LinearProgram, integer: BoolArray, solver: HiGHS, gap: float) -> IntegerSolution:
    """Answer a linear program some of whose columns must be integers.

    Parameters
    ----------
    program : LinearProgram
        Not scaled.
    integer : (columns,) bool array
        Which columns must be integers.
    solver : HiGHS
        Its time limit and options hold; its method is of no use.
    gap : float
        The relative gap at which the search may stop.
    """
    started = time.perf_counter()
    if found := defects(program):
        return IntegerSolution(Termination(Reason.FAILED, f"not given to HiGHS: {'; '.join(found)}"))
    scaled, scales = scale_around(program, integer)
    if (spread := magnitude_range(scaled)) > WIDEST_RANGE:
        detail = f"coefficients range over {spread:.1e}, more than {WIDEST_RANGE:g}"
        return IntegerSolution(Termination(Reason.FAILED, detail))
    engine = solver.new_engine()
    settings = {"mip_rel_gap": gap, "mip_abs_gap": 0.0, "mip_feasibility_tolerance": _WHOLE}
    # 'choose': any other method makes HiGHS ignore that columns are whole.
    for name, value in settings.items() | {("solver", "choose")}:
        if name not in solver.options:
            engine.setOptionValue(name, value)
    arrays = arrays_of(scaled)[:-1]
    if engine.passModel(*arrays, integer.astype(np.int32)) != highspy.HighsStatus.kOk:
        return IntegerSolution(Termination(Reason.FAILED, "HiGHS refused the program"))
    failed = run(engine) == highspy.HighsStatus.kError
    status, information = engine.getModelStatus().name, engine.getInfo()
    reason = Reason.FAILED if failed else STATUS[status]
    has_point = information.primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    values = np.array(engine.getSolution().col_value, dtype=float) * scales.column / scales.size if has_point else None
    if values is not None:
        values[integer] = np.round(values[integer]) + 0.0  # never -0
    return IntegerSolution(
        Termination(reason, f"HiGHS branch and bound: {status}"),
        values=values,
        bound=float(information.mip_dual_bound) / (scales.cost * scales.size),
        nodes=int(information.mip_node_count),
        seconds=time.perf_counter() - started,
    )
