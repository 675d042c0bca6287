"""``placer convert``: write a dataset as a graph file, a network of PyPSA, or another dataset folder."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from placer import datasets
from placer.errors import PlacerError
from placer.graphfiles import ENDINGS, save_graph
from placer.pypsa_export import to_pypsa
from placer.screen import steps, to_json

if TYPE_CHECKING:
    from placer.instance import Instance

#: Ending of a network of PyPSA.
_NETCDF = ".nc"


def convert(
    dataset: Annotated[
        str, typer.Argument(help="Name of a dataset (see 'placer datasets'), a folder or a graph file.")
    ],
    target: Annotated[
        Path, typer.Argument(help="File ending in .json, .graphml or .nc (PyPSA), or a new folder without an ending.")
    ],
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", "-s", help="Scenario of the dataset; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable JSON instead of text.")] = False,  # noqa: FBT002 - a switch
) -> None:
    """Write a dataset, with its scenarios applied, as networkx node-link JSON, GraphML, PyPSA's netCDF or a folder.

    All commands read what stands in a folder, .json or .graphml. PyPSA has no work that waits and no caps on carbon and
    water; a dataset with any is refused for .nc.

    Exit status: 0, or 2 bad input.
    """
    ending = target.suffix.lower()
    if ending not in ("", _NETCDF, *ENDINGS):
        raise PlacerError(f"{target} ends in {ending}: .json, .graphml, .nc, or no ending for a folder, can be written")
    if target.exists():
        raise PlacerError(f"{target} is there already; choose another name")
    with steps() as step:
        step("loading")
        instance = datasets.load(dataset, scenario or [])
        step(f"writing {instance!r}")
        _write(instance, target, ending)
    if as_json:
        typer.echo(to_json({"dataset": dataset, "scenarios": scenario or [], "written": str(target)}))
    else:
        Console(highlight=False, markup=False, soft_wrap=True).print(f"{target}: {instance!r}")


def _write(instance: Instance, target: Path, ending: str) -> None:
    if ending in ENDINGS:
        save_graph(instance, target)
    elif ending == _NETCDF:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what PyPSA says of next versions is for programmers
            to_pypsa(instance).export_to_netcdf(target)
    else:
        datasets.save(instance, target)
