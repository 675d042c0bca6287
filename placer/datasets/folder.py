"""Instances on disk: a folder of CSV tables and a ``dataset.toml``, with named scenarios that override parts of it.

``load`` and ``save`` are inverse. The format is text a person can edit and diff; ``datasets/README.md`` describes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.datasets.csv_files import read_csv, read_toml, typed, write_csv, write_toml
from placer.datasets.manifest import TEXTS, check_toml
from placer.datasets.places import find_folder, has_ending, is_single_file
from placer.datasets.scenarios import override, scale
from placer.datasets.workbooks import WORKBOOK, load_workbook
from placer.errors import InstanceError, PlacerError, Violation
from placer.instance.arguments import need, need_instance
from placer.instance.hourly import split_hours, unknown_with
from placer.instance.problem import Instance, build
from placer.instance.schema import INPUT_TABLES
from placer.instance.settings import SETTING_NAMES, Settings
from placer.instance.synonyms import meant
from placer.instance.validation import show
from placer.io.graph_files import load_graph
from placer.utils.atomic import new_folder
from placer.utils.reading import is_there, with_home

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Endings of files that may hold a table.
_TABLE_ENDINGS = (".csv", ".tsv", ".xls", ".xlsx", ".parquet")


@dataclass(frozen=True)
class Dataset:
    """What a dataset's folder says, before any scenario is chosen.

    Attributes
    ----------
    folder : Path
    name, description, licence, currency : str
    sources : tuple of str
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
        If there is no such dataset, or its ``dataset.toml`` is not as it should be.
    """
    folder = find_folder(dataset)
    content = read_toml(folder / "dataset.toml")
    violations = check_toml(content)
    if violations:
        raise InstanceError(violations)
    return Dataset(
        folder=folder,
        **{key: content.get(key, "") for key in TEXTS},
        sources=tuple(content.get("sources", ())),
        settings=content.get("settings", {}),
        scenarios=content.get("scenarios", {}),
    )


def load(dataset: str | os.PathLike[str], scenarios: Iterable[str] = ()) -> Instance:
    """Load an instance from a shipped dataset, a folder, an Excel workbook or a graph file.

    Files of more than 1 GB are refused; the environment variable ``PLACER_MAX_FILE_BYTES`` sets another limit.

    Parameters
    ----------
    dataset : str or path
        A name from ``placer.datasets.names()``, a folder, a workbook with one sheet a table (``.xlsx``, which needs
        ``token-placer[excel]``), or a graph file (``.json``, ``.graphml``) as of ``placer.save_graph``. ``~`` is the
        home folder.
    scenarios : iterable of str
        Scenarios of the dataset, applied in this order; their factors multiply what the tables and columns of all of
        them have left. Workbooks and graph files have none.

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
        _check_scenarios(chosen, ())
        read = load_workbook if has_ending(dataset, WORKBOOK) else load_graph
        return read(with_home(dataset))
    return _load_folder(find_folder(dataset), chosen)


def _load_folder(folder: Path, chosen: list[str]) -> Instance:
    """Load a dataset's folder; all that is wrong with its files is told at once."""
    violations: list[Violation] = []
    content: dict[str, Any] = {}
    try:
        content = read_toml(folder / "dataset.toml")
        violations += check_toml(content)
    except InstanceError as error:
        violations += error.violations
    scenarios = {} if violations else content.get("scenarios", {})
    settings = content.get("settings", {}) if isinstance(content.get("settings", {}), dict) else {}
    if not violations:
        _check_scenarios(chosen, scenarios)
    frames, found, unknown = _read_tables(folder)
    slips, notes = _check_files(folder, content.get("scenarios"))
    violations += slips + found
    for name in () if violations else chosen:
        try:
            frames = override(frames, scenarios[name], folder, name)
        except InstanceError as error:
            violations += error.violations
        settings = settings | scenarios[name].get("settings", {})
    for name in () if violations else chosen:
        frames = scale(frames, scenarios[name].get("factors", {}))
    tables = {name: typed(frame, INPUT_TABLES[name]) for name, frame in frames.items()}
    known = settings if not violations else {name: value for name, value in settings.items() if name in SETTING_NAMES}
    return build(tables, known, found=violations, unknown=unknown, notes=notes)


