"""The answer of a secure program, solved explicitly or by cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from placer.currency import USD
from placer.errors import NoSolutionError
from placer.model.answer import Answer, Duals
from placer.model.structure import Structure
from placer.proof.certificate import LEAST_SHARE, Certificate
from placer.security.bound import Contingent, secure_bound
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.arrays import NOISE, FloatArray

if TYPE_CHECKING:
    from placer.extended.extension import Extended


@dataclass(frozen=True, eq=False)
class SecureAnswer:
    """A proven answer of a secure program.

    Attributes
    ----------
    contingents : tuple of Contingent
        The contingencies that entered, with their prices.
    stranded : tuple of float
        Stranded work of each of them, Mtok.
    penalty : float
        Of a stranded Mtok, USD.
    unserved_rent : (demands,) array
        Rent of the row that limits unserved demand in the block, per USD of its penalty; 0 without such a row.
    unserved_rent_usd : float
        Rents of these rows times their limits.
    extended : Extended
        The extended program and its solution.
    answer : Answer
        The placement in it.
    certificate : Certificate
        Of the extended program.
    """

    contingents: tuple[Contingent, ...]
    stranded: tuple[float, ...]
    penalty: float
    unserved_rent: FloatArray
    unserved_rent_usd: float
    extended: Extended
    answer: Answer
    certificate: Certificate

    def bound(self, whole: Structure, duals: Duals, currency: str = USD) -> float:
        """Return the bound with its inner minimum, at the duals of the placement's own limits.

        Raises
        ------
        NoSolutionError
            If it leaves a gap.
        """
        bound = secure_bound(whole, duals, self.contingents, self.unserved_rent, self.unserved_rent_usd)
        cost = self.certificate.objective
        # The penalty of stranded work may be most of the objective. The gap is a share of the rest, or of
        # ``LEAST_SHARE`` of that penalty if that is more.
        stranded = self.penalty * sum(self.stranded)
        part = max(abs(cost - stranded), LEAST_SHARE * stranded)
        rounding = NOISE * self.penalty * whole.total_demand
        gap = (cost - bound) / (part + rounding / PROOF) if cost != bound else 0.0
        if not abs(gap) <= PROOF:
            detail = f"the bound with its inner minimum leaves a gap of {gap:.1e}"
            raise NoSolutionError(Reason.FAILED, detail, bound, currency=currency)
        return bound
