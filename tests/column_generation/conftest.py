"""Fixtures of the large-scale solver: structures written out by hand, random ones, and HiGHS on the whole program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_array

import placer
from placer.column_generation.dual.path import cost_spread
from placer.ladder.whole_program import solve_program
from placer.model.answer import Answer, answer_of
from placer.model.expansion import expand
from placer.model.structure import Structure
from placer.solvers.highs import HiGHS
from tests.column_generation.totals import NO_CAPS, SEED, total

if TYPE_CHECKING:
    from placer.column_generation.market.definition import Market
    from placer.column_generation.market.groups import Group

#: One class, two origins near a site each, two periods. A unit takes one of capacity and one of supply, and costs the
#: arc and the only tier of its site.
SMALL: dict[str, Any] = {
    "demand_class": [0, 0, 0, 0],
    "demand_origin": [0, 1, 0, 1],
    "demand_period": [0, 0, 1, 1],
    "demand_amount": [10.0, 6.0, 4.0, 2.0],
    "unserved_cost": [1000.0],
    "window": [0],
    "cyclic": False,
    "arc_class": [0, 0, 0, 0],
    "arc_origin": [0, 0, 1, 1],
    "arc_site": [0, 1, 0, 1],
    "arc_cost": [1.0, 3.0, 3.0, 1.0],
    "work_cost": [[0.0, 0.0]],
    "use": [[1.0, 1.0]],
    "draw": [[1.0, 1.0]],
    "capacity": [[np.inf, np.inf], [np.inf, np.inf]],
    "intake": [[np.inf, np.inf], [np.inf, np.inf]],
    "overhead": [[1.0, 1.0], [1.0, 1.0]],
    "tier_site": [0, 1],
    "tier_yield": [1.0, 1.0],
    "tier_cost": [[50.0, 50.0], [20.0, 20.0]],
    "tier_limit": [[np.inf, np.inf], [np.inf, np.inf]],
    "link_use": [1.0],
    "link_capacity": np.zeros(0),
    "route_links": np.zeros((4, 0)),
    "cap_limit": np.zeros(0),
    "cap_work": np.zeros((0, 1, 2)),
    "cap_tier": np.zeros((0, 2, 2)),
}
#: Positions and counts; all other arrays hold floats, however they are written.
WHOLE = {
    "demand_class",
    "demand_origin",
    "demand_period",
    "window",
    "arc_class",
    "arc_origin",
    "arc_site",
    "tier_site",
    "block",
    "serves",
}
#: Arrays that a test may write without their last axis, the periods: with the number of axes they have.
BY_PERIOD = {"work_cost": 3, "link_capacity": 2, "cap_work": 4}


@pytest.fixture(scope="session")
def make_structure() -> Callable[..., Structure]:
    """Return a function that builds the small structure with some arrays replaced."""

    def make(**changes: Any) -> Structure:
        given = {
            name: value if isinstance(value, bool) else np.array(value, dtype=int if name in WHOLE else float)
            for name, value in (SMALL | changes).items()
        }
        periods = given["capacity"].shape[1]
        caps, classes, routes = len(given["cap_limit"]), len(given["window"]), given["route_links"].shape[0]
        given.setdefault("cap_send", np.zeros((caps, classes)))
        given.setdefault("cap_route", np.zeros((caps, routes)))
        given.setdefault("cap_arrival", np.ones((caps, periods)))
        for name, axes in BY_PERIOD.items():
            if given[name].ndim < axes:
                given[name] = np.repeat(given[name][..., None], periods, axis=-1)
        block = given.pop("block", np.zeros(periods, dtype=int))
        one_route = {"routes": 1, "arc_rank": np.zeros_like(given["arc_site"])}
        links = csr_array(given["route_links"])
        return Structure(**one_route | given | {"route_links": links, "block": block})

    return make


@pytest.fixture(scope="session")
def make_random_structure() -> Callable[..., Structure]:
    """Return a function from a seed to a structure with sites of none to three tiers, windows, links and two caps.

    Figures are not round, so that optima are seldom ties. ``capped`` says whether the caps are limits; ``zeros``
    whether some capacities, tiers, intakes and links are 0.
    """
    return _random_structure


@pytest.fixture(scope="session")
def make_random_blocks() -> Callable[..., Structure]:
    """Return a function from a seed to a random structure of two blocks, the first of one period, the other longer."""

    def make(seed: int, **kind: bool) -> Structure:
        random = np.random.default_rng(seed)
        structure = next(
            each for more in range(100) if (each := _random_structure(1000 * seed + more, **kind)).periods >= 3
        )
        block, window = np.minimum(np.arange(structure.periods), 1), random.integers(0, 4, structure.classes)
        return replace(structure, block=block, window=window)

    return make


@pytest.fixture(scope="session")
def solve_whole() -> Callable[[Structure], tuple[Answer, float]]:
    """Return a function from a structure to HiGHS' answer to the whole program, and the least cost."""

    def solve(structure: Structure) -> tuple[Answer, float]:
        program = expand(structure)
        solution, certificate = solve_program(program, HiGHS())
        return answer_of(structure, program, solution), certificate.objective

    return solve


