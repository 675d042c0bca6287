"""The value of latency: the least cost as a function of a limit on latency.

C(L) is the least cost, transfers and penalty included, with the arcs that a limit L allows (as in
``placer.ceiling.curve``). It never rises with L. Between two limits the *energy return on latency* is the saving per
Mtok of demand and per added ms:

    (C(L1) - C(L2)) / (Mtok of demand * (L2 - L1))

Where demand is unserved at L1 the saving is mostly penalty; the table keeps cost, transfers and penalty apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from placer.ceiling.curve import LIMIT, By, within
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need_instance, need_numbers
from placer.instance.problem import Instance
from placer.ladder.named import solver_of
from placer.ladder.price_memory import PriceMemory
from placer.ladder.proven import AnySolver, solve_structure
from placer.model.formulation import formulate
from placer.running import in_time, running


def cost_of_latency(
    instance: Instance,
    limits: Iterable[float],
    by: By = "rtt",
    solver: AnySolver | str | None = None,
    *,
    time_limit_seconds: float = math.inf,
) -> pd.DataFrame:
    """Return the least cost under several latency limits, and what each step from one to the next saves.

    Parameters
    ----------
    instance : Instance
    limits : iterable of float
        Limits, for instance the corners of a ``CeilingCurve``. Each takes one solve.
    by : str
        ``rtt``: limits in ms on the round trip of workloads that cannot wait; ``slo``: factors on all latency limits;
        ``shorten``: ms that come off every round trip.
    solver : Solver or ColumnGeneration, optional
        As for ``placer.solve``; if not given, each limit starts from the prices at the one before.
    time_limit_seconds : float
        As in ``placer.running``.

    Returns
    -------
    DataFrame
        One row per limit, by rising limit: ``rtt_limit_ms`` or ``slo_factor``, ``cost_usd``, ``transfers_usd`` (charges
        of policies that regions are paid), ``penalty_usd``, ``unserved_mtok``, and for the step to the next limit
        ``saving_usd_per_mtok`` (of demand, transfers and penalty included) and ``return_usd_per_mtok_ms`` (per unit of
        the factor where ``by`` is ``slo``); NaN in the last row.

    Raises
    ------
    InstanceError
        If a limit is negative or not a number, or there is none.

    Examples
    --------
    >>> import placer
    >>> table = placer.cost_of_latency(placer.load("tiny"), [27, 50])
    >>> bool(table["cost_usd"].is_monotonic_decreasing)
    True
    """
    need_instance(instance)
    solver = solver_of(solver)
    chosen = np.unique(need_numbers(limits, "limits", "[20.0, 50.0]"))
    if not chosen.size or not (chosen >= 0).all():
        raise InstanceError([Violation("cost_of_latency", "", "limits", f"{chosen.tolist()}", "numbers >= 0")])
    with running(time_limit_seconds=time_limit_seconds):
        formulation, memory = formulate(instance), PriceMemory()
        rows = []
        for limit in in_time(chosen.tolist(), "the cost at the next limit"):
            structure = within(formulation, limit, by).structure
            answer, certificate = solve_structure(structure, solver) if solver else memory.solve_structure(structure)
            flows = answer.point
            penalty = float(structure.unserved_cost[structure.demand_class] @ flows.unserved)
            transfers = float(formulation.distance.charged(structure)[flows.arc] @ flows.amount)
            cost = certificate.objective - transfers - penalty + float(formulation.contracts.fixed_usd.sum())
            rows.append((limit, cost, transfers, penalty, float(flows.unserved.sum())))
    parts = ["cost_usd", "transfers_usd", "penalty_usd"]
    table = pd.DataFrame(rows, columns=[LIMIT[by], *parts, "unserved_mtok"])
    whole = table[parts].sum(axis=1)
    saving = -whole.diff().shift(-1) / (formulation.structure.total_demand or np.nan)
    return table.assign(saving_usd_per_mtok=saving, return_usd_per_mtok_ms=saving / table[LIMIT[by]].diff().shift(-1))
