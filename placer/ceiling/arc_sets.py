"""Ceilings by set of admissible arcs, each solved at most once; equal neighbours determine the sets between them."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from placer.ceiling.directions import largest_cut
from placer.ceiling.maximum import most_export
from placer.instance.cut import cut_of
from placer.model.counts import export_weights, may_leave, net, total_weight
from placer.model.formulation import Formulation, formulate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from placer.instance.problem import Instance
    from placer.model.counts import Count, Weight
    from placer.solvers.proven import AnySolver
    from placer.utils.arrays import FloatArray

#: Ceilings and unserved shares are equal if they differ by less.
SAME = 1e-9
#: The admissible arcs as bits, and the limited links of every route likewise.
ArcSet = tuple[bytes, bytes]


@dataclass(frozen=True)
class ArcSetFigures:
    """Shares of a set of arcs; the displaced share is relative to an upper bound on the hours of all demand."""

    share: float
    unserved_share: float
    displaced_share: float


@dataclass
class CeilingsByArcs:
    """Solves for ceilings, once for every set of arcs (and of routes, where links are limited)."""

    weights: FloatArray
    count: Count
    solver: AnySolver | None
    known: dict[ArcSet, ArcSetFigures] = field(default_factory=dict)

    @classmethod
    def of_cut(
        cls, instance: Instance, weight: Weight, exporting: Iterable[str] | str | None, solver: AnySolver | None
    ) -> CeilingsByArcs:
        """Return the empty collection over the cut of some regions; without, over that of largest ceiling."""
        weights = export_weights(instance, weight)
        cut = cut_of(instance, exporting) or largest_cut(instance, formulate(instance), weights, solver)[0]
        return cls(weights, net(instance, weights, cut), solver)

    def of(self, formulations: Sequence[Formulation]) -> list[tuple[float, float, float]]:
        """Return ceiling, latency share and unserved share of formulations that differ by their arcs.

        Let two nested sets of arcs have the same ceiling, displaced and unserved demand. A set between them has these
        figures too: more arcs never leave more demand unserved; with equal unserved demand they never displace more;
        with both equal they never export less.
        """
        keys = [_arcs(formulation) for formulation in formulations]
        unique = dict(zip(keys, formulations, strict=True))
        order = sorted(unique, key=lambda key: int(np.unpackbits(np.frombuffer(key[0], np.uint8)).sum()))
        spans = [(0, len(order) - 1)]
        while spans:
            low, high = spans.pop()
            first, last = (self._solve(order[end], unique[order[end]]) for end in (low, high))
            if np.allclose(astuple(first), astuple(last), rtol=0, atol=SAME):
                between = [key for key in order[low + 1 : high] if _nested(order[low], key, order[high])]
                self.known |= {key: first for key in between if key not in self.known}
            if high - low > 1:
                middle = (low + high) // 2
                spans += [(low, middle), (middle, high)]
        found = [self.known[key] for key in keys]
        reached = [may_leave(formulation, self.count) / self._total(formulation) for formulation in formulations]
        return [(one.share, most, one.unserved_share) for one, most in zip(found, reached, strict=True)]

    def _total(self, formulation: Formulation) -> float:
        return total_weight(formulation, self.weights)

    def _solve(self, key: ArcSet, formulation: Formulation) -> ArcSetFigures:
        if key not in self.known:
            extent = most_export(formulation, self.count, self.solver)
            unserved = extent.unserved_mtok / formulation.structure.total_demand
            hours = float(self.count.displaced.max(initial=0.0)) * formulation.structure.total_demand
            self.known[key] = ArcSetFigures(
                share=extent.exported / self._total(formulation),
                unserved_share=unserved if unserved > SAME else 0.0,
                displaced_share=extent.displaced_hours / (hours or 1.0),
            )
        return self.known[key]


def _arcs(formulation: Formulation) -> ArcSet:
    """Return the admissible arcs as bits, and the limited links of every route likewise."""
    structure = formulation.structure
    admitted = structure.admitted
    limited = np.flatnonzero(np.isfinite(structure.link_capacity).any(axis=1))
    routes = structure.route_links[:, limited].toarray() != 0
    return np.packbits(admitted).tobytes(), np.packbits(routes).tobytes()


def _nested(few: ArcSet, some: ArcSet, many: ArcSet) -> bool:
    """Whether three sets of arcs, over the same routes, contain one another."""
    low, middle, high = (np.frombuffer(key[0], np.uint8) for key in (few, some, many))
    return few[1] == some[1] == many[1] and not (low & ~middle).any() and not (middle & ~high).any()
