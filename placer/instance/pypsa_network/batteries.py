"""The batteries of a network: stores with the links and the generator that name the same battery.

    store          e_nom is energy_mwh; e_cyclic
    link to it     efficiency; takes what it takes at bus0, the place of the battery, of the bus of the generator too
    link from it   the same efficiency, which it takes of the bus of the generator; marginal_cost / efficiency is wear
    generator      p_nom is power_mw, which both links share

The place is the bus of power of a data centre, or the bus of the generator of a power zone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.attributes.schema import BATTERIES
from placer.instance.pypsa_network.arcs import Arcs
from placer.instance.pypsa_network.components import BATTERY, Components
from placer.utils.arrays import NOISE

#: Figures of a battery that a network states.
FIGURES = ("power_mw", "energy_mwh", "efficiency", "usd_per_mwh_throughput")


def read_batteries(parts: Components, arcs: Arcs, found: list[Violation]) -> pd.DataFrame:
    """Return the table ``batteries``; append what cannot be carried to ``found``."""
    stores = parts.rows("Store")
    names = parts.column("Store", BATTERY, stores.index, None)
    nameless = "a Store of PyPSA has no counterpart in an instance, but as to_pypsa writes batteries"
    found += [
        Violation("stores", str(name), BATTERY, nameless, "the name of a battery") for name in names.index[names.isna()]
    ]
    known = set(names.dropna())
    for component, table in (("Link", "links"), ("Generator", "generators")):
        of = parts.column(component, BATTERY, parts.rows(component).index, None).dropna()
        odd = of.index[~of.isin(known)]
        found += [Violation(table, str(name), BATTERY, "a part of a battery without a store", "none") for name in odd]
    rows = [_row(parts, arcs, str(store), str(name), found) for store, name in names.dropna().items()]
    return pd.DataFrame([row for row in rows if row is not None], columns=[each.name for each in BATTERIES.columns])


def _row(parts: Components, arcs: Arcs, store: str, name: str, found: list[Violation]) -> dict[str, Any] | None:
    """Return the row of a battery; None where the network does not have its parts as they should be."""
    stored = parts.rows("Store").loc[store]
    links, generators = _own(parts, "Link", name), _own(parts, "Generator", name)
    into, out = links[links["bus1"] == stored["bus"]], links[links["bus0"] == stored["bus"]]
    place: dict[str, str | None] = {}
    if (len(into), len(out), len(links), len(generators)) == (1, 1, 2, 1):
        place = _place(parts, arcs, str(into["bus0"].iloc[0]))
    if not place:
        problem = "not one generator, and one link each way between the store and a data centre or a power zone"
        found.append(Violation("stores", store, BATTERY, problem, "a battery as to_pypsa writes it"))
        return None
    both = pd.Index([into.index[0], out.index[0]])
    power, most = parts.most("Generator", generators.index)[0], parts.most("Link", both)
    efficiency, usd = parts.hourly("Link", "efficiency", both), parts.hourly("Link", "marginal_cost", both)
    of_generator = parts.hourly("Generator", "marginal_cost", generators.index)
    kept, wear = efficiency[0, 0], usd[1, 0]
    ends = [into["bus2"].iloc[0], out["bus2"].iloc[0], out["bus1"].iloc[0]]
    checks = {
        "buses": ends == [generators["bus"].iloc[0]] * 2 + [into["bus0"].iloc[0]],
        "e_cyclic": bool(stored["e_cyclic"]),
        "p_nom": (power == power[0]).all() and (most >= power * np.array([[1.0], [(1 - NOISE) / kept]])).all(),
        "efficiency": np.isclose(efficiency, kept, rtol=NOISE, atol=0).all(),
        "efficiency2": np.isclose(parts.hourly("Link", "efficiency2", both), [[-1.0], [-kept]], rtol=NOISE).all(),
        "marginal_cost": not of_generator.any() and not usd[0].any() and (usd[1] == wear).all(),
    }
    for column in (column for column, sound in checks.items() if not sound):
        problem = f"{column} of the parts of battery {name} are not those of a battery"
        found.append(Violation("stores", store, BATTERY, problem, "a battery as to_pypsa writes it"))
    figures = (power[0], stored["e_nom"], kept, wear / kept)
    return {"battery": name, **place, **dict(zip(FIGURES, map(float, figures), strict=True))}


def _own(parts: Components, component: str, name: str) -> pd.DataFrame:
    rows = parts.rows(component)
    return rows[(parts.column(component, BATTERY, rows.index, None) == name).to_numpy()]


def _place(parts: Components, arcs: Arcs, bus: str) -> dict[str, str | None]:
    """Return the place of a battery by its column; nothing where it is at neither."""
    sites = arcs.sites.index[arcs.sites["power"] == bus]
    at = parts.generators.index[parts.generators["bus"] == bus]
    if len(sites) == 1:
        return {"data_centre": str(sites[0]), "power_zone": None}
    if len(at) != 1:
        return {}
    zone = parts.column("Generator", "power_zone", at, None).iloc[0]
    return {"data_centre": None, "power_zone": str(at[0] if zone is None else zone)}


def without_rounding(batteries: pd.DataFrame, recorded: pd.DataFrame | None) -> pd.DataFrame:
    """Return the batteries with the figures of the record where those of the network agree with them."""
    if recorded is None:
        return batteries
    there = batteries["battery"].isin(recorded["battery"]).to_numpy()
    given = recorded.set_index("battery").reindex(columns=pd.Index(FIGURES)).reindex(batteries["battery"][there])
    for name in FIGURES:
        own = batteries[name].to_numpy(float, copy=True)
        known = given[name].to_numpy(float)
        own[there] = np.where(np.isclose(own[there], known, rtol=NOISE, atol=0), known, own[there])
        batteries = batteries.assign(**{name: own})
    return batteries


def time_problems(parts: Components, hour_length: float, blocks: int) -> list[Violation]:
    """Return a violation where stores count other hours than an instance does, or snapshots not all alike."""
    weightings = parts.network.snapshot_weightings
    hours, counted = weightings["stores"].to_numpy(float), weightings["objective"].to_numpy(float)
    found = []
    if (hours != hour_length).any():
        problem = "stores count other hours than snapshots have"
        found.append(Violation("snapshot_weightings", "", "stores", problem, f"{hour_length:g}"))
    if (counted != counted[0]).any():
        problem = "snapshots of several weights beside a battery"
        found.append(Violation("snapshot_weightings", "", "objective", problem, "one number for all snapshots"))
    if blocks > 1:
        problem = "a gap between snapshots, over which a battery of PyPSA keeps its content"
        found.append(Violation("snapshots", "", "", problem, "steps of one length"))
    return found
