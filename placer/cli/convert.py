"""``placer convert``: write a dataset as a workbook, a graph file, a PyPSA network, or another dataset folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from placer.cli.run import Run, command
from placer.cli.screen import steps
from placer.datasets.saving import check_form, save
from placer.errors import PlacerError
from placer.io.pypsa_files import ENDING as NETWORK
from placer.io.pypsa_files import save_network
from placer.io.pypsa_refusals import RELAXABLE, relaxed


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
    relax: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What PyPSA's file may leave out: {', '.join(RELAXABLE)}. May be given several times.", metavar="NAME"
        ),
    ] = None,
) -> None:
    """Write a dataset, with scenarios applied, as a workbook, node-link JSON, GraphML, PyPSA's netCDF or a folder.

    All commands read folders, .xlsx, .json and .graphml files. PyPSA cannot express deferrable work with a deadline or
    caps on carbon and water; a dataset with any is written as .nc only where --relax names it, and the output says how
    the optimum of the network lies to that of the dataset. An existing folder is an error, since the
    tables of two datasets in one folder would be read as one.
    """
    check_form(target)
    with steps() as step:
        instance = run.loaded(step, "writing")
        if relax and target.suffix.lower() != NETWORK:
            raise PlacerError(f"--relax is for networks of PyPSA, files ending in {NETWORK}, not {target}")
        if relax:
            save_network(instance, target, relax)
        else:
            save(instance, target)
    bounds = relaxed(instance, relax or ())[1]
    line = "".join(f"; without {name}: {bound}" for name, bound in bounds.items())
    summary = run.asked | {"written": str(target)} | ({"relaxed": bounds} if relax else {})
    run.tell_line(summary, f"{target}: {instance!r}{line}")
