"""``placer sensitivity``: the headline figures of a dataset over the assumptions behind them."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pandas as pd
import typer

from placer.cli.batch import how_to_go_on
from placer.cli.cluster import cluster, needs_workers
from placer.cli.options import Resume, Status
from placer.cli.outputs import load_plots
from placer.cli.run import Run, command
from placer.cli.screen import print_table, say, steps
from placer.cli.tables import as_table, print_columns, records
from placer.errors import PlacerError
from placer.result_columns import RESULT_COLUMNS, short
from placer.running import check_time_limit
from placer.sensitivity.conclusions import LARGEST_LIMIT, case_name
from placer.sensitivity.figures import FIGURES, default_figures
from placer.sensitivity.files import read_assumptions
from placer.sensitivity.study import sensitivity
from placer.utils.atomic import whole_folder
from placer.utils.numbers import percent

if TYPE_CHECKING:
    from placer.sensitivity.result import Sensitivity

_EXCEL = ".xlsx"

#: Assumptions, figures, store and time limit of a study, as options of the command.
_Assumptions = Annotated[
    Path | None, typer.Option(help="File of assumptions, instead of sensitivity.toml of the dataset.")
]
_Figures = Annotated[
    str | None,
    typer.Option(
        help=f"Figures, with commas between them: {', '.join(FIGURES)}. All if not given, ceilings only if few regions."
    ),
]
_Store = Annotated[Path | None, typer.Option(help="File that keeps the result of every case as it comes.")]
_CaseLimit = Annotated[float, typer.Option(help="Seconds an answer of a case may take; the study has no limit.")]


@command("workers scheduler store resume time_limit out as_json")
def sensitivity_command(
    run: Run,
    *,
    assumptions: _Assumptions = None,
    figures: _Figures = None,
    store: _Store = None,
    resume: Resume = False,
    time_limit: _CaseLimit = math.inf,
) -> None:
    """Vary each assumption of a dataset alone, and show the effect on cost, ceilings, exports and their limits.

    Prints every case, the range of every figure, and the conclusions that hold in all cases. --out also draws a tornado
    plot of every figure if matplotlib is installed.

    Exit status: 0 all cases solved, 1 some were not, 2 bad input, 130 interrupted; --resume continues.
    """
    check_time_limit(time_limit)
    with cluster(run.scheduler) as executor, steps() as step, needs_workers(how_to_go_on(store)):
        step("loading")
        given, conclusions = read_assumptions(run.dataset, run.scenarios, assumptions, run.changed)
        instance = run.load()
        usual = default_figures(instance)
        chosen = usual if figures is None else tuple(name.strip() for name in figures.split(","))
        found = sensitivity(
            instance,
            given,
            figures=chosen,
            conclusions=conclusions if chosen == usual else [],  # they refer to all figures
            store=store,
            resume=resume,
            workers=run.workers,
            executor=executor,
            time_limit_seconds=time_limit,
            progress=step,
        )
    tables = {name: records(table) for name, table in found.tables.items()}
    run.tell(run.asked | tables, lambda: _print(found))
    if run.out is not None:
        _save(found, run.out)
    raise typer.Exit(Status.NO_SOLUTION if len(found.failed) else Status.DONE)


def _save(found: Sensitivity, out: Path) -> None:
    if out.suffix.lower() == _EXCEL:
        found.save_excel(out)
        return
    with whole_folder(out) as drafts, steps() as step:
        found.save_tables(drafts)
        _draw(found, drafts, step)


def _draw(found: Sensitivity, folder: Path, step: Callable[[str], None]) -> None:
    """Draw a tornado of every figure; print a note where matplotlib is missing or there is nothing to draw."""
    try:
        plots = load_plots()
    except PlacerError as error:
        step(f"no plots: {error}")
        return
    for figure in found.figures:
        try:
            axis = plots.plot_tornado(found, figure)
        except PlacerError as error:
            step(f"no plot of {figure}: {error}")
            continue
        plots.save_plot(axis, folder / f"tornado_{figure}.png")


def _print(found: Sensitivity) -> None:
    say(repr(found))
    shown = short(
        *(LARGEST_LIMIT if name == "largest_limit_share" else name for name in found.figures), currency=found.currency
    )
    say(
        "; ".join(
            f"{heading}: {RESULT_COLUMNS[name].in_currency(found.currency).meaning}" for name, heading in shown.items()
        )
    )
    cases = found.table
    if LARGEST_LIMIT in cases:
        takes = [
            f"{limit} {percent(share)}"
            for limit, share in zip(cases[LARGEST_LIMIT], cases["largest_limit_share"], strict=True)
        ]
        cases = cases.assign(**{LARGEST_LIMIT: takes})
    for name, base in found.bases.items():
        changed = cases.xs(name, level="assumption")
        rows = pd.concat([cases.iloc[[0]].set_axis([f"{base} *"]), changed]).rename_axis("value")
        print_table(as_table(", ".join(filter(None, (name, changed["unit"].iloc[0]))), rows, shown))
    say("* as given")
    print_columns("Ranges", found.ranges, "low", "base", "high")
    for text, holds, fails_at in found.conclusions[["conclusion", "holds", "fails_at"]].itertuples(index=False):
        say(f"{text} {'Holds in all cases.' if holds else f'Does not hold at: {fails_at}.'}")
    failed = found.failed.reset_index()[["assumption", "value", "status", "detail"]]
    for assumption, value, status, detail in failed.itertuples(index=False):
        say(f"{case_name(assumption, value)}: {status}: {detail}")
