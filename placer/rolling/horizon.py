"""A long horizon solved in steps: each step looks ahead, keeps its first hours, and hands on the work that waits.

With H kept hours and A hours of look ahead, step n solves the hours [n H, (n + 1) H + A) and keeps the first H of them.
Work that arrives in the kept hours and is planned for later is the backlog of the next step, at its data centre and
with its remaining hours. The kept cost of a step is

    transit, surcharges and loss of value of work that arrives in the kept hours
    + work, energy and carbon of work served in them
    + penalty of work in the backlog, or that arrives in them, and is left unserved
    + what contracts of power cost in them in any case

Charges of policies that a region is paid count like transit, and apart from cost. The kept parts together are a
placement of the whole horizon, except for transit, surcharges, charges and loss of value of work that was sent and left
unserved later. So they never cost less than the whole horizon solved at once. They cost the same if every step looks
ahead to the end.

Default penalties are those of the whole horizon. A step has a share of the remaining cap on carbon or water, and of
what remains of a quota, in proportion to its share of the remaining hours.

Of demand with steps of value a step decides what is bought of its kept hours. What is bought is then fixed: left
unserved, it costs a multiple of its highest value. Value bought less all costs is at most that of the whole horizon.
"""

from __future__ import annotations

import logging
import math
from typing import Any

import pandas as pd

from placer.errors import Violation, on_another_program, refuse
from placer.instance.arguments import need_instance, need_number
from placer.instance.changes.rolling import part_of
from placer.instance.checks.contract_checks import totals_refused
from placer.instance.hours.horizon import index_of
from placer.instance.hours.timestamps import short_text
from placer.instance.problem import Instance
from placer.instance.tables.backlog import out_of_order, stated
from placer.ladder.named import solver_of
from placer.ladder.proven import AnySolver
from placer.least_cost.tie_break import Rule, check_rule
from placer.model.contracts import read_contracts
from placer.model.formulation import formulate_offered
from placer.placement.elastic import Offered
from placer.placement.result import Placement
from placer.rolling.kept import COUNTED, Totals, costs_of, counted_work, need_stated
from placer.rolling.result import RolledPlacement
from placer.running import Progress, check_time, phase, running
from placer.solve import place_instance
from placer.tolerances import INPUT, SOLVER

_log = logging.getLogger(__name__)


