"""Predictions of the facts that trade may explain from placements of ``globe``; ``datasets/observed`` explains each.

Prices of accelerators by country in ``globe`` come from the list prices that two facts hold. So all predictions are
from the scenario in which they differ by building alone.
"""

from __future__ import annotations

import pandas as pd

import placer

from .observed_sites import hour_values, mean_price, rank_correlation, utilisation

#: Regulated work stays in its jurisdiction, and no list price of an accelerator is used.
SCENARIOS = ("law", "equal_chip_prices")
CHINA, US = "China", "United States"
#: List prices of V100 and A100 instances over those of Virginia, by country.
LIST_PRICES = {
    US: 1.0,
    "Canada": 1.10,
    "Ireland": 1.08,
    "United Kingdom": 1.17,
    "Germany": 1.25,
    "Japan": 1.37,
    "South Korea": 1.38,
    "Singapore": 1.38,
    "Australia": 1.38,
}
#: Countries of Europe beside the European Economic Area; Russia, Belarus, Turkey and the Caucasus are left out.
REST_OF_EUROPE = (
    *("United Kingdom", "Switzerland", "Ukraine", "Serbia", "North Macedonia", "Moldova", "Bosnia and Herzegovina"),
    *("Montenegro", "Kosovo", "Albania", "Greenland"),
)


def predictions(placement: placer.Placement) -> dict[str, float]:
    """Return the figures by the names of the facts."""
    return {
        "china_abroad": china_abroad(placement),
        **{f"residency_{name}": residency(placement, name) for name in ("us", "eea", "canada")},
        **_accelerators(placement),
        **_electricity(placement),
    }


def china_abroad(placement: placer.Placement) -> float:
    """Return the tokens that China sells abroad, as a part of those and what its own users buy."""
    countries = placer.trade(placement).countries
    return float((countries["exports_mtok"] / (countries["exports_mtok"] + countries["used_mtok"]))[CHINA])


def residency(placement: placer.Placement, jurisdiction: str) -> float:
    """Return the premium of chat that has to stay in a jurisdiction over chat that may go anywhere, at its hubs."""
    regulated = f"regulated_{jurisdiction}"
    hubs = set(placement.prices.loc[regulated].index.get_level_values("hub"))
    return mean_price(placement, regulated, hubs) / mean_price(placement, "chat", hubs) - 1


def _accelerators(placement: placer.Placement) -> dict[str, float]:
    values, listed = hour_values(placement), pd.Series(LIST_PRICES)
    elsewhere = [country for country in LIST_PRICES if country != US]
    return {
        "accelerator_premium": float(values[elsewhere].mean() / values[US]) - 1,
        "accelerator_order": rank_correlation(values[list(LIST_PRICES)], listed),
        "vacant_singapore": 1 - utilisation(placement, ["Singapore"]),
    }


def _electricity(placement: placer.Placement) -> dict[str, float]:
    sites = placement.instance.data_centres
    mwh = placement.data_centres.groupby(sites.set_index("data_centre")["region"])["mwh"].sum().drop(CHINA)
    europe = {*sites.loc[sites["jurisdiction"] == "EEA", "region"], *REST_OF_EUROPE}
    return {
        "us_electricity": float(mwh[US] / mwh.sum()),
        "europe_electricity": float(mwh[mwh.index.isin(europe)].sum() / mwh.sum()),
    }
