"""What a day is routed over: the pairs of workload and hub, their arcs, and the limits of every substep."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from placer.model.divided import divided, with_late_classes, with_pair_demands
from placer.model.formulation import Formulation
from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, FloatArray, IntArray, sums_by

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class DayNetwork:
    """Pairs, their arcs and the limits of periods; work that may wait past the end has classes of its own.

    Attributes
    ----------
    structure : Structure
        Of the periods of a day, without demands; its last classes are those of late work.
    klass, origin : (pairs,) int arrays
        The class of each pair, and its hub.
    late_of : (classes that are not late,) int array
        The class of late work of each class: the same where it may not wait.
    parts : int
        Periods of an hour of the instance.
    """

    structure: Structure
    klass: IntArray
    origin: IntArray
    late_of: IntArray
    parts: int

    @classmethod
    def of(
        cls, formulation: Formulation, klass: IntArray, origin: IntArray, parts: int, late_usd: FloatArray
    ) -> DayNetwork:
        """Return the network of pairs over the periods of a day.

        Parameters
        ----------
        klass, origin : (pairs,) int arrays
        parts : int
            Periods of an hour of the instance.
        late_usd : (classes,) array
            Cost of a Mtok that waits past the end.
        """
        whole = formulation.structure
        waits = np.flatnonzero(whole.window > 0)
        late = np.arange(whole.classes)
        late[waits] = whole.classes + np.arange(len(waits))
        structure = with_late_classes(divided(whole, parts), late_usd)
        return cls(structure, klass, origin, late, parts)

    @property
    def late_class(self) -> IntArray:
        """The class of late work of each pair (pairs,)."""
        return self.late_of[self.klass]

    @property
    def waits(self) -> BoolArray:
        """Whether work of a pair may wait (pairs,)."""
        return self.structure.window[self.klass] > 0

    @cached_property
    def class_at(self) -> IntArray:
        """The class of what arrives of a pair in a period (pairs, periods): the late one if its window ends after."""
        last = self.structure.periods - 1 - self.structure.window[self.klass]
        is_late = np.arange(self.structure.periods) > last[:, None]
        return np.where(is_late & self.waits[:, None], self.late_class[:, None], self.klass[:, None])

    @cached_property
    def arc(self) -> IntArray:
        """The arcs of every pair in a row (pairs, choices); -1 beyond its last."""
        starts, pair = self.structure.arc_starts, self.klass * self.structure.origins + self.origin
        first, count = starts[pair], starts[pair + 1] - starts[pair]
        place = np.arange(max(int(count.max(initial=0)), 1))
        return np.where(place < count[:, None], first[:, None] + place, -1)

    @cached_property
    def is_arc(self) -> BoolArray:
        """Which choices are arcs (pairs, choices)."""
        return self.arc >= 0

    def of_choices(self, of_arcs: NDArray[Number], none: float) -> NDArray[Number]:
        """Return a figure of arcs for every choice (pairs, choices), with a figure for choices that are none."""
        found = np.full(self.arc.shape, none, dtype=of_arcs.dtype)
        found[self.is_arc] = of_arcs[self.arc[self.is_arc]]
        return found

    @cached_property
    def site(self) -> IntArray:
        """The site of every choice (pairs, choices); 0 where there is none."""
        return self.of_choices(self.structure.arc_site, 0)

    @cached_property
    def service_class(self) -> IntArray:
        """The class that serves by every choice (pairs, choices): that of the pair, or of a further mode of it."""
        return np.where(self.is_arc, self.of_choices(self.structure.arc_class, 0), self.klass[:, None])

    def service_class_at(self, period: int) -> IntArray:
        """Return the class that serves what arrives in a period (pairs, choices): the late one as in ``class_at``."""
        is_late = self.class_at[:, period] != self.klass
        return np.where(is_late[:, None], self.late_of[self.service_class], self.service_class)

    @cached_property
    def use(self) -> FloatArray:
        """Capacity that a unit uses (pairs, choices)."""
        return self.structure.use[self.service_class, self.site]

    @cached_property
    def draw(self) -> FloatArray:
        """Supply that a unit draws, before overhead (pairs, choices)."""
        return self.structure.draw[self.service_class, self.site]

    @cached_property
    def links(self) -> IntArray:
        """Positions of the links that have a limit."""
        return np.flatnonzero(np.isfinite(self.structure.link_capacity).any(axis=1))

    @cached_property
    def passing(self) -> csr_array:
        """What a unit of every choice carries over every limited link (pairs * choices, limited links)."""
        structure, rows = self.structure, np.flatnonzero(self.is_arc)
        crossed = csr_array(structure.route_links[:, self.links])[structure.arc_route[self.arc.ravel()[rows]]]
        carried = structure.link_use[self.klass[rows // self.arc.shape[1]]]
        place = csr_array((carried, (rows, np.arange(len(rows)))), shape=(self.arc.size, len(rows)))
        return csr_array(place @ crossed)

    def passing_of(self, rows: IntArray) -> csr_array:
        """Return what a unit of every choice of some pairs carries over every limited link (rows * choices, links)."""
        choices = self.arc.shape[1]
        return csr_array(self.passing[(rows[:, None] * choices + np.arange(choices)).ravel()])

    def at_sites(self, flows: FloatArray, klass: IntArray) -> FloatArray:
        """Return flows (pairs, choices) summed by a class of each of them and by site (classes, sites)."""
        shape = self.structure.classes, self.structure.sites
        place = klass * self.structure.sites + self.site
        return sums_by(place.ravel(), flows.ravel(), shape[0] * shape[1]).reshape(shape)

    @cached_property
    def sending_usd(self) -> FloatArray:
        """Cost of sending a unit over every choice (pairs, choices); inf where there is none."""
        return self.of_choices(self.structure.arc_cost, np.inf)

    @cached_property
    def unserved_usd(self) -> FloatArray:
        """Penalty of a unit left unserved (pairs,)."""
        return self.structure.unserved_cost[self.klass]

    @cached_property
    def power_limit(self) -> FloatArray:
        """Most supply that a site can draw (sites, periods)."""
        structure = self.structure
        supplied = structure.at_sites(structure.tier_limit * structure.tier_yield[:, None])
        return np.minimum(supplied, structure.intake)

    @cached_property
    def marginal_usd(self) -> FloatArray:
        """Cost of a unit of supply from the cheapest tier of a site (sites, periods); 0 without one."""
        structure = self.structure
        least = np.full(structure.capacity.shape, np.inf)
        np.minimum.at(least, structure.tier_site, structure.tier_cost / structure.tier_yield[:, None])
        return np.where(np.isfinite(least), least, 0.0)

    def service_usd(self, period: int) -> FloatArray:
        """Return the cost of serving a unit of every class at the cheapest supply of a period (classes, sites)."""
        structure = self.structure
        drawn = structure.draw * structure.overhead[:, period]
        return structure.work_cost[:, :, period] + drawn * self.marginal_usd[:, period]

    def with_amounts(self, amounts: FloatArray) -> Structure:
        """Return the structure with the demands of a day (pairs, periods): its own class for work that is late."""
        klass = np.concatenate([self.klass, self.late_class])
        own = self.class_at == self.klass[:, None]
        split = np.concatenate([np.where(own, amounts, 0.0), np.where(own, 0.0, amounts)])
        return with_pair_demands(self.structure, klass, np.concatenate([self.origin, self.origin]), split)
