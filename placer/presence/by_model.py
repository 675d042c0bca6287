"""A placement over given replicas, model by model: where models share nothing that is scarce, that is all of it.

A solver of structures. Each model is a program of its own at prices of power, links and shared caps, and power comes
from the cheapest tiers. The answer is as good as the prices: the certificate says so, or the whole program is solved.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np

from placer.column_generation.start import Start
from placer.ladder.whole_program import WholeProgram
from placer.model.answer import Answer, Duals, Flows
from placer.model.loads import served_work
from placer.model.program import Solver
from placer.model.structure import Structure
from placer.presence.apart import model_part, prices_of
from placer.solvers.highs import HiGHS
from placer.termination import Reason, Termination
from placer.utils.arrays import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class ByModel:
    """A solver of structures, model by model.

    Attributes
    ----------
    model : (k,) int array
        The model of every class.
    duals : Duals
        Prices of what models share: of supply, intake and links, and of the caps of the structure.
    """

    model: IntArray
    duals: Duals
    time_limit_seconds: float = math.inf

    name = "HiGHS, model by model"

    def fallback(self, seconds_left: float) -> Solver:
        """Return HiGHS, for the whole program."""
        return HiGHS(time_limit_seconds=seconds_left)

    def answer(self, structure: Structure, start: Start | None = None) -> Answer:  # noqa: ARG002
        """Answer a structure, not proven; a start is of no use."""
        started = time.perf_counter()
        owner = cap_owners(structure, self.model)
        no_rent = np.zeros_like(self.duals.capacity)  # limits of replicas take its place
        duals = replace(self.duals, cap=np.where(owner >= 0, 0.0, self.duals.cap), capacity=no_rent)
        shared = prices_of(structure, duals)
        parts = []
        for model in range(int(self.model.max()) + 1):
            part = model_part(structure, self.model, model, shared.service, shared.arc)
            part = replace(part, cap_limit=np.where(owner == model, structure.cap_limit, np.inf))
            parts.append(WholeProgram(HiGHS(time_limit_seconds=self.time_limit_seconds)).answer(part)[0])
        return Answer(
            termination=Termination(Reason.OPTIMAL, f"{self.name}: {len(parts)} programs"),
            flows=_joined_flows(structure, self.model, parts),
            duals=_joined_duals(
                structure, self.model, parts, replace(duals, balance=shared.supply - duals.intake), owner
            ),
            basic=True,
            seconds=time.perf_counter() - started,
        )


def cap_owners(structure: Structure, model: IntArray) -> IntArray:
    """Return the model all of whose work a cap counts and nothing else (c,); -1 for shared caps."""
    cap, (klass, _, _), _ = structure.cap_work.entries()
    first, last = np.full(len(structure.cap_limit), np.iinfo(int).max), np.full(len(structure.cap_limit), -1)
    np.minimum.at(first, cap, model[klass])
    np.maximum.at(last, cap, model[klass])
    shared = structure.cap_tier.counts | (structure.cap_send != 0).any(axis=1)
    return np.where((first == last) & ~shared, last, -1)


def _joined_flows(structure: Structure, model: IntArray, parts: list[Answer]) -> Flows:
    """Return the flows of all models as those of the structure, with supply from the cheapest tiers."""
    demand: list[IntArray] = []
    arc: list[IntArray] = []
    amount: list[FloatArray] = []
    unserved, waiting = np.zeros(len(structure.demand_amount)), np.zeros(len(structure.queue_flows.klass))
    for place, part in enumerate(parts):
        flows, of_model = part.point, model == place
        asked = np.flatnonzero(of_model[structure.demand_class])
        demand.append(asked[flows.demand])
        arc.append(np.flatnonzero(of_model[structure.arc_class])[flows.arc])
        amount.append(flows.amount)
        unserved[asked] = flows.unserved
        waiting[of_model[structure.queue_flows.klass]] = flows.waiting
    whose, over, sent = np.concatenate(demand), np.concatenate(arc), np.concatenate(amount)
    order = np.lexsort((over, whose))
    flows = Flows(whose[order], over[order], sent[order], unserved, waiting, np.zeros_like(structure.tier_cost))
    work = served_work(structure, flows)
    drawn = structure.overhead * np.einsum("kj,kjt->jt", structure.draw, work)
    return replace(flows, taken=_taken(structure, drawn))


def _taken(structure: Structure, drawn: FloatArray) -> FloatArray:
    """Return what every tier supplies (s, t) of what its data centre draws, the cheapest first."""
    taken, left = np.zeros_like(structure.tier_cost), drawn.copy()
    price = structure.tier_cost / structure.tier_yield[:, None]
    for hour in range(structure.periods):
        for tier in np.argsort(price[:, hour], kind="stable").tolist():
            site, share = structure.tier_site[tier], structure.tier_yield[tier]
            taken[tier, hour] = min(left[site, hour] / share, structure.tier_limit[tier, hour])
            left[site, hour] -= taken[tier, hour] * share
    return taken


def _joined_duals(structure: Structure, model: IntArray, parts: list[Answer], shared: Duals, owner: IntArray) -> Duals:
    """Return the duals of all models, and those of what they share."""
    demand, queue, cap = np.zeros(len(structure.demand_amount)), np.zeros_like(shared.queue), shared.cap.copy()
    for place, part in enumerate(parts):
        of_model = model == place
        demand[of_model[structure.demand_class]] = part.prices.demand
        queue[of_model] = part.prices.queue[of_model]
        cap[owner == place] = part.prices.cap[owner == place]
    return replace(shared, demand=demand, queue=queue, cap=cap)
