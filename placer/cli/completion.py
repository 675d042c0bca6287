"""Completion of names of datasets and scenarios by the shell; what reads them is imported only when it is asked for."""

from __future__ import annotations

import importlib

import typer

from placer.errors import PlacerError


def dataset_names(incomplete: str) -> list[str]:
    """Return the datasets that ship and begin so; without any, the shell completes files."""
    found = importlib.import_module("placer.datasets.places").names()
    return [name for name in found if name.startswith(incomplete)]


def scenario_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the scenarios of the dataset of the command that begin so; none where it cannot be read."""
    dataset = context.params.get("dataset") or next(iter(context.args), "")  # not parsed behind an option without value
    try:
        found = importlib.import_module("placer.datasets.folder").describe(dataset).scenarios
    except (PlacerError, OSError):
        return []
    return [name for name in found if name.startswith(incomplete)]
