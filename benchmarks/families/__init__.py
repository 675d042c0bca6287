"""Seeded families of instances, by name, for every benchmark. The time to build one is never measured."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import placer

from . import variants
from .fleet import finish, fleet
from .network import network

if TYPE_CHECKING:
    from .fleet import Draft

__all__ = ["FAMILIES", "FLEET_SIZES", "SCENARIOS", "Family", "build", "dataset", "is_shape", "shape_of"]

#: Scenarios with which a dataset is measured: what is scarce in ``china`` makes it as hard as in earlier versions.
SCENARIOS: dict[str, tuple[str, ...]] = {"china": ("load_63",)}

#: Data centres x hubs x workloads x hours.
FLEET_SIZES: dict[str, tuple[int, ...]] = {
    "smoke": (5, 20, 3, 6),
    "small": (10, 50, 4, 24),
    "medium": (20, 100, 6, 24),
    "large": (30, 200, 8, 24),
    "wide": (100, 80, 8, 24),
    "week": (30, 300, 8, 168),
    "huge": (100, 400, 10, 168),
}
_NETWORK_SIZES: dict[str, tuple[int, ...]] = {"smoke": (100,), "small": (500,), "medium": (2000,), "large": (10_000,)}


@dataclass(frozen=True)
class Family:
    """A family of instances.

    Attributes
    ----------
    name : str
    build : callable
        Makes the instance of a size (a tuple of int) and a seed.
    sizes : dict of str to tuple of int
        The sizes, smallest first. Tests run ``smoke``.
    """

    name: str
    build: Callable[[tuple[int, ...], int], placer.Instance]
    sizes: dict[str, tuple[int, ...]]

    @property
    def about(self) -> str:
        """Description of the family in one line."""
        return _ABOUT[self.name]


def dataset(name: str) -> placer.Instance:
    """Return a dataset with the scenarios that it is measured with."""
    return placer.load(name, SCENARIOS.get(name, ()))


def build(family: str, size: str, seed: int = 0) -> placer.Instance:
    """Build an instance, given the name of its family, and a size: a name, or a shape such as ``200x200x6x24``."""
    chosen = FAMILIES[family]
    return chosen.build(chosen.sizes.get(size) or shape_of(family, size), seed)


def is_shape(size: str) -> bool:
    """Whether a size is a shape in place of a name."""
    return re.fullmatch(r"[1-9]\d*(x[1-9]\d*)*", size) is not None


def shape_of(family: str, size: str) -> tuple[int, ...]:
    """Return the shape that a size spells out.

    Raises
    ------
    ValueError
        If it has not as many numbers as the sizes of the family.
    """
    numbers = len(next(iter(FAMILIES[family].sizes.values())))
    shape = tuple(map(int, size.split("x"))) if is_shape(size) else ()
    if len(shape) != numbers:
        raise ValueError(f"{size!r} is no size of {family!r}: a name, or {numbers} whole numbers with an x between")
    return shape


def _build_fleet(steps: tuple[Callable[[Draft], Draft], ...], size: tuple[int, ...], seed: int) -> placer.Instance:
    draft = fleet(size, seed)
    for step in steps:
        draft = step(draft)
    return finish(draft)


def _of_fleet(name: str, *steps: Callable[[Draft], Draft]) -> Family:
    return Family(name, partial(_build_fleet, steps), FLEET_SIZES)


_ABOUT = {
    "fleet": "users on the coast, cheap power inland, every third workload batch, 15 % spare accelerators",
    "tiers": "three supplies at every site, sites of unequal speed and thirst for power",
    "linked": "five trunks of limited capacity shared by all that goes inland",
    "tiers_linked": "tiers and linked at once",
    "tied": "three sites in ten are exact copies of others, prices in round figures",
    "near": "three sites in ten differ from others by a millionth",
    "short": "too few accelerators: 1 to 3 % of demand unserved",
    "slack": "half as many accelerators again",
    "online": "nothing may wait",
    "clipped": "batch must be done by the end of the horizon",
    "hour": "a single hour",
    "capped": "a carbon cap that binds",
    "network": "a random geometric network, a tenth hubs, a fiftieth data centres, the rest exchanges",
}

FAMILIES = {
    family.name: family
    for family in (
        _of_fleet("fleet"),
        _of_fleet("tiers", variants.tiers),
        _of_fleet("linked", variants.evened, variants.trunks),
        _of_fleet("tiers_linked", variants.evened, variants.tiers, variants.trunks),
        _of_fleet("tied", variants.tied),
        _of_fleet("near", variants.near),
        _of_fleet("short", variants.evened, variants.short),
        _of_fleet("slack", variants.slack),
        _of_fleet("online", variants.online),
        _of_fleet("clipped", variants.clipped),
        Family("hour", partial(_build_fleet, ()), {name: (*size[:-1], 1) for name, size in FLEET_SIZES.items()}),
        _of_fleet("capped", variants.capped),
        Family("network", network, _NETWORK_SIZES),
    )
}
