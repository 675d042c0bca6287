"""The tables that a contingency leaves of an instance, for the states of a plan.

A contingency is that of ``placer.security.contingencies``, and ``placer.security.outages`` says what it leaves: lost
data centres keep their rows, with 0 accelerators, lost supplies with 0 MW, and lost batteries with 0 MW and 0 MWh. So
their routes stay the same. Lost links are removed, and routes are found again without them. If a hub then has no route,
lost links keep their rows, with a capacity of 0 and a round trip longer than any other way: only what has no other way
takes them, and is stopped.

Work that takes no accelerators runs at a data centre without any, and work without bytes passes a link without
capacity. A limit of 0 tokens stops it, a row of the limits of one's own that is noted among what is lost, and all work
at a lost data centre with pools, which keeps them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.instance.network.routes import find_routes
from placer.instance.pools import pool_site
from placer.instance.problem import Instance
from placer.planning.question.targets import TABLES_OF, row_labels
from placer.running import in_time
from placer.security.contingencies import Contingency, batteries_lost, contingencies_of, zones_lost
from placer.security.definition import Security
from placer.utils.arrays import BoolArray

#: The state of a plan without states, and the state in which nothing is lost.
ALL_YEAR, NOTHING_LOST = "all year", "nothing lost"

#: Table and row of everything that is lost in a state.
Lost = frozenset[tuple[str, str]]
#: Names of data centres or hubs.
Names = tuple[str, ...]
#: Data centres, and the hubs that have no way to them; None for all hubs.
Ways = list[tuple[Names, Names | None]]


def states_left(
    states: Mapping[str, tuple[Instance, float]], security: Security, year_hours: float
) -> tuple[dict[str, tuple[Instance, float]], dict[str, Lost]]:
    """Return every state with nothing lost and in each contingency, with its share of the year, and what is lost.

    Raises
    ------
    InstanceError
        If the security does not fit an instance, its rule is ``displaced``, or its contingencies last longer than a
        year.
    """
    if security.recourse != "all":
        problem = f"{security.recourse!r} binds a placement, never what is built"
        allowed = "all, or not given; placer.audit(plan.placement(), security) takes both"
        raise InstanceError([Violation("security", "", "recourse", problem, allowed)])
    given, lost = dict[str, tuple["Instance", float]](), dict[str, Lost]()
    for state, (instance, share) in states.items():
        prefix = "" if tuple(states) == (ALL_YEAR,) else f"{state}, "
        contingencies, part = contingencies_of(instance, security), security.hours_a_year / year_hours
        if not (rest := 1 - part * len(contingencies)) >= 0:
            problem = f"{security.hours_a_year:g} hours for each of {len(contingencies)} contingencies"
            allowed = f"0 to {year_hours:,.0f} hours together"
            raise InstanceError([Violation("security", "", "hours_a_year", problem, allowed)])
        given[prefix + NOTHING_LOST] = instance, share * rest
        for each in in_time(contingencies, "finding the routes of contingencies"):
            left, lost[prefix + each.name] = instance_left(instance, each)
            given[prefix + each.name] = left, share * part
    return given, lost


def instance_left(instance: Instance, contingency: Contingency) -> tuple[Instance, Lost]:
    """Return what a contingency leaves of an instance, and the tables and rows that are lost."""
    workloads, service = instance.workloads, instance.service_classes
    peak = np.where(np.isnan(peak := service.peak_accelerator_hours), service.accelerator_hours, peak)
    free = workloads["workload"].iloc[np.unique(service.workload[peak == 0])]
    changes: dict[str, Any] = {}
    stopped = list[dict[str, Any]]()
    if contingency.sites.any():
        sites = instance.data_centres
        pooled = sites["data_centre"].isin(instance.accelerator_pools["data_centre"]).to_numpy(bool)
        changes["data_centres"] = _zero(sites, "accelerators", contingency.sites & ~pooled)
        for names, lost in ((free, contingency.sites & ~pooled), (workloads["workload"], contingency.sites & pooled)):
            stopped += _stops(names, [(tuple(sites["data_centre"][lost]), None)] if lost.any() else [])
    if contingency.supplies.any():
        changes["supplies"] = _zero(instance.supplies, "limit_mw", contingency.supplies)
    if (stored := batteries_lost(instance, contingency)).any():
        changes["batteries"] = _zero(_zero(instance.batteries, "power_mw", stored), "energy_mwh", stored)
    if contingency.links.any():
        changes["links"], ways = _links_left(instance, contingency.links)
        stopped += _stops(workloads["workload"][workloads["gb_per_mtok"] == 0], ways)
    titles = [f"{contingency.name} is lost" + (f" ({row})" if row > 1 else "") for row in range(1, len(stopped) + 1)]
    if stopped:
        rows = [{"limit": title} | row for title, row in zip(titles, stopped, strict=True)]
        changes["limits"] = [*instance.limits.to_dict("records"), *rows]
    return instance.replace(**changes), _lost(instance, contingency) | {("limits", title) for title in titles}


def is_lost(adds: str, target: str, lost: Lost) -> bool:
    """Whether the target of a candidate is lost.

    Examples
    --------
    >>> is_lost("power_limit_mw", "Port", frozenset({("data_centres", "Port")}))
    True
    """
    return any((table, target) in lost for table in TABLES_OF[adds])


def without_data_centres(instance: Instance, names: Collection[str]) -> Instance:
    """Return an instance with 0 accelerators at some data centres, in their pools where they have any."""
    sites, pools = instance.data_centres, instance.accelerator_pools
    lost, of_pools = (table["data_centre"].isin(list(names)).to_numpy() for table in (sites, pools))
    if not lost.any():
        return instance
    own = lost & ~sites["data_centre"].isin(pools["data_centre"]).to_numpy()
    return instance.replace(
        data_centres=_zero(sites, "accelerators", own), accelerator_pools=_zero(pools, "accelerators", of_pools)
    )


def stops(lost: Lost) -> list[str]:
    """Return the names of the limits of 0 tokens among what is lost."""
    return [row for table, row in lost if table == "limits"]


def _lost(instance: Instance, contingency: Contingency) -> Lost:
    """Return the rows that are lost; a power zone is, if all its supplies are."""
    pools = contingency.sites[pool_site(instance)]
    rows = {
        "data_centres": contingency.sites,
        "accelerator_pools": pools,
        "supplies": contingency.supplies,
        "links": contingency.links,
        "batteries": batteries_lost(instance, contingency),
    }
    lost = {
        (table, label)
        for table, hit in rows.items()
        for label, is_hit in zip(row_labels(instance, table), hit, strict=True)
        if is_hit
    }
    return frozenset(lost | {("power_zones", name) for name in zones_lost(instance, contingency)})


def _links_left(instance: Instance, lost: BoolArray) -> tuple[pd.DataFrame, Ways]:
    """Return the links that are left, and the ways that are none where a hub keeps a lost link for want of another."""
    links, hubs, centres = instance.links, instance.hubs["hub"], instance.data_centres["data_centre"]
    linked = hubs[instance.hubs["backlog_at"].isna()]
    routes = find_routes(links[~lost], linked, centres, directed=instance.settings.directed)
    reached = np.isfinite(routes.rtt_ms)
    if reached.any(axis=1).all():
        return links[~lost], []
    cut_off: dict[Names, list[str]] = {}
    for hub, near in zip(linked, reached, strict=True):
        cut_off.setdefault(tuple(centres[~near]), []).append(hub)
    longest = float(links["rtt_ms"].sum()) + 1.0
    left = _zero(links, "capacity_gbps", lost).assign(rtt_ms=links["rtt_ms"].where(~lost, longest))
    return left, [(far, tuple(near)) for far, near in cut_off.items() if far]


def _stops(workloads: pd.Series, ways: Ways) -> list[dict[str, Any]]:
    """Return limits of 0 tokens of some workloads: one for each pair of data centres and hubs."""
    row = {"kind": "tokens", "sense": "<=", "amount": 0.0, "workload": tuple(workloads)}
    return [] if workloads.empty else [row | {"data_centre": centres, "hub": hubs} for centres, hubs in ways]


def _zero(frame: pd.DataFrame, column: str, rows: BoolArray) -> pd.DataFrame:
    """Return a table with a limit of 0 in some rows."""
    cells = [0.0 if hit else value for value, hit in zip(frame[column], rows, strict=True)]
    return frame.assign(**{column: cells})
