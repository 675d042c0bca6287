"""``placer plan-years``: builds by year, over planning years of growing demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from placer.cli.options import NO_LIMIT, Dataset, Folder, Json, Scenario, Status, TimeLimit, Workers, dataset_title
from placer.cli.outputs import check_out, write_out
from placer.cli.plan_options import BuildLimits, CandidatesFile, Gap, build_limits_with
from placer.cli.screen import occasionally, print_table, say, steps, title, write
from placer.cli.tables import as_table, json_text, records
from placer.datasets import folder
from placer.errors import InstanceError, Violation
from placer.instance.validation import show
from placer.planning.files import read_build_limits, read_candidates
from placer.planning.years import Years
from placer.planning.years_plan import plan_years

if TYPE_CHECKING:
    from placer.planning.years_plan import YearsPlan

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
_BUILD_HEADINGS = {
    "units": "units",
    "stands_from": "stands from",
    "unit_cost_usd_per_year": "cost of a unit",
    "value_usd_per_unit_year": "value",
    "profit_usd_per_unit_year": "profit",
}
_LIMIT_HEADINGS = {"sense": "", "amount": "limit", "use": "use", "rent_usd_per_unit_year": "rent"}


def plan_years_command(
    *,
    dataset: Dataset,
    year: _Year,
    until: _Until,
    discount_rate: _Rate,
    retire: _Retire = None,
    scenario: Scenario = None,
    candidates: CandidatesFile = None,
    build_limit: BuildLimits = None,
    gap: Gap = 1e-4,
    workers: Workers = 1,
    time_limit: TimeLimit = NO_LIMIT,
    out: Folder = None,
    as_json: Json = False,
) -> None:
    """Find the builds of every year at least equivalent annual cost, with a bound on the cost of every other plan.

    Prints the units in service in every planning year, and every used candidate and year of decision with its value. A
    planning year stands for itself and the years up to the next one. Candidates may have lead_years.

    Exit status: 0 the gap is reached, 1 it is not, or no plan keeps the build limits; 2 bad input; 130 interrupted.
    """
    check_out(out)
    scenarios = scenario or []
    with steps() as step:
        step("loading")
        limits = build_limits_with(read_build_limits(dataset, scenarios), build_limit or [])
        instance = folder.load(dataset, scenarios)
        factors, gone = _pairs("--year", year, float), _pairs("--retire", retire or [], int)
        given = {_number("--year", name, int): instance.scaled_demand(factor) for name, factor in factors.items()}
        years = Years(given, until, discount_rate, gone)
        table = read_candidates(dataset, scenarios, candidates)
        within: dict[str, Any] = {"time_limit_seconds": time_limit, "progress": occasionally(step)}
        found = plan_years(years, table, limits, gap=gap, workers=workers, **within)
    figures = {"dataset": dataset, "scenarios": scenarios} | found.summary()
    tables = {name: records(each) for name, each in found.tables.items()}
    write(json_text(figures | tables)) if as_json else _print(dataset_title(dataset, scenarios), found)
    write_out(out, figures, excel=found.save_excel, tables=found.save_tables)
    raise typer.Exit(Status.DONE if abs(found.gap) <= gap else Status.NO_SOLUTION)


def _pairs(option: str, texts: list[str], kind: type[float]) -> dict[str, Any]:
    """Return the names and numbers of options NAME=NUMBER.

    Raises
    ------
    InstanceError
        If a text is not of this form.
    """
    pairs = [text.rpartition("=") for text in texts]
    return {name: _number(option, number, kind) for name, _, number in pairs}


def _number(option: str, text: str, kind: type[float]) -> Any:
    try:
        return kind(text)
    except ValueError:
        example = "--year 2030=1.5" if option == "--year" else "--retire Port=2030"
        raise InstanceError([Violation("plan", "", option, f"{show(text)} is no number", example)]) from None


def _print(heading: str, found: YearsPlan) -> None:
    """Print the headline figures, the units in service in every year, the decisions, and the build limits."""
    title(heading)
    say(repr(found))
    standing = found.standing[found.standing.max(axis=1) > 0].rename(columns=str)
    if len(standing):
        print_table(as_table("Units that stand", standing, {str(name): str(name) for name in standing}))
    builds = found.builds[found.builds["units"] > 0]
    if len(builds):
        rows = builds.set_index(builds.index.map(lambda pair: f"{pair[0]}, {pair[1]}").rename("decided"))
        rows = rows.assign(stands_from=rows["stands_from"].map("{:g}".format))  # a year has no thousands
        print_table(as_table("Decisions", rows, _BUILD_HEADINGS))
    if len(found.build_limits):
        limits = found.build_limits
        rows = limits.set_index(limits.index.map(lambda pair: f"{pair[0]}, {pair[1]}").rename("limit"))
        print_table(as_table("Build limits", rows, _LIMIT_HEADINGS))
