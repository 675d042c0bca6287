"""The rows of a ceiling curve, and the entries of a unit of work in them; see ``placer.ceiling.walk.blocks``."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from placer.errors import NoSolutionError
from placer.model.links import link_sets
from placer.model.structure import Structure
from placer.termination import Reason
from placer.utils.arrays import BoolArray, FloatArray, IntArray, expand_counts, numbered

#: The limits that walks do not take, in words (``caps_beyond_walks``).
BEYOND = "limits of at least an amount, shares of what flows, or costs with transit or prices below 0"


@dataclass(frozen=True, eq=False)
class Passages:
    """What routes take of rows, whatever their data centres take: limited links, and caps that count assignments.

    Attributes
    ----------
    links : (p, l) bool array
        The limited links of each passage. The first passage takes nothing.
    along : (p, n) array
        ``cap_route`` of the caps of ``Structure.caps_along``.
    number : (origins, ways) int array
        The passage of each route.
    taken_by : (classes,) bool array
        Whether a class takes of any of these rows.
    """

    links: BoolArray
    along: FloatArray
    number: IntArray
    taken_by: BoolArray

    @classmethod
    def of(cls, structure: Structure) -> Passages:
        """Number the passages of a structure that walks take (``caps_beyond_walks``)."""
        sets, set_of = link_sets(structure)
        caps, along, _ = structure.caps_along
        marks = np.column_stack([set_of.ravel(), along.T])
        kinds, number = np.unique(np.vstack([np.zeros((1, marks.shape[1])), marks]), axis=0, return_inverse=True)
        taken_by = (structure.link_use > 0) | (structure.cap_send[caps] > 0).any(axis=0)
        return cls(sets[kinds[:, 0].astype(int)], kinds[:, 1:], number.ravel()[1:].reshape(set_of.shape), taken_by)


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
            If walks do not take a cap; see ``caps_beyond_walks``.
        """
        capped = np.isfinite(structure.cap_limit)
        if caps_beyond_walks(structure).any():
            raise NoSolutionError(Reason.FAILED, f"walks take no {BEYOND}")
        by_tier = bool(capped.any() and structure.cap_tier.counts[capped].any())
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
        for cap in np.flatnonzero(self.cap >= 0).tolist():
            counted = structure.cap_work[cap][klass, site, period]
            if self.by_tier:
                counted = counted + structure.cap_tier[cap][tier, period] * bought
            entries.add(np.full(len(service), self.cap[cap]), counted)
        return Options(service, period, tier, entries.matrix(len(service)))

    def paths(
        self, structure: Structure, passages: Passages, klass: IntArray, chosen: IntArray, period: IntArray
    ) -> tuple[csr_array, IntArray]:
        """Return the row entries of the paths, and the path of every arc (path 0 takes nothing).

        The arcs are given by class, passage, and period.
        """
        passes = (chosen > 0) & passages.taken_by[klass]
        shape = (len(passages.links), structure.classes, structure.periods)
        key = np.where(passes, np.ravel_multi_index((chosen, klass, period), shape), 0)
        keys, path = numbered(np.append(0, key))
        passage, of_class, of_period = np.unravel_index(keys, shape)
        entries = _Collected(len(self.upper))
        for link in np.flatnonzero(passages.links.any(axis=0)):
            through = np.where(passages.links[passage, link], self.link[link, of_period], -1)
            entries.add(through, structure.link_use[of_class])
        caps, _, by_arrival = structure.caps_along
        for place, cap in enumerate(caps):
            counted = structure.cap_send[cap, of_class] * passages.along[passage, place] * by_arrival[place, of_period]
            entries.add(np.full(len(keys), self.cap[cap]), counted)
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


def caps_beyond_walks(structure: Structure) -> BoolArray:
    """Return which caps walks do not take (caps,).

    They have a coefficient or a limit below 0, or count assignments beside work or power: an arc and an option would
    then take of one row.
    """
    beyond, limited = structure.cap_limit < 0, np.isfinite(structure.cap_limit)
    if not limited.any():
        return beyond
    work, tier, (caps, along, _) = structure.cap_work, structure.cap_tier, structure.caps_along
    for rows in (work, tier):
        cap, _, value = rows.entries()
        beyond[cap[value < 0]] = True
    beyond[caps] |= (work.counts | tier.counts)[caps] | (along < 0).any(axis=1) | (structure.cap_send[caps] < 0).any(1)
    return np.asarray(beyond & limited)


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
