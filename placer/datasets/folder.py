"""Instances on disk: a folder of CSV tables and a ``dataset.toml`` with named scenarios that override parts of it.

``placer.datasets.saving`` writes them. The format is text that a person can edit and diff; see ``datasets/README.md``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from placer.datasets.csv_files import read_toml, typed
from placer.datasets.manifest import TEXTS, check_toml, sound_entries, sound_settings
from placer.datasets.places import find_folder, is_single_file
from placer.datasets.read_tables import check_files, read_tables
from placer.datasets.scenarios import apply_scenarios
from placer.datasets.workbooks import load_workbook
from placer.errors import InstanceError, Violation, refuse
from placer.instance.arguments import need
from placer.instance.attributes.schema import INPUT_TABLES
from placer.instance.attributes.validation import show
from placer.instance.gathering import gather
from placer.instance.problem import Instance
from placer.io.graph_files import load_graph
from placer.io.pypsa_files import ENDING as NETWORK
from placer.io.pypsa_files import load_network
from placer.io.table_files import WORKBOOK
from placer.utils.reading import with_home


@dataclass(frozen=True)
class Dataset:
    """The manifest of a dataset's folder, before any scenario is chosen.

    Attributes
    ----------
    settings : mapping
        Fields of ``placer.Settings``.
    scenarios : mapping of str to mapping
        Overrides by scenario: ``description``, ``settings``, ``tables``, ``columns``.
    """

    folder: Path
    name: str
    description: str
    licence: str
    currency: str
    sources: tuple[str, ...]
    settings: Mapping[str, Any]
    scenarios: Mapping[str, Mapping[str, Any]]


def describe(dataset: str | os.PathLike[str]) -> Dataset:
    """Read the ``dataset.toml`` of a shipped dataset or a folder.

    Raises
    ------
    InstanceError
        If there is no such dataset, or its ``dataset.toml`` is invalid.
    """
    folder = find_folder(dataset)
    content = read_toml(folder / "dataset.toml")
    violations = check_toml(content)
    refuse(violations)
    return Dataset(
        folder=folder,
        **{key: content.get(key, "") for key in TEXTS},
        sources=tuple(content.get("sources", ())),
        settings=content.get("settings", {}),
        scenarios=content.get("scenarios", {}),
    )


def load(dataset: str | os.PathLike[str], scenarios: Iterable[str] = ()) -> Instance:
    """Load an instance from a shipped dataset, a folder, an Excel workbook, a graph file or a network of PyPSA.

    A file of more than 1 GB is an error; the environment variable ``PLACER_MAX_FILE_BYTES`` sets another limit.

    Parameters
    ----------
    dataset : str or path
        A name from ``placer.datasets.names()``, a folder, a workbook with one sheet a table (``.xlsx``, which needs
        ``token-placer[excel]``), a graph file (``.json``, ``.graphml``) as written by ``placer.save_graph``, or a
        network of PyPSA (``.nc``, which needs ``token-placer[pypsa]``; see ``Instance.from_pypsa``). ``~`` is the home
        folder.
    scenarios : iterable of str
        Scenarios of the dataset, applied in this order; their factors multiply the result of all tables and columns.
        Workbooks, graph files and networks have none.

    Raises
    ------
    InstanceError
        Listing every violation by file or table, row and column.

    Examples
    --------
    >>> import placer
    >>> placer.load("tiny")
    <Instance: 3 hubs, 3 data centres, ...>
    """
    need(scenarios, Iterable, "a scenario or several", 'write scenarios=["dispatch"]')
    chosen = [scenarios] if isinstance(scenarios, str) else list(scenarios)
    if isinstance(dataset, (str, os.PathLike)) and is_single_file(dataset):
        refuse(strange_scenarios(chosen, ()))
        read = {WORKBOOK: load_workbook, NETWORK: load_network}
        return read.get(Path(dataset).suffix.lower(), load_graph)(with_home(dataset))
    return _load_folder(find_folder(dataset), chosen)


def _load_folder(folder: Path, chosen: list[str]) -> Instance:
    """Load a dataset's folder; report every detectable defect of its files at once."""
    content, violations = _read_manifest(folder)
    scenarios = content.get("scenarios", {})
    slips, notes = check_files(folder, scenarios)
    strange = strange_scenarios(chosen, scenarios) if isinstance(scenarios, dict) else []
    known = [name for name in chosen if name in scenarios] if isinstance(scenarios, dict) else []
    read = apply_scenarios(read_tables(folder), scenarios, known, folder)
    settings = sound_settings(content)
    for name in known:
        settings |= sound_entries(scenarios[name], "settings")
    # without a requested scenario, the tables are not the intended ones
    unknown = {(name, "") for name in INPUT_TABLES} if strange else read.unknown
    tables = {name: typed(frame, INPUT_TABLES[name]) for name, frame in read.frames.items()}
    found = [*violations, *strange, *slips, *read.violations]
    return Instance.of(gather(tables, settings, found=found, unknown=unknown, notes=notes))


def _read_manifest(folder: Path) -> tuple[dict[str, Any], list[Violation]]:
    """Return the content of a ``dataset.toml`` and its defects; the content of an unreadable file is empty."""
    try:
        content = read_toml(folder / "dataset.toml")
    except InstanceError as error:
        return {"scenarios": None}, list(error.violations)
    return content, check_toml(content)


def strange_scenarios(chosen: Iterable[str], known: Iterable[str]) -> list[Violation]:
    """Return a violation for every scenario that does not exist."""
    allowed = ", ".join(known) or "none in this dataset"
    return [Violation("scenarios", "", "", f"{show(name)} is unknown", allowed) for name in chosen if name not in known]
