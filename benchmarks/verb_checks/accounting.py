"""Accounts of regions, gains from trade, stability."""

from __future__ import annotations

import numpy as np

import placer

from .checks import Subject, at_most, documented, holds, near, shown, whole

#: Columns of accounts that are means over nothing where a party makes nothing.
_MEANS = ("value_usd_per_mtok", "usd_per_mwh", "uplift")


def accounts(subject: Subject) -> None:
    """Check that the accounts of regions add up, and the settlement of a secure placement too."""
    placement, size = subject.placement, subject.size
    for by in ("region", "data_centre"):
        with documented((placer.InstanceError, "hubs")):
            found = placer.accounts(placement, by)
        regions = found.regions
        whole("regions", regions, _MEANS)
        near("net costs", regions["net_cost_usd"].sum(), placement.cost_and_penalty_usd, 10 * size)
        near("trade by maker", found.trade.to_numpy().sum(), regions["made_usd"].sum(), 10 * size)
        near("trade by user", found.trade.to_numpy().sum(), regions["spent_usd"].sum(), 10 * size)
        near("balances", regions["balance_usd"].sum(), 0.0, 10 * size)
        near("tokens", found.tokens.to_numpy().sum(), placement.served_mtok, placement.demand_mtok)
        parts = found.chain.sum(axis=1)[found.chain.notna().all(axis=1)]
        holds("a USD is not its parts", np.allclose(parts, 1.0, atol=1e-6))
        for name in ("trade", "tokens", "workloads"):
            whole(name, getattr(found, name), _MEANS)
        shown(found)
        str(found.stability)


def gains(subject: Subject) -> None:
    """Check that gains from trade are none below 0, and that both ways split the same sum."""
    placement, size = subject.placement, subject.size
    found = placer.accounts(placement)
    with documented((placer.InstanceError, "no value of unserved tokens")):
        table = found.gains.table
    whole("gains", table, ("least_net_cost_usd", "most_net_cost_usd"))
    near("the sum by Shapley", table["shapley_net_cost_usd"].sum(), table["net_cost_usd"].sum(), 10 * size)
    at_most("a loss from trade", 0.0, table["gain_usd"].min(), 10 * size)
    holds("a net cost outside its range", (table["least_net_cost_usd"] <= table["net_cost_usd"] + 1e-5 * size).all())
    holds("a net cost outside its range", (table["net_cost_usd"] <= table["most_net_cost_usd"] + 1e-5 * size).all())
    shown(found)
    str(found.gains)
