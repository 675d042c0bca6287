"""Remarks on modes that no placement needs: those that no arc can use, and those that another outdoes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from placer.instance.problem import Instance
from placer.tolerances import INPUT
from placer.utils.records import records_of


def mode_remarks(instance: Instance) -> list[str]:
    """Return a remark on every mode that no placement needs: that no arc can use, or that another outdoes."""
    without_arcs = dict(_without_arcs(instance))
    return [
        *without_arcs.values(),
        *(
            f"mode {mode} of {workload} is not needed: {better} is no slower and takes no more accelerator-hours and "
            "energy"
            for workload, mode, better in _outdone(instance.modes)
            if (workload, mode) not in without_arcs
        ),
    ]


def _without_arcs(instance: Instance) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield every mode that is late over all routes of this network, or that law lets run nowhere, and a remark."""
    centres, pools = instance.data_centres, instance.accelerator_pools
    path_ms = instance.hubs["access_ms"].to_numpy(float)[:, None]
    path_ms = (path_ms + instance.routes.rtt_ms).reshape(len(instance.hubs), len(centres), -1).min(axis=2)
    workloads = {row["workload"]: row for row in records_of(instance.workloads)}
    askers = instance.demand.groupby("workload")["hub"].unique()
    for row in records_of(instance.modes):
        name, mode, kind = row["workload"], row["mode"], row["accelerator_type"]
        workload = workloads[name]
        lawful, trips = workload["jurisdictions"], workload["user_round_trips"]
        trips += (1 - workload["tools_colocated"]) * workload["tool_round_trips"]
        sites = np.array([lawful is None or place in lawful for place in centres["jurisdiction"]])
        has_pool = pools["data_centre"][pools["accelerator_type"] == kind]
        has_kind = (centres["accelerator_type"] == kind) | centres["data_centre"].isin(has_pool)
        sites &= has_kind.to_numpy(bool) | (kind is None)
        asks = instance.hubs["hub"].isin(askers.get(name, instance.hubs["hub"])).to_numpy(bool)
        nearest = path_ms[np.ix_(asks, sites)].min(initial=np.inf)
        late = not np.isfinite(nearest) or row["server_ms"] + trips * nearest > workload["latency_slo_ms"] + INPUT
        where = f" with {kind}" if kind else ""
        if not sites.any():
            yield (name, mode), f"mode {mode} of {name} can run nowhere: no data centre{where} is in its jurisdictions"
        elif late:
            route = f" to a data centre{where}" if kind else ""
            yield (name, mode), f"no route{route} is short enough for mode {mode} of {name}"


def _outdone(modes: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Yield workload, mode and the mode that outdoes it: no slower, with no more accelerator-hours and energy.

    Both are for the same accelerators. Of modes that are alike the first counts.
    """
    for (workload, _), rows in modes.groupby(["workload", "accelerator_type"], sort=False, dropna=False):
        amounts = rows[["server_ms", "accelerator_hours_per_mtok", "kwh_per_mtok"]].to_numpy(float)
        no_worse = (amounts[:, None] <= amounts).all(axis=2)  # the first than the second
        earlier = np.arange(len(rows))[:, None] < np.arange(len(rows))
        better, names = no_worse & (earlier | ~no_worse.T), rows["mode"].tolist()
        for place in np.flatnonzero(better.any(axis=0)).tolist():
            yield str(workload), names[place], names[int(better[:, place].argmax())]
