"""The limits that set the ceiling: the part of the remaining demand that each of them keeps from export.

Each limit gets the mean increase of the ceiling when it is lifted, over all orders of lifting
(``placer.utils.shapley``). ``ordered`` lifts the limits in the order of ``LIMITS`` only: latency comes first and gets
its least part. Demand that cannot be exported with all limits lifted has no region to leave to, or no route. The parts
add up to ``1 - ceiling`` exactly. The unserved share is split in the same way.

The part of a limit may be negative: without it more demand is served, or less demand of the receiving regions is
displaced, and both objectives precede exports.

Few of the ceilings behind a split are solved. If no program of an optimum has a price on a row of a limit, the same
prices prove the same optimum without the limit. If all demand that may leave is exported, and no demand is unserved or
displaced, lifting further limits changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from placer.ceiling.maximum import most_export
from placer.ceiling.programs import Extent
from placer.ladder.proven import AnySolver
from placer.model.caps import CARBON_CAP, OWN_CAPS
from placer.model.counts import Count, may_leave, share_of
from placer.model.formulation import Formulation, with_arcs
from placer.utils.arrays import NOISE, BoolArray, without_noise
from placer.utils.shapley import coalitions, shapley_value

#: The limits: distance and law first, then capacities that could be built.
LIMITS = ("latency", "residency", "accelerators", "power", "links")
NOT_EXPORTABLE = "not exportable"
#: Demand that has nowhere to leave to, among ``walls``.
NO_WAY = "no way abroad"
#: Kinds of limits of one's own that are about power.
_POWER_KINDS = ("energy_mwh", "carbon_kg", "green_share")


def lift(formulation: Formulation, limits: Collection[str]) -> Formulation:
    """Return the formulation without some of its limits.

    ``latency``: every arc with a route meets its limit. ``residency``: every jurisdiction is allowed,
    and no ban holds.
    ``accelerators``: capacities are infinite, those of pools too. ``power``: work draws no power, so that limits of
    supplies and sites and the cap on carbon do not bind; limits of one's own on energy, carbon and green shares are
    lifted. ``links``: capacities are infinite.
    """
    if "latency" in limits or "residency" in limits:
        allowed = formulation.allowed_ways | ("residency" in limits)
        within = formulation.in_time | ("latency" in limits)
        reachable = np.isfinite(formulation.latency_ms)
        formulation = with_arcs(formulation, within & allowed & reachable)
    structure = formulation.structure
    if "accelerators" in limits:
        cap_limit = structure.cap_limit.copy()
        cap_limit[formulation.pool_caps[0]] = math.inf
        structure = replace(structure, capacity=np.full_like(structure.capacity, math.inf), cap_limit=cap_limit)
    if "power" in limits:
        structure = replace(
            structure,
            draw=np.zeros_like(structure.draw),
            intake=np.full_like(structure.intake, math.inf),
            cap_limit=np.where(_on_power(formulation), math.inf, structure.cap_limit),
        )
    if "links" in limits:
        structure = replace(structure, link_capacity=np.full_like(structure.link_capacity, math.inf))
    return replace(formulation, structure=structure)


def shapley(
    formulation: Formulation, count: Count, total: float, solver: AnySolver | None = None, extent: Extent | None = None
) -> pd.DataFrame:
    """Return the part of every limit: the mean increase of the ceiling over all orders of lifting the limits.

    Parameters
    ----------
    count : Count
        Weights of exports and of displaced demand.
    total : float
        Weight of all demand.
    solver : Solver or ColumnGeneration, optional
        As ``placer.ceiling.maximum.most_export`` takes it.
    extent : Extent, optional
        The optimum with all limits, if it is known.

    Returns
    -------
    DataFrame
        Index ``limit``: ``LIMITS``, then ``NOT_EXPORTABLE``. ``share``: part of ``1 - ceiling``. ``unserved_share``:
        part of the unserved share of all tokens; in the last row, the part that no limit explains.
    """

    def parts(value: Callable[[frozenset[str]], float]) -> list[float]:
        return shapley_value(np.array([value(frozenset(lifted)) for lifted in coalitions(LIMITS)])).tolist()

    return _split(_Lifted(formulation, count, solver, extent), total, parts)


def ordered(
    formulation: Formulation, count: Count, total: float, solver: AnySolver | None = None, extent: Extent | None = None
) -> pd.DataFrame:
    """Return the part of every limit when they are lifted in the order of ``LIMITS``; otherwise as ``shapley``."""

    def parts(value: Callable[[frozenset[str]], float]) -> list[float]:
        steps = [value(frozenset(LIMITS[:place])) for place in range(len(LIMITS) + 1)]
        return [float(part) for part in np.diff(steps)]

    return _split(_Lifted(formulation, count, solver, extent), total, parts)


def walls(
    formulation: Formulation, count: Count, total: float, solver: AnySolver | None = None, extent: Extent | None = None
) -> pd.DataFrame:
    """Return what keeps the rest from export, as walls, which no capacity opens, and prices, which capacity does.

    Parameters as of ``shapley``.

    Returns
    -------
    DataFrame
        Index ``cause``; ``kind`` (``wall``, ``price``, or empty) and ``share``, which add up to ``1 - ceiling``:

        ``distance``: no mode over any route abroad answers in time; ``law``: one does, and law forbids it;
        ``accelerators``: leaves with unlimited accelerators, below 0 if they serve at home what left before; ``other
        limits``: leaves with unlimited power and links too, and without limits of one's own; ``no way abroad``: the
        demand of the receiving regions, and that without a route.
    """
    lifted = _Lifted(formulation, count, solver, extent)
    now, more = (lifted.extent_of(frozenset(each)).exported for each in ((), ("accelerators",)))
    allowed, lawful, anywhere = (
        may_leave(lift(formulation, each), count) for each in ((), ("residency",), ("residency", "latency"))
    )
    shares = {
        "distance": ("wall", anywhere - lawful),
        "law": ("wall", lawful - allowed),
        "accelerators": ("price", more - now),
        "other limits": ("price", allowed - more),
        NO_WAY: ("", total - anywhere),
    }
    kept = [(kind, float(without_noise(np.array([share_of(part, total)]), 1.0)[0])) for kind, part in shares.values()]
    return pd.DataFrame(kept, pd.Index(shares, name="cause"), ["kind", "share"])


def _split(
    lifted: _Lifted, total: float, parts: Callable[[Callable[[frozenset[str]], float]], list[float]]
) -> pd.DataFrame:
    """Split the ceiling and the unserved share into the parts of the limits and the remainder."""
    demand = lifted.formulation.structure.total_demand

    def share(limits: frozenset[str]) -> float:
        return share_of(lifted.extent_of(limits).exported, total)

    def unserved(limits: frozenset[str]) -> float:
        return share_of(lifted.extent_of(limits).unserved_mtok, demand)

    every = frozenset(LIMITS)
    columns = {
        "share": [*parts(share), 1 - share(every)],
        "unserved_share": [*(0.0 - part for part in parts(unserved)), unserved(every)],
    }
    return pd.DataFrame(columns, index=pd.Index([*LIMITS, NOT_EXPORTABLE], name="limit"))


@dataclass
class _Lifted:
    """Ceilings by set of lifted limits, each solved at most once.

    A set takes the optimum of a smaller set, without a program, in two cases: the proofs of that optimum need none of
    the further limits, or all demand that may leave is exported there and no demand is unserved or displaced.
    ``extent``, if given, is the optimum of the empty set.
    """

    formulation: Formulation
    count: Count
    solver: AnySolver | None
    extent: Extent | None
    _known: dict[frozenset[str], Extent] = field(default_factory=dict)

    def extent_of(self, lifted: frozenset[str]) -> Extent:
        """Return the optimum without some limits."""
        if not self._known:
            self._known[frozenset()] = self.extent or most_export(self.formulation, self.count, self.solver)
        if lifted not in self._known:
            free = lift(self.formulation, lifted)
            self._known[lifted] = self._same(lifted, free) or most_export(free, self.count, self.solver)
        return self._known[lifted]

    def _same(self, lifted: frozenset[str], free: Formulation) -> Extent | None:
        """Return a known optimum with more limits that is proven to be optimal without these limits too."""
        most = may_leave(free, self.count) * (1 - NOISE)
        for fewer, found in self._known.items():
            if fewer < lifted:
                settled = found.unserved_mtok == 0 and found.displaced_hours == 0 and found.exported >= most
                if settled or (lifted - fewer) <= _idle(lift(self.formulation, fewer), found):
                    return found
        return None


def _idle(formulation: Formulation, extent: Extent) -> set[str]:
    """Return the limits that no proof of an optimum needs: they exclude no arc, and none of their rows has a price.

    A data centre or link of capacity 0 is closed without a price, so its limit counts as needed.
    """
    structure = formulation.structure
    dark = structure.dark[structure.arc_site].any(axis=1)
    drawn = structure.draw[structure.arc_class, structure.arc_site] > 0
    reachable = np.isfinite(formulation.latency_ms)
    needed = {
        "latency": bool((reachable & ~formulation.in_time).any()),
        "residency": not bool(formulation.allowed_ways.all()),
        "accelerators": bool((structure.capacity == 0).any() or _priced(extent, "capacity"))
        or any(bool(duals.cap[formulation.pool_caps[0]].any()) for duals in extent.prices),
        "power": bool((dark & drawn).any() or _priced(extent, "balance") or _priced(extent, "intake"))
        or any(bool((duals.cap != 0)[_on_power(formulation)].any()) for duals in extent.prices),
        "links": bool((structure.link_capacity == 0).any() or _priced(extent, "link")),
    }
    return {name for name, needs in needed.items() if not needs}


def _on_power(formulation: Formulation) -> BoolArray:
    """Return which caps are about power: that on carbon, and limits of energy, carbon and green shares."""
    on_power = np.array([False] * OWN_CAPS + [limit.kind in _POWER_KINDS for limit in formulation.limits])
    on_power[CARBON_CAP] = True
    return on_power


def _priced(extent: Extent, name: str) -> bool:
    return any(bool(np.any(getattr(duals, name) != 0)) for duals in extent.prices)
