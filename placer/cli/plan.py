"""``placer plan``: builds, their sites and their value."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import typer

from placer.cli.accounts import PlanAccountsBy, print_plan_accounts, valued_alone
from placer.cli.alternatives import print_alternatives
from placer.cli.batch import Seed, Uncertain, check_new, resumable
from placer.cli.cluster import cluster, needs_workers
from placer.cli.history import ClassesFile, HistoryFile, HistoryOptions, MissingRule
from placer.cli.options import Resume, Status, StoreFile
from placer.cli.outputs import check_page, write_out
from placer.cli.plan_options import (
    AnnualLimits,
    BuildLimits,
    CandidatesFile,
    Curves,
    Ends,
    Gap,
    ReportFile,
    Sets,
    StateOptions,
    WithAlternatives,
    WithSites,
    all_limits,
    annual_limits_with,
    check_states,
    ends_of,
    plan_input,
    states_of,
)
from placer.cli.run import Run, command
from placer.cli.screen import say, steps
from placer.cli.secure_options import SECURE_PLAN
from placer.cli.security import asked_security
from placer.cli.tables import print_columns, records
from placer.currency import amount_in
from placer.decomposition.closing import after_ctrl_c
from placer.errors import Violation, collected
from placer.instance.problem import Instance
from placer.io.table_files import write_csv_tables, write_excel
from placer.near_optimal.alternatives import alternatives as alternatives_of
from placer.near_optimal.alternatives import wrong_numbers
from placer.planning.answer.annual_use import annual_tables
from placer.planning.answer.plan_files import build_curve_table, plan_sheet, plan_tables, sites_of
from placer.planning.answer.state_parts import parts_in_time
from placer.planning.plan import plan
from placer.report.content.page import Subject
from placer.report.write import write_page
from placer.termination import Reason
from placer.utils.arrays import without_noise
from placer.utils.numbers import in_full

if TYPE_CHECKING:
    from placer.near_optimal.result import Alternatives
    from placer.planning.answer.accounts import PlanAccounts
    from placer.planning.answer.result import Plan
    from placer.planning.question.states import States

#: Number of states whose placements a report shows in full.
_STATES = 3
#: Columns shown on the screen, and their headings.
_BUILD_HEADINGS = (
    *("units", "least", "most", "cost_usd_per_year", "unit_cost_usd_per_year"),
    *("limits_rent_usd_per_unit_year", "value_usd_per_unit_year", "profit_usd_per_unit_year"),
)
_LIMIT_HEADINGS = ("sense", "amount", "use", "rent_usd_per_unit_year")
_ANNUAL_HEADINGS = ("amount", "use", "unit", "rent_usd_per_unit")
_CURVE_HEADINGS = ("cost_usd_per_year", "rent_usd_per_unit_year")
_SITE_HEADINGS = ("utilisation", "accelerator_rents_usd_per_year", "power_rents_usd_per_year")
_PROTECTION_HEADINGS = ("protected_mtok", "most_unserved_mtok", "unserved_mtok", "rent_usd_per_mtok_year")
_STATE_HEADINGS = ("horizons_per_year", "cost_usd", "cost_usd_per_year", "solves")


@command(f"{SECURE_PLAN} workers scheduler time_limit store resume curve sites accounts out report as_json")
def plan_command(
    run: Run,
    *,
    candidates: CandidatesFile = None,
    build_limit: BuildLimits = None,
    annual_limit: AnnualLimits = None,
    sets: Sets = 0,
    seed: Seed = 0,
    uncertain: Uncertain = None,
    history: HistoryFile = None,
    classes: ClassesFile = None,
    missing: MissingRule = "error",
    gap: Gap = 1e-4,
    store: StoreFile = None,
    resume: Resume = False,
    curve: Curves = None,
    sites: WithSites = False,
    accounts: PlanAccountsBy = None,
    alternatives: WithAlternatives = None,
    report: ReportFile = None,
) -> None:
    """Find what to build at least yearly cost over all states, with a bound on the cost of every other plan.

    Prints every candidate with its units, its cost and its value, build limits and annual limits with their rents,
    unserved protected work in outages, and the states. With --secure a plan survives the loss of any one thing, with
    every demand set. --out also draws values against costs, and curves, if matplotlib is installed. With candidates of
    accelerators the existing ones count as paid for, as in the scenario dispatch of china and world; a line says so.

    Exit status: 0 the gap is reached, 1 it is not, or no plan keeps the build limits; 2 bad input; 130 interrupted.
    """
    check_new(store, resume=resume)
    check_page(report)
    days = HistoryOptions(history, classes, missing)
    states_asked = StateOptions(sets, seed, uncertain or (), days)
    chosen = _Chosen(run, states_asked, curve or [], alternatives, annual_limit or [])
    with cluster(run.scheduler) as executor, run.working() as (step, note):
        step("loading")
        instance, table, limits, (states, ends, more) = plan_input(run, candidates, build_limit or [], chosen.read)
        asked = (instance, valued_alone(table, accounts), states, limits)
        with resumable(store):
            found = plan(*asked, **more, gap=gap, store=store, workers=run.workers, executor=executor)
        note(f"a plan of {amount_in(found.cost_usd_per_year, found.currency)} a year, {found.certificate.verdict}")
        with _finishing(found), needs_workers():
            near = None if alternatives is None else alternatives_of(found, alternatives)
            answer = _Answer(run, found, _curves(found, ends, step, run.workers, executor), accounts, near)
            if sites:
                step("the use of every site")
                _ = found.stranded  # the tables of the plan then include it
    with _finishing(found):
        run.tell(answer.content, lambda: _print(answer))
        _write(answer, report)
    raise typer.Exit(Status.DONE if abs(found.gap) <= gap else Status.NO_SOLUTION)


@dataclass(frozen=True, eq=False)
class _Answer:
    """A plan, the curves over build limits by their names, its accounts, and the options of its command."""

    run: Run
    found: Plan
    curves: dict[str, pd.DataFrame]
    by: str | None
    near: Alternatives | None

    @cached_property
    def accounts(self) -> PlanAccounts | None:
        """The accounts of the plan, if asked for."""
        return None if self.by is None else self.found.accounts(self.by)

    @property
    def figures(self) -> dict[str, Any]:
        """The content of ``summary.json``."""
        near = {} if self.near is None else {"alternatives": self.near.summary()}
        return self.run.asked | self.found.summary() | near

    @property
    def content(self) -> dict[str, Any]:
        """All figures and the rows of all tables in JSON types."""
        return self.figures | {name: records(table) for name, table in self.tables.items()}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """All tables by their names."""
        accounts = {} if self.accounts is None else self.accounts.tables
        near = {} if self.near is None else {f"alternatives_{name}": table for name, table in self.near.tables.items()}
        return plan_tables(self.found) | build_curve_table(self.curves) | accounts | near


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The options of a plan besides its candidates and its build limits."""

    run: Run
    states: StateOptions
    curves: list[str]
    within: float | None
    annual: list[str]

    def read(
        self, instance: Instance | None, limits: pd.DataFrame | None, found: list[Violation]
    ) -> tuple[States | None, list[Ends], dict[str, Any]]:
        """Return the states, the ends of curves, security and annual limits, and add the violations of all."""
        understood = collected(found, lambda: check_states(self.states)) is not None
        states = collected(found, lambda: states_of(instance, self.states)) if understood and instance else None
        found += [] if self.within is None else wrong_numbers({"--alternatives": self.within})
        annual = collected(found, lambda: annual_limits_with(self.run, self.annual)) or {}
        ends = None if limits is None else collected(found, lambda: ends_of(self.curves, all_limits(limits, annual)))
        security = collected(found, lambda: asked_security(self.run))
        return states, ends or [], {"security": security, "annual_limits": annual}


