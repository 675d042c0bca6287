"""Agents: how much of the demand can leave as tools move into the data centre and as tasks take more calls.

An agent's task is a chain of calls, and each call of a tool outside the data centre is one more round trip over the
network. What the network may take of the limit of a task then is, per round trip,

    n_k       = user_round_trips_k + (1 - tools_colocated) * tool_round_trips_k
    budget_k  = (latency_slo_ms_k - server_ms_k) / n_k                                    rtt_budget_ms

and the arcs (k, h, j) with ``access_ms_h + r_hj <= budget_k`` are all that distance leaves of the workload. Both
levers change n_k, hence the set of arcs and nothing else of the programs of ``placer.ceiling.maximum``; cases with the
same arcs have the same ceiling and are solved once, and what lies between two sets with the same answer is not solved
at all.

Calls. A task of c sequential calls has ``tool_round_trips = max(c - user_round_trips, 0)``: every call that no user
waits for in between is one of a tool. ``CALLS`` is the published distribution per request of a coding agent: mean 8.7,
which is 0.9 user and 7.8 tool steps, and P50, P90 and P99 of 2, 21 and 87 (uw-syfi/TraceLab,
artifacts/session/session_internal_counts.tex, 2026, measured). What more calls do to the rest of the task can be read
in two ways:

    fixed          server_ms and latency_slo_ms stay: a longer chain has to fit the same time (the default)
    proportional   both grow as c / (user_round_trips + tool_round_trips): every call takes its time, and what is
                   tolerated is a share of the task

Quantiles. A round trip is not one number. ``ceiling_at_quantiles`` puts a quantile of every link's round trip in place
of its rtt_ms, finds the routes anew and solves for the ceiling. The round trip of a route is then the sum of the
quantiles of its links, which is the quantile of the sum where all links are late together (the comonotone case). Links
that are not late all at once have a lower one at the high quantiles that matter, so this is conservative: an arc that
is admitted meets its limit at least that often.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from placer.ceiling.directions import largest_cut
from placer.ceiling.maximum import most_export
from placer.errors import ArgumentError, InstanceError, Violation
from placer.instance.arguments import (
    need_instance,
    need_mapping,
    need_names,
    need_numbers,
    need_regions,
    need_solver,
)
from placer.instance.cut import cut_of
from placer.instance.validation import show
from placer.model.counts import Weight, export_weights, may_leave, net, total_weight
from placer.model.formulation import Formulation, formulate

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.model.counts import Count
    from placer.solvers.proven import AnySolver

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

#: Ceilings and unserved shares this close are one.
SAME = 1e-9

TaskTime = Literal["fixed", "proportional"]
#: A quantile of the links' round trips: a factor on rtt_ms, a column of the links, one value per link, or a table.
Quantile = float | str | Iterable[float] | pd.DataFrame

_QUANTILE_COLUMN = re.compile(r"rtt_(p\d+(?:_\d+)?)_ms")


def agent_sensitivity(
    instance: Instance,
    workload: str | Iterable[str] | None = None,
    tools_colocated: Iterable[float] = COLOCATED,
    calls: Mapping[str, float | tuple[float, float]] | None = None,
    weight: Weight = "tokens",
    solver: AnySolver | None = None,
    *,
    task_time: TaskTime = "fixed",
    exporting: Iterable[str] | str | None = None,
) -> pd.DataFrame:
    """Return the technical ceiling against the share of tools in the data centre and the number of calls of a task.

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
        ``latency_slo_ms`` grows in proportion to it. ``CALLS`` if not given, and an empty mapping for none. The row
        ``as given`` (NaN calls) keeps each workload's own round trips.
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``, as in ``placer.export_ceiling``.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    task_time : str
        ``fixed`` or ``proportional``: what more calls do to ``server_ms`` and ``latency_slo_ms``, see above. Cases with
        a time of their own do not use it.
    exporting : str or iterable of str, optional
        The regions that export, as in ``placer.export_ceiling``.

    Returns
    -------
    DataFrame
        Index ``calls`` (label) and ``tools_colocated``; columns ``calls_per_task``, ``share`` (the ceiling, of all
        demand), ``latency_share`` (what distance and law alone allow), ``unserved_share`` (of all tokens),
        ``rtt_budget_ms`` (access and links; least over the workloads changed, inf where none has a limit or a round
        trip, negative where a task is late without any) and ``tightest`` (the workload that has it).

    Raises
    ------
    InstanceError
        If a workload is unknown or none has tools, a share is not within 0 and 1, a number of calls is not finite and
        at least 0, or the weight or the reading of task time is unknown.

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
    need_solver(solver)
    need_mapping({} if calls is None else calls, "a mapping of calls by label", '{"mean": 8.7}')
    need_regions(exporting)
    chosen = _chosen(instance, workload)
    shares = need_numbers(tools_colocated, "tools_colocated", "(0, 0.5, 1)")
    cases = {"as given": (math.nan, math.nan)} | {
        str(label): _case(case) for label, case in (CALLS if calls is None else calls).items()
    }
    _check(shares, cases, task_time)
    ceilings = _Ceilings.of_cut(instance, weight, exporting, solver)
    labels = [(label, share, case[0]) for label, case in cases.items() for share in shares]
    changed = [_changed(instance, chosen, share, cases[label], task_time) for label, share, _ in labels]
    formulations = [formulate(each) for each in changed]
    rows = []
    for label, each, formulation, found in zip(labels, changed, formulations, ceilings.of(formulations), strict=True):
        budget = _budgets(each, formulation)[chosen]
        tightest = int(budget.argmin())
        rows.append((*label, *found, float(budget[tightest]), str(formulation.workloads[chosen[tightest]])))
    figures = ["share", "latency_share", "unserved_share", "rtt_budget_ms", "tightest"]
    columns = ["calls", "tools_colocated", "calls_per_task", *figures]
    return pd.DataFrame(rows, columns=columns).set_index(["calls", "tools_colocated"])


