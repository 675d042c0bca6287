"""Predictions of observed facts from placements of ``world``; ``datasets/observed/facts.csv`` explains each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from .observed_sites import hour_values, mean_price, rank_correlation, utilisation

if TYPE_CHECKING:
    import placer

#: List prices of V100 and A100 instances over those of Virginia, by site.
LIST_PRICES = {
    "East US": 1.0,
    "Canada Central": 1.10,
    "North Europe": 1.08,
    "UK South": 1.17,
    "Germany West Central": 1.25,
    "Japan East": 1.37,
    "Korea Central": 1.38,
    "Southeast Asia": 1.38,
    "Australia East": 1.38,
}
#: States of the sites of the United States, and their parts of its floor area in %; Wyoming has none there.
STATES = {
    "East US": "Virginia",
    "East US 2": "Virginia",
    "Central US": "Iowa",
    "North Central US": "Illinois",
    "South Central US": "Texas",
    "West US": "California",
    "West US 2": "Washington",
    "West US 3": "Arizona",
    "West Central US": "Wyoming",
}
FLOOR_AREA = {
    "Virginia": 24.3,
    "Texas": 5.8,
    "Arizona": 5.0,
    "Iowa": 4.4,
    "Washington": 4.1,
    "Illinois": 3.8,
    "California": 2.6,
}
#: Tokens of a prompt and its answer: means of Azure's conversations of 2023.
PROMPT_TOKENS = 1155 + 211
#: The work that may wait a day, the same served at once, and the time that it takes with no limit over that with one.
BATCH, AT_ONCE, BATCH_TIME = "batch_api_24h", "batch_at_once", 0.557
#: Tokens of the probe of work at once, as a part of the batch, and a penalty at which all of it is worth serving.
PROBE, PROBE_USD_PER_MTOK = 1e-4, 10.0


def with_probe(world: placer.Instance) -> placer.Instance:
    """Return the instance with a trace of batch work that is served at once, at the throughput of a service."""
    workloads, demand = world.workloads, world.demand
    row = workloads[workloads["workload"] == BATCH].assign(workload=AT_ONCE, deadline_hours=0.0)
    row["unserved_usd_per_mtok"] = PROBE_USD_PER_MTOK
    for column in ("accelerator_hours_per_mtok", "kwh_per_mtok"):
        row[column] = row[column] / BATCH_TIME
    asked = demand[demand["workload"] == BATCH].assign(workload=AT_ONCE)
    asked["mtok"] = asked["mtok"] * PROBE
    return world.replace(
        workloads=pd.concat([workloads, row], ignore_index=True), demand=pd.concat([demand, asked], ignore_index=True)
    )


def predictions(placement: placer.Placement) -> dict[str, float]:
    """Return the figures by the names of the facts, from the placement of an instance with a probe."""
    return {
        **_residency(placement),
        **_accelerators(placement),
        **_energy(placement),
        **_batch(placement),
    }


def _residency(placement: placer.Placement) -> dict[str, float]:
    """Return the premium of chat that has to stay in a jurisdiction over chat that may go anywhere, at its hubs."""
    found = {}
    for name in ("us", "eea", "canada"):
        regulated = f"regulated_chat_{name}"
        hubs = set(placement.prices.loc[regulated].index.get_level_values("hub"))
        free = mean_price(placement, "interactive_chat", hubs)
        found[f"residency_{name}"] = mean_price(placement, regulated, hubs) / free - 1
    return found


def _accelerators(placement: placer.Placement) -> dict[str, float]:
    values, listed = hour_values(placement), pd.Series(LIST_PRICES)
    elsewhere = [site for site in LIST_PRICES if site != "East US"]
    hours = placement.data_centres["accelerator_hours"]
    by_state = hours[list(STATES)].groupby(STATES).sum()
    return {
        "accelerator_premium": float(values[elsewhere].mean() / values["East US"]) - 1,
        "accelerator_order": rank_correlation(values[list(LIST_PRICES)], listed),
        "vacant_singapore": 1 - utilisation(placement, ["Southeast Asia"]),
        "vacant_silicon_valley": 1 - utilisation(placement, ["West US"]),
        "virginia_of_us": float(by_state["Virginia"] / by_state.sum()),
        "order_of_states": rank_correlation(by_state, pd.Series(FLOOR_AREA)),
    }


def _energy(placement: placer.Placement) -> dict[str, float]:
    sites = placement.instance.data_centres.set_index("data_centre")
    drawn = placement.data_centres
    in_us, in_europe = list(STATES), sites.index[sites["region"] == "Europe & Central Asia"]
    chat = placement.flows.loc["interactive_chat"]
    pue = chat.index.get_level_values("data_centre").map(sites["pue"].astype(float))
    kwh = float(placement.instance.workloads.set_index("workload").loc["interactive_chat", "kwh_per_mtok"])
    hourly = placement.data_centre_hours["mwh"].unstack("hour").loc[["East US", "East US 2"]].sum()
    return {
        "prompt_energy": kwh * float((chat["mtok"] * pue).sum() / chat["mtok"].sum()) * PROMPT_TOKENS / 1000,
        "us_electricity": float(drawn.loc[in_us, "mwh"].sum() / drawn["mwh"].sum()),
        "europe_electricity": float(drawn.loc[in_europe, "mwh"].sum() / drawn["mwh"].sum()),
        "us_carbon": float(drawn.loc[in_us, "carbon_kg"].sum() / drawn.loc[in_us, "mwh"].sum()) / 1000,
        "virginia_load_factor": float(hourly.mean() / hourly.max()),
    }


def _batch(placement: placer.Placement) -> dict[str, float]:
    """Return the discount of work that may wait, and the part of it that is served in its hour or the next."""
    hubs = set(placement.prices.loc[BATCH].index.get_level_values("hub"))
    served = float(placement.workloads.loc[BATCH, "served_mtok"])
    waits = placement.waiting.loc[BATCH].reset_index()
    late = waits.loc[(waits["service_hour"] - waits["arrival_hour"]) % 24 > 1, "mtok"].sum()
    return {
        "batch_discount": 1 - mean_price(placement, BATCH, hubs) / mean_price(placement, AT_ONCE, hubs),
        "batch_within_the_hour": 1 - float(late) / served,
    }
