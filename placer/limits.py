"""What sets the ceiling: which limits keep the rest of the demand from being exported.

The limits are lifted one after another in the order of ``LIMITS``; what each adds to the ceiling is its share of
``1 - ceiling``. What is left with all of them lifted cannot be exported at all: its hub has no region it could leave
to, or no route leads there. The parts add up exactly. Since the order matters, ``shapley`` gives each limit the mean of
what it adds over all orders (Shapley 1953), at the price of one pair of programs for every subset.

A limit may count negatively: lifting it lets demand be served that was not, and served demand comes first.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.extent import most_export, total_weight
from placer.formulation import with_arcs

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from placer.column_generation import AnySolver
    from placer.extent import Extent
    from placer.formulation import Formulation

#: The limits, in the order they are lifted: distance and law first, then what could be built.
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


def split(
    formulation: Formulation, weight: np.ndarray, solver: AnySolver | None = None, extent: Extent | None = None
) -> pd.Series:
    """Return ``1 - ceiling`` by the limit that takes it, in the order of ``LIMITS``; the parts add up exactly.

    ``extent`` is what can be exported with all limits, where that is known.
    """
    ceiling = _memoised(formulation, weight, solver, extent)
    steps = [ceiling(frozenset(LIMITS[:count])) for count in range(len(LIMITS) + 1)]
    parts = dict(zip(LIMITS, np.diff(steps).tolist(), strict=True))
    return pd.Series(parts | {NOT_EXPORTABLE: 1 - steps[-1]}, name="share")


def shapley(
    formulation: Formulation, weight: np.ndarray, solver: AnySolver | None = None, extent: Extent | None = None
) -> pd.Series:
    """Return ``1 - ceiling`` by limit, each with the mean of what it adds over all orders of lifting them.

    ``extent`` is what can be exported with all limits, where that is known.
    """
    ceiling = _memoised(formulation, weight, solver, extent)
    count = len(LIMITS)
    parts = {}
    for limit in LIMITS:
        others = [name for name in LIMITS if name != limit]
        parts[limit] = sum(
            (ceiling(frozenset((*chosen, limit))) - ceiling(frozenset(chosen)))
            / (count * math.comb(count - 1, len(chosen)))
            for size in range(count)
            for chosen in itertools.combinations(others, size)
        )
    return pd.Series(parts | {NOT_EXPORTABLE: 1 - ceiling(frozenset(LIMITS))}, name="share")


def _memoised(
    formulation: Formulation, weight: np.ndarray, solver: AnySolver | None, extent: Extent | None
) -> Callable[[frozenset[str]], float]:
    """Return the ceiling by the limits that are lifted, each solved for once, and not where it shows by itself.

    Once nothing is left unserved and all that may leave at all does, lifting more limits changes nothing.
    """
    total = total_weight(formulation, weight)
    known = {} if extent is None else {frozenset[str](): (extent.exported, extent.unserved_mtok)}

    def ceiling(lifted: frozenset[str]) -> float:
        if lifted not in known:
            free = lift(formulation, lifted)
            most = _may_leave(free, weight) * (1 - _ROUNDING)
            fewer = (found for limits, found in known.items() if limits < lifted)
            known[lifted] = next((found for found in fewer if found[1] == 0 and found[0] >= most), None) or solved(free)
        return known[lifted][0] / total

    def solved(free: Formulation) -> tuple[float, float]:
        found = most_export(free, weight, solver)
        return found.exported, found.unserved_mtok

    return ceiling


def _may_leave(formulation: Formulation, weight: np.ndarray) -> float:
    """Return what would be exported if all demand that has an exporting arc left."""
    structure = formulation.structure
    leaves = np.zeros((len(structure.window), structure.origins), dtype=bool)
    away = formulation.exported[structure.arc_origin, structure.arc_site]
    leaves[structure.arc_class[away], structure.arc_origin[away]] = True
    klass = structure.demand_class
    return float((weight[klass] * structure.demand_amount) @ leaves[klass, structure.demand_origin])