def _random_structure(seed: int, *, cyclic: bool = False, capped: bool = False, zeros: bool = False) -> Structure:
    random, varying = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    classes, origins, sites, periods = (int(size) for size in random.integers([1, 1, 1, 1], [5, 5, 6, 7]))
    there = random.random((classes, origins, sites)) < 0.8
    klass, origin, site = np.nonzero(there)
    asked = np.argwhere(random.random((classes, origins, periods)) < 0.8)
    if not len(asked):
        asked = np.zeros((1, 3), dtype=int)
    counts = random.integers(0, 4, sites)
    tier_site = random.permutation(np.repeat(np.arange(sites), counts))
    tiers, links = len(tier_site), int(random.integers(0, 4))
    each = len(asked) / max(sites * periods, 1)

    def some(shape: tuple[int, ...], low: float, high: float) -> np.ndarray:
        return random.uniform(low, high, shape)

    def limited(values: np.ndarray, part: float) -> np.ndarray:
        values = np.where(random.random(values.shape) < part, values, np.inf)
        return np.where(random.random(values.shape) < 0.1, 0.0, values) if zeros else values

    def by_period(values: np.ndarray) -> np.ndarray:
        return values[..., None] * varying.uniform(0.7, 1.3, periods)

    structure = Structure(
        demand_class=asked[:, 0],
        demand_origin=asked[:, 1],
        demand_period=asked[:, 2],
        demand_amount=some((len(asked),), 0.5, 5.0),
        unserved_cost=some((classes,), 200.0, 900.0),
        window=random.integers(0, 4, classes),
        cyclic=cyclic,
        arc_class=klass,
        arc_origin=origin,
        arc_site=site,
        arc_rank=np.zeros_like(site),
        routes=1,
        arc_cost=some(klass.shape, 0.0, 20.0),
        work_cost=by_period(some((classes, sites), 0.0, 10.0)),
        use=some((classes, sites), 0.5, 2.0) * (random.random((classes, 1)) < 0.9),
        draw=some((classes, sites), 0.2, 1.5) * (random.random((classes, 1)) < 0.9),
        capacity=limited(some((sites, periods), 1.0, 6.0) * each, 0.7),
        intake=limited(some((sites, periods), 0.8, 5.0) * each, 0.5),
        overhead=some((sites, periods), 1.0, 1.6),
        tier_site=tier_site,
        tier_yield=some((tiers,), 0.9, 1.0),
        tier_cost=some((tiers, periods), -15.0, 90.0),
        tier_limit=limited(some((tiers, periods), 0.5, 3.0) * each, 0.6),
        link_use=some((classes,), 0.3, 2.0) * (random.random(classes) < 0.8),
        link_capacity=by_period(limited(some((links,), 1.0, 12.0), 0.9)),
        route_links=csr_array((random.random((origins * sites, links)) < 0.4).astype(float)),
        cap_limit=np.full(2, np.inf),
        cap_work=by_period(some((2, classes, sites), 0.0, 2.0) * np.array([0.0, 1.0])[:, None, None]),
        cap_tier=some((2, tiers, periods), 0.0, 800.0) * np.array([1.0, 0.0])[:, None, None],
        cap_send=np.zeros((2, classes)),
        cap_route=np.zeros((2, origins * sites)),
        cap_arrival=np.ones((2, periods)),
        block=np.zeros(periods, dtype=int),
    )
    return _capped(structure, random) if capped else structure


