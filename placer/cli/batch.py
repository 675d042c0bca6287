"""``placer batch``: solve many demand sets of a dataset. ``batch_report`` holds ``placer batch report``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from placer.batch.bounding import check_bounds
from placer.batch.identity import settings_of
from placer.batch.report import ANSWERED, failed, unserved_sets
from placer.batch.runner import check_size, solve_many
from placer.batch.store import Store
from placer.batch.store_file import refuse_existing
from placer.cli.batch_report import (
    Asked,
    Below,
    PageFile,
    PlotFile,
    RowsFile,
    assignments,
    batch_report_command,
)
from placer.cli.cluster import cluster, needs_workers
from placer.cli.history import ClassesFile, HistoryFile, HistoryOptions, MissingRule
from placer.cli.options import NO_LIMIT, Resume, Status, StoreFile, quietly
from placer.cli.progress import set_bar
from placer.cli.run import Run, command
from placer.cli.screen import mention, say
from placer.errors import BatchError, PlacerError, StoreError, refuse
from placer.report.content.batch import BatchSubject
from placer.running import check_time_limit
from placer.synthetic import DemandSets, SetsAround, Uncertainty

_RUN = "run"
#: Number of demand sets that are drawn where none is given.
_DRAWN = 100


class _RunByDefault(typer.core.TyperGroup):
    """Treat ``placer batch DATASET`` as ``placer batch run DATASET``, with options in any order, in the help too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Insert the command where it is omitted."""
        return super().parse_args(ctx, args if args and args[0] in self.commands else [_RUN, *args])


class _Unnamed(typer.core.TyperCommand):
    """The command that may be omitted, and is omitted in its help and messages."""

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Return the context of a call without the name, the first argument."""
        return super().make_context(None, *arguments[1:], **extra)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the usual form of the command, and the other command of the group."""
        group = ctx.parent.command_path
        formatter.write_usage(group, "DATASET [OPTIONS]")
        formatter.write_usage(group, "report STORE [STORE] [OPTIONS]", prefix=" " * len("Usage: "))


_Count = Annotated[
    int | None, typer.Option("--n", min=1, help="How many demand sets; if not given 100, or all days of a history.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed they are drawn from.")]
Uncertain = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="Parameter of placer.Uncertainty, such as common_sigma=0.1; several times."
    ),
]
_Analyses = Annotated[
    str,
    typer.Option(
        help="Any of cost, hub_prices, own_limits, accounts, price_of_security, unserved, economic, work_economic, "
        "ceiling, work_ceiling, secure_ceiling, limits, with commas between them; the two of security also for other "
        "losses, such as power_zones_secure_ceiling or links_price_of_security."
    ),
]
_Bounds = Annotated[
    float | None,
    typer.Option(help="Relative gap within which the cost of a set need be known, such as 1e-4; cost alone."),
]
_SetTimeLimit = Annotated[float, typer.Option(help="Seconds an answer of a set may take; the batch has no limit.")]


@command("workers scheduler store resume time_limit bounds below out plot page require_served as_json")
def _batch_run_command(
    run: Run,
    *,
    n: _Count = None,
    seed: Seed = 0,
    uncertain: Uncertain = None,
    history: HistoryFile = None,
    classes: ClassesFile = None,
    missing: MissingRule = "error",
    analyses: _Analyses = "cost",
    store: StoreFile = None,
    resume: Resume = False,
    time_limit: _SetTimeLimit = NO_LIMIT,
    bounds: _Bounds = None,
    below: Below = None,
    out: RowsFile = None,
    plot: PlotFile = None,
    page: PageFile = None,
) -> None:
    """Solve demand sets drawn around a dataset, or days of a history, and print the distribution of their costs.

    Exit status: 0 all sets solved, 1 some were not, 2 bad input, 3 demand unserved and --require-served given, 130
    interrupted; --resume continues.
    """
    check_time_limit(time_limit)
    asked = Asked(below or [], out, plot, page, as_json=run.as_json)
    named = analyses.split(",")
    if bounds is not None:
        check_bounds(bounds, named)
    sets = _sets(run, n, seed, uncertain or [], HistoryOptions(history, classes, missing))
    check_size(count := len(sets))
    with ExitStack() as opened:
        executor = opened.enter_context(cluster(run.scheduler))
        settings = settings_of(sets, named, time_limit, bounds)
        kept = opened.enter_context(_open_store(store, settings, resume=resume)) if store else None
        step = opened.enter_context(set_bar(count))
        workers = run.workers
        rows = solve_many(
            sets, named, workers=workers, executor=executor, store=kept, time_limit_seconds=time_limit, bounds=bounds
        )
        table, broken = _table(rows, step)
    heading = f"{count} demand sets of {run.title}" + (f", seed {seed}" if history is None else f", days of {history}")
    subject = BatchSubject(heading, table, sets, run.described, tuple(run.scenarios))
    options = {"--n": n, "--missing": missing, "--bounds": bounds, "--classes": classes, "--history": history}
    asked.tell(subject, _words_of(run, seed, uncertain or [], named, options))
    if broken is not None:
        say(f"placer: {broken}. {len(table)} of {count} sets are done; {how_to_go_on(store)}", errors=True)
        raise typer.Exit(Status.NO_SOLUTION if isinstance(broken, BatchError) else Status.BAD_INPUT)
    short = _say_unserved(table)
    if len(failed(table)):
        raise typer.Exit(Status.NO_SOLUTION)
    run.end(unserved=short)


batch_command = typer.Typer(
    cls=_RunByDefault,
    add_completion=False,
    rich_markup_mode=None,
    help="Solve many demand sets of a dataset, and report what came of them.",
)
batch_command.command(
    _RUN, cls=_Unnamed, epilog="Example: placer batch china --n 1000 --seed 7 --workers 2 --store runs.db --resume"
)(quietly(_batch_run_command))
batch_command.command(
    "report", epilog="Example: placer batch report runs.db --below ceiling_share=0.6 --report runs.html"
)(quietly(batch_report_command))


def _sets(run: Run, count: int | None, seed: int, uncertain: list[str], history: HistoryOptions) -> SetsAround:
    """Return demand sets drawn from distributions, or days of a history."""
    refuse(history.problems(uncertain, "batch"))
    if history.rates is not None:
        return history.sets(run.load(), count, seed)
    return DemandSets(run.load(), uncertainty_of(uncertain), _DRAWN if count is None else count, seed)


def _words_of(run: Run, seed: int, uncertain: list[str], analyses: list[str], options: dict[str, Any]) -> list[str]:
    """Return the arguments of the command that solves the sets, without its files of results."""
    chosen = [part for name in run.scenarios for part in ("--scenario", name)]
    drawn = [part for text in uncertain for part in ("--set", text)]
    given = [part for name, value in options.items() if value not in (None, "error") for part in (name, str(value))]
    words = [run.dataset, *chosen, *run.change_options, "--seed", str(seed), *given, *drawn]
    return [*words, "--analyses", ",".join(analyses)]


def _say_unserved(table: pd.DataFrame) -> bool:
    """Print the number of sets that leave demand unserved, if any; return whether there are any."""
    short = unserved_sets(table)
    if short:
        mention(f"placer: {short} of {len(table)} sets leave demand unserved; see unserved_share")
    return short > 0


def _table(rows: Iterator[dict[str, Any]], step: Callable[[bool], None]) -> tuple[pd.DataFrame, PlacerError | None]:
    """Collect the rows as they complete; return them by number, and any interruption."""
    found: list[dict[str, Any]] = []
    broken: PlacerError | None = None
    try:
        for row in rows:
            step(row["status"] in ANSWERED)
            found.append(row)
    except (BatchError, StoreError) as error:  # the cluster is gone; the disk is full
        broken = error
    table = pd.DataFrame(found) if found else pd.DataFrame(columns=["number", "status"])
    return table.sort_values("number", ignore_index=True), broken


def how_to_go_on(store: Path | None) -> str:
    """Return how a command goes on that ended early."""
    if store is None:
        return "with --store FILE what is done would have been kept"
    return f"the same command with --store {store} --resume goes on"


def check_new(store: Path | None, *, resume: bool) -> None:
    """Refuse, before the work, a store that is there and is not to be resumed."""
    if store is not None and not resume:
        refuse_existing(store)


@contextmanager
def resumable(store: Path | None) -> Iterator[None]:
    """Name the damaged rows of the store of a plan, and say how the plan goes on where its cluster is gone.

    Progress names damaged rows too, but is shown only now and then. A lost cluster is no bad input.
    """
    if store is not None and store.exists():
        with Store.read(store) as kept:
            _say_damaged(kept)
    with needs_workers(how_to_go_on(store)):
        yield


def uncertainty_of(given: Sequence[str]) -> Uncertainty:
    """Return the uncertainty of demand that values NAME=VALUE of ``--set`` say; raises as ``assignments``."""
    return Uncertainty(**assignments("--set", given, [item.name for item in fields(Uncertainty)]))


def _open_store(file: Path, settings: dict[str, Any], *, resume: bool) -> Store:
    """Create or resume a store; damaged rows are named, and will be solved again."""
    store = Store.resume(file, settings) if resume and file.exists() else Store.create(file, settings)
    _say_damaged(store)
    return store


def _say_damaged(store: Store) -> None:
    """Name the damaged rows of a store, which are solved again."""
    if store.damaged or store.dropped:
        mention(f"placer: {store.about_damaged()}; solved again")