def ceiling_at_quantiles(
    instance: Instance,
    quantiles: Mapping[str, Quantile] | None = None,
    weight: Weight = "tokens",
    solver: AnySolver | None = None,
    *,
    exporting: Iterable[str] | str | None = None,
) -> pd.DataFrame:
    """Return the technical ceiling with a quantile of every link's round trip in place of its ``rtt_ms``.

    Parameters
    ----------
    instance : Instance
    quantiles : mapping of str to float, str, sequence of float or DataFrame, optional
        By name: a factor on ``rtt_ms``; the name of a column of the links (empty cells stand for ``rtt_ms``); one value
        per link; or a table with columns ``from``, ``to`` and ``rtt_ms``, which may leave links out (they keep theirs)
        and counts for all parallel links. If not given: ``rtt_ms`` itself and every column named like ``rtt_p95_ms``.
        Access keeps its ``access_ms``.
    weight : str
        ``tokens``, ``work``, ``energy`` or ``value``.
    solver : Solver or ColumnGeneration, optional
        As ``placer.solve`` chooses if not given.
    exporting : str or iterable of str, optional
        The regions that export, as in ``placer.export_ceiling``.

    Returns
    -------
    DataFrame
        Index ``quantile``; columns ``share``, ``latency_share`` (what distance and law alone allow),
        ``unserved_share`` (of all tokens) and ``rtt_ms`` (mean over the hubs, by their demand, of the round trip to
        the nearest data centre, access included).

    Raises
    ------
    InstanceError
        If a column or link is unknown, there are not as many values as links, or a round trip is not a number >= 0.

    Examples
    --------
    >>> import placer
    >>> ceiling_at_quantiles(placer.load("tiny"), {"p50": 1, "p99": 2.5})["share"].round(3).to_dict()
    {'p50': 0.438, 'p99': 0.208}
    """
    need_instance(instance)
    need_solver(solver)
    need_regions(exporting)
    need_mapping({} if quantiles is None else quantiles, "a mapping of quantiles by name", '{"p95": 1.5}')
    links = instance.links
    columns = {match[1]: str(name) for name in links if (match := _QUANTILE_COLUMN.fullmatch(str(name)))}
    given: Mapping[str, Quantile] = {"rtt_ms": 1.0, **columns} if quantiles is None else quantiles
    ceilings = _Ceilings.of_cut(instance, weight, exporting, solver)
    formulations = [
        formulate(instance.replace(links=links.assign(rtt_ms=_round_trips(links, str(name), quantile))))
        for name, quantile in given.items()
    ]
    found = [ceilings.of([formulation])[0] for formulation in formulations]
    rows = [(*each, _nearest_ms(formulation)) for each, formulation in zip(found, formulations, strict=True)]
    index = pd.Index([str(name) for name in given], name="quantile")
    return pd.DataFrame(rows, index=index, columns=["share", "latency_share", "unserved_share", "rtt_ms"])