def _finishing(found: Plan) -> AbstractContextManager[None]:
    """Limit the time of what follows a plan whose search Ctrl-C ended."""
    return after_ctrl_c() if found.stopped == str(Reason.INTERRUPTED) else nullcontext()


def _curves(
    found: Plan, ends: list[Ends], step: Callable[[str], None], workers: int, executor: Executor | None
) -> dict[str, pd.DataFrame]:
    """Return the curves over build limits, by their names."""
    curves = {}
    for name, least, most in ends:
        step(f"the least cost over {name}")
        curves[name] = found.curve(name, least, most, workers=workers, executor=executor)
    return curves


def _write(answer: _Answer, report: Path | None) -> None:
    """Write the tables of a plan, plots of values against costs and of curves, and the report, if requested."""
    found, curves = answer.found, answer.curves

    def draw(plots: Any, drafts: Path) -> None:
        plots.save_plot(plots.plot_builds(found), drafts / "builds.png")
        for place, (name, curve) in enumerate(curves.items()):
            plots.save_plot(
                plots.plot_build_curve(curve, limit=name, currency=found.currency), drafts / f"curve_{place}.png"
            )

    sheets = {"summary": plan_sheet(found)} | answer.tables
    write_out(
        answer.run.out,
        answer.figures,
        excel=lambda file: write_excel(sheets, file),
        tables=lambda drafts: write_csv_tables(answer.tables, drafts),
        plots=draw,
    )
    if report is not None:
        _report(answer, report)


