"""Join the certificates of blocks, and the choices that blocks made among ties."""

from __future__ import annotations

import math
from collections.abc import Sequence

from placer.least_cost.tie_break import TieBreak
from placer.proof.certificate import Certificate


def joined_certificate(parts: Sequence[Certificate]) -> Certificate:
    """Return one certificate for programs that share nothing.

    Objective and bound add up. Every other figure is the largest: infeasibilities are those of some row or column, and
    ``sum (objective - bound) / sum size <= max (objective - bound) / size`` for gaps.
    """

    def largest(name: str) -> float:
        return max(abs(getattr(each, name)) for each in parts)

    return Certificate(
        objective=math.fsum(each.objective for each in parts),
        bound=math.fsum(each.bound for each in parts),
        primal_infeasibility=largest("primal_infeasibility"),
        dual_infeasibility=largest("dual_infeasibility"),
        complementarity=largest("complementarity"),
        gap=largest("gap"),
        serving_gap=largest("serving_gap"),
        tolerances=parts[0].tolerances,
    )


def joined_tie_break(parts: Sequence[TieBreak]) -> TieBreak:
    """Return the choice of the whole, given those of its blocks."""
    total = math.fsum(each.mtok_ms for each in parts)
    failed = [f"block {number}: {each.detail}" for number, each in enumerate(parts) if each.detail]
    certificates = [each.certificate for each in parts if each.certificate is not None]
    if len(certificates) < len(parts):
        return TieBreak(total, None, "; ".join(failed[:3]) + ("; ..." if len(failed) > 3 else ""))
    return TieBreak(total, joined_certificate(certificates), "; ".join(failed))
