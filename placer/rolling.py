"""A long horizon solved in steps: each step looks ahead, keeps its first hours, and hands on the work that waits.

With H kept hours and A hours of look ahead, step n solves the hours [n H, (n + 1) H + A) and keeps the first H of them.
Work that arrives in the kept hours and is planned for later is the backlog of the next step, at its data centre and
with its remaining hours. The kept cost of a step is

    transit, surcharges and loss of value of work that arrives in the kept hours
    + work, energy and carbon of work served in them
    + penalty of work in the backlog, or that arrives in them, and is left unserved

The kept parts together are a placement of the whole horizon, except for transit, surcharges and loss of value of work
that was sent and left unserved later. So they never cost less than the whole horizon solved at once. They cost the same
if every step looks ahead to the end.

Default penalties are those of the whole horizon. A step has a share of the remaining cap on carbon or water, in
proportion to its share of the remaining hours.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.currency import USD, amount_in
from placer.errors import InstanceError, NoSolutionError, Violation
from placer.instance.arguments import need_instance, need_number
from placer.instance.changes.rolling import part_of
from placer.instance.checks.policy_checks import quota_problems
from placer.instance.hours.horizon import index_of
from placer.instance.hours.timestamps import short_text
from placer.instance.tables.backlog import out_of_order, stated
from placer.io.results import Result
from placer.ladder.named import solver_of
from placer.least_cost.tie_break import Rule, check_rule
from placer.model.caps import CARBON_CAP, WATER_CAP
from placer.model.formulation import formulate
from placer.placement.accounts import ARC_PARTS, NEGLIGIBLE, arc_usd
from placer.placement.headlines import mtok_in_words
from placer.running import check_time, phase, running
from placer.solve import place_instance
from placer.termination import Reason
from placer.utils import notebook
from placer.utils.solver_limits import SMALLEST

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.ladder.proven import AnySolver
    from placer.placement.result import Placement
    from placer.running import Progress

_log = logging.getLogger(__name__)

#: Columns of a step, by workload.
_COUNTED = ("demand_mtok", "backlog_mtok", "served_mtok", "unserved_mtok", "remaining_mtok")
#: Tolerance on whole numbers of hours: a division rounds (0.3 / 0.1 is less than 3).
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False, repr=False)
class RolledPlacement(Result):
    """The placements of a rolled horizon, and the hours kept of each.

    Attributes
    ----------
    placements : tuple of Placement or None
        One for every step, its look ahead included; None for a step without demand and backlog.
    steps : DataFrame
        One row per step, by its first hour: ``last_hour`` that is kept; ``demand_mtok`` that arrives, ``backlog_mtok``
        from the step before, ``served_mtok``, ``unserved_mtok`` (of both) and ``remaining_mtok`` handed on;
        ``cost_usd`` and ``penalty_usd``. demand + backlog = served + unserved + remaining.
    workloads : DataFrame
        The same by ``workload`` over all steps: ``demand_mtok``, ``backlog_mtok`` at the start of the horizon,
        ``served_mtok`` and ``unserved_mtok``.
    currency : str
        Of all amounts.
    """

    placements: tuple[Placement | None, ...]
    steps: pd.DataFrame
    workloads: pd.DataFrame
    currency: str = USD

    @property
    def cost_usd(self) -> float:
        """Cost of the kept hours, without the penalty."""
        return float(self.steps["cost_usd"].sum())

    @property
    def penalty_usd(self) -> float:
        """Penalty for unserved demand."""
        return float(self.steps["penalty_usd"].sum())

    @property
    def cost_and_penalty_usd(self) -> float:
        """Cost and penalty: at least those of the whole horizon solved at once, to the tolerance of the proofs."""
        return self.cost_usd + self.penalty_usd

    @property
    def demand_mtok(self) -> float:
        """Demand over all hours."""
        return float(self.workloads["demand_mtok"].sum())

    @property
    def served_mtok(self) -> float:
        """Served demand; each Mtok counts once, in the step that serves it."""
        return float(self.workloads["served_mtok"].sum())

    @property
    def unserved_mtok(self) -> float:
        """Unserved demand."""
        return float(self.workloads["unserved_mtok"].sum())

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        names = ("cost_usd", "penalty_usd", "demand_mtok", "served_mtok", "unserved_mtok")
        return {"steps": len(self.steps)} | {name: getattr(self, name) for name in names}

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``steps``."""
        return self.steps

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``steps`` and ``workloads``."""
        return {"steps": self.steps, "workloads": self.workloads}

    def _repr_html_(self) -> str:
        """Return the main figures and the steps as HTML, for notebooks."""
        return notebook.sentence(repr(self).strip("<>")) + notebook.rows(self.steps, self.currency)

    def __repr__(self) -> str:
        """Return the main figures in one line."""
        return (
            f"<{len(self.steps)} steps: {mtok_in_words(self.served_mtok)} Mtok served, "
            f"{mtok_in_words(self.unserved_mtok)} unserved, "
            f"{amount_in(self.cost_usd, self.currency)} and {amount_in(self.penalty_usd, self.currency)} penalty>"
        )


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
        penalty = formulate(instance).structure.unserved_cost
        whole = instance.replace(workloads=instance.workloads.assign(unserved_usd_per_mtok=penalty))
        return _rolled(whole, kept, ahead, solver, tie_break)


def _steps(instance: Instance, hours: object, look_ahead: object) -> tuple[int, int]:
    """Return the numbers of hours that a step keeps and looks ahead."""
    need_number(hours, "hours")
    need_number(look_ahead, "look_ahead")
    violations = out_of_order(instance.tables, instance.settings)
    violations += [
        Violation("limits", str(name), "", "a limit over the horizon is not shared out among steps", "no limits")
        for name in instance.limits["limit"]
    ]
    why = "a quota over the horizon is not shared out among steps"
    violations += quota_problems(instance.tables["policies"], why, "no quotas")
    length, found = instance.settings.hour_length, []
    for name, given, least in (("hours", hours, 1), ("look_ahead", look_ahead, 0)):
        number = float(given) / length  # type: ignore[arg-type]
        count = round(number) if math.isfinite(number) else -1
        if count < least or abs(number - count) > _ROUNDING * max(number, 1.0):
            allowed = f"{least}, {least + 1}, {least + 2}, ... times the hour_length of {length:g}"
            violations.append(Violation("roll", "", name, f"{given:g} hours do not fit", allowed))
        found.append(count)
    if violations:
        raise InstanceError(violations)
    return found[0], found[1]


def _rolled(whole: Instance, kept: int, ahead: int, solver: AnySolver | None, tie_break: Rule) -> RolledPlacement:
    labels, count = index_of(whole.hours), len(whole.hours)
    least = NEGLIGIBLE * float(whole.demand["mtok"].max())
    names = whole.workloads["workload"][whole.workloads["backlog_of"].isna()]
    placements: list[Placement | None] = []
    rows, counted = [], []
    backlog, left, caps = whole.backlog, _Caps.of(whole), _Caps.of(whole)
    for first in range(0, count, kept):
        end, solved = min(first + kept, count), min(first + kept + ahead, count)
        check_time(f"{len(placements)} of {-(-count // kept)} steps are solved")
        with phase(_log, f"hours {short_text(labels[first])} to {short_text(labels[end - 1])}"):
            part = _part(whole, first, solved, backlog, left.for_hours(solved - first, count - first, caps))
            placement = None if part is None else place_instance(part, solver, tie_break)
        placements.append(placement)
        found = pd.DataFrame(0.0, index=pd.Index(names, name="workload"), columns=list(_COUNTED))
        figures = {"cost_usd": 0.0, "penalty_usd": 0.0}
        if placement is not None:
            remaining = placement.remaining(labels[end]) if end < solved else backlog.iloc[:0]
            backlog = remaining[remaining["mtok"] > least]
            _need_stated(float(backlog["mtok"].min()), "Mtok wait")
            found = found.add(_counted(placement, end - first, backlog), fill_value=0.0).loc[names]
            figures, left = _costs(placement, end - first), left.less(placement, end - first)
        counted.append(found)
        rows.append({"last_hour": labels[end - 1]} | {name: float(found[name].sum()) for name in _COUNTED} | figures)
    steps = pd.DataFrame(rows, index=labels[::kept].rename("hour"))
    total = sum(counted[1:], counted[0]).assign(backlog_mtok=counted[0]["backlog_mtok"])
    return RolledPlacement(tuple(placements), steps, total.drop(columns="remaining_mtok"), whole.settings.currency)


def _need_stated(amount: float, what: str) -> None:
    """Refuse an amount, more than rounding, that no instance can state: left out, it would be lost."""
    if amount < SMALLEST:
        why = f"less than {SMALLEST:g}, which solvers take for nothing; scale up demand and limits"
        raise NoSolutionError(Reason.FAILED, f"{amount:.1e} {what}: {why}")


def _part(whole: Instance, first: int, end: int, backlog: pd.DataFrame, caps: dict[str, float]) -> Instance | None:
    """Return the instance of a step; None without demand and backlog."""
    changed = part_of(whole.tables, whole.hours, whole.hours[first], whole.hours[end - 1])
    if backlog.empty and not changed["demand"]["mtok"].sum() > 0:
        return None
    changed |= stated(dict(whole.tables) | changed, whole.settings, backlog)
    return whole.replace(**changed, **caps)


def _counted(placement: Placement, hours: int, remaining: pd.DataFrame) -> pd.DataFrame:
    """Return the arriving, waiting, served and unserved work of the kept hours, by workload."""
    structure, accounts, workloads = placement.formulation.structure, placement.accounts, placement.instance.workloads
    asked_as = workloads["backlog_of"].fillna(workloads["workload"])
    early, own = structure.demand_period < hours, placement.asked_for
    of_demand = asked_as.to_numpy(object)[structure.demand_class]

    def by_workload(names: Any, mtok: Any) -> pd.Series:
        return pd.Series(mtok, dtype=float).groupby(np.asarray(names, dtype=object)).sum()

    amount = structure.demand_amount
    found: dict[str, pd.Series] = {
        "demand_mtok": by_workload(of_demand, np.where(early & own, amount, 0.0)),
        "backlog_mtok": by_workload(of_demand, np.where(own, 0.0, amount)),
        "served_mtok": by_workload(asked_as, accounts.served[:, :, :hours].sum(axis=(1, 2))),
        "unserved_mtok": by_workload(of_demand, np.where(early, accounts.unserved, 0.0)),
        "remaining_mtok": by_workload(remaining["workload"], remaining["mtok"].to_numpy(float)),
    }
    return pd.DataFrame(found, columns=list(_COUNTED)).fillna(0.0)


def _costs(placement: Placement, hours: int) -> dict[str, float]:
    """Return the cost and the penalty of the kept hours."""
    structure, accounts = placement.formulation.structure, placement.accounts
    early = structure.demand_period < hours
    sent = sum(arc_usd(structure, accounts, part)[early[accounts.demand]].sum() for part in ARC_PARTS)
    work = (structure.work_cost * accounts.served)[:, :, :hours].sum()
    power = (structure.tier_cost * accounts.bought)[:, :hours].sum()
    penalty = structure.unserved_cost[structure.demand_class] * np.where(early, accounts.unserved, 0.0)
    return {"cost_usd": float(sent + work + power), "penalty_usd": float(penalty.sum())}


@dataclass(frozen=True)
class _Caps:
    """The remaining caps on carbon and water; inf without a cap."""

    carbon_limit_kg: float
    water_limit_litres: float

    @classmethod
    def of(cls, instance: Instance) -> _Caps:
        return cls(instance.settings.carbon_limit_kg, instance.settings.water_limit_litres)

    def for_hours(self, hours: int, left: int, whole: _Caps) -> dict[str, float]:
        """Return the settings of a step: its share, by hours, of the remaining caps, given those of the horizon."""
        shares = {name: value * hours / left for name, value in vars(self).items()}
        for name, share in shares.items():
            if share > NEGLIGIBLE * getattr(whole, name):
                _need_stated(share, f"of {name} is left")
        return {name: share if share >= SMALLEST else 0.0 for name, share in shares.items()}

    def less(self, placement: Placement, hours: int) -> _Caps:
        """Return the caps that remain after the kept hours of a placement."""
        structure, accounts = placement.formulation.structure, placement.accounts
        carbon = (structure.cap_tier[CARBON_CAP] * accounts.bought)[:, :hours].sum()
        water = (structure.cap_work[WATER_CAP] * accounts.served)[:, :, :hours].sum()
        return _Caps(self.carbon_limit_kg - float(carbon), self.water_limit_litres - float(water))
