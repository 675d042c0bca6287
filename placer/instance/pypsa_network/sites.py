"""The accelerators of the sites of a network: the generator of the bus that their arcs take accelerator-hours from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.pypsa_network.arcs import ACCELERATORS, TOKENS, Arcs
from placer.instance.pypsa_network.components import Components
from placer.utils.arrays import FloatArray


def site_accelerators(
    parts: Components, arcs: Arcs, all_mtok: FloatArray, found: list[Violation]
) -> tuple[FloatArray, FloatArray]:
    """Return the accelerators of every site and their cost (sites, snapshots); inf and 0 where it has no bus of them.

    A site without accelerators has its tokens counted. Where it has both, tokens must be free and enough for all loads
    (``all_mtok``, by snapshot). What cannot be carried is appended to ``found``.
    """
    sites = arcs.sites
    most, usd = np.full((len(sites), len(all_mtok)), np.inf), np.zeros((len(sites), len(all_mtok)))
    for number, (tokens, accelerators) in enumerate(sites[[TOKENS, ACCELERATORS]].itertuples(index=False)):
        counted = accelerators or tokens
        if counted:
            most[number], usd[number] = provided(parts, counted, found)
        if accelerators and tokens:
            enough, free = provided(parts, tokens, found)
            if (enough < all_mtok).any() or free.any():
                problem = "tokens that are limited or cost beside the accelerators of the site"
                found.append(
                    Violation("buses", tokens, "", problem, "a generator that is free and enough for all loads")
                )
    return most, usd


def provided(parts: Components, bus: str, found: list[Violation]) -> tuple[FloatArray, FloatArray]:
    """Return what the generator of a bus gives and costs by snapshot."""
    generators = parts.generators.index[parts.generators["bus"] == bus]
    came = parts.links.index[(parts.links["bus1"] == bus).to_numpy()]
    found += [
        Violation("links", str(name), "bus1", "leads to the accelerators of a site", "a generator") for name in came
    ]
    if len(generators) != 1:
        found.append(Violation("buses", bus, "", f"{len(generators)} generators of accelerators", "one"))
        nothing = np.zeros(len(parts.network.snapshots))
        return nothing, nothing
    return parts.most("Generator", generators)[0], parts.hourly("Generator", "marginal_cost", generators)[0]


def places(parts: Components, bus: pd.Index) -> pd.DataFrame:
    """Return region and coordinates of some buses; PyPSA has unknown coordinates at 0, 0."""
    rows = parts.rows("Bus").loc[bus]
    at = rows[["x", "y"]].to_numpy(float)
    known = (at != 0).any(axis=1)
    return pd.DataFrame(
        {
            "region": parts.column("Bus", "region", bus, None).to_numpy(object),
            "lat": np.where(known, at[:, 1], np.nan),
            "lon": np.where(known, at[:, 0], np.nan),
        }
    )
