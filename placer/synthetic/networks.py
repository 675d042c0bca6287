"""Synthetic networks: users on the coast, cheap power inland, sizes and profiles from published figures.

Facts are cited by their table in ``datasets/facts``; an assumption is a judgement.

- Land: a coast 2500 km long with land 2000 km deep behind it. The first 300 km are region ``coast``, the rest
  ``inland`` (an assumption, about the size of China's populated part).
- Hubs: sizes are Pareto, the r-th largest in proportion to r ** -0.6 (Zipf exponent fitted to the gross product of 43
  cities). 26 of the 43 are in coastal provinces and have 71 % of the product: 1.57 times an inland hub each.
- Demand: 140 million Mtok a day for 43 cities (volumes, March 2026), so 3.26 million for an average hub. Shares
  of the workloads as assumed_mix (an assumption: the mix is unpublished), within 10 % at each hub. Hours: a day of
  DeepSeek for interactive work, a weekday of code requests at Azure shifted five hours back for developers
  (demand_shapes), flat for batch. ``regulated_realtime`` is demanded on the coast only and must stay there.
- Workloads: as in the dataset ``china`` (workload_coefficients and workload_parameters), in an order that has every
  kind among the first six; the fifteenth and further repeat them.
- Data centres: 6 of 22 inland, with 23 % of the accelerators (as in ``china`` by racks), in the far half of the land;
  those on the coast at its largest hubs in turn. Sizes within a region are lognormal of sigma 0.5 (an assumption). PUE
  1.25 and 1.2 (limits of the national clusters), accelerators 2 USD an hour (assumed_values: DeepSeek's published
  cost).
- Capacity: accelerators are mean need / 0.6272 in all (occupancy of the racks of ten clusters, cluster_facts, taken for
  the load), and at least the need of the busiest hour.
- Power: 96.2 USD/MWh on the coast (mean of five provinces, tariffs) following the hours of Shanghai in June
  (price_shapes), 48.7 flat at the far end (special prices, tariffs), in between in proportion to the
  distance from the coast; lognormal noise of sigma 0.066 (as between the five). Carbon 420 to 680 kg/MWh on the coast,
  156 to 648 inland, uniform (lowest and highest of such provinces in grid_carbon).
- Links: up to ten exchanges, fully meshed (ten core nodes, as in ``china``), at the largest hubs of both regions. Hubs
  and data centres reach the nearest; a data centre on the coast also its hub. 15.528 ms round trip per 1000 km and 3.6
  at the data centre (half the intercept of the fit over North American land routes, network). 10 km is the minimum
  length. Access 10 ms (fixed lines, network). 0.006 USD/GB per 1000 km (transit in London 2015, assumed_values). No
  limits: in ``china`` text fills 16 % of a link at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.instance.attributes.columns import Column, Kind
from placer.instance.problem import Instance
from placer.synthetic.grid import rounded
from placer.synthetic.shocks import stream
from placer.synthetic.uncertainty import refuse_values
from placer.utils.arrays import BoolArray, FloatArray, IntArray, NameArray

LENGTH_KM, DEPTH_KM, COAST_KM, NEAREST_KM = 2500.0, 2000.0, 300.0, 10.0
ZIPF_EXPONENT = 0.6
COAST_SHARE, COAST_SIZE = 26 / 43, 1.57
MTOK_PER_HUB_AND_DAY = 140e6 / 43
INLAND_SITES, INLAND_ACCELERATORS, SITE_SIGMA = 6 / 22, 0.23, 0.5
LOAD = 0.6272
COAST_USD_PER_MWH, FAR_USD_PER_MWH, POWER_SIGMA = 96.2, 48.7, 0.066
EXCHANGES = 10
RTT_MS_PER_KM, SITE_RTT_MS, ACCESS_MS = 15.528e-3, 3.6, 10.0
USD_PER_GB_KM = 6e-6

#: Demand of each hour over the mean (demand_shapes): deepseek_v3r1_token_revenue in UTC+8, azure2024_code on weekdays.
PEOPLE = (
    *(0.9285, 0.7668, 0.561, 0.3405, 0.2719, 0.2719, 0.3405, 0.5855, 0.9873, 1.2568, 1.3009, 1.2764),
    *(1.1539, 1.2176, 1.3009, 1.3205, 1.3009, 1.1882, 1.1441, 1.2617, 1.3107, 1.3156, 1.3254, 1.2715),
)
_CODE_UTC = (
    *(0.8738, 0.8448, 0.7906, 0.649, 0.5196, 0.4256, 0.3657, 0.31, 0.2879, 0.2976, 0.3197, 0.4663),
    *(0.8643, 1.4669, 2.0875, 2.2557, 2.1354, 2.4541, 2.7034, 2.7743, 2.5794, 1.8976, 1.3707, 1.0185),
)
DEVELOPERS = _CODE_UTC[5:] + _CODE_UTC[:5]
FLAT = (1.0,) * 24
#: Price of each hour over the mean (price_shapes): CN Shanghai, June.
TARIFF = (*(0.5217,) * 6, *(1.0435,) * 2, *(1.5652,) * 3, *(1.0435,) * 7, *(1.5652,) * 3, 1.0435, *(0.5217,) * 2)

_COLUMNS = (
    *("workload", "accelerator_hours_per_mtok", "kwh_per_mtok", "gb_per_mtok", "latency_slo_ms", "server_ms"),
    *("user_round_trips", "tool_round_trips", "deadline_hours", "value_usd_per_mtok"),
)
_INF = float("inf")
#: The classes with the values of ``_COLUMNS``, their share in assumed_mix and their hourly profile.
CLASSES: tuple[tuple[tuple[str | float, ...], float, tuple[float, ...]], ...] = (
    (("interactive_chat", 0.04931, 0.044, 0.04262, 2000, 1696, 1, 0, 0, 0.303), 0.2, PEOPLE),
    (("agentic_coding_loop", 0.007583, 0.0068, 0.004848, 270_900, 258_000, 0.9, 7.8, 0, 0.08186), 0.22, DEVELOPERS),
    (("batch_api_24h", 0.04008, 0.0358, 0.03178, _INF, 0, 1, 0, 24, 0.1722), 0.07, FLAT),
    (("code_completion", 0.005611, 0.005, 0.007372, 200, 139, 1, 0, 0, 0.1825), 0.04, DEVELOPERS),
    (("reasoning_chat", 0.1059, 0.0945, 0.1406, 2000, 1696, 1, 0, 0, 1.341), 0.15, PEOPLE),
    (("regulated_realtime", 0.04931, 0.044, 0.04262, 450, 420, 1, 0, 0, 0.303), 0.008, PEOPLE),
    (("rag_search", 0.05994, 0.0535, 0.03178, 1000, 500, 1, 1, 0, 0.3089), 0.08, PEOPLE),
    (("deep_research", 0.02758, 0.0246, 0.01128, 945000, 900000, 1, 39, 0.5, 0.1583), 0.04, PEOPLE),
    (("voice_assistant", 0.01842, 0.0164, 0.0221, 800, 650, 1, 0, 0, 0.1631), 0.03, PEOPLE),
    (("computer_use_agent", 0.01725, 0.0154, 0.006475, 1260000, 1200000, 1, 49, 0, 0.1198), 0.04, DEVELOPERS),
    (("evaluation_synthetic_data", 0.08194, 0.0731, 0.2459, _INF, 0, 1, 0, 12, 0.536), 0.03, FLAT),
    (("rl_rollout", 0.07653, 0.0683, 0.2262, _INF, 0, 1, 0, 0.5, 0.9967), 0.03, FLAT),
    (("embedding_index", 0.01489, 0.0133, 0.004, _INF, 0, 1, 0, 24, 0.13), 0.03, FLAT),
    (("video_generation", 2.781, 2.082, 0.06245, _INF, 0, 1, 0, 0.1, 6.571), 0.002, PEOPLE),
)
LOCAL = "regulated_realtime"


@dataclass(frozen=True, eq=False)
class _Land:
    """Locations of all nodes, in km from the coast and along it, and the sizes of the hubs.

    The rows of places are hubs, data centres and exchanges in turn; ``city`` is the hub of a data centre on the coast.
    """

    hub_km: FloatArray
    site_km: FloatArray
    exchange_km: FloatArray
    size: FloatArray
    coastal_site: BoolArray
    city: IntArray


def network(data_centres: int = 20, hubs: int = 100, workloads: int = 6, hours: int = 24, seed: int = 0) -> Instance:
    """Return a synthetic instance of a given size: users mostly on the coast, cheap power far away; see the module.

    Parameters
    ----------
    data_centres, hubs, workloads, hours : int
        At least 1 each. The horizon is cyclic.
    seed : int
        At least 0. Hubs, data centres, power and demand each have their own stream of random numbers.

    Raises
    ------
    InstanceError
        Listing every invalid number.

    Examples
    --------
    >>> instance = network(data_centres=4, hubs=10, workloads=2, hours=2, seed=1)
    >>> instance
    <Instance: 10 hubs, 4 data centres, 4 power zones, 2 exchanges, 18 links, 4 supplies, 2 workloads, 2 hours, ...>
    >>> instance == network(data_centres=4, hubs=10, workloads=2, hours=2, seed=1)
    True
    """
    given = {"data_centres": data_centres, "hubs": hubs, "workloads": workloads, "hours": hours, "seed": seed}
    refuse_values("network", given, [Column(name, Kind.WHOLE, low=name != "seed", scaled=False) for name in given])
    random = {name: stream(int(seed), place) for place, name in enumerate(("hubs", "data_centres", "power", "demand"))}
    land = _land(int(hubs), int(data_centres), random)
    tables = {"hubs": _hubs(land), "workloads": _workloads(int(workloads))}
    tables["demand"] = _demand(tables["workloads"], land, int(hours), random["demand"])
    tables["data_centres"] = _data_centres(tables, land, random["data_centres"])
    tables["power_zones"], tables["supplies"] = _power(land, int(hours), random["power"])
    tables["exchanges"] = pd.DataFrame({"exchange": _names("exchange", len(land.exchange_km))})
    tables["links"] = _links(land)
    return Instance.from_tables(tables, cyclic=True)


def _land(hubs: int, sites: int, random: dict[str, np.random.Generator]) -> _Land:
    coastal = random["hubs"].random(hubs) < COAST_SHARE
    coastal[0] = True
    size = (1 + random["hubs"].pareto(1 / ZIPF_EXPONENT, hubs)) * np.where(coastal, COAST_SIZE, 1.0)
    hub_km = _places(np.where(coastal, 0.0, COAST_KM), np.where(coastal, COAST_KM, DEPTH_KM), random["hubs"])
    by_size = np.argsort(-size, kind="stable")
    on_coast, off_coast = by_size[coastal[by_size]], by_size[~coastal[by_size]]

    coastal_site = np.arange(sites) < sites - round(INLAND_SITES * sites)
    site_km = _places(np.full(sites, DEPTH_KM / 2), np.full(sites, DEPTH_KM), random["data_centres"])
    city = np.resize(on_coast, coastal_site.sum())
    site_km[coastal_site] = hub_km[city]
    half = min(EXCHANGES, max(2, hubs // 4)) // 2
    exchange_km = hub_km[np.concatenate([on_coast[:half], off_coast[:half]])]
    return _Land(hub_km, site_km, exchange_km, size / size.sum(), coastal_site, city)


def _places(low: FloatArray, high: FloatArray, random: np.random.Generator) -> FloatArray:
    return np.stack([random.uniform(low, high), random.uniform(0, LENGTH_KM, len(low))], axis=1)


def _names(kind: str, count: int) -> NameArray:
    return np.array([f"{kind}-{number}" for number in range(count)], dtype=object)


def _hubs(land: _Land) -> pd.DataFrame:
    region = np.where(land.hub_km[:, 0] < COAST_KM, "coast", "inland")
    return pd.DataFrame({"hub": _names("hub", len(region)), "region": region, "access_ms": ACCESS_MS})


def _workloads(count: int) -> pd.DataFrame:
    chosen = [CLASSES[place % len(CLASSES)][0] for place in range(count)]
    table = pd.DataFrame(chosen, columns=list(_COLUMNS))
    again = np.arange(count) // len(CLASSES) + 1
    local = [("coast",) if name == LOCAL else None for name in table["workload"]]
    table["jurisdictions"] = pd.Series(local, dtype=object)
    table["workload"] = [name if k == 1 else f"{name}-{k}" for name, k in zip(table["workload"], again, strict=True)]
    return table


def _demand(workloads: pd.DataFrame, land: _Land, hours: int, random: np.random.Generator) -> pd.DataFrame:
    kinds = [CLASSES[place % len(CLASSES)] for place in range(len(workloads))]
    share = np.array([part for _, part, _ in kinds])
    level = np.array([np.resize(profile, hours) / np.mean(profile) for *_, profile in kinds])
    weight = land.size * random.uniform(0.9, 1.1, (len(kinds), len(land.size)))
    local = workloads["jurisdictions"].notna().to_numpy()
    weight *= ~(local[:, None] & (land.hub_km[:, 0] >= COAST_KM))
    weight *= (share / share.sum() / weight.sum(axis=1))[:, None]
    mtok = rounded(MTOK_PER_HUB_AND_DAY * len(land.size) / 24 * weight[:, :, None] * level[:, None])
    kind, hub, hour = np.nonzero(mtok)
    names = workloads["workload"].to_numpy(), _names("hub", len(land.size))
    return pd.DataFrame({"workload": names[0][kind], "hub": names[1][hub], "hour": hour, "mtok": mtok[kind, hub, hour]})


def _data_centres(tables: dict[str, pd.DataFrame], land: _Land, random: np.random.Generator) -> pd.DataFrame:
    each = tables["workloads"].set_index("workload")["accelerator_hours_per_mtok"]
    demand = tables["demand"]
    need = (demand["mtok"] * demand["workload"].map(each)).groupby(demand["hour"]).sum()
    part = random.lognormal(0, SITE_SIGMA, len(land.site_km))
    coastal = land.coastal_site
    inland_share = 0.0 if coastal.all() else INLAND_ACCELERATORS
    part[coastal] *= (1 - inland_share) / part[coastal].sum()
    part[~coastal] *= inland_share / max(part[~coastal].sum(), 1e-300)
    region = np.where(coastal, "coast", "inland")
    return pd.DataFrame(
        {
            "data_centre": _names("site", len(region)),
            "region": region,
            "jurisdiction": region,
            "accelerators": rounded(part * max(need.mean() / LOAD, need.max())),
            "accelerator_usd_per_hour": 2.0,
            "pue": np.where(coastal, 1.25, 1.2),
        }
    )


def _power(land: _Land, hours: int, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    far = land.site_km[:, :1] / DEPTH_KM
    price = far * FAR_USD_PER_MWH + (1 - far) * COAST_USD_PER_MWH * np.resize(TARIFF, hours)
    price = rounded(price * random.lognormal(0, POWER_SIGMA, far.shape))
    coastal = land.coastal_site
    carbon = random.uniform(np.where(coastal, 420, 156), np.where(coastal, 680, 648))
    zones = _names("grid", len(coastal))
    hourly = pd.Series([tuple(row) for row in price.tolist()], dtype=object)
    return (
        pd.DataFrame({"power_zone": zones, "usd_per_mwh": hourly, "carbon_kg_per_mwh": rounded(carbon)}),
        pd.DataFrame({"power_zone": zones, "data_centre": _names("site", len(coastal))}),
    )


def _links(land: _Land) -> pd.DataFrame:
    hub, site = _names("hub", len(land.hub_km)), _names("site", len(land.site_km))
    exchange = _names("exchange", len(land.exchange_km))
    of_hub, of_site = _nearest(land.hub_km, land.exchange_km), _nearest(land.site_km, land.exchange_km)
    one, other = np.triu_indices(len(exchange), 1)
    cities = np.flatnonzero(land.coastal_site)
    parts = (
        (hub, exchange[of_hub], land.hub_km - land.exchange_km[of_hub], 0.0),
        (exchange[of_site], site, land.site_km - land.exchange_km[of_site], SITE_RTT_MS),
        (hub[land.city], site[cities], land.hub_km[land.city] - land.site_km[cities], SITE_RTT_MS),
        (exchange[one], exchange[other], land.exchange_km[one] - land.exchange_km[other], 0.0),
    )
    return pd.concat([_link_table(*part) for part in parts], ignore_index=True)


def _link_table(tail: NameArray, head: NameArray, apart_km: FloatArray, tail_ms: float) -> pd.DataFrame:
    length = np.maximum(np.sqrt((apart_km**2).sum(axis=1)), NEAREST_KM)
    rtt, price = rounded(tail_ms + RTT_MS_PER_KM * length), rounded(USD_PER_GB_KM * length)
    return pd.DataFrame({"from": tail, "to": head, "rtt_ms": rtt, "usd_per_gb": price})


def _nearest(places: FloatArray, others: FloatArray) -> IntArray:
    return ((places[:, None] - others) ** 2).sum(axis=2).argmin(axis=1)
