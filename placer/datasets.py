"""Instances on disk: a folder of CSV tables and a ``dataset.toml``, with named scenarios that override parts of it.

``load`` and ``save`` are inverse. The format is text a person can edit and diff; ``datasets/README.md`` describes it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.assembly import assemble, split_hours
from placer.csvfiles import KEYS, is_file, read_csv, read_toml, write_csv, write_toml
from placer.errors import InstanceError, PlacerError, Violation
from placer.files import new_folder
from placer.graphfiles import ENDINGS, load_graph
from placer.instance import Instance
from placer.manifest import TEXTS, check_toml
from placer.scenarios import override, scale
from placer.schema import meant
from placer.settings import SETTING_NAMES, Settings
from placer.validation import show

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_OWN = Path(__file__).resolve().parent
#: Where the datasets that ship with the package stand: inside an installed package, or beside it in a checkout.
_SHIPPED = (_OWN / "_datasets", _OWN.parent / "datasets")


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


def names() -> list[str]:
    """Return the names of the datasets that ship with the package.

    Examples
    --------
    >>> import placer
    >>> "tiny" in placer.datasets.names()
    True
    """
    found = {file.parent.name for place in _SHIPPED for file in place.glob("*/dataset.toml")}
    return sorted(found)


def describe(dataset: str | os.PathLike[str]) -> Dataset:
    """Read the ``dataset.toml`` of a shipped dataset or a folder.

    Raises
    ------
    InstanceError
        If there is no such dataset, or its ``dataset.toml`` is not as it should be.
    """
    folder = _find(dataset)
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
    """Load an instance from a shipped dataset, a folder or a graph file.

    Parameters
    ----------
    dataset : str or path
        A name from ``placer.datasets.names()``, a folder, or a file of ``placer.save_graph``.
    scenarios : iterable of str
        Scenarios of the dataset, applied in this order; their factors multiply what the tables and columns of all of
        them have left. A graph file has none.

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
    chosen = [scenarios] if isinstance(scenarios, str) else list(scenarios)
    if isinstance(dataset, (str, os.PathLike)) and is_graph(dataset):
        _check_scenarios(chosen, ())
        return load_graph(dataset)
    described = describe(dataset)
    _check_scenarios(chosen, described.scenarios)
    frames = _read_tables(described)
    settings = dict(described.settings)
    for name in chosen:
        frames = override(frames, described.scenarios[name], described.folder, name)
        settings |= described.scenarios[name].get("settings", {})
    for name in chosen:
        frames = scale(frames, described.scenarios[name].get("factors", {}))
    tables, violations = assemble(frames)
    if violations:
        raise InstanceError(violations)
    return Instance.from_tables(tables, **settings)


def save(
    instance: Instance, folder: str | os.PathLike[str], *, name: str = "", description: str = "", licence: str = ""
) -> Path:
    """Write an instance as a dataset folder that ``load`` reads back as an equal instance.

    Names are written as they are, so that they come back as they were: where they come from strangers, read them with
    care in a spreadsheet, which runs what begins with ``=``. Tables of results are made harmless; see
    ``placer.tablefiles``.

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
    target = Path(folder)
    if target.exists():
        raise PlacerError(f"{target} is there already; choose a new folder")
    texts = {"name": name or target.name, "description": description, "licence": licence, "currency": "USD"}
    if violations := check_toml(texts):
        raise InstanceError(violations)
    with new_folder(target) as draft:
        for file, frame in split_hours(instance).items():
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


def is_graph(dataset: str | os.PathLike[str]) -> bool:
    """Whether ``load`` takes a dataset for a graph file: one that is there and has the ending of one."""
    path = Path(dataset)
    return path.suffix.lower() in ENDINGS and is_file(path)


def _find(dataset: str | os.PathLike[str]) -> Path:
    if not isinstance(dataset, (str, os.PathLike)):
        raise InstanceError([Violation("dataset", "", "", f"{show(dataset)} is no name", "a name or a path")])
    path = Path(dataset)
    shipped = [place / path for place in _SHIPPED if len(path.parts) == 1]
    for folder in (*shipped, path):
        if is_file(folder / "dataset.toml"):
            return folder.resolve()
    problem = f"{show(str(dataset))} is neither a dataset nor a folder with a dataset.toml"
    raise InstanceError([Violation("dataset", "", "", problem, f"a folder, or one of {', '.join(names())}")])


def _read_tables(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """Read every CSV of the folder as text cells; complain of all unreadable and misnamed files at once."""
    frames: dict[str, pd.DataFrame] = {}
    violations = _check_files(dataset)
    for name in KEYS:
        file = dataset.folder / f"{name}.csv"
        if not file.is_file():
            continue
        try:
            frames[name] = read_csv(file)
        except InstanceError as error:
            violations += error.violations
    if violations:
        raise InstanceError(violations)
    return frames


def _check_files(dataset: Dataset) -> list[Violation]:
    """Find files whose name is probably a slip: a table that may be absent would be missed without a word."""
    used = {
        value
        for scenario in dataset.scenarios.values()
        for part in ("tables", "columns")
        for value in scenario.get(part, {}).values()
    }
    found = {
        file.name: meant(file.stem, tuple(KEYS))
        for file in sorted(dataset.folder.glob("*.csv"))
        if file.stem not in (*KEYS, "sources") and file.name not in used
    }
    return [
        Violation(file, "", "", "unknown file", f"perhaps {intended}.csv")
        for file, intended in found.items()
        if intended and not (dataset.folder / f"{intended}.csv").is_file()
    ]