@dataclass(frozen=True)
class _Figures:
    """What a set of arcs allows; the displaced share is of more hours than any demand takes."""

    share: float
    unserved_share: float
    displaced_share: float


@dataclass
class _Ceilings:
    """Solves for ceilings, once for every set of arcs (and of routes, where links are limited)."""

    weights: np.ndarray
    count: Count
    solver: AnySolver | None
    known: dict[tuple[bytes, bytes], _Figures] = field(default_factory=dict)

    @classmethod
    def of_cut(
        cls, instance: Instance, weight: Weight, exporting: Iterable[str] | str | None, solver: AnySolver | None
    ) -> _Ceilings:
        """Return none yet, over the cut that regions mean: where any could be meant, that of the largest ceiling."""
        weights = export_weights(instance, weight)
        cut = cut_of(instance, exporting) or largest_cut(instance, formulate(instance), weights, solver)[0]
        return cls(weights, net(instance, weights, cut), solver)

    def of(self, formulations: Sequence[Formulation]) -> list[tuple[float, float, float]]:
        """Return ceiling, what distance and law allow, and unserved share of formulations that differ by their arcs.

        What lies between two sets of arcs with the same ceiling, displaced and unserved demand has them too: more arcs
        leave no more unserved; with that unchanged, displace no more; and with both unchanged, export no less.
        """
        keys = [_arcs(formulation) for formulation in formulations]
        unique = dict(zip(keys, formulations, strict=True))
        order = sorted(unique, key=lambda key: int(np.unpackbits(np.frombuffer(key[0], np.uint8)).sum()))
        spans = [(0, len(order) - 1)]
        while spans:
            low, high = spans.pop()
            first, last = (self._solve(order[end], unique[order[end]]) for end in (low, high))
            if np.allclose(astuple(first), astuple(last), rtol=0, atol=SAME):
                between = [key for key in order[low + 1 : high] if _nested(order[low], key, order[high])]
                self.known |= {key: first for key in between if key not in self.known}
            if high - low > 1:
                middle = (low + high) // 2
                spans += [(low, middle), (middle, high)]
        found = [self.known[key] for key in keys]
        reached = [may_leave(formulation, self.count) / self._total(formulation) for formulation in formulations]
        return [(one.share, most, one.unserved_share) for one, most in zip(found, reached, strict=True)]

    def _total(self, formulation: Formulation) -> float:
        return total_weight(formulation, self.weights)

    def _solve(self, key: tuple[bytes, bytes], formulation: Formulation) -> _Figures:
        if key not in self.known:
            extent = most_export(formulation, self.count, self.solver)
            unserved = extent.unserved_mtok / formulation.structure.total_demand
            hours = float(self.count.displaced.max(initial=0.0)) * formulation.structure.total_demand
            self.known[key] = _Figures(
                share=extent.exported / self._total(formulation),
                unserved_share=unserved if unserved > SAME else 0.0,
                displaced_share=extent.displaced_hours / (hours or 1.0),
            )
        return self.known[key]


def _arcs(formulation: Formulation) -> tuple[bytes, bytes]:
    """Return the admissible arcs as bits, and the limited links of every route likewise."""
    structure = formulation.structure
    admitted = structure.admitted
    limited = np.flatnonzero(np.isfinite(structure.link_capacity))
    routes = structure.route_links[:, limited].toarray() != 0
    return np.packbits(admitted).tobytes(), np.packbits(routes).tobytes()


def _nested(few: tuple[bytes, bytes], some: tuple[bytes, bytes], many: tuple[bytes, bytes]) -> bool:
    """Whether three sets of arcs, over the same routes, contain one another."""
    low, middle, high = (np.frombuffer(key[0], np.uint8) for key in (few, some, many))
    return few[1] == some[1] == many[1] and not (low & ~middle).any() and not (middle & ~high).any()


def _case(given: float | tuple[float, float]) -> tuple[float, float]:
    """Return calls and time of a task, NaN where the time is not given."""
    example = "8.7 or (8.7, 258_000.0), calls and ms"
    if not isinstance(given, tuple):
        return need_numbers([given], "calls", example)[0], math.nan
    case = need_numbers(given, "calls", example)
    if len(case) != 2:
        raise ArgumentError(f"calls, or calls and ms of a task, are wanted, not {show(given)}; write {example}")
    return case[0], case[1]


