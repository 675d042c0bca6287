"""Naive rules, so that every answer shows what optimising bought.

Both rules take the demands hour by hour, those with the fewest admissible data centres first (then the largest), and
fill each one's data centres in turn, as far as accelerators, power and links reach:

    nearest    in the order of round trip
    cheapest   in the order of the demand's own cost there, at the cheapest power of the hour

Neither lets work wait or looks ahead, and both ignore caps over the whole horizon (``within_caps`` says whether they
happen to respect them).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.accounts import Accounts, assignment_axes, cap_use, settle
from placer.formulation import CARBON_CAP, WATER_CAP, formulate
from placer.tables import demand_summary

if TYPE_CHECKING:
    from placer.formulation import Formulation
    from placer.instance import Instance
    from placer.placement import Placement
    from placer.structure import Structure


@dataclass(frozen=True)
class Baseline:
    """What a naive rule comes to. Figures are defined as those of a ``Placement``.

    Attributes
    ----------
    rule : str
    cost_usd, penalty_usd, served_mtok, unserved_mtok, export_share : float
    within_caps : bool
        Whether the caps on carbon and water happen to hold.
    values : (columns,) array
        The rule's point of the linear program.
    """

    rule: str
    cost_usd: float
    penalty_usd: float
    served_mtok: float
    unserved_mtok: float
    export_share: float
    within_caps: bool
    values: np.ndarray

    @property
    def cost_usd_per_mtok(self) -> float:
        """Cost per Mtok served; NaN if nothing is."""
        return self.cost_usd / self.served_mtok if self.served_mtok > 0 else float("nan")


def nearest(instance: Instance) -> Baseline:
    """Serve every demand at the nearest data centre with room.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> placer.baselines.nearest(tiny).cost_usd > placer.solve(tiny).cost_usd
    True
    """
    formulation = formulate(instance)
    structure = formulation.structure
    rtt_ms = formulation.rtt_ms[structure.arc_origin, structure.arc_site]
    return _follow("nearest", formulation, np.repeat(rtt_ms[:, None], structure.periods, axis=1))


def cheapest(instance: Instance) -> Baseline:
    """Serve every demand at the data centre with room that is cheapest for it alone."""
    formulation = formulate(instance)
    structure = formulation.structure
    klass, site = structure.arc_class, structure.arc_site
    power = np.full((structure.sites, structure.periods), 0.0)
    for tier in np.argsort(structure.tier_cost.mean(axis=1))[::-1]:  # the cheapest last, so that it stays
        power[structure.tier_site[tier]] = structure.tier_cost[tier] / structure.tier_yield[tier]
    own = structure.arc_cost + structure.work_cost[klass, site]
    energy = structure.draw[klass, site][:, None] * (structure.overhead * power)[site]
    return _follow("cheapest", formulation, own[:, None] + energy)


def compare(placement: Placement) -> pd.DataFrame:
    """Return the placement beside the naive rules, one row each.

    Columns: ``cost_usd``, ``cost_usd_per_mtok``, ``penalty_usd``, ``served_mtok``, ``unserved_mtok``,
    ``export_share``, ``within_caps``.
    """
    rules = [nearest(placement.instance), cheapest(placement.instance)]
    columns = ["cost_usd", "cost_usd_per_mtok", "penalty_usd", "served_mtok", "unserved_mtok", "export_share"]
    table = pd.DataFrame(
        [[getattr(item, name) for name in columns] for item in (placement, *rules)],
        columns=columns,
        index=pd.Index(["optimum", *(rule.rule for rule in rules)], name="rule"),
    )
    return table.assign(within_caps=[True, *(rule.within_caps for rule in rules)])


class _Room:
    """What is left of every limit while a rule fills them."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._capacity = structure.capacity.copy()
        supply = np.zeros_like(structure.capacity)
        np.add.at(supply, structure.tier_site, structure.tier_limit * structure.tier_yield[:, None])
        self._power = np.minimum(supply, structure.intake)
        self._link = np.repeat(structure.link_capacity[:, None], structure.periods, axis=1)

    def take(self, klass: int, origin: int, site: int, period: int, wanted: float) -> float:
        """Take as much of the wanted amount as there is room for, and return it."""
        structure = self._structure
        use = structure.use[klass, site]
        drawn = structure.draw[klass, site] * structure.overhead[site, period]
        passing = structure.link_use[klass]
        route = origin * structure.sites + site
        links = structure.route_links.indices[slice(*structure.route_links.indptr[route : route + 2])]
        amount = wanted
        if use > 0:
            amount = min(amount, self._capacity[site, period] / use)
        if drawn > 0:
            amount = min(amount, self._power[site, period] / drawn)
        if passing > 0 and links.size:
            amount = min(amount, float(self._link[links, period].min()) / passing)
        amount = max(amount, 0.0)
        self._capacity[site, period] -= use * amount
        self._power[site, period] -= drawn * amount
        self._link[links, period] -= passing * amount
        return amount


