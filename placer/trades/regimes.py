"""Other regimes of the same instance: free trade, without policies, and autarky, in which no country buys from another.

What a country gains by trade is its welfare less its welfare in the other regime. Of demand without steps of value the
value of tokens is the same in both, so that the difference is that of net costs, penalties of unserved demand included.
"""

from __future__ import annotations

import pandas as pd

from placer.accounting.result import Accounts, accounts
from placer.errors import InstanceError, PlacerError, Violation, on_another_program
from placer.instance.problem import Instance
from placer.placement.elastic import ElasticPlacement
from placer.security.placement import SecurePlacement
from placer.solve import place_instance
from placer.trades.tables import welfare_of

#: The names of the regimes, as columns begin with them.
AUTARKY, FREE = "autarky", "free_trade"


def regimes_of(instance: Instance) -> dict[str, Instance]:
    """Return the instance in other regimes: autarky, and free trade if it has policies."""
    ban = [{"policy": AUTARKY, "kind": "ban"}]
    free = {FREE: instance.replace(policies=instance.tables["policies"].iloc[:0])}
    return {AUTARKY: instance.replace(policies=ban)} | (free if len(instance.tables["policies"]) else {})


@on_another_program()
def gain_table(here: Accounts) -> pd.DataFrame:
    """Return the welfare of every party, and what it gains on other regimes; ``placer.Trade.gains`` documents it.

    Raises
    ------
    InstanceError
        If countries are not the regions of the instance, or a country has no data centre that may serve a workload.
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
    for name, instance in regimes_of(offered).items():
        there = welfare_of(accounts(place_instance(instance), here.groups.by)).reindex(welfare.index, fill_value=0.0)
        columns |= {f"{name}_welfare_usd": there, f"gain_on_{name}_usd": welfare - there}
    return pd.DataFrame(columns).rename_axis("country")
