"""The figures of a day under a rule: costs, regret, and what each workload lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from placer.replays.flows import DayFlows, class_penalty_usd, cost_usd
from placer.utils.arrays import NOISE, sums_by, without_noise

if TYPE_CHECKING:
    from placer.model.formulation import Formulation
    from placer.replays.network import DayNetwork
    from placer.replays.optimum import Least


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
