"""Latency of tasks: round trips, the time of a task over each way, and the arcs that are admissible."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from placer.instance.network.routes import Routes
from placer.instance.problem import Instance
from placer.model.policies import banned
from placer.tolerances import INPUT
from placer.utils.arrays import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class TaskLatency:
    """The time of each task over each way, and its limits; fields as in ``placer.model.formulation.Formulation``.

    Classes are those of ``placer.instance.service_classes``.

    Attributes
    ----------
    round_trips, latency_slo_ms : (classes,) arrays
    rtt_ms : (hubs, ways) array
    latency_ms : (classes, hubs, ways) array
        inf without a route, and where the data centre has no accelerators of the mode's type.
    in_time : (classes, hubs, ways) bool array
    allowed : (classes, data centres) bool array
    banned : (classes, hubs, data centres) bool array
    admissible : (classes, hubs, ways) bool array
        Whether the task is in time, law admits it and the route exists: the arcs.
    """

    round_trips: FloatArray
    latency_slo_ms: FloatArray
    rtt_ms: FloatArray
    latency_ms: FloatArray
    in_time: BoolArray
    allowed: BoolArray
    banned: BoolArray
    admissible: BoolArray


def task_latency(instance: Instance, routes: Routes) -> TaskLatency:
    """Return the time of each task over each of some routes, ``server_ms_k + n_k (access_ms_h + r_hw)``."""
    classes, workloads, centres = instance.service_classes, instance.workloads, instance.data_centres
    user, colocated, tool, slo_ms = (
        workloads[name].to_numpy(float)[classes.workload]
        for name in ("user_round_trips", "tools_colocated", "tool_round_trips", "latency_slo_ms")
    )
    round_trips = user + (1 - colocated) * tool
    path_ms = instance.hubs["access_ms"].to_numpy(float)[:, None] + routes.rtt_ms
    # No route stays no route even for workloads that make no round trip.
    travelled = round_trips[:, None, None] * np.where(np.isfinite(path_ms), path_ms, 0.0)
    latency_ms = classes.server_ms[:, None, None] + np.where(np.isfinite(path_ms), travelled, math.inf)
    if not classes.runs.all():
        latency_ms = np.where(over_ways(classes.runs, routes.per_pair)[:, None, :], latency_ms, np.inf)
    admitted, there = workloads["jurisdictions"].iloc[classes.workload], centres["jurisdiction"]
    allowed = np.array([[names is None or place in names for place in there] for names in admitted])
    closed = banned(instance)[classes.workload]
    # A task that takes exactly its limit meets it although the sum of milliseconds rounds.
    in_time = latency_ms <= slo_ms[:, None, None] + INPUT
    return TaskLatency(
        round_trips=round_trips,
        latency_slo_ms=slo_ms,
        rtt_ms=path_ms,
        latency_ms=latency_ms,
        in_time=in_time,
        allowed=allowed,
        banned=closed,
        admissible=in_time & lawful_ways(allowed, closed, routes.per_pair) & np.isfinite(latency_ms),
    )


def lawful_ways(allowed: BoolArray, closed: BoolArray, routes: int) -> BoolArray:
    """Return the ways that law admits (classes, hubs, ways): those to allowed data centres without a ban."""
    return np.asarray(over_ways(allowed[:, None, :] & ~closed, routes))


def over_ways(of_sites: BoolArray | FloatArray, routes: int) -> Any:
    """Return a figure of data centres, their last axis, for every way to them."""
    return np.repeat(of_sites, routes, axis=-1)
