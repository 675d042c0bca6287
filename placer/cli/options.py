"""Shared parts of the commands: options, exit statuses, and time limits."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import IntEnum
from functools import wraps
from pathlib import Path
from typing import Annotated

import typer

from placer.cli.completion import dataset_names, scenario_names
from placer.cli.screen import silence
from placer.errors import NoSolutionError
from placer.running import Progress, check_time_limit, running
from placer.utils.processes import MOST_WORKERS


class Status(IntEnum):
    """Exit statuses, the same for every command."""

    DONE = 0
    NO_SOLUTION = 1
    BAD_INPUT = 2
    UNSERVED = 3
    INTERRUPTED = 130
    TERMINATED = 143


STATUSES = (
    "Exit status of every command: 0 done, also where demand is unserved; 1 no solution (batch: of some set; bench: a "
    "wrong answer); 2 bad input, or a file that cannot be written; 3 some demand is unserved and --require-served is "
    "given; 130 interrupted, 143 terminated."
)

Dataset = Annotated[
    str,
    typer.Argument(
        help="Name of a dataset (see 'placer datasets'), a folder, an .xlsx workbook or a graph file.",
        metavar="DATASET",
        autocompletion=dataset_names,
    ),
]
Scenario = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        "-s",
        metavar="NAME",
        autocompletion=scenario_names,
        help="Scenario of the dataset; may be given several times.",
    ),
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        "-s",
        metavar="NAME",
        autocompletion=scenario_names,
        help="Scenario of the dataset; several times to set them side by side, a+b to apply both, '' for none.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON instead of text.")]
RequireServed = Annotated[
    bool, typer.Option("--require-served", help="Exit with status 3 where any demand is unserved.")
]
TimeLimit = Annotated[float, typer.Option(help="Seconds that all of it may take, once the program is loaded.")]
CurvePlot = Annotated[
    Path | None,
    typer.Option("--plot", help="File for the curve, such as .png, .svg or .pdf; needs token-placer[plot]."),
]
Folder = Annotated[
    Path | None,
    typer.Option(help="Folder for all tables, summary.json and plots, or a file ending in .xlsx. Replaces files."),
]
Workers = Annotated[
    int,
    typer.Option(min=1, max=MOST_WORKERS, help="Processes that solve; with --scheduler, the workers of the cluster."),
]
Tolerance = Annotated[
    float,
    typer.Option(
        min=0, help="Part of the cost by which chords may lie above the curve; 0 for as little as can be proven."
    ),
]
StoreFile = Annotated[Path | None, typer.Option(help="File that keeps every result as it comes.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the store, if it is there.")]

_Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no notes on standard error.")]

#: Time limit of a command without one.
NO_LIMIT = math.inf
#: Time after the limit that a command has for the tables and files of what it found: a part of the limit, and seconds.
_TABLES_PART, _TABLES_SECONDS = 0.1, 0.5

#: The parts of a ceiling that are solved separately, and the progress message of each.
CEILING_PARTS = {
    "by_work": "the ceiling by work",
    "gross_share": "the ceiling with swaps",
    "work_gross_share": "the ceiling by work with swaps",
    "limits": "limits on the remaining demand",
    "walls": "what is a wall and what a price",
    "economic_range": "the economic range",
    "shortenings": "the arcs to shorten first",
    "regions": "the ceiling of each region",
    "curve": "the exact curve",
}


def within_limit(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that also ends its tables and files soon after its ``--time-limit`` (``command_time``)."""

    @wraps(command)
    def limited(*, time_limit: float, **given: object) -> None:
        check_time_limit(time_limit)
        with running(time_limit_seconds=time_limit * (1 + _TABLES_PART) + _TABLES_SECONDS):
            command(time_limit=time_limit, **given)

    return limited


def quietly(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command that also has the option ``--quiet``."""

    @wraps(command)
    def called(*, quiet: bool, **given: object) -> None:
        with silence() if quiet else nullcontext():
            command(**given)

    parameters = inspect.signature(command, eval_str=True).parameters.values()
    quiet = inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_Quiet)
    vars(called)["__signature__"] = inspect.Signature([*parameters, quiet])  # what typer reads
    return called


@contextmanager
def command_time(time_limit_seconds: float, progress: Progress) -> Iterator[Callable[[str], None]]:
    """Limit the time of a block; the yielded function takes a line on each result.

    Raises
    ------
    NoSolutionError
        As the block raises it; where results were found, with the lines on them, and without a bound, which would be
        that of a later program.
    """
    found: list[str] = []
    try:
        with running(progress, time_limit_seconds):
            yield found.append
    except NoSolutionError as error:
        if not found:
            raise
        detail = f"{error.detail}; found so far: {'; '.join(found)}"
        raise NoSolutionError(error.reason, detail) from None
