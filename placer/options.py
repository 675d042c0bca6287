"""What the commands have in common: options, exit statuses, and the words for them."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Annotated

import typer


class Status(IntEnum):
    """Exit statuses, the same for every command."""

    DONE = 0
    NO_SOLUTION = 1
    BAD_INPUT = 2
    UNSERVED = 3
    INTERRUPTED = 130


STATUSES = (
    "Exit status of every command: 0 done, also where demand is unserved; 1 no solution (batch: of some set; bench: a "
    "wrong answer); 2 bad input, or a file that cannot be written; 3 some demand is unserved and --require-served is "
    "given; 130 interrupted."
)

Dataset = Annotated[
    str,
    typer.Argument(
        help="Name of a dataset (see 'placer datasets'), a folder, an .xlsx workbook or a graph file.",
        metavar="DATASET",
    ),
]
Scenario = Annotated[
    list[str] | None,
    typer.Option("--scenario", "-s", metavar="NAME", help="Scenario of the dataset; may be given several times."),
]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable JSON instead of text.")]
RequireServed = Annotated[
    bool, typer.Option("--require-served", help="Exit with status 3 where any demand is unserved.")
]
Folder = Annotated[
    Path | None,
    typer.Option(help="Folder for all tables, summary.json and plots, or a file ending in .xlsx. Replaces files."),
]


def unserved_status(*, unserved: bool, required: bool) -> Status:
    """Return the status of a command that has its answer, with some demand unserved or none."""
    return Status.UNSERVED if unserved and required else Status.DONE
