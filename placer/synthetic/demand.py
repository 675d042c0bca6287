"""Demand sets: an instance under demand that is not known, drawn from a seed.

Set n is drawn from (seed, n) alone, with one stream of random numbers per shock: sets are the same in any order and on
any shard, and switching one shock off leaves the others' draws as they are. The shocks, in the order they act on the
demand d of workload k, hub h and hour t:

    mix        d *= q_k / p_k            p the share of k in all tokens, q ~ Dirichlet(mix_concentration * p)
    shift      the day of every hub moves by N(0, shift_hours_sigma) hours, one draw per region
    sharpness  d ~ d ** e                e = exp(N(0, sharpness_sigma)), one draw; kept: the total of each k and h
    volume     d *= growth * L * L_r * L_h      L lognormal of mean 1: common to all, per region r, per hub h
    steps      d_k *= S_k                S lognormal of mean 1 where tool_round_trips > 0; these grow alike
    bursts     hours in which a hub asks for more

A row that the instance's demand lacks stays absent; what a shift would move there goes to the rows that the workload
has at the hub. The horizon counts as a circle, also where waiting work may not cross its end. More steps leave the time
of a task as it is (``fixed`` in ``placer.ceiling.agents``), so that they meet its limit sooner.

numpy keeps its streams of random numbers from release to release but does not promise to; the tests pin some.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.instance.arguments import need_instance
from placer.instance.problem import Instance
from placer.instance.schema import Column, Kind
from placer.synthetic.uncertainty import Uncertainty, refuse
from placer.utils import notebook
from placer.utils.solver_limits import LARGEST, SMALLEST, WIDEST_RANGE

#: Every shock has its stream of random numbers, by its place here. New ones go to the end, or seeds change meaning.
SHOCKS = ("common", "regional", "hub", "mix", "shift", "sharpness", "steps", "bursts")

_COUNT = Column("count", Kind.WHOLE, low=1, scaled=False)
_SEED = Column("seed", Kind.WHOLE, low=0, scaled=False)

#: Powers of ten that are exact as floats, hence the same on every machine.
_TENS = np.array([float(f"1e{power}") for power in range(23)])
_LEAST_POWER, _DIGITS = -9, 12
_DECADES = np.array([float(f"1e{power}") for power in range(_LEAST_POWER, 16)])


@dataclass(frozen=True)
class Grid:
    """What the shocks need of an instance, as arrays.

    Attributes
    ----------
    mtok : (workloads, hubs, hours) array
        Demand; 0 where the instance has no row.
    present : (workloads, hubs, hours) bool array
        Whether it has one.
    cell : (rows,) int array
        Place of every row of the demand table in the flat array.
    region : (hubs,) int array
    agents : (workloads,) bool array
    step_hours : float
        Length of a step of the horizon.
    """

    mtok: np.ndarray
    present: np.ndarray
    cell: np.ndarray
    region: np.ndarray
    agents: np.ndarray
    step_hours: float

    @property
    def days(self) -> float:
        """Length of the horizon in days."""
        return self.mtok.shape[2] * self.step_hours / 24


def grid(instance: Instance) -> Grid:
    """Lay the demand of an instance out as an array."""
    demand, hubs, workloads = instance.demand, instance.hubs, instance.workloads
    shape = len(workloads), len(hubs), len(instance.hours)
    at = (
        pd.Index(workloads["workload"]).get_indexer(demand["workload"]),
        pd.Index(hubs["hub"]).get_indexer(demand["hub"]),
        demand["hour"].to_numpy() - instance.hours[0],
    )
    mtok, present = np.zeros(shape), np.zeros(shape, dtype=bool)
    mtok[at], present[at] = demand["mtok"], True
    return Grid(
        mtok,
        present,
        np.ravel_multi_index(at, shape),
        pd.factorize(hubs["region"], use_na_sentinel=False)[0],
        workloads["tool_round_trips"].to_numpy(float) > 0,
        instance.settings.hour_length,
    )


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the random numbers of a seed that belong to a key."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def draw(base: Grid, uncertainty: Uncertainty, seed: int, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the demand (workloads, hubs, hours) and the factor on the steps of each workload of one demand set.

    The demand is the base's own array where nothing is uncertain, and rounded to 12 digits within the limits of the
    schema where anything is.
    """

    def random(shock: str) -> np.random.Generator:
        return stream(seed, number, SHOCKS.index(shock))

    mtok = base.mtok
    steps = np.ones(len(base.agents))
    if math.isfinite(uncertainty.mix_concentration):
        mtok = _mixed(mtok, uncertainty.mix_concentration, random("mix"))
    if uncertainty.shift_hours_sigma:
        hours = uncertainty.shift_hours_sigma * random("shift").standard_normal(base.region.max() + 1)
        mtok = _shifted(mtok, base.present, hours[base.region] / base.step_hours)
    if uncertainty.sharpness_sigma:
        mtok = _sharpened(mtok, math.exp(uncertainty.sharpness_sigma * random("sharpness").standard_normal()))
    if uncertainty.growth != 1 or uncertainty.common_sigma or uncertainty.regional_sigma or uncertainty.hub_sigma:
        mtok = mtok * _volume(base, uncertainty, random)[:, None]
    if uncertainty.steps_sigma and base.agents.any():
        steps = np.where(base.agents, _lognormal(uncertainty.steps_sigma, len(steps), random("steps")), 1.0)
        mtok = mtok * steps[:, None, None]
    if uncertainty.burst_rate and uncertainty.burst_share:
        mtok = _with_bursts(mtok, base.days, uncertainty, random("bursts"))
    return (mtok if mtok is base.mtok else within_limits(mtok)), steps