def _follow(rule: str, formulation: Formulation, preference: np.ndarray) -> Baseline:
    """Fill the demands by a preference (arcs, periods): the least first."""
    structure = formulation.structure
    columns = structure.columns
    count = np.bincount(columns.x_demand, minlength=len(structure.demand_amount))
    first = np.cumsum(count) - count
    room = _Room(structure)
    sent = np.zeros(len(columns.x_demand))
    left = structure.demand_amount.copy()
    for demand in np.lexsort((-structure.demand_amount, count, structure.demand_period)).tolist():
        period = int(structure.demand_period[demand])
        arcs = columns.x_arc[first[demand] : first[demand] + count[demand]]
        for place in np.argsort(preference[arcs, period], kind="stable").tolist():
            if left[demand] <= 0:
                break
            arc = arcs[place]
            klass, origin, site = (
                int(axis[arc]) for axis in (structure.arc_class, structure.arc_origin, structure.arc_site)
            )
            amount = room.take(klass, origin, site, period, left[demand])
            sent[first[demand] + place] = amount
            left[demand] -= amount
    return _report(rule, formulation, _complete(structure, sent, left))


def _complete(structure: Structure, sent: np.ndarray, unserved: np.ndarray) -> np.ndarray:
    """Return the point of the program: all served as it arrives, power bought from the cheapest supply first."""
    flows = structure.columns
    klass, _, site, period = assignment_axes(structure)
    served = np.zeros((len(structure.window), *structure.capacity.shape))
    np.add.at(served, (klass, site, period), sent)
    waiting = np.where(flows.f_arrival == flows.f_service, served[flows.f_class, flows.f_site, flows.f_arrival], 0.0)
    needed = np.einsum("kj,jt,kjt->jt", structure.draw, structure.overhead, served)
    bought = np.zeros_like(structure.tier_cost)
    for period_, order in enumerate(np.argsort(structure.tier_cost / structure.tier_yield[:, None], axis=0).T):
        for tier in order.tolist():
            place = structure.tier_site[tier]
            wanted = max(needed[place, period_], 0.0) / structure.tier_yield[tier]  # rounding may leave less than 0
            amount = min(wanted, structure.tier_limit[tier, period_])
            bought[tier, period_] = amount
            needed[place, period_] -= amount * structure.tier_yield[tier]
    return np.concatenate([sent, unserved, waiting, bought.ravel()])


def _report(rule: str, formulation: Formulation, values: np.ndarray) -> Baseline:
    structure = formulation.structure
    accounts = settle(formulation, values)
    by_hub = demand_summary(formulation, accounts, np.zeros(len(structure.demand_amount)), "hub")
    return Baseline(
        rule=rule,
        cost_usd=float(by_hub["cost_usd"].sum()),
        penalty_usd=float((accounts.unserved * structure.unserved_cost[structure.demand_class]).sum()),
        served_mtok=float(accounts.sent.sum()),
        unserved_mtok=float(accounts.unserved.sum()),
        export_share=float(by_hub["exported_mtok"].sum() / by_hub["demand_mtok"].sum()),
        within_caps=_within_caps(formulation, accounts),
        values=values,
    )


def _within_caps(formulation: Formulation, accounts: Accounts) -> bool:
    used, limit = cap_use(formulation, accounts), formulation.structure.cap_limit
    return used["carbon_kg"] <= limit[CARBON_CAP] and used["water_litres"] <= limit[WATER_CAP]
