"""A phrase for every column of the schema that says what to write there; error messages and templates print it."""

from __future__ import annotations

from placer.currency import in_currency
from placer.instance.attributes.columns import Column

#: What to write into a column, as a noun phrase with an example.
MEANINGS: dict[str, str] = {
    "hub": "the name of the hub, such as Shanghai",
    "data_centre": "the name of the data centre, such as Guizhou 1",
    "power_zone": "the name of the power zone, such as Guizhou grid",
    "backlog_at": "the data centre where the demand of this hub waits already; empty for a hub with users",
    "backlog_of": "the workload that this one is a backlog of; empty for a workload that users ask for",
    "exchange": "the name of the exchange, such as Wuhan exchange",
    "workload": "the name of the workload, such as chat",
    "region": "the region; demand served in another region than the hub's is exported",
    "access_ms": "the round trip in ms between the users and the hub, such as 10",
    "lat": "the latitude in degrees, such as 31.2",
    "lon": "the longitude in degrees, such as 121.5",
    "utc_offset_hours": "the hours by which local time is ahead of UTC, such as 8",
    "accelerators": "the number of accelerators, such as 5000; inf if unlimited",
    "max_utilisation": "the share of the accelerators that may be busy in an hour, such as 0.8",
    "operations_usd_per_hour": "USD for staff, upkeep and bandwidth of an accelerator-hour of work, such as 0.1",
    "accelerator_usd_per_hour": "the cost in USD of an accelerator for an hour, such as 2",
    "pue": "power at the meter per unit of IT power, such as 1.25",
    "power_limit_mw": "the power limit of the site in MW, such as 40; inf if unlimited",
    "water_litres_per_kwh": "litres of water per kWh of IT energy, such as 0.3",
    "water_usd_per_litre": "the price of a litre of water in USD, such as 0.0008",
    "speed": "work per accelerator-hour relative to the reference accelerator, such as 1",
    "energy_factor": "energy per Mtok relative to the reference accelerator, such as 1",
    "accelerator_type": "the type of accelerators, such as H100; empty for any",
    "jurisdiction": "the jurisdiction the data centre is under, such as EU",
    "usd_per_mwh": "the price of power in USD per MWh, such as 60",
    "carbon_kg_per_mwh": "kg of CO2 per MWh (the same number as g per kWh), such as 550",
    "from": "the name of the node where the link begins",
    "to": "the name of the node where the link ends",
    "rtt_ms": "the round trip over the link in ms, such as 12.5",
    "capacity_gbps": "the capacity of the link in Gbit/s, such as 100; inf if unlimited",
    "usd_per_gb": "the cost in USD of a GB over the link, such as 0.01",
    "limit_mw": "the most power in MW over the supply, or all those of the zone, such as 20; inf if unlimited",
    "loss": "the share of the energy lost on the way, such as 0.03",
    "usd_per_mwh_adder": "USD per MWh on top of the price of the power zone, such as 5",
    "battery": "the name of the battery, such as Guizhou battery",
    "power_mw": "the most power in MW that the battery charges or discharges with, such as 20",
    "energy_mwh": "the most energy in MWh that the battery holds, such as 80",
    "efficiency": "the part of the energy that is left on the way in, and again on the way out, such as 0.95",
    "usd_per_mwh_throughput": "the wear of the battery in USD for a MWh discharged, such as 2; 0 if none",
    "contract": "a name for the contract, such as a quarter of Ulanqab wind",
    "output_share": "the share of the hourly limit_mw of the power zone that is bought, such as 0.25; empty if none",
    "take_or_pay_mwh": "the MWh over the horizon that are paid for, used or not, such as 500; empty if by the hour",
    "sale_usd_per_mwh": "the price in USD per MWh at which unused energy is sold, such as 15; 0 if it cannot be",
    "accelerator_hours_per_mtok": "accelerator-hours per Mtok (million tokens), such as 0.05; 0 if none",
    "peak_accelerator_hours_per_mtok": "accelerator-hours per Mtok at a full site, such as 0.03",
    "kwh_per_mtok": "kWh of IT energy per Mtok (million tokens), such as 0.05; 0 if none",
    "gb_per_mtok": "GB over the links per Mtok (million tokens), such as 0.04",
    "latency_slo_ms": "the time in ms a task may take, network included, such as 2000; inf if any",
    "server_ms": "the time in ms a task takes without the network, such as 400",
    "user_round_trips": "the round trips of a task between hub and data centre, such as 1",
    "tool_round_trips": "the further round trips of a task for calls of tools, such as 8",
    "tools_colocated": "the share of the calls of tools answered inside the data centre, such as 0.5",
    "deadline_hours": "the hours the work may wait before it is served, such as 8; 0 if it may not",
    "jurisdictions": "the jurisdictions it may run in, separated by |, such as EU|CH; empty for any",
    "unserved_usd_per_mtok": "the penalty in USD for a Mtok that is not served, such as 10",
    "value_usd_per_mtok": "what a Mtok is worth in USD, such as 0.3",
    "mode": "a name for the mode, such as 50 ms a token",
    "model": "the name of the model that must be loaded where it serves, such as Large",
    "workloads": "the workloads that the model serves, separated by |, such as chat|voice; each of one model at most",
    "replica_accelerators": "the accelerators that one replica of the model takes, such as 8",
    "cold_start_seconds": "the seconds that a replica takes to load, such as 60; 0 if none",
    "hour": "the hour, counted from 0, or its timestamp, such as 2026-01-01T00:00",
    "weight": "how often the hour counts over the horizon, such as 30.4; 1 if once",
    "block": "the block of hours that work may wait within, such as winter; empty if all hours are one block",
    "mtok": "the demand in the hour in Mtok (million tokens), such as 120; 0 if none",
    "green": "the part of the supply's energy that counts as green, from 0 to 1, such as 1",
    "limit": "a name for the limit, such as at most 40 % of chat at Guizhou",
    "kind": "of a limit, what counts: tokens, share, accelerator_hours, energy_mwh, carbon_kg, water_litres, cost_usd "
    "or green_share; of a policy: tariff_usd_per_mtok, tariff_share, premium_usd_per_mtok, quota_mtok or ban",
    "sense": "the sense: <= for at most, >= for at least",
    "amount": "how much, in the unit of its kind; a share of a limit from 0 to 1, such as 0.4; empty for a ban",
    "of": "for a share: asked or served, what it is a share of; empty for asked",
    "hub_region": "the regions of hubs, separated by |; empty for all",
    "hours": "the hours, such as 0-7|20, or each for a limit on every hour by itself; empty for all together",
    "ms": "a latency of the task in ms, such as 50",
    "share_lost": "the share of the value of a Mtok that is lost at this latency, such as 0.04",
    "usd_per_mtok": "USD per Mtok sent from the region of hubs to that of data centres, such as 0.01",
    "policy": "a name for the policy, such as tariff of Germany",
    "from_region": "the regions of the data centres, separated by |; empty for every other region",
    "to_region": "the regions of the hubs, separated by |; empty for every other region",
    "paid_to": "whom a tariff or premium is paid to: importer (the region of the hub) or exporter; empty for nobody",
    "share": "the share of the demand in this hour, or of this step of it, such as 0.04; shares sum to 1",
}

#: The meaning of each setting of an instance.
SETTING_MEANINGS: dict[str, str] = {
    "carbon_usd_per_kg": "the price of carbon in USD per kg",
    "carbon_limit_kg": "the most carbon in kg over the whole horizon",
    "water_limit_litres": "the most water in litres over the whole horizon",
    "accelerators": "by_use if accelerators cost what they are used, sunk if they are paid for",
    "cyclic": "true if waiting work may run past the last hour in the first hours",
    "hour_length": "the hours that one step of the horizon stands for",
    "exports": "between_regions, or the pairs of regions (hub, data centre) that count as export",
    "directed": "true if links lead only from their first to their second node",
    "currency": "the currency of all amounts, such as EUR; names of columns say usd whatever it is",
    "routes": "the most routes that requests from a hub to a data centre may take, shortest round trips first",
}


def meaning(column: Column) -> str:
    """Return the phrase that says what to write into a column.

    Examples
    --------
    >>> from placer.instance.attributes.schema import LINKS
    >>> meaning(LINKS.column("rtt_ms"))
    'the round trip over the link in ms, such as 12.5'
    """
    return in_currency(MEANINGS.get(column.name, column.allowed), column.currency)
