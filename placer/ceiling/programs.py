"""The programs behind a ceiling, and their optimum; ``placer.ceiling.maximum`` defines and solves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from placer.ceiling.walk.answer import weighed
from placer.column_generation.solver import WIDEST_GAP
from placer.model.answer import Answer, Duals, Flows
from placer.model.counts import Count, displaced_total, may_leave
from placer.model.formulation import Formulation
from placer.model.structure import Structure, at_costs
from placer.proof.answer_certificate import certify_answer
from placer.proof.certificate import Certificate
from placer.tolerances import SOLVER
from placer.utils.arrays import NOISE

#: A gap is relative to the objective, or to this part of its largest conceivable value if that is more.
SMALL = 1e-3


@dataclass(frozen=True, eq=False)
class Extent:
    """The lexicographic optimum of unserved demand U*, displaced demand D* and exports E*.

    Attributes
    ----------
    exported : float
        ``E*``, in the unit of the weights.
    displaced_hours : float
        ``D*``, in accelerator-hours of the reference.
    unserved_mtok : float
        ``U*``.
    flows : Flows
        The flows of the optimum.
    prices : tuple of Duals
        Of the programs, in their order. The last program minimises minus the export.
    certificates : tuple of Certificate
        Of the programs, in their order; two if no arc displaces.
    """

    exported: float
    displaced_hours: float
    unserved_mtok: float
    flows: Flows
    prices: tuple[Duals, ...]
    certificates: tuple[Certificate, ...]

    @property
    def duals(self) -> Duals:
        """The duals of the last program."""
        return self.prices[-1]

    @property
    def gap(self) -> float:
        """The largest relative gap of the certificates."""
        return max(abs(certificate.gap) for certificate in self.certificates)


@dataclass(frozen=True, eq=False)
class ExportPrograms:
    """The programs: a structure in which an arc costs the count of a unit as displaced less its count as exported.

    ``demand`` is all demand, ``hours`` the largest conceivable displaced demand, and ``most`` the largest conceivable
    export.
    """

    structure: Structure
    demand: float
    hours: float
    most: float

    @classmethod
    def of(cls, formulation: Formulation, count: Count) -> ExportPrograms:
        """Return the programs for a count of exports and displaced demand."""
        structure = formulation.structure
        arcs = structure.arc_class, structure.arc_origin, structure.arc_way
        free = at_costs(
            structure,
            arc_cost=count.displaced[arcs] - count.exported[arcs],
            work_cost=np.zeros_like(structure.work_cost),
            tier_cost=np.zeros_like(structure.tier_cost),
            unserved_cost=np.ones_like(structure.unserved_cost),
        )
        hours, most = displaced_total(formulation, count), may_leave(formulation, count)
        return cls(free, structure.total_demand, hours, most)

    def spending(self, slope: float) -> ExportPrograms:
        """Return the programs of which the third is least ``accelerator-hours - slope * export``."""
        structure = self.structure
        hours = np.repeat(structure.use[:, :, None], structure.periods, axis=2)
        counted = np.where(structure.arc_cost < 0, slope, 1.0) * structure.arc_cost
        return replace(self, structure=replace(structure, arc_cost=counted, work_cost=hours), most=slope * self.most)

    @property
    def displaces(self) -> bool:
        """Whether any arc counts as displaced."""
        return bool((self.structure.arc_cost > 0).any())

    @property
    def small_export(self) -> float:
        """The size below which the gap of an export is relative to this; a part of all demand if nothing may leave."""
        return SMALL * (self.most or self.demand)

    def extent(self, answer: Answer, certificates: Sequence[Certificate], prices: Sequence[Duals]) -> Extent:
        """Evaluate exports, displaced demand and unserved demand of an answer.

        Displaced demand is 0 up to the rounding of arithmetic alone: see ``close``.
        """
        flows = answer.point
        counted = self.structure.arc_cost[flows.arc] * flows.amount
        displaced = float(np.maximum(counted, 0.0).sum())
        return Extent(
            exported=0.0 - float(np.minimum(counted, 0.0).sum()),
            displaced_hours=displaced if displaced > NOISE * self.hours else 0.0,
            unserved_mtok=float(flows.unserved.sum()),
            flows=flows,
            prices=tuple(prices),
            certificates=tuple(certificates),
        )

    def unserved(self, answer: Answer, duals: Duals, checked: Certificate) -> Certificate:
        """Certify an answer and duals for the first program.

        If all demand is served, duals of 0 prove the optimum; ``checked`` has certified the flows at other costs.
        """
        if not answer.point.unserved.any():
            return _at_zero(checked)
        return certify_answer(weighed(self.structure, 1.0, 0.0, 0.0), replace(answer, duals=duals), gap=WIDEST_GAP)

    def displaced(self, answer: Answer, duals: Duals, penalty: float, least: Certificate) -> Certificate:
        """Certify an answer and duals for the second program, with a price on unserved demand.

        If no demand is displaced, duals of 0 prove the optimum; ``least`` has certified the flows.
        """
        if self.extent(answer, (), ()).displaced_hours == 0:
            return _at_zero(least)
        priced = weighed(self.structure, penalty, 1.0, 0.0)
        certificate = certify_answer(priced, replace(answer, duals=duals), gap=WIDEST_GAP)
        return self.second(certificate, penalty, answer)

    def second(self, certificate: Certificate, penalty: float, answer: Answer) -> Certificate:
        """Return the certificate of the second program without the price on unserved demand."""
        return without_priced(
            certificate, penalty * float(answer.point.unserved.sum()), SMALL * (self.hours or self.demand)
        )

    def third(self, certificate: Certificate, penalty: float, displacement: float, answer: Answer) -> Certificate:
        """Return the certificate of the third program without the prices on unserved and displaced demand."""
        found = self.extent(answer, (), ())
        priced = penalty * found.unserved_mtok + displacement * found.displaced_hours
        return without_priced(certificate, priced, self.small_export)

    def close(self, certificates: Sequence[Certificate]) -> bool:
        """Whether all are proven, and unserved and displaced demand are at their least up to rounding of the solver.

        Where weights decide what is exported, only ``NOISE`` is rounding: a unit of unserved demand may leave room for
        a million exported ones.
        """
        apart = [certificate.objective - certificate.bound for certificate in certificates]
        near = all(gap <= SOLVER * size for gap, size in zip(apart[:-1], (self.demand, self.hours), strict=False))
        return near and all(certificate.proven for certificate in certificates)


def _at_zero(certificate: Certificate) -> Certificate:
    """Return the certificate of the same flows at costs that are 0 for them and never below, with duals of 0.

    The primal infeasibility remains, which does not depend on costs.
    """
    return replace(
        certificate,
        objective=0.0,
        bound=0.0,
        dual_infeasibility=0.0,
        complementarity=0.0,
        gap=0.0,
        serving_gap=0.0,
    )


def without_priced(certificate: Certificate, priced: float, size: float) -> Certificate:
    """Return a certificate less a constant cost, with the gap relative to the remaining objective or to a size.

    The gap may be ``WIDEST_GAP``: what remains has the rounding of the constant, which can be far larger.
    """
    objective, bound = certificate.objective - priced, certificate.bound - priced
    apart = objective - bound
    gap = apart / max(abs(objective), size) if apart else 0.0
    tolerances = replace(certificate.tolerances, gap=WIDEST_GAP)
    return replace(certificate, objective=objective, bound=bound, gap=gap, tolerances=tolerances)
