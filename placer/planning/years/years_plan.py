"""The plan of least equivalent annual cost over planning years, with the certificate of a plan.

    minimise  sum_Y share_Y (c z_Y + measure_o Q_oY(z_Y))        z_Y = sum of the units that stand in Y

``placer.planning.years.planning_years`` gives the shares and ``placer.planning.years.year_columns`` gives the years of
service of a unit. The program is that of ``placer.plan`` with a column for every candidate and year of decision, so
search and proof are the same. Years follow each other, and states are chances: a risk is measured over the states of
each year.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.decomposition.risk import CVaR
from placer.errors import InstanceError, Violation
from placer.instance.arguments import need
from placer.instance.problem import Instance
from placer.instance.tables.given import TableLike
from placer.io.results import Result
from placer.placement.result import Placement
from placer.planning.answer.annual_use import (
    allotted_amounts,
    annual_tables,
)
from placer.planning.answer.plan_figures import build_limit_table
from placer.planning.answer.state_parts import PARTS, PlanByState, figures_of_parts, parts_in_time
from placer.planning.plan import PlanOptions, solve_question
from placer.planning.question.added_limits import with_builds
from placer.planning.question.annual_limits import AnnualLimits, with_amounts
from placer.planning.question.build_limits import BuildLimits
from placer.planning.question.candidates import Candidates
from placer.planning.question.problem import in_words
from placer.planning.question.state_programs import named_position
from placer.planning.years.planning_years import Years
from placer.planning.years.year_columns import YearsProblem, years_problem
from placer.running import Progress
from placer.security.definition import Kind, Security
from placer.solve import place_instance
from placer.utils import notebook
from placer.utils.arrays import FloatArray
from placer.utils.numbers import in_full


@dataclass(frozen=True, eq=False, repr=False)
class YearsPlan(PlanByState, Result):
    """What to build in which year; ``certificate`` bounds how far the plan is from least cost.

    Attributes
    ----------
    question : YearsProblem
        Years, candidates and build limits.
    """

    question: YearsProblem

    @property
    def present_value_usd(self) -> float:
        """Present value of all costs in the first year."""
        return self.cost_usd_per_year * float(self.question.years.discounted_years.sum())

    @cached_property
    def builds(self) -> pd.DataFrame:
        """One row a candidate and useful year of decision.

        ``units``; ``stands_from``, ``stands_until``: the first year in service and the first year after service,
        infinite without a lifetime; and of one unit, as equivalent annual amounts in USD: ``unit_cost``, ``value`` (its
        saving over all states and years), ``profit`` (value less cost and rents of build limits).
        """
        columns, certificate, units = self.question.columns, self.certificate, self.problem.built
        built = self.question.candidates
        since = columns.decided + built.lead_years
        names = self.question.by_year[0].candidates.names
        index = pd.MultiIndex.from_arrays(
            [[names[place] for place in columns.candidate.tolist()], columns.decided], names=["candidate", "decided"]
        )
        return pd.DataFrame(
            {
                "units": self.units,
                "stands_from": since,
                "stands_until": since + built.lifetime_years,
                "unit_cost_usd_per_year": self.problem.cost[units],
                "value_usd_per_unit_year": certificate.value_usd_per_unit_year[units],
                "profit_usd_per_unit_year": certificate.profit_usd_per_unit_year[units],
            },
            index=index,
        )

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Units of each candidate in service in each planning year (candidates, years)."""
        names = pd.Index(self.question.by_year[0].candidates.names, name="candidate")
        years = pd.Index(self.question.years.years, name="year")
        return pd.DataFrame(self._standing().T, index=names, columns=years)

    @cached_property
    def build_limits(self) -> pd.DataFrame:
        """One row a build limit, or side of a range, and planning year.

        ``sense``, ``amount``, ``use``, ``rent_usd_per_unit_year``.

        The rent is the saving by one more unit in that year, as an equivalent annual amount.
        """
        pairs = [name.rsplit(", ", 1) for name in self.question.build_limits.names]
        years = [(name, int(year)) for name, year in pairs]
        return build_limit_table(self, pd.MultiIndex.from_tuples(years, names=["limit", "year"]))

    @cached_property
    def states(self) -> pd.DataFrame:
        """One row a state: its horizons a year times the share of its year (``weight``), and ``cost_usd`` of one."""
        names = pd.Index([each.name for each in self.problem.states], name="state")
        return pd.DataFrame({"weight": self.problem.weights, "cost_usd": self.state_costs_usd}, index=names)

    def instance(self, year: int, state: str | None = None) -> Instance:
        """Return the instance of a planning year, or of one of its states, with all units in service.

        Parameters
        ----------
        year : int
        state : str, optional
            As named in ``states``; the first of the year if not given.

        Raises
        ------
        InstanceError
            If there is no such planning year, or no such state in it.
        """
        years = self.question.years
        if year not in years.years:
            known = ", ".join(map(str, years.years))
            raise InstanceError([Violation("plan", "", "year", f"{year!r} is no planning year", known)])
        place = years.years.index(year)
        question = self.question.by_year[place]
        states = question.states
        number = 0 if state is None else named_position("state", state, states.names)
        before = sum(len(each.states) for each in self.question.by_year[:place])
        units = self._standing()[place] * states.availability(question.candidates)[number]
        built = with_builds(question.instance, states.instances[number], question.candidates, units)
        return with_amounts(built, allotted_amounts(self, before + number))

    def placement(self, year: int, state: str | None = None) -> Placement:
        """Return the placement of a planning year, or of one of its states, with all units in service.

        Raises
        ------
        InstanceError
            As ``instance``.
        NoSolutionError
            As ``placer.solve``.
        """
        return place_instance(self.instance(year, state))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, those without rows left out."""
        tables = {name: getattr(self, name) for name in ("builds", "standing", "build_limits", "states")}
        if (parts := parts_in_time(self)) is not None:
            tables[PARTS] = parts
        tables |= annual_tables(self)
        return {name: table for name, table in tables.items() if len(table)}

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``builds``."""
        return self.builds

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        return {
            "cost_usd_per_year": self.cost_usd_per_year,
            "bound_usd_per_year": self.bound_usd_per_year,
            "present_value_usd": self.present_value_usd,
            "gap": self.gap,
            "proven": self.certificate.proven,
            "verdict": self.certificate.verdict,
            "stopped": self.stopped,
            "accelerators_set_sunk": any(each.sets_sunk for each in self.question.by_year),
            **figures_of_parts(self),
        }

    def _repr_html_(self) -> str:
        """Return the headline figures and the units in service as HTML, for notebooks."""
        return notebook.figures(self._headlines()) + notebook.rows(self.standing.rename(columns=str), self.currency)

    def _headlines(self) -> list[tuple[str, str]]:
        years = self.question.years
        return [
            ("Cost a year", f"{in_full(self.cost_usd_per_year)} {self.currency}, equivalent annual cost"),
            ("Present value", f"{in_full(self.present_value_usd)} {self.currency} in {years.years[0]}"),
            *super()._headlines(),
            ("Years", ", ".join(map(str, years.years))),
            *in_words(self.question.by_year),
        ]

    def _standing(self) -> FloatArray:
        """Return the units of each candidate in service in each planning year (years, candidates)."""
        columns = self.question.columns
        there = np.zeros((len(self.question.years), len(self.question.by_year[0].candidates)))
        np.add.at(there.T, columns.candidate, columns.stands * self.units[:, None])
        return there


