"""The plan of least yearly cost over all states, with its own certificate.

    minimise  c z + sum_o w_o Q_o(z)        A z <= build limits,  0 <= z <= max_units

``c`` is the yearly cost of a unit, and ``w_o`` the number of horizons of state o in a year. ``Q_o(z)`` is the least
cost of placing the demand of o at the limits that builds have raised (``placer.planning.added_limits``), unserved
demand at its value. The cost of existing capacity is sunk. ``placer.planning.cuts`` bounds Q_o from below for every z
at once, ``placer.planning.search`` finds the plan, and ``placer.planning.certificate`` proves it.
"""

from __future__ import annotations

import logging
import math
from contextlib import ExitStack
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from placer.errors import InstanceError, Violation
from placer.instance.arguments import need, need_workers
from placer.planning.build_limit_changes import check_build_limits
from placer.planning.closing import check_gap
from placer.planning.journal import Journal, journal_store
from placer.planning.plan_program import PlanProgram
from placer.planning.problem import planning_problem
from placer.planning.protection import protected_states
from placer.planning.proven_plan import prove_plan
from placer.planning.result import Plan
from placer.planning.risk import NEUTRAL, CVaR
from placer.planning.state_programs import state_programs
from placer.running import phase, running

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Executor

    from placer.instance.given import TableLike
    from placer.instance.problem import Instance
    from placer.planning.build_limits import BuildLimits
    from placer.planning.candidates import Candidates
    from placer.planning.cuts import PriceVector
    from placer.planning.pool import Pool
    from placer.planning.problem import PlanningProblem
    from placer.planning.state_program import StateProgram
    from placer.planning.states import States
    from placer.running import Progress
    from placer.utils.arrays import FloatArray

_log = logging.getLogger(__name__)


def plan(
    instance: Instance,
    candidates: Candidates | TableLike,
    states: States | None = None,
    build_limits: BuildLimits | Mapping[str, float] | TableLike | None = None,
    risk: CVaR | None = None,
    *,
    gap: float = 1e-4,
    start: Plan | None = None,
    store: str | os.PathLike[str] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> Plan:
    """Return the plan of least yearly cost, proven to a gap by a certificate of its own.

    Parameters
    ----------
    instance : Instance
        The existing network.
    candidates : DataFrame, sequence of mappings, or Candidates
        The units that can be built; see ``placer.Candidates``.
    states : States, optional
        Demand and network of every state, with its weight; the instance all year if not given.
    build_limits : mapping of str to float, table, or BuildLimits, optional
        Limits on the total use by all builds, such as ``{"budget_usd_year": 1e9}``.
    risk : CVaR, optional
        Aversion to dear years; the mean cost if not given.
    gap : float
        Relative gap between cost and bound at which to stop, above 0.
    start : Plan, optional
        An earlier plan of the same candidates for a warm start: its prices bound the costs of these states too,
        whatever other data have changed. If it is of the same instance and states, these are not formulated again, and
        each goes on from its last master.
    store : path, optional
        File that records every state when it is solved. If the file exists, the search resumes from it; its states and
        the targets of its candidates must be the same (``placer.planning.journal``).
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
    _check(gap, risk, start)
    need_workers(workers, executor)
    with ExitStack() as opened:
        opened.enter_context(running(progress, time_limit_seconds))
        question = planning_problem(instance, candidates, states, build_limits)
        kept = opened.enter_context(journal_store(store, question))
        with phase(_log, f"formulating {len(question.states)} states"):
            problem = program_of(question, risk or NEUTRAL, _known_states(question, start))
        check_build_limits(problem)
        vectors, units = _known(question, start)
        journal = None if kept is None else Journal(kept, problem)
        if journal is not None:
            solved, last = journal.first()
            known = () if start is None else start.vectors
            vectors, units = (*known, *solved), units if last is None else last
        masters = None if start is None else start.masters
        found = prove_plan(problem, gap, workers, vectors, units, journal, executor, masters)
        return Plan(**{each.name: getattr(found, each.name) for each in fields(found)}, question=question)


def program_of(
    question: PlanningProblem, risk: CVaR, formulated: tuple[StateProgram, ...] | None = None
) -> PlanProgram:
    """Return a planning problem as arrays, its states formulated, unless they are already."""
    states = state_programs(question, question.states) if formulated is None else formulated
    program = PlanProgram(states, question.candidates, question.build_limits, risk)
    protection, lost = question.states.protection, question.states.with_losses
    if protection is None:
        return program
    return replace(program, protected=protected_states(question.instance, states, lost, protection))


def _check(gap: float, risk: CVaR | None, start: Plan | None) -> None:
    """Check the arguments that are not tables."""
    check_gap(gap)
    need(risk, (CVaR, type(None)), "a CVaR", "placer.CVaR(level=0.95, weight=0.5) is one")
    need(start, (Plan, type(None)), "a Plan", "placer.plan returns one")


def _known_states(question: PlanningProblem, start: Plan | None) -> tuple[StateProgram, ...] | None:
    """Return the formulated states of an earlier plan; None unless builds add the same to the same states."""
    if start is None:
        return None
    before, (now, then) = start.question, (question.candidates, start.question.candidates)
    is_same = question.instance is before.instance and question.states is before.states
    added = [(each.adds, each.target, each.usable_share) for each in (now, then)]
    return start.problem.states if is_same and added[0] == added[1] else None


def _known(question: PlanningProblem, start: Plan | None) -> tuple[Sequence[PriceVector] | Pool, FloatArray | None]:
    """Return the price vectors and the units of an earlier plan."""
    if start is None:
        return (), None
    if start.question.candidates.names != question.candidates.names:
        problem = f"a plan of {', '.join(start.question.candidates.names[:3])}, ..."
        raise InstanceError([Violation("plan", "", "start", problem, "a plan of the same candidates")])
    return start.pool, start.units
