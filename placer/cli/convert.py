"""``placer convert``: write a dataset as a graph file, a PyPSA network, or another dataset folder."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from placer.cli.run import Run, command
from placer.cli.screen import say, steps
from placer.datasets import folder
from placer.errors import OutputError
from placer.io.graph_files import ENDINGS, save_graph
from placer.io.pypsa import to_pypsa
from placer.utils.atomic import check_file, check_folder, whole
from placer.utils.optional import extra

if TYPE_CHECKING:
    from placer.instance.problem import Instance

#: Ending of a PyPSA network.
_NETCDF = ".nc"


@command("target scenario as_json")
def convert_command(
    run: Run,
    *,
    target: Annotated[
        Path,
        typer.Argument(
            metavar="TARGET",
            help="File ending in .json, .graphml or .nc (PyPSA), which replaces one that is there, or a new folder "
            "without an ending.",
        ),
    ],
) -> None:
    """Write a dataset, with scenarios applied, as networkx node-link JSON, GraphML, PyPSA's netCDF or a folder.

    All commands read folders, .json and .graphml files. PyPSA cannot express deferrable work with a deadline or caps on
    carbon and water; a dataset with any cannot be written as .nc. An existing folder is an error, since the tables of
    two datasets in one folder would be read as one.
    """
    ending = target.suffix.lower()
    _check_target(target, ending)
    with steps() as step:
        step("loading")
        instance = run.load()
        step(f"writing {instance!r}")
        _write(instance, target, ending)
    run.tell(run.asked | {"written": str(target)}, lambda: say(f"{target}: {instance!r}"))


def _check_target(target: Path, ending: str) -> None:
    """Refuse a target that cannot be written, before the work."""
    if ending in (_NETCDF, *ENDINGS):
        check_file(target)
        if ending == _NETCDF:
            extra("pypsa", "networks of PyPSA", "pypsa")
    elif target.exists() or target.is_symlink():
        raise OutputError(f"{target} is there already; choose a new folder")
    else:
        check_folder(target, (*ENDINGS, _NETCDF))


def _write(instance: Instance, target: Path, ending: str) -> None:
    if ending in ENDINGS:
        save_graph(instance, target)
    elif ending == _NETCDF:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyPSA's notes on future versions are for programmers
            network = to_pypsa(instance)
            with whole(target) as draft:
                network.export_to_netcdf(draft)
    else:
        folder.save(instance, target)
