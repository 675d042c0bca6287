"""The structure of some of the sites: arcs to the others, and what stands at them, are left out.

Solvers lay out arrays over all sites, so that a structure with arcs to few of them is solved faster without the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from placer.model.structure import Structure
    from placer.utils.arrays import BoolArray, IntArray

_OF_ARCS = ("arc_class", "arc_origin", "arc_site", "arc_rank", "arc_cost")
_OF_SITES = ("capacity", "intake", "overhead")
_OF_CLASSES_AND_SITES = ("work_cost", "use", "draw")
_OF_TIERS = ("tier_yield", "tier_cost", "tier_limit")


def part_of_sites(structure: Structure, kept: BoolArray) -> Structure:
    """Return the structure with some of its sites (j,), at least one, numbered anew in their order.

    Demands, links and caps stay at their positions.
    """
    site, number = np.flatnonzero(kept), np.cumsum(kept) - 1
    arc, tier = kept[structure.arc_site], np.flatnonzero(kept[structure.tier_site])
    route = _routes_to(structure, kept)
    arcs = {name: getattr(structure, name)[arc] for name in _OF_ARCS}
    return replace(
        structure,
        **arcs | {"arc_site": number[arcs["arc_site"]]},
        **{name: getattr(structure, name)[site] for name in _OF_SITES},
        **{name: getattr(structure, name)[:, site] for name in _OF_CLASSES_AND_SITES},
        **{name: getattr(structure, name)[tier] for name in _OF_TIERS},
        tier_site=number[structure.tier_site[tier]],
        route_links=structure.route_links[route],
        cap_work=structure.cap_work.part(1, site),
        cap_tier=structure.cap_tier.part(0, tier),
        cap_route=structure.cap_route.part(0, route),
    )


def _routes_to(structure: Structure, kept: BoolArray) -> IntArray:
    """Return the routes to some sites, from every origin."""
    way = np.flatnonzero(kept[structure.way_site])
    return structure.route(np.arange(structure.origins)[:, None], way).ravel()
