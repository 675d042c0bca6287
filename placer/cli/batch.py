"""``placer batch``: solve many demand sets of a dataset, and report what came of them."""

from __future__ import annotations

import importlib
import math
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from placer.batch.report import (
    HEADLINES,
    compare,
    endings,
    failed,
    headlines,
    hub_prices,
    in_round_units,
    quantiles,
    share_below,
    unserved_sets,
)
from placer.batch.runner import check_size, settings_of, solve_many
from placer.batch.store import EXPORTS, Store, export
from placer.cli.options import Dataset, Json, RequireServed, Scenario, Status, unserved_status
from placer.cli.screen import as_table, console, records, say, show, title, to_json, write
from placer.datasets import folder
from placer.errors import BatchError, PlacerError, StoreError
from placer.model.program import Reason
from placer.running import check_time_limit
from placer.synthetic import DemandSets, Uncertainty
from placer.utils.atomic import check_file
from placer.utils.optional import extra

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

_HEADINGS = {name: name for name in ("mean", "p05", "p25", "p50", "p75", "p95", "sets")}
_COMPARED = {
    "first_p50": "first p50",
    "second_p50": "second p50",
    "difference_p50": "difference p50",
    "difference_p05": "p05",
    "difference_p95": "p95",
    "sets": "sets",
}
#: How long a scheduler may take to answer.
PATIENCE = "10s"
_RUN = "run"


class _RunByDefault(typer.core.TyperGroup):
    """``placer batch DATASET`` is ``placer batch run DATASET``, in whatever order options stand, and so is its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in front where it is left out."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else [_RUN, *args])


class _Unnamed(typer.core.TyperCommand):
    """The command that may be left out, and is left out in its help and its messages."""

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Return the context of a call, without the name, which is the first argument."""
        return super().make_context(None, *arguments[1:], **extra)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the form that people type, and the other command of the group."""
        group = ctx.parent.command_path
        formatter.write_usage(group, "DATASET [OPTIONS]")
        formatter.write_usage(group, "report STORE [STORE] [OPTIONS]", prefix=" " * len("Usage: "))


batch = typer.Typer(
    cls=_RunByDefault,
    rich_markup_mode=None,
    help="Solve many demand sets of a dataset, and report what came of them.",
)


@batch.command(
    name=_RUN, cls=_Unnamed, epilog="Example: placer batch china --n 1000 --seed 7 --workers 2 --store runs.db --resume"
)
def run(
    *,
    dataset: Dataset,
    scenario: Scenario = None,
    n: Annotated[int, typer.Option("--n", min=1, help="How many demand sets.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Seed they are drawn from.")] = 0,
    uncertain: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Parameter of placer.Uncertainty, such as common_sigma=0.1; several times.",
        ),
    ] = None,
    analyses: Annotated[
        str,
        typer.Option(
            help="Any of cost, hub_prices, unserved, economic, work_economic, ceiling, work_ceiling, limits, "
            "with commas between them."
        ),
    ] = "cost",
    workers: Annotated[int, typer.Option(min=1, help="Processes that solve.")] = 1,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler to solve on.")] = None,
    store: Annotated[Path | None, typer.Option(help="File that keeps every result as it comes.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the store, if it is there.")] = False,
    time_limit: Annotated[float, typer.Option(help="Seconds an answer of a set may take.")] = math.inf,
    require_served: RequireServed = False,
    as_json: Json = False,
) -> None:
    """Solve demand sets drawn around a dataset, and print the distribution of what they cost.

    Exit status: 0 all sets solved, 1 some were not, 2 bad input, 3 demand unserved and --require-served given, 130
    interrupted; --resume goes on.
    """
    check_time_limit(time_limit)
    sets = DemandSets(folder.load(dataset, scenario or []), _uncertainty(uncertain or []), n, seed)
    check_size(n)
    named = analyses.split(",")
    with ExitStack() as opened:
        executor = opened.enter_context(_cluster(scheduler)) if scheduler is not None else None
        kept = opened.enter_context(_store(store, sets, named, time_limit, resume=resume)) if store else None
        if kept and kept.dropped:
            say(f"placer: {kept.about_damaged()}; solved again", errors=True)
        step = opened.enter_context(_progress(n))
        rows = solve_many(sets, named, workers=workers, executor=executor, store=kept, time_limit_seconds=time_limit)
        table, broken = _table(rows, step)
    _show(table, as_json=as_json, heading=f"{n} demand sets of {' + '.join([dataset, *(scenario or [])])}, seed {seed}")
    if broken is not None:
        say(f"placer: {broken}. {len(table)} of {n} sets are done; {_how_to_go_on(store)}", errors=True)
        raise typer.Exit(Status.NO_SOLUTION if isinstance(broken, BatchError) else Status.BAD_INPUT)
    raise typer.Exit(_status(table, require_served=require_served))


def _status(table: pd.DataFrame, *, require_served: bool) -> Status:
    """Say how many sets leave demand unserved, and return the status of a batch."""
    short = unserved_sets(table)
    if short:
        say(f"placer: {short} of {len(table)} sets leave demand unserved; see unserved_share", errors=True)
    return Status.NO_SOLUTION if len(failed(table)) else unserved_status(unserved=short > 0, required=require_served)


@batch.command(epilog="Example: placer batch report runs.db --below ceiling_share=0.6 --plot ceiling.png")
def report(
    *,
    stores: Annotated[
        list[Path], typer.Argument(metavar="STORE", help="Store of a batch; with a second one, both are compared.")
    ],
    below: Annotated[
        list[str] | None,
        typer.Option(metavar="FIGURE=THRESHOLD", help="How often the figure is below; several times."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            help="File for all rows: .csv, .parquet with token-placer[parquet], .xlsx with token-placer[excel]."
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help="File for histograms, such as .png, .svg or .pdf; needs token-placer[plot].")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the distribution of every figure of a batch, or compare two.

    Exit status: 0, or 2 for a file that is no store, not readable or damaged.
    """
    if len(stores) > 2:
        raise BatchError("one store is reported, or two are compared; more cannot be")
    _check_targets(out, plot)
    tables = []
    for file in stores:
        with Store.read(file) as store:
            tables.append(store.frame())
    if len(tables) > 1:
        _show_compared(tables, as_json=as_json)
    else:
        thresholds = [_assignment(each) for each in below or []]
        shares = {f"{name} < {value:g}": share_below(tables[0], name, value) for name, value in thresholds}
        heading = f"{stores[0].name}: {len(tables[0])} demand sets"
        drawn = _drawn(tables[0]) if plot is not None else ""
        _show(tables[0], as_json=as_json, heading=heading, shares=shares)
        if plot is not None:
            _plot(tables[0], drawn, plot)
    if out is not None:
        with Store.read(stores[0]) as store:
            export(store, out)


