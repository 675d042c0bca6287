"""The trade of the largest countries, with all others together, as pages and plots show it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.placement.elastic import ElasticPlacement
from placer.trades.result import Trade
from placer.utils.largest import largest_rows

#: Countries that are shown by themselves.
MOST = 15
#: What a country earns beside what its users gain, in USD.
_EARNED = {
    "rents_of_producers": "producers_rent_usd",
    "other_rents": "other_rent_usd",
    "policy_revenue": "policy_revenue_usd",
}


def sold_abroad(trade: Trade, most: int = MOST) -> pd.DataFrame:
    """Return Mtok by the country that sells (rows) and buys (columns) them, the largest of each and the others.

    Tokens that a country makes for itself count nowhere, so that the sum is ``traded_mtok`` of the summary.
    """
    tokens = trade.accounts.tokens
    sold = pd.DataFrame(tokens.to_numpy(float) * (1 - np.eye(len(tokens))), tokens.index, tokens.columns)
    sold = sold.loc[sold.sum(axis=1) > 0, sold.sum() > 0]
    by_seller = largest_rows(sold, sold.sum(axis=1), most)
    return largest_rows(by_seller.T, by_seller.sum(), most).T


def mean_prices(trade: Trade, most: int = MOST) -> pd.DataFrame:
    """Return the parts of the mean price, USD per Mtok, in the countries that use most and in all others together."""
    table = trade.price_parts
    table = table[table["mtok"] > 0]
    parts = table.drop(columns=["mtok", "price_usd_per_mtok"]).mul(table["mtok"], axis=0)
    shown = largest_rows(parts.assign(mtok=table["mtok"]), table["mtok"], most)
    means = shown[parts.columns].div(shown["mtok"], axis=0)
    return means.set_axis(means.columns.str.removesuffix("_usd_per_mtok"), axis=1)


def welfare_parts(trade: Trade, most: int = MOST) -> pd.DataFrame:
    """Return the parts of the welfare of each country, USD; of demand without steps of value, of its net cost.

    Parts of welfare: the surplus of consumers, the rents and the policy revenue, less the penalty of what is lost.
    Parts of net cost: what users spend and what is lost, less the rents and the revenue. The countries with the largest
    sums come first, then all others together, then the network and the authority if they earn anything.
    """
    countries, regions = trade.countries, trade.accounts.regions
    earned = {part: countries[name] for part, name in _EARNED.items()}
    lost = {"lost": regions["lost_usd"]}
    if has_welfare(trade):
        parts = {"surplus_of_consumers": countries["consumers_surplus_usd"]} | earned | _reversed(lost)
    else:
        parts = {"spent": regions["spent_usd"]} | lost | _reversed(earned)
    table = pd.DataFrame(parts)
    own, parties = table.iloc[: len(trade.accounts.groups.names)], table.iloc[len(trade.accounts.groups.names) :]
    shown = largest_rows(own, own.sum(axis=1).abs(), most)
    return pd.concat([shown, parties[(parties != 0).any(axis=1)]])


def has_welfare(trade: Trade) -> bool:
    """Return whether the value of demand is known, and with it the welfare."""
    return isinstance(trade.accounts.placement, ElasticPlacement)


def _reversed(parts: dict[str, pd.Series]) -> dict[str, pd.Series]:
    return {name: 0.0 - values for name, values in parts.items()}
