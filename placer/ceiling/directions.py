"""Directions: the ceiling of every region that exports alone, and the cut with the largest ceiling.

An upper bound on the ceiling of every cut excludes most cuts from being solved. In accelerator-hours of the reference,
let W_R be the demand of the hubs of the receiving regions R, and C_R the capacity of their data centres (times speed).
The export of S is

    E  =  (served in R) - (R's own served in R)  <=  C_R - (W_R - D - U_R)

The displaced demand D is at its least over the placements that leave U* unserved, so it is at most that of any of these
placements. The placement that serves most within the regions is solved once and gives D for all cuts. U_R is at most U*
times the largest hours of a Mtok. The worth of E is then at most that of a fractional knapsack: of the demand that may
leave, the demand of the highest worth per hour that fits into the hours above.
"""

from __future__ import annotations

import math
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from placer.ceiling.maximum import most_export
from placer.ceiling.programs import Extent
from placer.instance.arguments import need_instance
from placer.instance.cut import Cut, every_cut, regions_of
from placer.instance.problem import Instance
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.model.counts import (
    Count,
    Weight,
    Weights,
    export_weights,
    exports_over,
    gross,
    may_leave,
    net,
    reference_hours,
    share_of,
    total_weight,
)
from placer.model.formulation import Formulation, formulate
from placer.model.latency import over_ways
from placer.model.structure import Structure
from placer.proof.certificate import Tolerances
from placer.running import running
from placer.utils.arrays import FloatArray

#: With at most this number of cuts, the bound is the demand with an admissible arc.
_FEW = 2


def largest_cut(
    instance: Instance,
    formulation: Formulation,
    weights: Weights,
    solver: AnySolver | None = None,
    *,
    time_limit_seconds: float = math.inf,
) -> tuple[Cut, Extent]:
    """Return the cut of the largest ceiling, of all cuts into two sets of regions, and its optimum.

    Cuts are solved by falling bound, until the best ceiling is at least the next bound. Of equal ceilings the first
    wins.

    ``time_limit_seconds`` holds for each of the ceilings.

    Raises
    ------
    InstanceError
        If there are too many regions to compare all cuts.
    NoSolutionError
        If no answer passed the certificate, or not in time.
    """
    cuts = every_cut(instance)
    # The counts of few cuts fit into memory: bounds and ceilings share them.
    count_of = lru_cache(_FEW)(partial(net, instance, weights))
    if len(cuts) <= _FEW:
        bounds = [may_leave(formulation, count_of(cut)) for cut in cuts]
    else:
        bounds = _bounds(instance, formulation, weights, cuts, solver)
    best: tuple[Cut, Extent] | None = None
    for place in sorted(range(len(cuts)), key=lambda place: -bounds[place]):
        if best is not None and bounds[place] <= best[1].exported:
            break
        found = most_export(formulation, count_of(cuts[place]), solver, time_limit_seconds=time_limit_seconds)
        if best is None or found.exported > best[1].exported:
            best = cuts[place], found
    if best is None:
        raise ValueError("an instance with fewer than two regions has no cut")
    return best


def ceilings_by_region(
    instance: Instance,
    weight: Weight = "tokens",
    solver: AnySolver | str | None = None,
    *,
    time_limit_seconds: float = math.inf,
) -> pd.DataFrame:
    """Return the ceiling of each region when it alone exports, to all others.

    Parameters
    ----------
    instance : Instance
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``; see ``placer.model.counts``.
    solver : Solver or ColumnGeneration, optional
        As for ``placer.export_ceiling``.
    time_limit_seconds : float
        As in ``placer.running``.

    Returns
    -------
    DataFrame
        Index ``region``, one row for every region that has hubs; ``demand_share`` (of its hubs), ``share``,
        ``latency_share`` and ``gross_share`` as in ``placer.ExportCeiling``, all of the weight of all demand; and
        ``unserved_share``, of all tokens.

    Raises
    ------
    InstanceError
        If the weight is unknown, or no demand has any.
    NoSolutionError
        If no answer passed the certificate, or not in time.

    Examples
    --------
    >>> import placer
    >>> table = placer.ceilings_by_region(placer.load("tiny"))
    >>> bool((table["share"] <= table["demand_share"]).all())
    True
    """
    need_instance(instance)
    solver = solver_of(solver)
    with running(time_limit_seconds=time_limit_seconds):
        return _by_region(instance, weight, solver)


def _by_region(instance: Instance, weight: Weight, solver: AnySolver | None) -> pd.DataFrame:
    """Return the table of ``ceilings_by_region``."""
    formulation = formulate(instance)
    weights = export_weights(instance, formulation.distance, weight)
    structure, total = formulation.structure, total_weight(formulation, weights.asked)
    regions = regions_of(instance)
    region = instance.hubs["region"].to_numpy(object)[structure.demand_origin]
    counted = weights.asked[structure.demand_class] * structure.demand_amount
    asking = [name for name in regions if (region == name).any()] if len(regions) > 1 else []
    rows = []
    for name in asking:
        cut = Cut((name,), tuple(other for other in regions if other != name))
        count = net(instance, weights, cut)
        found = most_export(formulation, count, solver)
        rows.append(
            {
                "demand_share": share_of(float(counted[region == name].sum()), total),
                "share": share_of(found.exported, total),
                "latency_share": share_of(may_leave(formulation, count), total),
                "gross_share": share_of(with_swaps(formulation, count, found, solver), total),
                "unserved_share": share_of(found.unserved_mtok, structure.total_demand),
            }
        )
    columns = ["demand_share", "share", "latency_share", "gross_share", "unserved_share"]
    return pd.DataFrame(rows, index=pd.Index(asking, name="region"), columns=columns)


