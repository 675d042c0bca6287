"""Shocks to demand, each drawn from its own stream of random numbers.

Set n is drawn from (seed, n) alone: sets are the same in any order and on any shard, and switching one shock off does
not change the draws of the others. The shocks act in this order on the demand d of workload k, hub h and hour t:

    mix        d *= q_k / p_k            p the share of k in all tokens, q ~ Dirichlet(mix_concentration * p)
    shift      the day of every hub moves by N(0, shift_hours_sigma) hours, one draw per region
    sharpness  d ~ d ** e                e = exp(N(0, sharpness_sigma)), one draw; the total of each k and h is kept
    volume     d *= growth * L * L_r * L_h      L lognormal of mean 1: common to all, per region r, per hub h
    steps      d_k *= S_k                S lognormal of mean 1 where tool_round_trips > 0; these grow alike
    bursts     hours in which a hub asks for more

A row that the instance's demand lacks stays absent; demand that a shift would move there goes to the other rows of the
workload at the hub. The horizon counts as a circle, even where waiting work may not cross its end. More steps do not
change the time of a task (``fixed`` in ``placer.ceiling.agents``), so that they reach its limit sooner.

numpy keeps its streams of random numbers from release to release but does not promise to; the tests pin some.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from placer.synthetic.grid import DemandGrid, within_limits
from placer.synthetic.uncertainty import Uncertainty
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.solver_limits import SMALLEST

#: The position of a shock here selects its stream of random numbers. Append new ones, or seeds change meaning.
SHOCKS = ("common", "regional", "hub", "mix", "shift", "sharpness", "steps", "bursts")


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the random generator of a seed and a key."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def draw_demand(base: DemandGrid, uncertainty: Uncertainty, seed: int, number: int) -> tuple[FloatArray, FloatArray]:
    """Return the demand (workloads, hubs, hours) and the factor on the steps of each workload of one demand set.

    Without uncertainty the demand is the array of the base itself; otherwise it is rounded to 12 digits within the
    limits of the schema.
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


def _lognormal(sigma: float, count: int, random: np.random.Generator) -> FloatArray:
    """Return ``count`` lognormal factors of mean 1."""
    return np.exp(sigma * random.standard_normal(count) - sigma**2 / 2)


def _mixed(mtok: FloatArray, concentration: float, random: np.random.Generator) -> FloatArray:
    share = mtok.sum(axis=(1, 2)) / mtok.sum()
    asked = share > 0
    factor = np.ones(len(share))
    factor[asked] = random.dirichlet(concentration * share[asked]) / share[asked]
    return mtok * factor[:, None, None]


def _shifted(mtok: FloatArray, present: BoolArray, steps: FloatArray) -> FloatArray:
    """Shift the day of every hub by its steps, interpolating linearly between whole steps."""
    whole = np.floor(steps)
    part = (steps - whole)[:, None]
    source = (np.arange(mtok.shape[2]) - whole[:, None].astype(int)) % mtok.shape[2]
    hub = np.arange(mtok.shape[1])[:, None]
    moved = (1 - part) * mtok[:, hub, source] + part * mtok[:, hub, source - 1]
    return _with_totals_of(mtok, np.where(present, moved, 0.0))


def _sharpened(mtok: FloatArray, exponent: float) -> FloatArray:
    largest = mtok.max(axis=2, keepdims=True)
    return _with_totals_of(mtok, (mtok / np.where(largest > 0, largest, 1.0)) ** exponent)


def _with_totals_of(mtok: FloatArray, changed: FloatArray) -> FloatArray:
    """Scale hours to keep the total of every workload and hub; where no demand remains, it stays unchanged."""
    before, after = mtok.sum(axis=2, keepdims=True), changed.sum(axis=2, keepdims=True)
    return np.where(after > 0, changed * (before / np.where(after > 0, after, 1.0)), mtok)


def _volume(base: DemandGrid, uncertainty: Uncertainty, random: Callable[[str], np.random.Generator]) -> FloatArray:
    """Return the factor of every hub."""
    common = _lognormal(uncertainty.common_sigma, 1, random("common"))
    regional = _lognormal(uncertainty.regional_sigma, base.region.max() + 1, random("regional"))
    hub = _lognormal(uncertainty.hub_sigma, len(base.region), random("hub"))
    return uncertainty.growth * common * regional[base.region] * hub


def _with_bursts(mtok: FloatArray, days: float, uncertainty: Uncertainty, random: np.random.Generator) -> FloatArray:
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
