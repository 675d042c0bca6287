"""What a step keeps: the work and the costs of its first hours, and what is left of totals over the horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import NoSolutionError
from placer.instance.checks.policy_checks import QUOTA
from placer.instance.problem import Instance
from placer.model.caps import CARBON_CAP, WATER_CAP
from placer.placement.accounts import ARC_PARTS, POLICY, arc_usd
from placer.placement.elastic import ElasticPlacement
from placer.placement.result import Placement
from placer.termination import Reason
from placer.tolerances import SOLVER
from placer.utils.arrays import FloatArray
from placer.utils.solver_limits import SMALLEST

#: Columns of a step, by workload.
COUNTED = ("demand_mtok", "not_bought_mtok", "backlog_mtok", "served_mtok", "unserved_mtok", "remaining_mtok")
#: Figures of a step in USD.
USD_OF_STEPS = ("cost_usd", "transfers_usd", "penalty_usd", "value_bought_usd")


def counted_work(offered: Instance, placement: Placement, labels: pd.Index, remaining: pd.DataFrame) -> pd.DataFrame:
    """Return the work of the kept hours by workload: the columns of ``COUNTED``.

    Parameters
    ----------
    offered : Instance
        Of the step, before any of its demand is bought.
    placement : Placement
        Of the step.
    labels : Index
        The kept hours.
    remaining : DataFrame
        The work that is handed on.
    """
    asked = _asked(offered, labels)
    found = {"demand_mtok": asked, "not_bought_mtok": asked - _asked(placement.instance, labels)}
    found |= _placed(placement, len(labels))
    found["remaining_mtok"] = _by_workload(remaining["workload"], remaining["mtok"].to_numpy(float))
    return pd.DataFrame(found, columns=list(COUNTED)).fillna(0.0)


def _by_workload(names: Any, mtok: FloatArray) -> pd.Series:
    return pd.Series(mtok, dtype=float).groupby(np.asarray(names, dtype=object)).sum()


def _asked(instance: Instance, labels: pd.Index) -> pd.Series:
    """Return the demand that arrives in some hours, by workload."""
    demand, waits = instance.demand, instance.hubs["hub"][instance.hubs["backlog_at"].notna()]
    rows = demand[demand["hour"].isin(labels) & ~demand["hub"].isin(waits)]
    return _by_workload(rows["workload"], rows["mtok"].to_numpy(float))


def _placed(placement: Placement, hours: int) -> dict[str, pd.Series]:
    structure, accounts, workloads = placement.formulation.structure, placement.accounts, placement.instance.workloads
    asked_as = workloads["backlog_of"].fillna(workloads["workload"])
    early, own = structure.demand_period < hours, placement.asked_for
    of_demand = asked_as.to_numpy(object)[structure.demand_class]
    return {
        "backlog_mtok": _by_workload(of_demand, np.where(own, 0.0, structure.demand_amount)),
        "served_mtok": _by_workload(
            asked_as.to_numpy(object)[structure.served_class], accounts.served[:, :, :hours].sum(axis=(1, 2))
        ),
        "unserved_mtok": _by_workload(of_demand, np.where(early, accounts.unserved, 0.0)),
    }


def costs_of(placement: Placement | None, labels: pd.Index) -> dict[str, float]:
    """Return the figures of the kept hours in USD; 0 without a placement."""
    if placement is None:
        return dict.fromkeys(USD_OF_STEPS, 0.0)
    structure, accounts, hours = placement.formulation.structure, placement.accounts, len(labels)
    early = structure.demand_period < hours
    sent = sum(arc_usd(structure, accounts, part)[early[accounts.demand]].sum() for part in ARC_PARTS)
    work = (structure.work_cost * accounts.served)[:, :, :hours].sum()
    power = (structure.tier_cost * accounts.bought)[:, :hours].sum()
    transfers = arc_usd(structure, accounts, POLICY)[early[accounts.demand]].sum()
    penalty = structure.unserved_cost[structure.demand_class] * np.where(early, accounts.unserved, 0.0)
    usd = (sent + work + power, transfers, penalty.sum(), _value_bought(placement, labels))
    return dict(zip(USD_OF_STEPS, map(float, usd), strict=True))


def _value_bought(placement: Placement, labels: pd.Index) -> float:
    if not isinstance(placement, ElasticPlacement):
        return 0.0
    steps = placement.steps[placement.steps.index.get_level_values("hour").isin(labels)]
    return float((steps["bought_mtok"] * steps["value_usd_per_mtok"]).sum())


def need_stated(amount: float, what: str) -> None:
    """Refuse an amount, more than rounding, that no instance can state: left out, it would be lost."""
    if amount < SMALLEST:
        why = f"less than {SMALLEST:g}, which solvers take for nothing; scale up demand and limits"
        raise NoSolutionError(Reason.FAILED, f"{amount:.1e} {what}: {why}")


@dataclass(frozen=True)
class Totals:
    """What is left of the totals over the horizon.

    Attributes
    ----------
    caps : dict of str to float
        Those on carbon and water by setting; inf without one.
    quotas : dict of str to float
        Mtok of every quota among the policies.
    """

    caps: dict[str, float]
    quotas: dict[str, float]

    @classmethod
    def of(cls, instance: Instance) -> Totals:
        """Return the totals of a whole horizon."""
        names, policies = ("carbon_limit_kg", "water_limit_litres"), instance.tables["policies"]
        quotas = policies[policies["kind"] == QUOTA]
        amounts = dict(zip(quotas["policy"], quotas["amount"].astype(float), strict=True))
        return cls({name: getattr(instance.settings, name) for name in names}, amounts)

    def for_hours(self, hours: int, left: int, instance: Instance, whole: Totals) -> dict[str, Any]:
        """Return the settings and policies of a step: its share, by hours, of what is left of the totals.

        Parameters
        ----------
        hours, left : int
            Hours of the step, and from its first one to the end of the horizon.
        instance : Instance
            Of the horizon.
        whole : Totals
            Of the horizon.
        """
        caps = _shares(self.caps, whole.caps, hours / left)
        if not self.quotas:
            return caps
        quotas, policies = _shares(self.quotas, whole.quotas, hours / left), instance.tables["policies"]
        amount = policies["policy"].map(quotas).fillna(policies["amount"])
        return caps | {"policies": policies.assign(amount=amount)}

    def less(self, placement: Placement, hours: int) -> Totals:
        """Return what remains after the kept hours of a placement."""
        structure, accounts = placement.formulation.structure, placement.accounts
        carbon = (structure.cap_tier[CARBON_CAP] * accounts.bought)[:, :hours].sum()
        water = (structure.cap_work[WATER_CAP] * accounts.served)[:, :, :hours].sum()
        used = {"carbon_limit_kg": float(carbon), "water_limit_litres": float(water)}
        sent = _sent_under(placement, hours)
        return Totals(
            {name: self.caps[name] - amount for name, amount in used.items()},
            {name: max(amount - sent[name], 0.0) for name, amount in self.quotas.items()},
        )


def _shares(left: Mapping[str, float], whole: Mapping[str, float], part: float) -> dict[str, float]:
    """Return a part of each amount; 0 for a rest that is rounding of the whole amount."""
    shares = {name: value * part for name, value in left.items()}
    for name, share in shares.items():
        if share > SOLVER * whole[name]:
            need_stated(share, f"of {name} is left")
    return {name: share if share >= SMALLEST else 0.0 for name, share in shares.items()}


def _sent_under(placement: Placement, hours: int) -> dict[str, float]:
    """Return what is sent under every quota in the first hours, Mtok."""
    structure, accounts = placement.formulation.structure, placement.accounts
    early, arc = structure.demand_period[accounts.demand] < hours, accounts.arc
    klass, origin, site = structure.arc_class[arc], structure.arc_origin[arc], structure.arc_site[arc]
    return {
        limit.name: float(accounts.sent[early & limit.workload[klass] & limit.pairs[origin, site]].sum())
        for limit in placement.formulation.limits
        if limit.pairs is not None
    }
