"""Instances on disk, in the form that the ending of a name says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from placer.datasets.csv_files import write_exact_csv, write_toml
from placer.datasets.manifest import check_toml
from placer.datasets.workbooks import save_workbook
from placer.errors import OutputError, PlacerError, refuse
from placer.instance.arguments import need_instance
from placer.instance.attributes.settings import changed_settings
from placer.instance.problem import Instance
from placer.instance.tables.hourly import split_hours
from placer.io.graph_files import ENDINGS, save_graph
from placer.io.pypsa_files import ENDING as NETWORK
from placer.io.pypsa_files import save_network
from placer.io.table_files import WORKBOOK
from placer.utils.atomic import check_file, check_folder, new_folder
from placer.utils.optional import extra
from placer.utils.reading import is_there, with_home

#: Endings of single files.
FORMATS = (WORKBOOK, *ENDINGS, NETWORK)


def save(
    instance: Instance, target: str | os.PathLike[str], *, name: str = "", description: str = "", licence: str = ""
) -> Path:
    """Write an instance in the format that the file name ends with; ``load`` reads it back unchanged.

    Names are written unchanged, so that ``load`` restores them. Open folders of untrusted sources in a spreadsheet
    with care: it runs cells that begin with ``=``. Tables of results are made harmless; see
    ``placer.io.table_files``.

    Parameters
    ----------
    instance : Instance
    target : str or path
        A new folder, or a file ending in ``.xlsx`` (needs ``token-placer[excel]``), ``.json``, ``.graphml`` or ``.nc``
        (a network of PyPSA, which ``load`` reads too; needs ``token-placer[pypsa]``). A file is replaced; an
        existing folder is an error. A failed write leaves no files behind. ``~`` is the home folder.
    name, description, licence : str, optional
        Texts of the ``dataset.toml`` of a folder.

    Raises
    ------
    PlacerError
        If the folder exists already, the name ends otherwise, a text is not a str or a file has no place for it; if
        one of several parallel links or supplies has hourly values, which tables cannot tell apart. Graph files can.

    Examples
    --------
    >>> import placer, tempfile, pathlib
    >>> tiny = placer.load("tiny")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     placer.load(placer.save(tiny, pathlib.Path(place) / "copy")) == tiny
    ...     placer.load(placer.save(tiny, pathlib.Path(place) / "tiny.json")) == tiny
    True
    True
    """
    need_instance(instance)
    path = check_form(target)
    given = {"name": name, "description": description, "licence": licence}
    if path.suffix.lower() not in FORMATS:
        return _save_folder(instance, path, given)
    if homeless := [text for text, content in given.items() if content]:
        raise PlacerError(f"{path} has no place for {' and '.join(homeless)}; a folder has")
    if path.suffix.lower() in ENDINGS:
        return save_graph(instance, path)
    return save_workbook(instance, path) if path.suffix.lower() == WORKBOOK else save_network(instance, path)


def check_form(target: str | os.PathLike[str]) -> Path:
    """Return the path of an instance to write.

    Raises
    ------
    PlacerError
        If nothing can be written there, or the library for it is not installed.
    """
    path = with_home(target)
    if path.suffix.lower() not in FORMATS:
        if is_there(path):
            raise OutputError(f"{path} is there already; choose a new folder")
        return check_folder(path, FORMATS)
    if path.suffix.lower() == WORKBOOK:
        extra("openpyxl", "Excel files", "excel")
    elif path.suffix.lower() == NETWORK:
        extra("pypsa", "networks of PyPSA", "pypsa")
    return check_file(path)


def _save_folder(instance: Instance, folder: Path, given: Mapping[str, str]) -> Path:
    texts = {**given, "name": given["name"] or folder.name, "currency": instance.settings.currency}
    refuse(check_toml(texts))
    with new_folder(folder) as draft:
        for file, frame in split_hours(instance.tables, instance.hours).items():
            write_exact_csv(draft / f"{file}.csv", frame)
        changed = changed_settings(instance.settings)
        changed.pop("currency", None)  # stated with the texts
        write_toml(draft / "dataset.toml", texts, changed)
    return folder
