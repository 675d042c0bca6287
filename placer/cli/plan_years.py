"""``placer plan-years``: builds by year, over planning years of growing demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import pandas as pd
import typer

from placer.cli.batch import check_new, resumable
from placer.cli.cluster import cluster
from placer.cli.options import Resume, Status, StoreFile
from placer.cli.plan_options import AnnualLimits, BuildLimits, CandidatesFile, Gap, annual_limits_with, plan_input
from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.cli.secure_options import SECURE_PLAN
from placer.cli.security import asked_security
from placer.cli.tables import print_columns, print_named
from placer.errors import Violation, collected, refuse
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.planning.answer.annual_use import annual_tables
from placer.planning.answer.state_parts import parts_in_time
from placer.planning.years.planning_years import Years
from placer.planning.years.years_plan import YearsPlan, plan_years

Name = TypeVar("Name", int, str)
Number = TypeVar("Number", int, float)

_Year = Annotated[
    list[str],
    typer.Option(metavar="YEAR=FACTOR", help="A planning year, and its demand as a multiple of that given; several."),
]
_Until = Annotated[int, typer.Option(help="The first year that is no longer planned for.")]
_Rate = Annotated[float, typer.Option(min=0, max=1, help="Discount rate, a share a year.")]
_Retire = Annotated[
    list[str] | None,
    typer.Option(
        metavar="DATA_CENTRE=YEAR", help="Accelerators of a data centre that are gone from a year on; several times."
    ),
]

#: Columns shown on the screen, and their headings.
_BUILD_HEADINGS = (
    "units",
    "stands_from",
    "unit_cost_usd_per_year",
    "value_usd_per_unit_year",
    "profit_usd_per_unit_year",
)
_ANNUAL_HEADINGS = ("amount", "use", "unit", "rent_usd_per_unit")
_LIMIT_HEADINGS = ("sense", "amount", "use", "rent_usd_per_unit_year")


@command(
    "scenario candidates build_limit annual_limit gap"
    f" {SECURE_PLAN} workers scheduler time_limit store resume out as_json"
)
def plan_years_command(
    run: Run,
    *,
    year: _Year,
    until: _Until,
    discount_rate: _Rate,
    retire: _Retire = None,
    candidates: CandidatesFile = None,
    build_limit: BuildLimits = None,
    annual_limit: AnnualLimits = None,
    gap: Gap = 1e-4,
    store: StoreFile = None,
    resume: Resume = False,
) -> None:
    """Find the builds of every year at least equivalent annual cost, with a bound on the cost of every other plan.

    Prints the units in service in every planning year, and every used candidate and year of decision with its value. A
    planning year stands for itself and the years up to the next one. Candidates may have lead_years.

    Exit status: 0 the gap is reached, 1 it is not, or no plan keeps the build limits; 2 bad input; 130 interrupted.
    """
    check_new(store, resume=resume)
    with cluster(run.scheduler) as executor, run.working() as (step, _):
        step("loading")
        chosen = _Chosen(run, year, until, discount_rate, retire or [], annual_limit or [])
        _, table, limits, (years, more) = plan_input(run, candidates, build_limit or [], chosen.read)
        asked = (years, table, limits)
        with resumable(store):
            found = plan_years(*asked, **more, gap=gap, store=store, workers=run.workers, executor=executor)
    run.answer(found, {}, lambda: _print(found))
    raise typer.Exit(Status.DONE if abs(found.gap) <= gap else Status.NO_SOLUTION)


@dataclass(frozen=True, eq=False)
class _Chosen:
    """The options of planning years, and what they must survive."""

    run: Run
    years: list[str]
    until: int
    rate: float
    retire: list[str]
    annual: list[str]

    def read(
        self, instance: Instance | None, _limits: pd.DataFrame | None, violations: list[Violation]
    ) -> tuple[Years, dict[str, Any]] | None:
        """Return the planning years, the security and the annual limits, None with violations, which are added."""
        factors = collected(violations, lambda: _pairs("--year", "2030=1.5", self.years, int, float))
        gone = collected(violations, lambda: _pairs("--retire", "Port=2030", self.retire, str, int))
        security = collected(violations, lambda: asked_security(self.run))
        annual = collected(violations, lambda: annual_limits_with(self.run, self.annual))
        if instance is None or factors is None or gone is None:
            return None

        def planned() -> tuple[Years, dict[str, Any]]:
            given = {year: instance.scaled_demand(factor) for year, factor in factors.items()}
            return Years(given, self.until, self.rate, gone), {"security": security, "annual_limits": annual}

        return collected(violations, planned)


def _pairs(
    option: str, example: str, texts: list[str], named: Callable[[str], Name], counted: Callable[[str], Number]
) -> dict[Name, Number]:
    """Return the names and numbers of options NAME=NUMBER.

    Raises
    ------
    InstanceError
        Listing every text that is not of this form, or names again.
    """
    pairs: dict[Name, Number] = {}
    found: list[Violation] = []
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            key, value = named(name), counted(number)
        except ValueError:
            found.append(Violation("plan", "", option, f"{show(text)} is no number", f"{option} {example}"))
            continue
        if key in pairs:
            found.append(Violation("plan", "", option, f"{show(name)} is given twice", "once"))
        pairs[key] = value
    refuse(found)
    return pairs


def _print(found: YearsPlan) -> None:
    """Print the headline figures, the units in service in every year, the decisions, and the build limits."""
    say(repr(found))
    standing = found.standing[found.standing.max(axis=1) > 0].rename(columns=str)
    if len(standing):
        print_named("Units that stand", standing)
    builds = found.builds[found.builds["units"] > 0]
    if len(builds):
        rows = builds.set_index(builds.index.map(lambda pair: f"{pair[0]}, {pair[1]}").rename("decided"))
        rows = rows.assign(stands_from=rows["stands_from"].map("{:g}".format))  # a year has no thousands
        print_columns("Decisions", rows, *_BUILD_HEADINGS, currency=found.currency)
    if len(found.build_limits):
        limits = found.build_limits
        rows = limits.set_index(limits.index.map(lambda pair: f"{pair[0]}, {pair[1]}").rename("limit"))
        print_columns("Build limits", rows, *_LIMIT_HEADINGS, currency=found.currency)
    if annual := annual_tables(found):
        print_columns("Annual limits", annual["annual_limits"], *_ANNUAL_HEADINGS, currency=found.currency)
    if (parts := parts_in_time(found)) is not None:
        print_columns("A horizon of each state", parts, *parts, currency=found.currency)
