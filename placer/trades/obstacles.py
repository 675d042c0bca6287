"""What keeps tokens of a country from users abroad: placements with every set of obstacles lifted.

    x(S) = Mtok that sites of the country serve abroad, at least cost, without the obstacles of S
    part of an obstacle = its Shapley value in the game x                     (``placer.utils.shapley``)
    demand abroad - x(none) = sum of the parts + (demand abroad - x(all))     the last term: no obstacle explains it

An obstacle is a scenario of the dataset, lifted by leaving it out, so that the dataset says what the country has
without it: an export control on chips is lifted to the accelerators of the dataset without that scenario. *Distance* is
in the data themselves. It is lifted so that every route is in time, transit is free and latency loses no value; links
keep their capacities, and round trips still break ties.

Placements of least cost are not unique. x is that of least round trip; its range over all placements of the cost
(``placer.least_cost.second_objective``) gives the range of every part.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial

import numpy as np
import pandas as pd

from placer.datasets.folder import load
from placer.errors import ArgumentError, InstanceError, NoSolutionError, Violation
from placer.instance.arguments import need, need_instance, need_workers
from placer.instance.attributes.validation import show
from placer.instance.cut import traded
from placer.instance.problem import Instance
from placer.least_cost.second_objective import Objective, Optimal
from placer.running import Progress, deadline, in_time, running, running_until, tell
from placer.solve import place_instance
from placer.tolerances import INPUT
from placer.trades.obstacle_parts import DISTANCE, NONE, TradeObstacles
from placer.utils.arrays import positions_in
from placer.utils.shapley import coalitions
from placer.utils.tasks import dispatcher_of

_log = logging.getLogger(__name__)

#: Most obstacles, distance among them: each doubles the number of placements.
MOST_OBSTACLES = 8
_NO_TIME = "no time was left for the next set of obstacles"
#: From the names of the obstacles in place to the instance that has them.
WithObstacles = Callable[[Sequence[str]], "Instance"]


def trade_obstacles(
    dataset: str | os.PathLike[str] | WithObstacles,
    scenarios: Iterable[str],
    made_in: str,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> TradeObstacles:
    """Return what distance and each of some scenarios take from the tokens that a country sells abroad.

    Parameters
    ----------
    dataset : str, path or callable
        As ``placer.load`` takes it; or a function from the names of the obstacles in place to the instance with them.
    scenarios : iterable of str
        The obstacles beside distance. They are applied in this order, each by itself: of two that set the same column
        or table, the last one holds.
    made_in : str
        The region of the data centres.
    workers : int
        Number of processes; 1 means this process.
    executor : concurrent.futures.Executor, optional
        Runs the tasks in place of processes of this machine, such as ``client.get_executor(pure=False)`` of a Dask
        client; ``workers`` is the number of its workers.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    ArgumentError
        If obstacles are more than seven, repeated, or named ``distance``.
    InstanceError
        If a scenario or the region is unknown, nobody abroad asks for tokens, or a scenario changes the demand abroad.
    NoSolutionError
        If a placement is not proven; it names what is lifted.

    Examples
    --------
    >>> import placer
    >>> premium = {"policy": "trust", "kind": "premium_usd_per_mtok", "amount": 0.07, "to_region": "east"}
    >>> def with_obstacles(names):
    ...     return placer.load("tiny").replace(policies=[premium] if "trust" in names else [])
    >>> found = placer.trade_obstacles(with_obstacles, ["trust"], made_in="west")
    >>> found.coalitions["exports_mtok"].to_dict()
    {'none': 80.0, 'distance': 85.0, 'trust': 100.0, 'distance + trust': 100.0}
    >>> found.table["takes_mtok"].to_dict()
    {'distance': 2.5, 'trust': 17.5, 'none of these': 110.0}
    """
    need_workers(workers, executor)
    names = _names(scenarios)
    loaded: WithObstacles = dataset if callable(dataset) else partial(load, dataset)
    with running(progress, time_limit_seconds):
        far = {lifted: _loaded(loaded, names, lifted) for lifted in coalitions(names)}
        abroad = _same_demand_abroad(far, made_in)
        instances = [each for instance in far.values() for each in (instance, without_distance(instance))]
        lifted = [" + ".join(each) or NONE for each in coalitions((DISTANCE, *names))]
        solved = _solved(instances, lifted, made_in, workers, executor)
    columns = ["exports_mtok", "low_mtok", "high_mtok", "proven"]
    table = pd.DataFrame(solved, pd.Index(lifted, name="lifted"), columns)
    return TradeObstacles(made_in, abroad, (DISTANCE, *names), table)


def without_distance(instance: Instance) -> Instance:
    """Return an instance in which distance neither takes time, costs transit nor loses value.

    Examples
    --------
    >>> import placer
    >>> near = without_distance(placer.load("tiny"))
    >>> near.workloads["latency_slo_ms"].tolist(), near.links["usd_per_gb"].unique().tolist()
    ([inf, inf, inf], [0.0])
    """
    return instance.replace(
        workloads=instance.workloads.assign(latency_slo_ms=math.inf),
        links=instance.links.assign(usd_per_gb=0.0),
        latency_value=instance.tables["latency_value"].iloc[:0],
    )


def _names(scenarios: Iterable[str]) -> list[str]:
    """Return the names of the obstacles beside distance, or refuse them."""
    need(scenarios, Iterable, "scenarios as obstacles", 'write ["law", "chips"]')
    names = [scenarios] if isinstance(scenarios, str) else list(scenarios)
    if strange := [name for name in names if not isinstance(name, str)]:
        raise ArgumentError(f"expected the name of a scenario as an obstacle, not {show(strange[0])}")
    if DISTANCE in names:
        raise ArgumentError(f"{DISTANCE!r} is an obstacle of every dataset: give the scenario another name")
    if repeated := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ArgumentError(f"the obstacle {repeated[0]!r} is given twice")
    if len(names) >= MOST_OBSTACLES:
        raise ArgumentError(f"at most {MOST_OBSTACLES - 1} obstacles beside distance, not {len(names)}")
    return names


def _loaded(loaded: WithObstacles, names: Sequence[str], lifted: Sequence[str]) -> Instance:
    """Return the instance without some obstacles, distance in place."""
    instance = loaded([name for name in names if name not in lifted])
    need_instance(instance)
    return instance


def _same_demand_abroad(instances: Mapping[tuple[str, ...], Instance], made_in: str) -> float:
    """Return the Mtok that users abroad ask for, the same in all instances, which are given by what is lifted.

    Raises
    ------
    InstanceError
    """
    asked = {lifted: _demand_abroad(instance, made_in) for lifted, instance in instances.items()}
    all_in_place = asked[()]
    if not all_in_place > 0:
        problem = f"nobody outside {made_in} asks for tokens"
        raise InstanceError([Violation("demand", "", "mtok", problem, "demand of another region")])
    if changing := [lifted for lifted, mtok in asked.items() if abs(mtok / all_in_place - 1) > INPUT]:
        problem = "changes what users abroad ask for"
        raise InstanceError([Violation("obstacles", " + ".join(changing[0]), "demand", problem, "one that does not")])
    return all_in_place


def _demand_abroad(instance: Instance, made_in: str) -> float:
    """Return the Mtok that users outside a region ask for; raises if no data centre is in it."""
    away = np.asarray(traded(instance, made_in).any(axis=1))
    sent = away[positions_in(instance.hubs["hub"], instance.demand["hub"])]
    return float((instance.demand["mtok"].to_numpy(float) * instance.weights[instance.demand_period])[sent].sum())


def _solved(
    instances: Sequence[Instance],
    lifted: Sequence[str],
    made_in: str,
    workers: int,
    executor: Executor | None,
) -> list[tuple[float, float, float, bool]]:
    """Return what every instance sells abroad; raises as ``trade_obstacles``."""
    until, found = deadline(), []
    with dispatcher_of(min(workers, len(lifted)) if executor is None else workers, executor, until) as dispatcher:
        tasks = ((instance, made_in, each, until) for instance, each in zip(instances, lifted, strict=True))
        for each in dispatcher.in_order(_exports, tasks):
            found.append(each)
            tell(_log, f"{len(found)} of {len(lifted)} sets of obstacles lifted")
    return found


def _exports(instance: Instance, made_in: str, lifted: str, until: float) -> tuple[float, float, float, bool]:
    """Return what a country sells abroad at least cost, its range, and whether that is proven; runs in the executor."""
    try:
        with running_until(until, _NO_TIME):
            placement = place_instance(instance)
            structure, answer = placement.formulation.structure, placement.answer
            weight = traded(instance, made_in)[structure.arc_origin, structure.arc_site].astype(float)
            optimal = Optimal(structure, answer)
            ends = [optimal.least(Objective(sign * weight)) for sign in in_time((1.0, -1.0), _NO_TIME)]
    except NoSolutionError as stopped:
        raise NoSolutionError(stopped.reason, f"with {lifted} lifted: {stopped.detail}") from None
    low, high = (end.value if end.proven else end.bound for end in ends)
    return Objective(weight).of(answer.point), low + 0.0, 0.0 - high, all(end.proven for end in ends)
