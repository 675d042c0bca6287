"""The plan of least yearly cost over all states, with its own certificate.

    minimise  c z + sum_o w_o Q_o(z)        A z <= build limits,  0 <= z <= max_units

``c`` is the yearly cost of a unit, and ``w_o`` the number of horizons of state o in a year. ``Q_o(z)`` is the least
cost of placing the demand of o at the limits that builds have raised (``placer.planning.question.added_limits``),
unserved demand at its value. The cost of existing capacity is sunk. ``placer.decomposition.cuts`` bounds Q_o from
below for every z at once, ``placer.planning.search.best_plan`` finds the plan, and
``placer.planning.search.certificate`` proves it.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np

from placer.decomposition.closing import check_gap
from placer.decomposition.cuts import PriceVector
from placer.decomposition.member import Member
from placer.decomposition.price_pool import PricePool
from placer.decomposition.risk import NEUTRAL, CVaR
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need, need_workers
from placer.instance.problem import Instance
from placer.instance.tables.given import TableLike
from placer.planning.answer.result import Plan
from placer.planning.question.allotments import Allotments, allotments_of, with_allotments
from placer.planning.question.annual_limits import AnnualLimits
from placer.planning.question.build_limit_changes import check_build_limits
from placer.planning.question.build_limits import BuildLimits
from placer.planning.question.candidates import Candidates
from placer.planning.question.plan_program import PlanProgram
from placer.planning.question.problem import Given, PlanningProblem, PlanQuestion, planning_problem
from placer.planning.question.protection import ProtectedState, protected_states
from placer.planning.question.state_programs import state_programs
from placer.planning.question.states import States
from placer.planning.search.journal import Journal, journal_store
from placer.planning.search.proven_plan import ProvenPlan, prove_plan
from placer.running import Progress, phase, running
from placer.security.definition import Kind, Security
from placer.utils.arrays import FloatArray

#: A plan with its question.
Answered = TypeVar("Answered", bound="ProvenPlan")

_log = logging.getLogger(__name__)
_SAME = "a plan of the same candidates"


def plan(
    instance: Instance,
    candidates: Candidates | TableLike,
    states: States | None = None,
    build_limits: BuildLimits | Mapping[str, float] | TableLike | None = None,
    risk: CVaR | None = None,
    *,
    annual_limits: AnnualLimits | Mapping[str, float] | TableLike | None = None,
    security: Security | Kind | None = None,
    gap: float = 1e-4,
    start: Plan | None = None,
    store: str | os.PathLike[str] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Plan:
    """Find the plan of least yearly cost, and prove it to within a gap.

    Parameters
    ----------
    instance : Instance
        The existing network. With candidates of accelerators its own are sunk (``accelerators="sunk"``), and the plan
        says so where it makes them so.
    candidates : DataFrame, sequence of mappings, or Candidates
        The units that can be built; see ``placer.Candidates``.
    states : States, optional
        Demand and network of every state, with its weight; the instance all year if not given.
    build_limits : mapping of str to float, table, or BuildLimits, optional
        Limits on the total use by all builds, such as ``{"budget_usd_year": 1e9}``.
    risk : CVaR, optional
        Aversion to dear years; the mean cost if not given.
    annual_limits : mapping of str to float, or table, optional
        Limits of one's own over all states of a year, such as ``{"carbon_limit_kg": 5e8}``, or a table ``limit``,
        ``amount_per_year``. Each names a limit of at most an amount that every state has in its table ``limits``, whose
        own amount still holds within the state, or ``carbon_limit_kg`` or ``water_limit_litres``. States count as often
        as they occur; also with a risk it is the mean use that is limited.
    security : Security or str, optional
        What the plan must survive, or a kind of it by its name, such as ``data_centres``: each contingency is a state,
        with every one of ``states``, and at most ``most_stranded`` (none) of its protected work stays unserved.
    gap : float
        Relative gap between cost and bound at which to stop, above 0.
    start : Plan, optional
        An earlier plan of the same candidates for a warm start: its prices bound the costs of these states too,
        whatever other data have changed. If it is of the same instance and states, these are not formulated again, and
        each goes on from its last master.
    store : path, optional
        File that records every state when it is solved. If the file exists, the search resumes from it; its states and
        the targets of its candidates must be the same (``placer.planning.search.journal``).
    workers : int
        Number of processes that solve states in parallel.
    executor : concurrent.futures.Executor, optional
        Runs the tasks in place of processes of this machine, such as ``client.get_executor(pure=False)`` of a Dask
        client; ``workers`` is the number of its workers. A state whose worker dies is solved again. The plan is the
        same, to the last bit, as with as many processes of this machine.
    time_limit_seconds, progress
        As in ``placer.running``. When the time is over, or at Ctrl-C, the best plan so far is returned with the gap
        that is proven, and ``stopped`` says why.

    Raises
    ------
    ArgumentError
        If an argument has another type.
    InstanceError
        Listing every violation.
    InfeasibleBuildLimitsError
        If no plan keeps the build limits, with the least change that lets them be kept.
    NoSolutionError
        If a state has no proven placement, or the time is over before any plan had a placement of every state.
    BatchError
        If the executor broke, or its cluster is gone; a store keeps the states solved so far.
    StoreError
        If the store is of other states or candidates, is damaged or cannot be written.

    Examples
    --------
    >>> import placer
    >>> row = {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 100}
    >>> instance = placer.Instance.from_tables({
    ...     "hubs": [{"hub": "coast"}],
    ...     "data_centres": [{"data_centre": "inland", "accelerators": 0}],
    ...     "links": [{"from": "coast", "to": "inland", "rtt_ms": 30}],
    ...     "workloads": [row],
    ...     "demand": [{"workload": "chat", "hub": "coast", "mtok": 80}],
    ... }, accelerators="sunk")
    >>> hall = {"candidate": "hall", "adds": "accelerators", "target": "inland", "usd_per_unit_year": 8760 * 30}
    >>> plan = placer.plan(instance, [hall])
    >>> plan.builds["units"].tolist(), round(plan.cost_usd_per_year / 8760)
    ([80.0], 2400)
    """
    need(start, (Plan, type(None)), "a Plan", "placer.plan returns one")
    before = None if start is None else start.question
    options = PlanOptions(risk, gap, start, store, workers, executor, time_limit_seconds, progress)

    def ask() -> PlanningProblem:
        return planning_problem(instance, candidates, states, build_limits, security, annual_limits)

    return solve_question(Plan, ask, before, options)


@dataclass(frozen=True, eq=False)
class PlanOptions:
    """The options of a plan and of a plan over years; ``plan`` documents them."""

    risk: CVaR | None
    gap: float
    start: ProvenPlan | None
    store: str | os.PathLike[str] | None
    workers: int
    executor: Executor | None
    time_limit_seconds: float
    progress: Progress | None


def solve_question(
    kind: Callable[..., Answered], ask: Callable[[], PlanQuestion], before: PlanQuestion | None, options: PlanOptions
) -> Answered:
    """Return the plan that answers a question.

    Parameters
    ----------
    kind : type of ProvenPlan
        Made from the fields of a proven plan, and the question.
    ask : callable
        Returns the checked question, in the time of the plan.
    before : PlanQuestion, optional
        The question of the plan to start from.

    Raises
    ------
    ArgumentError, SolverError, InstanceError, InfeasibleBuildLimitsError, NoSolutionError, BatchError, StoreError
        As ``plan``.
    """
    check_gap(options.gap)
    need(options.risk, (CVaR, type(None)), "a CVaR", "placer.CVaR(level=0.95, weight=0.5) is one")
    need_workers(options.workers, options.executor)
    start = options.start
    with ExitStack() as opened:
        opened.enter_context(running(options.progress, options.time_limit_seconds))
        question = ask()
        kept = opened.enter_context(journal_store(options.store, question))
        with phase(_log, f"formulating {sum(len(each.states) for each in question.by_year)} states"):
            known = start.problem if start is not None and _is_of_same_states(question, before) else None
            problem = program_of(question, options.risk or NEUTRAL, known)
        check_build_limits(problem)
        vectors, units = _known(problem, start)
        journal = None if kept is None else Journal(kept, problem)
        if journal is not None:
            solved, last = journal.first()
            vectors, units = (*(() if start is None else start.vectors), *solved), units if last is None else last
        masters = None if start is None else start.masters
        found = prove_plan(problem, options.gap, options.workers, vectors, units, journal, options.executor, masters)
        return kind(**{each.name: getattr(found, each.name) for each in fields(found)}, question=question)


def program_of(question: PlanQuestion, risk: CVaR, known: PlanProgram | None = None) -> PlanProgram:
    """Return a planning problem as arrays, its states formulated, unless they are known from an earlier plan."""
    if known is not None:
        limits = question.annual_limits.finite
        amount = np.repeat(limits.amount, len(known.allotments.names) // max(len(limits.names), 1))
        same = PlanProgram(known.states, question.candidates, question.build_limits, risk, known.protected)
        return _bordered(same, replace(known.allotments, amount=amount))
    states: list[Member] = []
    protected: list[ProtectedState] = []
    for year, each in enumerate(question.by_year):
        alone, security = state_programs(each, each.states), each.states.security
        states += [question.in_year(year, state) for state in alone]
        if security is not None:
            served = protected_states(each.instance, alone, each.states.with_losses, security)
            protected += [replace(one, state=question.in_year(year, one.state)) for one in served]
    program = PlanProgram(tuple(states), question.candidates, question.build_limits, risk, tuple(protected))
    return _with_annual_limits(program, question)


def _with_annual_limits(program: PlanProgram, question: PlanQuestion) -> PlanProgram:
    """Return a problem with allotments of the annual limits of its question to its states."""
    limits = question.annual_limits.finite
    if not limits.names:
        return program
    allotments = allotments_of(limits, program.states, question.year_shares, question.year_labels)
    states = (with_allotments(allotments, place, state) for place, state in enumerate(program.states))
    protected = (replace(each, state=with_allotments(allotments, -1, each.state)) for each in program.protected)
    return _bordered(replace(program, states=tuple(states), protected=tuple(protected)), allotments)


def _bordered(program: PlanProgram, allotments: Allotments) -> PlanProgram:
    """Return a problem of states with allotments, with their variables and the rows of annual limits."""
    limits, count = program.build_limits, len(allotments.names)
    return replace(
        program,
        candidates=allotments.after(program.candidates, [state.name for state in program.states]),
        build_limits=BuildLimits(
            (*limits.names, *allotments.names),
            (*limits.sense, *["<="] * count),
            np.append(limits.amount, allotments.amount),
        ),
        allotments=allotments,
    )


def _is_of_same_states(question: PlanQuestion, before: PlanQuestion | None) -> bool:
    """Whether builds add the same to the same states as in an earlier question."""
    if before is None or question.additions != before.additions or len(question.by_year) != len(before.by_year):
        return False
    pairs = zip(question.by_year, before.by_year, strict=True)
    return all(_is_same(now.given, then.given) and now.sets_sunk == then.sets_sunk for now, then in pairs)


def _is_same(now: Given, then: Given) -> bool:
    """Whether an instance and states are the same objects, and their security is equal."""
    return now[0] is then[0] and now[1] is then[1] and now[2] == then[2]


def _known(
    problem: PlanProgram, start: ProvenPlan | None
) -> tuple[Sequence[PriceVector] | PricePool, FloatArray | None]:
    """Return the price vectors and the units of an earlier plan."""
    if start is None:
        return (), None
    names = start.problem.candidates.names
    if names != problem.candidates.names:
        raise InstanceError([Violation("plan", "", "start", f"a plan of {', '.join(names[:3])}, ...", _SAME)])
    return start.pool, start.point
