"""A fleet of data centres and its users, as a draft that variants change before it becomes an instance."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

import placer

from .network import rtt_ms

SWITCHING_MS = 4.0
#: Latency limits of the classes of a fleet; every third class is batch and has a deadline instead.
SLO_MS = (15.0, 25.0, 40.0, 80.0, 120.0, 200.0, 400.0, math.inf)
DEADLINE_HOURS = 8.0
#: Accelerators, as a multiple of the need of the busiest hour.
SPARE = 1.15


@dataclass(frozen=True)
class Draft:
    """A fleet before it is validated.

    Attributes
    ----------
    tables : dict of str to DataFrame
        As ``placer.Instance.from_tables`` takes them.
    hub_km, centre_km : (hubs, 2), (data centres, 2) arrays
        Positions in the plane, km from west and south.
    inland : (data centres,) bool array
    seed : int
    settings : dict
        Fields of ``placer.Settings``.
    """

    tables: dict[str, pd.DataFrame]
    hub_km: np.ndarray
    centre_km: np.ndarray
    inland: np.ndarray
    seed: int
    settings: dict[str, Any] = field(default_factory=lambda: {"cyclic": True})


def fleet(size: tuple[int, ...], seed: int) -> Draft:
    """Build a fleet with users on the coast and half of the sites inland, where power is cheap.

    The size is data centres x hubs x workloads x hours. Every third workload is batch and may wait eight hours.
    Accelerators exceed the need of the busiest hour by 15 %.
    """
    centres, hubs, workloads, hours = size
    random = np.random.default_rng(seed)
    hub_km = np.stack(
        [
            np.where(random.random(hubs) < 0.75, random.normal(2600, 250, hubs), random.uniform(0, 2400, hubs)),
            random.uniform(0, 2500, hubs),
        ],
        axis=1,
    )
    inland = np.arange(centres) % 2 == 0
    centre_km = np.stack(
        [
            np.where(inland, random.uniform(0, 1500, centres), random.normal(2500, 200, centres)),
            random.uniform(0, 2500, centres),
        ],
        axis=1,
    )
    region = np.where(hub_km[:, 0] < 1800, "inland", "coast")
    tables = {
        "hubs": pd.DataFrame({"hub": names("hub", hubs), "region": region}),
        "workloads": _workloads(workloads, random),
    }
    tables["demand"] = _demand(tables["workloads"], tables["hubs"], hours, random)
    tables["data_centres"] = _data_centres(tables, inland, random)
    tables["power_zones"], tables["supplies"] = _power(inland, hours, random)
    tables["links"] = links(hub_km, centre_km, np.ones((hubs, centres), dtype=bool))
    return Draft(tables, hub_km, centre_km, inland, seed)


def finish(draft: Draft) -> placer.Instance:
    """Return the instance of a draft."""
    return placer.Instance.from_tables(draft.tables, **draft.settings)


def names(kind: str, count: int) -> list[str]:
    """Return ``count`` names of a kind."""
    return [f"{kind}-{number}" for number in range(count)]


def hourly_use(tables: dict[str, pd.DataFrame]) -> np.ndarray:
    """Return the accelerator-hours of each hour's demand at speed 1, an array (hours,)."""
    each = tables["workloads"].set_index("workload")["accelerator_hours_per_mtok"]
    demand = tables["demand"]
    return (demand["mtok"] * demand["workload"].map(each)).groupby(demand["hour"]).sum().to_numpy()


def _workloads(count: int, random: np.random.Generator) -> pd.DataFrame:
    waits = np.arange(count) % 3 == 2
    accelerator_hours = random.uniform(0.5, 3, count)
    return pd.DataFrame(
        {
            "workload": names("workload", count),
            "accelerator_hours_per_mtok": accelerator_hours,
            "kwh_per_mtok": accelerator_hours * random.uniform(0.9, 1.1, count),
            "gb_per_mtok": 0.01,
            "latency_slo_ms": np.where(waits, math.inf, np.resize(SLO_MS, count)),
            "deadline_hours": np.where(waits, DEADLINE_HOURS, 0.0),
        }
    )


def _demand(workloads: pd.DataFrame, hubs: pd.DataFrame, hours: int, random: np.random.Generator) -> pd.DataFrame:
    population = random.pareto(1.2, len(hubs)) + 0.2
    share = random.dirichlet(np.full(len(workloads), 3.0))
    day = 1 + 0.6 * np.sin((np.arange(hours) % 24 - 8) / 24 * 2 * np.pi)
    mtok = 1e6 * share[:, None, None] * (population / population.sum())[:, None] * day
    mtok *= random.uniform(0.9, 1.1, mtok.shape)
    index = pd.MultiIndex.from_product(
        [workloads["workload"], hubs["hub"], range(hours)], names=["workload", "hub", "hour"]
    )
    return pd.DataFrame({"mtok": mtok.ravel()}, index=index).reset_index()


def _data_centres(tables: dict[str, pd.DataFrame], inland: np.ndarray, random: np.random.Generator) -> pd.DataFrame:
    part = random.uniform(0.5, 1.5, len(inland))
    return pd.DataFrame(
        {
            "data_centre": names("site", len(inland)),
            "region": np.where(inland, "inland", "coast"),
            "accelerators": SPARE * hourly_use(tables).max() * part / part.sum(),
            "pue": np.where(inland, 1.2, 1.35),
        }
    )


def _power(inland: np.ndarray, hours: int, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    base = np.where(inland, 45.0, 95.0) * random.uniform(0.85, 1.15, len(inland))
    day = 1 + 0.35 * np.sin((np.arange(hours) % 24 - 9) / 24 * 2 * np.pi)
    price = base[:, None] * day * random.uniform(0.95, 1.05, (len(inland), hours))
    zones = names("zone", len(inland))
    return (
        pd.DataFrame({"power_zone": zones, "usd_per_mwh": by_hour(price)}),
        pd.DataFrame({"power_zone": zones, "data_centre": names("site", len(inland))}),
    )


def by_hour(values: np.ndarray) -> pd.Series:
    """Return a column that holds one value per hour from an array (rows, hours)."""
    return pd.Series([tuple(row) for row in values.tolist()], dtype=object)


def links(hub_km: np.ndarray, centre_km: np.ndarray, direct: np.ndarray) -> pd.DataFrame:
    """Return a link from hub to data centre for every True of ``direct``, a bool array (hubs, data centres).

    The nearest data centre always meets the limit of the strictest class.
    """
    distance = np.linalg.norm(hub_km[:, None] - centre_km[None], axis=2)
    rtt = np.where(direct, SWITCHING_MS + rtt_ms(distance), np.inf)
    nearest = rtt == rtt.min(axis=1, keepdims=True)
    rtt[nearest] = np.minimum(rtt[nearest], SLO_MS[0])
    hub, centre = np.nonzero(np.isfinite(rtt))
    return pd.DataFrame(
        {
            "from": np.array(names("hub", len(hub_km)))[hub],
            "to": np.array(names("site", len(centre_km)))[centre],
            "rtt_ms": rtt[hub, centre],
            "usd_per_gb": usd_per_gb(distance[hub, centre]),
        }
    )


def usd_per_gb(distance_km: np.ndarray) -> np.ndarray:
    """Return the cost of a link of a given length."""
    return 0.01 + 2e-4 * distance_km
