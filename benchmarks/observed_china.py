"""Predictions of observed facts from placements of ``china``; ``datasets/observed/facts.csv`` explains each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .observed_sites import hour_costs, prices_by_hour, rank_of, utilisation

if TYPE_CHECKING:
    import placer

#: Hours of DeepSeek's higher price of 2026, and the part of each hour that its discount of 2025 covered.
DEAR = (9, 10, 11, 14, 15, 16, 17)
NIGHT = {0: 0.5, **dict.fromkeys(range(1, 8), 1.0), 8: 0.5}
#: The site that holds Ulanqab, and the one whose work moves west.
NEXT_SITE, BEIJING = "Horinger", "Beijing metro"


def predictions(placement: placer.Placement) -> dict[str, float]:
    """Return the figures by the names of the facts."""
    workloads, sites = placement.instance.workloads, placement.instance.data_centres
    prices = prices_by_hour(placement, workloads.loc[workloads["deadline_hours"] == 0, "workload"])
    is_dear = np.isin(np.arange(24), DEAR)
    night = np.array([NIGHT.get(hour, 0.0) for hour in range(24)])
    west = sites.loc[sites["region"] == "west", "data_centre"].tolist()
    others = sites.loc[sites["region"] != "west", "data_centre"].tolist()
    costs = hour_costs(placement)
    return {
        "next_site": rank_of(placement.data_centres["accelerator_rent_usd"], NEXT_SITE),
        "dear_hours": float(is_dear[np.argsort(-prices, kind="stable")[: len(DEAR)]].sum()),
        "dear_hours_premium": float(prices[is_dear].mean() / prices[~is_dear].mean()) - 1,
        "off_peak_2025": float(np.average(prices, weights=1 - night) / np.average(prices, weights=night)) - 1,
        "west_fuller": utilisation(placement, west) / utilisation(placement, others),
        "energy_of_operating_cost": placement.energy_share_of_operating_cost,
        "beijing_to_west": 1 - float(costs[west].min() / costs[BEIJING]),
    }
