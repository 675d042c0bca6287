"""The command line: what people type. Everything it does is a call of the library."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from placer import datasets
from placer.accounts import NEGLIGIBLE
from placer.baselines import compare
from placer.errors import InstanceError, NoSolutionError, SolverError
from placer.instance import check as check_instance
from placer.solve import solve as solve_instance
from placer.solvers.highs import HiGHS
from placer.solvers.pulp import PuLP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from placer.placement import Placement
    from placer.program import Solver

#: Exit codes: all served; something unserved, or no solution; bad input; interrupted by the user.
DONE, SHORT, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

#: Rows of a table on the screen; ``--out`` writes all of them.
_SHOWN_ROWS = 15

app = typer.Typer(
    help="Place token workloads over data centres: cost per token, prices, and how much demand can leave.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

#: Columns shown on the screen, and what stands above them there.
_DEMAND_HEADINGS = {
    "demand_mtok": "Mtok",
    "unserved_mtok": "unserved",
    "export_share": "exported",
    "rtt_ms": "rtt ms",
    "cost_usd_per_mtok": "USD/Mtok",
    "price_usd_per_mtok": "price",
}
_SITE_HEADINGS = {
    "mtok": "Mtok",
    "utilisation": "used",
    "peak_utilisation": "peak",
    "mwh": "MWh",
    "cost_usd": "USD",
    "accelerator_rent_usd": "rent/accel.",
}
_RULE_HEADINGS = {
    "cost_usd": "USD",
    "cost_usd_per_mtok": "USD/Mtok",
    "penalty_usd": "penalty",
    "unserved_mtok": "unserved",
    "export_share": "exported",
}

_Dataset = Annotated[str, typer.Argument(help="Name of a dataset (see 'placer datasets') or a folder.")]
_Scenario = Annotated[
    list[str] | None, typer.Option("--scenario", "-s", help="Scenario of the dataset; may be given several times.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON instead of text.")]


@app.command(epilog="Example: placer solve china --scenario dispatch --out results")
def solve(
    dataset: _Dataset,
    scenario: _Scenario = None,
    solver: Annotated[
        str, typer.Option(help="simplex, ipm or pdlp (HiGHS), or pulp:NAME for a solver PuLP speaks to.")
    ] = "simplex",
    time_limit: Annotated[float, typer.Option(help="Seconds the solver may take.")] = math.inf,
    out: Annotated[Path | None, typer.Option(help="Folder for every table as CSV and summary.json.")] = None,
    as_json: _Json = False,  # noqa: FBT002 - a switch
) -> None:
    """Place the demand of a dataset at least cost and prove it.

    Exit status: 0 all served, 1 some demand unserved or no solution (the message says which), 2 bad input.
    """
    scenarios = scenario or []
    chosen = make_solver(solver, time_limit)
    with _steps() as step:
        step("loading")
        instance = datasets.load(dataset, scenarios)
        step(f"solving {instance!r}")
        placement = solve_instance(instance, chosen)
        step("making tables")
        summary = {"dataset": dataset, "scenarios": scenarios} | placement.summary()
        summary["rules"] = compare(placement).to_dict("index")
        if out is not None:
            placement.save_tables(out)
            (out / "summary.json").write_text(_as_json(summary), encoding="utf-8", newline="\n")
    if as_json:
        typer.echo(_as_json(summary | {"data_centres": _records(placement.data_centres)}))
    else:
        _print_placement(placement, f"{dataset}{''.join(' + ' + name for name in scenarios)}")
    raise typer.Exit(SHORT if placement.unserved_mtok > NEGLIGIBLE * placement.demand_mtok else DONE)


@app.command(name="datasets", epilog="Example: placer datasets --json")
def list_datasets(as_json: _Json = False) -> None:  # noqa: FBT002 - a switch
    """List the datasets that ship with placer, and their scenarios."""
    described = [datasets.describe(name) for name in datasets.names()]
    if as_json:
        typer.echo(
            _as_json(
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
        typer.echo(_as_json({"dataset": dataset, "valid": True, "remarks": remarks}))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{dataset}: valid, {instance!r}")
    for remark in remarks:
        console.print(f"  note: {remark}")


def make_solver(name: str, time_limit_seconds: float = math.inf) -> Solver:
    """Return the solver a name on the command line stands for.

    Raises
    ------
    SolverError
        If the name is unknown or the solver is not available.

    Examples
    --------
    >>> make_solver("pulp:HiGHS").name
    'PuLP HiGHS'
    """
    if name in ("simplex", "ipm", "pdlp"):
        return HiGHS(name, time_limit_seconds)  # type: ignore[arg-type]
    if name.startswith("pulp:"):
        return PuLP(name.removeprefix("pulp:"), time_limit_seconds)
    raise SolverError(f"solver {name!r} is unknown; use simplex, ipm, pdlp or pulp:NAME")


def main() -> None:
    """Run the command line; turn expected errors into messages and exit codes."""
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        app()
    except (InstanceError, SolverError) as error:
        errors.print(f"placer: {error}")
        sys.exit(BAD_INPUT)
    except NoSolutionError as error:
        errors.print(f"placer: {error}")
        sys.exit(SHORT)
    except OSError as error:
        errors.print(f"placer: {error}")
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        errors.print("placer: interrupted")
        sys.exit(INTERRUPTED)


@contextlib.contextmanager
def _steps() -> Iterator[Any]:
    """Show what is being done on standard error; keep what solvers print themselves off standard output."""
    console = Console(stderr=True, highlight=False)
    with _output_aside(), console.status("starting") as status:

        def step(text: str) -> None:
            if console.is_terminal:
                status.update(text.replace("[", r"\["))
            else:
                console.print(f"placer: {text}", markup=False, soft_wrap=True)

        yield step


@contextlib.contextmanager
def _output_aside() -> Iterator[None]:
    """Send the process' standard output to standard error meanwhile: HiGHS inside PuLP prints its banner there."""
    try:
        target = sys.__stderr__.fileno() if sys.__stderr__ else -1
        source = sys.__stdout__.fileno() if sys.__stdout__ else -1
        kept = os.dup(source)
    except (OSError, ValueError):
        yield
        return
    try:
        sys.stdout.flush()
        os.dup2(target, source)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, source)
        os.close(kept)