def roll(
    instance: Instance,
    hours: float = 24,
    look_ahead: float = 24,
    solver: AnySolver | str | None = None,
    tie_break: Rule = "round_trip",
    *,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> RolledPlacement:
    """Solve a long horizon in steps; each step looks ahead and takes over the work that waits.

    Parameters
    ----------
    instance : Instance
        Its hours are consecutive: not cyclic, without blocks and weights. It may begin with a backlog.
    hours : float
        Kept hours of each step: a whole number of hours of the horizon, at least one.
    look_ahead : float
        Further hours that each step solves and does not keep: a whole number of hours of the horizon, at least 0. Work
        that may wait longer than this is served earlier than necessary. A look ahead of the longest ``deadline_hours``
        shortens no wait.
    solver, tie_break
        As in ``placer.solve``.
    time_limit_seconds, progress
        For all steps together, as in ``placer.running``.

    Raises
    ------
    InstanceError
        If the horizon is cyclic or has blocks or weights, or the hours do not fit it.
    NoSolutionError, SolverError
        As ``placer.solve``; also if a step hands on less work, or is left less of a cap, than an instance can state.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> rolled = placer.roll(tiny, hours=1, look_ahead=1)
    >>> rolled.steps[["demand_mtok", "backlog_mtok", "served_mtok", "remaining_mtok"]]
          demand_mtok  backlog_mtok  served_mtok  remaining_mtok
    hour
    0           145.0           0.0        115.0            30.0
    1            95.0          30.0        125.0             0.0
    >>> round(rolled.cost_usd - placer.solve(tiny).cost_usd, 6)
    0.0
    """
    need_instance(instance)
    solver = solver_of(solver)
    check_rule(tie_break, "roll")
    kept, ahead = _steps(instance, hours, look_ahead)
    with running(progress, time_limit_seconds):
        return _rolled(_with_penalties(instance), kept, ahead, solver, tie_break)


def _with_penalties(instance: Instance) -> Instance:
    """Return the instance with the penalties of its whole horizon; of what is bought, above every value."""
    structure = formulate_offered(instance).structure
    penalty = structure.unserved_cost[: len(instance.workloads)]
    known = instance.replace(workloads=instance.workloads.assign(unserved_usd_per_mtok=penalty))
    if structure.steps is None:
        return known
    return known.replace(workloads=Offered(known, structure).workloads_of_bought())


def _steps(instance: Instance, hours: object, look_ahead: object) -> tuple[int, int]:
    """Return the numbers of hours that a step keeps and looks ahead."""
    need_number(hours, "hours")
    need_number(look_ahead, "look_ahead")
    violations = out_of_order(instance.tables, instance.settings)
    violations += [
        Violation("limits", str(name), "", "a limit over the horizon is not shared out among steps", "no limits")
        for name in instance.limits["limit"]
    ]
    violations += totals_refused(instance.contracts, "a long horizon in steps")
    length, found = instance.settings.hour_length, []
    for name, given, least in (("hours", hours, 1), ("look_ahead", look_ahead, 0)):
        number = float(given) / length  # type: ignore[arg-type]
        count = round(number) if math.isfinite(number) else -1
        if count < least or abs(number - count) > INPUT * max(number, 1.0):
            allowed = f"{least}, {least + 1}, {least + 2}, ... times the hour_length of {length:g}"
            violations.append(Violation("roll", "", name, f"{given:g} hours do not fit", allowed))
        found.append(count)
    refuse(violations)
    return found[0], found[1]


@on_another_program()
def _rolled(whole: Instance, kept: int, ahead: int, solver: AnySolver | None, tie_break: Rule) -> RolledPlacement:
    labels, count = index_of(whole.hours), len(whole.hours)
    least, contracts_usd = SOLVER * float(whole.demand["mtok"].max()), read_contracts(whole).fixed_usd_by_hour
    names = whole.workloads["workload"][whole.workloads["backlog_of"].isna()]
    placements: list[Placement | None] = []
    rows, counted = [], []
    backlog, totals, left = whole.backlog, Totals.of(whole), Totals.of(whole)
    for first in range(0, count, kept):
        end, solved = min(first + kept, count), min(first + kept + ahead, count)
        check_time(f"{len(placements)} of {-(-count // kept)} steps are solved")
        with phase(_log, f"hours {short_text(labels[first])} to {short_text(labels[end - 1])}"):
            part = _part(whole, first, solved, backlog, left.for_hours(solved - first, count - first, whole, totals))
            placement = None if part is None else place_instance(part, solver, tie_break)
        placements.append(placement)
        found = pd.DataFrame(0.0, index=pd.Index(names, name="workload"), columns=list(COUNTED))
        if part is not None and placement is not None:
            remaining = placement.remaining(labels[end]) if end < solved else backlog.iloc[:0]
            backlog = remaining[remaining["mtok"] > least]
            need_stated(float(backlog["mtok"].min()), "Mtok wait")
            left = left.less(placement, end - first)
            work = counted_work(part, placement, labels[first:end], backlog)
            found = found.add(work, fill_value=0.0).loc[names]
        counted.append(found)
        sums = {name: float(found[name].sum()) for name in COUNTED}
        usd = costs_of(placement, labels[first:end])
        usd["cost_usd"] += float(contracts_usd[first:end].sum())
        rows.append({"last_hour": labels[end - 1]} | sums | usd)
    steps = pd.DataFrame(rows, index=labels[::kept].rename("hour"))
    total = sum(counted[1:], counted[0]).assign(backlog_mtok=counted[0]["backlog_mtok"])
    return RolledPlacement(tuple(placements), steps, total.drop(columns="remaining_mtok"), whole.settings.currency)


def _part(whole: Instance, first: int, end: int, backlog: pd.DataFrame, totals: dict[str, Any]) -> Instance | None:
    """Return the instance of a step; None without demand and backlog."""
    changed = part_of(whole.tables, whole.hours, whole.hours[first], whole.hours[end - 1])
    if backlog.empty and not changed["demand"]["mtok"].sum() > 0:
        return None
    changed |= stated(dict(whole.tables) | changed, whole.settings, backlog)
    return whole.replace(**changed, **totals)
