"""Where the instance of a live page comes from: a dataset with scenarios, or an instance of Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from placer.datasets.folder import Dataset, describe, load
from placer.datasets.places import is_single_file, names
from placer.instance.problem import Instance
from placer.utils.reading import with_home

Scenarios = tuple[str, ...]

#: Number of instances that are kept, by their scenarios.
_KEPT = 4


@dataclass(frozen=True)
class Source:
    """What makes the instance of a live page.

    Attributes
    ----------
    name : str
        Of the dataset, as titles and files have it.
    load : callable
        From scenarios to the instance; raises InstanceError.
    python : callable
        From scenarios to the lines of Python that load the same into ``instance``.
    start : tuple of str
        The scenarios that the page begins with.
    scenarios : mapping of str to str
        What each scenario changes.
    described : Dataset or None
        For the sources on the page.
    dataset : str
        Name or path of what is described.
    """

    name: str
    load: Callable[[Scenarios], Instance]
    python: Callable[[Scenarios], tuple[str, ...]]
    start: Scenarios = ()
    scenarios: Mapping[str, str] = field(default_factory=dict)
    described: Dataset | None = None
    dataset: str = ""


def dataset_source(dataset: str | os.PathLike[str], start: Scenarios = ()) -> Source:
    """Return the source that is a dataset: a shipped one, a folder or a file.

    Raises
    ------
    InstanceError
        If there is no such dataset, or its description is invalid.

    Examples
    --------
    >>> dataset_source("tiny", ("dispatch",)).python(("patient",))
    ("instance = placer.load('tiny', ['patient'])",)
    """
    place = os.fspath(dataset)
    described = None if is_single_file(place) else describe(place)
    found = place if place in names() else str(with_home(Path(place)).resolve())

    def python(scenarios: Scenarios) -> tuple[str, ...]:
        chosen = f", {list(scenarios)!r}" if scenarios else ""
        return (f"instance = placer.load({found!r}{chosen})",)

    parts = {} if described is None else described.scenarios
    said = {name: part.get("description", "") for name, part in parts.items()}
    name = Path(place).name if described is None else described.name or described.folder.name
    cached = lru_cache(_KEPT)(lambda scenarios: load(place, scenarios))
    return Source(name, cached, python, start, said, described, found)


def instance_source(instance: Instance, name: str) -> Source:
    """Return the source that is an instance of Python, which a script reads from a file beside it.

    Examples
    --------
    >>> import placer
    >>> instance_source(placer.load("tiny"), "mine").python(())
    ("# placer.save(instance, 'mine.json') wrote the instance", "instance = placer.load('mine.json')")
    """
    file = f"{name}.json"
    lines = (f"# placer.save(instance, {file!r}) wrote the instance", f"instance = placer.load({file!r})")
    return Source(name, lambda _: instance, lambda _: lines)