def _capped(structure: Structure, random: np.random.Generator) -> Structure:
    """Limit the two totals to something about what serving everything takes."""
    total = float(structure.demand_amount.sum())
    of_tiers = total * structure.draw.mean() * structure.overhead.mean() * _mean(structure.cap_tier[0])
    of_work = total * structure.cap_work[1].mean()
    limit = random.uniform(0.2, 1.0, 2) * np.array([of_tiers or 1.0, of_work])
    return replace(structure, cap_limit=limit)


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if values.size else 0.0


@pytest.fixture(scope="session")
def plain_dual() -> Callable[[Market, np.ndarray, float], float]:
    """Return a function that evaluates the smoothed dual as its module states it, demand by demand in plain loops."""

    def value(market: Market, prices: np.ndarray, width: float) -> float:
        total = -float((market.limit * prices).sum())
        for group in market.groups:
            total += _group_worth(market, group, prices, width * group.weight)
        wide, supply = width * float(market.unit[market.sites]), slice(market.sites, 2 * market.sites)
        for amount, extra in market.tiers:
            total -= float((amount * wide * np.logaddexp(0.0, (prices[:, supply] - extra) / wide)).sum())
        return total

    return value


def _soft_min(values: list[float], mu: float) -> float:
    return min(values) - mu * float(np.log(sum(np.exp((min(values) - value) / mu) for value in values)))


def _group_worth(market: Market, group: Group, prices: np.ndarray, mu: float) -> float:
    sites, kinds, total = market.sites, market.kinds, 0.0
    nu = prices[:, kinds * sites :]

    def service(t: int, s: int) -> float:
        site = group.lanes.site[s]
        power = prices[t, sites + site] if market.supplied else 0.0
        return float(group.base[t, s] + group.use[s] * prices[t, site] + group.draw[s] * power)

    for t, place in np.argwhere(group.amount > 0).tolist():
        offers = [group.unserved]
        for s, site in enumerate(group.lanes.site):
            ahead = [t + delay for delay in range(group.window + 1) if market.cyclic or t + delay < market.periods]
            waits = _soft_min([service(later % market.periods, s) for later in ahead], mu)
            links = float(nu[t] @ market.links[:, site, group.origins[place]]) * group.link_use
            offers.append(group.arc_cost[s, place] + waits + links)
        total += group.amount[t, place] * _soft_min(offers, mu)
    return total


@pytest.fixture(scope="session")
def some_prices() -> Callable[[Market, int], np.ndarray]:
    """Return a function from a market and a seed to prices of its resources, a third of them zero."""

    def draw(market: Market, seed: int) -> np.ndarray:
        random = np.random.default_rng(seed)
        prices = random.uniform(0.0, 2.0, market.price_shape) * cost_spread(market) * market.unit
        return np.where(random.random(market.price_shape) < 1 / 3, 0.0, prices)

    return draw


@pytest.fixture(scope="module")
def instance(make_random_instance):
    return make_random_instance(SEED, **NO_CAPS)


@pytest.fixture(scope="module")
def least(instance):
    """Return the least cost, as HiGHS finds it on the whole program."""
    return total(placer.solve(instance, HiGHS()))
