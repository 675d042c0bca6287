"""Ways to open an arc for a workload and hub without one, past all limits that forbid it."""

from __future__ import annotations

import math

import numpy as np

from placer.analysis.shortage.changes import Change
from placer.analysis.shortage.state import State
from placer.tolerances import INPUT
from placer.utils.arrays import NOISE, FloatArray


def openings(state: State, unserved: FloatArray) -> list[list[Change]]:
    """Return the ways to open one arc for the pair without arcs that is shortest; the fewest, smallest changes first.

    Parameters
    ----------
    unserved : (demands,) array
        In Mtok.
    """
    structure = state.formulation.structure
    short = np.zeros((structure.classes, structure.origins))
    np.add.at(short, (structure.demand_class, structure.demand_origin), unserved)
    short[structure.arc_serves, structure.arc_origin] = 0.0
    klass, hub = np.unravel_index(int(short.argmax()), short.shape)
    if short[klass, hub] <= 0:
        return []
    open_sites = np.flatnonzero(~state.formulation.banned[klass, hub] & np.isfinite(_server_ms(state, int(klass))))
    ways = [opening(state, int(klass), int(hub), site) for site in open_sites.tolist()]
    return sorted(ways, key=lambda way: (len(way), sum(_hardship(change) for change in way)))


def opening(state: State, klass: int, hub: int, site: int) -> list[Change]:
    """Return the changes that open one arc in the fastest mode: a link, a longer latency limit, a jurisdiction."""
    form, changes = state.formulation, []
    modes = form.structure.served_class == klass
    latency = float(form.latency_ms[modes, hub, site * form.structure.routes].min())
    if not math.isfinite(latency):
        server, access = float(_server_ms(state, klass)[site]), float(state.instance.hubs["access_ms"].iloc[hub])
        rtt = _longest_link_ms(state, klass, access, server)
        changes.append(_new_link(state, hub, site, rtt))
        latency = server + float(form.round_trips[klass]) * (access + rtt)
    old = float(form.latency_slo_ms[klass])
    if latency > old + INPUT:
        changes.append(Change("latency", form.workloads[klass], "workloads", klass, "latency_slo_ms", old, latency))
    if not form.allowed[klass, site]:
        changes.append(allowing(state, klass, state.instance.data_centres["jurisdiction"].iloc[site]))
    return changes


def allowing(state: State, klass: int, place: str | None) -> Change:
    """Return the change that lets a workload run in one more jurisdiction; anywhere, if the place is in none."""
    old = state.jurisdictions[klass]
    new = None if place is None else (*old, place)
    return Change("residency", state.formulation.workloads[klass], "workloads", klass, "jurisdictions", old, new)


def _server_ms(state: State, klass: int) -> FloatArray:
    """Return the time of a task in the fastest mode that runs at each data centre (data centres,); inf without one."""
    service = state.instance.service_classes
    own = service.workload == klass
    return np.asarray(np.where(service.runs[own], service.server_ms[own, None], math.inf).min(axis=0))


def _longest_link_ms(state: State, klass: int, access: float, server: float) -> float:
    """Return the longest round trip of a link that keeps a task in time; of all routes, if it makes no round trip."""
    limit, trips = float(state.formulation.latency_slo_ms[klass]), float(state.formulation.round_trips[klass])
    budget = (limit - server) / trips - access if trips > 0 else math.inf
    if budget < math.inf:
        return max(budget * (1 - NOISE), 0.0)
    routes = state.instance.routes.rtt_ms
    return float(routes[np.isfinite(routes)].max())


def _new_link(state: State, hub: int, site: int, rtt_ms: float) -> Change:
    ends = str(state.formulation.hubs[hub]), str(state.formulation.data_centres[site])
    link = {"from": ends[0], "to": ends[1], "rtt_ms": rtt_ms, "capacity_gbps": math.inf, "usd_per_gb": 0.0}
    return Change("no route", " - ".join(ends), "links", len(state.instance.links), "", None, link)


def _hardship(change: Change) -> float:
    """Order changes of different kinds: milliseconds by share, then law, then links."""
    if change.limit == "latency":
        return change.amount / (change.amount + change.old)
    return 1.0 if change.limit == "residency" else 2.0
