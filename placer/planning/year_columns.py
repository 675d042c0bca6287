"""A plan over years as a plan: a column for every candidate and year in which it can be decided.

A unit that is decided in year y stands in the planning years Y with

    y + lead_years <= Y < y + lead_years + lifetime_years

and costs its annuity in these years only. So the cost of a column is ``c_r sum_Y share_Y stands_yY``, it adds ``M_or
stands_yY`` to the limits of a state o of year Y, and takes ``A_lr stands_yY`` of build limit l in that year: limits
apply to units in service. The maximum units of a candidate also apply to its units in service.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from placer.errors import InstanceError, Violation
from placer.planning.build_limits import BuildLimits
from placer.planning.candidates import Candidates
from placer.planning.plan import program_of
from placer.planning.plan_program import PlanProgram
from placer.planning.problem import planning_problem
from placer.planning.risk import NEUTRAL
from placer.running import in_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from placer.instance.given import TableLike
    from placer.planning.problem import PlanningProblem
    from placer.planning.state_program import StateProgram
    from placer.planning.years import Years
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
    years : Years
    by_year : tuple of PlanningProblem
        Instance, candidates, states and build limits of every planning year alone.
    columns : YearColumns
    program : PlanProgram
        Over all years, with equivalent annual costs.
    """

    years: Years
    by_year: tuple[PlanningProblem, ...]
    columns: YearColumns
    program: PlanProgram


def years_problem(
    years: Years,
    candidates: Candidates | TableLike,
    build_limits: BuildLimits | Mapping[str, float] | TableLike | None,
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
            by_year.append(planning_problem(instance, candidates, states, build_limits))
        except InstanceError as error:
            found += error.violations
    if found:
        raise InstanceError(dict.fromkeys(found))
    columns = _columns(years, by_year[0].candidates)
    return YearsProblem(years, tuple(by_year), columns, _program(years, by_year, columns))


def _columns(years: Years, candidates: Candidates) -> YearColumns:
    lead, lifetime = candidates.lead_years, candidates.lifetime_years
    planned = np.array(years.years)
    candidate, place = (each.ravel() for each in np.indices((len(lead), len(planned))))
    first = (planned[place] + lead[candidate])[:, None]
    stands = (planned >= first) & (planned < first + lifetime[candidate, None])
    kept = stands.any(axis=1)
    return YearColumns(candidate[kept], planned[place[kept]], stands[kept])


def _program(years: Years, by_year: list[PlanningProblem], columns: YearColumns) -> PlanProgram:
    programs = [program_of(each, NEUTRAL) for each in in_time(by_year, "formulating the planning years")]
    states, protected = [], []
    for place, (program, share) in enumerate(zip(programs, years.shares.tolist(), strict=True)):
        stands = columns.stands[:, place]
        states += [_with_columns(each, columns.candidate, stands, share) for each in program.states]
        protected += [
            replace(each, state=_with_columns(each.state, columns.candidate, stands, share))
            for each in program.protected
        ]
    candidates = by_year[0].candidates
    limits, takes = _limits(years, by_year[0].build_limits, candidates, columns)
    counted = columns.stands @ years.shares
    expanded = Candidates(
        names=column_names(candidates.names, columns),
        adds=tuple(candidates.adds[each] for each in columns.candidate.tolist()),
        target=tuple(candidates.target[each] for each in columns.candidate.tolist()),
        cost_usd_per_unit_year=candidates.cost_usd_per_unit_year[columns.candidate] * counted,
        max_units=candidates.max_units[columns.candidate],
        module_units=candidates.module_units[columns.candidate],
        opening_usd_per_year=candidates.opening_usd_per_year[columns.candidate] * counted,
        lead_years=candidates.lead_years[columns.candidate],
        lifetime_years=candidates.lifetime_years[columns.candidate],
        usable_share=tuple(candidates.usable_share[each] for each in columns.candidate.tolist()),
        takes=takes,
        limit_names=limits.names,
    )
    return PlanProgram(tuple(states), expanded, limits, NEUTRAL, tuple(protected))


def column_names(candidates: tuple[str, ...], columns: YearColumns) -> tuple[str, ...]:
    """Return ``CANDIDATE, YEAR`` for every column."""
    pairs = zip(columns.candidate.tolist(), columns.decided.tolist(), strict=True)
    return tuple(f"{candidates[place]}, {year}" for place, year in pairs)


def _with_columns(state: StateProgram, candidate: IntArray, stands: BoolArray, share: float) -> StateProgram:
    """Return a state with the additions by a unit of each column in its year, weighted by the share of the year."""
    added = state.added[:, candidate].multiply(stands.astype(float)).tocsr()
    added.eliminate_zeros()
    return replace(state, weight=state.weight * share, added=added)


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
