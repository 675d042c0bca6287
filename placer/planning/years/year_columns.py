"""A plan over years as a plan: a column for every candidate and year in which it can be decided.

A unit that is decided in year y stands in the planning years Y with

    y + lead_years <= Y < y + lead_years + lifetime_years

and costs its annuity in these years only. So the cost of a column is ``c_r sum_Y share_Y stands_yY``, it adds ``M_or
stands_yY`` to the limits of a state o of year Y, and takes ``A_lr stands_yY`` of build limit l in that year: limits
apply to units in service. The maximum units of a candidate also apply to its units in service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from placer.decomposition.member import Member
from placer.errors import InstanceError, Violation
from placer.instance.tables.given import TableLike
from placer.planning.question.annual_limits import AnnualLimits
from placer.planning.question.build_limits import BuildLimits
from placer.planning.question.candidates import Candidates, candidates_at
from placer.planning.question.problem import PlanningProblem, planning_problem
from placer.planning.years.planning_years import Years
from placer.running import in_time
from placer.security.definition import Kind, Security
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class YearColumns:
    """The possible decisions, and the years of service of each.

    Attributes
    ----------
    candidate : (columns,) int array
        Position among the candidates.
    decided : (columns,) int array
        Year of the decision.
    stands : (columns, years) bool array
        Planning years in which a unit is in service; at least one for each column.
    """

    candidate: IntArray
    decided: IntArray
    stands: BoolArray


@dataclass(frozen=True, eq=False)
class YearsProblem:
    """The checked arrays of a plan over years.

    Attributes
    ----------
    by_year : tuple of PlanningProblem
        Instance, candidates, states and build limits of every planning year alone.
    candidates : Candidates
        One for each column, with its equivalent annual cost.
    build_limits : BuildLimits
        Of every year.
    """

    years: Years
    by_year: tuple[PlanningProblem, ...]
    columns: YearColumns
    candidates: Candidates
    build_limits: BuildLimits

    @property
    def annual_limits(self) -> AnnualLimits:
        """Limits over all states of each planning year."""
        return self.by_year[0].annual_limits

    @property
    def year_shares(self) -> FloatArray:
        """The share of each planning year in the equivalent annual cost (years,)."""
        return self.years.shares

    @property
    def year_labels(self) -> tuple[str, ...]:
        """What follows the name of an annual limit in each planning year."""
        return tuple(f", {year}" for year in self.years.years)

    @property
    def additions(self) -> tuple[object, ...]:
        """The data of columns on which the additions by a unit to the limits of states depend."""
        built = self.candidates
        own = self.annual_limits.finite.names
        return built.adds, built.target, built.usable_share, self.columns.stands.tolist(), *own

    def in_year(self, year: int, state: Member) -> Member:
        """Return a state with the additions by a unit of each column in its year, weighted by the share of the year."""
        stands = self.columns.stands[:, year].astype(float)
        added = state.added[:, self.columns.candidate].multiply(stands).tocsr()
        added.eliminate_zeros()
        return replace(state, weight=state.weight * float(self.years.shares[year]), added=added, group=year)


def years_problem(
    years: Years,
    candidates: Candidates | TableLike,
    build_limits: BuildLimits | Mapping[str, float] | TableLike | None,
    security: Security | Kind | None = None,
    annual_limits: AnnualLimits | Mapping[str, float] | TableLike | None = None,
) -> YearsProblem:
    """Return a plan over years as arrays.

    Raises
    ------
    ArgumentError
        If the candidates or the build limits are no table.
    InstanceError
        Listing every violation, of all years at once.
    """
    found: list[Violation] = []
    by_year: list[PlanningProblem] = []
    for instance, states in in_time(zip(years.instances, years.states, strict=True), "checking the planning years"):
        try:
            by_year.append(planning_problem(instance, candidates, states, build_limits, security, annual_limits))
        except InstanceError as error:
            found += error.violations
    if found:
        raise InstanceError(dict.fromkeys(found))
    columns = _columns(years, by_year[0].candidates)
    limits, takes = _limits(years, by_year[0].build_limits, by_year[0].candidates, columns)
    expanded = replace(_expanded(years, by_year[0].candidates, columns), takes=takes, limit_names=limits.names)
    return YearsProblem(years, tuple(by_year), columns, expanded, limits)


def _columns(years: Years, candidates: Candidates) -> YearColumns:
    lead, lifetime = candidates.lead_years, candidates.lifetime_years
    planned = np.array(years.years)
    candidate, place = (each.ravel() for each in np.indices((len(lead), len(planned))))
    first = (planned[place] + lead[candidate])[:, None]
    stands = (planned >= first) & (planned < first + lifetime[candidate, None])
    kept = stands.any(axis=1)
    return YearColumns(candidate[kept], planned[place[kept]], stands[kept])


def _expanded(years: Years, candidates: Candidates, columns: YearColumns) -> Candidates:
    """Return the columns as candidates of the name ``CANDIDATE, YEAR``, the years of service counted in their costs."""
    made, counted = candidates_at(candidates, columns.candidate), columns.stands @ years.shares
    return replace(
        made,
        names=tuple(f"{name}, {year}" for name, year in zip(made.names, columns.decided.tolist(), strict=True)),
        cost_usd_per_unit_year=made.cost_usd_per_unit_year * counted,
        opening_usd_per_year=made.opening_usd_per_year * counted,
    )


def _limits(
    years: Years, limits: BuildLimits, candidates: Candidates, columns: YearColumns
) -> tuple[BuildLimits, FloatArray]:
    """Return the build limits of every year, with those on the maximum units of a candidate, and the use by columns."""
    names, senses, amounts, takes = [], [], [], []
    for place, year in enumerate(years.years):
        stands = columns.stands[:, place]
        for limit, (name, sense, amount) in enumerate(zip(limits.labels, limits.sense, limits.amount, strict=True)):
            names.append(f"{name}, {year}")
            senses.append(sense)
            amounts.append(float(amount))
            takes.append(candidates.takes[columns.candidate, limit] * stands)
        for row in np.flatnonzero(np.isfinite(candidates.max_units)).tolist():
            there = stands & (columns.candidate == row)
            if there.sum() > 1:  # one column alone has its bound
                names.append(f"max_units of {candidates.names[row]}, {year}")
                senses.append("<=")
                amounts.append(float(candidates.max_units[row]))
                takes.append(there.astype(float))
    shape = (len(names), len(columns.candidate))
    return BuildLimits(tuple(names), tuple(senses), np.array(amounts)), np.array(takes).reshape(shape).T
