"""What sets the ceiling: which limits keep the rest of the demand from being exported.

Each limit gets the mean of what lifting it adds to the ceiling over all orders of lifting them (Shapley, 'A value for
n-person games', 1953); ``ordered`` lifts them in one order, that of ``LIMITS``, in which latency comes first and so at
its least. What is left with all of them lifted cannot be exported at all: its hub has no region it could leave to, or
no route leads there. The parts add up to ``1 - ceiling`` exactly. The same is done for the unserved share.

A limit may count negatively: lifting it lets demand be served, or the rest's own demand return, and both come first.

Few of the ceilings behind a split are solved for. Where no program of an optimum has a price on any row of a limit,
those prices prove the same optimum without it; and once all that may leave does, with nothing unserved or displaced,
lifting more changes nothing.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.ceiling.maximum import most_export
from placer.model.counts import may_leave
from placer.model.formulation import CARBON_CAP, with_arcs
from placer.proof.bound import without_supply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from placer.ceiling.programs import Extent
    from placer.model.counts import Count
    from placer.model.formulation import Formulation
    from placer.solvers.proven import AnySolver

#: The limits: distance and law first, then what could be built.
LIMITS = ("latency", "residency", "accelerators", "power", "links")
NOT_EXPORTABLE = "not exportable"
#: Exports this close to all that may leave, as a share, are all of it.
_ROUNDING = 1e-12


def lift(formulation: Formulation, limits: Collection[str]) -> Formulation:
    """Return the formulation without some of its limits.

    ``latency``: every arc with a route meets its limit. ``residency``: every jurisdiction is allowed.
    ``accelerators``: there are enough everywhere. ``power``: work draws none, so that limits of supplies and sites and
    the cap on carbon do not bind. ``links``: they carry anything.
    """
    if "latency" in limits or "residency" in limits:
        allowed = formulation.allowed | ("residency" in limits)
        within = formulation.in_time | ("latency" in limits)
        reachable = np.isfinite(formulation.latency_ms)
        formulation = with_arcs(formulation, within & allowed[:, None, :] & reachable)
    structure = formulation.structure
    if "accelerators" in limits:
        structure = replace(structure, capacity=np.full_like(structure.capacity, math.inf))
    if "power" in limits:
        structure = replace(
            structure, draw=np.zeros_like(structure.draw), intake=np.full_like(structure.intake, math.inf)
        )
    if "links" in limits:
        structure = replace(structure, link_capacity=np.full_like(structure.link_capacity, math.inf))
    return replace(formulation, structure=structure)


def shapley(
    formulation: Formulation, count: Count, total: float, solver: AnySolver | None = None, extent: Extent | None = None
) -> pd.DataFrame:
    """Return what every limit takes, as the mean of what lifting it adds over all orders of lifting them.

    Parameters
    ----------
    formulation : Formulation
    count : Count
        What is exported and displaced.
    total : float
        Weight of all demand.
    solver : Solver or ColumnGeneration, optional
        As ``placer.ceiling.maximum.most_export`` takes it.
    extent : Extent, optional
        What can be exported with all limits, where that is known.

    Returns
    -------
    DataFrame
        Index ``limit``: ``LIMITS``, then what is not exportable at all. ``share``: part of ``1 - ceiling``.
        ``unserved_share``: part of the unserved share of all tokens, in the last row what no limit explains.
    """

    def parts(value: Callable[[frozenset[str]], float]) -> list[float]:
        count = len(LIMITS)
        return [
            sum(
                (value(frozenset((*chosen, limit))) - value(frozenset(chosen)))
                / (count * math.comb(count - 1, len(chosen)))
                for size in range(count)
                for chosen in itertools.combinations([name for name in LIMITS if name != limit], size)
            )
            for limit in LIMITS
        ]

    return _split(_Lifted(formulation, count, solver, extent), total, parts)


def ordered(
    formulation: Formulation, count: Count, total: float, solver: AnySolver | None = None, extent: Extent | None = None
) -> pd.DataFrame:
    """Return what every limit takes if they are lifted one after another in the order of ``LIMITS``; as ``shapley``."""

    def parts(value: Callable[[frozenset[str]], float]) -> list[float]:
        steps = [value(frozenset(LIMITS[:place])) for place in range(len(LIMITS) + 1)]
        return [float(part) for part in np.diff(steps)]

    return _split(_Lifted(formulation, count, solver, extent), total, parts)


def _split(
    lifted: _Lifted, total: float, parts: Callable[[Callable[[frozenset[str]], float]], list[float]]
) -> pd.DataFrame:
    """Split the ceiling and the unserved share into what limits add and what is left."""
    demand = lifted.formulation.structure.total_demand

    def share(limits: frozenset[str]) -> float:
        return lifted.extent_of(limits).exported / total

    def unserved(limits: frozenset[str]) -> float:
        return lifted.extent_of(limits).unserved_mtok / demand

    every = frozenset(LIMITS)
    columns = {
        "share": [*parts(share), 1 - share(every)],
        "unserved_share": [*(0.0 - part for part in parts(unserved)), unserved(every)],
    }
    return pd.DataFrame(columns, index=pd.Index([*LIMITS, NOT_EXPORTABLE], name="limit"))


@dataclass
class _Lifted:
    """The ceilings by set of lifted limits: each is solved once, and not at all where a known proof covers it."""

    formulation: Formulation
    count: Count
    solver: AnySolver | None
    extent: Extent | None
    _known: dict[frozenset[str], Extent] = field(default_factory=dict)

    def extent_of(self, lifted: frozenset[str]) -> Extent:
        """Return what can be exported without some limits."""
        if not self._known:
            self._known[frozenset()] = self.extent or most_export(self.formulation, self.count, self.solver)
        if lifted not in self._known:
            free = lift(self.formulation, lifted)
            self._known[lifted] = self._same(lifted, free) or most_export(free, self.count, self.solver)
        return self._known[lifted]

    def _same(self, lifted: frozenset[str], free: Formulation) -> Extent | None:
        """Return the optimum with more limits that is proven to be that with fewer, if one is known."""
        most = may_leave(free, self.count) * (1 - _ROUNDING)
        for fewer, found in self._known.items():
            if fewer < lifted:
                settled = found.unserved_mtok == 0 and found.displaced_hours == 0 and found.exported >= most
                if settled or (lifted - fewer) <= _idle(lift(self.formulation, fewer), found):
                    return found
        return None


def _idle(formulation: Formulation, extent: Extent) -> set[str]:
    """Return the limits that no proof of an optimum needs: no arc is missing for them, no row of theirs has a price.

    Where a data centre or link has nothing at all, proofs need no price to close it, so that its limit counts.
    """
    structure = formulation.structure
    dark = without_supply(structure)[structure.arc_site].any(axis=1)
    drawn = structure.draw[structure.arc_class, structure.arc_site] > 0
    reachable = np.isfinite(formulation.latency_ms)
    needed = {
        "latency": bool((reachable & ~formulation.in_time).any()),
        "residency": not bool(formulation.allowed.all()),
        "accelerators": bool((structure.capacity == 0).any() or _priced(extent, "capacity")),
        "power": bool((dark & drawn).any() or _priced(extent, "balance") or _priced(extent, "intake"))
        or any(bool(duals.cap[CARBON_CAP] != 0) for duals in extent.prices),
        "links": bool((structure.link_capacity == 0).any() or _priced(extent, "link")),
    }
    return {name for name, needs in needed.items() if not needs}


def _priced(extent: Extent, name: str) -> bool:
    return any(bool(np.any(getattr(duals, name) != 0)) for duals in extent.prices)
