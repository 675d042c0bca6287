"""The command line: what people type. Everything it does is a call of the library."""

from __future__ import annotations

import io
import math
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import placer
from placer.analysis.baselines import compare
from placer.analysis.shortage.explanation import explain as explain_placement
from placer.ceiling.exports import export_ceiling
from placer.cli.batch import batch
from placer.cli.bench import bench
from placer.cli.convert import convert
from placer.cli.options import (
    STATUSES,
    Dataset,
    Folder,
    Json,
    RequireServed,
    Scenario,
    Status,
    TimeLimit,
    placed,
    unserved_status,
    within,
)
from placer.cli.report import report
from placer.cli.screen import (
    draw_ceiling,
    log_shown,
    occasionally,
    print_ceiling,
    print_placement,
    print_shortages,
    records,
    say,
    say_unserved,
    steps,
    title,
    to_json,
    unserved_places,
    write,
)
from placer.cli.sensitivity import sensitivity
from placer.datasets import folder
from placer.datasets.places import names
from placer.datasets.template import write_template
from placer.errors import NoSolutionError, PlacerError, SolverError
from placer.instance.remarks import check as check_instance
from placer.model.formulation import formulate
from placer.running import check_time_limit
from placer.solve import default_solver, place
from placer.solve import solve as solve_instance
from placer.solvers.column_generation.solver import AnySolver, ColumnGeneration
from placer.solvers.highs import METHODS, HiGHS
from placer.solvers.pulp import PuLP
from placer.utils.atomic import check_file, check_folder, whole_folder
from placer.utils.optional import extra

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.model.program import Solver
    from placer.model.structure import Structure

    _Choice = Callable[[Structure, Callable[[str], None]], AnySolver]

app = typer.Typer(
    help="Place token workloads over data centres: cost per token, prices, and how much demand can leave.",
    epilog=STATUSES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # help and messages hold brackets, and names that look like markup
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


#: What is said of what ended a command.
_ENDED = {Status.INTERRUPTED: "interrupted", Status.TERMINATED: "terminated"}

#: How many remarks ``solve`` prints.
_SHOWN_REMARKS = 10

_SOLVERS = (
    "auto (by size); columns (column generation, for large instances); simplex, ipm or pdlp (HiGHS on the whole "
    "program); or pulp:NAME for a solver PuLP speaks to."
)


def _say_version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        say(f"placer {placer.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    *,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on standard error what is done and how long it took.")
    ] = False,
    version: Annotated[  # noqa: ARG001 - its callback acts on it
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if verbose:
        context.with_resource(log_shown())


@app.command(epilog="Example: placer solve china --scenario dispatch --out results")
def solve(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    solver: Annotated[str, typer.Option(help=_SOLVERS)] = "auto",
    time_limit: TimeLimit = math.inf,
    out: Folder = None,
    require_served: RequireServed = False,
    as_json: Json = False,
) -> None:
    """Place the demand of a dataset at least cost and prove it.

    Demand that cannot be served is part of the answer: a line says how much and where, and the exit status is 0 unless
    --require-served is given ('placer --help' lists all).
    """
    scenarios = scenario or []
    _check_out(out)
    choose = make_solver(solver, time_limit)
    with steps() as step:
        step("loading")
        instance = folder.load(dataset, scenarios)
        step(f"solving {instance!r}")
        with within(time_limit, occasionally(step)):
            formulation = formulate(instance)
            placement = place(
                instance, formulation, choose(formulation.structure, occasionally(step)), tie_break="round_trip"
            )
        step("making tables")
        remarks = check_instance(instance)
        rules = compare(placement)
    unserved = unserved_places(formulation, placement.accounts.unserved)
    summary = {"dataset": dataset, "scenarios": scenarios, "remarks": remarks} | placement.summary()
    summary |= {"unserved": records(unserved), "rules": rules.to_dict("index")}
    if as_json:
        write(to_json(summary | {"data_centres": records(placement.data_centres)}))
    else:
        print_placement(placement, rules, _title(dataset, scenarios))
    _say_remarks(remarks)
    say_unserved(unserved, placement.demand_mtok, errors=True)
    if out is not None:
        if _is_excel(out):
            placement.save_excel(out)
        else:
            with whole_folder(out) as drafts:
                placement.save_tables(drafts)
                _save_summary(summary, drafts)
    raise typer.Exit(unserved_status(unserved=len(unserved) > 0, required=require_served))


@app.command(epilog="Example: placer ceiling china --scenario agent_heavy --by rtt --out results")
def ceiling(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    by: Annotated[
        _By, typer.Option(help="A limit on round trips, a factor on all latency limits, or ms off every round trip.")
    ] = _By.RTT,
    weight: Annotated[_Weight, typer.Option(help="What the ceiling is a share of.")] = _Weight.TOKENS,
    exporting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REGION",
            help="A region that exports; repeatable. If not given: the largest ceiling, or the pairs of the dataset.",
        ),
    ] = None,
    time_limit: TimeLimit = math.inf,
    out: Folder = None,
    require_served: RequireServed = False,
    as_json: Json = False,
) -> None:
    """Find the most demand that can be exported, at which latency, and what stops the rest.

    Prints three ceilings (net of swaps, by distance and law alone, with swaps), the first by workload, destination and
    region, what takes the rest, the range of exports that are economic, the arcs to shorten first, and the exact curve.
    --out also draws the curve and the split, where matplotlib is installed.
    """
    scenarios = scenario or []
    _check_out(out)
    with steps() as step:
        step("loading")
        instance = folder.load(dataset, scenarios)
        step(f"solving for the ceiling of {instance!r}")
        with within(time_limit, occasionally(step)) as note:
            found = export_ceiling(instance, weight.value, exporting=exporting or None)
            note(repr(found))
            for part, name in _CEILING_PARTS.items():
                step(name)
                getattr(found, part)
            step("the exact curve")
            curve = getattr(found, _CURVES[by])
            summary = {"dataset": dataset, "scenarios": scenarios} | found.summary()
    unserved = unserved_places(found.formulation, found.extent.flows.unserved)
    summary |= {"by": by.value, "served_from": curve.served_from, "exportable_from": curve.exportable_from}
    summary |= {"unserved": records(unserved)}
    if as_json:
        write(to_json(summary | {"curve": records(curve.table)}))
    else:
        print_ceiling(found, curve, _title(dataset, scenarios))
    say_unserved(unserved, float(found.formulation.structure.demand_amount.sum()), errors=True)
    if out is not None:
        if _is_excel(out):
            found.save_excel(out, curve)
        else:
            with whole_folder(out) as drafts, steps() as step:
                found.save_tables(drafts, curve)
                _save_summary(summary, drafts)
                draw_ceiling(found, curve, drafts, step)
    raise typer.Exit(unserved_status(unserved=len(unserved) > 0, required=require_served))


