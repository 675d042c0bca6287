"""Proof of the secure ceiling over all demands, by the bound with its inner minimum (``placer.security.bound``).

The program at weights (``placer.ceiling.secure.programs``) is over demands that are alike. Its prices of limits bound
the same sum of objectives over the demands themselves:

    P U + R D + Q V - E >= secure bound of the structure with cost P of unserved demand, Q of stranded work,
                           R displaced - exported + Q (certain in contingencies left out) over an arc

Assignments that displace have cost inf here if the program leaves them out. The bound uses neither columns of recourse
nor merged demands, so that an error in either leaves a gap.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from placer.ceiling.programs import ExportPrograms
from placer.ceiling.secure.programs import Weighted
from placer.errors import NoSolutionError
from placer.model.answer import Duals
from placer.model.structure import at_costs
from placer.running import in_time
from placer.security.bound import Contingent, secure_bound
from placer.security.coupling import RecourseStructure, without_costs
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.arrays import NOISE, FloatArray


def need_bound(
    programs: ExportPrograms,
    weighted: Weighted,
    duals: Duals,
    contingencies: Sequence[tuple[RecourseStructure, Duals]],
    left_out: FloatArray,
) -> float:
    """Return the gap of the program at weights over all demands.

    Parameters
    ----------
    programs : ExportPrograms
        Of all demands.
    weighted : Weighted
        The weights of the program, and its optimum.
    duals : Duals
        Of the limits of the placement.
    contingencies : sequence of (RecourseStructure, Duals)
        The contingencies that entered, for all demands, with the duals of their limits.
    left_out : (arcs,) array
        Part of a unit that strands for certain in the other contingencies.

    Raises
    ------
    NoSolutionError
        If the gap is more than 1e-6 of the largest of: the export, a thousandth of all that may leave (of all demand
        if nothing may), a millionth of the weighted sum.
    """
    whole = programs.structure
    counted, stranded = whole.arc_cost, weighted.stranded
    displaced = np.where(counted > 0, weighted.displaced * np.maximum(counted, 0.0), 0.0)
    arc_cost = displaced + np.minimum(counted, 0.0) + stranded * left_out
    if weighted.none_displaced:
        arc_cost = np.where(counted > 0, np.inf, arc_cost)
    priced = at_costs(whole, arc_cost=arc_cost, unserved_cost=np.full_like(whole.unserved_cost, weighted.unserved))
    contingents = [
        Contingent(recourse, without_costs(recourse.free, stranded), of_left)
        for recourse, of_left in in_time(contingencies, "proving the bound over contingencies")
    ]
    bound = secure_bound(priced, duals, contingents)
    # Most of the weighted sum is the constant weight of unserved demand: its rounding is not a gap.
    size = max(weighted.exported, programs.small_export, NOISE / PROOF * abs(weighted.objective))
    gap = (weighted.objective - bound) / size
    if not abs(gap) <= PROOF:
        raise NoSolutionError(Reason.FAILED, f"the bound with its inner minimum leaves a gap of {gap:.1e}")
    return float(gap)
