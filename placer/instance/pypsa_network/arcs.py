"""The links that deliver tokens, each as what a Mtok takes and costs.

A bus with loads is a *hub*. A link to it is an *arc*: its efficiency turns what it takes at ``bus0`` into Mtok, and it
takes from its further buses what their negative efficiencies say. The carrier of a bus says what it provides:

    tokens, accelerators    the accelerators of a site; tokens count where there are no accelerators
    bandwidth               GB of a link that several arcs share
    any of ``POWER``        power
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.pypsa_network.components import Components
from placer.utils.arrays import AnyArray, FloatArray, NameArray

TOKENS, ACCELERATORS, BANDWIDTH = "tokens", "accelerators", "bandwidth"
POWER = ("power", "AC", "DC", "electricity", "")
ROLES = (TOKENS, ACCELERATORS, "power", BANDWIDTH)


@dataclass(frozen=True, eq=False)
class Arcs:
    """The arcs of a network, per Mtok delivered.

    Attributes
    ----------
    name, hub, site : (arcs,) arrays of str
        The link, the bus of the load, and the site: the column ``data_centre`` of ``bus0``, or its name.
    bus : dict of str to (arcs,) array of str
        The bus that an arc takes each of ``ROLES`` from; empty where none. Of bandwidth, one of several.
    takes : dict of str to (arcs, snapshots) array
        What it takes there: Mtok, accelerator-hours, MWh, GB.
    usd, most : (arcs, snapshots) arrays
        Its cost, USD per Mtok; the most that it delivers, Mtok an hour.
    rtt_ms : (arcs,) array
    """

    name: NameArray
    hub: NameArray
    site: NameArray
    bus: dict[str, NameArray]
    takes: dict[str, FloatArray]
    usd: FloatArray
    most: FloatArray
    rtt_ms: FloatArray

    @property
    def sites(self) -> pd.DataFrame:
        """The buses of every site, a column for each of ``ROLES``; its ``bus0`` is the first that is there."""
        return pd.DataFrame(self.bus, index=pd.Index(self.site)).groupby(level=0, sort=False).max()


def read_arcs(parts: Components, hubs: pd.Index, found: list[Violation]) -> Arcs:
    """Read the links to buses with loads; append what cannot be carried to ``found``."""
    links = parts.links
    names = links.index[links["bus1"].isin(hubs)]
    rows = links.loc[names]
    into = parts.hourly("Link", "efficiency", names)
    found += _violations(names, ~(into > 0).all(axis=1), "efficiency", "an efficiency that is not above 0", "> 0")
    into = np.where(into > 0, into, 1.0)
    bus = {each: np.full(len(names), "", dtype=object) for each in ROLES}
    takes = {each: np.zeros(into.shape) for each in ROLES}
    for column, there, kind, flow in _ends(parts, names, hubs, found):
        for each in ROLES:
            here = kind == each
            again = here & (bus[each] != "") & (each != BANDWIDTH)
            found += _violations(names, again, column, f"takes {each} from two buses", "one bus")
            bus[each] = np.where(here, there, bus[each])
            takes[each] += np.where(here[:, None], -flow / into, 0.0)
    site = parts.column("Bus", "data_centre", pd.Index(rows["bus0"]), None)
    arcs = Arcs(
        name=names.to_numpy(object),
        hub=rows["bus1"].to_numpy(object),
        site=site.where(site.notna(), site.index.to_series().set_axis(site.index)).to_numpy(object),
        bus=bus,
        takes=takes,
        usd=parts.hourly("Link", "marginal_cost", names) / into,
        most=parts.most("Link", names) * into,
        rtt_ms=parts.column("Link", "rtt_ms", names, 0.0).to_numpy(float),
    )
    found += _mixed_sites(arcs)
    return arcs


def _ends(
    parts: Components, names: pd.Index, hubs: pd.Index, found: list[Violation]
) -> Iterator[tuple[str, NameArray, NameArray, FloatArray]]:
    """Yield the column of each port that arcs take from, its buses, what they provide, and the flow to them."""
    role = _roles(parts)
    flows = {"bus0": np.full((len(names), len(parts.network.snapshots)), -1.0)}
    flows |= {column: parts.hourly("Link", efficiency, names) for column, efficiency in parts.ports}
    for column, flow in flows.items():
        there = parts.links.loc[names, column].fillna("").to_numpy(object)
        kind = np.array([role.get(each, "") for each in there], dtype=object)
        to_hub = np.isin(there, hubs)
        found += _violations(names, to_hub, column, "takes from a bus with a load, which is a hub", "a site")
        strange, known = (kind == "") & (there != "") & ~to_hub, ", ".join((*ROLES, *POWER[1:4]))
        found += _violations(names, strange, column, "a bus of a carrier that is not known", known)
        gives = (flow > 0).any(axis=1) & (there != "")
        found += _violations(names, gives, column.replace("bus", "efficiency"), "gives to a further bus", "<= 0")
        yield column, there, kind, flow


def fingerprint(parts: Components, hubs: pd.Index) -> str:
    """Return a text that changes with the arcs of a network: their buses, efficiencies, costs and limits."""
    names = parts.links.index[parts.links["bus1"].isin(hubs)]
    seen = hashlib.sha256()
    for column in ("bus0", "bus1", *(bus for bus, _ in parts.ports)):
        seen.update("\n".join(parts.links.loc[names, column].fillna("").astype(str)).encode())
    ends = pd.Index([*parts.links.loc[names, "bus0"].unique(), *hubs.unique()], dtype=object)
    seen.update("\n".join(parts.column("Bus", "region", ends, "").astype(str)).encode())
    seen.update(parts.column("Link", "rtt_ms", names, 0.0).to_numpy(float).tobytes())
    for attribute in ("efficiency", "marginal_cost"):
        seen.update(parts.hourly("Link", attribute, names).tobytes())
    for bus, efficiency in parts.ports:
        there = (parts.links.loc[names, bus].fillna("") != "").to_numpy()
        seen.update(np.where(there[:, None], parts.hourly("Link", efficiency, names), 0.0).tobytes())
    seen.update(parts.most("Link", names).tobytes())
    return seen.hexdigest()


def _roles(parts: Components) -> dict[str, str]:
    carriers = parts.rows("Bus")["carrier"]
    kinds = {**dict.fromkeys(POWER, "power"), TOKENS: TOKENS, ACCELERATORS: ACCELERATORS, BANDWIDTH: BANDWIDTH}
    return {str(bus): kinds[carrier] for bus, carrier in carriers.items() if carrier in kinds}


def _violations(
    names: pd.Index, wrong: AnyArray | np.bool_, column: str, problem: str, allowed: str
) -> list[Violation]:
    return [Violation("links", str(name), column, problem, allowed) for name in names[np.asarray(wrong, dtype=bool)]]


def _mixed_sites(arcs: Arcs) -> list[Violation]:
    """Return the arcs of a site that take the same from another bus, and the sites that share accelerators."""
    found = []
    for role in (TOKENS, ACCELERATORS, "power"):
        buses = pd.Series(arcs.bus[role], index=pd.Index(arcs.site))
        first = buses.groupby(level=0).transform("first").to_numpy()
        found += _violations(
            pd.Index(arcs.name),
            arcs.bus[role] != first,
            "",
            f"takes {role} from another bus than its site does",
            "one bus a site",
        )
    for role in (TOKENS, ACCELERATORS):
        taken = arcs.sites[role]
        for each, many in taken[taken != ""].value_counts().items():
            if many > 1:
                found.append(Violation("buses", str(each), "", f"{many} sites share these {role}", "one site"))
    return found
