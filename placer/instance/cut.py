"""Cuts: the exporting and the receiving regions.

A ceiling belongs to a cut: a set S of exporting regions against the rest R. A hub of S that is served in R exports. A
hub of R that is served in S is displaced, since it takes capacity that hubs of S leave. Hubs and data centres without
a region belong to neither side.

Where exports are a list of pairs of regions, S holds the first region of each pair and R the second. Where all pairs
of different regions count, any set of regions may be S, and R holds the others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.settings import BETWEEN_REGIONS
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.utils.arrays import BoolArray

#: Largest number of regions for which all cuts are examined: each region doubles their number.
MOST_REGIONS = 12
#: Largest number of regions that a cut in words names.
_NAMED = 3


@dataclass(frozen=True)
class Cut:
    """A set of exporting regions and a set of receiving regions.

    Attributes
    ----------
    exporting, receiving : tuple of str
        Disjoint; regions in neither neither export nor receive.
    """

    exporting: tuple[str, ...]
    receiving: tuple[str, ...]

    def pairs(self, instance: Instance) -> tuple[BoolArray, BoolArray]:
        """Return whether serving a hub (rows) at a data centre (columns) is export, and whether it displaces.

        It displaces where the hub is of the rest and the data centre in an exporting region.
        """
        hub, site = instance.hubs["region"], instance.data_centres["region"]
        return (
            np.outer(hub.isin(self.exporting), site.isin(self.receiving)),
            np.outer(hub.isin(self.receiving), site.isin(self.exporting)),
        )

    def __str__(self) -> str:
        """Return the cut in words; a side of many regions is given as their number."""
        return f"{_said(self.exporting)} to {_said(self.receiving)}"


def _said(regions: tuple[str, ...]) -> str:
    if len(regions) > _NAMED:
        return f"{len(regions)} regions"
    return ", ".join(regions) or "no region"


def regions_of(instance: Instance) -> tuple[str, ...]:
    """Return the regions of hubs and data centres, in the order of their tables."""
    names = [*instance.hubs["region"], *instance.data_centres["region"]]
    return tuple(str(name) for name in dict.fromkeys(names) if isinstance(name, str))


def exported_pairs(instance: Instance) -> BoolArray:
    """Return whether serving a hub (rows) at a data centre (columns) counts as export."""
    hub_region = instance.hubs["region"].to_numpy(object)[:, None]
    site_region = instance.data_centres["region"].to_numpy(object)[None, :]
    if instance.settings.exports == BETWEEN_REGIONS:
        return (hub_region != None) & (site_region != None) & (hub_region != site_region)  # noqa: E711 - by element
    pairs = set(instance.settings.exports)
    return np.array([[(a, b) in pairs for b in site_region[0]] for a in hub_region[:, 0]])


def traded(instance: Instance, made_in: str | None = None, used_in: str | None = None) -> BoolArray:
    """Return which service is trade (hubs, data centres): tokens of one region, used in another.

    Parameters
    ----------
    made_in, used_in : str, optional
        Only tokens made at data centres of this region, or for hubs of that one.

    Raises
    ------
    InstanceError
        If a region is unknown.
    """
    hub, site = (instance.tables[name]["region"].to_numpy(object) for name in ("hubs", "data_centres"))
    given = (("made_in", made_in, site, "data_centres"), ("used_in", used_in, hub, "hubs"))
    strange = [
        Violation("trade", "", name, f"{show(region)} is no region of {table}", ", ".join(map(str, set(known))))
        for name, region, known, table in given
        if region is not None and region not in known
    ]
    refuse(strange)
    counted = hub[:, None] != site[None]
    if made_in is not None:
        counted = counted & (site == made_in)[None]
    return counted if used_in is None else counted & (hub == used_in)[:, None]


def cut_of(instance: Instance, exporting: Iterable[str] | str | None = None) -> Cut | None:
    """Return the cut that an instance or a set of exporting regions defines; None where any cut is possible.

    Raises
    ------
    InstanceError
        If exporting regions are unknown, empty or all regions; or if none are given and a region of the instance's
        pairs both exports and receives.
    """
    regions = regions_of(instance)
    if exporting is not None:
        return _chosen(regions, [exporting] if isinstance(exporting, str) else list(exporting))
    if instance.settings.exports == BETWEEN_REGIONS:
        return None if len(regions) > 1 else Cut((), regions)
    first, second = _sides(instance)
    if both := [region for region in first if region in second]:
        problem = f"{', '.join(both)} exports and receives, so that the pairs are no cut"
        allowed = f"exporting=, one or some of {', '.join(regions)}"
        raise InstanceError([Violation("settings", "", "exports", problem, allowed)])
    return Cut(first, second)


def cut_of_pairs(instance: Instance) -> Cut | None:
    """Return the cut that an instance's pairs of regions define; None where all pairs count or none is defined."""
    if instance.settings.exports == BETWEEN_REGIONS:
        return None
    first, second = _sides(instance)
    return Cut(first, second) if set(first).isdisjoint(second) else None


def has_cut(instance: Instance) -> bool:
    """Return whether a ceiling needs no exporting regions: pairs define the cut, or few enough cuts can be examined."""
    return instance.settings.exports != BETWEEN_REGIONS or len(regions_of(instance)) <= MOST_REGIONS


def every_cut(instance: Instance) -> list[Cut]:
    """Return all cuts into two sets of regions, one for every exporting set.

    Raises
    ------
    InstanceError
        If there are more than ``MOST_REGIONS``.
    """
    regions = regions_of(instance)
    if len(regions) > MOST_REGIONS:
        problem = f"not given, and {len(regions)} regions have {2 ** len(regions) - 2:,} cuts"
        allowed = f"the regions that export, of {', '.join(regions)}"
        raise InstanceError([Violation("export_ceiling", "", "exporting", problem, allowed)])
    sets = (itertools.combinations(regions, size) for size in range(1, len(regions)))
    return [_against_the_rest(regions, chosen) for chosen in itertools.chain.from_iterable(sets)]


def _sides(instance: Instance) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the regions that come first in the pairs, and those that come second."""
    pairs = [tuple(pair) for pair in instance.settings.exports]
    return tuple(dict.fromkeys(pair[0] for pair in pairs)), tuple(dict.fromkeys(pair[1] for pair in pairs))


def _chosen(regions: tuple[str, ...], exporting: list[str]) -> Cut:
    allowed = f"some of {', '.join(regions)}" if regions else "regions, which the instance has none of"
    problems = [f"{name!r} is no region" for name in exporting if name not in regions]
    if not exporting:
        problems = ["none is named"]
    elif not problems and set(exporting) == set(regions):
        problems = ["all regions are named, so that none is left to receive"]
    if problems:
        raise InstanceError([Violation("exporting", "", "region", problem, allowed) for problem in problems])
    return _against_the_rest(regions, exporting)


def _against_the_rest(regions: tuple[str, ...], exporting: Iterable[str]) -> Cut:
    chosen = set(exporting)
    return Cut(tuple(name for name in regions if name in chosen), tuple(name for name in regions if name not in chosen))