@dataclass(frozen=True)
class DemandSets(Sequence[Instance]):
    """A sequence of instances that differ by their demand, each made when it is asked for.

    Attributes
    ----------
    instance : Instance
    uncertainty : Uncertainty
    count : int
        How many sets there are, at least 1.
    seed : int
        At least 0.

    Examples
    --------
    >>> import placer
    >>> sets = placer.DemandSets(placer.load("tiny"), count=3, seed=7)
    >>> [round(placer.solve(each).cost_usd, 2) for each in sets] == [
    ...     round(placer.solve(sets[number]).cost_usd, 2) for number in range(3)
    ... ]
    True
    >>> sets.demand(1).columns.tolist()
    ['workload', 'hub', 'hour', 'mtok']
    """

    instance: Instance
    uncertainty: Uncertainty = field(default_factory=Uncertainty)
    count: int = 100  # type: ignore[assignment]  # in place of the method that counts equal items
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a count or seed that is none."""
        refuse("demand_sets", {"count": self.count, "seed": self.seed}, (_COUNT, _SEED))

    def __len__(self) -> int:
        """Return the number of sets."""
        return int(self.count)

    def __getitem__(self, number: int) -> Instance:  # type: ignore[override]  # a slice would build them all
        """Return the instance of one set."""
        mtok, steps = self._drawn(number)
        changes: dict[str, Any] = {"demand": self._table(mtok)}
        if (steps != 1).any():
            workloads = self.instance.workloads
            trips = within_limits(workloads["tool_round_trips"].to_numpy(float) * steps)
            changes["workloads"] = workloads.assign(tool_round_trips=trips)
        return self.instance.replace(**changes)

    def demand(self, number: int) -> pd.DataFrame:
        """Return the demand table of one set, with the rows of the instance's in their order."""
        return self._table(self._drawn(number)[0])

    def _repr_html_(self) -> str:
        """Return what the sets are drawn from as HTML, for notebooks."""
        given = [(item.name, getattr(self.uncertainty, item.name)) for item in fields(Uncertainty)]
        return notebook.figures(
            [
                ("Demand sets", f"{len(self):,} of seed {self.seed}"),
                ("Around", repr(self.instance).strip("<>")),
                *((name, f"{value:g}") for name, value in given),
            ]
        )

    def __getstate__(self) -> dict[str, Any]:
        """Leave behind what can be derived again."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @cached_property
    def _grid(self) -> Grid:
        return grid(self.instance)

    def _drawn(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        place = operator.index(number)
        if not -len(self) <= place < len(self):
            raise IndexError(f"set {place} of {len(self)}")
        return draw(self._grid, self.uncertainty, int(self.seed), place % len(self))

    def _table(self, mtok: np.ndarray) -> pd.DataFrame:
        return self.instance.demand.assign(mtok=mtok.ravel()[self._grid.cell])


def demand_sets(instance: Instance, n: int = 100, seed: int = 0, uncertainty: Uncertainty | None = None) -> DemandSets:
    """Return ``n`` demand sets around an instance: ``DemandSets``, in the order people think of it.

    Raises
    ------
    InstanceError
        If the number or the seed is none.

    Examples
    --------
    >>> import placer
    >>> len(placer.synthetic.demand_sets(placer.load("tiny"), n=3, seed=7))
    3
    """
    need_instance(instance)
    return DemandSets(instance, uncertainty or Uncertainty(), n, seed)


def rounded(values: np.ndarray) -> np.ndarray:
    """Round numbers from 1e-9 to 1e15, and 0, to 12 significant digits.

    Machines differ in the last bit of a logarithm, and that hardly ever survives this. All steps are exact or correctly
    rounded, so the result is what reading the twelve digits as a decimal gives.
    """
    first_digit = np.searchsorted(_DECADES, values, side="right") - 1 + _LEAST_POWER
    power = _DIGITS - 1 - np.maximum(first_digit, _LEAST_POWER)  # 0 has no first digit
    up, down = _TENS[np.maximum(power, 0)], _TENS[np.maximum(-power, 0)]
    return np.rint(values * up / down) * down / up


def within_limits(values: np.ndarray) -> np.ndarray:
    """Round drawn numbers, and keep them where the schema admits a column of them.

    What is over the largest admitted number is cut there, what is too small beside the largest value is 0.
    """
    cut = np.minimum(values, LARGEST / 2)
    least = max(SMALLEST, cut.max() / WIDEST_RANGE) * (1 + 1e-9)
    kept = np.where(cut < least, 0.0, cut)
    if not kept.any():
        kept.flat[values.argmax()] = least
    return rounded(kept)


def _lognormal(sigma: float, count: int, random: np.random.Generator) -> np.ndarray:
    """Return so many factors of mean 1."""
    return np.exp(sigma * random.standard_normal(count) - sigma**2 / 2)


def _mixed(mtok: np.ndarray, concentration: float, random: np.random.Generator) -> np.ndarray:
    share = mtok.sum(axis=(1, 2)) / mtok.sum()
    asked = share > 0
    factor = np.ones(len(share))
    factor[asked] = random.dirichlet(concentration * share[asked]) / share[asked]
    return mtok * factor[:, None, None]


def _shifted(mtok: np.ndarray, present: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Move the day of every hub by its steps, between two of them in proportion."""
    whole = np.floor(steps)
    part = (steps - whole)[:, None]
    source = (np.arange(mtok.shape[2]) - whole[:, None].astype(int)) % mtok.shape[2]
    hub = np.arange(mtok.shape[1])[:, None]
    moved = (1 - part) * mtok[:, hub, source] + part * mtok[:, hub, source - 1]
    return _with_totals_of(mtok, np.where(present, moved, 0.0))


