"""A published market with storage: a bidding zone of four hours with plants and pumped hydro.

Plants are power zones behind limited supplies of one data centre, and a Mtok takes 1 MWh. The published storage begins
and ends empty, as its least cost has it here, where a battery ends with what it began with.
"""

from __future__ import annotations

from functools import partial

import placer

from .published_figure import Published

#: EUR per MWh and MW of each plant, and the part of the wind that blows in each hour.
PLANTS = {"Coal": (30.0, 35_000.0), "Wind": (0.0, 3000.0), "Gas": (60.0, 8000.0), "Oil": (80.0, 2000.0)}
WIND = (0.3, 0.6, 0.4, 0.5)
#: MW.
LOAD = (42_000.0, 43_000.0, 45_000.0, 46_000.0)
#: Pumped hydro: MW, and hours at full power.
STORAGE_MW, STORAGE_HOURS = 1000.0, 6.0


def stored_electricity() -> placer.Placement:
    """Return the least cost of the market, EUR as USD."""
    hub, zone, hours = "users", "South Africa", range(len(LOAD))
    blows = {plant: WIND if plant == "Wind" else (1.0,) * len(LOAD) for plant in PLANTS}
    return placer.solve(
        placer.Instance.from_tables(
            {
                "hubs": [{"hub": hub}],
                "data_centres": [{"data_centre": zone}],
                "links": [{"from": hub, "to": zone, "rtt_ms": 0}],
                "power_zones": [{"power_zone": plant, "usd_per_mwh": usd} for plant, (usd, _) in PLANTS.items()],
                "supplies": [
                    {"power_zone": plant, "data_centre": zone, "limit_mw": [mw * part for part in blows[plant]]}
                    for plant, (_, mw) in PLANTS.items()
                ],
                "batteries": [
                    {
                        "battery": "pumped hydro",
                        "data_centre": zone,
                        "power_mw": STORAGE_MW,
                        "energy_mwh": STORAGE_MW * STORAGE_HOURS,
                    }
                ],
                "workloads": [{"workload": "load", "accelerator_hours_per_mtok": 0, "kwh_per_mtok": 1000}],
                "demand": [{"workload": "load", "hub": hub, "hour": hour, "mtok": LOAD[hour]} for hour in hours],
            }
        )
    )


def bought_mwh(plant: str) -> float:
    """Return the MWh of a plant over all hours."""
    return float(stored_electricity().power_zones["mwh"].xs(plant, level="power_zone").sum())


_of = partial(
    Published,
    "storage",
    "Market with storage",
    "T. Brown et al., documentation of PyPSA, Electricity markets: single bidding zone with storage",
)

PROBLEMS = (
    _of("MWh of gas", 30_100.0, partial(bought_mwh, "Gas")),
    _of("MWh of oil", 500.0, partial(bought_mwh, "Oil")),
    _of("cost", 6.05e6, lambda: stored_electricity().cost_usd, last_place=10_000.0),
)
