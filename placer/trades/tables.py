"""The tables of trade: countries, prices, their parts, and flows.

The exporter is the country of the data centre. With the value that users put on tokens, the prices p of demands and the
rents of limits,

    consumers' surplus   value bought - spent          producers' rent   rents of accelerators and power
    welfare              value bought - cost - penalty = consumers' surplus + rents and policy revenue of all parties
                         - penalty

so the welfare of a country is the value of what its users buy, less its net cost (``placer.accounts``). The sum over
countries, network and authority is the welfare of all. In a secure placement prices are those that users pay
(``Accounts.prices``): the rents of headroom are a part, and the penalty of stranded work is none. Nor is it a part of
net cost and welfare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.accounting.tables import STRANDED
from placer.instance.pools import accelerators_of
from placer.placement.accounts import COST_PARTS
from placer.placement.elastic import ElasticPlacement
from placer.placement.price_summary import mean_of
from placer.placement.prices import RENTS
from placer.security.placement import SECURITY_PART
from placer.utils.arrays import FloatArray, ratio, sums_by

if TYPE_CHECKING:
    from placer.accounting.result import Accounts


def country_table(accounts: Accounts) -> pd.DataFrame:
    """Return a row for every party of the accounts; ``placer.Trade.countries`` documents the columns."""
    placement, regions = accounts.placement, accounts.regions
    made, used = regions["made_mtok"], regions["used_mtok"]
    tokens = accounts.tokens
    home = pd.Series(np.diagonal(tokens.to_numpy()), tokens.index).reindex(regions.index, fill_value=0.0)
    value = _value_bought(accounts).reindex(regions.index, fill_value=0.0)
    rents = ["accelerator_rent_usd", "power_rent_usd"]
    others = [name for name in map(str, regions) if name.endswith("_rent_usd") and name not in rents]
    known = isinstance(placement, ElasticPlacement)
    stranded = {STRANDED: regions[STRANDED]} if STRANDED in regions else {}
    return pd.DataFrame(
        {
            "used_mtok": used,
            "made_mtok": made,
            "exports_mtok": made - home,
            "imports_mtok": used - home,
            "exports_usd": regions["exports_usd"],
            "imports_usd": regions["imports_usd"],
            "price_usd_per_mtok": ratio(regions["spent_usd"].to_numpy(float), used.to_numpy(float)),
            "value_bought_usd": value if known else np.nan,
            "consumers_surplus_usd": value - regions["spent_usd"] if known else np.nan,
            "producers_rent_usd": regions[rents].sum(axis=1),
            "other_rent_usd": regions[others].sum(axis=1),
            "policy_revenue_usd": regions["policy_revenue_usd"],
            "lost_usd": regions["lost_usd"],
            **stranded,
            "chip_usd": _chip_values(accounts).reindex(regions.index),
            "net_cost_usd": regions["net_cost_usd"],
            "welfare_usd": value - regions["net_cost_usd"] if known else np.nan,
        }
    ).rename_axis("country")


def price_table(accounts: Accounts) -> pd.DataFrame:
    """Return a row for every country and workload; ``placer.Trade.prices`` documents the columns."""
    prices, structure = accounts.prices, accounts.placement.formulation.structure
    country = np.array(accounts.groups.names, dtype=object)[accounts.groups.hub[structure.demand_origin]]
    mtok = prices["served_mtok"].to_numpy(float)
    rents = sum(prices[rent].fillna(0.0).to_numpy(float) for rent in _rents(prices))
    price = prices["usd_per_mtok"].to_numpy(float)
    rows = pd.DataFrame(
        {
            "country": country,
            "workload": prices.index.get_level_values("workload"),
            "mtok": mtok,
            "usd": mtok * price,
            "cost": mtok * (price - rents),
        }
    )
    summed = rows.groupby(["country", "workload"], sort=False).sum()
    found = summed["usd"] / summed["mtok"].where(summed["mtok"] > 0)
    marginal = summed["cost"] / summed["mtok"].where(summed["mtok"] > 0)
    columns = {"mtok": summed["mtok"], "price_usd_per_mtok": found, "marginal_cost_usd_per_mtok": marginal}
    return pd.DataFrame(columns | {"lerner_share": 1 - marginal / found.where(found != 0)})


def price_part_table(accounts: Accounts) -> pd.DataFrame:
    """Return a row for every country with the mean price that its users pay, and the parts that add up to it."""
    prices, groups = accounts.prices, accounts.groups
    country, mtok = groups.hub[accounts.placement.formulation.structure.demand_origin], prices["served_mtok"].to_numpy()
    parts = [*(f"{part}_usd_per_mtok" for part in COST_PARTS), *_rents(prices)]
    size, names = len(groups.names), {"usd_per_mtok": "price_usd_per_mtok"} | {part: part for part in parts}
    means = {name: mean_of(prices[column].to_numpy(), mtok, country, size) for column, name in names.items()}
    return pd.DataFrame({"mtok": sums_by(country, mtok, size)} | means, pd.Index(groups.names, name="country"))


def _rents(prices: pd.DataFrame) -> list[str]:
    """Return the columns of prices that are no cost: charges of policies and rents, with that of headroom."""
    return [name for name in (*(f"{rent}_usd_per_mtok" for rent in RENTS), SECURITY_PART) if name in prices]


def flow_table(accounts: Accounts) -> pd.DataFrame:
    """Return a row for every pair of countries with tokens between them, the largest first.

    What is paid for tokens leaves out the charges that users pay to their own country.
    """
    tokens = accounts.tokens
    index = pd.MultiIndex.from_product([tokens.index, tokens.columns])
    paid = accounts.trade.loc[tokens.index].to_numpy() - np.diag(_paid_at_home(accounts))
    table = pd.DataFrame({"mtok": tokens.to_numpy().ravel(), "paid_usd": paid.ravel()}, index=index)
    return table[table["mtok"] > 0].sort_values("mtok", ascending=False, kind="stable")


def _paid_at_home(accounts: Accounts) -> FloatArray:
    """Return the charges of policies that the users of every country pay to it, USD."""
    formulation, settled = accounts.placement.formulation, accounts.placement.accounts
    structure, arc = formulation.structure, settled.arc
    origin = structure.arc_origin[arc]
    usd = formulation.distance.to_importer_usd[structure.arc_class[arc], origin, structure.arc_site[arc]]
    return sums_by(accounts.groups.hub[origin], usd * settled.sent, len(accounts.groups.names))


def _value_bought(accounts: Accounts) -> pd.Series:
    """Return the value of what the users of every country buy; 0 for demand without steps."""
    placement, groups = accounts.placement, accounts.groups
    if not isinstance(placement, ElasticPlacement):
        return pd.Series(0.0, list(groups.names))
    steps = placement.steps
    hub = pd.Series(groups.hub, placement.formulation.hubs)
    country = hub.loc[steps.index.get_level_values("hub")].to_numpy()
    usd = (steps["bought_mtok"] * steps["value_usd_per_mtok"]).to_numpy(float)
    return pd.Series(sums_by(country, usd, len(groups.names)), list(groups.names))


def _chip_values(accounts: Accounts) -> pd.Series:
    """Return what one more accelerator saves over the horizon, the mean over those of a country, by their owner."""
    placement, groups = accounts.placement, accounts.groups
    count = accelerators_of(placement.instance).mean(axis=1)
    count = np.where(np.isfinite(count), count, 0.0)  # unlimited ones have no rent
    rent = placement.data_centres["accelerator_rent_usd"].to_numpy(float)
    of_owner = (sums_by(groups.owner, values, len(groups.names)) for values in (rent * count, count))
    return pd.Series(ratio(*of_owner), list(groups.names))


def welfare_of(accounts: Accounts) -> pd.Series:
    """Return the welfare of every party, USD: value bought less net cost; without steps of value, less net cost."""
    regions = accounts.regions
    return _value_bought(accounts).reindex(regions.index, fill_value=0.0) - regions["net_cost_usd"]
