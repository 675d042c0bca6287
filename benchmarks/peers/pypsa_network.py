"""PyPSA: hubs as loads, sites as links from accelerators and power to tokens, with HiGHS.

PyPSA cannot express deferrable work with a deadline, capacity shared by links, or hourly carbon intensities.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from . import plain
from .hush import hushed, quiet
from .peer import Answer, Peer, PeerError
from .plain import Arrays, arrays_of

if TYPE_CHECKING:
    import placer


def lacks(instance: placer.Instance) -> str:
    """Return the features of an instance for which PyPSA has no component."""
    found = {
        "work that may wait": (instance.workloads["deadline_hours"] > 0).any(),
        "shared links of limited capacity": np.isfinite(instance.links["capacity_gbps"]).any(),
        "a carbon cap with hourly intensities": math.isfinite(instance.settings.carbon_limit_kg),
        "losses of supplies": (instance.supplies["loss"] > 0).any(),
    }
    words = [name for name, there in found.items() if there]
    return ", ".join([*words, *filter(None, [plain.lacks(instance)])])


def pypsa_network(data: Arrays) -> Any:
    """Build the network. A link turns an accelerator-hour and its power into Mtok at a hub."""
    with hushed():
        return _network(data)


def _network(data: Arrays) -> Any:
    import pypsa  # noqa: PLC0415 - an extra

    network = pypsa.Network()
    network.set_snapshots(range(data.hours))
    demand = [f"{k} {h}" for k in data.workloads for h in data.hubs]
    chips, power = ([f"{part} {site}" for site in data.sites] for part in ("chips", "power"))
    network.add("Bus", [*demand, *chips, *power])
    mtok = pd.DataFrame(data.demand.reshape(len(demand), -1).T, network.snapshots, demand)
    network.add("Load", demand, bus=demand, p_set=mtok)
    unserved = np.repeat(data.unserved_usd, len(data.hubs))
    most = mtok.max().to_numpy()
    network.add("Generator", [f"unserved {name}" for name in demand], bus=demand, p_nom=most, marginal_cost=unserved)
    network.add("Generator", chips, bus=chips, p_nom=data.accelerators)
    _add_supplies(network, data, power)
    _add_arcs(network, data, demand, chips, power)
    return network


def _add_supplies(network: Any, data: Arrays, power: list[str]) -> None:
    names = [f"supply {place}" for place in range(len(data.supply_site))]
    full_mwh = (data.mwh.max(axis=(0, 2)) / data.accelerator_hours.min(axis=0) * data.accelerators)[data.supply_site]
    network.add(
        "Generator",
        names,
        bus=[power[place] for place in data.supply_site],
        p_nom=np.minimum(data.supply_limit, full_mwh),
        marginal_cost=pd.DataFrame(data.supply_usd.T, network.snapshots, names),
    )


def _add_arcs(network: Any, data: Arrays, demand: list[str], chips: list[str], power: list[str]) -> None:
    k, h, j = np.nonzero(data.admitted)
    each = data.accelerator_hours[k, j]
    names = [f"{a} {b} {c}" for a, b, c in zip(k, h, j, strict=True)]
    network.add(
        "Link",
        names,
        bus0=np.array(chips)[j],
        bus1=np.array(demand)[k * len(data.hubs) + h],
        bus2=np.array(power)[j],
        efficiency=1 / each,
        efficiency2=pd.DataFrame((-data.mwh[k, j] / each[:, None]).T, network.snapshots, names),
        p_nom=data.accelerators[j],
        marginal_cost=data.transit[k, h, j] / each,
    )


def _solve(network: Any) -> Answer:
    with quiet(), hushed():
        status, condition = network.optimize(solver_name="highs", output_flag=False)
    if status != "ok" or condition != "optimal":
        raise PeerError(f"PyPSA says {status}, {condition}")
    return Answer(float(network.objective))


PEERS = (
    Peer(
        "pypsa",
        "PyPSA, links and generators, with HiGHS",
        arrays_of,
        pypsa_network,
        _solve,
        needs=("pypsa",),
        lacks=lacks,
    ),
)
