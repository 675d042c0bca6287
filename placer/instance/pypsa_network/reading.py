"""A network of PyPSA as the tables and settings of an instance.

The reading rests on loads, generators and links as they are, so its optimum is that of PyPSA. What the network was
written from (``recorded``) adds what PyPSA has no place for; without it, every arc becomes a link (``direct``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, refuse
from placer.instance.attributes.validation import show
from placer.instance.gathering import Gathered, gather
from placer.instance.pypsa_network.arcs import ROLES, Arcs, read_arcs
from placer.instance.pypsa_network.batteries import read_batteries, time_problems, without_rounding
from placer.instance.pypsa_network.components import Components, whole_problems
from placer.instance.pypsa_network.direct import direct_tables
from placer.instance.pypsa_network.loads import read_hubs, read_snapshots
from placer.instance.pypsa_network.power import Power, read_power
from placer.instance.pypsa_network.recorded import META, recorded_tables
from placer.instance.pypsa_network.sites import site_accelerators
from placer.utils.optional import extra


def read_network(network: Any) -> Gathered:
    """Read a network.

    Raises
    ------
    ArgumentError
        If it is none.
    InstanceError
        Listing everything that an instance cannot carry.
    PlacerError
        If PyPSA is not installed.
    """
    if not isinstance(network, extra("pypsa", "networks of PyPSA", "pypsa").Network):
        raise ArgumentError(f"expected a network of PyPSA, not {show(network)}; pypsa.Network(file) reads one")
    refuse(whole_problems(network))
    parts = Components(network)
    found: list[Violation] = parts.refused()
    hubs = read_hubs(parts, found)
    arcs = read_arcs(parts, hubs.bus, found)
    power = read_power(parts, arcs, hubs.bus, found)
    batteries = read_batteries(parts, arcs, found)
    accelerators = site_accelerators(parts, arcs, hubs.mtok.sum(axis=0), found)
    notes = parts.notes()
    tables: dict[str, pd.DataFrame] = {}
    settings: dict[str, Any] = {}
    whole = None if found else recorded_tables(parts, hubs, arcs, accelerators, power, found)
    if whole is not None:
        tables, settings = whole
    elif not found:
        snapshots = read_snapshots(network)
        tables = direct_tables(parts, hubs, arcs, accelerators, power, snapshots, found)
        routes = _most_parallel(arcs.hub, arcs.site)
        settings = {"directed": True, "hour_length": snapshots.hour_length, "routes": routes}
        notes += [*_left_out(parts, hubs.bus, arcs, power), *filter(None, [snapshots.note])]
        if META in network.meta:
            notes.append("the links have changed since placer wrote the network: each is read as a link by itself")
    recorded = tables.pop("batteries", None)
    if not found and len(batteries):
        blocks = tables["periods"]["block"].nunique() if "block" in tables.get("periods", ()) else 1
        found += time_problems(parts, settings.get("hour_length", 1.0), blocks)
        tables["batteries"] = without_rounding(batteries, recorded)
    if found:
        raise InstanceError(found, notes)
    return gather(tables, settings, notes=notes)


def _left_out(parts: Components, hubs: pd.Index, arcs: Arcs, power: Power) -> list[str]:
    """Return a remark for each generator and link that no hub can draw on."""
    buses = {*hubs, *(bus for role in ROLES for bus in arcs.bus[role])}
    into = parts.links["bus1"]
    meters = into.isin(buses) & ~into.index.isin(power.links)
    generators = parts.generators.index[~parts.generators["bus"].isin(buses)].difference([*power.generators])
    links = into.index[~meters].difference([*arcs.name, *power.links])
    found = [("generator", str(name)) for name in generators] + [("link", str(name)) for name in links]
    return [f"{kind} {name} reaches no hub" for kind, name in found]


def _most_parallel(hub: Any, site: Any) -> int:
    """Return how many arcs lie side by side at most, each of which is a route."""
    return int(np.unique(np.stack([hub, site]).astype(str), axis=1, return_counts=True)[1].max(initial=1))
