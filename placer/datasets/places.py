"""Locations of datasets: those that ship with the package, folders and single files, found by user input."""

from __future__ import annotations

import os
from pathlib import Path

from placer.errors import InstanceError, Violation
from placer.instance.attributes.synonyms import nearest_name
from placer.instance.attributes.validation import show
from placer.io.graph_files import ENDINGS
from placer.io.pypsa_files import ENDING as NETWORK
from placer.io.table_files import WORKBOOK
from placer.utils.reading import is_file, is_there, with_home

_OWN = Path(__file__).resolve().parents[1]
#: Endings of the single files that ``load`` reads.
FILES = (WORKBOOK, *ENDINGS, NETWORK)
#: Location of the shipped datasets: inside an installed package, or beside it in a checkout.
_SHIPPED = (_OWN / "_datasets", _OWN.parent / "datasets")


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


def is_single_file(dataset: str | os.PathLike[str]) -> bool:
    """Whether ``load`` reads a dataset as a single file: one that is there, with an ending of ``FILES``."""
    return has_ending(dataset, *FILES) and is_file(with_home(dataset))


def has_ending(dataset: str | os.PathLike[str], *endings: str) -> bool:
    """Whether a file name has one of some endings, in lower or upper case."""
    return Path(dataset).suffix.lower() in endings


def find_folder(dataset: str | os.PathLike[str]) -> Path:
    """Return the folder of a shipped dataset or of the user's own.

    Raises
    ------
    InstanceError
        If there is none, with the name that was probably meant.
    """
    if not isinstance(dataset, (str, os.PathLike)):
        raise InstanceError([Violation("dataset", "", "", f"{show(dataset)} is no name", "a name or a path")])
    path = with_home(dataset)
    shipped = [place / path for place in _SHIPPED if len(path.parts) == 1]
    for folder in (*shipped, path):
        if is_file(folder / "dataset.toml"):
            return folder.resolve()
    raise InstanceError([Violation("dataset", "", "", *_not_found(dataset, path))])


def traces() -> list[str]:
    """Return the names of the traces and tables of real demand that ship with the package.

    Examples
    --------
    >>> import placer
    >>> "servegen_rates" in placer.datasets.traces()
    True
    """
    return sorted(_shipped_traces())


def find_trace(given: str | os.PathLike[str]) -> Path:
    """Return the file of a shipped trace, by its name, or a file of the user's own."""
    return _shipped_traces().get(str(given)) or with_home(given)


def _shipped_traces() -> dict[str, Path]:
    files = (file for place in _SHIPPED for file in place.glob("traces/*.*") if file.name != "sources.csv")
    return {file.name.partition(".")[0]: file for file in files}


def _not_found(dataset: str | os.PathLike[str], path: Path) -> tuple[str, str]:
    """Return why there is no such dataset, and which inputs are valid."""
    given = show(str(dataset))
    shipped = ", ".join(names())
    kinds = f"one of {shipped}; a folder with a dataset.toml; or a file {', '.join(FILES)}"
    if has_ending(dataset, *FILES) and not is_there(path):
        return f"there is no file {given}", kinds
    if is_there(path) and path.is_dir():
        problem = f"{given} is a folder without a dataset.toml"
        return problem, "a dataset.toml in it, which may be empty; 'placer template FOLDER' writes one with all tables"
    problem = f"{given} is neither a dataset nor a folder with a dataset.toml"
    near = nearest_name(str(dataset), tuple(names()))
    return problem, (f"perhaps {near}; " if near else "") + kinds
