"""The command line: what people type. Everything it does is a call of the library."""

from __future__ import annotations

import math
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from placer import datasets
from placer.accounts import NEGLIGIBLE
from placer.baselines import compare
from placer.batch_command import batch
from placer.bench_command import bench
from placer.ceiling import export_ceiling
from placer.column_generation import AnySolver, ColumnGeneration
from placer.convert_command import convert
from placer.errors import NoSolutionError, PlacerError, SolverError
from placer.explain import explain as explain_placement
from placer.formulation import formulate
from placer.instance import check as check_instance
from placer.report_command import report
from placer.screen import (
    draw_ceiling,
    occasionally,
    print_ceiling,
    print_placement,
    print_shortages,
    records,
    steps,
    to_json,
)
from placer.solve import default_solver, place
from placer.solve import solve as solve_instance
from placer.solvers.highs import METHODS, HiGHS, check_time_limit
from placer.solvers.pulp import PuLP

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.program import Solver
    from placer.structure import Structure

    _Choice = Callable[[Structure, Callable[[str], None]], AnySolver]

#: Exit codes: all served; something unserved, or no solution; bad input; interrupted by the user.
DONE, SHORT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    help="Place token workloads over data centres: cost per token, prices, and how much demand can leave.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

#: The parts of a ceiling that are solved for one by one, and what they are called meanwhile.
_CEILING_PARTS = {
    "work_share": "the ceiling by work",
    "gross_share": "the ceiling with swaps",
    "limits": "what takes the rest",
    "economic_range": "the economic range",
    "shortenings": "the arcs to shorten first",
}


class _By(StrEnum):
    RTT = "rtt"
    SLO = "slo"
    SHORTEN = "shorten"


#: The curve of a ceiling that goes with each kind of limit.
_CURVES = {_By.RTT: "curve", _By.SLO: "slo_curve", _By.SHORTEN: "shorten_curve"}


class _Weight(StrEnum):
    TOKENS = "tokens"
    WORK = "work"
    ENERGY = "energy"
    VALUE = "value"


_Dataset = Annotated[str, typer.Argument(help="Name of a dataset (see 'placer datasets') or a folder.")]
_Scenario = Annotated[
    list[str] | None, typer.Option("--scenario", "-s", help="Scenario of the dataset; may be given several times.")
]
_SOLVERS = (
    "auto (by size); columns (column generation, for large instances); simplex, ipm or pdlp (HiGHS on the whole "
    "program); or pulp:NAME for a solver PuLP speaks to."
)
_Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON instead of text.")]


@app.command(epilog="Example: placer solve china --scenario dispatch --out results")
def solve(
    dataset: _Dataset,
    scenario: _Scenario = None,
    solver: Annotated[str, typer.Option(help=_SOLVERS)] = "auto",
    time_limit: Annotated[float, typer.Option(help="Seconds the solver may take.")] = math.inf,
    out: Annotated[Path | None, typer.Option(help="Folder for all tables and summary.json, or an .xlsx file.")] = None,
    as_json: _Json = False,  # noqa: FBT002 - a switch
) -> None:
    """Place the demand of a dataset at least cost and prove it.

    Exit status: 0 all served, 1 some demand unserved or no solution (the message says which), 2 bad input.
    """
    scenarios = scenario or []
    choose = make_solver(solver, time_limit)
    with steps() as step:
        step("loading")
        instance = datasets.load(dataset, scenarios)
        step(f"solving {instance!r}")
        formulation = formulate(instance)
        placement = place(instance, formulation, choose(formulation.structure, occasionally(step)))
        step("making tables")
        summary = {"dataset": dataset, "scenarios": scenarios} | placement.summary()
        rules = compare(placement)
        summary["rules"] = rules.to_dict("index")
        if out is not None:
            if _is_excel(out):
                placement.save_excel(out)
            else:
                placement.save_tables(out)
                _save_summary(summary, out)
    if as_json:
        typer.echo(to_json(summary | {"data_centres": records(placement.data_centres)}))
    else:
        print_placement(placement, rules, _title(dataset, scenarios))
    raise typer.Exit(SHORT if placement.unserved_mtok > NEGLIGIBLE * placement.demand_mtok else DONE)


