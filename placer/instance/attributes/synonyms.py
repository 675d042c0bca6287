"""Synonyms of the attributes that placer knows: misspellings, and the terms of other programs.

An unknown name either stands for a known attribute or is ignored. ``meant`` decides which, for graphs, files and
DataFrames alike.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from placer.currency import CURRENCIES, USD

#: Known attribute or table -> its names elsewhere, in lower case with underscores.
SYNONYMS: dict[str, tuple[str, ...]] = {
    "hub": ("user_hub",),
    "data_centre": ("data_center", "datacenter", "datacentre", "dc", "site"),
    "power_zone": ("zone", "price_zone", "bidding_zone"),
    "exchange": ("ix", "ixp"),
    "workload": ("workload_class", "class"),
    "access_ms": ("access_latency_ms", "access_rtt_ms", "last_mile_ms"),
    "lat": ("latitude",),
    "lon": ("longitude", "lng", "long"),
    "utc_offset_hours": ("utc_offset_h", "tz_offset_hours", "timezone_offset"),
    "accelerators": (
        *("gpus", "gpu", "gpu_count", "num_gpus", "n_gpus", "number_of_gpus", "tpus", "chips"),
        *("accelerator_count", "num_accelerators", "n_accelerators", "number_of_accelerators"),
    ),
    "accelerator_usd_per_hour": (
        *("gpu_usd_per_hour", "usd_per_gpu_hour", "usd_per_gpu_h", "gpu_hour_usd", "gpu_cost_usd_per_hour", "gpu_cost"),
        *("gpu_price_usd_per_hour", "gpu_price", "usd_per_accelerator_hour", "accelerator_cost_usd_per_hour"),
        *("accelerator_price_usd_per_hour", "accelerator_price", "accelerator_cost", "usd_per_hour"),
        *("price", "cost", "hourly_price", "hourly_cost", "price_per_hour", "cost_per_hour"),
    ),
    "max_utilisation": ("max_utilization", "utilisation_limit", "utilization_limit", "max_load"),
    "operations_usd_per_hour": ("opex_usd_per_hour", "operating_usd_per_hour"),
    "pue": ("power_usage_effectiveness",),
    "power_limit_mw": ("power_capacity_mw", "site_power_mw", "max_power_mw", "capacity_mw", "max_mw", "mw"),
    "water_litres_per_kwh": ("wue", "wue_l_kwh", "wue_l_per_kwh", "water_l_per_kwh", "water_liters_per_kwh"),
    "water_usd_per_litre": ("water_usd_per_liter", "water_usd_per_l", "water_price_usd_per_litre"),
    "speed": ("relative_speed", "speed_factor", "speedup"),
    "energy_factor": ("relative_energy", "energy_ratio"),
    "usd_per_mwh": (
        *("price_usd_per_mwh", "power_usd_per_mwh", "energy_usd_per_mwh", "electricity_usd_per_mwh", "price_per_mwh"),
        *("power_price", "energy_price", "electricity_price", "lmp", "lmp_usd_per_mwh", "usd_per_kwh"),
        *("price", "prices", "cost", "spot_price", "day_ahead_price", "marginal_price", "marginal_cost"),
    ),
    "carbon_kg_per_mwh": (
        *("co2_kg_per_mwh", "co2e_kg_per_mwh", "kg_co2_per_mwh", "kgco2_per_mwh", "emissions_kg_per_mwh"),
        *("carbon_intensity", "carbon_intensity_kg_per_mwh", "carbon_g_per_kwh", "co2_g_per_kwh", "gco2_per_kwh"),
    ),
    "from": ("source", "src"),
    "to": ("target", "dst", "destination"),
    "rtt_ms": ("latency_ms", "latency", "round_trip_ms", "delay_ms", "ping_ms", "one_way_ms", "rtt_s"),
    "capacity_gbps": ("gbps", "gbit_s", "bandwidth", "bandwidth_gbps", "bw_gbps", "throughput_gbps", "link_gbps"),
    "usd_per_gb": ("transit_usd_per_gb", "cost_usd_per_gb", "price_usd_per_gb", "egress_usd_per_gb", "price", "cost"),
    "limit_mw": ("supply_limit_mw", "supply_mw", "capacity_mw", "max_mw", "mw"),
    "loss": ("losses", "loss_share", "loss_fraction"),
    "usd_per_mwh_adder": ("adder", "adder_usd_per_mwh", "usd_per_mwh_premium", "price", "cost"),
    "accelerator_hours_per_mtok": ("gpu_hours_per_mtok", "gpu_h_per_mtok", "accelerator_h_per_mtok", "gpu_hours"),
    "kwh_per_mtok": ("energy_kwh_per_mtok", "it_kwh_per_mtok", "mwh_per_mtok"),
    "gb_per_mtok": ("gigabytes_per_mtok", "traffic_gb_per_mtok"),
    "latency_slo_ms": (
        *("slo_ms", "slo", "sla_ms", "max_latency_ms", "max_latency", "latency_ms", "latency_limit_ms", "latency"),
        *("latency_target_ms", "latency_budget_ms", "ttft_ms", "ttft_slo_ms"),
    ),
    "server_ms": ("compute_ms", "processing_ms", "service_ms", "inference_ms", "server_time_ms"),
    "user_round_trips": ("round_trips", "n_round_trips"),
    "tool_round_trips": ("tool_calls", "tool_trips"),
    "tools_colocated": ("colocated_tools", "colocated_share", "tools_colocated_share"),
    "deadline_hours": (
        "deadline_h",
        "deadline",
        "max_delay_hours",
        "max_wait_hours",
        "delay_hours",
        "deadline_minutes",
    ),
    "jurisdictions": ("allowed_jurisdictions", "allowed_regions", "residency"),
    "unserved_usd_per_mtok": ("penalty_usd_per_mtok", "unserved_penalty_usd_per_mtok", "voll_usd_per_mtok", "voll"),
    "value_usd_per_mtok": ("revenue_usd_per_mtok", "price_usd_per_mtok", "value", "revenue", "price"),
    "hour": ("period", "time_step", "timestep", "snapshot", "hour_of_day"),
    "mtok": ("demand_mtok", "tokens_mtok", "mtokens", "million_tokens", "tokens", "demand", "load", "volume"),
    "power_zone_hours": ("power_prices", "electricity_prices", "energy_prices", "spot_prices", "prices"),
}

#: Synonyms in another unit -> the conversion to placer's unit.
CONVERSIONS = {
    "usd_per_kwh": "times 1000",
    "mwh_per_mtok": "times 1000",
    "rtt_s": "times 1000",
    "one_way_ms": "times 2, there and back",
    "deadline_minutes": "divided by 60",
    "tokens": "divided by 1,000,000",
}

_MEANINGS: dict[str, list[str]] = {}
for _known, _names in SYNONYMS.items():
    for _name in _names:
        _MEANINGS.setdefault(_name, []).append(_known)

#: A unit behind a name, as in ``Price (USD/MWh)``.
_IN_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]")
_UNIT = re.compile(r"_(ms|gbps|mw|hours|per_mtok|usd_per_\w+|kg_per_mwh|litres_per_kwh|usd_per_litre)$")


def meant(name: str, known: tuple[str, ...]) -> str | None:
    """Return the known attribute that an unknown name probably stands for, or None.

    A name stands for a known one if it is a synonym of it, or differs by letter case, by a few letters, or by a missing
    unit.

    Examples
    --------
    >>> meant("acess_ms", ("access_ms", "region"))
    'access_ms'
    >>> meant("capacity", ("capacity_gbps", "rtt_ms"))
    'capacity_gbps'
    >>> meant("GPU count", ("accelerators", "pue"))
    'accelerators'
    >>> meant("Price [USD/MWh]", ("hour", "usd_per_mwh"))
    'usd_per_mwh'
    >>> meant("cny_per_kwh", ("hour", "usd_per_mwh"))
    'usd_per_mwh'
    >>> meant("population", ("access_ms", "region")) is None
    True
    """
    plain = _plain(name)
    if (other := other_currency(plain)) and (in_usd := meant(_in_usd(plain, other), known)):
        return in_usd
    for candidate in known:
        if plain == candidate or plain == _UNIT.sub("", candidate):
            return candidate
    if synonym := next((candidate for candidate in _MEANINGS.get(plain, ()) if candidate in known), None):
        return synonym
    close = difflib.get_close_matches(plain, known, n=1, cutoff=0.8)
    return close[0] if close and abs(len(close[0]) - len(plain)) <= 2 else None


def other_currency(name: str) -> str | None:
    """Return the code of the currency, other than USD, that the name of a column or setting states; None if none.

    Examples
    --------
    >>> other_currency("eur_per_mwh"), other_currency("usd_per_mwh")
    ('EUR', None)
    """
    parts = _plain(name).upper().split("_")
    return next((part for part in parts if part in CURRENCIES and "PER" in parts and part != USD), None)


def _in_usd(plain: str, currency: str) -> str:
    return "_".join(USD.lower() if part == currency.lower() else part for part in plain.split("_"))


def nearest_name(name: str, known: tuple[str, ...]) -> str | None:
    """Return the known name that a person probably meant: for names of things, not of attributes.

    Examples
    --------
    >>> nearest_name("chnia", ("china", "tiny", "world"))
    'china'
    >>> nearest_name("moon", ("china", "tiny", "world")) is None
    True
    """
    folded = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def nearest_or_all(name: object, known: Iterable[str], otherwise: str = "") -> str:
    """Return the known name that a person probably meant as advice; if there is none, ``otherwise`` or all names.

    Examples
    --------
    >>> nearest_or_all("chnia", ("china", "tiny")), nearest_or_all("moon", ("china", "tiny"))
    ('perhaps china', 'china, tiny')
    """
    names = tuple(known)
    near = nearest_name(str(name), names)
    return f"perhaps {near}" if near else otherwise or ", ".join(names)


def with_nearest(allowed: str, name: object, known: Iterable[str]) -> str:
    """Return what is allowed, and the known name that a person probably meant."""
    near = nearest_name(str(name), tuple(known))
    return f"{allowed}, perhaps {near}" if near else allowed


def perhaps(name: str, intended: str) -> str:
    """Return the advice to use the intended name, with the conversion or the currency where the unit differs.

    Examples
    --------
    >>> perhaps("usd_per_kwh", "usd_per_mwh")
    'perhaps usd_per_mwh (times 1000)'
    >>> perhaps("eur_per_mwh", "usd_per_mwh")
    'write usd_per_mwh and currency = "EUR"'
    """
    other = other_currency(name)
    conversion = CONVERSIONS.get(_in_usd(_plain(name), other or USD))
    if other and USD.lower() in intended:
        return f'write {intended} and currency = "{other}"' + (f" ({conversion})" if conversion else "")
    return f"perhaps {intended}" + (f" ({conversion})" if conversion else "")


def _plain(name: str) -> str:
    return _IN_BRACKETS.sub("", name).strip().lower().replace("-", "_").replace(" ", "_")
