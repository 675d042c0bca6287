"""Lanes of a class: each class of service that serves its demand, at each site that it reaches.

A class without modes serves its own demand, and its lanes are all sites in their order. With modes a site has a lane
for each mode that an arc reaches it in: lanes of a site share its capacity and its supply, of which a unit takes
different amounts in each. All arrays of a group are over lanes in place of sites.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from placer.model.structure import Structure
from placer.utils.arrays import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Lanes:
    """The lanes of a class, site by site.

    Attributes
    ----------
    klass, site : (n,) int arrays
        Class of service and site of each lane.
    sites : int
        Number of sites.
    are_sites : bool
        Whether the lanes are all sites in their order, each with the one class of service.
    """

    klass: IntArray
    site: IntArray
    sites: int
    are_sites: bool

    def __len__(self) -> int:
        """Return the number of lanes."""
        return len(self.site)

    @cached_property
    def member(self) -> FloatArray:
        """1 where a lane is at a site (n, sites)."""
        return (self.site[:, None] == np.arange(self.sites)).astype(float)

    def of_sites(self, values: AnyArray, axis: int = -1) -> AnyArray:
        """Return figures of sites, along some axis, as figures of the lanes there."""
        return values if self.are_sites else values.take(self.site, axis)

    def to_sites(self, values: FloatArray) -> FloatArray:
        """Return the sums of figures of lanes (..., n) by site (..., sites)."""
        return values if self.are_sites else np.asarray(values @ self.member)

    def at(self, sites: IntArray) -> IntArray:
        """Return the lanes at some sites; all lanes if these have none."""
        if self.are_sites or not len(sites):
            return sites
        chosen = np.zeros(self.sites, dtype=bool)
        chosen[sites] = True
        there = np.flatnonzero(chosen[self.site])
        return there if there.size else np.arange(len(self))

    def find(self, klass: IntArray, site: IntArray) -> IntArray:
        """Return the lane of some classes of service and sites; -1 where there is none."""
        place = np.full((int(max(self.klass.max(initial=0), klass.max(initial=0))) + 1, self.sites), -1)
        place[self.klass, self.site] = np.arange(len(self))
        return np.asarray(place[klass, site])


def lanes_of(structure: Structure, klass: int) -> Lanes:
    """Return the lanes of a class; all sites where no arc serves it."""
    sites = np.arange(structure.sites)
    plain = Lanes(np.full(len(sites), klass), sites, len(sites), are_sites=True)
    if structure.serves is None or np.count_nonzero(structure.serves == klass) == 1:
        return plain
    mine = structure.arc_serves == klass
    lane = np.unique(structure.arc_site[mine] * structure.classes + structure.arc_class[mine])
    site, served_by = np.divmod(lane, structure.classes)
    return Lanes(served_by, site, len(sites), are_sites=False) if lane.size else plain


def most_lanes(structure: Structure) -> int:
    """Return the most lanes that a class of a structure has; all sites if that is more."""
    of_classes = np.bincount(structure.served_class, structure.reached.sum(axis=1))
    return max(structure.sites, int(of_classes.max(initial=0)))
