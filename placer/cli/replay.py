"""``placer replay``: days of a history routed without looking ahead, beside the least cost of each day."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from placer.cli.batch import check_new, resumable
from placer.cli.batch_report import assignments
from placer.cli.cluster import cluster
from placer.cli.history import HistoryOptions, MissingRule
from placer.cli.options import Resume, Status, StoreFile
from placer.cli.outputs import write_out
from placer.cli.run import Run, command
from placer.cli.screen import say
from placer.cli.tables import print_columns, records
from placer.errors import Violation, refuse
from placer.replays.day import Order
from placer.replays.replay import replay
from placer.replays.rules import RULES

if TYPE_CHECKING:
    from placer.replays.result import Replay

#: Columns of the printed tables.
_RULES = ("regret_share", "worst_regret_share", "unserved_share", "expired_share", "export_share", "decision_ms")
_DAYS = (
    *("cost_and_penalty_usd", "transfers_usd", "least_cost_usd", "regret_share", "unserved_share", "expired_share"),
    "decision_ms",
)
_WORKLOADS = ("demand_mtok", "unserved_mtok", "least_unserved_mtok", "expired_mtok", "waiting_mtok")
_FILLED = ("day", "step", "rule")

_History = Annotated[
    str, typer.Option("--history", metavar="RATES", help="CSV file of rates, or servegen_rates, which ships.")
]
_Classes = Annotated[
    str,
    typer.Option(
        "--classes",
        metavar="FILE",
        help="CSV file of workload and class of the history, such as servegen_china, which ships.",
    ),
]
_Rules = Annotated[str, typer.Option(help=f"Rules, with commas between them: {', '.join(RULES)}.")]
_Days = Annotated[str | None, typer.Option(help="Days of the history, from 0 on, with commas; all if not given.")]
_Forecast = Annotated[
    Literal["perfect"] | None,
    typer.Option(help="Rules expect the hours of the day itself; if not given, the demand of the dataset."),
]
_Substeps = Annotated[int, typer.Option(min=1, help="Parts of each step of the history; a rule decides in each.")]
_Order = Annotated[Order, typer.Option(help="Of arrivals in a substep: mixed evenly, or workload by workload.")]
_Dispersion = Annotated[
    float, typer.Option(help="Variance over mean of the requests of a substep: 0 as many as expected, 1 Poisson.")
]
_Seeds = Annotated[str, typer.Option(help="Seeds of the requests and of the random order, with commas between them.")]
_Late = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORKLOAD=COST",
        help="Cost of a Mtok that waits past the end of the day; repeatable. If not given, its mean expected price.",
    ),
]


@command("workers scheduler store resume time_limit out as_json")
def replay_command(
    run: Run,
    *,
    history: _History,
    classes: _Classes,
    missing: MissingRule = "error",
    rules: _Rules = "online",
    days: _Days = None,
    forecast: _Forecast = None,
    substeps: _Substeps = 10,
    order: _Order = "together",
    dispersion: _Dispersion = 0.0,
    seeds: _Seeds = "0",
    late: _Late = None,
    store: StoreFile = None,
    resume: Resume = False,
) -> None:
    """Route days of a history as they came, under rules that do not look ahead, beside the least cost of each day.

    Prints the regret of every rule (its cost, transfers and penalty over the least of the day known in advance, less
    1), the days and the losses of workloads under each rule, and the steps of the history that were filled. --out also
    draws regret and losses if matplotlib is installed.

    Exit status: 0 all days replayed, 1 a day has no proven least cost or the time is over, 2 bad input, 130
    interrupted; --resume continues.
    """
    check_new(store, resume=resume)
    drawn, late_usd = _numbers("--seeds", seeds), assignments("--late", late or [])
    with cluster(run.scheduler) as executor, run.working() as (step, _), resumable(store):
        step("loading")
        instance = run.load()
        found = replay(
            instance,
            HistoryOptions(history, classes, missing).around(instance),
            [name.strip() for name in rules.split(",")],
            days=None if days is None else _numbers("--days", days),
            forecast=forecast,
            substeps=substeps,
            order=order,
            dispersion=dispersion,
            seeds=drawn,
            late_usd_per_mtok=late_usd,
            store=store,
            resume=resume,
            workers=run.workers,
            executor=executor,
        )
    _tell(run, found, {"history": history, "classes": classes, "missing": missing})


def _tell(run: Run, found: Replay, about: dict[str, Any]) -> NoReturn:
    """Print and write a replay, and end the command."""
    tables = {name: records(table) for name, table in found.tables.items()}
    summary = run.asked | about
    run.tell(summary | tables, lambda: _print(found))
    summary |= {"rules": tables["rules"], "filled_steps": len(found.filled)}
    write_out(run.out, summary, excel=found.save_excel, tables=found.save_tables, plots=partial(_draw, found))
    raise typer.Exit(Status.DONE)


def _draw(found: Replay, plots: Any, folder: Path) -> None:
    """Draw the regret, and the losses under each rule."""
    plots.save_plot(plots.plot_regret(found), folder / "regret.png")
    for rule in found.rules.index:
        plots.save_plot(plots.plot_losses(found, rule), folder / f"losses_{rule}.png")


def _numbers(option: str, text: str) -> list[int]:
    """Return the whole numbers of an option.

    Raises
    ------
    InstanceError
        Listing every text that is none.
    """
    texts = [each.strip() for each in text.split(",")]
    bad = [each for each in texts if not (each.isascii() and each.isdecimal())]
    refuse(Violation("replay", each, option, "no whole number", f"{option} 7,8,9") for each in bad)
    return [int(each) for each in texts]


def _print(found: Replay) -> None:
    say(repr(found))
    print_columns("Rules", found.rules, *_RULES)
    days = found.days.groupby(["rule", "day"], sort=False).mean()
    lost = found.workloads.groupby(["rule", "seed", "workload"], sort=False).sum()
    lost = lost.groupby(["rule", "workload"], sort=False).mean()
    for rule in found.rules.index:
        print_columns(f"{rule}: days", days.loc[rule], *_DAYS, currency=found.currency)
        print_columns(f"{rule}: Mtok by workload, all days", lost.loc[rule], *_WORKLOADS)
    if len(found.filled):
        print_columns("Filled steps of the history", found.filled.set_index("class"), *_FILLED)
