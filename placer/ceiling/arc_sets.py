"""Ceilings by set of admissible arcs, each solved at most once; equal neighbours determine the sets between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field

import numpy as np

from placer.ceiling.directions import largest_cut
from placer.ceiling.maximum import most_export
from placer.errors import NoSolutionError
from placer.instance.cut import Cut, cut_of
from placer.instance.problem import Instance
from placer.ladder.proven import AnySolver
from placer.model.counts import Count, Weight, Weights, export_weights, may_leave, net, share_of, total_weight
from placer.model.formulation import Formulation, formulate
from placer.tolerances import SOLVER

#: The admissible arcs as bits, the limited links of every route likewise, and the value that latency loses, if any.
ArcSet = tuple[bytes, bytes, bytes]


@dataclass(frozen=True)
class ArcSetFigures:
    """Shares of a set of arcs; the displaced share is relative to an upper bound on the hours of all demand."""

    share: float
    unserved_share: float
    displaced_share: float


@dataclass
class CeilingsByArcs:
    """Solves for ceilings, once for every set of arcs (and of routes, where links are limited).

    The formulations may differ by their latencies, and so by the value that arrives, but not by the instance otherwise.
    """

    instance: Instance
    weight: Weight
    cut: Cut
    solver: AnySolver | None
    known: dict[ArcSet, ArcSetFigures] = field(default_factory=dict)

    @classmethod
    def of_cut(
        cls, instance: Instance, weight: Weight, exporting: Iterable[str] | str | None, solver: AnySolver | None
    ) -> CeilingsByArcs:
        """Return the empty collection over the cut of some regions; without, over that of largest ceiling."""
        formulation = formulate(instance)
        weights = export_weights(instance, formulation.distance, weight)
        cut = cut_of(instance, exporting) or largest_cut(instance, formulation, weights, solver)[0]
        return cls(instance, weight, cut, solver)

    def of(self, formulations: Sequence[Formulation], names: Sequence[str]) -> list[tuple[float, float, float]]:
        """Return ceiling, latency share and unserved share of formulations that differ by their arcs.

        An error gives the name of the formulation first.

        Let two nested sets of arcs have the same ceiling, displaced and unserved demand. A set between them has these
        figures too: more arcs never leave more demand unserved; with equal unserved demand they never displace more;
        with both equal they never export less.
        """
        keys = [_arcs(formulation, self._weights(formulation)) for formulation in formulations]
        unique = {key: (each, name) for key, each, name in zip(keys, formulations, names, strict=True)}
        order = sorted(unique, key=lambda key: int(np.unpackbits(np.frombuffer(key[0], np.uint8)).sum()))
        spans = [(0, len(order) - 1)]
        while spans:
            low, high = spans.pop()
            first, last = (self._solve(order[end], *unique[order[end]]) for end in (low, high))
            if np.allclose(astuple(first), astuple(last), rtol=0, atol=SOLVER):
                between = [key for key in order[low + 1 : high] if _nested(order[low], key, order[high])]
                self.known |= {key: first for key in between if key not in self.known}
            if high - low > 1:
                middle = (low + high) // 2
                spans += [(low, middle), (middle, high)]
        found = [self.known[key] for key in keys]
        reached = [share_of(may_leave(each, self._count(each)), self._total(each)) for each in formulations]
        return [(one.share, most, one.unserved_share) for one, most in zip(found, reached, strict=True)]

    def _weights(self, formulation: Formulation) -> Weights:
        return export_weights(self.instance, formulation.distance, self.weight)

    def _count(self, formulation: Formulation) -> Count:
        return net(self.instance, self._weights(formulation), self.cut)

    def _total(self, formulation: Formulation) -> float:
        return total_weight(formulation, self._weights(formulation).asked)

    def _solve(self, key: ArcSet, formulation: Formulation, name: str) -> ArcSetFigures:
        if key not in self.known:
            count = self._count(formulation)
            try:
                extent = most_export(formulation, count, self.solver)
            except NoSolutionError as stopped:
                raise NoSolutionError(stopped.reason, f"{name}: {stopped.detail}") from None
            unserved = share_of(extent.unserved_mtok, formulation.structure.total_demand)
            hours = float(count.displaced.max(initial=0.0)) * formulation.structure.total_demand
            self.known[key] = ArcSetFigures(
                share=share_of(extent.exported, self._total(formulation)),
                unserved_share=unserved if unserved > SOLVER else 0.0,
                displaced_share=share_of(extent.displaced_hours, hours),
            )
        return self.known[key]


def _arcs(formulation: Formulation, weights: Weights) -> ArcSet:
    """Return the admissible arcs as bits, the limited links of every route likewise, and the value that is lost."""
    structure = formulation.structure
    admitted = structure.admitted
    limited = np.flatnonzero(np.isfinite(structure.link_capacity).any(axis=1))
    routes = structure.route_links[:, limited].toarray() != 0
    lost = np.ascontiguousarray(weights.lost).tobytes() if weights.fall_with_latency else b""
    return np.packbits(admitted).tobytes(), np.packbits(routes).tobytes(), lost


def _nested(few: ArcSet, some: ArcSet, many: ArcSet) -> bool:
    """Whether three sets of arcs, over the same routes and at the same losses, contain one another."""
    low, middle, high = (np.frombuffer(key[0], np.uint8) for key in (few, some, many))
    return few[1:] == some[1:] == many[1:] and not (low & ~middle).any() and not (middle & ~high).any()
