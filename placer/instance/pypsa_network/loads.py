"""The loads of a network: hubs, their demand, its penalty, and the hours of its snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import Violation
from placer.instance.pypsa_network.components import Components
from placer.utils.arrays import NOISE, FloatArray

#: The workload of loads without a carrier.
TOKENS_OF_ANY = "tokens"
_SECONDS = 3600.0


@dataclass(frozen=True, eq=False)
class Hubs:
    """The buses with loads.

    Attributes
    ----------
    bus : Index of str
    workload : Series of str
        By bus: the carrier of its loads.
    mtok : (buses, snapshots) array
        Mtok an hour.
    unserved_usd : dict of str to float
        By workload, where its buses have a generator: USD per Mtok.
    """

    bus: pd.Index
    workload: pd.Series
    mtok: FloatArray
    unserved_usd: dict[str, float]


@dataclass(frozen=True, eq=False)
class Snapshots:
    """The hours of the snapshots: their labels, their length, and the weight and block of each."""

    hours: list[Any]
    hour_length: float
    weight: FloatArray
    block: list[str]
    note: str = ""

    @property
    def periods(self) -> pd.DataFrame:
        """The table ``periods``."""
        return pd.DataFrame({"hour": self.hours, "weight": self.weight, "block": self.block})


def read_hubs(parts: Components, found: list[Violation]) -> Hubs:
    """Read the buses with loads; append what cannot be carried to ``found``."""
    loads = parts.rows("Load")
    if loads.empty:
        found.append(Violation("loads", "", "", "a network without loads asks for nothing", "a load at every hub"))
    bus = pd.Index(loads["bus"].unique(), dtype=object)
    place = bus.get_indexer(pd.Index(loads["bus"]))
    mtok = np.zeros((len(bus), len(parts.network.snapshots)))
    np.add.at(mtok, place, parts.hourly("Load", "p_set", loads.index))
    carriers = loads["carrier"].replace("", TOKENS_OF_ANY).groupby(loads["bus"])
    for name, count in carriers.nunique().items():
        if count > 1:
            found.append(
                Violation("buses", str(name), "carrier", "loads of several carriers at a bus", "a bus for each")
            )
    workload = carriers.first().reindex(bus)
    return Hubs(bus, workload, mtok, _unserved(parts, bus, workload, mtok, found))


def _unserved(
    parts: Components, bus: pd.Index, workload: pd.Series, mtok: FloatArray, found: list[Violation]
) -> dict[str, float]:
    """Return the penalties of the generators at hubs, which stand for demand that is not served."""
    generators = parts.generators[parts.generators["bus"].isin(bus)]
    names = generators.index
    place = bus.get_indexer(pd.Index(generators["bus"]))
    usd = parts.hourly("Generator", "marginal_cost", names)
    short = np.asarray((parts.most("Generator", names) < mtok[place]).any(axis=1))
    for name in names[short]:
        problem = "a generator at a hub stands for unserved demand, which has no limit"
        found.append(
            Violation("generators", str(name), "p_nom", problem, "p_nom p_max_pu at least the load of its bus")
        )
    kinds = workload.to_numpy()[place]
    penalty: dict[str, float] = {}
    for kind in dict.fromkeys(kinds):
        mine = usd[kinds == kind]
        penalty[str(kind)] = float(mine.flat[0])
        if not np.allclose(mine, mine.flat[0], rtol=NOISE, atol=0) or len(mine) != int((workload == kind).sum()):
            problem = f"unserved {kind} has not one penalty at all hubs and snapshots"
            row = str(names[kinds == kind][0])
            found.append(Violation("generators", row, "marginal_cost", problem, "one generator a hub, of one cost"))
    return penalty


def read_snapshots(network: Any) -> Snapshots:
    """Return the hours of the snapshots; other labels than timestamps and whole numbers in a row are numbered."""
    labels = network.snapshots
    stands_for = network.snapshot_weightings["objective"].to_numpy(float)
    if isinstance(labels, pd.DatetimeIndex):
        steps = np.diff(labels.to_numpy()) / np.timedelta64(1, "s") / _SECONDS
        sizes, counts = np.unique(steps, return_counts=True)
        length = float(sizes[counts.argmax()]) if len(steps) else 1.0
        block = np.append(0, np.cumsum(steps != length)).astype(str).tolist()
        return Snapshots(list(labels), length, stands_for / length, block)
    whole = pd.api.types.is_integer_dtype(labels.dtype) and (np.diff(labels) == 1).all() and (labels >= 0).all()
    hours = labels.tolist() if whole else list(range(len(labels)))
    note = "" if whole else "the snapshots are numbered from 0 on: they are no timestamps and no whole numbers in a row"
    return Snapshots(hours, 1.0, stands_for, ["0"] * len(hours), note)
