"""What a reader changed on a live page: read from JSON field by field, applied to an instance, written as Python.

    {"scenarios": ["dispatch"], "factors": {"power_zones.usd_per_mwh[Coast grid]": 1.2},
     "off": ["data_centres[Port]"], "links": [["Delta", "Port"]], "law": {"chat": ["east"]}}

Every field may be missing. The changes are applied in the order of the controls, so that the same changes make the same
instance whatever came first: factors, law, policies that no longer hold, and what is removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.live.assumptions import MOST_FACTOR, Controls, assumptions_of
from placer.live.source import Source

#: The fields of changes, and their types in JSON.
FIELDS: dict[str, type[Any]] = {"scenarios": list, "factors": dict, "off": list, "links": list, "law": dict}
_TYPES: dict[type, str] = {list: "a list", dict: "an object"}
#: Largest number of entries of a field.
MOST_ENTRIES = 500


@dataclass(frozen=True)
class Changes:
    """Changes of a page, in the order of its controls.

    Attributes
    ----------
    scenarios : tuple of str
        In the order of their effect.
    factors : tuple of (str, float)
        By the key of the control; none is 1.
    off : tuple of str
        Keys of switches.
    links : tuple of (str, str)
        The ends of links that are switched off.
    law : tuple of (str, tuple of str)
        The jurisdictions that a workload may run in.
    """

    scenarios: tuple[str, ...] = ()
    factors: tuple[tuple[str, float], ...] = ()
    off: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    law: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, eq=False)
class AskedChanges:
    """Changes, the instance before them with its controls, and the instance that they make."""

    changes: Changes
    before: Instance
    assumptions: Controls


def read_changes(body: bytes, source: Source) -> AskedChanges:
    """Return the changes that a body of JSON states, each of a control that is there.

    Raises
    ------
    InstanceError
        Listing every field, key and value that is unknown or out of range; ``row`` is the key of the control.
    """
    content = _parsed(body)
    violations = [_violation(name, "", "unknown", ", ".join(FIELDS)) for name in content if name not in FIELDS]
    given = {name: _field(violations, content, name, kind) for name, kind in FIELDS.items()}
    asked, known = given["scenarios"] if "scenarios" in content else list(source.start), source.scenarios
    strange = [name for name in asked if not isinstance(name, str) or name not in known]
    violations += [_violation("scenarios", "", f"{show(name)} is unknown", _listed(known)) for name in strange]
    scenarios = tuple(dict.fromkeys(name for name in asked if name not in strange))
    before = source.load(scenarios)
    there = assumptions_of(before)
    refuse([*violations, *_problems(given, there)])
    return AskedChanges(_ordered(scenarios, given, there), before, there)


def _field(violations: list[Violation], content: dict[str, Any], name: str, kind: type[Any]) -> Any:
    """Return a field of the content; append what is wrong with it as a whole, and return an empty one then."""
    value: Any = content.get(name, kind())
    if not isinstance(value, kind):
        violations.append(_violation(name, "", show(value), _TYPES[kind]))
    elif len(value) > MOST_ENTRIES:
        violations.append(_violation(name, "", f"{len(value):,} entries", f"at most {MOST_ENTRIES}"))
    else:
        return value
    return kind()


def _parsed(body: bytes) -> dict[str, Any]:
    """Return a body as an object of JSON without numbers that JSON has not, and without a field twice."""
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise InstanceError([_violation("body", "", f"not readable: {str(error)[:200]}", "JSON")]) from None
    if not isinstance(found, dict):
        raise InstanceError([_violation("body", "", f"{show(found)} is no object", "an object of JSON")])
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field is there twice")
    return found


def _violation(field: str, key: str, problem: str, allowed: str) -> Violation:
    return Violation(field, key, "", problem, allowed)


def _listed(names: Any) -> str:
    known = [str(name) for name in names]
    return ", ".join(known[:12]) + (f" and {len(known) - 12} more" if len(known) > 12 else "") or "none"


def _problems(given: dict[str, Any], there: Controls) -> Iterator[Violation]:
    """Return what is wrong with the entries of all fields but the scenarios."""
    for key, value in given["factors"].items():
        factor = there.factors.get(key)
        if factor is None:
            yield _violation("factors", key, "unknown", "the key of a control")
        elif type(value) not in (int, float) or not factor.least <= value <= MOST_FACTOR:
            yield _violation("factors", key, show(value), f"a number from {factor.least:g} to {MOST_FACTOR:g}")
    yield from (
        _violation("off", str(key)[:99], "unknown", "the key of a switch")
        for key in given["off"]
        if not isinstance(key, str) or key not in there.switches
    )
    links = set(there.links)
    yield from (
        _violation("links", "", f"{show(ends)} is no link", "the two ends of a link")
        for ends in given["links"]
        if not _is_pair(ends) or tuple(ends) not in links
    )
    yield from _problems_of_law(given["law"], there)


def _problems_of_law(given: dict[str, Any], there: Controls) -> Iterator[Violation]:
    known = [each.workload for each in there.law]
    for workload, names in given.items():
        if workload not in known:
            yield _violation("law", workload, "unknown", _listed(known))
        elif not isinstance(names, list) or not names or any(name not in there.jurisdictions for name in names):
            yield _violation("law", workload, show(names), f"a list of some of {_listed(there.jurisdictions)}")


def _is_pair(ends: object) -> bool:
    return isinstance(ends, list) and len(ends) == 2 and all(isinstance(end, str) for end in ends)


def _ordered(scenarios: tuple[str, ...], given: dict[str, Any], there: Controls) -> Changes:
    """Return changes in the order of the controls, without those that change nothing."""
    law, places = {each.workload: each.admitted for each in there.law}, there.jurisdictions
    admitted = {name: tuple(place for place in places if place in names) for name, names in given["law"].items()}
    off, links = set(given["off"]), {tuple(ends) for ends in given["links"]}
    return Changes(
        scenarios,
        tuple((key, float(given["factors"][key])) for key in there.factors if given["factors"].get(key, 1) != 1),
        tuple(key for key in there.switches if key in off),
        tuple(ends for ends in there.links if ends in links),
        tuple((name, admitted[name]) for name in law if admitted.get(name, law[name]) != law[name]),
    )
