"""Parts of a structure: some of its arcs, demands or sites."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from placer.model.structure import Structure
from placer.utils.arrays import BoolArray, IntArray

#: Arrays of a structure by demand.
OF_DEMANDS = ("demand_class", "demand_origin", "demand_period", "demand_amount")
_OF_ARCS = ("arc_class", "arc_origin", "arc_site", "arc_rank", "arc_cost")
_OF_SITES = ("capacity", "intake", "overhead")
_OF_CLASSES_AND_SITES = ("work_cost", "use", "draw")
_OF_TIERS = ("tier_yield", "tier_cost", "tier_limit")


def part_of(
    structure: Structure, *, arcs: BoolArray | None = None, demands: BoolArray | IntArray | None = None, **changes: Any
) -> Structure:
    """Return the structure with some of its arcs and demands alone; all else stays at its position.

    Parameters
    ----------
    arcs : (arcs,) bool array, optional
        All if not given.
    demands : (demands,) bool array, or int array, optional
        By a mask or by position; all if not given.
    **changes
        Attributes that are others in the part, such as ``demand_amount``.
    """
    part: dict[str, Any] = {}
    if arcs is not None:
        part |= {name: getattr(structure, name)[arcs] for name in _OF_ARCS}
    if demands is not None:
        part |= {name: getattr(structure, name)[demands] for name in OF_DEMANDS}
        part["steps"] = None if structure.steps is None else structure.steps.part(demands)
    return replace(structure, **{**part, **changes})


def part_of_sites(structure: Structure, kept: BoolArray) -> Structure:
    """Return the structure with some of its sites (j,), at least one, numbered anew in their order.

    Arcs to the other sites, and what stands at these, are left out. Demands, links and caps stay at their positions.
    Solvers lay out arrays over all sites, so that a structure with arcs to few of them is solved faster without the
    rest.
    """
    site, number = np.flatnonzero(kept), np.cumsum(kept) - 1
    tier, way = np.flatnonzero(kept[structure.tier_site]), np.flatnonzero(kept[structure.way_site])
    route = structure.route(np.arange(structure.origins)[:, None], way).ravel()
    part = part_of(structure, arcs=kept[structure.arc_site])
    return replace(
        part,
        arc_site=number[part.arc_site],
        **{name: getattr(structure, name)[site] for name in _OF_SITES},
        **{name: getattr(structure, name)[:, site] for name in _OF_CLASSES_AND_SITES},
        **{name: getattr(structure, name)[tier] for name in _OF_TIERS},
        tier_site=number[structure.tier_site[tier]],
        route_links=structure.route_links[route],
        cap_work=structure.cap_work.part(1, site),
        cap_tier=structure.cap_tier.part(0, tier),
        cap_route=structure.cap_route.part(0, route),
    )