def _chosen(instance: Instance, workload: str | Iterable[str] | None) -> np.ndarray:
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
    if violations:
        raise InstanceError(violations)
    return np.array([known[name] for name in names])


def _check(shares: list[float], cases: Mapping[str, tuple[float, float]], task_time: str) -> None:
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
    if task_time not in ("fixed", "proportional"):
        violations.append(Violation(place, "", "task_time", f"{task_time!r} is unknown", "fixed or proportional"))
    if violations:
        raise InstanceError(violations)


def _changed(
    instance: Instance, chosen: np.ndarray, share: float, case: tuple[float, float], task_time: TaskTime
) -> Instance:
    """Return the instance with a share of the tools in the data centre, and calls and time of a task (NaN: as is)."""
    table, (calls, task) = instance.workloads, case
    names = ("user_round_trips", "tool_round_trips", "server_ms", "latency_slo_ms")
    user, tools, server, slo = (table[name].to_numpy(float, copy=True) for name in names)
    colocated = table["tools_colocated"].to_numpy(float, copy=True)
    colocated[chosen] = share
    if not math.isnan(calls):
        before = (user + tools)[chosen]
        tools[chosen] = np.maximum(calls - user[chosen], 0.0)
        if not math.isnan(task):
            taken = server[chosen]
            slo[chosen] *= np.divide(task, taken, out=np.ones_like(taken), where=taken > 0)
            server[chosen] = task
        elif task_time == "proportional":
            factor = np.where(before > 0, calls / np.where(before > 0, before, 1.0), 1.0)
            server[chosen] *= factor
            slo[chosen] *= factor
    changed = table.assign(tools_colocated=colocated, tool_round_trips=tools, server_ms=server, latency_slo_ms=slo)
    return instance.replace(workloads=changed)


def _budgets(instance: Instance, formulation: Formulation) -> np.ndarray:
    """Return the round trip that each workload has room for."""
    room = formulation.latency_slo_ms - instance.workloads["server_ms"].to_numpy(float)
    trips = formulation.round_trips
    return np.where(trips > 0, room / np.where(trips > 0, trips, 1.0), np.copysign(math.inf, room))


def _round_trips(links: pd.DataFrame, name: str, quantile: Quantile) -> np.ndarray:
    """Return the round trip of every link at a quantile."""
    rtt = links["rtt_ms"].to_numpy(float, copy=True)
    if isinstance(quantile, pd.DataFrame):
        return _from_table(links, name, quantile)
    if isinstance(quantile, str):
        if quantile not in links:
            raise InstanceError([Violation("links", "", quantile, "no such column", "a column of the links")])
        given = pd.to_numeric(links[quantile], errors="coerce").to_numpy(float)
        unread = np.isnan(given) & links[quantile].notna().to_numpy()
        if unread.any():
            raise InstanceError([Violation("links", "", quantile, "holds what is no number", "numbers >= 0")])
        return np.where(np.isnan(given), rtt, given)
    if isinstance(quantile, Real):
        return rtt * float(quantile)
    values = np.array(need_numbers(quantile, f"quantile {name}", "a factor such as 1.5, or one number per link"))
    if values.shape != rtt.shape:
        problem = f"{len(values)} values for {len(rtt)} links"
        raise InstanceError([Violation("quantiles", name, "rtt_ms", problem, "one per link")])
    return values


def _from_table(links: pd.DataFrame, name: str, table: pd.DataFrame) -> np.ndarray:
    missing = [column for column in ("from", "to", "rtt_ms") if column not in table]
    if missing:
        raise InstanceError([Violation("quantiles", name, column, "column missing", "present") for column in missing])
    given = dict(zip(zip(table["from"], table["to"], strict=True), table["rtt_ms"], strict=True))
    ends = list(zip(links["from"], links["to"], strict=True))
    strangers = [pair for pair in given if pair not in set(ends)]
    if strangers:
        names = ["|".join(map(str, pair)) for pair in strangers]
        raise InstanceError([Violation("quantiles", row, "", "is no link", "a link of the instance") for row in names])
    return np.array([given.get(pair, rtt) for pair, rtt in zip(ends, links["rtt_ms"], strict=True)], dtype=float)


def _nearest_ms(formulation: Formulation) -> float:
    """Return the round trip to the nearest data centre, a mean over the demand."""
    structure = formulation.structure
    nearest = formulation.rtt_ms.min(axis=1)[structure.demand_origin]
    return float(nearest @ structure.demand_amount / structure.total_demand)
