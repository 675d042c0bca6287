"""The rows of a template: a small problem that can be solved, planned and varied before it is written over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ASKED = {("chat", "Paris"): (60, 40, 90, 120), ("chat", "New York"): (70, 50, 40, 60)} | {
    ("batch", "Paris"): (20, 20, 20, 20)
}
_PRICES = {"Nordic": (32, 28, 41, 55), "Virginia": (48, 44, 52, 71)}

#: The rows of tables, as CSV files hold them; the other tables have none.
ROWS: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "hubs": (
        {"hub": "Paris", "region": "Europe", "access_ms": 10},
        {"hub": "New York", "region": "America", "access_ms": 10},
    ),
    "data_centres": (
        {"data_centre": "Lulea", "region": "Europe", "accelerators": 8, "accelerator_usd_per_hour": 2, "pue": 1.1},
        {"data_centre": "Ashburn", "region": "America", "accelerators": 8, "accelerator_usd_per_hour": 2, "pue": 1.25},
    ),
    "power_zones": ({"power_zone": "Nordic"}, {"power_zone": "Virginia"}),
    "links": (
        {"from": "Paris", "to": "Lulea", "rtt_ms": 40},
        {"from": "Paris", "to": "Ashburn", "rtt_ms": 82},
        {"from": "New York", "to": "Lulea", "rtt_ms": 110},
        {"from": "New York", "to": "Ashburn", "rtt_ms": 8},
    ),
    "supplies": (
        {"power_zone": "Nordic", "data_centre": "Lulea"},
        {"power_zone": "Virginia", "data_centre": "Ashburn"},
    ),
    "workloads": (
        {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.044, "gb_per_mtok": 0.04}
        | {"latency_slo_ms": 1000, "server_ms": 600, "value_usd_per_mtok": 1},
        {"workload": "batch", "accelerator_hours_per_mtok": 0.03, "kwh_per_mtok": 0.03, "deadline_hours": 2}
        | {"value_usd_per_mtok": 0.5},
    ),
    "demand": tuple(
        {"workload": workload, "hub": hub, "hour": hour, "mtok": mtok}
        for (workload, hub), amounts in _ASKED.items()
        for hour, mtok in enumerate(amounts)
    ),
    "power_zone_hours": tuple(
        {"power_zone": zone, "hour": hour, "usd_per_mwh": price}
        for zone, prices in _PRICES.items()
        for hour, price in enumerate(prices)
    ),
}

#: What may be built, for ``placer plan``.
CANDIDATES = (
    {"candidate": "hall in Lulea", "adds": "accelerators", "target": "Lulea", "max_units": 100}
    | {"usd_per_unit": 30000, "wacc": 0.08, "lifetime_years": 4, "fixed_usd_per_unit_year": 900},
    {"candidate": "hall in Ashburn", "adds": "accelerators", "target": "Ashburn", "max_units": 100}
    | {"usd_per_unit": 32000, "wacc": 0.08, "lifetime_years": 4, "fixed_usd_per_unit_year": 1000},
)

#: What ``placer plan`` asks: enough demand that building pays.
SCENARIO = """
[scenarios.twice]
description = "Twice the demand."
[scenarios.twice.factors]
"demand.mtok" = 2
"""

#: What may be otherwise, for ``placer sensitivity``.
ASSUMPTIONS = """# placer sensitivity FOLDER varies each of these alone, by factors (scale) or other values (set).

[assumptions.power_price]
description = "The price of power in all zones."
scale = { "power_zones.usd_per_mwh" = [0.8, 1.2] }
source = "write where the range comes from"

[assumptions.demand_for_chat]
description = "How much is asked for."
scale = { "demand.mtok" = [0.9, 1.1] }
where = { workload = "chat" }

[assumptions.latency_limit_of_chat]
unit = "ms"
set = { "workloads.latency_slo_ms" = [700, 2000] }
where = "chat"

[[conclusions]]
text = "A million tokens cost less than 0.2 USD."
figure = "cost_usd_per_mtok"
at_most = 0.2
"""
