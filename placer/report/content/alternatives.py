"""Alternatives that a page takes: those to its own placement or plan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from placer.errors import InstanceError, Violation
from placer.tolerances import PROOF

if TYPE_CHECKING:
    from placer.near_optimal.result import Alternatives
    from placer.placement.result import Placement
    from placer.planning.answer.result import Plan


def alternatives_of(found: Alternatives | None, placement: Placement, plan: Plan | None) -> Alternatives | None:
    """Return alternatives of which the cheapest costs what the placement does, or the plan.

    Raises
    ------
    InstanceError
        If they are to another one.
    """
    if found is None:
        return None
    of_plan = not found.placements
    own = placement.certificate.objective if not of_plan else math.nan if plan is None else plan.cost_usd_per_year
    if not math.isclose(found.least_usd, own, rel_tol=PROOF):
        problem = f"the least cost is {found.least_usd:.6g}, that of the page {own:.6g}"
        raise InstanceError(
            [Violation("alternatives", "", "least_usd", problem, "alternatives to what is on the page")]
        )
    return found
