"""Assumptions of a dataset in a file: ``sensitivity.toml`` beside its tables, or a file of the user.

A section ``[assumptions.NAME]`` for each assumption, with the texts ``description``, ``unit``, ``source`` and ``kind``
and one kind of change of ``placer.sensitivity.assumptions``:

- ``scale = {"TABLE.COLUMN" = [FACTOR, ...]}`` or ``set = {"TABLE.COLUMN" = [VALUE, ...]}``, and ``where``, the rows
  and hours that change, if not all: a name, a list of names, or ``{COLUMN = [NAME, ...]}``;
- ``scaled_to = "TABLE.COLUMN"``, ``with_value = "TABLE.COLUMN"``, ``with_load = "accelerators"``,
  ``with_region_share = "REGION"``, ``with_network_ms = ["WORKLOAD"]`` or ``with_limit = "LIMIT"``, and ``values``, a
  list of numbers;
- ``scaled = ["TABLE.COLUMN"]``, and ``values``, a list of factors;
- ``scenarios = {LABEL = "SCENARIO"}``, scenarios of the dataset, and ``base``, the value without them.

A section ``[[conclusions]]`` for each sentence to test: ``text``, ``figure`` (of ``placer.sensitivity.FIGURES``), and
``at_least``, ``at_most`` (a number, or another figure's name) or, for the figure ``largest_limit``, ``equals``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from placer.datasets import folder
from placer.datasets.csv_files import read_toml
from placer.datasets.places import is_single_file
from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.sensitivity import assumptions as ways
from placer.sensitivity.assumptions import Assumption
from placer.sensitivity.conclusions import Conclusion
from placer.sensitivity.plain_changes import Change
from placer.utils.reading import with_home

#: The file beside the tables of a dataset.
FILE = "sensitivity.toml"

_TEXTS = ("description", "unit", "source", "kind")
_LIST = "a list of names"
_CONCLUSION_KEYS = tuple(each.name for each in fields(Conclusion))


#: Kind of change -> the function that sets a value, the function that reads it, and whether it takes a list of names.
_KINDS: dict[str, tuple[Callable[..., Instance], Callable[..., float | str], bool]] = {
    "scaled": (Instance.scaled, lambda _instance, _columns: 1.0, True),
    "scaled_to": (ways.scaled_to, ways.largest_of, False),
    "with_value": (Instance.with_value, ways.values_of, False),
    "with_load": (lambda instance, _, load: ways.with_load(instance, load), lambda each, _: ways.load_of(each), False),
    "with_region_share": (ways.with_region_share, ways.region_share_of, False),
    "with_network_ms": (ways.with_network_ms, ways.network_ms_of, True),
    "with_limit": (ways.with_limit, ways.amount_of_limit, False),
}
_SCENARIOS = "scenarios"
_PLAIN, _WHERE = ("scale", "set"), "where"
_EVERY_KIND = (*_PLAIN, _SCENARIOS, *_KINDS)


def read_assumptions(
    dataset: str | os.PathLike[str],
    scenarios: Sequence[str] = (),
    file: str | os.PathLike[str] | None = None,
    changed: Change | None = None,
) -> tuple[list[Assumption], list[Conclusion]]:
    """Return the assumptions of a dataset and the conclusions to test, from its ``sensitivity.toml`` or another file.

    Parameters
    ----------
    dataset : str or path
        As for ``placer.load``.
    scenarios : sequence of str
        Scenarios that the dataset is loaded with; an assumption that names scenarios applies each after them.
    file : path, optional
        Instead of the file of the dataset.
    changed : callable, optional
        From an instance to one with the changes of the study's own instance; applied after scenarios of assumptions.

    Raises
    ------
    InstanceError
        If there is no such file, or it is invalid; the error lists all defects.

    Examples
    --------
    >>> [each.name for each in read_assumptions("tiny")[0]]
    ['accelerator price', 'round trips', 'who pays for accelerators']
    """
    place = with_home(file) if file is not None else _beside(dataset)
    content = read_toml(place)
    sections, conclusions = content.get("assumptions", {}), content.get("conclusions", [])
    violations = _check(content, sections, conclusions)
    refuse(violations)
    load = partial(_loaded, dataset, tuple(scenarios), changed)
    instance = load()
    return [_assumption(name, part, instance, load) for name, part in sections.items()], [
        Conclusion(**each) for each in conclusions
    ]


def _beside(dataset: str | os.PathLike[str]) -> Path:
    if is_single_file(dataset):
        problem = "a single file has no sensitivity.toml beside it"
        raise InstanceError([Violation("sensitivity", "", "", problem, "a file of assumptions")])
    place = folder.describe(dataset).folder / FILE
    if not place.is_file():
        problem = f"the dataset has no {FILE}"
        allowed = "one beside its tables, as 'placer template FOLDER' writes it, or another file"
        raise InstanceError([Violation("sensitivity", "", "", problem, allowed)])
    return place


def _assumption(name: str, part: Mapping[str, Any], instance: Instance, load: Callable[..., Instance]) -> Assumption:
    texts = {key: part[key] for key in _TEXTS if key in part and key != "unit"}
    label, unit = name.replace("_", " "), part.get("unit", "")
    if _SCENARIOS in part:
        changes = {str(value): partial(load, scenario) for value, scenario in part[_SCENARIOS].items()}
        return Assumption(label, changes, unit, str(part.get("base", "as given")), **texts)
    if given := {key: part[key] for key in _PLAIN if key in part}:
        where = _rows(part[_WHERE]) if _WHERE in part else None
        return Assumption(label, unit=unit, base=str(part.get("base", "as given")), **texts, **given, where=where)
    kind = next(key for key in _KINDS if key in part)
    change, current, _ = _KINDS[kind]
    made = {f"{value:g}": partial(_made, change, part[kind], value) for value in part["values"]}
    base = current(instance, part[kind])
    return Assumption(label, made, unit, base if isinstance(base, str) else f"{base:.4g}", **texts)


def _rows(where: Any) -> Any:
    """Return ``where`` as ``Instance.scaled`` takes it: pairs of nodes are lists in a file, which has no tuples."""
    return [tuple(each) if isinstance(each, list) else each for each in where] if isinstance(where, list) else where


def _made(change: Callable[..., Instance], of: Any, value: float, instance: Instance) -> Instance:
    return change(instance, of, value)


def _loaded(
    dataset: str | os.PathLike[str],
    scenarios: tuple[str, ...],
    changed: Change | None,
    name: str | None = None,
    _instance: Instance | None = None,
) -> Instance:
    """Return the dataset with its scenarios, and with one of an assumption if there is one, and with the changes."""
    instance = folder.load(dataset, scenarios if name is None else (*scenarios, name))
    return instance if changed is None else changed(instance)


def _check(content: Mapping[str, Any], sections: Any, conclusions: Any) -> list[Violation]:
    violations = [
        _wrong(key, "", "unknown key", "assumptions, conclusions")
        for key in content
        if key not in ("assumptions", "conclusions")
    ]
    if not isinstance(sections, dict) or not all(isinstance(part, dict) for part in sections.values()):
        return [*violations, _wrong("assumptions", "", show(sections), "a section for each assumption")]
    for name, part in sections.items():
        violations += _check_assumption(name, part)
    if not isinstance(conclusions, list) or not all(isinstance(each, dict) for each in conclusions):
        return [*violations, _wrong("conclusions", "", show(conclusions), "a list of sections")]
    for place, each in enumerate(conclusions, 1):
        violations += _check_conclusion(str(place), each)
    return violations


def _check_assumption(name: str, part: Mapping[str, Any]) -> list[Violation]:
    known = (*_TEXTS, "base", "values", _WHERE, *_EVERY_KIND)
    violations = [_wrong(name, key, "unknown key", ", ".join(known)) for key in part if key not in known]
    violations += [
        _wrong(name, key, show(part[key]), "text") for key in _TEXTS if not isinstance(part.get(key, ""), str)
    ]
    given = [key for key in _EVERY_KIND if key in part]
    if len(given) != 1:
        problem = f"{len(given)} kinds of change: {', '.join(given)}" if given else "no kind of change"
        return [*violations, _wrong(name, "", problem, f"one of {', '.join(_EVERY_KIND)}")]
    what = part[given[0]]
    if given[0] in _PLAIN:
        return violations + _check_plain(name, given[0], what)
    if _WHERE in part:
        violations.append(_wrong(name, _WHERE, f"beside {given[0]}", f"only beside {' or '.join(_PLAIN)}"))
    if given[0] == _SCENARIOS:
        fine = isinstance(what, dict) and bool(what) and all(isinstance(value, str) for value in what.values())
        return violations + [_wrong(name, _SCENARIOS, show(what), "labels and names of scenarios")] * (not fine)
    names = isinstance(what, list) and bool(what) and all(isinstance(item, str) for item in what)
    if not (names if _KINDS[given[0]][2] else isinstance(what, str)):
        violations.append(_wrong(name, given[0], show(what), _LIST if _KINDS[given[0]][2] else "a name"))
    values = part.get("values")
    if not (isinstance(values, list) and values and all(type(value) in (int, float) for value in values)):
        violations.append(_wrong(name, "values", show(values), "a list of numbers"))
    return violations


def _check_plain(name: str, key: str, cases: Any) -> list[Violation]:
    lists = list(cases.values()) if isinstance(cases, dict) else []
    fine = bool(lists) and all(isinstance(each, list) and each and len(each) == len(lists[0]) for each in lists)
    if fine and key == "scale":
        fine = all(type(factor) in (int, float) for each in lists for factor in each)
    allowed = '{"TABLE.COLUMN" = [0.8, 1.2]}, lists of one length'
    return [] if fine else [_wrong(name, key, show(cases), allowed)]


def _check_conclusion(place: str, each: Mapping[str, Any]) -> list[Violation]:
    where = f"conclusion {place}"
    violations = [
        _wrong(where, key, "unknown key", ", ".join(_CONCLUSION_KEYS)) for key in each if key not in _CONCLUSION_KEYS
    ]
    violations += [
        _wrong(where, key, show(each.get(key)), "text") for key in ("text", "figure") if type(each.get(key)) is not str
    ]
    if not any(key in each for key in ("at_least", "at_most", "equals")):
        violations.append(_wrong(where, "", "nothing has to hold", "at_least, at_most or equals"))
    return violations


def _wrong(row: str, column: str, problem: str, allowed: str) -> Violation:
    return Violation(FILE, row, column, problem, allowed)
