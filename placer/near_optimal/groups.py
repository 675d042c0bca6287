"""Groups that alternatives are told apart by: what of an answer counts in each.

A group of a placement is a set of data centres, or the exports of a workload. It counts what its data centres serve, or
what of the workload is exported, in Mtok, in accelerator-hours or in MWh of IT energy. A data centre that two power
zones supply counts in both. A group of a plan is a set of candidates, and counts their units.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import pandas as pd
from scipy.sparse import csr_array, vstack

from placer.errors import Violation, refuse
from placer.instance.attributes.synonyms import nearest_name
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.model.formulation import Formulation
from placer.placement.result import Placement
from placer.utils.arrays import FloatArray

#: What a group counts.
Counted = Literal["tokens", "work", "energy"]
#: Groups by name, or names of their members by label.
Grouping = str | Iterable[str] | Mapping[str, str | Iterable[str]]

UNITS: dict[str, str] = {"tokens": "Mtok", "work": "accelerator-hours", "energy": "MWh"}
EXPORTS, CANDIDATE, OWN = "exports", "candidate", "own group"
#: Kinds of groups of a placement, and those it has by default.
KINDS = ("data_centre", "region", "jurisdiction", "power_zone", EXPORTS)
DEFAULT = ("data_centre", "region", EXPORTS)
_FUNCTION = "alternatives"


@dataclass(frozen=True, eq=False)
class Groups:
    """Some groups.

    Attributes
    ----------
    index : MultiIndex
        ``kind`` and ``group``.
    counts : (groups, arcs or candidates) sparse array
        What one unit counts in each group.
    unit : str
        Of what is counted.
    total : float
        All that is counted of the demand; NaN for candidates.
    """

    index: pd.MultiIndex
    counts: csr_array
    unit: str
    total: float


def groups_of_placement(placement: Placement, groups: Grouping | None, counted: str) -> Groups:
    """Return the groups of a placement.

    Raises
    ------
    InstanceError
        Listing every group, member and quantity that is unknown.
    """
    instance, formulation = placement.instance, placement.formulation
    violations = [] if counted in UNITS else [_unknown("counted", counted, tuple(UNITS))]
    sets, found = _sets_of_sites(instance, DEFAULT if groups is None else groups)
    violations += found
    refuse(violations)
    labels, blocks = [], []
    for kind, members in sets.items():
        labels += [(kind, label) for label in (formulation.workloads if kind == EXPORTS else members)]
        blocks.append(_counts(formulation, kind, list(members.values()), _per_arc(formulation, counted)))
    return Groups(_index(labels), csr_array(vstack(blocks)), UNITS[counted], _total(placement, counted))


def _counts(formulation: Formulation, kind: str, members: list[list[str]], per_arc: FloatArray) -> csr_array:
    """Return what a Mtok over each arc counts in each group of a kind (groups, arcs)."""
    structure, arcs = formulation.structure, np.arange(len(per_arc))
    if kind == EXPORTS:
        leaves = formulation.exported[structure.arc_origin, structure.arc_site]
        entries = np.where(leaves, per_arc, 0.0), (structure.arc_serves, arcs)
        return csr_array(entries, shape=(len(formulation.workloads), len(arcs)))
    among = np.array([np.isin(formulation.data_centres, names) for names in members], dtype=float)
    at_sites = csr_array((per_arc, (structure.arc_site, arcs)), shape=(structure.sites, len(arcs)))
    return csr_array(csr_array(among.reshape(-1, structure.sites)) @ at_sites)


def groups_of_candidates(names: Sequence[str], groups: Grouping | None, counted: str) -> Groups:
    """Return the groups of the candidates of a plan: each alone, or those of a mapping.

    Raises
    ------
    InstanceError
        Listing every group and member that is unknown, and another quantity than units.
    """
    violations = [] if counted == "tokens" else [Violation(_FUNCTION, "", "counted", "is of placements", "not given")]
    kind, members = CANDIDATE, {name: [name] for name in names}
    if isinstance(groups, Mapping):
        kind, (members, found) = OWN, _members(groups, {CANDIDATE: members})
        violations += found
    elif groups is not None:
        violations += [_unknown("groups", name, (CANDIDATE,)) for name in _listed(groups) if name != CANDIDATE]
    refuse(violations)
    counts = np.array([np.isin(names, each) for each in members.values()], dtype=float)
    return Groups(_index([(kind, label) for label in members]), csr_array(counts), "units", np.nan)


def _index(labels: list[tuple[str, str]]) -> pd.MultiIndex:
    return pd.MultiIndex.from_tuples(labels, names=["kind", "group"])


def _sets_of_sites(instance: Instance, groups: Grouping) -> tuple[dict[str, dict[str, list[str]]], list[Violation]]:
    """Return the data centres of each group by kind and label, in the order asked for, and what is unknown."""
    known = _known_sets(instance)
    if isinstance(groups, Mapping):
        members, violations = _members(groups, {kind: known[kind] for kind in ("data_centre", "region", "power_zone")})
        return {OWN: members}, violations
    listed = _listed(groups)
    violations = [_unknown("groups", name, KINDS) for name in listed if name not in KINDS]
    if groups is not DEFAULT:
        violations += [
            Violation(
                _FUNCTION, "", "groups", f"no data centre has a {name.replace('_', ' ')}", "groups that are there"
            )
            for name in listed
            if name in KINDS and name != EXPORTS and not known[name]
        ]
    if not listed:
        violations = [Violation(_FUNCTION, "", "groups", "is empty", f"some of {', '.join(KINDS)}")]
    return {name: known.get(name, {}) for name in dict.fromkeys(listed)}, violations


def _known_sets(instance: Instance) -> dict[str, dict[str, list[str]]]:
    """Return the names of the data centres in each group, by kind."""
    sites, supplies = instance.data_centres, instance.supplies
    known: dict[str, dict[str, list[str]]] = {EXPORTS: {}}
    for kind in ("data_centre", "region", "jurisdiction"):
        named = sites[sites[kind].notna()]
        known[kind] = {
            str(name): list(rows) for name, rows in named.groupby(kind, sort=False)["data_centre"].agg(list).items()
        }
    by_zone = supplies.groupby("power_zone", sort=False)["data_centre"].agg(list)
    known["power_zone"] = {str(name): list(dict.fromkeys(rows)) for name, rows in by_zone.items()}
    return known


def _members(
    groups: Mapping[str, str | Iterable[str]], known: Mapping[str, Mapping[str, list[str]]]
) -> tuple[dict[str, list[str]], list[Violation]]:
    """Return the members of each group of a mapping, and what is unknown or has two meanings."""
    members: dict[str, list[str]] = {}
    violations = [] if groups else [Violation(_FUNCTION, "", "groups", "is empty", "at least one group")]
    every = tuple(name for names in known.values() for name in names)
    for label, given in groups.items():
        members[str(label)] = []
        names = _listed(given)
        if not names:
            violations.append(Violation(_FUNCTION, str(label), "groups", "has no members", "at least one name"))
        for name in names:
            meant = [kind for kind, sets in known.items() if name in sets]
            if not meant:
                violations.append(_unknown("groups", name, every, str(label)))
            elif len({tuple(known[kind][name]) for kind in meant}) > 1:
                said = f"{name!r} is a {' and a '.join(kind.replace('_', ' ') for kind in meant)}"
                violations.append(Violation(_FUNCTION, str(label), "groups", said, "names with one meaning"))
            else:
                members[str(label)] += known[meant[0]][name]
    return members, violations


def _listed(given: object) -> list[str]:
    """Return one name or several as a list."""
    return list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [cast("str", given)]


def _unknown(column: str, name: object, known: tuple[str, ...], row: str = "") -> Violation:
    near = nearest_name(str(name), known)
    return Violation(
        _FUNCTION, row, column, f"{show(name)} is unknown", f"perhaps {near}" if near else ", ".join(known)
    )


def _per_arc(formulation: Formulation, counted: str) -> FloatArray:
    """Return what a Mtok over each arc counts (arcs,)."""
    structure = formulation.structure
    if counted == "tokens":
        return np.ones(len(structure.arc_cost))
    by_site = formulation.accelerator_hours if counted == "work" else formulation.it_mwh
    return by_site[structure.arc_class, structure.arc_site]


def _total(placement: Placement, counted: str) -> float:
    """Return what all that is asked for counts: tokens, or what the placement takes to serve."""
    if counted == "tokens":
        return placement.demand_mtok
    flows = placement.answer.point
    return float(_per_arc(placement.formulation, counted)[flows.arc] @ flows.amount)
