"""The loss of a day without foresight: the proven least cost of the day, and costs, regret and losses beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from placer.model.answer import no_duals
from placer.model.formulation import Formulation
from placer.proof.bound import bound_at
from placer.replays.flows import DayFlows, class_penalty_usd, cost_usd
from placer.replays.network import DayNetwork
from placer.replays.outlook import Outlook
from placer.replays.program import PeriodProgram
from placer.running import in_time
from placer.utils.arrays import NOISE, FloatArray, sums_by, without_noise


@dataclass(frozen=True, eq=False)
class Least:
    """The least cost of a day.

    Attributes
    ----------
    usd : float
        No way to route the day costs less, penalties included.
    unserved : (classes,) array
        What the programs behind the bound leave unserved, Mtok: of substeps for work that does not wait, of hours for
        work that does.
    """

    usd: float
    unserved: FloatArray


def least_cost(network: DayNetwork, amounts: FloatArray, hindsight: Outlook) -> Least:
    """Return a proven lower bound on the cost and penalty of every way to route a day.

    Parameters
    ----------
    amounts : (pairs, periods) array
        What arrived, Mtok.
    hindsight : Outlook
        Of the hours of the same amounts.
    """
    structure, program = network.with_amounts(amounts), PeriodProgram(network)
    sites, live = structure.sites, ~network.waits
    unserved = np.where(structure.window > 0, hindsight.unserved, 0.0)
    most = np.full((structure.classes, sites), np.inf)
    found = np.zeros((2 * sites + len(network.links), structure.periods))
    intake = np.zeros(structure.capacity.shape)
    for period in in_time(range(structure.periods), "the least cost of a day"):
        answer = program.solve(period, amounts[:, period], hindsight.worth[:, :, period // network.parts], most)
        found[:, period], intake[:, period] = answer.prices, answer.intake
        missing = np.where(live, amounts[:, period] - answer.sent.sum(axis=1), 0.0)
        unserved += sums_by(network.klass, missing, structure.classes)
    capacity, supply, limited = np.split(found, [sites, 2 * sites])
    link = np.zeros(structure.link_capacity.shape)
    link[network.links] = limited
    none = no_duals(structure, np.zeros(0))
    duals = replace(none, capacity=capacity, intake=intake, balance=supply - intake, link=link)
    rounded = without_noise(np.maximum(unserved, 0.0), float(amounts.sum()))
    return Least(max(bound_at(structure, duals), hindsight.bound_usd), rounded)


def day_figures(formulation: Formulation, network: DayNetwork, flows: DayFlows, least: Least) -> dict[str, float]:
    """Return the columns of ``Replay.days`` of a day, but for the time of decisions."""
    classes = formulation.structure.classes
    charge = network.of_choices(formulation.distance.charged(formulation.structure), 0.0)
    transfers, penalty = float((charge * flows.sent).sum()), class_penalty_usd(network, flows)
    cost = cost_usd(network, flows) - transfers
    total, demand = cost + float(penalty.sum()), float(flows.arrived.sum())
    unserved = (flows.left + flows.expired)[:classes].sum()
    exported = formulation.exported[network.origin[:, None], network.site] & network.is_arc
    share = 1 / demand if demand > 0 else 0.0
    noise = NOISE * float(flows.arrived @ network.structure.unserved_cost)
    return {
        "cost_usd": cost,
        "transfers_usd": transfers,
        "penalty_usd": float(penalty[:classes].sum()),
        "waiting_usd": float(penalty[classes:].sum()),
        "cost_and_penalty_usd": total,
        "least_cost_usd": least.usd,
        "regret_share": _regret(total + transfers, least.usd, noise),
        "unserved_share": float(unserved) * share,
        "expired_share": float(flows.expired.sum()) * share,
        "export_share": float((flows.sent * exported).sum()) * share,
    }


def _regret(usd: float, least_usd: float, noise_usd: float) -> float:
    """Return the regret; inf where a cost above the least one cannot be stated as a part of it."""
    if least_usd > noise_usd:
        return usd / least_usd - 1
    return math.inf if usd > least_usd + noise_usd else 0.0


def workload_figures(formulation: Formulation, flows: DayFlows, least: Least) -> list[dict[str, Any]]:
    """Return what each workload with demand lost; late work and further modes count for their workload."""
    classes, window = formulation.structure.classes, formulation.structure.window
    own = formulation.structure.served_class[np.concatenate([np.arange(classes), np.flatnonzero(window > 0)])]
    is_late = np.arange(len(own)) >= classes
    lost = flows.left + flows.expired
    table = {
        "demand_mtok": flows.arrived,
        "unserved_mtok": np.where(is_late, 0.0, lost),
        "expired_mtok": flows.expired,
        "waiting_mtok": np.where(is_late, lost + flows.waiting, flows.waiting),
        "least_unserved_mtok": np.where(is_late, 0.0, least.unserved),
    }
    demand = float(flows.arrived.sum())
    totals = {name: without_noise(sums_by(own, values, classes), demand) for name, values in table.items()}
    return [
        {"workload": str(name)} | {column: float(values[klass]) for column, values in totals.items()}
        for klass, name in enumerate(formulation.workloads)
        if totals["demand_mtok"][klass] > 0
    ]
