"""A smaller answer laid on the whole: its prices at the places that each part stands for, and the columns it uses.

A resource of the whole has the price of the one that stands for it: a data centre in an hour, a link in an hour, a
limit. Where the cheapest supply of a data centre costs more than the laid price of power, the price is that cost: below
it nothing is bought there, and the bound grows with the price.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sized
from dataclasses import dataclass, replace

import numpy as np

from placer.instance.problem import Instance
from placer.instance.reduced import Reduced
from placer.model.answer import Duals, Flows, no_duals
from placer.model.caps import OWN_CAPS
from placer.model.formulation import Formulation
from placer.model.structure import Structure, assignment_positions
from placer.utils.arrays import IntArray, expand_counts


@dataclass(frozen=True, eq=False)
class Places:
    """Where each part of a structure is found in a smaller one; classes, tiers and links are at their positions.

    Attributes
    ----------
    origin, site, period : (h,), (j,), (t,) int arrays
    cap : (c,) int array
        -1 for a cap that the smaller structure has no like of.
    """

    origin: IntArray
    site: IntArray
    period: IntArray
    cap: IntArray


def places_of(reduced: Reduced[Instance], whole: Formulation, small: Formulation) -> Places:
    """Return where each part of the whole is found in the smaller formulation."""
    itself = Reduced(reduced.instance, reduced.instance, *(np.arange(len(each)) for each in _axes(small)))
    known = {key: cap for cap, key in enumerate(_caps(itself, small))}
    cap = np.array([known.get(key, -1) for key in _caps(reduced, whole)])
    return Places(reduced.hub, reduced.data_centre, reduced.hour, cap)


def laid_duals(places: Places, structure: Structure, small: Duals) -> Duals:
    """Return the prices of a smaller structure at the places of a structure; those of demands and queues are 0."""
    caps = np.append(small.cap, 0.0)[places.cap]
    intake = small.intake[places.site][:, places.period]
    supply = (small.balance + small.intake)[places.site][:, places.period]
    least = np.full(supply.shape, np.inf)
    tier = (structure.tier_cost + structure.cap_tier.priced(caps)) / structure.tier_yield[:, None]
    np.minimum.at(least, structure.tier_site, tier)
    supply = np.where(np.isfinite(least), np.maximum(supply, least), supply)
    return replace(
        no_duals(structure, caps),
        balance=supply - intake,
        capacity=small.capacity[places.site][:, places.period],
        intake=intake,
        link=small.link[:, places.period],
    )


def used_positions(places: Places, structure: Structure, small: Structure, flows: Flows) -> IntArray:
    """Return the positions of the assignments that stand for those that flows of the smaller structure use."""
    demand = _demands(places, structure, small)
    members, starts = _by_place(demand, len(small.demand_amount))
    flow, rank = expand_counts(np.diff(starts)[flows.demand])
    of_flow = members[starts[flows.demand][flow] + rank]
    sites, first = _by_place(places.site, small.sites)
    there = small.arc_site[flows.arc[flow]]
    each, rank = expand_counts(np.diff(first)[there])
    site, chosen = sites[first[there[each]] + rank], of_flow[each]
    mode = small.arc_class[flows.arc[flow]][each]
    ways = site * structure.routes + small.arc_rank[flows.arc[flow]][each]
    arc = _arcs(structure, mode, structure.demand_origin[chosen], ways)
    return np.unique(assignment_positions(structure, chosen[arc >= 0], arc[arc >= 0]))


def _axes(formulation: Formulation) -> tuple[Sized, Sized, Sized]:
    return formulation.hubs, formulation.data_centres, formulation.hours


def _caps(reduced: Reduced[Instance], whole: Formulation) -> Iterator[Hashable]:
    """Yield what tells each cap of the whole apart, by the names and the hours of the smaller instance."""
    yield from range(OWN_CAPS)
    pools = reduced.whole.accelerator_pools
    sites = pools["data_centre"].map(reduced.data_centres["merged_into"]).to_numpy(object)
    for limit in whole.limits:
        pool = (sites[limit.pool], pools["accelerator_type"].iloc[limit.pool]) if limit.pool >= 0 else limit.name
        hours = np.flatnonzero(limit.hour)
        yield pool, limit.zone, int(reduced.hour[hours[0]]) if len(hours) == 1 else -1


def _demands(places: Places, structure: Structure, small: Structure) -> IntArray:
    """Return the demand of the smaller structure that each demand is part of; -1 for none."""

    def keys(of: Structure, origin: IntArray, period: IntArray) -> IntArray:
        return (of.demand_class * small.origins + origin) * small.periods + period

    known = keys(small, small.demand_origin, small.demand_period)
    asked = keys(structure, places.origin[structure.demand_origin], places.period[structure.demand_period])
    return _found(known, asked)


def _arcs(structure: Structure, klass: IntArray, origin: IntArray, way: IntArray) -> IntArray:
    """Return the arc of a class from an origin by a way; -1 where it is not admissible."""
    known = (structure.arc_class * structure.origins + structure.arc_origin) * structure.ways + structure.arc_way
    return _found(known, (klass * structure.origins + origin) * structure.ways + way)


def _found(known: IntArray, keys: IntArray) -> IntArray:
    """Return the position of every key among known ones, which differ; -1 for none."""
    if not len(known):
        return np.full(len(keys), -1)
    order = np.argsort(known, kind="stable")
    place = np.minimum(np.searchsorted(known[order], keys), len(known) - 1)
    return np.where(known[order][place] == keys, order[place], -1)


def _by_place(place: IntArray, count: int) -> tuple[IntArray, IntArray]:
    """Return the positions by their place, those without one left out, and where each place begins."""
    there = np.flatnonzero(place >= 0)
    members = there[np.argsort(place[there], kind="stable")]
    return members, np.searchsorted(place[members], np.arange(count + 1))
