"""The joint prediction of ``china`` and ``world``: what China's idle accelerators would sell abroad at least cost.

``world`` gets one site more, with the accelerators that ``china`` leaves idle on a mean over its hours, at the price,
the PUE and the cost of power of Horinger. Every way to it is one to the site at Hong Kong and on from Shenzhen. What
China itself asks for comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import placer

#: The site of ``china`` that sells, its hub at the border, and the site of ``world`` beyond it.
SITE, BORDER, BEYOND = "Horinger", "Shenzhen fixed", "East Asia"
ABROAD, GRID = "China", "China grid"


def joined(world: placer.Instance, china: placer.Placement) -> placer.Instance:
    """Return ``world`` with the site of China's idle accelerators."""
    home = china.instance
    row = home.data_centres[home.data_centres["data_centre"] == SITE]
    power = float(china.data_centre_hours.loc[SITE, "power_usd_per_mwh"].mean())
    rtt_ms, usd_per_gb = _way(home)
    ways = world.links[world.links["to"] == BEYOND]
    site = row.assign(
        data_centre=ABROAD, region=ABROAD, accelerators=idle_accelerators(china), power_limit_mw=np.inf, speed=1.0
    )
    added = {
        "data_centres": site[[name for name in world.data_centres if name in site]],
        "power_zones": pd.DataFrame({"power_zone": [GRID], "usd_per_mwh": [power], "carbon_kg_per_mwh": [0.0]}),
        "supplies": pd.DataFrame({"power_zone": [GRID], "data_centre": [ABROAD]}),
        "links": ways.assign(to=ABROAD, rtt_ms=ways["rtt_ms"] + rtt_ms, usd_per_gb=ways["usd_per_gb"] + usd_per_gb),
    }
    return world.replace(
        **{name: pd.concat([getattr(world, name), rows], ignore_index=True) for name, rows in added.items()}
    )


def idle_accelerators(placement: placer.Placement) -> float:
    """Return the accelerators of the reference kind that stand idle, as a mean over the hours."""
    table = placement.instance.data_centres
    accelerators = placement.instance.hourly("data_centres", "accelerators").mean(axis=1)
    hours = len(placement.instance.hours) * placement.instance.settings.hour_length
    used = float(placement.data_centres["accelerator_hours"].sum()) / hours
    return float((accelerators * table["speed"].to_numpy(float)).sum()) - used


def sold_abroad(placement: placer.Placement, home_mtok: float) -> float:
    """Return the tokens that the site makes, as a part of all tokens made in China."""
    mtok = float(placement.data_centres.loc[ABROAD, "mtok"])
    return mtok / (mtok + home_mtok)


def _way(home: placer.Instance) -> tuple[float, float]:
    """Return the least round trip from the border to the site, and the price of transit on that way."""
    graph = nx.Graph()
    for link in home.links.itertuples(index=False):
        graph.add_edge(link[0], link[1], rtt_ms=float(link.rtt_ms), usd_per_gb=float(link.usd_per_gb))
    way = list(nx.utils.pairwise(nx.shortest_path(graph, BORDER, SITE, weight="rtt_ms")))
    return sum(graph.edges[pair]["rtt_ms"] for pair in way), sum(graph.edges[pair]["usd_per_gb"] for pair in way)
