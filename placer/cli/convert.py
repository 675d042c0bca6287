"""``placer convert``: write a dataset as a workbook, a graph file, a PyPSA network, or another dataset folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from placer.cli.run import Run, command
from placer.cli.screen import steps
from placer.datasets.saving import check_form, save


@command("target scenario as_json")
def convert_command(
    run: Run,
    *,
    target: Annotated[
        Path,
        typer.Argument(
            metavar="TARGET",
            help="File ending in .xlsx, .json, .graphml or .nc (PyPSA), which replaces one that is there, or a new "
            "folder without an ending.",
        ),
    ],
) -> None:
    """Write a dataset, with scenarios applied, as a workbook, node-link JSON, GraphML, PyPSA's netCDF or a folder.

    All commands read folders, .xlsx, .json and .graphml files. PyPSA cannot express deferrable work with a deadline or
    caps on carbon and water; a dataset with any cannot be written as .nc. An existing folder is an error, since the
    tables of two datasets in one folder would be read as one.
    """
    check_form(target)
    with steps() as step:
        instance = run.loaded(step, "writing")
        save(instance, target)
    run.tell_line(run.asked | {"written": str(target)}, f"{target}: {instance!r}")