def _sharpened(mtok: np.ndarray, exponent: float) -> np.ndarray:
    largest = mtok.max(axis=2, keepdims=True)
    return _with_totals_of(mtok, (mtok / np.where(largest > 0, largest, 1.0)) ** exponent)


def _with_totals_of(mtok: np.ndarray, changed: np.ndarray) -> np.ndarray:
    """Scale hours so that every workload has the total it had at every hub; where nothing is left, it stays."""
    before, after = mtok.sum(axis=2, keepdims=True), changed.sum(axis=2, keepdims=True)
    return np.where(after > 0, changed * (before / np.where(after > 0, after, 1.0)), mtok)


def _volume(base: Grid, uncertainty: Uncertainty, random: Callable[[str], np.random.Generator]) -> np.ndarray:
    """Return the factor of every hub."""
    common = _lognormal(uncertainty.common_sigma, 1, random("common"))
    regional = _lognormal(uncertainty.regional_sigma, base.region.max() + 1, random("regional"))
    hub = _lognormal(uncertainty.hub_sigma, len(base.region), random("hub"))
    return uncertainty.growth * common * regional[base.region] * hub


def _with_bursts(mtok: np.ndarray, days: float, uncertainty: Uncertainty, random: np.random.Generator) -> np.ndarray:
    hubs, hours = mtok.shape[1:]
    asked = mtok.sum(axis=0)
    hub = np.repeat(np.arange(hubs), random.poisson(uncertainty.burst_rate * days, hubs))
    hour = random.integers(hours, size=len(hub))
    burst = random.exponential(uncertainty.burst_share, len(hub)) * asked.sum(axis=1)[hub] / days
    added = np.zeros((hubs, hours))
    np.add.at(added, (hub, hour), burst * 2 / 3)
    np.add.at(added, (hub, (hour + 1) % hours), burst / 3)
    real = asked >= SMALLEST
    return mtok * (1 + np.where(real, added / np.where(real, asked, 1.0), 0.0))