@app.command(epilog="Example: placer ceiling china --scenario agent_heavy --by rtt --out results")
def ceiling(
    dataset: _Dataset,
    scenario: _Scenario = None,
    by: Annotated[
        _By, typer.Option(help="A limit on round trips, a factor on all latency limits, or ms off every round trip.")
    ] = _By.RTT,
    weight: Annotated[_Weight, typer.Option(help="What the ceiling is a share of.")] = _Weight.TOKENS,
    exporting: Annotated[
        list[str] | None,
        typer.Option(
            help="A region that exports; repeatable. If not given: the largest ceiling, or the pairs of the dataset."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables as CSV, summary.json, and plots, or an .xlsx file.")
    ] = None,
    as_json: _Json = False,  # noqa: FBT002 - a switch
) -> None:
    """Find the most demand that can be exported, at which latency, and what stops the rest.

    Prints three ceilings (net of swaps, by distance and law alone, with swaps), the first by workload, destination and
    region, what takes the rest, the range of exports that are economic, the arcs to shorten first, and the exact curve.
    --out also draws the curve and the split, where matplotlib is installed.

    Exit status: 0 solved, 1 no solution, 2 bad input.
    """
    scenarios = scenario or []
    with steps() as step:
        step("loading")
        instance = datasets.load(dataset, scenarios)
        step(f"solving for the ceiling of {instance!r}")
        found = export_ceiling(instance, weight.value, exporting=exporting or None)
        for part, name in _CEILING_PARTS.items():
            step(name)
            getattr(found, part)
        step("the exact curve")
        curve = getattr(found, _CURVES[by])
        summary = {"dataset": dataset, "scenarios": scenarios} | found.summary()
        summary |= {"by": by.value, "served_from": curve.served_from, "exportable_from": curve.exportable_from}
        if out is not None:
            if _is_excel(out):
                found.save_excel(out, curve)
            else:
                found.save_tables(out, curve)
                _save_summary(summary, out)
                draw_ceiling(found, curve, out, step)
    if as_json:
        typer.echo(to_json(summary | {"curve": records(curve.table)}))
    else:
        print_ceiling(found, curve, _title(dataset, scenarios))


@app.command(epilog="Example: placer explain china --json")
def explain(
    dataset: _Dataset,
    scenario: _Scenario = None,
    as_json: _Json = False,  # noqa: FBT002 - a switch
) -> None:
    """Say why demand is short: which, by how much, because of which limit, and the least change that cures it.

    Exit status: 0 all served, 1 some demand unserved or no solution, 2 bad input.
    """
    with steps() as step:
        step("loading")
        instance = datasets.load(dataset, scenario or [])
        step(f"solving {instance!r}")
        placement = solve_instance(instance)
        step("looking for what is short, and why")
        table = explain_placement(placement).table.drop(columns="change")
    if as_json:
        typer.echo(to_json({"dataset": dataset, "scenarios": scenario or [], "shortages": records(table)}))
    else:
        print_shortages(table, _title(dataset, scenario or []))
    raise typer.Exit(SHORT if len(table) else DONE)


@app.command(name="datasets", epilog="Example: placer datasets --json")
def list_datasets(as_json: _Json = False) -> None:  # noqa: FBT002 - a switch
    """List the datasets that ship with placer, and their scenarios."""
    described = [datasets.describe(name) for name in datasets.names()]
    if as_json:
        typer.echo(
            to_json(
                [
                    {
                        "name": item.folder.name,
                        "description": item.description,
                        "licence": item.licence,
                        "scenarios": {name: part.get("description", "") for name, part in item.scenarios.items()},
                    }
                    for item in described
                ]
            )
        )
        return
    console = Console()
    for item in described:
        console.print(f"[bold]{item.folder.name}[/bold]  {item.description}", highlight=False)
        for name, part in item.scenarios.items():
            console.print(f"    {name:<18} {part.get('description', '')}", highlight=False, markup=False)


@app.command(epilog="Example: placer check my_folder")
def check(dataset: _Dataset, scenario: _Scenario = None, as_json: _Json = False) -> None:  # noqa: FBT002 - a switch
    """Validate a dataset without solving it; say what is allowed but probably not meant.

    Exit status: 0 valid, 2 bad input.
    """
    instance = datasets.load(dataset, scenario or [])
    remarks = check_instance(instance)
    if as_json:
        typer.echo(to_json({"dataset": dataset, "valid": True, "remarks": remarks}))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{dataset}: valid, {instance!r}")
    for remark in remarks:
        console.print(f"  note: {remark}")


app.add_typer(batch, name="batch")
app.command(epilog="Example: placer convert china china.graphml --scenario dispatch")(convert)
app.command(epilog="Example: placer report china -o report.html --scenario rented --scenario dispatch")(report)
app.command(epilog="Example: placer bench --family tiers --size small --solver highs-simplex --out results")(bench)


def _is_excel(out: Path) -> bool:
    return out.suffix.lower() == ".xlsx"


def _save_summary(summary: dict[str, Any], folder: Path) -> None:
    (folder / "summary.json").write_text(to_json(summary), encoding="utf-8", newline="\n")


def _title(dataset: str, scenarios: list[str]) -> str:
    return " + ".join([dataset, *scenarios])


def make_solver(name: str, time_limit_seconds: float = math.inf) -> _Choice:
    """Return the choice a name on the command line stands for: from a structure and whom to tell, to a solver.

    Raises
    ------
    SolverError
        If the name is unknown or the solver is not available.

    Examples
    --------
    >>> import placer
    >>> structure = placer.formulation.formulate(placer.load("tiny")).structure
    >>> make_solver("pulp:HiGHS")(structure, print).name
    'PuLP HiGHS'
    """
    if name == "auto":
        return lambda structure, tell: default_solver(structure, time_limit_seconds, tell)
    if name == "columns":
        check_time_limit(time_limit_seconds)
        return lambda _, tell: ColumnGeneration(time_limit_seconds=time_limit_seconds, progress=tell)
    for method in METHODS:
        if name == method:
            return _always(HiGHS(method, time_limit_seconds))
    if name.startswith("pulp:"):
        return _always(PuLP(name.removeprefix("pulp:"), time_limit_seconds))
    raise SolverError(f"solver {name!r} is unknown; use auto, columns, simplex, ipm, pdlp or pulp:NAME")


def _always(solver: Solver) -> _Choice:
    return lambda _structure, _tell: solver


def main() -> None:
    """Run the command line; turn expected errors into messages and exit codes."""
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        app()
    except NoSolutionError as error:
        errors.print(f"placer: {error}")
        sys.exit(SHORT)
    except PlacerError as error:
        errors.print(f"placer: {error}")
        sys.exit(BAD_INPUT)
    except OSError as error:
        errors.print(f"placer: {error}")
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        errors.print("placer: interrupted")
        sys.exit(INTERRUPTED)
