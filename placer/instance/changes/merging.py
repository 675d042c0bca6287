"""Fewer places: clusters of hubs or data centres, each at the place of one of its members.

Places are alike in what a Mtok costs there and in what they reach. With the means over demand of accelerator-hours,
energy and GB of a Mtok, and phi_k the share of workload k in all demand, the distance of two hubs g and h is

    d(g, h)^2 = mean over j of  (transit_gj - transit_hj)^2 + S^2 sum_k phi_k [one of them reaches j in time, one not]

and that of two data centres has in place of j the hubs by demand, and the squared difference of what a Mtok costs there
in every hour. S is the largest difference of any of these costs: reach counts first. Where all that is equal, round
trips decide. Ward's method (``scipy.cluster.hierarchy``) merges the nearest clusters; its member with the least
sum of distances to the others, weighted by demand or capacity, stands for a cluster.

Places stay apart where law or limits tell them apart: by region; data centres also by the workloads that their
jurisdiction admits, by their types of accelerators, and by whether any power zone supplies them; and both by the limits
that name them.

A merged place becomes an exchange, so that all links and routes stay. No bound depends on the clusters: they decide how
good a guide the smaller instance is (``placer.reduced``).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cut_tree, ward
from scipy.spatial.distance import cdist

from placer.errors import Violation, refuse
from placer.instance.attributes.schema import DEMAND, DEMAND_STEPS, EXCHANGES
from placer.instance.attributes.validation import show
from placer.instance.changes.merged_sites import cost_usd_per_mtok, kinds_of_sites, merged_sites, shares, work_capacity
from placer.instance.changes.what_if import appended
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.checks.contract_checks import contracts_refused
from placer.instance.reduced import Reduced, Reducible, Whole
from placer.tolerances import INPUT
from placer.utils.arrays import FloatArray, IntArray, numbered, positions_in, sums_by

#: Weight of round trips beside costs.
_OF_ROUND_TRIPS = 1e-3
#: Costs of places that must stay apart, as a multiple of the largest distance of two places.
_APART = 1e3


def merged_hubs(instance: Whole, count: int) -> Reduced[Whole]:
    """Return an instance with some number of hubs; see ``Instance.merge_hubs``.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    hubs, demand = instance.tables["hubs"], instance.tables["demand"]
    names = hubs["hub"]
    kinds = list(zip(hubs["region"], *_named_by_limits(instance, "hub", names), strict=True))
    _check(instance, "merge_hubs", "hubs", count, kinds)
    volume = sums_by(positions_in(names, demand["hub"]), demand["mtok"].to_numpy(float), len(names))
    transit, reach, rtt_ms = _ways(instance)
    sites = 1 / transit.shape[1]
    alike = _features([(transit, np.full(transit.shape[1], sites))], (reach, sites), rtt_ms)
    leader = _leaders(alike, kinds, int(count), volume)
    kept, place = numbered(leader)
    into = names.to_numpy(object)[leader]
    hub = dict(zip(names, into, strict=True))
    merged = demand.assign(hub=demand["hub"].map(hub)).groupby(list(DEMAND.key), sort=False, as_index=False)["mtok"]
    changes = {
        "hubs": hubs.iloc[kept],
        "demand": merged.sum(),
        "exchanges": _with_exchanges(instance, names, kept),
        "limits": _renamed(instance.tables["limits"], "hub", hub),
    }
    sites_of, hours = np.arange(transit.shape[1]), np.arange(len(instance.hours))
    return Reduced(instance, instance.replace(**changes), place, sites_of, hours)


def merged_data_centres(instance: Whole, count: int) -> Reduced[Whole]:
    """Return an instance with some number of data centres; see ``Instance.merge_data_centres``.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    names = instance.tables["data_centres"]["data_centre"]
    kinds = list(zip(kinds_of_sites(instance), *_named_by_limits(instance, "data_centre", names), strict=True))
    _check(instance, "merge_data_centres", "data centres", count, kinds)
    demand, hubs = instance.tables["demand"], instance.tables["hubs"]["hub"]
    volume = sums_by(positions_in(hubs, demand["hub"]), demand["mtok"].to_numpy(float), len(hubs))
    transit, reach, rtt_ms = _ways(instance)
    costs, hours = cost_usd_per_mtok(instance), np.arange(len(instance.hours))
    share = volume / volume.sum()
    alike = _features(
        [(costs, np.full(len(hours), 1 / len(hours))), (transit.T, share)],
        (reach.swapaxes(0, 1), share[:, None]),
        rtt_ms.T,
    )
    leader = _leaders(alike, kinds, int(count), work_capacity(instance).mean(axis=1))
    kept, place = numbered(leader)
    site = dict(zip(names, names.to_numpy(object)[leader], strict=True))
    changes = merged_sites(instance, leader) | {
        "exchanges": _with_exchanges(instance, names, kept),
        "limits": _renamed(instance.tables["limits"], "data_centre", site),
    }
    return Reduced(instance, instance.replace(**changes), np.arange(len(hubs)), place, hours)


def _check(instance: Reducible, call: str, places: str, count: object, kinds: Sequence[Hashable]) -> None:
    """Refuse a number of places that cannot be, and instances whose demand is no plain amount of hubs.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    violations = []
    least, most = len(set(kinds)), len(kinds)
    if not isinstance(count, Integral) or isinstance(count, bool) or not least <= int(count) <= most:
        problem = f"{show(count)} for {most} {places}, of {least} kind{'s' * (least > 1)} that stay apart"
        violations.append(Violation(call, "", "count", problem, f"a whole number from {least} to {most}"))
    if len(instance.tables[DEMAND_STEPS.name]):
        allowed = "placer.solve(instance).instance, which asks for what is bought"
        violations.append(Violation(DEMAND_STEPS.name, "", "", f"{call} merges no demand with steps", allowed))
    if instance.tables["hubs"]["backlog_at"].notna().any():
        problem, allowed = f"{call} merges no work that waits when the horizon begins", "no backlog"
        violations.append(Violation("hubs", "", "backlog_at", problem, allowed))
    violations += batteries_refused(instance.tables["batteries"], call)
    if call == "merge_data_centres":
        violations += contracts_refused(instance.tables["contracts"], f"{call} takes no contracts of power")
    refuse(violations)


