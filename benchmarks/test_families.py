"""Tests of the instance families."""

from __future__ import annotations

import functools

import numpy as np
import pytest

import placer

from .columns import count_columns
from .families import FAMILIES, FLEET_SIZES, build
from .families.shortage import least_capacity

#: Families whose sizes are those of the fleet, hours included.
FLEETS = [name for name in FAMILIES if name not in ("network", "hour")]


@functools.cache
def _solved(family: str, seed: int = 0) -> placer.Placement:
    return placer.solve(build(family, "small", seed))


@pytest.mark.parametrize("family", FAMILIES)
def test_seeded(family: str) -> None:
    """Tests that a seed gives the same instance every time, and another seed another."""
    assert build(family, "smoke", seed=1) == build(family, "smoke", seed=1)
    assert build(family, "smoke", seed=1) != build(family, "smoke", seed=2)


@pytest.mark.parametrize(("size", "columns"), [("smoke", 1_500), ("small", 38_000), ("medium", 247_000)])
def test_columns(size: str, columns: int) -> None:
    """Tests that a fleet has about the documented number of columns of its size."""
    program = placer.to_program(build("fleet", size))
    assert program.matrix.shape[1] == pytest.approx(columns, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize(("size", "columns"), [("large", 1.0e6), ("wide", 1.35e6), ("week", 9.8e6)])
def test_columns_of_large_sizes(size: str, columns: float) -> None:
    """Tests that the large sizes have about their documented number of columns."""
    assert count_columns(build("fleet", size)) == pytest.approx(columns, rel=0.1)


@pytest.mark.parametrize("family", FAMILIES)
def test_columns_are_counted(family: str) -> None:
    """Tests that the column count equals that of the program."""
    instance = build(family, "smoke")
    assert count_columns(instance) == placer.to_program(instance).matrix.shape[1]


def test_batch_share() -> None:
    """Tests that a third of the workloads of a fleet may wait, and none in the online variant."""
    assert (build("fleet", "smoke").workloads["deadline_hours"] > 0).mean() == pytest.approx(1 / 3)
    assert not build("online", "smoke").workloads["deadline_hours"].any()


def test_everything_reaches() -> None:
    """Tests that every workload of a fleet may run somewhere for every hub."""
    instance = build("fleet", "small")
    assert (instance.routes.rtt_ms.min(axis=1) <= instance.workloads["latency_slo_ms"].min()).all()


def test_hour() -> None:
    """Tests that the horizon is a single hour whatever the size."""
    assert len(build("hour", "medium").hours) == 1
    assert FAMILIES["hour"].sizes.keys() == FLEET_SIZES.keys()


@pytest.mark.parametrize("family", FLEETS)
def test_named(family: str) -> None:
    """Tests that every family has a description and the sizes of the fleet."""
    assert FAMILIES[family].about
    assert FAMILIES[family].sizes == FLEET_SIZES


def test_tiers() -> None:
    """Tests that every site has a cheap, a plain and a dear supply, all limited, and that sites differ."""
    instance = build("tiers", "small")
    supplies = instance.supplies
    price = dict(
        zip(instance.power_zones["power_zone"], instance.hourly("power_zones", "usd_per_mwh")[:, 0], strict=True)
    )
    usd = supplies["power_zone"].map(price) + supplies["usd_per_mwh_adder"]
    for _, costs in usd.groupby(supplies["data_centre"]):
        assert len(costs) == 3
        assert costs.is_monotonic_increasing
    assert np.isfinite(supplies["limit_mw"]).all()
    assert instance.data_centres["speed"].nunique() == len(instance.data_centres)
    thirst = instance.workloads["kwh_per_mtok"] / instance.workloads["accelerator_hours_per_mtok"]
    assert thirst.between(0.6, 1.6).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_trunks_bind(seed: int) -> None:
    """Tests that the five trunks bind in at least a third of their hours, and little demand stays unserved."""
    placement = _solved("linked", seed)
    trunks = np.isfinite(placement.instance.links["capacity_gbps"])
    scarce = placement.scarcities.reset_index()
    hours = scarce.loc[scarce["limit"] == "link", "hours"].sum()
    assert trunks.sum() == 5
    assert hours >= 5 * 24 / 3
    assert placement.unserved_mtok < 0.03 * placement.demand_mtok


def test_trunks_are_crossed_two_at_a_time() -> None:
    """Tests that traffic from the coast inland crosses a coastal and an inland trunk, and coastal traffic none."""
    instance = build("linked", "small")
    trunks = np.flatnonzero(np.isfinite(instance.links["capacity_gbps"]))
    shape = instance.routes.rtt_ms.shape
    crossed = np.asarray(instance.routes.links[:, trunks].sum(axis=1)).reshape(shape)
    coastal = (instance.hubs["region"] == "coast").to_numpy()
    inland = (instance.data_centres["region"] == "inland").to_numpy()
    assert (crossed[np.ix_(coastal, inland)] == 2).all()
    assert (crossed[:, ~inland] == 0).all()


@pytest.mark.parametrize(("family", "away"), [("tied", 0.0), ("near", 1e-5)])
def test_copies(family: str, away: float) -> None:
    """Tests that three sites in ten copy the prices and round trips of another, exactly or nearly."""
    instance = build(family, "small")
    prices = instance.hourly("power_zones", "usd_per_mwh")
    facts = np.hstack([prices, instance.routes.rtt_ms.T, instance.data_centres[["accelerators"]]])
    apart = np.abs(facts[:, None] / facts[None] - 1).max(axis=2)
    pairs = (apart <= away)[np.triu_indices(len(facts), 1)]
    assert pairs.sum() == 3
    assert (apart[np.triu_indices(len(facts), 1)] == 0).any() == (family == "tied")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_short(seed: int) -> None:
    """Tests that one to three per cent of demand stays unserved."""
    placement = _solved("short", seed)
    assert 0.01 <= placement.unserved_mtok / placement.demand_mtok <= 0.03


def test_least_capacity() -> None:
    """Tests the capacity at which a share of work is lost against a case computed by hand."""
    at_once, batch = np.array([4.0, 0.0]), np.array([4.0, 0.0])
    # With one hour to wait, 4 of batch move to the second hour; at capacity 3, 1 at once and 1 of batch are lost.
    assert least_capacity(at_once, batch, 1, 0.25) == pytest.approx(3.0)
    assert least_capacity(at_once, batch, 0, 0.25) == pytest.approx(6.0)
    # Batch of the last hour runs in the first one of the horizon.
    assert least_capacity(at_once[::-1], batch[::-1], 1, 0.25) == pytest.approx(3.0)


def test_slack_and_clipped() -> None:
    """Tests that slack is half as many accelerators again, and clipped a horizon that ends."""
    fleet = build("fleet", "smoke")
    more = build("slack", "smoke").data_centres["accelerators"]
    np.testing.assert_allclose(more, 1.5 * fleet.data_centres["accelerators"])
    assert build("clipped", "smoke") == fleet.replace(cyclic=False)


@pytest.mark.slow
def test_cap_binds() -> None:
    """Tests that the carbon cap binds while all demand is served."""
    placement = _solved("capped")
    free = placer.solve(placement.instance.replace(carbon_limit_kg=float("inf")))
    limit = placement.instance.settings.carbon_limit_kg
    assert placement.data_centres["carbon_kg"].sum() == pytest.approx(limit)
    assert 0.8 * free.data_centres["carbon_kg"].sum() < limit < 0.99 * free.data_centres["carbon_kg"].sum()
    assert placement.unserved_mtok == pytest.approx(free.unserved_mtok, rel=1e-6)
