"""Outages of single data centres, power zones and links, as instances.

A loss is that of ``placer.security.outages``. A lost data centre keeps its row, with 0 accelerators. The supplies of a
lost power zone keep their rows, with 0 MW. So all routes stay the same. A lost link is removed, and routes are found
again without it. If a hub then has no route, the link keeps its row, with a capacity of 0 and a round trip longer than
any other way: only what has no other way takes it, and is stopped.

Work that takes no accelerators runs at a data centre without any, and work without bytes passes a link without
capacity. A limit of 0 tokens stops it, a row of the limits of one's own that is noted among what is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.errors import InstanceError, Violation
from placer.instance.attributes.synonyms import nearest_name
from placer.instance.attributes.validation import show
from placer.instance.network.routes import find_routes
from placer.planning.question.targets import TABLES_OF, row_labels
from placer.running import in_time

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from placer.instance.problem import Instance
    from placer.utils.arrays import BoolArray

#: The tables of which a row may be lost.
LOSABLE = ("data_centres", "power_zones", "links")

#: Table and row of everything that is lost in a state.
Lost = frozenset[tuple[str, str]]
#: Names of data centres or hubs.
Names = tuple[str, ...]


def outage_instances(instance: Instance, of: str) -> dict[str, tuple[Instance, Lost]]:
    """Return the instance without the lost row, and the tables and rows that are lost, by the name of each outage.

    Parameters
    ----------
    instance : Instance
    of : str
        ``data_centres``, ``power_zones`` or ``links``. A link is named ``FROM|TO``.

    Raises
    ------
    InstanceError
        If ``of`` is none of these.
    """
    if not isinstance(of, str) or of not in LOSABLE:
        near = nearest_name(of, LOSABLE) if isinstance(of, str) else None
        allowed = f"perhaps {near}" if near else ", ".join(LOSABLE)
        raise InstanceError([Violation("outages", "", "of", f"{show(of)} is unknown", allowed)])
    names = list(dict.fromkeys(row_labels(instance, of)))
    lose = {"data_centres": _without_data_centre, "power_zones": _without_zone, "links": _without_link}[of]
    return {name: lose(instance, name) for name in in_time(names, "finding the routes of outages")}


def is_lost(adds: str, target: str, lost: Lost) -> bool:
    """Whether the target of a candidate is lost.

    Examples
    --------
    >>> is_lost("power_limit_mw", "Port", frozenset({("data_centres", "Port")}))
    True
    """
    return any((table, target) in lost for table in TABLES_OF[adds])


def without_data_centres(instance: Instance, names: Collection[str]) -> Instance:
    """Return an instance with 0 accelerators at some data centres."""
    sites = instance.data_centres
    lost = sites["data_centre"].isin(list(names))
    return instance.replace(data_centres=_zero(sites, "accelerators", lost)) if lost.any() else instance


def stops(lost: Lost) -> list[str]:
    """Return the names of the limits of 0 tokens among what is lost."""
    return [row for table, row in lost if table == "limits"]


def _without_data_centre(instance: Instance, name: str) -> tuple[Instance, Lost]:
    workloads = instance.workloads
    peak = workloads["peak_accelerator_hours_per_mtok"].fillna(workloads["accelerator_hours_per_mtok"])
    left = without_data_centres(instance, [name])
    return _stopped(left, "data_centres", name, workloads["workload"][peak == 0], [((name,), None)])


def _without_zone(instance: Instance, name: str) -> tuple[Instance, Lost]:
    supplies = instance.supplies
    hit = supplies["power_zone"] == name
    rows = np.array(row_labels(instance, "supplies"), dtype=object)[hit.to_numpy()]
    lost = frozenset({("power_zones", name), *(("supplies", str(row)) for row in rows)})
    return instance.replace(supplies=_zero(supplies, "limit_mw", hit)), lost


def _without_link(instance: Instance, name: str) -> tuple[Instance, Lost]:
    links, workloads, settings = instance.links, instance.workloads, instance.settings
    hit = np.array(row_labels(instance, "links"), dtype=object) == name
    try:
        return instance.replace(links=links[~hit]), frozenset({("links", name)})
    except InstanceError:  # a hub is cut off: no instance without its link
        hubs, centres = instance.hubs["hub"], instance.data_centres["data_centre"]
        linked = hubs[instance.hubs["backlog_at"].isna()]
        routes = find_routes(links[~hit], linked, centres, directed=settings.directed)
        cut_off: dict[Names, list[str]] = {}
        for hub, reached in zip(linked, np.isfinite(routes.rtt_ms), strict=True):
            cut_off.setdefault(tuple(centres[~reached]), []).append(hub)
        ways = [(far, tuple(near)) for far, near in cut_off.items() if far]
        longest = float(links["rtt_ms"].sum()) + 1.0
        left = _zero(links, "capacity_gbps", hit).assign(rtt_ms=links["rtt_ms"].where(~hit, longest))
        weightless = workloads["workload"][workloads["gb_per_mtok"] == 0]
        return _stopped(instance.replace(links=left), "links", name, weightless, ways)


def _stopped(
    instance: Instance, table: str, name: str, workloads: pd.Series, ways: Sequence[tuple[Names, Names | None]]
) -> tuple[Instance, Lost]:
    """Return the instance with limits of 0 tokens of some workloads: one for each pair of data centres and hubs."""
    if workloads.empty:
        return instance, frozenset({(table, name)})
    titles = [f"{name} is lost" + (f" ({place})" if place > 1 else "") for place in range(1, len(ways) + 1)]
    rows = [
        {"limit": title, "kind": "tokens", "sense": "<=", "amount": 0.0, "workload": tuple(workloads)}
        | {"data_centre": centres, "hub": hubs}
        for title, (centres, hubs) in zip(titles, ways, strict=True)
    ]
    limits = [*instance.limits.to_dict("records"), *rows]
    return instance.replace(limits=limits), frozenset({(table, name), *(("limits", title) for title in titles)})


def _zero(frame: pd.DataFrame, column: str, rows: pd.Series | BoolArray) -> pd.DataFrame:
    """Return a table with a limit of 0 in some rows."""
    cells = [0.0 if hit else value for value, hit in zip(frame[column], rows, strict=True)]
    return frame.assign(**{column: cells})