def _print_placement(placement: Placement, title: str) -> None:
    console = Console(highlight=False)
    console.print(f"[bold]{title}[/bold]")
    console.print(repr(placement), markup=False, soft_wrap=True)
    scarce = placement.scarcities.reset_index()
    scarce.index = pd.Index(scarce["limit"] + " " + scarce["name"], name="limit")
    console.print(_as_table("Workloads", _largest_first(placement.workloads, "demand_mtok"), _DEMAND_HEADINGS))
    console.print(_as_table("Data centres", _largest_first(placement.data_centres, "mtok"), _SITE_HEADINGS))
    console.print(_as_table("Hubs", _largest_first(placement.hubs, "demand_mtok"), _DEMAND_HEADINGS))
    console.print(_as_table("Scarce limits", scarce, {"hours": "hours", "rent_usd": "rent USD"}))
    console.print(_as_table("Beside naive rules", compare(placement), _RULE_HEADINGS))


def _largest_first(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.sort_values(column, ascending=False)


def _as_table(title: str, frame: pd.DataFrame, headings: dict[str, str]) -> Table:
    frame = frame[list(headings)]
    table = Table(title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(str(frame.index.name).replace("_", " "))
    for heading in headings.values():
        table.add_column(heading, justify="right")
    for label, *values in frame.head(_SHOWN_ROWS).itertuples():
        figures = (_figure(name, value) for name, value in zip(headings, values, strict=True))
        table.add_row(str(label).replace("[", r"\["), *figures)
    if len(frame) > _SHOWN_ROWS:
        table.add_row(f"and {len(frame) - _SHOWN_ROWS} more")
    return table


def _figure(name: str, value: float) -> str:
    if math.isnan(value):
        return "-"
    if "share" in name or "utilisation" in name:
        return f"{value:.1%}"
    return f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.reset_index().to_dict("records")]


def _as_json(value: Any) -> str:
    """Return JSON in which what is unknown (NaN) or unlimited (inf) is null."""

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: plain(part) for key, part in item.items()}
        if isinstance(item, (list, tuple)):
            return [plain(part) for part in item]
        return None if isinstance(item, float) and not math.isfinite(item) else item

    return json.dumps(plain(value), indent=2, ensure_ascii=False)
