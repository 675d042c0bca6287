"""``placer datasets``, ``check`` and ``template``: list, validate and create datasets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from placer.cli.options import Json
from placer.cli.run import Run, command
from placer.cli.screen import say, title, write
from placer.cli.tables import json_text
from placer.datasets import folder
from placer.datasets.places import names
from placer.datasets.template import write_template
from placer.instance import remarks


def datasets_command(*, as_json: Json = False) -> None:
    """List the datasets that ship with placer, and their scenarios."""
    described = [folder.describe(name) for name in names()]
    if as_json:
        write(json_text([_record(item) for item in described]))
        return
    for item in described:
        title(item.folder.name)
        say(f"    {item.description}")
        for name, part in item.scenarios.items():
            say(f"    {name:<18} {part.get('description', '')}")


def _record(item: folder.Dataset) -> dict[str, object]:
    """Return the description of a dataset in JSON types."""
    return {
        "name": item.folder.name,
        "description": item.description,
        "licence": item.licence,
        "scenarios": {name: part.get("description", "") for name, part in item.scenarios.items()},
    }


@command("as_json")
def check_command(run: Run) -> None:
    """Validate a dataset without solving it; list input that is allowed but probably not intended."""
    instance = run.read()
    noted = remarks.check(instance)
    said = [f"{run.dataset}: valid, {instance!r}", *(f"  note: {remark}" for remark in noted)]
    run.tell_line({"dataset": run.dataset, "valid": True, "remarks": noted}, "\n".join(said))


def template_command(target: Annotated[Path, typer.Argument(help="A new folder, or a new .xlsx file.")]) -> None:
    """Write a small dataset to write over, a folder of CSV tables or an Excel workbook, and explain every column."""
    written = write_template(target)
    say(f"{written}: write your rows over the example, then placer check {written}")