def with_swaps(formulation: Formulation, count: Count, net_extent: Extent, solver: AnySolver | None = None) -> float:
    """Maximise gross exports: demand of the receiving regions may be displaced in exchange.

    The maximum lies between the exports without swaps and all demand that may leave. No program is solved if these two
    are equal, or if no arc displaces.
    """
    if not count.displaced.any() or net_extent.exported >= may_leave(formulation, count) * (1 - Tolerances.primal):
        return net_extent.exported
    return max(most_export(formulation, gross(count), solver).exported, net_extent.exported)


def _bounds(
    instance: Instance,
    formulation: Formulation,
    weights: Weights,
    cuts: list[Cut],
    solver: AnySolver | None,
) -> list[float]:
    """Return an upper bound on the ceiling of every cut, in the unit of the weights."""
    structure, names = formulation.structure, list(regions_of(instance))
    hours = reference_hours(instance)
    hub, site = (instance.tables[name]["region"].map(_numbers(names)) for name in ("hubs", "data_centres"))
    hub_region, site_region = (one.fillna(-1).to_numpy(int) for one in (hub, site))
    apart = (hub_region[:, None] != site_region) & (hub_region[:, None] >= 0) & (site_region >= 0)
    moved = over_ways(np.where(apart, hours[:, None, None], 0.0), structure.routes)
    home = most_export(formulation, Count(np.zeros_like(moved), moved), solver)
    flows, shape = home.flows, (len(names) + 1, len(names) + 1)  # the last place is for no region, numbered -1
    sent = hours[structure.arc_class[flows.arc]] * flows.amount
    between = np.zeros(shape)
    np.add.at(between, (hub_region[structure.arc_origin[flows.arc]], site_region[structure.arc_site[flows.arc]]), sent)
    asked, room = np.zeros(shape[0]), np.zeros(shape[0])
    np.add.at(asked, hub_region[structure.demand_origin], hours[structure.demand_class] * structure.demand_amount)
    np.add.at(room, site_region, _most_hours(structure, hours))
    unserved = home.unserved_mtok * float(hours.max(initial=0.0))
    bounds = []
    for cut in cuts:
        here, there = ([names.index(name) for name in side] for side in (cut.exporting, cut.receiving))
        spare = room[there].sum() - asked[there].sum() + between[np.ix_(there, here)].sum() + unserved
        # Flows exceed their limits by up to the tolerance of the certificate: the bounds are wider by as much.
        fits = max(spare, 0.0) + Tolerances.primal * float(asked.sum())
        bounds.append(_worth_of(formulation, exports_over(instance, weights, cut), hours, fits))
    return bounds


def _numbers(names: list[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _most_hours(structure: Structure, hours: FloatArray) -> FloatArray:
    """Return the most work every site can do over the horizon, in accelerator-hours of the reference."""
    takes = structure.use > 0
    free = np.where(takes | (hours[:, None] == 0), 0.0, np.inf)  # a mode that takes nothing does any work
    fastest = np.divide(hours[:, None], structure.use, out=free, where=takes).max(axis=0, initial=0.0)
    most = structure.capacity.sum(axis=1) * np.where((fastest > 0) & np.isfinite(fastest), fastest, 1.0)
    return np.where(np.isfinite(fastest), np.where(fastest > 0, most, 0.0), np.inf)


def _worth_of(formulation: Formulation, exported: FloatArray, hours: FloatArray, fits: float) -> float:
    """Bound the weight of exports that take at most ``fits`` hours (a fractional knapsack)."""
    structure = formulation.structure
    leaves = np.zeros((len(hours), structure.origins), dtype=bool)
    away = exported[structure.arc_class, structure.arc_origin, structure.arc_way] > 0
    leaves[structure.arc_serves[away], structure.arc_origin[away]] = True
    worth = structure.over_modes(exported.max(axis=(1, 2), initial=0.0))
    klass = structure.demand_class
    mtok = np.bincount(klass, structure.demand_amount * leaves[klass, structure.demand_origin], len(hours))
    order = np.argsort(np.divide(hours, worth, out=np.full(len(hours), np.inf), where=worth > 0), kind="stable")
    taken = hours[order] * mtok[order]
    before = np.cumsum(taken) - taken
    part = np.divide(fits - before, taken, out=np.ones_like(taken), where=taken > 0)
    return float((worth[order] * mtok[order]) @ np.clip(part, 0.0, 1.0)) * (1 + Tolerances.primal)
