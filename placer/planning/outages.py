"""Outages of single data centres, power zones and links, as instances.

A lost data centre keeps its row, with 0 accelerators. The supplies of a lost power zone keep their rows, with 0 MW. So
all routes stay the same. A lost link is removed, and routes are found again without it. If no other route is left, the
link keeps its row with a capacity of 0, which stops the same traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from placer.errors import InstanceError, Violation
from placer.instance.synonyms import nearest_name
from placer.instance.validation import show
from placer.planning.targets import TABLES_OF, row_labels
from placer.running import in_time

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from placer.instance.problem import Instance
    from placer.utils.arrays import BoolArray

#: The tables of which a row may be lost.
LOSABLE = ("data_centres", "power_zones", "links")

#: Table and row of everything that is lost in a state.
Lost = frozenset[tuple[str, str]]


def outages_of(instance: Instance, of: str) -> dict[str, tuple[Instance, Lost]]:
    """Return the instance without the lost row, and the tables and rows that are lost, by the name of each outage.

    Parameters
    ----------
    instance : Instance
    of : str
        ``data_centres``, ``power_zones`` or ``links``. A link is named ``FROM|TO``.

    Raises
    ------
    InstanceError
        If ``of`` is none of these, or a link cannot be lost since a workload without bytes has no other way.
    """
    if of not in LOSABLE:
        near = nearest_name(of, LOSABLE) if isinstance(of, str) else None
        allowed = f"perhaps {near}" if near else ", ".join(LOSABLE)
        raise InstanceError([Violation("outages", "", "of", f"{show(of)} is unknown", allowed)])
    names = list(dict.fromkeys(row_labels(instance, of)))
    if of == "data_centres":
        return {name: (without_data_centres(instance, [name]), frozenset({(of, name)})) for name in names}
    if of == "power_zones":
        return {name: _without_zone(instance, name) for name in names}
    hit = {name: np.array(row_labels(instance, of), dtype=object) == name for name in names}
    every = in_time(names, "finding the routes of outages")
    return {name: (_without_link(instance, name, hit[name]), frozenset({(of, name)})) for name in every}


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


def _without_zone(instance: Instance, name: str) -> tuple[Instance, Lost]:
    supplies = instance.supplies
    hit = supplies["power_zone"] == name
    rows = np.array(row_labels(instance, "supplies"), dtype=object)[hit.to_numpy()]
    lost = frozenset({("power_zones", name), *(("supplies", str(row)) for row in rows)})
    return instance.replace(supplies=_zero(supplies, "limit_mw", hit)), lost


def _without_link(instance: Instance, name: str, rows: BoolArray) -> Instance:
    try:
        return instance.replace(links=instance.links[~rows])
    except InstanceError:  # a hub is cut off: no instance without its link
        workloads = instance.workloads
        weightless = workloads["workload"][~(workloads["gb_per_mtok"] > 0)]
        if len(weightless):
            problem = f"a hub has no other way, and {show(weightless.iloc[0])} sends nothing that a capacity stops"
            raise InstanceError([Violation("links", name, "", problem, "gb_per_mtok above 0")]) from None
        return instance.replace(links=_zero(instance.links, "capacity_gbps", rows))


def _zero(frame: pd.DataFrame, column: str, rows: pd.Series | BoolArray) -> pd.DataFrame:
    """Return a table with a limit of 0 in some rows."""
    cells = [0.0 if hit else value for value, hit in zip(frame[column], rows, strict=True)]
    return frame.assign(**{column: cells})
