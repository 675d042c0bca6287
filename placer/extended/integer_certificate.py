"""The certificate of a placement of a model with integers: a checked point, and an unproven bound of HiGHS.

The point keeps all rows and bounds: placer's own certificate proves that it is the optimum of the linear program with
the integers fixed. Its prices are prices of that program. Only the bound of branch and bound shows that no other
integers cost less. placer cannot check this bound, so ``proven`` is never true.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from placer.proof.certificate import Certificate

#: Minimum of the denominator of the gap, as a share of the sum of the terms of the cost.
_SMALL = 1e-3


@dataclass(frozen=True)
class IntegerCertificate(Certificate):
    """The certificate of a placement with integers.

    Attributes
    ----------
    objective : float
        Cost of the point.
    bound : float
        Lower bound on the cost of every placement, by branch and bound of HiGHS; unproven.
    primal_infeasibility, dual_infeasibility, complementarity : float
        Of the linear program with the integers fixed.
    gap, serving_gap : float
        (cost - bound) / size, with the bound of branch and bound; see ``integer_certificate`` for the size.
    fixed : Certificate
        Of the linear program with the integers fixed: of the point and of the prices.
    """

    fixed: Certificate

    @property
    def failures(self) -> tuple[str, ...]:
        """The reasons why the placement is not proven; never empty."""
        return ("the bound is that of branch and bound", *super().failures)

    @property
    def verdict(self) -> str:
        """The kind of bound, and the figures that exceed their tolerance, if any."""
        return "; ".join(["bound by branch and bound", *super().failures])


def integer_certificate(fixed: Certificate, bound: float, gap: float, terms_usd: float) -> IntegerCertificate:
    """Return the certificate of a point with integers.

    Parameters
    ----------
    fixed : Certificate
        Of the linear program with the integers fixed.
    bound : float
        Of branch and bound.
    gap : float
        The tolerance on the relative gap.
    terms_usd : float
        The sum of the magnitudes of all terms of the cost. The gap is relative to the cost, or to a thousandth of this
        sum if that is larger: costs of either sign may cancel.
    """
    size = max(abs(fixed.objective), _SMALL * terms_usd) or 1.0
    above = (fixed.objective - bound) / size
    return IntegerCertificate(
        objective=fixed.objective,
        bound=bound,
        primal_infeasibility=fixed.primal_infeasibility,
        dual_infeasibility=fixed.dual_infeasibility,
        complementarity=fixed.complementarity,
        gap=above,
        serving_gap=above,
        tolerances=replace(fixed.tolerances, gap=gap, serving_gap=gap),
        fixed=fixed,
    )
