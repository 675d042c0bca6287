"""Naive placement rules, to which every optimum is compared.

Both rules take the demands hour by hour, those with the fewest admissible arcs first (then the largest). Each
demand fills its data centres in turn, up to the limits of accelerators, power and links:

    nearest    in the order of round trip
    cheapest   in the order of the demand's own cost there, at the cheapest power of the hour

Neither rule lets work wait or looks ahead. Both ignore caps over the whole horizon, limits of power zones and limits of
one's own; ``within_caps`` says whether the placement happens to respect all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from placer.instance.arguments import need_instance, need_instance_placement
from placer.instance.problem import Instance
from placer.model.answer import Flows
from placer.model.formulation import Formulation, formulate
from placer.model.loads import loads
from placer.model.structure import Structure
from placer.placement.accounts import POLICY, arc_usd, assignment_axes, settle
from placer.placement.price_summary import demand_axis
from placer.placement.tables import demand_quantities
from placer.proof.magnitudes import magnitudes
from placer.running import in_time
from placer.tolerances import INPUT
from placer.utils.arrays import FloatArray

if TYPE_CHECKING:
    from placer.placement.result import Placement


@dataclass(frozen=True)
class Baseline:
    """The placement of a naive rule; figures are defined as those of a ``Placement``.

    Attributes
    ----------
    within_caps : bool
        Whether the caps on carbon and water, the limits of power zones and all limits of one's own happen to hold.
    flows : Flows
        The flows of the placement.
    """

    rule: str
    cost_usd: float
    transfers_usd: float
    penalty_usd: float
    served_mtok: float
    unserved_mtok: float
    export_share: float
    within_caps: bool
    flows: Flows

    @property
    def cost_usd_per_mtok(self) -> float:
        """Cost per Mtok served; NaN if nothing is served."""
        return self.cost_usd / self.served_mtok if self.served_mtok > 0 else float("nan")

    @property
    def unserved_share(self) -> float:
        """Unserved share of all demand; 0 without demand."""
        demand = self.served_mtok + self.unserved_mtok
        return self.unserved_mtok / demand if demand > 0 else 0.0

    @property
    def cost_and_penalty_usd(self) -> float:
        """Cost plus penalty: the figure that compares rules which serve unequal amounts."""
        return self.cost_usd + self.penalty_usd

    @property
    def cost_and_penalty_usd_per_mtok(self) -> float:
        """Cost plus penalty per Mtok of demand; NaN without demand."""
        demand = self.served_mtok + self.unserved_mtok
        return self.cost_and_penalty_usd / demand if demand > 0 else float("nan")


def nearest(instance: Instance) -> Baseline:
    """Serve every demand at the nearest data centre with room, in the mode of fewest accelerators there.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> placer.baselines.nearest(tiny).cost_usd > placer.solve(tiny).cost_usd
    True
    """
    need_instance(instance)
    formulation = _without_batteries(instance)
    structure = formulation.structure
    rtt_ms, taken = (
        formulation.rtt_ms[structure.arc_origin, structure.arc_way],
        structure.use[structure.arc_class, structure.arc_site],
    )
    rank = np.empty(len(rtt_ms))
    rank[np.lexsort((taken, structure.arc_way, rtt_ms))] = np.arange(len(rtt_ms))
    return _follow("nearest", formulation, lambda arcs, _: rank[arcs])


def cheapest(instance: Instance) -> Baseline:
    """Serve every demand at its cheapest data centre with room, in its cheapest mode there."""
    need_instance(instance)
    formulation = _without_batteries(instance)
    structure = formulation.structure
    klass, site = structure.arc_class, structure.arc_site
    power = np.full((structure.sites, structure.periods), 0.0)
    for tier in np.argsort(structure.tier_cost.mean(axis=1))[::-1]:  # the cheapest last: it overwrites
        power[structure.tier_site[tier]] = structure.tier_cost[tier] / structure.tier_yield[tier]
    draw, usd_per_draw = structure.draw[klass, site], structure.overhead * power
    work = structure.work_cost
    return _follow(
        "cheapest",
        formulation,
        lambda arcs, period: (
            structure.arc_cost[arcs]
            + work[klass[arcs], site[arcs], period]
            + draw[arcs] * usd_per_draw[site[arcs], period]
        ),
    )


def _without_batteries(instance: Instance) -> Formulation:
    """Return an instance as arrays: a naive rule leaves its batteries idle."""
    return formulate(instance if instance.batteries.empty else instance.replace(batteries=[]))


def compare(placement: Placement) -> pd.DataFrame:
    """Compare a placement with naive rules, a row each; these leave batteries idle.

    ``cost_and_penalty_usd`` compares answers that serve unequal amounts; the optimum minimises its sum with
    ``transfers_usd``. A rule that serves less may have a lower ``cost_usd``, and one that is not ``within_caps`` a
    lower sum.

    Columns: ``cost_and_penalty_usd``, ``cost_and_penalty_usd_per_mtok`` (of demand), ``unserved_share`` (of demand),
    ``cost_usd``, ``cost_usd_per_mtok`` (of served demand), ``transfers_usd``, ``penalty_usd``, ``served_mtok``,
    ``unserved_mtok``, ``export_share`` (of demand), ``within_caps``.
    """
    need_instance_placement(placement, "compare")
    rules = [nearest(placement.instance), cheapest(placement.instance)]
    columns = [
        *("cost_and_penalty_usd", "cost_and_penalty_usd_per_mtok", "unserved_share"),
        *("cost_usd", "cost_usd_per_mtok", "transfers_usd", "penalty_usd"),
        *("served_mtok", "unserved_mtok", "export_share"),
    ]
    table = pd.DataFrame(
        [[getattr(item, name) for name in columns] for item in (placement, *rules)],
        columns=columns,
        index=pd.Index(["optimum", *(rule.rule for rule in rules)], name="rule"),
    )
    return table.assign(within_caps=[True, *(rule.within_caps for rule in rules)])


class _Room:
    """The remaining room of every limit. Plain lists, since single numbers are read and written."""

    def __init__(self, formulation: Formulation) -> None:
        structure = formulation.structure
        supply = structure.at_sites(structure.tier_limit * structure.tier_yield[:, None])
        self._place, capacity = _pools(formulation)
        self._capacity = capacity.tolist()
        self._power = np.minimum(supply, structure.intake).tolist()
        self._link = structure.link_capacity.tolist()
        self._use, self._draw = structure.use.tolist(), structure.draw.tolist()
        self._overhead, self._passing = structure.overhead.tolist(), structure.link_use.tolist()
        self._links = _LimitedLinks(structure)

    def take(self, klass: int, site: int, route: int, period: int, wanted: float) -> float:
        """Take as much of ``wanted`` as there is room for at a site and along a route; return the amount taken."""
        capacity, power = self._capacity[self._place[klass][site]], self._power[site]
        use, drawn = self._use[klass][site], self._draw[klass][site] * self._overhead[site][period]
        amount = wanted
        if use > 0:
            amount = min(amount, capacity[period] / use)
        if drawn > 0:
            amount = min(amount, power[period] / drawn)
        if amount <= 0:
            return 0.0
        passing, links = self._passing[klass], self._links.along(route)
        if passing > 0 and links:
            amount = max(min(amount, min(self._link[link][period] for link in links) / passing), 0.0)
        capacity[period] -= use * amount
        power[period] -= drawn * amount
        for link in links:
            self._link[link][period] -= passing * amount
        return amount


def _pools(formulation: Formulation) -> tuple[list[list[int]], FloatArray]:
    """Return the pool of every class at every data centre, and the capacity of the pools (pools, hours).

    Data centres come first, as pools of the classes that have no row of their own; then the pools of the instance.
    """
    capacity, pool = formulation.structure.capacity, formulation.service.pool
    of_pools = np.full((len(formulation.service.pool_type), capacity.shape[1]), np.inf)
    has_row = np.zeros(len(of_pools) + 1, dtype=bool)
    for limit in formulation.limits:
        if limit.pool >= 0:
            of_pools[limit.pool, limit.hour], has_row[limit.pool] = limit.amount, True
    place = np.where(has_row[np.maximum(pool, -1)], len(capacity) + pool, np.arange(len(capacity)))
    return place.tolist(), np.concatenate([capacity, of_pools])


class _LimitedLinks:
    """The links of a route that have a limit; the others never bind."""

    def __init__(self, structure: Structure) -> None:
        self._limited = np.asarray(np.isfinite(structure.link_capacity).any(axis=1))
        self._starts, self._links = structure.route_links.indptr, structure.route_links.indices
        self._known: dict[int, list[int]] = {}

    def along(self, route: int) -> list[int]:
        """Return the limited links of a route by position."""
        if route not in self._known:
            links = self._links[self._starts[route] : self._starts[route + 1]]
            self._known[route] = links[self._limited[links]].tolist()
        return self._known[route]


def _follow(rule: str, formulation: Formulation, preference: Callable[[slice, int], FloatArray]) -> Baseline:
    """Fill the demands by a preference: a function that ranks arcs in a period, lowest value first."""
    structure = formulation.structure
    first, count = structure.arc_starts[structure.demand_pair].tolist(), np.diff(structure.assignment_starts)
    room = _Room(formulation)
    used: list[tuple[int, int, float]] = []
    left = structure.demand_amount.tolist()
    periods, classes, counts = structure.demand_period.tolist(), structure.arc_class.tolist(), count.tolist()
    sites, routes = structure.arc_site.tolist(), structure.arc_route.tolist()
    order = np.lexsort((-structure.demand_amount, count, structure.demand_period)).tolist()
    for demand in in_time(order, f"the rule {rule}"):
        start, period = first[demand], periods[demand]
        wanted = left[demand]
        for place in np.argsort(preference(slice(start, start + counts[demand]), period), kind="stable").tolist():
            if wanted <= 0:
                break
            arc = start + place
            amount = room.take(classes[arc], sites[arc], routes[arc], period, wanted)
            if amount > 0:
                used.append((demand, arc, amount))
                wanted -= amount
        left[demand] = wanted
    return _report(rule, formulation, _complete(structure, sorted(used), np.array(left)))


def _complete(structure: Structure, used: list[tuple[int, int, float]], unserved: FloatArray) -> Flows:
    """Return all flows: work is served as it arrives, and power is bought from the cheapest supply first."""
    demand, arc = np.array([each[:2] for each in used], dtype=int).reshape(-1, 2).T
    sent = np.array([each[2] for each in used])
    queued = structure.queue_flows
    klass, _, site, period = assignment_axes(structure, demand, arc)
    served = np.zeros((structure.classes, *structure.capacity.shape))
    np.add.at(served, (klass, site, period), sent)
    waiting = np.where(queued.arrival == queued.service, served[queued.klass, queued.site, queued.arrival], 0.0)
    needed = np.einsum("kj,jt,kjt->jt", structure.draw, structure.overhead, served)
    bought = np.zeros_like(structure.tier_cost)
    for period_, order in enumerate(np.argsort(structure.tier_cost / structure.tier_yield[:, None], axis=0).T):
        for tier in order.tolist():
            place = structure.tier_site[tier]
            wanted = max(needed[place, period_], 0.0) / structure.tier_yield[tier]  # rounding may go below 0
            amount = min(wanted, structure.tier_limit[tier, period_])
            bought[tier, period_] = amount
            needed[place, period_] -= amount * structure.tier_yield[tier]
    return Flows(demand, arc, sent, unserved, waiting, bought)


def _report(rule: str, formulation: Formulation, flows: Flows) -> Baseline:
    structure = formulation.structure
    accounts = settle(formulation, flows)
    by_hub = demand_quantities(formulation, accounts, demand_axis(formulation, "hub"))
    return Baseline(
        rule=rule,
        cost_usd=float(by_hub["cost_usd"].sum() + formulation.contracts.fixed_usd.sum()),
        transfers_usd=float(arc_usd(structure, accounts, POLICY).sum()),
        penalty_usd=float((accounts.unserved * structure.unserved_cost[structure.demand_class]).sum()),
        served_mtok=float(accounts.sent.sum()),
        unserved_mtok=float(accounts.unserved.sum()),
        export_share=float(by_hub["exported_mtok"].sum()) / (float(by_hub["demand_mtok"].sum()) or math.nan),
        within_caps=_within_caps(formulation, flows),
        flows=flows,
    )


def _within_caps(formulation: Formulation, flows: Flows) -> bool:
    structure = formulation.structure
    typical = magnitudes(structure).cap  # above 0 also where the limit is 0, as that of a share of what flows
    return bool((loads(structure, flows).capped <= structure.cap_limit + INPUT * typical).all())
