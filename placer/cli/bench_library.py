"""``placer bench --library``: solvers on the instances of the library, beside the optima that are proven."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from placer.cli.options import Status
from placer.cli.outputs import draw_plots
from placer.cli.progress import case_bar
from placer.cli.screen import mention, say, write
from placer.cli.tables import json_text
from placer.errors import PlacerError
from placer.utils.atomic import check_folder, whole_folder

#: Seconds that a solver may take if not given.
_LIMIT_SECONDS = 600.0


class BenchError(PlacerError):
    """The suite is absent, or lacks the requested name."""


def measure_library(
    results: Any,
    given: list[str],
    sides: list[str],
    csv: Path | None,
    out: Path | None,
    time_limit: float | None,
    *,
    as_json: bool,
) -> None:
    """Measure solvers on instances of the library, and print their table.

    Parameters
    ----------
    results : module
        ``results`` of the library of the suite.
    given, sides : lists of str
        Names of instances, and of solvers; those of the suite if there are none.
    csv, out : Path, optional
        Table to which the rows are added, and the folder of the table and of the profiles of all its rows.
    time_limit : float, optional
        Seconds.
    """
    if out is not None:
        check_folder(out)
    try:
        names = results.names_of(given)
        if csv is not None:  # a table that cannot be read is refused before the work
            results.read_results(csv)
    except ValueError as error:
        raise BenchError(str(error)) from error
    with case_bar() as step:
        rows = results.measured(names, sides, time_limit or _LIMIT_SECONDS, progress=step)
    every = rows if csv is None else results.add_results(rows, csv)
    if as_json:
        write(json_text({"rows": rows.astype(object).where(rows.notna(), None).to_dict("records")}))
    else:
        say(results.text_of(rows))
    if out is not None:
        with whole_folder(out) as drafts:
            (drafts / "table.md").write_text(results.text_of(every), encoding="utf-8", newline="\n")
            draw_plots(
                _mention,
                lambda plots: [
                    plots.save_plot(plots.plot_profiles(results.seconds_of(every)), drafts / "profiles.png")
                ],
            )
    if (rows["status"] == "wrong").any():
        raise typer.Exit(Status.NO_SOLUTION)


def _mention(text: str) -> None:
    mention(f"placer: {text}")