def save(
    instance: Instance, folder: str | os.PathLike[str], *, name: str = "", description: str = "", licence: str = ""
) -> Path:
    """Write an instance as a dataset folder that ``load`` reads back as an equal instance.

    Names are written as they are, so that they come back as they were: where they come from strangers, read them with
    care in a spreadsheet, which runs what begins with ``=``. Tables of results are made harmless; see
    ``placer.io.table_files``.

    Parameters
    ----------
    instance : Instance
    folder : str or path
        A new folder; one that is there already is refused, and nothing is left behind if writing fails.

    Raises
    ------
    PlacerError
        If the folder is there already, or a text is not a text.

    Examples
    --------
    >>> import placer, tempfile, pathlib
    >>> tiny = placer.load("tiny")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     placer.load(placer.save(tiny, pathlib.Path(place) / "copy")) == tiny
    True
    """
    need_instance(instance)
    target = with_home(folder)
    if target.exists():
        raise PlacerError(f"{target} is there already; choose a new folder")
    texts = {"name": name or target.name, "description": description, "licence": licence, "currency": "USD"}
    if violations := check_toml(texts):
        raise InstanceError(violations)
    with new_folder(target) as draft:
        for file, frame in split_hours(instance.tables, instance.hours).items():
            write_csv(draft / f"{file}.csv", frame)
        default = Settings()
        settings = {
            key: value for key in SETTING_NAMES if (value := getattr(instance.settings, key)) != getattr(default, key)
        }
        write_toml(draft / "dataset.toml", texts, settings)
    return target


def _check_scenarios(chosen: Iterable[str], known: Iterable[str]) -> None:
    allowed = ", ".join(known) or "none in this dataset"
    if unknown := [name for name in chosen if name not in known]:
        raise InstanceError(Violation("scenarios", "", "", f"{show(name)} is unknown", allowed) for name in unknown)


def _read_tables(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Violation], set[tuple[str, str]]]:
    """Read every CSV of the folder as text cells; also return what is wrong, and which tables cannot be read."""
    frames: dict[str, pd.DataFrame] = {}
    violations: list[Violation] = []
    unknown: set[tuple[str, str]] = set()
    for name in INPUT_TABLES:
        file = folder / f"{name}.csv"
        if not is_there(file):
            continue
        try:
            frames[name] = read_csv(file, name)
        except InstanceError as error:
            violations += error.violations
            unknown |= {(name, "")} | unknown_with(name)
    return frames, violations, unknown


def _check_files(folder: Path, scenarios: Any) -> tuple[list[Violation], list[str]]:
    """Find files whose name is probably a slip, which are violations, and others that are ignored, which are notes."""
    used = {
        value
        for scenario in _mappings(scenarios)
        for overrides in _mappings({part: scenario.get(part) for part in ("tables", "columns")})
        for value in overrides.values()
        if isinstance(value, str)
    }
    violations, notes = [], []
    for file in sorted(folder.iterdir()):
        known = file.stem in (*INPUT_TABLES, "sources") and file.suffix == ".csv"
        if known or file.suffix.lower() not in _TABLE_ENDINGS or file.name in used:
            continue
        intended = meant(file.stem, tuple(INPUT_TABLES))
        if intended and not is_there(folder / f"{intended}.csv"):
            violations.append(Violation(file.name, "", "", "unknown file", f"perhaps {intended}.csv"))
        else:
            notes.append(f"file {file.name} is ignored: no table has that name")
    return violations, notes


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the values of a mapping that are mappings, in what may be anything."""
    return [each for each in value.values() if isinstance(each, dict)] if isinstance(value, dict) else []
