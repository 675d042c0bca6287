"""Agents: the ceiling as tools move into the data centre and as tasks take more calls.

An agent's task is a chain of calls, and each call of a tool outside the data centre is one more round trip over the
network. The time left to the network per round trip is

    n_k       = user_round_trips_k + (1 - tools_colocated) * tool_round_trips_k
    budget_k  = (latency_slo_ms_k - server_ms_k) / n_k                                    rtt_budget_ms
                of the fastest mode, where the workload has modes

and the admissible arcs (k, h, j) of the workload are those with ``access_ms_h + r_hj <= budget_k``. Both levers change
n_k, hence the set of arcs, and no other data of the programs of ``placer.ceiling.maximum``. Cases with the same arcs
have the same ceiling and are solved once. A set of arcs between two nested sets with the same answer is not solved.

Calls. A task of c sequential calls has ``tool_round_trips = max(c - user_round_trips, 0)``: every call but those of the
user is one of a tool. ``CALLS`` is the published distribution per request of a coding agent: mean 8.7, of which 0.9
user and 7.8 tool steps, and P50, P90 and P99 of 2, 21 and 87 (uw-syfi/TraceLab,
artifacts/session/session_internal_counts.tex, 2026, measured). There are two readings of the time of a longer task:

    fixed          server_ms and latency_slo_ms stay: a longer chain has to fit the same time (the default)
    proportional   both grow as c / (user_round_trips + tool_round_trips): every call takes its time, and the tolerated
                   time is proportional to that of the task; modes take longer by the same factor

"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from placer.ceiling.arc_sets import CeilingsByArcs
from placer.errors import ArgumentError, InstanceError, Violation, refuse
from placer.instance.arguments import need_instance, need_mapping, need_names, need_numbers, need_regions
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.model.counts import Weight
from placer.model.formulation import Formulation, formulate
from placer.running import in_time, running
from placer.utils.arrays import FloatArray, IntArray, positions_in

#: Sequential calls of a task at three quantiles of the published distribution, and its mean.
CALLS: Mapping[str, float] = {"P50": 2.0, "mean": 8.7, "P90": 21.0, "P99": 87.0}
#: The same with the milliseconds that a task takes at the same quantile and on average (uw-syfi/TraceLab,
#: artifacts/session/session_timing_distribution.tex, 2026, measured, per request).
TASKS: Mapping[str, tuple[float, float]] = {
    "P50": (2.0, 38_300.0),
    "mean": (8.7, 258_000.0),
    "P90": (21.0, 384_000.0),
    "P99": (87.0, 2_634_000.0),
}
#: Shares of the tool calls that are answered inside the data centre.
COLOCATED = (0.0, 0.25, 0.5, 0.75, 1.0)

TaskTime = Literal["fixed", "proportional"]


def agent_sensitivity(
    instance: Instance,
    workload: str | Iterable[str] | None = None,
    tools_colocated: Iterable[float] = COLOCATED,
    calls: Mapping[str, float | tuple[float, float]] | None = None,
    weight: Weight = "tokens",
    solver: AnySolver | str | None = None,
    *,
    task_time: TaskTime = "fixed",
    exporting: Iterable[str] | str | None = None,
    time_limit_seconds: float = math.inf,
) -> pd.DataFrame:
    """Return the technical ceiling by share of tools in the data centre and number of calls of a task.

    Parameters
    ----------
    instance : Instance
    workload : str or iterable of str, optional
        The workloads that are changed, all alike and at once; those with ``tool_round_trips > 0`` if not given.
    tools_colocated : iterable of float
        Shares of the tool calls answered inside the data centre, from 0 to 1.
    calls : mapping of str to float or (float, float), optional
        By label, the sequential calls of a task, or a pair of these and the milliseconds that the task takes: a
        quantile of the calls goes with the same quantile of the time. With a time, ``server_ms`` becomes that time and
        ``latency_slo_ms`` grows in proportion to it; a workload with modes takes no such time. ``CALLS`` if not given,
        and an empty mapping for none. The row ``as given`` (NaN calls) keeps each workload's own round trips.
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``, as in ``placer.export_ceiling``.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    task_time : str
        ``fixed`` or ``proportional``: whether ``server_ms`` and ``latency_slo_ms`` grow with the calls, see above. It
        has no effect on cases with a time of their own.
    exporting : str or iterable of str, optional
        The regions that export, as in ``placer.export_ceiling``.
    time_limit_seconds : float
        As in ``placer.running``.

    Returns
    -------
    DataFrame
        Index ``calls`` (label) and ``tools_colocated``; columns ``calls_per_task``, ``share`` (the ceiling, of all
        demand), ``latency_share`` (the share that distance and law alone allow), ``unserved_share`` (of all tokens),
        ``rtt_budget_ms`` (access and links; least over the changed workloads, inf if none has a limit or a round trip,
        negative if a task is late without any) and ``tightest`` (the workload of that budget).

    Raises
    ------
    InstanceError
        If a workload is unknown or none has tools, a time of a task is given for one with modes, a share is not within
        0 and 1, a number of calls is not finite and at least 0, or the weight or the reading of task time is unknown.
    NoSolutionError
        If no placement can meet the limits in a case, which it names, or no ceiling is proven, or not in time.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> agents = tiny.replace(workloads=tiny.workloads.assign(tool_round_trips=[0, 3, 0]))
    >>> table = agent_sensitivity(agents, tools_colocated=(0, 1), calls={})
    >>> print(table[["rtt_budget_ms", "share", "unserved_share"]].round(3).reset_index().to_string(index=False))
       calls  tools_colocated  rtt_budget_ms  share  unserved_share
    as given              0.0           25.0  0.208           0.104
    as given              1.0          100.0  0.438           0.000
    """
    need_instance(instance)
    solver = solver_of(solver)
    need_mapping({} if calls is None else calls, "a mapping of calls by label", '{"mean": 8.7}')
    need_regions(exporting)
    chosen = _chosen(instance, workload)
    shares = need_numbers(tools_colocated, "tools_colocated", "(0, 0.5, 1)")
    cases = {"as given": (math.nan, math.nan)} | {
        str(label): _case(case) for label, case in (CALLS if calls is None else calls).items()
    }
    in_modes = instance.workloads["workload"].iloc[chosen].isin(instance.modes["workload"])
    _check(shares, cases, task_time, takes_times=not in_modes.any())
    with running(time_limit_seconds=time_limit_seconds):
        ceilings = CeilingsByArcs.of_cut(instance, weight, exporting, solver)
        labels = [(label, share, case[0]) for label, case in cases.items() for share in shares]
        changed = [_changed(instance, chosen, share, cases[label], task_time) for label, share, _ in labels]
        formulations = [formulate(each) for each in in_time(changed, "formulating the cases")]
        names = [f"calls {label}, tools_colocated {share:g}" for label, share, _ in labels]
        solved = ceilings.of(formulations, names)
    rows = []
    for label, each, formulation, found in zip(labels, changed, formulations, solved, strict=True):
        budget = _budgets(each, formulation)[chosen]
        tightest = int(budget.argmin())
        rows.append((*label, *found, float(budget[tightest]), str(formulation.workloads[chosen[tightest]])))
    figures = ["share", "latency_share", "unserved_share", "rtt_budget_ms", "tightest"]
    columns = ["calls", "tools_colocated", "calls_per_task", *figures]
    return pd.DataFrame(rows, columns=columns).set_index(["calls", "tools_colocated"])


def _case(given: float | tuple[float, float]) -> tuple[float, float]:
    """Return calls and time of a task, NaN where the time is not given."""
    example = "8.7 or (8.7, 258_000.0), calls and ms"
    if not isinstance(given, tuple):
        return need_numbers([given], "calls", example)[0], math.nan
    case = need_numbers(given, "calls", example)
    if len(case) != 2:
        raise ArgumentError(f"expected calls, or calls and ms of a task, not {show(given)}; write {example}")
    return case[0], case[1]


def _chosen(instance: Instance, workload: str | Iterable[str] | None) -> IntArray:
    """Return the positions of the workloads to change."""
    table = instance.workloads
    if workload is None:
        found = np.flatnonzero(table["tool_round_trips"].to_numpy(float) > 0)
        if not found.size:
            raise InstanceError([Violation("workloads", "", "tool_round_trips", "no workload has tools", "one > 0")])
        return found
    need_names(workload, "workload", '"voice" or ["voice", "chat"]')
    names = [workload] if isinstance(workload, str) else list(workload)
    known = {name: position for position, name in enumerate(table["workload"])}
    violations = [
        Violation("workloads", str(name), "workload", "is unknown", ", ".join(known))
        for name in names
        if name not in known
    ]
    if not names:
        violations.append(Violation("agent_sensitivity", "", "workload", "none is named", "at least one"))
    refuse(violations)
    return np.array([known[name] for name in names])


def _check(shares: list[float], cases: Mapping[str, tuple[float, float]], task_time: str, *, takes_times: bool) -> None:
    place = "agent_sensitivity"
    violations = [
        Violation(place, "", "tools_colocated", f"{share:g}", "from 0 to 1") for share in shares if not 0 <= share <= 1
    ]
    violations += [
        Violation(place, label, "calls", f"{count:g}", "finite, >= 0")
        for label, (count, _) in cases.items()
        if label != "as given" and not 0 <= count < math.inf
    ]
    violations += [
        Violation(place, label, "calls", f"{task:g} ms", "a time of a task that is finite, > 0")
        for label, (_, task) in cases.items()
        if not (math.isnan(task) or 0 < task < math.inf)
    ]
    violations += [
        Violation(place, label, "calls", f"{task:g} ms of a workload with modes", "calls alone: modes have the times")
        for label, (_, task) in cases.items()
        if not (takes_times or math.isnan(task))
    ]
    if task_time not in ("fixed", "proportional"):
        violations.append(Violation(place, "", "task_time", f"{task_time!r} is unknown", "fixed or proportional"))
    refuse(violations)


def _changed(
    instance: Instance, chosen: IntArray, share: float, case: tuple[float, float], task_time: TaskTime
) -> Instance:
    """Return the instance with a share of the tools in the data centre, and calls and time of a task (NaN: keep)."""
    table, (calls, task) = instance.workloads, case
    names = ("user_round_trips", "tool_round_trips", "server_ms", "latency_slo_ms")
    user, tools, server, slo = (table[name].to_numpy(float, copy=True) for name in names)
    colocated = table["tools_colocated"].to_numpy(float, copy=True)
    colocated[chosen] = share
    factor = np.ones(len(table))
    if not math.isnan(calls):
        before = (user + tools)[chosen]
        tools[chosen] = np.maximum(calls - user[chosen], 0.0)
        if not math.isnan(task):
            taken = server[chosen]
            slo[chosen] *= np.divide(task, taken, out=np.ones_like(taken), where=taken > 0)
            server[chosen] = task
        elif task_time == "proportional":
            factor[chosen] = np.where(before > 0, calls / np.where(before > 0, before, 1.0), 1.0)
            server *= factor
            slo *= factor
    changed = table.assign(tools_colocated=colocated, tool_round_trips=tools, server_ms=server, latency_slo_ms=slo)
    stretched = instance.modes["server_ms"] * factor[positions_in(table["workload"], instance.modes["workload"])]
    return instance.replace(workloads=changed, modes=instance.modes.assign(server_ms=stretched))


def _budgets(instance: Instance, formulation: Formulation) -> FloatArray:
    """Return the largest admissible round trip of each workload, in its fastest mode."""
    classes, trips = instance.service_classes, formulation.round_trips
    room = formulation.latency_slo_ms - classes.server_ms
    budget, most = np.copysign(math.inf, room), np.full(len(formulation.workloads), -math.inf)
    budget = np.divide(room, trips, out=budget, where=trips > 0)
    np.maximum.at(most, classes.workload, budget)
    return most