def _check_targets(out: Path | None, plot: Path | None) -> None:
    """Say before the work what could not be written after it."""
    if out is not None:
        check_file(out, tuple(EXPORTS))
        if library := EXPORTS[out.suffix.lower()]:
            extra(*library)
    if plot is not None:
        canvas = extra("matplotlib.backend_bases", "plots", "plot")
        check_file(plot, [f".{name}" for name in canvas.FigureCanvasBase.get_supported_filetypes()])


def _show(table: pd.DataFrame, *, as_json: bool, heading: str, shares: dict[str, float] | None = None) -> None:
    found, ended = quantiles(table), endings(table)
    if as_json:
        write(to_json({"endings": ended.to_dict(), "shares": shares or {}, "quantiles": records(found)}))
        return
    title(heading)
    say(", ".join(f"{count} {status}" for status, count in ended.items()))
    show(as_table("Figures", in_round_units(headlines(found)), _HEADINGS))
    if len(hubs := hub_prices(found)):
        show(as_table("Mean price by hub, USD per Mtok", hubs, _HEADINGS))
    for name, share in (shares or {}).items():
        say(f"{name} in {share:.1%} of the sets")
    for row in failed(table).head(5).itertuples():
        say(f"set {row.number}: {row.status}: {row.detail}")


def _show_compared(tables: list[pd.DataFrame], *, as_json: bool) -> None:
    found = compare(*tables)
    if as_json:
        write(to_json(records(found)))
    else:
        show(as_table("Second less first, set by set", in_round_units(found), _COMPARED))


def _table(rows: Iterator[dict[str, Any]], step: Callable[[bool], None]) -> tuple[pd.DataFrame, PlacerError | None]:
    """Take the rows as they come, without what is said of each solve; return them by number, and what broke off."""
    found: list[dict[str, Any]] = []
    broken: PlacerError | None = None
    try:
        for row in rows:
            step(row["status"] == str(Reason.OPTIMAL))
            found.append({name: value for name, value in row.items() if name != "solver"})
    except (BatchError, StoreError) as error:  # the cluster is gone; the disk is full
        broken = error
    table = pd.DataFrame(found) if found else pd.DataFrame(columns=["number", "status"])
    return table.sort_values("number", ignore_index=True), broken


def _how_to_go_on(store: Path | None) -> str:
    if store is None:
        return "with --store FILE they would have been kept"
    return f"the same command with --store {store} --resume goes on"


def _uncertainty(given: list[str]) -> Uncertainty:
    values = dict(map(_assignment, given))
    names = [item.name for item in fields(Uncertainty)]
    if unknown := [name for name in values if name not in names]:
        raise BatchError(f"{unknown[0]!r} is not a parameter of demand sets; there are {', '.join(names)}")
    return Uncertainty(**values)


def _assignment(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    with suppress(ValueError):
        if not math.isnan(number := float(value)):
            return name, number
    raise BatchError(f"{text!r} is not NAME=NUMBER")


def _store(file: Path, sets: DemandSets, analyses: list[str], time_limit: float, *, resume: bool) -> Store:
    settings = settings_of(sets, analyses, time_limit)
    return Store.resume(file, settings) if resume and file.exists() else Store.create(file, settings)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    distributed = extra("distributed", "clusters", "cluster")
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:  # the latter of what is no address
        raise BatchError(f"no scheduler answers at {address}: {error}") from error
    with client:
        yield client.get_executor()


def _drawn(table: pd.DataFrame) -> str:
    """Return the figure to draw: the first headline that any set has."""
    drawn = next((name for name in HEADLINES if name in table and table[name].notna().any()), None)
    if drawn is None:
        raise BatchError(f"no set has a figure to draw; those that are drawn are {', '.join(HEADLINES)}")
    return drawn


def _plot(table: pd.DataFrame, drawn: str, file: Path) -> None:
    plots = importlib.import_module("placer.plots")
    plots.save(plots.plot_distributions(table, figure=drawn), file)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[bool], None]]:
    """Show on standard error how many sets are done, how fast, and how many failed."""
    aside = console(errors=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=aside, disable=not aside.is_terminal) as bar:
        task, failed = bar.add_task("solving", total=total, failed=0), 0

        def step(solved: bool) -> None:  # noqa: FBT001 - told of each set
            nonlocal failed
            failed += not solved
            bar.update(task, advance=1, failed=failed)

        yield step
