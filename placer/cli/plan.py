"""``placer plan``: what to build, where, and what it is worth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
import typer

from placer.cli.batch import Seed, Uncertain, uncertainty_of
from placer.cli.options import (
    NO_LIMIT,
    Dataset,
    Folder,
    Json,
    Scenario,
    Status,
    TimeLimit,
    Workers,
    dataset_title,
)
from placer.cli.outputs import check_out, draw_plots, write_out
from placer.cli.screen import occasionally, print_table, say, steps, title, write
from placer.cli.tables import as_table, json_text, records
from placer.datasets import folder
from placer.datasets.places import is_single_file
from placer.errors import InstanceError, Violation
from placer.instance.validation import show
from placer.planning.files import read_build_limits, read_candidates
from placer.planning.plan import plan
from placer.planning.plan_files import plan_summary, plan_tables, save_plan_excel, save_plan_tables
from placer.planning.states import States
from placer.report.content.page import Subject
from placer.report.write import check_target, write_report
from placer.synthetic import DemandSets
from placer.utils.arrays import without_noise

if TYPE_CHECKING:
    from placer.instance.problem import Instance
    from placer.planning.result import Plan

_Candidates = Annotated[
    Path | None, typer.Option(help="CSV file of candidates, instead of candidates.csv of the dataset.")
]
_BuildLimit = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=AMOUNT",
        help="What all builds together may take at most, such as budget_usd_year=1e9; NAME>=AMOUNT for at least; "
        "several times. In place of the dataset's limit of that name.",
    ),
]
_Sets = Annotated[
    int, typer.Option(min=0, help="Demand sets to plan for, drawn around the dataset; 0 for its demand alone.")
]
_Report = Annotated[
    Path | None, typer.Option(help="HTML file for a report on the plan and the placement of its first state.")
]
_Gap = Annotated[float, typer.Option(help="Relative gap between cost and bound at which to stop.")]

_LIMIT = re.compile(r"(.+?)(<=|>=|=)([^<>=]+)")
#: Columns shown on the screen, and their headings.
_BUILD_HEADINGS = {
    "units": "units",
    "cost_usd_per_year": "USD a year",
    "unit_cost_usd_per_year": "cost of a unit",
    "limits_rent_usd_per_unit_year": "rents",
    "value_usd_per_unit_year": "value",
    "profit_usd_per_unit_year": "profit",
}
_LIMIT_HEADINGS = {"sense": "", "amount": "limit", "use": "use", "rent_usd_per_unit_year": "rent"}
_STATE_HEADINGS = {
    "horizons_per_year": "a year",
    "cost_usd": "USD",
    "cost_usd_per_year": "USD a year",
    "solves": "solves",
}


def plan_command(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    candidates: _Candidates = None,
    build_limit: _BuildLimit = None,
    sets: _Sets = 0,
    seed: Seed = 0,
    uncertain: Uncertain = None,
    gap: _Gap = 1e-4,
    workers: Workers = 1,
    time_limit: TimeLimit = NO_LIMIT,
    out: Folder = None,
    report: _Report = None,
    as_json: Json = False,
) -> None:
    """Find what to build at least yearly cost over all states, with a bound on the cost of every other plan.

    Prints every candidate with its units, its cost and its value, the build limits with their rents, and the states.
    --out also draws values against costs if matplotlib is installed. Candidates of accelerators need accelerators that
    are paid for, as in the scenario dispatch of china and world.

    Exit status: 0 the plan is proven to the gap, 1 it is not, or no plan keeps the build limits; 2 bad input; 130
    interrupted.
    """
    check_out(out)
    if report is not None:
        check_target(report)
    scenarios = scenario or []
    with steps() as step:
        step("loading")
        instance = folder.load(dataset, scenarios)
        limits = _build_limits(read_build_limits(dataset, scenarios), build_limit or [])
        found = plan(
            instance,
            read_candidates(dataset, scenarios, candidates),
            _states(instance, sets, seed, uncertain or []),
            limits,
            gap=gap,
            workers=workers,
            time_limit_seconds=time_limit,
            progress=occasionally(step),
        )
    summary = {"dataset": dataset, "scenarios": scenarios} | plan_summary(found)
    tables = {name: records(table) for name, table in plan_tables(found).items()}
    write(json_text(summary | tables)) if as_json else _print(found, dataset_title(dataset, scenario))
    _write(found, summary, out)
    if report is not None:
        _report(found, dataset, scenarios, report)
    raise typer.Exit(Status.DONE if found.certificate.proven else Status.NO_SOLUTION)


def _write(found: Plan, summary: dict[str, Any], out: Path | None) -> None:
    """Write the tables of a plan, and a plot of values against costs."""

    def tables(drafts: Path) -> None:
        save_plan_tables(found, drafts)
        with steps() as step:
            draw_plots(step, lambda plots: plots.save_plot(plots.plot_builds(found), drafts / "builds.png"))

    write_out(out, summary, excel=lambda file: save_plan_excel(found, file), tables=tables)


def _report(found: Plan, dataset: str, scenarios: list[str], file: Path) -> None:
    """Write the report on the placement of the first state with what is built in it, and on the plan."""
    with steps() as step:
        step(f"placing {found.states.index[0]}")
        title_ = f"{dataset_title(dataset, scenarios)} as planned, {found.states.index[0]}"
        described = None if is_single_file(dataset) else folder.describe(dataset)
        subject = Subject(title_, found.placement(), dataset=described, scenarios=tuple(scenarios), plan=found)
        write_report(file, [subject])


def _states(instance: Instance, sets: int, seed: int, uncertain: list[str]) -> States | None:
    """Return the states of demand sets; None for the demand as it is."""
    uncertainty = uncertainty_of(uncertain)
    if sets:
        return States.of(DemandSets(instance, uncertainty, sets, seed))
    if uncertain:
        raise InstanceError([Violation("plan", "", "--set", "there are no demand sets", "--sets 40, or no --set")])
    return None


def _build_limits(given: pd.DataFrame, options: list[str]) -> pd.DataFrame:
    """Return the build limits of a dataset, those replaced and added that options name."""
    rows = {str(row["limit"]): row for row in given.to_dict("records")}
    for text in options:
        found = _LIMIT.fullmatch(text)
        try:
            amount = float(found[3]) if found else None
        except ValueError:
            amount = None
        if found is None or amount is None:
            problem = f"{show(text)} is not NAME=AMOUNT"
            raise InstanceError([Violation("plan", "", "--build-limit", problem, "such as budget_usd_year=1e9")])
        row: dict[Any, Any] = {"limit": found[1], "sense": ">=" if found[2] == ">=" else "<=", "amount": amount}
        rows[found[1]] = row
    return pd.DataFrame(list(rows.values()), columns=given.columns)


def _print(found: Plan, heading: str) -> None:
    """Print the headline figures, and the tables of a plan."""
    title(heading)
    say(repr(found))
    builds = found.builds.sort_values(["cost_usd_per_year", "profit_usd_per_unit_year"], ascending=False)
    profit, value = builds["profit_usd_per_unit_year"].to_numpy(), builds["value_usd_per_unit_year"].to_numpy()
    builds = builds.assign(profit_usd_per_unit_year=without_noise(profit, np.abs(value)))
    print_table(as_table("Candidates", builds, _BUILD_HEADINGS))
    if len(found.build_limits):
        print_table(as_table("Build limits", found.build_limits, _LIMIT_HEADINGS))
    print_table(as_table("States", found.states, _STATE_HEADINGS))
