"""The contingencies of a security on an instance: the lost rows of each, by position in the tables of the instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from placer.errors import Violation, refuse
from placer.instance.attributes.synonyms import nearest_or_all
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.model.structure import Structure
from placer.security.definition import Loss, Security
from placer.utils.arrays import BoolArray, FloatArray


@dataclass(frozen=True, eq=False)
class Contingency:
    """Data centres, supplies and links that are lost together.

    Attributes
    ----------
    sites : (data centres,) bool array
    supplies : (supplies,) bool array
    links : (links,) bool array
    """

    name: str
    sites: BoolArray
    supplies: BoolArray
    links: BoolArray

    def joined(self, other: Contingency) -> Contingency:
        """Return the contingency that loses all that either of two loses."""
        return replace(
            self,
            sites=self.sites | other.sites,
            supplies=self.supplies | other.supplies,
            links=self.links | other.links,
        )


def zones_lost(instance: Instance, contingency: Contingency) -> set[str]:
    """Return the names of the power zones that lose all their supplies."""
    zones = instance.supplies["power_zone"]
    return set(zones[contingency.supplies]) - set(zones[~contingency.supplies])


def batteries_lost(instance: Instance, contingency: Contingency) -> BoolArray:
    """Return which batteries are lost: those of lost data centres, and of power zones without a supply left."""
    batteries = instance.batteries
    centres = instance.data_centres["data_centre"][contingency.sites]
    lost = batteries["data_centre"].isin(centres) | batteries["power_zone"].isin(zones_lost(instance, contingency))
    return np.asarray(lost, dtype=bool)


def contingencies_of(instance: Instance, security: Security) -> tuple[Contingency, ...]:
    """Return the contingencies of a security on an instance, in the order of its tables.

    Raises
    ------
    InstanceError
        Listing every violation: unknown names, also of protected workloads; losses that match no row; contingencies
        that leave no data centre.
    """
    found = unknown_workloads(instance, security)
    rows = (len(instance.data_centres), len(instance.supplies), len(instance.links))
    nothing = Contingency("", *(np.zeros(size, dtype=bool) for size in rows))
    kinds = {"data_centres": _each_site, "power_zones": _each_zone, "regions": _each_region, "links": _each_link}
    if isinstance(security.contingencies, str):
        read = kinds[security.contingencies](instance, nothing)
        if not read:
            found.append(
                Violation("security", "", "contingencies", f"there are no {security.contingencies}", "one or more")
            )
    else:
        read = _from_losses(instance, nothing, security.losses, found)
    found += _total_losses(instance, read)
    refuse(found)
    return tuple(read)


def protected_shares(structure: Structure, workloads: Iterable[str], security: Security) -> FloatArray:
    """Return the protected share of every class (classes,): as given, else 0 for work that waits, else 1.

    Further modes have that of their workload.
    """
    given, waits = security.protected_shares, structure.window > 0
    shares = [given.get(name, 0.0 if late else 1.0) for name, late in zip(workloads, waits.tolist(), strict=False)]
    return np.array(shares)[structure.served_class]


def unknown_workloads(instance: Instance, security: Security) -> list[Violation]:
    """Return a violation for every protected workload that is not in the instance."""
    known = tuple(instance.workloads["workload"])
    return [
        _unknown("security", "protected", name, known, "a workload")
        for name in security.protected_shares
        if name not in known
    ]


def _unknown(table: str, column: str, name: str, known: tuple[str, ...], what: str, row: str = "") -> Violation:
    allowed = nearest_or_all(name, known, f"{what} by name")
    return Violation(table, row, column, f"{show(name)} is unknown", allowed)


def _each_site(instance: Instance, nothing: Contingency) -> list[Contingency]:
    names = instance.data_centres["data_centre"].to_numpy(object)
    return [replace(nothing, name=name, sites=names == name) for name in names]


def _each_zone(instance: Instance, nothing: Contingency) -> list[Contingency]:
    """Return a contingency for each power zone with a supply."""
    zones = instance.supplies["power_zone"].to_numpy(object)
    named = [name for name in instance.power_zones["power_zone"] if (zones == name).any()]
    return [replace(nothing, name=name, supplies=zones == name) for name in named]


def _each_region(instance: Instance, nothing: Contingency) -> list[Contingency]:
    regions = instance.data_centres["region"].to_numpy(object)
    named = dict.fromkeys(name for name in regions if isinstance(name, str))
    return [replace(nothing, name=name, sites=regions == name) for name in named]


def _each_link(instance: Instance, nothing: Contingency) -> list[Contingency]:
    """Return a contingency for each link; parallel links are numbered."""
    ends = [f"{tail} - {head}" for tail, head in zip(instance.links["from"], instance.links["to"], strict=True)]
    seen: Counter[str] = Counter()
    found = []
    for place, name in enumerate(ends):
        seen[name] += 1
        numbered = name if seen[name] == 1 else f"{name} ({seen[name]})"
        found.append(replace(nothing, name=numbered, links=np.arange(len(ends)) == place))
    return found


def _from_losses(
    instance: Instance, nothing: Contingency, losses: tuple[Loss, ...], found: list[Violation]
) -> list[Contingency]:
    """Return the contingencies of a table, in order of first occurrence; violations are noted."""
    read: dict[str, Contingency] = {}
    for place, loss in enumerate(losses, 1):
        each = _from_loss(instance, replace(nothing, name=loss.contingency), loss, f"row {place}", found)
        read[loss.contingency] = read[loss.contingency].joined(each) if loss.contingency in read else each
    return list(read.values())


def _from_loss(instance: Instance, nothing: Contingency, loss: Loss, row: str, found: list[Violation]) -> Contingency:
    """Return the losses of one row; unknown names and losses that match no row are noted."""
    before = len(found)
    nodes = [instance.tables[name][key] for name, key in _NODES.items()]
    known = {
        "data_centre": tuple(instance.data_centres["data_centre"]),
        "power_zone": tuple(instance.power_zones["power_zone"]),
        "region": tuple(dict.fromkeys(name for name in instance.data_centres["region"] if isinstance(name, str))),
        "from_node": tuple(name for names in nodes for name in names),
    }
    known["to_node"] = known["from_node"]
    for column, names in known.items():
        if (name := getattr(loss, column)) and name not in names:
            shown = column.removesuffix("_node")
            found.append(_unknown("contingencies", shown, name, names, f"a {shown}", row))
    if len(found) > before:
        return nothing
    zone = instance.supplies["power_zone"].to_numpy(object) == loss.power_zone
    centre = instance.supplies["data_centre"].to_numpy(object) == loss.data_centre
    ends = instance.links["from"].to_numpy(object), instance.links["to"].to_numpy(object)
    there = (ends[0] == loss.from_node) & (ends[1] == loss.to_node)
    back = (ends[1] == loss.from_node) & (ends[0] == loss.to_node)
    sites = instance.data_centres["data_centre"].to_numpy(object) == loss.data_centre
    if loss.power_zone:
        lost = replace(nothing, supplies=zone & centre if loss.data_centre else zone)
    elif loss.region:
        lost = replace(nothing, sites=instance.data_centres["region"].to_numpy(object) == loss.region)
    else:
        lost = replace(nothing, sites=sites) if loss.data_centre else replace(nothing, links=there | back)
    if not (lost.sites.any() or lost.supplies.any() or lost.links.any()):
        found.append(Violation("contingencies", row, "", "nothing of the kind is there", "supplies or links by name"))
    return lost


#: Tables whose rows are nodes of links, and their keys.
_NODES = {"hubs": "hub", "data_centres": "data_centre", "exchanges": "exchange"}


def _total_losses(instance: Instance, read: list[Contingency]) -> list[Violation]:
    """Return a violation for each contingency that leaves no data centre, or none with power where all had some."""
    sites, supplied = len(instance.data_centres), instance.supplies["data_centre"].to_numpy(object)
    powered = np.unique(supplied)
    found = []
    for each in read:
        left = np.unique(supplied[~each.supplies])
        dark = each.supplies.any() and len(powered) == sites and not len(left)
        if each.sites.all() or dark:
            allowed = "one that leaves a data centre with power"
            found.append(Violation("contingencies", each.name, "", "everything is lost", allowed))
    return found
