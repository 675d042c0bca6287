"""The power of sites: generators as power zones, and the links from their buses as supplies.

generator at the bus of a site, or one link away    a power zone: marginal_cost, p_nom p_max_pu
link to the bus of a site                           a supply: 1 - efficiency, p_nom p_max_pu, marginal_cost
link without loss and cost behind these links       the power limit of the site
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.pypsa_network.arcs import ACCELERATORS, BANDWIDTH, TOKENS, Arcs
from placer.instance.pypsa_network.components import Components
from placer.utils.arrays import FloatArray

#: A link that is as good as none: what it passes arrives.
_LOSSLESS = 1.0


@dataclass(frozen=True, eq=False)
class Power:
    """What sites buy: tables as of an instance, with values by snapshot as arrays.

    Attributes
    ----------
    zones, supplies : DataFrame
        ``power_zone``; ``power_zone``, ``data_centre``, ``loss``.
    zone_usd, zone_limit, zone_carbon_kg, supply_limit, supply_usd : (rows, snapshots) arrays
    site_limit : dict of str to (snapshots,) array
        By site, where it is limited.
    generators, links : frozenset of str
        The components that were read.
    """

    zones: pd.DataFrame
    supplies: pd.DataFrame
    zone_usd: FloatArray
    zone_limit: FloatArray
    zone_carbon_kg: FloatArray
    supply_limit: FloatArray
    supply_usd: FloatArray
    site_limit: dict[str, FloatArray]
    generators: frozenset[str]
    links: frozenset[str]


def read_power(parts: Components, arcs: Arcs, hubs: pd.Index, found: list[Violation]) -> Power:
    """Read the power of the sites of some arcs; append what cannot be carried to ``found``."""
    links = parts.links
    feeders = links[~links.index.isin(arcs.name)]
    for further, _ in parts.ports:
        odd = feeders.index[(feeders[further].fillna("") != "").to_numpy()]
        found += [Violation("links", str(name), further, "a further bus of a link to no hub", "none") for name in odd]
    taken = {*hubs, *(bus for role in (TOKENS, ACCELERATORS, BANDWIDTH) for bus in arcs.bus[role])}
    into = {str(bus): group.index for bus, group in feeders.groupby("bus1")}
    at = {str(bus): group.index for bus, group in parts.generators.groupby("bus")}
    used = arcs.sites["power"]
    entrance, site_limit = _meters(parts, used[used != ""], into, at, found)
    rows: list[tuple[str, str, str | None]] = []
    for site, bus in entrance.items():
        rows += [(str(name), site, None) for name in at.get(bus, ())]
        for link in into.get(bus, ()):
            start = str(feeders.loc[link, "bus0"])
            sources = at.get(start, ())
            rows += [(str(name), site, str(link)) for name in sources]
            if start in taken:
                problem = "power from a bus of a hub or of accelerators"
                found.append(Violation("links", str(link), "bus0", problem, "a bus of generators of power"))
            _check_feeder(parts, str(link), start, len(sources), into, found)
        if list(entrance.values()).count(bus) > 1 and bus in into:
            found.append(
                Violation("buses", bus, "", "several sites share what links bring here", "a bus for each site")
            )
    return _tables(parts, rows, site_limit)


def _meters(
    parts: Components,
    used: pd.Series,
    into: dict[str, pd.Index],
    at: dict[str, pd.Index],
    found: list[Violation],
) -> tuple[dict[str, str], dict[str, FloatArray]]:
    """Return the bus where supplies reach each site, and the limits of sites with a link behind it."""
    entrance, limit = {}, {}
    for site, bus in used.items():
        feeding, start = into.get(bus, pd.Index([])), ""
        if len(feeding) == 1 and bus not in at:
            start = str(parts.links.loc[feeding[0], "bus0"])
        entrance[str(site)] = start if start in into else str(bus)
        if start in into:
            free = (parts.hourly("Link", "efficiency", feeding) == _LOSSLESS).all()
            free &= (parts.hourly("Link", "marginal_cost", feeding) == 0).all()
            if not free:
                problem = "a loss or a cost on the way behind the supplies of a site"
                found.append(Violation("links", str(feeding[0]), "efficiency", problem, "1, and no marginal_cost"))
            limit[str(site)] = parts.most("Link", feeding)[0]
    return entrance, limit


def _check_feeder(
    parts: Components, link: str, start: str, sources: int, into: dict[str, pd.Index], found: list[Violation]
) -> None:
    """Append what makes a link no supply."""
    if start in into:
        problem = "power on its way over several links"
        found.append(Violation("links", link, "bus0", problem, "a bus with generators, one link away from the site"))
    efficiency = parts.hourly("Link", "efficiency", [link])
    if not ((efficiency > 0) & (efficiency <= 1)).all() or (efficiency != efficiency[:, :1]).any():
        found.append(Violation("links", link, "efficiency", "no loss of a supply", "one number > 0, <= 1"))
    if sources > 1 and np.isfinite(parts.most("Link", pd.Index([link]))).any():
        problem = f"{sources} generators share the limit of this link"
        found.append(Violation("links", link, "p_nom", problem, "one generator, or a bus for each"))


def _tables(parts: Components, rows: list[tuple[str, str, str | None]], site_limit: dict[str, FloatArray]) -> Power:
    names = pd.Index(dict.fromkeys(name for name, _, _ in rows), dtype=object)
    zone = parts.column("Generator", "power_zone", names, None)
    zone = zone.where(zone.notna(), names.to_series().set_axis(zone.index))
    emitted = parts.rows("Carrier")["co2_emissions"].astype(float)
    kg = 1000 * parts.generators.loc[names, "carrier"].map(emitted).fillna(0.0).to_numpy(float)
    count = len(parts.network.snapshots)
    free, open_ = np.zeros(count), np.full(count, np.inf)
    links = pd.Index([link for _, _, link in rows if link is not None], dtype=object).unique()
    place = {link: number for number, link in enumerate(links)}
    most, usd = parts.most("Link", links), parts.hourly("Link", "marginal_cost", links)
    kept = parts.hourly("Link", "efficiency", links)
    return Power(
        zones=pd.DataFrame({"power_zone": zone.to_numpy()}),
        supplies=pd.DataFrame(
            {
                "power_zone": [zone[name] for name, _, _ in rows],
                "data_centre": [site for _, site, _ in rows],
                "loss": [0.0 if link is None else 1.0 - kept[place[link], 0] for _, _, link in rows],
            }
        ),
        zone_usd=parts.hourly("Generator", "marginal_cost", names),
        zone_limit=parts.most("Generator", names),
        zone_carbon_kg=kg[:, None] / parts.hourly("Generator", "efficiency", names),
        supply_limit=np.array([open_ if link is None else most[place[link]] for _, _, link in rows]).reshape(-1, count),
        supply_usd=np.array([free if link is None else usd[place[link]] for _, _, link in rows]).reshape(-1, count),
        site_limit=site_limit,
        generators=frozenset(names),
        links=frozenset(links),
    )
