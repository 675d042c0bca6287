"""The rows of a ceiling curve, and the entries of a unit of work in them; see ``placer.ceiling.walk.blocks``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.errors import NoSolutionError
from placer.model.caps import caps_of_arcs
from placer.termination import Reason
from placer.utils.arrays import expand_counts, numbered

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Rows:
    """Numbers of the rows, -1 for a missing row, and their upper sides.

    ``power`` limits the draw of a data centre in a period. ``tier`` limits the energy of one of its supplies; it has
    rows only where a cap counts supplies differently (``by_tier``).
    """

    capacity: IntArray
    power: IntArray
    tier: IntArray
    link: IntArray
    cap: IntArray
    by_tier: bool
    upper: FloatArray

    @classmethod
    def of(cls, structure: Structure) -> Rows:
        """Number the rows of a structure that have an upper side.

        Raises
        ------
        NoSolutionError
            If a cap counts assignments, has a coefficient below 0 or asks for at least an amount.
        """
        capped = np.isfinite(structure.cap_limit)
        if beyond_walks(structure):
            detail = "walks take no limits of at least an amount, shares of what flows, or limits of hubs"
            raise NoSolutionError(Reason.FAILED, detail)
        by_tier = bool(structure.cap_tier.counts[capped].any())
        most_power = structure.intake
        if not by_tier:
            supplied = structure.at_sites(structure.tier_yield[:, None] * structure.tier_limit)
            most_power = np.minimum(most_power, supplied)
        most_of_tier = structure.tier_limit if by_tier else np.full_like(structure.tier_limit, np.inf)
        sides = [structure.capacity, most_power, most_of_tier, structure.link_capacity, structure.cap_limit]
        stops = np.cumsum([0, *(np.isfinite(side).sum() for side in sides)])
        capacity, power, tier, link, cap = (
            np.where(np.isfinite(side), start - 1 + np.cumsum(np.isfinite(side)).reshape(side.shape), -1)
            for side, start in zip(sides, stops[:-1], strict=True)
        )
        upper = np.concatenate([side[np.isfinite(side)] for side in sides])
        return cls(capacity, power, tier, link, cap, by_tier, upper)

    def options(self, structure: Structure, klass: IntArray, site: IntArray, arrival: IntArray) -> Options:
        """Return the options of some services, in their order; a service is a class, a site and a period of arrival."""
        service, delay = expand_counts(structure.delays(klass, arrival))
        period = structure.after(arrival[service], delay)
        drawn = structure.draw[klass[service], site[service]] * structure.overhead[site[service], period]
        tier = np.full(len(service), -1)
        if self.by_tier:
            order = np.argsort(structure.tier_site, kind="stable")
            starts = np.searchsorted(structure.tier_site[order], np.arange(structure.sites + 1))
            counts = np.where(drawn > 0, np.diff(starts)[site[service]], 1)
            which, rank = expand_counts(counts)
            service, period, drawn = service[which], period[which], drawn[which]
            place = np.minimum(starts[site[service]] + rank, len(order) - 1)
            tier = np.where(drawn > 0, order[place], -1)
        klass, site = klass[service], site[service]
        entries = _Collected(len(self.upper))
        entries.add(self.capacity[site, period], structure.use[klass, site])
        entries.add(self.power[site, period], drawn)
        bought = np.zeros(len(service))
        if self.by_tier:
            bought[tier >= 0] = (drawn / structure.tier_yield[tier])[tier >= 0]
            entries.add(np.where(tier >= 0, self.tier[tier, period], -1), bought)
        for cap, row in enumerate(self.cap):
            counted = structure.cap_work[cap][klass, site, period]
            if self.by_tier:
                counted = counted + structure.cap_tier[cap][tier, period] * bought
            entries.add(np.full(len(service), row), counted)
        return Options(service, period, tier, entries.matrix(len(service)))

    def paths(
        self, structure: Structure, sets: BoolArray, klass: IntArray, chosen: IntArray, period: IntArray
    ) -> tuple[csr_array, IntArray]:
        """Return the row entries of the paths, and the path of every arc (path 0 passes no capped link).

        The arcs are given by class, position among the sets of links, and period.
        """
        passes = (chosen > 0) & (structure.link_use[klass] > 0)
        shape = (len(sets), structure.classes, structure.periods)
        key = np.where(passes, np.ravel_multi_index((chosen, klass, period), shape), 0)
        keys, path = numbered(np.append(0, key))
        of_set, of_class, of_period = np.unravel_index(keys, shape)
        entries = _Collected(len(self.upper))
        for link in np.flatnonzero(sets.any(axis=0)):
            through = np.where(sets[of_set, link], self.link[link, of_period], -1)
            entries.add(through, structure.link_use[of_class])
        return entries.matrix(len(keys)), path[1:]


@dataclass(frozen=True, eq=False)
class Options:
    """Ways to render services.

    Attributes
    ----------
    service : (o,) int array
        Service of the option.
    period, tier : (o,) int arrays
        Period in which it is served; supply of its power where rows distinguish supplies, else -1.
    takes : (o, r) sparse array
        Row entries of a unit.
    """

    service: IntArray
    period: IntArray
    tier: IntArray
    takes: csr_array

    def __getitem__(self, chosen: IntArray) -> Options:
        """Return the options at some positions."""
        return Options(self.service[chosen], self.period[chosen], self.tier[chosen], csr_array(self.takes[chosen]))


def beyond_walks(structure: Structure) -> bool:
    """Return whether a structure has caps that walks do not take; see ``Rows.of``."""
    capped = np.isfinite(structure.cap_limit)
    is_below = structure.cap_work[capped].is_below_zero or structure.cap_tier[capped].is_below_zero
    return bool(caps_of_arcs(structure).size or is_below or (structure.cap_limit[capped] < 0).any())


class _Collected:
    """Collects the row entries of vectors: one entry of every vector at a time."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._parts: list[tuple[FloatArray, IntArray, IntArray]] = []

    def add(self, row: IntArray, value: FloatArray) -> None:
        """Add one entry to every vector; no entry where the row is -1 or the value is 0."""
        kept = np.flatnonzero((row >= 0) & (value != 0))
        self._parts.append((value[kept], kept, row[kept]))

    def matrix(self, vectors: int) -> csr_array:
        """Return the vectors as rows of a sparse array."""
        parts = self._parts or [(np.zeros(0), np.zeros(0, dtype=int), np.zeros(0, dtype=int))]
        value, vector, row = (np.concatenate(part) for part in zip(*parts, strict=True))
        return csr_array(coo_array((value, (vector, row)), shape=(vectors, self._rows)))
