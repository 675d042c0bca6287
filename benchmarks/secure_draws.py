"""Small random instances for secure placements and ceilings, with their contingencies, as plain arrays and as tables.

Every hub has direct links only, and longer ways are not in time, so that an assignment is a workload, a hub, a site and
an hour. Draws include sites without power or accelerators, hubs without demand, work that costs nothing, values of a
thousand times the cost, work that waits, links and zones with limits, own limits of at least, and units of money and
tokens from 1e-8 to 1e9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import placer

if TYPE_CHECKING:
    from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: GB that a Gbps carries in an hour, and kWh of a MWh.
GB_PER_GBPS_HOUR, KWH_PER_MWH = 450.0, 1000.0
#: GB of a Mtok that is sent.
_GB = 45.0
#: Units of money and of tokens.
UNITS = (1.0, 1.0, 1.0, 1e-8, 1e9)
KINDS = ("data_centres", "links", "regions", "power_zones")
REGIONS = ("e", "w")


@dataclass(frozen=True, eq=False)
class Lost:
    """A contingency: its name, and the lost data centres (j,), supplies (s,) and links (h, j)."""

    name: str
    sites: BoolArray
    supplies: BoolArray
    links: BoolArray


@dataclass(frozen=True, eq=False)
class Draw:
    """An instance in units of 1: workloads k, hubs h, data centres j, hours t, zones z, supplies s.

    Attributes
    ----------
    hours, mwh, gb, unserved, window, protected : (k,) arrays
        Accelerator-hours, MWh and GB per Mtok, USD of an unserved Mtok, hours that work may wait, protected share.
    hub_region, site_region : (h,) and (j,) int arrays
    speed, accelerators, usd_per_hour, power : (j,) arrays
        ``power`` is the limit of a data centre, MW.
    price, zone_limit : (z, t) and (z,) arrays
    supplies : (s, 2) int array
        Zone and data centre.
    supply_limit : (s,) array
    linked, lawful : (h, j) and (k, j) bool arrays
    link_limit, usd_per_gb : (h, j) arrays
        ``link_limit`` in GB an hour.
    demand : (k, h, t) array
    limits : tuple of (k or -1, j or -1, sense, amount)
        Mtok served of a workload, or at a data centre.
    kind : str
        Of contingencies.
    usd, mtok : float
        Units of the instance that placer solves.
    """

    hours: FloatArray
    mwh: FloatArray
    gb: FloatArray
    unserved: FloatArray
    window: IntArray
    protected: FloatArray
    hub_region: IntArray
    site_region: IntArray
    speed: FloatArray
    accelerators: FloatArray
    usd_per_hour: FloatArray
    power: FloatArray
    price: FloatArray
    zone_limit: FloatArray
    supplies: IntArray
    supply_limit: FloatArray
    linked: BoolArray
    lawful: BoolArray
    link_limit: FloatArray
    usd_per_gb: FloatArray
    demand: FloatArray
    limits: tuple[tuple[int, int, str, float], ...]
    kind: str
    usd: float
    mtok: float

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """The numbers of workloads, hubs, data centres and hours."""
        workloads, hubs, hours = self.demand.shape
        return workloads, hubs, len(self.speed), hours

    @property
    def contingencies(self) -> list[Lost]:
        """The contingencies of the kind, in the order of the tables."""
        _, hubs, sites, _ = self.shape
        none = Lost("", np.zeros(sites, bool), np.zeros(len(self.supplies), bool), np.zeros((hubs, sites), bool))
        if self.kind == "data_centres":
            return [Lost(f"j{j}", np.arange(sites) == j, none.supplies, none.links) for j in range(sites)]
        if self.kind == "regions":
            used = dict.fromkeys(self.site_region.tolist())
            return [Lost(REGIONS[r], self.site_region == r, none.supplies, none.links) for r in used]
        if self.kind == "power_zones":
            zones = [z for z in range(len(self.zone_limit)) if (self.supplies[:, 0] == z).any()]
            return [Lost(f"z{z}", none.sites, self.supplies[:, 0] == z, none.links) for z in zones]
        places = np.argwhere(self.linked)
        positions = np.arange(hubs * sites).reshape(hubs, sites)
        return [Lost(f"h{h} - j{j}", none.sites, none.supplies, positions == h * sites + j) for h, j in places]

    @property
    def security(self) -> placer.Security:
        """The same contingencies, and the protected shares."""
        return placer.Security(self.kind, protected={f"k{k}": share for k, share in enumerate(self.protected.tolist())})

    def instance(self) -> placer.Instance:
        """Return the instance in its units of money and tokens."""
        workloads, hubs, sites, hours = self.shape
        usd, mtok = self.usd, self.mtok
        centres = [
            {
                "data_centre": f"j{j}",
                "region": REGIONS[self.site_region[j]],
                "accelerators": self.accelerators[j] * mtok,
                "accelerator_usd_per_hour": self.usd_per_hour[j] * usd,
                "power_limit_mw": self.power[j] * mtok,
                "speed": self.speed[j],
                "jurisdiction": f"j{j}",
            }
            for j in range(sites)
        ]
        work = [
            {
                "workload": f"k{k}",
                "accelerator_hours_per_mtok": self.hours[k],
                "kwh_per_mtok": self.mwh[k] * KWH_PER_MWH,
                "gb_per_mtok": self.gb[k],
                "latency_slo_ms": 15.0,
                "user_round_trips": 1.0,
                "deadline_hours": float(self.window[k]),
                "jurisdictions": tuple(f"j{j}" for j in np.flatnonzero(self.lawful[k])),
                "unserved_usd_per_mtok": self.unserved[k] * usd,
            }
            for k in range(workloads)
        ]
        asked = [
            {"workload": f"k{k}", "hub": f"h{h}", "hour": t, "mtok": self.demand[k, h, t] * mtok}
            for k, h, t in np.ndindex(workloads, hubs, hours)
        ]
        tables: dict[str, list[dict[str, Any]]] = {
            "hubs": [{"hub": f"h{h}", "region": REGIONS[self.hub_region[h]]} for h in range(hubs)],
            "data_centres": centres,
            "workloads": work,
            "demand": asked,
            "links": self._links(),
            "power_zones": self._zones(),
            "supplies": [
                {"power_zone": f"z{z}", "data_centre": f"j{j}", "limit_mw": limit * mtok}
                for (z, j), limit in zip(self.supplies.tolist(), self.supply_limit.tolist(), strict=True)
            ],
        }
        if self.limits:
            tables["limits"] = [self._limit(place) for place in range(len(self.limits))]
        return placer.Instance.from_tables(tables)

    def _links(self) -> list[dict[str, Any]]:
        return [
            {
                "from": f"h{h}",
                "to": f"j{j}",
                "rtt_ms": 10.0,
                "usd_per_gb": self.usd_per_gb[h, j] * self.usd,
                "capacity_gbps": self.link_limit[h, j] / GB_PER_GBPS_HOUR * self.mtok,
            }
            for h, j in np.argwhere(self.linked).tolist()
        ]

    def _zones(self) -> list[dict[str, Any]]:
        return [
            {"power_zone": f"z{z}", "usd_per_mwh": tuple((row * self.usd).tolist()), "limit_mw": limit * self.mtok}
            for z, (row, limit) in enumerate(zip(self.price, self.zone_limit.tolist(), strict=True))
        ]

    def _limit(self, place: int) -> dict[str, Any]:
        k, j, sense, amount = self.limits[place]
        scope = {"workload": f"k{k}"} if k >= 0 else {"data_centre": f"j{j}"}
        return {"limit": f"l{place}", "kind": "tokens", "sense": sense, "amount": amount * self.mtok} | scope


def draw(random: np.random.Generator) -> Draw:
    """Return a random instance with contingencies."""

    def some(*values: Any) -> Any:
        return values[int(random.integers(len(values)))]

    def numbers(*values: float, size: int | tuple[int, ...]) -> FloatArray:
        return random.choice(np.array(values), size)

    workloads, hubs, sites = (int(random.integers(low, high)) for low, high in ((1, 4), (2, 4), (2, 5)))
    hours, zones = some(1, 1, 2, 3), some(1, 2)
    demand = numbers(0.0, 10.0, 20.0, 30.0, 50.0, 70.0, size=(workloads, hubs, hours))
    demand[:, random.integers(hubs)] *= some(0.0, 1.0)
    demand[0, 0, 0] += 10.0
    need = numbers(0.0, 0.5, 1.0, 1.5, 20.0, size=workloads)
    mwh = numbers(0.0, 0.0, 0.5, 1.1, size=workloads)
    fair = float((need[:, None, None] * demand).sum()) / sites / hours or 1.0
    power = float((mwh[:, None, None] * demand).sum()) / sites / hours or 1.0
    free, plenty = some(0.0, 1.0, 1.0), some(0.6, 1.0, 1.5, 3.0)
    costs = free * numbers(0.0, 1.0, 2.0, 5.0, size=sites)
    dearest = max(float(need.max() * costs.max() * 2), 1.0)
    linked = random.random((hubs, sites)) < some(0.8, 1.0)
    linked[np.arange(hubs), np.arange(hubs) % sites] = True
    lawful = random.random((workloads, sites)) < some(0.7, 1.0)
    lawful[:, random.integers(sites)] = True
    window = np.where(random.random(workloads) < some(0.0, 0.4), random.integers(1, 3, workloads), 0)
    supplies = [(int(random.integers(zones)), j) for j in range(sites) if random.random() < some(0.6, 1.0)]
    supplies += [(0, j) for j in range(sites) if random.random() < some(0.0, 0.3)]
    scope = (int(random.integers(workloads)), -1) if random.random() < 0.5 else (-1, int(random.integers(sites)))
    amount = float(demand.sum()) * some(0.05, 0.2)
    gb_limit = _GB * float(demand.sum()) / hours * some(0.3, 1.0)
    return Draw(
        hours=need,
        mwh=mwh,
        gb=numbers(0.0, _GB, size=workloads),
        unserved=dearest * numbers(0.3, 3.0, some(100.0, 1000.0), size=workloads),
        window=window,
        protected=np.where(random.random(workloads) < 0.7, np.where(window > 0, 0.0, 1.0), some(0.0, 0.5, 1.0)),
        hub_region=np.arange(hubs) % 2,
        site_region=np.append([0, 1], random.integers(0, 2, sites - 2)),
        speed=numbers(0.5, 1.0, 1.0, size=sites),
        accelerators=fair * plenty * numbers(0.0, 0.5, 1.0, 1.0, 1.7, math.inf, size=sites),
        usd_per_hour=costs,
        power=power * plenty * numbers(0.7, 1.5, math.inf, math.inf, size=sites),
        price=free * numbers(0.0, 1.0, 3.0, size=(zones, hours)),
        zone_limit=power * sites * numbers(0.4, math.inf, math.inf, size=zones),
        supplies=np.array(supplies, dtype=int).reshape(-1, 2),
        supply_limit=power * plenty * numbers(0.0, 0.8, math.inf, math.inf, size=len(supplies)),
        linked=linked,
        lawful=lawful,
        link_limit=gb_limit * numbers(0.5, math.inf, math.inf, size=(hubs, sites)),
        usd_per_gb=free * numbers(0.0, 0.0, 0.2, size=(hubs, sites)),
        demand=demand,
        limits=((*scope, some(">=", ">=", "<="), amount),) if random.random() < 0.3 else (),
        kind=some(*(KINDS if _may_lose_a_zone(supplies, zones, sites) else KINDS[:-1])),
        usd=some(*UNITS),
        mtok=some(*UNITS),
    )


def _may_lose_a_zone(supplies: list[tuple[int, int]], zones: int, sites: int) -> bool:
    """Return whether there are zones to lose, and each leaves a site with power or there are sites without any."""
    left = [{j for at, j in supplies if at != z} for z in range(zones)]
    return bool(supplies) and (all(left) or len({j for _, j in supplies}) < sites)
