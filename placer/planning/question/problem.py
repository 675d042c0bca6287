"""The question of a plan: consistent states, candidates, build limits, and the usable share of a unit in each hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from placer.decomposition.member import Member
from placer.errors import InstanceError, Violation, collected
from placer.instance.arguments import need, need_instance
from placer.instance.attributes.schema import TABLES
from placer.instance.attributes.validation import show
from placer.instance.hours.by_hour import in_order, index_problem, span_of
from placer.instance.problem import Instance
from placer.instance.tables.given import TableLike
from placer.planning.question.annual_limits import AnnualLimits, annual_limit_problems, annual_limits_of
from placer.planning.question.build_limits import BuildLimits, build_limits_of
from placer.planning.question.candidates import Candidates, UsableShare, candidates_of
from placer.planning.question.outages import ALL_YEAR
from placer.planning.question.states import States
from placer.planning.question.targets import OF_BATTERIES, row_labels, target_problems
from placer.running import in_time
from placer.security.definition import Kind, Security
from placer.utils.arrays import FloatArray
from placer.utils.numbers import quantity

#: The instance, the states and the security of a plan, as they are given.
Given = tuple[Instance, States | None, Security | Kind | None]

#: Tables whose rows must be the same in every state, since builds and their values refer to them.
_COMMON = ("workloads", "hubs", "data_centres", "power_zones", "modes", "accelerator_pools")


class PlanQuestion(Protocol):
    """What a plan answers: a planning problem, or one over planning years."""

    @property
    def candidates(self) -> Candidates:
        """What can be built."""
        ...

    @property
    def build_limits(self) -> BuildLimits:
        """Limits on what is built."""
        ...

    @property
    def annual_limits(self) -> AnnualLimits:
        """Limits over all states of a year."""
        ...

    @property
    def by_year(self) -> tuple[PlanningProblem, ...]:
        """The problem of each planning year alone."""
        ...

    @property
    def year_shares(self) -> FloatArray:
        """The share of each planning year in the cost, by which its weights are multiplied (years,)."""
        ...

    @property
    def year_labels(self) -> tuple[str, ...]:
        """What follows the name of an annual limit in each planning year."""
        ...

    @property
    def additions(self) -> tuple[object, ...]:
        """The data of candidates on which the additions by a unit to the limits of states depend."""
        ...

    def in_year(self, year: int, state: Member, /) -> Member:
        """Return a state of the problem of a year, by position, as a part of the whole plan."""
        ...


@dataclass(frozen=True, eq=False)
class PlanningProblem:
    """The candidates, the states that they serve, and the build limits.

    Attributes
    ----------
    instance : Instance
        The existing network.
    states : States
        With those of losses, if there is a security.
    given : tuple of Instance, States or None, and Security, str or None
    """

    instance: Instance
    candidates: Candidates
    states: States
    build_limits: BuildLimits
    given: Given
    annual_limits: AnnualLimits

    @property
    def sets_sunk(self) -> bool:
        """Whether the plan made accelerators sunk, which the instance prices by use."""
        return self.instance is not self.given[0]

    def counted(self, states: States) -> States:
        """Return states with sunk accelerators, if those of the plan are."""
        return states.with_sunk_accelerators() if self.sets_sunk else states

    @property
    def by_year(self) -> tuple[PlanningProblem, ...]:
        """The problem itself: it has one planning year."""
        return (self,)

    @property
    def year_shares(self) -> FloatArray:
        """The share of its year in the cost: all of it."""
        return np.ones(1)

    @property
    def year_labels(self) -> tuple[str, ...]:
        """No label: there is one year."""
        return ("",)

    @property
    def additions(self) -> tuple[object, ...]:
        """The data of candidates and annual limits on which the additions to the limits of states depend."""
        built = self.candidates
        return built.adds, built.target, built.usable_share, *self.annual_limits.finite.names

    def in_year(self, _year: int, state: Member) -> Member:
        """Return a state as a part of the whole plan: the state itself."""
        return state


def planning_problem(
    instance: Instance,
    candidates: Candidates | TableLike,
    states: States | None = None,
    build_limits: BuildLimits | Mapping[str, float] | TableLike | None = None,
    security: Security | Kind | None = None,
    annual_limits: AnnualLimits | Mapping[str, float] | TableLike | None = None,
) -> PlanningProblem:
    """Return the checked question of a plan.

    Parameters
    ----------
    candidates : Candidates or table
        See ``Candidates.of``.
    states : States, optional
        The instance all year if not given.
    build_limits : mapping of str to float, or table, optional
        See ``BuildLimits.of``.
    security : Security or str, optional
        See ``States.with_security``.
    annual_limits : mapping of str to float, or table, optional
        See ``annual_limits_of``.

    Raises
    ------
    ArgumentError
        If an argument has another type.
    InstanceError
        Listing every violation: in the candidates, in the build limits, and between them. Every workload with
        demand needs steps, a value or a penalty of its own, since the default penalty would decide the builds.

    Notes
    -----
    With candidates of accelerators, whose cost is yearly, accelerators are sunk in the instance and in all states: by
    use as well their capital would count twice.
    """
    need_instance(instance)
    need(states, (States, type(None)), "States", 'placer.States({"low": (instance, 0.3), ...}) returns some')
    planned = States({ALL_YEAR: (instance, 1.0)}, instance) if states is None else states
    limits, violations = build_limits_of(build_limits)
    chosen, found = (candidates, []) if isinstance(candidates, Candidates) else candidates_of(candidates, limits)
    chosen, unaligned = aligned(chosen, instance)
    violations += [*found, *_state_problems(instance, planned), *unaligned, *span_problems(chosen, planned)]
    violations += target_problems(instance, chosen.names, chosen.adds, chosen.target)
    violations += _between(chosen, limits) + _of_pools_by_hour(instance, chosen)
    annual, found = annual_limits_of(annual_limits)
    violations += found + annual_limit_problems(annual, limits.names, planned)
    known = instance
    by_use = any(each.settings.accelerators == "by_use" for each in (instance, *planned.instances))
    if "accelerators" in chosen.adds and by_use:
        known, planned = instance.replace(accelerators="sunk"), planned.with_sunk_accelerators()
    secured = planned if security is None else collected(violations, lambda: planned.with_security(security))
    if violations or secured is None:
        raise InstanceError(dict.fromkeys(violations))
    return PlanningProblem(known, chosen, secured, limits, (instance, states, security), annual)


def counted_beside_cost(problems: Sequence[PlanningProblem]) -> tuple[bool, bool]:
    """Return whether demand has steps, and whether a region is paid by a policy, in any state."""
    states = [state for each in problems for state in each.states.instances]
    with_steps = any(len(state.demand_steps) for state in states)
    return with_steps, any(bool(state.tables["policies"]["paid_to"].notna().any()) for state in states)


def in_words(problems: Sequence[PlanningProblem]) -> list[tuple[str, str]]:
    """Return lines on what a plan of some planning years made of its question, and on what its cost counts."""
    lines = []
    if any(each.sets_sunk for each in problems):
        lines.append(("Accelerators", "sunk, set by the plan: of existing ones only operations count"))
    with_steps, with_transfers = counted_beside_cost(problems)
    if with_steps:
        lines.append(("Demand", "in steps; the cost counts the value of demand that is not bought"))
    if with_transfers:
        lines.append(("Transfers", "the cost counts tariffs and premia that regions are paid"))
    if any(len(state.contracts) for each in problems for state in each.states.instances):
        counted = "their energy counts at its price of sale; contracts_usd_per_year is paid beside the cost"
        lines.append(("Contracts", counted))
    limits = problems[0].annual_limits.finite
    for name, amount in zip(limits.names, limits.amount.tolist(), strict=True):
        lines.append(("Annual limit", f"{name}: at most {quantity(amount)} over all states of a year"))
    security = problems[0].states.security
    if security is not None:
        kind = security.contingencies
        lost = f"{kind.replace('_', ' ')}, each lost alone" if isinstance(kind, str) else "contingencies of a table"
        hours = f", {quantity(security.hours_a_year)} hours a year each" if security.hours_a_year else ""
        most = f"at most {security.most_stranded or 0:.2%} of protected work strands"
        lines.append(("Security", f"{lost}{hours}; {most}"))
    return lines


def problems_of(
    instance: Instance | None, candidates: TableLike | None, build_limits: TableLike | None
) -> list[Violation]:
    """Return the violations of the parts of a question that could be read; None stands for the others."""
    try:
        if instance is not None and candidates is not None:
            planning_problem(instance, candidates, None, build_limits)
            return []
        limits, violations = build_limits_of(build_limits)
        return violations if candidates is None else violations + candidates_of(candidates, limits)[1]
    except InstanceError as error:
        return list(error.violations)


def _between(candidates: Candidates, limits: BuildLimits) -> list[Violation]:
    """Return the contradictions between candidates and build limits."""
    if candidates.limit_names == limits.names:
        return _without_maximum(candidates, limits)
    problem = f"{', '.join(candidates.limit_names) or 'none'} in the candidates"
    return [Violation("build_limits", "", "limit", problem, "the build limits that Candidates.of was given")]


def _of_pools_by_hour(instance: Instance, candidates: Candidates) -> list[Violation]:
    """Return a violation for every candidate usable by the hour of a pool or a battery, which has one number."""
    pools = set(row_labels(instance, "accelerator_pools"))
    named = zip(candidates.names, candidates.adds, candidates.target, candidates.usable_share, strict=True)
    return [
        Violation("candidates", name, "usable_share", f"by the hour, of a {kind}", "one number")
        for name, adds, target, share in named
        if np.ndim(share)
        for kind, is_one in (
            ("pool of accelerators", adds == "accelerators" and target in pools),
            ("battery", adds in OF_BATTERIES),
        )
        if is_one
    ]


def _state_problems(instance: Instance, states: States) -> list[Violation]:
    """Return the contradictions between the states and the instance of the plan."""
    found, known = [], {table: instance.tables[table] for table in _COMMON}
    for name, state in in_time(zip(states.names, states.instances, strict=True), "checking the states"):
        own = known if state is instance else {table: state.tables[table] for table in _COMMON}
        for table in _COMMON:
            if any(own[table][key].tolist() != known[table][key].tolist() for key in TABLES[table].key):
                problem = f"other {table.replace('_', ' ')} than the instance, or in another order"
                found.append(Violation("states", name, table, problem, "the same names in the same order"))
        ones = [np.isinf(each["accelerator_pools"]["accelerators"].to_numpy(float)) for each in (own, known)]
        if not np.array_equal(ones[0], ones[1]):
            problem = "other pools than those of the instance are unlimited"
            found.append(Violation("states", name, "accelerator_pools", problem, "unlimited in all states, or in none"))
        if state.settings.currency != (currency := instance.settings.currency):
            found.append(
                Violation("states", name, "currency", show(state.settings.currency), f"{currency}, as the plan")
            )
        found += _without_value(state, own["workloads"])
    return found


def _without_value(state: Instance, workloads: pd.DataFrame) -> list[Violation]:
    """Return a violation for every workload with demand and neither steps, a value nor a penalty of its own."""
    demand = state.demand
    asked = set(demand["workload"][demand["mtok"] > 0])
    valued = workloads["unserved_usd_per_mtok"].notna() | (workloads["value_usd_per_mtok"] > 0)
    valued |= workloads["workload"].isin(state.demand_steps["workload"])
    of_another = workloads["backlog_of"].notna()
    names = workloads["workload"][~valued & ~of_another & workloads["workload"].isin(asked)]
    problem = "no value of unserved tokens: a default would decide what is built"
    allowed = "unserved_usd_per_mtok or value_usd_per_mtok"
    return [Violation("workloads", str(name), "unserved_usd_per_mtok", problem, allowed) for name in names]


def _without_maximum(candidates: Candidates, limits: BuildLimits) -> list[Violation]:
    """Return a violation for every candidate without a maximum whose units relax a build limit.

    For other candidates a plan takes as maximum the units above which no state has a use for them.
    """
    helps = np.where(np.array([sense == "<=" for sense in limits.sense]), candidates.takes < 0, candidates.takes > 0)
    helped, limit = np.nonzero(helps & np.isinf(candidates.max_units)[:, None])
    return [
        Violation(
            "candidates",
            candidates.names[row],
            "max_units",
            f"inf, and its units help to keep the build limit {limits.names[column]}",
            "a finite maximum",
        )
        for row, column in zip(helped.tolist(), limit.tolist(), strict=True)
    ]


_COLUMN = "usable_share"


def aligned(candidates: Candidates, instance: Instance) -> tuple[Candidates, list[Violation]]:
    """Return candidates whose shares are in the order of the hours of an instance, and what does not match."""
    if not any(isinstance(share, pd.Series) for share in candidates.usable_share):
        return candidates, []
    shares: list[UsableShare] = []
    found, hours = list[Violation](), instance.hours
    for name, share in zip(candidates.names, candidates.usable_share, strict=True):
        if isinstance(share, pd.Series) and (problem := index_problem(share.index, hours)):
            allowed = f"{span_of(hours)} in the index, each once; a list is taken by position"
            found.append(Violation("candidates", name, _COLUMN, problem, allowed))
            shares.append(1.0)
        else:
            shares.append(in_order(share, hours) if isinstance(share, pd.Series) else share)
    return replace(candidates, usable_share=tuple(shares)), found


def span_problems(candidates: Candidates, states: States) -> list[Violation]:
    """Return a violation for every share by hour that has more or fewer hours than a state."""
    counts = {len(instance.hours): name for name, instance in zip(states.names, states.instances, strict=True)}
    return [
        Violation(
            "candidates",
            name,
            _COLUMN,
            f"{len(share)} hourly values for {count} hours of the state {state}",
            "one number, or one per hour",
        )
        for name, share in zip(candidates.names, candidates.usable_share, strict=True)
        if isinstance(share, tuple)
        for count, state in counts.items()
        if len(share) != count
    ]