def _named_by_limits(instance: Reducible, scope: str, names: pd.Series) -> list[pd.Series]:
    """Return for every limit with names in a scope whether it names each place."""
    return [names.isin(chosen) for chosen in instance.tables["limits"][scope] if chosen is not None]


def _renamed(limits: pd.DataFrame, scope: str, into: dict[str, str]) -> pd.DataFrame:
    """Return the limits with the places that stand for those that they name."""
    named = [chosen and tuple(dict.fromkeys(into[name] for name in chosen)) for chosen in limits[scope]]
    return limits.assign(**{scope: pd.Series(named, limits.index, dtype=object)})


def _with_exchanges(instance: Reducible, names: pd.Series, kept: IntArray) -> pd.DataFrame:
    """Return the exchanges with the places that are merged: links through them stay."""
    rows: list[dict[str, Any]] = [{"exchange": name} for name in names.drop(names.index[kept])]
    return appended(instance.tables["exchanges"], rows, EXCHANGES, "merged")


def _ways(instance: Reducible) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the shortest ways: USD of transit a mean Mtok, reach, and ms (hubs, data centres).

    Reach (hubs, data centres, workloads) is the root of the workload's share of demand where it is in time, or 0.
    """
    workloads, demand, routes = instance.tables["workloads"], instance.tables["demand"], instance.routes
    share = sums_by(
        positions_in(workloads["workload"], demand["workload"]), demand["mtok"].to_numpy(float), len(workloads)
    )
    share /= share.sum()
    first = slice(None, None, routes.per_pair)
    path_ms = instance.tables["hubs"]["access_ms"].to_numpy(float)[:, None] + routes.rtt_ms[:, first]
    user, tool, colocated, server_ms, slo_ms = (
        workloads[name].to_numpy(float)
        for name in ("user_round_trips", "tool_round_trips", "tools_colocated", "server_ms", "latency_slo_ms")
    )
    modes = instance.tables["modes"].groupby("workload")["server_ms"].min()
    server_ms = workloads["workload"].map(modes).fillna(pd.Series(server_ms, workloads.index)).to_numpy(float)
    is_there = np.isfinite(path_ms)[:, :, None]
    tasks_ms = server_ms + (user + (1 - colocated) * tool) * np.where(is_there, path_ms[:, :, None], 0.0)
    transit = routes.usd_per_gb[:, first] * float(share @ workloads["gb_per_mtok"].to_numpy(float))
    return transit, np.sqrt(share) * (is_there & (tasks_ms <= slo_ms + INPUT)), path_ms


def _features(
    costs: Sequence[tuple[FloatArray, FloatArray]], reach: tuple[FloatArray, FloatArray | float], path_ms: FloatArray
) -> FloatArray:
    """Return points (places, features) whose distance is how unlike two places are.

    Parameters
    ----------
    costs : sequence of ((places, figures), (figures,)) arrays
        Costs and the weight of each.
    reach : (places, others, workloads) array and its weights
        As of ``_ways``; weights broadcast to (others, workloads).
    path_ms : (places, others) array
    """
    size = max(float(np.ptp(cost)) for cost, _ in costs) or 1.0
    flags, weights = reach
    there = np.where(np.isfinite(path_ms), path_ms, 0.0)
    far = np.where(np.isfinite(path_ms), path_ms, 2 * there.max()) / (there.max() or 1.0)
    parts = [cost * np.sqrt(weight) for cost, weight in costs]
    parts.append(size * (flags * np.sqrt(weights)).reshape(len(flags), -1))
    return np.concatenate([*parts, _OF_ROUND_TRIPS * size * far / np.sqrt(far.shape[1])], axis=1)


def _leaders(points: FloatArray, kinds: Sequence[Hashable], count: int, weight: FloatArray) -> IntArray:
    """Return for every place the one that stands for its cluster, itself for the middle one (places,)."""
    leader = np.arange(len(points))
    if count == len(points):
        return leader
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    own = np.array([[numbers[kind]] for kind in kinds]) == np.arange(len(numbers))
    size = float(np.linalg.norm(np.ptp(points, axis=0))) or 1.0
    cluster = cut_tree(ward(np.concatenate([points, _APART * size * own], axis=1)), n_clusters=count)[:, 0]
    share = shares(weight, cluster)
    for number in range(count):
        members = np.flatnonzero(cluster == number)
        leader[members] = members[np.argmin(cdist(points[members], points[members]) @ share[members])]
    return leader