def _report(answer: _Answer, file: Path) -> None:
    """Write the report on the plan, and on the placements of its most frequent states with the builds."""
    run, found = answer.run, answer.found
    frequent = found.states["horizons_per_year"].sort_values(ascending=False, kind="stable")
    subjects = []
    with steps() as step:
        for name in map(str, frequent.index[:_STATES]):
            step(f"placing {name}")
            subject = Subject(
                f"{run.title}: what to build",
                found.placement(name),
                dataset=run.described,
                scenarios=tuple(run.scenarios),
                plan=found,
                build_curves=answer.curves,
                plan_accounts=answer.accounts,
                alternatives=answer.near,
            )
            subjects.append(subject)
        write_page(file, subjects)


def _print(answer: _Answer) -> None:
    """Print the headline figures, and the tables of a plan."""
    found, accounts = answer.found, answer.accounts
    show, rents = partial(print_columns, currency=found.currency), f"rents in {found.currency} a year"
    say(repr(found))
    builds = found.builds.sort_values(["cost_usd_per_year", "profit_usd_per_unit_year"], ascending=False)
    profit, value = builds["profit_usd_per_unit_year"].to_numpy(), builds["value_usd_per_unit_year"].to_numpy()
    builds = builds.assign(profit_usd_per_unit_year=without_noise(profit, np.abs(value)))
    show("Candidates", builds, *_BUILD_HEADINGS)
    if len(found.build_limits):
        show(f"Build limits; {rents}", found.build_limits, *_LIMIT_HEADINGS)
    if annual := annual_tables(found):
        show("Annual limits", annual["annual_limits"], *_ANNUAL_HEADINGS)
    for name, curve in answer.curves.items():
        rows = curve.set_index(pd.Index(map(in_full, curve["amount"]), name=name))
        show(f"Least cost over {name}; {rents}", rows, *_CURVE_HEADINGS)
    if (of_sites := sites_of(found)) is not None:
        show("Sites", of_sites, *_SITE_HEADINGS)
    if len(found.protection):
        heading = f"Protected work if one is lost; {rents}"
        show(heading, found.protection, *_PROTECTION_HEADINGS)
    show("States", found.states, *_STATE_HEADINGS)
    if (parts := parts_in_time(found)) is not None:
        show("A horizon of each state", parts, *parts)
    if accounts is not None:
        print_plan_accounts(accounts)
    if answer.near is not None:
        print_alternatives(answer.near)
