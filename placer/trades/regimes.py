"""Other regimes of the same instance: free trade, without policies, and autarky, in which no country buys from another.

What a country gains by trade is its welfare less its welfare in the other regime. Of demand without steps of value the
value of tokens is the same in both, so that the difference is that of net costs, penalties of unserved demand included.

A country without a data centre that may serve a workload leaves it unserved in autarky, at its penalty or value.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from placer.accounting.result import Accounts, accounts
from placer.errors import InstanceError, PlacerError, Violation, on_another_program
from placer.instance.checks.policy_checks import BAN, closed_demand
from placer.instance.problem import Instance
from placer.placement.elastic import ElasticPlacement
from placer.security.placement import SecurePlacement
from placer.solve import place_instance
from placer.trades.tables import welfare_of
from placer.utils.arrays import BoolArray, sums_by

#: The names of the regimes, as columns begin with them.
AUTARKY, FREE = "autarky", "free_trade"


def regimes_of(instance: Instance) -> dict[str, Instance]:
    """Return the instance in other regimes: autarky, without the demand closed there, and free trade given policies."""
    free = {FREE: instance.replace(policies=instance.tables["policies"].iloc[:0])}
    return {AUTARKY: _alone(instance)} | (free if len(instance.tables["policies"]) else {})


def _alone(instance: Instance) -> Instance:
    """Return the instance in which no country buys from another, without the demand that no data centre may serve."""
    demand, limits = instance.demand, set(instance.tables["limits"]["limit"])
    name = next(name for name in (AUTARKY + count * "'" for count in range(len(limits) + 1)) if name not in limits)
    open_mtok = np.where(_closed_alone(instance), 0.0, demand["mtok"])
    return instance.replace(demand=demand.assign(mtok=open_mtok), policies=[{"policy": name, "kind": BAN}])


def _closed_alone(instance: Instance) -> BoolArray:
    """Return the demand (demands,) that no data centre of its own country may serve."""
    ban = pd.DataFrame([dict.fromkeys(instance.tables["policies"].columns) | {"policy": AUTARKY, "kind": BAN}])
    names, hubs = instance.workloads["workload"], instance.hubs["hub"]
    closed = {(names[klass], hubs[hub]) for klass, hub, _ in closed_demand({**instance.tables, "policies": ban})}
    return np.array([pair in closed for pair in zip(instance.demand["workload"], instance.demand["hub"], strict=True)])


def _unserved_usd(here: Accounts, instance: Instance) -> pd.Series:
    """Return what demand without a data centre in its own country costs unserved there, USD by country.

    It is the penalty of the workload, else its value; NaN if it has neither. Demand with steps of value costs nothing:
    the value of what is bought leaves it out.
    """
    workloads, demand = instance.workloads.set_index("workload"), instance.demand
    value = workloads["value_usd_per_mtok"]
    usd_per_mtok = workloads["unserved_usd_per_mtok"].fillna(value.where(value > 0))
    plain = _closed_alone(instance) & ~demand["workload"].isin(instance.demand_steps["workload"]).to_numpy()
    mtok = demand["mtok"].to_numpy() * instance.weights[instance.demand_period]
    usd = mtok * usd_per_mtok[demand["workload"]].to_numpy(float)
    hub = pd.Index(instance.hubs["hub"]).get_indexer(demand["hub"])
    names = here.groups.names
    return pd.Series(sums_by(here.groups.hub[hub[plain]], usd[plain], len(names)), list(names))


def unknown_gains(gains: pd.DataFrame) -> str | None:
    """Return whose gains on autarky are unknown and why, as a sentence; None where all are known."""
    unknown = gains.index[gains[f"gain_on_{AUTARKY}_usd"].isna()]
    if not len(unknown):
        return None
    why = "no data centre there may serve a workload that has neither unserved_usd_per_mtok nor value_usd_per_mtok"
    return f"what {', '.join(unknown)} would lose in autarky is unknown: {why}"


@on_another_program()
def gain_table(here: Accounts) -> pd.DataFrame:
    """Return the welfare of every party, and what it gains on other regimes; ``placer.Trade.gains`` documents it.

    Raises
    ------
    InstanceError
        If countries are not the regions of the instance.
    NoSolutionError
        If a regime has no proven placement.
    PlacerError
        If the placement is secure.
    """
    if isinstance(here.placement, SecurePlacement):
        hint = "placer.trade(placement.without) has those without security"
        raise PlacerError(f"the gains from trade of a secure placement would leave its contingencies out; {hint}")
    if here.groups.by != "region":
        problem = f"gains from trade are of regions, not by {here.groups.by}"
        raise InstanceError([Violation("trade", "", "by", problem, "region")])
    placement = here.placement
    offered = placement.offered.instance if isinstance(placement, ElasticPlacement) else placement.instance
    welfare = welfare_of(here)
    columns = {"welfare_usd": welfare}
    unserved = {AUTARKY: _unserved_usd(here, offered).reindex(welfare.index, fill_value=0.0)}
    for name, instance in regimes_of(offered).items():
        there = welfare_of(accounts(place_instance(instance), here.groups.by)).reindex(welfare.index, fill_value=0.0)
        there = there - unserved.get(name, 0.0)
        columns |= {f"{name}_welfare_usd": there, f"gain_on_{name}_usd": welfare - there}
    return pd.DataFrame(columns).rename_axis("country")
