"""Models apart: each one's question at prices of what they share, and what the prices prove of all together.

At rents of links nu and caps gamma, a price q of supply and rents mu of the accelerators of a data centre in a period,
all of any size, ``placer.proof.bound`` has what work pays at a data centre and on its way, and no placement costs less
than

    bound = sum over models of the least cost of its question  -  rents of supply, links and caps
            - sum_jp mu_jp accelerators_jp

A question apart pays mu for the accelerators of its replicas, has all of each data centre to itself, and takes the
least rent of the day for its way, since an arc costs the same in all hours.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from placer.model.caps import caps_of_arcs, route_rents
from placer.model.parts import part_of_arcs, part_of_demands
from placer.proof.bound import BoundPrices, bound_prices, rents_of

if TYPE_CHECKING:
    from placer.model.answer import Duals
    from placer.model.structure import Structure
    from placer.presence.question import Question
    from placer.utils.arrays import FloatArray, IntArray

#: Work that can never be served costs this many times the penalty.
_NEVER = 10.0


@dataclass(frozen=True, eq=False)
class Shared:
    """Prices of what models share.

    Attributes
    ----------
    rents_usd : float
        Rents of supply, links and caps, which the costs of models contain.
    service : (k, j, t) array
        What work pays at a data centre, without accelerators.
    arc : (arcs,) array
        What it pays on its way, in the hour of least rent.
    supply : (j, t) array
        The price of supply.
    """

    rents_usd: float
    service: FloatArray
    arc: FloatArray
    supply: FloatArray


def prices_of(structure: Structure, duals: Duals) -> Shared:
    """Return the prices that some duals are; supply costs no less than its cheapest tier."""
    cap = np.where(np.isfinite(structure.cap_limit), np.maximum(duals.cap, 0.0), 0.0)
    tier = (structure.tier_cost + structure.cap_tier.priced(cap)) / structure.tier_yield[:, None]
    least = np.full(structure.capacity.shape, np.inf)
    np.minimum.at(least, structure.tier_site, np.where(structure.tier_limit > 0, tier, np.inf))
    floor = np.where(np.isfinite(least), least, -np.inf)
    prices = bound_prices(structure, replace(duals, balance=np.maximum(duals.balance, floor)))
    dear = _NEVER * structure.unserved_cost[:, None, None] + 1.0
    service = np.where(np.isfinite(prices.service), prices.service, dear)
    return Shared(rents_of(structure, prices), service, _sending(structure, prices), prices.supply)


def all_rents(question: Question, shared: Shared, mu: FloatArray) -> float:
    """Return the rents of all that models share, those of accelerators (j, p) too."""
    finite = np.where(np.isfinite(question.accelerators), question.accelerators, 0.0)
    return shared.rents_usd + float((mu * finite).sum())


def apart(question: Question, shared: Shared, mu: FloatArray, model: int, accelerators: FloatArray) -> Question:
    """Return the question of one model.

    Parameters
    ----------
    question : Question
    shared : Shared
    mu : (j, p) array
        Rents of accelerators.
    model : int
    accelerators : (j, p) array
        Those that it may take.
    """
    part = model_part(question.structure, question.model, model, shared.service, shared.arc)
    part = replace(part, cap_limit=np.full_like(part.cap_limit, np.inf))
    rent = question.size[:, None, None] * (mu / np.bincount(question.period))[:, question.period]
    return replace(
        question,
        formulation=replace(question.formulation, structure=part),
        accelerators=accelerators,
        hour_usd=question.hour_usd + rent,
    )


def model_part(
    structure: Structure, model_of: IntArray, model: int, service: FloatArray, arc_cost: FloatArray
) -> Structure:
    """Return the demands and arcs of one model, which pays for supply, links and caps in its costs."""
    own = model_of == model
    kept = own[structure.arc_class]
    part = part_of_arcs(part_of_demands(structure, own[structure.demand_class]), kept)
    return replace(
        part,
        arc_cost=arc_cost[kept],
        work_cost=service,
        draw=np.zeros_like(part.draw),
        tier_limit=np.zeros_like(part.tier_limit),
        intake=np.full_like(part.intake, np.inf),
        link_capacity=np.full_like(part.link_capacity, np.inf),
    )


def _sending(structure: Structure, prices: BoundPrices) -> FloatArray:
    """Return the least over the hours of what a unit of every arc pays on its way (arcs,)."""
    rent = np.zeros((len(structure.arc_cost), structure.periods))
    if len(prices.links):
        along = csr_array(structure.route_links[:, prices.links])
        used = np.flatnonzero(structure.link_use[structure.arc_class] > 0)
        for hour in range(structure.periods):
            of_route = np.asarray(along @ prices.link[:, hour])
            rent[used, hour] += structure.link_use[structure.arc_class[used]] * of_route[structure.arc_route[used]]
    if prices.cap[caps_of_arcs(structure)].any():
        for klass in range(structure.classes):
            arcs = np.flatnonzero(structure.arc_class == klass)
            rent[arcs] += route_rents(structure, prices.cap, klass, structure.arc_route[arcs])
    return np.asarray(structure.arc_cost + rent.min(axis=1))
