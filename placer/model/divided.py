"""A structure whose periods are divided into equal parts.

Limits of a period are divided evenly among its parts; costs and overheads hold in each. A class that may wait n periods
may wait n times as many parts, until the last one. Work whose window ends after the last part has a class of its own:
what of it is left at the end waits for the next day, at a cost that is stated.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from placer.model.cap_rows import CapRows
from placer.model.structure import Structure
from placer.utils.arrays import FloatArray, IntArray

#: Arrays whose last axis is periods: amounts of each, and figures that hold throughout each.
_AMOUNTS = ("capacity", "intake", "tier_limit", "link_capacity")
_LEVELS = ("work_cost", "overhead", "tier_cost")
#: Arrays of classes, and those of arcs but for the class.
_OF_CLASSES = ("window", "use", "draw", "work_cost", "link_use")
_OF_ARCS = ("arc_origin", "arc_site", "arc_rank", "arc_cost")


def divided(structure: Structure, parts: int) -> Structure:
    """Return the structure with every period in equal parts: clipped, in one block, without demands and caps.

    Parameters
    ----------
    structure : Structure
        Of one block.
    parts : int
        Parts of each period, at least 1.
    """
    periods, none = structure.periods * parts, np.zeros(0, dtype=int)
    tiers, routes = len(structure.tier_site), structure.route_links.shape[0]
    amounts: dict[str, Any] = {n: np.repeat(getattr(structure, n) / parts, parts, axis=-1) for n in _AMOUNTS}
    levels: dict[str, Any] = {n: np.repeat(getattr(structure, n), parts, axis=-1) for n in _LEVELS}
    return replace(
        structure,
        demand_class=none,
        demand_origin=none,
        demand_period=none,
        demand_amount=np.zeros(0),
        window=structure.window * parts,
        cyclic=False,
        block=np.zeros(periods, dtype=int),
        cap_limit=np.zeros(0),
        cap_work=CapRows.nothing(0, (structure.classes, structure.sites, periods)),
        cap_tier=CapRows.nothing(0, (tiers, periods)),
        cap_send=np.zeros((0, structure.classes)),
        cap_route=CapRows.nothing(0, (routes,)),
        cap_arrival=CapRows.nothing(0, (periods,)),
        **amounts,
        **levels,
    )


def with_late_classes(structure: Structure, late_cost: FloatArray) -> Structure:
    """Return the structure with one more class for each that waits, whose unserved demand costs ``late_cost``.

    Parameters
    ----------
    structure : Structure
        Without caps.
    late_cost : (classes,) array
        Per unit; only the costs of classes that wait count.
    """
    late = np.flatnonzero(structure.window > 0)
    copied = np.flatnonzero(structure.window[structure.arc_class] > 0)
    arc_class = structure.classes + np.searchsorted(late, structure.arc_class[copied])
    served = structure.classes + np.searchsorted(late, structure.served_class[late])
    classes = structure.classes + len(late)
    of_classes: dict[str, Any] = {n: _more(structure, n, getattr(structure, n)[late]) for n in _OF_CLASSES}
    of_arcs: dict[str, Any] = {n: _more(structure, n, getattr(structure, n)[copied]) for n in _OF_ARCS}
    return replace(
        structure,
        unserved_cost=np.concatenate([structure.unserved_cost, late_cost[late]]),
        serves=None if structure.serves is None else np.concatenate([structure.serves, served]),
        arc_class=np.concatenate([structure.arc_class, arc_class]),
        cap_work=CapRows.nothing(0, (classes, structure.sites, structure.periods)),
        cap_send=np.zeros((0, classes)),
        **of_classes,
        **of_arcs,
    )


def with_backlog(structure: Structure, period: int, backlog: FloatArray) -> tuple[Structure, IntArray]:
    """Return the structure with work that waits at its site from a period on, and the class of each class of backlog.

    Parameters
    ----------
    structure : Structure
        Without caps.
    backlog : (classes, sites, windows) array
        Amounts, by the periods that are left to serve them.

    Returns
    -------
    Structure
        The backlog has classes of its own, after the others, and an origin at every site.
    (classes of backlog,) int array
    """
    klass, left = np.nonzero(backlog.sum(axis=1) > 0)
    place, site = np.nonzero(backlog[klass, :, left] > 0)
    count, sites = structure.classes + len(klass), np.arange(structure.sites)
    none = csr_array((structure.sites * structure.ways, structure.route_links.shape[1]))
    route_links = csr_array(vstack([structure.route_links, none]))
    arcs = {
        "arc_class": np.repeat(structure.classes + np.arange(len(klass)), structure.sites),
        "arc_origin": structure.origins + np.tile(sites, len(klass)),
        "arc_site": np.tile(sites, len(klass)),
        "arc_rank": np.zeros(len(klass) * structure.sites, dtype=int),
        "arc_cost": np.zeros(len(klass) * structure.sites),
    }
    demands = {
        "demand_class": structure.classes + place,
        "demand_origin": structure.origins + site,
        "demand_period": np.full(len(place), period),
        "demand_amount": backlog[klass[place], site, left[place]],
    }
    of_classes = {name: getattr(structure, name)[klass] for name in _OF_CLASSES} | {"window": left}
    more = arcs | demands | of_classes | {"unserved_cost": structure.unserved_cost[klass]}
    if structure.serves is not None:
        more["serves"] = structure.classes + np.arange(len(klass))
    joined: dict[str, Any] = {name: _more(structure, name, added) for name, added in more.items()}
    return replace(
        structure,
        route_links=route_links,
        cap_work=CapRows.nothing(0, (count, structure.sites, structure.periods)),
        cap_send=np.zeros((0, count)),
        cap_route=CapRows.nothing(0, (route_links.shape[0],)),
        **joined,
    ), klass


def with_pair_demands(structure: Structure, klass: IntArray, origin: IntArray, amount: FloatArray) -> Structure:
    """Return the structure with demands of some pairs of class and origin; amounts of 0 are no demands.

    Parameters
    ----------
    klass, origin : (pairs,) int arrays
    amount : (pairs, periods) array
    """
    pair, period = np.nonzero(amount)
    return replace(
        structure,
        demand_class=klass[pair],
        demand_origin=origin[pair],
        demand_period=period,
        demand_amount=amount[pair, period],
    )


def _more(structure: Structure, name: str, added: FloatArray | IntArray) -> FloatArray | IntArray:
    """Return an array of a structure with more at its end."""
    return np.concatenate([getattr(structure, name), added])