def plan_years(
    years: Years,
    candidates: Candidates | TableLike,
    build_limits: BuildLimits | Mapping[str, float] | TableLike | None = None,
    risk: CVaR | None = None,
    *,
    annual_limits: AnnualLimits | Mapping[str, float] | TableLike | None = None,
    security: Security | Kind | None = None,
    gap: float = 1e-4,
    start: YearsPlan | None = None,
    store: str | os.PathLike[str] | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> YearsPlan:
    """Find the plan of least equivalent annual cost over planning years, and prove it to within a gap.

    Parameters
    ----------
    years : Years
        Demand and network of every planning year, and the discount rate.
    candidates : DataFrame, sequence of mappings, or Candidates
        As of ``placer.plan``, with ``lead_years`` (0) from the decision until a unit is in service, and
        ``lifetime_years`` (no end) for which it then is. A unit costs its annuity in every year of service.
    build_limits : mapping of str to float, table, or BuildLimits, optional
        Limits in each year on the total use by all units in service; ``max_units`` likewise.
    risk : CVaR, optional
        Aversion to dear states, in each planning year alone: the cost of a year is then ``1 - weight`` times the mean
        over its states plus ``weight`` times the mean over the dearest of them. The mean cost if not given.
    annual_limits : mapping of str to float, or table, optional
        As of ``placer.plan``, in each planning year.
    security : Security or str, optional
        As of ``placer.plan``, the same in every year.
    start : YearsPlan, optional
        An earlier plan of the same candidates and years of decision, as of ``placer.plan``. With the same ``years``
        object, states are not formulated again.
    store : path, optional
        As of ``placer.plan``. The years of service of every decision must be the same too. The end of the period, the
        discount rate and ``risk`` may change between runs.
    gap, workers, executor, time_limit_seconds, progress
        As of ``placer.plan``.

    Raises
    ------
    ArgumentError, InstanceError, InfeasibleBuildLimitsError, NoSolutionError, BatchError, StoreError
        As ``placer.plan``.

    Examples
    --------
    Demand doubles in 2030. A hall takes two years to build and lasts five:

    >>> import placer
    >>> row = {"workload": "chat", "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0, "unserved_usd_per_mtok": 100}
    >>> instance = placer.Instance.from_tables({
    ...     "hubs": [{"hub": "coast"}],
    ...     "data_centres": [{"data_centre": "inland", "accelerators": 0}],
    ...     "links": [{"from": "coast", "to": "inland", "rtt_ms": 30}],
    ...     "workloads": [row],
    ...     "demand": [{"workload": "chat", "hub": "coast", "mtok": 80}],
    ... }, accelerators="sunk")
    >>> years = placer.Years({2026: instance, 2030: instance.scaled_demand(2)}, until=2034, discount_rate=0.07)
    >>> hall = {"candidate": "hall", "adds": "accelerators", "target": "inland"}
    >>> cost = {"usd_per_unit": 1_000_000, "wacc": 0.07, "lifetime_years": 5, "lead_years": 2}
    >>> plan = placer.plan_years(years, [hall | cost])
    >>> plan.builds["units"].round(6).to_dict()
    {('hall', 2026): 160.0}
    """
    need(years, Years, "planning years", "placer.Years({2026: instance}, until=2030, discount_rate=0.07) is some")
    need(start, (YearsPlan, type(None)), "a YearsPlan", "placer.plan_years returns one")
    before = None if start is None else start.question
    options = PlanOptions(risk, gap, start, store, workers, executor, time_limit_seconds, progress)

    def ask() -> YearsProblem:
        return years_problem(years, candidates, build_limits, security, annual_limits)

    return solve_question(YearsPlan, ask, before, options)