@app.command(epilog="Example: placer explain china --json")
def explain(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    time_limit: TimeLimit = math.inf,
    require_served: RequireServed = False,
    as_json: Json = False,
) -> None:
    """Say why demand is short: which, by how much, because of which limit, and the least change that cures it."""
    with steps() as step:
        step("loading")
        instance = folder.load(dataset, scenario or [])
        step(f"solving {instance!r}")
        with within(time_limit, occasionally(step)) as note:
            placement = solve_instance(instance)
            note(placed(placement))
            step("looking for what is short, and why")
            table = explain_placement(placement).table.drop(columns="change")
    if as_json:
        write(to_json({"dataset": dataset, "scenarios": scenario or [], "shortages": records(table)}))
    else:
        print_shortages(table, _title(dataset, scenario or []))
    raise typer.Exit(unserved_status(unserved=len(table) > 0, required=require_served))


@app.command(name="datasets", epilog="Example: placer datasets --json")
def list_datasets(*, as_json: Json = False) -> None:
    """List the datasets that ship with placer, and their scenarios."""
    described = [folder.describe(name) for name in names()]
    if as_json:
        write(
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
    for item in described:
        title(item.folder.name)
        say(f"    {item.description}")
        for name, part in item.scenarios.items():
            say(f"    {name:<18} {part.get('description', '')}")


@app.command(epilog="Example: placer check my_folder")
def check(*, dataset: Dataset, scenario: Scenario = None, as_json: Json = False) -> None:
    """Validate a dataset without solving it; say what is allowed but probably not meant."""
    instance = folder.load(dataset, scenario or [])
    remarks = check_instance(instance)
    if as_json:
        write(to_json({"dataset": dataset, "valid": True, "remarks": remarks}))
        return
    say(f"{dataset}: valid, {instance!r}")
    for remark in remarks:
        say(f"  note: {remark}")


@app.command(epilog="Example: placer template my_folder")
def template(target: Annotated[Path, typer.Argument(help="A new folder, or a new .xlsx file.")]) -> None:
    """Write an empty dataset to fill in: a folder of CSV tables or an Excel workbook, with every column explained."""
    written = write_template(target)
    say(f"{written}: fill it in, then placer check {written}")


def _say_remarks(remarks: list[str]) -> None:
    """Say what is allowed but probably not meant on standard error, so that tables stay as they are."""
    for remark in remarks[:_SHOWN_REMARKS]:
        say(f"note: {remark}", errors=True)
    if len(remarks) > _SHOWN_REMARKS:
        say(f"note: {len(remarks) - _SHOWN_REMARKS} more; 'placer check' lists them all", errors=True)


app.add_typer(batch, name="batch")
app.command(epilog="Example: placer convert china china.graphml --scenario dispatch")(convert)
app.command(epilog="Example: placer report china -o report.html --scenario rented --scenario dispatch")(report)
app.command(
    epilog="Example: placer sensitivity china --store runs.db --resume --out folder --json",
)(sensitivity)
app.command(epilog="Example: placer bench --family tiers --size small --solver highs-simplex --out results")(bench)


def _check_out(out: Path | None) -> None:
    """Say before the work what could not be written after it: the folder or file, and the library it takes."""
    if out is None:
        return
    if _is_excel(out):
        check_file(out)
        extra("openpyxl", "Excel files", "excel")
    else:
        check_folder(out, (".xlsx",))


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
    >>> structure = placer.model.formulation.formulate(placer.load("tiny")).structure
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
    """Run the command line; turn expected errors into messages and exit statuses."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names may hold what the terminal's encoding has not
    try:
        status = app(prog_name="placer", standalone_mode=False) or Status.DONE
    except typer.TyperException as error:
        say(_usage(error), errors=True)
        status = Status.BAD_INPUT
    except (PlacerError, OSError) as error:
        say(f"placer: {error}", errors=True)
        status = Status.NO_SOLUTION if isinstance(error, NoSolutionError) else Status.BAD_INPUT
    except KeyboardInterrupt:
        status = Status.INTERRUPTED
    except SystemExit as ended:
        status = ended.code
    if status in _ENDED:
        say(f"placer: {_ENDED[status]}", errors=True)
    sys.exit(status)


def _usage(error: typer.TyperException) -> str:
    """Return what is wrong with the arguments, and where the right ones are listed; or the help for want of any."""
    said, context = error.format_message(), getattr(error, "ctx", None)
    if said.startswith("Usage:"):
        return said
    command = context.command_path.strip() if context else "placer"
    return f"{command}: {said} See '{command} --help'."
