"""A plan as planners read it: builds, their value and their cost."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from placer.accounting.groups import groups_of
from placer.ceiling.exports import export_ceiling
from placer.errors import InstanceError, Violation, refuse
from placer.instance.arguments import need_workers
from placer.instance.problem import Instance
from placer.io import table_files
from placer.io.results import Result
from placer.model.counts import Weight
from placer.placement.result import Placement
from placer.planning.answer import plan_files
from placer.planning.answer.accounts import PlanAccounts, plan_accounts
from placer.planning.answer.annual_use import allotted_amounts, need_no_annual_limits
from placer.planning.answer.break_even import break_even_cost
from placer.planning.answer.information import OutOfSample, cost_of_plan_for, cost_with_foresight, out_of_sample_costs
from placer.planning.answer.limit_curve import end_problems, limit_curve
from placer.planning.answer.plan_figures import PlanFigures
from placer.planning.question.added_limits import with_builds
from placer.planning.question.annual_limits import with_amounts
from placer.planning.question.state_programs import mean_instance, named_position, yearly_program, yearly_programs
from placer.planning.question.states import States
from placer.planning.search.proven_plan import Prover, prove_in_full
from placer.running import in_time, running
from placer.solve import place_instance


@dataclass(frozen=True, eq=False, repr=False)
class Plan(PlanFigures, Result):
    """What to build, and what it is worth; ``certificate`` bounds how far the plan is from least cost."""

    def instance(self, state: str) -> Instance:
        """Return the instance of a state with all builds, its limits those that annual limits allot to it.

        Raises
        ------
        InstanceError
            If there is no such state.
        """
        place = named_position("state", state, self.question.states.names)
        lost = self.question.states.availability(self.question.candidates)[place]
        given = self.question.states.instances[place]
        built = with_builds(self.question.instance, given, self.question.candidates, self.units * lost)
        return with_amounts(built, allotted_amounts(self, place))

    def placement(self, state: str | None = None) -> Placement:
        """Return the placement of a state with all builds; of the first state if none is named.

        Raises
        ------
        InstanceError
            If there is no such state.
        NoSolutionError
            As ``placer.solve``.
        """
        return place_instance(self.instance(self.question.states.names[0] if state is None else state))

    def ceilings(self, weight: Weight = "tokens") -> pd.DataFrame:
        """Return the export ceiling of every state without and with the builds, as shares: ``before``, ``after``.

        Parameters
        ----------
        weight : str
            As of ``placer.export_ceiling``.

        Raises
        ------
        InstanceError
            If nothing can count as export, as ``placer.export_ceiling``.
        NoSolutionError
            As ``placer.export_ceiling``.
        """
        names = self.question.states.names
        pairs = zip(self.question.states.instances, (self.instance(name) for name in names), strict=True)
        shares = [[export_ceiling(each, weight).share for each in pair] for pair in in_time(pairs, "the ceilings")]
        return pd.DataFrame(shares, columns=["before", "after"], index=pd.Index(names, name="state"))

    def accounts(self, by: str = "region", *, owners: str | None = None) -> PlanAccounts:
        """Return the payments and earnings of every party, USD a year over all states.

        Parameters
        ----------
        by, owners : str
            As of ``placer.accounts``. The owner of a site pays for its new accelerators, its region for its power, the
            network for links, and the authority for limits of power zones.

        Raises
        ------
        InstanceError
            As ``placer.accounts``.
        NoSolutionError
            If a state has no proven placement.
        PlacerError
            If units are whole, which have no marginal values, or a risk is given.
        """
        return plan_accounts(self, self.cost_model.optimum()[1], groups_of(self.question.instance, by, owners))

    def curve(
        self,
        name: str,
        least: float,
        most: float,
        *,
        gap: float = 1e-6,
        workers: int = 1,
        executor: Executor | None = None,
        time_limit_seconds: float = math.inf,
    ) -> pd.DataFrame:
        """Return the least yearly cost against the amount of a build limit or an annual limit, by its breakpoints.

        They are exact where the problem is small enough for one program. Elsewhere the line through the rows lies above
        the least cost by at most the gaps of two plans, and breakpoints that these cannot tell apart are merged.

        Parameters
        ----------
        name : str
            Of the build limit, as in the index of ``build_limits``: ``"land_ha"``, or ``"land_ha <="`` for the upper
            side of a range; or of an annual limit.
        least, most : float
            The ends of the curve, finite; the build limits must be feasible at both.
        gap : float
            Relative gap of every plan on the curve.
        workers : int
            Number of processes that solve states in parallel.
        executor : concurrent.futures.Executor, optional
            Runs the tasks in place of processes of this machine, such as ``client.get_executor(pure=False)`` of a Dask
            client; ``workers`` is the number of its workers.
        time_limit_seconds : float
            As in ``placer.running``, for the whole curve.

        Returns
        -------
        DataFrame
            ``amount``, ``cost_usd_per_year``, ``bound_usd_per_year``, ``rent_usd_per_unit_year`` up to the next row.

        Raises
        ------
        InstanceError
            If there is no such limit, or the amounts are not finite or do not ascend.
        InfeasibleBuildLimitsError
            If the build limits cannot be kept at an end.
        SolverError
            If the gap is not a positive number.
        NoSolutionError
            As ``placer.plan``, or if the time is over before the whole curve is known.
        """
        place = named_position("limit", name, self.problem.build_limits.labels)
        self._need_any_units("curve")
        refuse(end_problems(name, least, most))
        with running(time_limit_seconds=time_limit_seconds):
            return limit_curve(self, place, least, most, _prover(gap, workers, executor))

    def break_even(
        self,
        candidate: str,
        *,
        gap: float = 1e-6,
        workers: int = 1,
        executor: Executor | None = None,
        time_limit_seconds: float = math.inf,
    ) -> float:
        """Return the yearly cost of a unit, in USD, below which a candidate is built.

        It is inf if there is no plan without the candidate.

        Parameters
        ----------
        candidate : str
            Its name.
        gap, workers, executor, time_limit_seconds
            As of ``curve``.

        Raises
        ------
        InstanceError
            If there is no such candidate.
        NoSolutionError
            As ``placer.plan``.
        """
        place = named_position("candidate", candidate, self.question.candidates.names)
        self._need_any_units("break_even")
        with running(time_limit_seconds=time_limit_seconds):
            return break_even_cost(self, place, _prover(gap, workers, executor))

    def value_of_stochastic_solution(
        self, mean: Instance | None = None, *, gap: float = 1e-6, workers: int = 1, executor: Executor | None = None
    ) -> float:
        """Return the value of the stochastic solution: the extra yearly cost of the plan for the mean demand, in USD.

        Parameters
        ----------
        mean : Instance, optional
            The mean state. If not given, the instance with the mean demand of the states, which must differ in demand
            only.
        gap, workers, executor
            As of ``curve``.

        Raises
        ------
        InstanceError
            If no mean is given and the states differ in more than demand, or there are annual limits.
        NoSolutionError
            As ``placer.plan``, and if the plan for the mean demand cannot meet a limit in some state.
        """
        need_no_annual_limits(self, "value_of_stochastic_solution")
        instance = mean_instance(self.question.states) if mean is None else mean
        if self.question.sets_sunk:
            instance = instance.replace(accelerators="sunk")
        program = yearly_program(self.question, instance, "mean")
        return cost_of_plan_for(self, program, _prover(gap, workers, executor)) - self.cost_usd_per_year

    def value_of_perfect_information(
        self, *, gap: float = 1e-6, workers: int = 1, executor: Executor | None = None
    ) -> float:
        """Return the value of perfect information: the mean yearly saving by a plan for each state alone, in USD.

        Parameters
        ----------
        gap, workers, executor
            As of ``curve``.

        Raises
        ------
        InstanceError
            If there are annual limits.
        NoSolutionError
            As ``placer.plan``.
        """
        need_no_annual_limits(self, "value_of_perfect_information")
        shares = [share for _, share in self.question.states.given.values()]
        mean = self.build_cost_usd_per_year + float(self.problem.weights @ self.state_costs_usd)
        return mean - cost_with_foresight(self, shares, _prover(gap, workers, executor))

    def out_of_sample(self, sets: States | Sequence[Instance]) -> OutOfSample:
        """Return the yearly cost of this plan in states that it was not made for: mean and standard error.

        Parameters
        ----------
        sets : States, DemandSets or sequence of Instance
            See ``States.of``.

        Raises
        ------
        InstanceError
            If there are annual limits.
        NoSolutionError
            If a state has no proven placement.
        """
        need_no_annual_limits(self, "out_of_sample")
        states = sets if isinstance(sets, States) else States.of(sets)
        programs = yearly_programs(self.question, self.question.counted(states))
        return out_of_sample_costs(self.problem, self.units, programs)

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        return plan_files.plan_summary(self)

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``builds``."""
        return self.builds

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, those without rows left out; ``stranded`` only if it was requested before."""
        return plan_files.plan_tables(self)

    def save_tables(
        self, folder: str | os.PathLike[str], curves: Mapping[str, pd.DataFrame] | None = None
    ) -> list[Path]:
        """Write the tables as CSV into a folder, created if missing, and return the files.

        Parameters
        ----------
        folder : str or path
        curves : mapping of str to DataFrame, optional
            Of ``curve``, by build limit: one more table.
        """
        return table_files.write_csv_tables(plan_files.plan_tables(self, curves), folder)

    def save_parquet(
        self, folder: str | os.PathLike[str], curves: Mapping[str, pd.DataFrame] | None = None
    ) -> list[Path]:
        """Write the tables as Parquet into a folder, likewise; needs ``token-placer[parquet]``."""
        return table_files.write_parquet_tables(plan_files.plan_tables(self, curves), folder)

    def save_excel(self, file: str | os.PathLike[str], curves: Mapping[str, pd.DataFrame] | None = None) -> Path:
        """Write the headline figures and the tables as sheets of one Excel file; needs ``token-placer[excel]``."""
        figures = {"summary": table_files.figure_sheet(self.summary())}
        return table_files.write_excel(figures | plan_files.plan_tables(self, curves), file)

    def _need_any_units(self, question: str) -> None:
        """Raise an error for a question that needs convex costs, if units are whole."""
        if self.problem.is_whole:
            problem = "costs of plans in modules or with openings are not convex"
            raise InstanceError([Violation(question, "", "candidates", problem, "candidates of any number of units")])


def _prover(gap: float, workers: int, executor: Executor | None) -> Prover:
    """Return what proves the other plans of an answer."""
    need_workers(workers, executor)
    return partial(prove_in_full, gap=gap, workers=workers, executor=executor)
