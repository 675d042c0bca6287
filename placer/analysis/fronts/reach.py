"""How far a front reaches: the tightest amount at which as much demand is served as in a placement.

    U(v) = least unserved demand, of what the placement serves, at the amount v          0 at the amount it keeps itself

The proven bound of U at an amount ``v`` with U(v) > 0, by its duals, is concave in the amount
(``placer.analysis.fronts.mixing``), so that it is above 0 from where its chord crosses 0 up to ``v``: no amount there
can be reached. The chord begins where the line along the flows at ``v``, which lies above the bound, crosses 0. The
next amount is that crossing of the chord: Newton's method from the far side (Dinkelbach, 'On nonlinear fractional
programming', Management Science 13, 1967, where there is one ratio). Where other limits ask for at least an amount,
there may be no placement at all; the search then halves the way to an amount that has one.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from placer.analysis.fronts.moving_limit import MovingLimit
from placer.by_blocks.solve_blocks import answer_by_blocks, is_by_blocks
from placer.errors import NoSolutionError
from placer.ladder.proven import default_solver, solve_structure
from placer.least_cost.unmet_limits import NO_POINT
from placer.model.aggregation import merge
from placer.model.answer import Answer
from placer.model.blocks import shared_caps
from placer.running import check_time
from placer.security.coupling import without_costs
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray

#: Steps of Newton's method, each of which mostly ends in the next piece of the bound, and halvings. No step is shorter
#: than the distance that counts as none: rounding would leave it where it is.
_STEPS = 200


def tightest(limit: MovingLimit, unserved: FloatArray, kept: float) -> float:
    """Return the tightest amount at which no more is unserved, in all, than a placement leaves (demands,).

    Parameters
    ----------
    kept : float
        The amount that this placement keeps.

    Raises
    ------
    NoSolutionError
        If a step cannot be proven, or not in time.
    """
    shortage = _Shortage(limit, unserved)
    amount, reached, impossible = 1.0 if limit.sign > 0 else 0.0, kept, math.nan
    nearest = SOLVER * abs(amount - kept)
    for _ in range(_STEPS):
        check_time("the time limit was reached while the end of the front was sought")
        found = shortage.at(amount)
        if found is None:
            impossible = amount
        elif found[1] > shortage.rounding:
            step = limit.sign * (amount - shortage.crossing(amount, *found, kept))
            impossible, amount = math.nan, amount - limit.sign * max(step, nearest)
        elif math.isnan(impossible):
            return amount
        else:
            reached = amount
        if abs(impossible - reached) <= nearest or limit.sign * (amount - kept) <= nearest:
            return reached
        if not math.isnan(impossible):
            amount = (reached + impossible) / 2
    raise NoSolutionError(Reason.ITERATION_LIMIT, f"the end of the front was not found in {_STEPS} steps")


class _Shortage:
    """The least unserved demand of what a placement serves; demands of hubs that are alike are one, since costs are 0.

    Attributes
    ----------
    rounding : float
        Unserved demand that counts as none.
    """

    def __init__(self, limit: MovingLimit, unserved: FloatArray) -> None:
        self._limit, whole = limit, limit.without.structure
        asked = np.maximum(whole.demand_amount - unserved, 0.0)
        self._base = merge(replace(without_costs(whole), demand_amount=asked)).structure
        self.rounding = SOLVER * float(asked.sum())

    def at(self, amount: float) -> tuple[Answer, float] | None:
        """Return an answer of least unserved demand at an amount, and its proven bound; None where there is none."""
        structure = self._limit.added_to(self._base, amount)
        try:
            # A search over the price of a shared cap closes a gap in parts of the cost, which is 0 at the end.
            if is_by_blocks(structure, None, None) and not len(shared_caps(structure)):
                answer, certificate, _ = answer_by_blocks(structure)
            else:
                answer, certificate = solve_structure(structure, default_solver(structure))
        except NoSolutionError as stopped:
            if stopped.reason not in NO_POINT:
                detail = f"the end of the front is not proven, and until= would give one: {stopped.detail}"
                raise NoSolutionError(stopped.reason, detail) from None
            return None
        return answer, certificate.bound

    def crossing(self, amount: float, answer: Answer, least: float, kept: float) -> float:
        """Return the amount beyond which the bound proves a shortage, given that it does so at an amount."""
        limit = self._limit
        rents = np.maximum(limit.caps(answer.prices.cap), 0.0)
        slope = float(rents @ limit.counted(answer.point))
        near = amount - limit.sign * least / slope if slope > 0 else kept
        near = limit.sign * max(limit.sign * near, limit.sign * kept)
        low = min(limit.bound_of(self._base, near, answer.prices, amount, answer.point), 0.0)
        return near + (amount - near) * (-low) / (least - low)
