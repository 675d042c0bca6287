"""Shocks to demand: means, deviations, totals that stay, and some by hand."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest

from placer import DemandSets, Uncertainty
from placer.synthetic import CERTAIN
from placer.synthetic.grid import demand_grid
from placer.synthetic.shocks import _sharpened, _shifted, draw_demand

#: Draws of a mean, and how many standard errors it may be off.
DRAWS, ERRORS = 2000, 5


@pytest.fixture
def factors(instance):
    """Return a function from shocks to the demand of many sets over the given: (sets, workloads, hubs, hours)."""
    base = demand_grid(instance)

    def of(**changes):
        shocks = replace(CERTAIN, **changes)
        return np.array([draw_demand(base, shocks, 5, number)[0] for number in range(DRAWS)]) / base.mtok

    return of


def near(values, expected):
    """Whether the mean over sets is what it should be, as far as so many draws show."""
    error = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return (np.abs(values.mean(axis=0) - expected) <= ERRORS * error).all()


def spread(values, sigma):
    """Whether the deviation of logarithms over sets is what it should be, as far as so many draws show."""
    return (np.abs(np.log(values).std(axis=0) / sigma - 1) <= ERRORS / math.sqrt(2 * len(values))).all()


@pytest.mark.slow
@pytest.mark.parametrize("scale", [1e-9, 1e-6, 2e13])
def test_the_wildest_draws_are_still_instances(instance, scale):
    wild = {item.name: 3.0 for item in fields(Uncertainty) if item.name.endswith("_sigma")}
    wild |= {"shift_hours_sigma": 24.0, "mix_concentration": 1e-3, "burst_rate": 100.0, "burst_share": 1.0}
    instance = instance.scaled_demand(scale)
    for growth in (1e-6, 1.0, 1e6):
        sets = DemandSets(instance, Uncertainty(**wild | {"growth": growth}), count=8)
        assert all(each.demand["mtok"].sum() > 0 for each in sets)


@pytest.mark.slow
def test_growth_is_a_factor(factors):
    assert factors(growth=2.5) == pytest.approx(2.5)


@pytest.mark.slow
def test_common_shock_is_one_factor_of_mean_one(factors):
    found = factors(common_sigma=0.4).reshape(DRAWS, -1)
    assert np.ptp(found, axis=1) == pytest.approx(0, abs=1e-9)
    assert near(found[:, 0], 1)
    assert spread(found[:, 0], 0.4)


def test_regional_shock_is_shared_within_a_region_alone(factors):
    found = factors(regional_sigma=0.4)[:, 0, :, 0]
    assert near(found, 1)
    assert spread(found, 0.4)
    related = np.corrcoef(np.log(found).T)
    assert related[0, 1] == pytest.approx(1)
    assert np.abs(related[[0, 0, 2], [2, 3, 3]]).max() < ERRORS / math.sqrt(DRAWS)


@pytest.mark.slow
def test_hub_shock_is_each_hub_s_own(factors):
    found = factors(hub_sigma=0.4)
    assert np.ptp(found, axis=(1, 3)) == pytest.approx(0, abs=1e-9)
    assert near(found[:, 0, :, 0], 1)
    assert spread(found[:, 0, :, 0], 0.4)
    related = np.corrcoef(np.log(found[:, 0, :, 0]).T)
    assert np.abs(related[np.triu_indices(4, 1)]).max() < ERRORS / math.sqrt(DRAWS)


def test_mix_moves_shares_and_keeps_the_total(factors):
    """Chat is 8 of 20 tokens: with concentration 9 its share has mean 0.4 and variance 0.4 * 0.6 / 10."""
    found = factors(mix_concentration=9.0)
    assert np.ptp(found, axis=(2, 3)) == pytest.approx(0, abs=1e-9)
    share = found[:, :, 0, 0] * [0.4, 0.6]
    assert share.sum(axis=1) == pytest.approx(1)
    assert near(share, [0.4, 0.6])
    assert near((share[:, 0] - 0.4) ** 2, 0.024)


@pytest.mark.slow
def test_shift_keeps_totals_and_is_shared_within_a_region(factors, instance):
    base = demand_grid(instance).mtok
    found = factors(shift_hours_sigma=6.0) * base
    assert found.sum(axis=3) == pytest.approx(np.broadcast_to(base.sum(axis=2), found.shape[:3]))
    assert found[:, 0, 1] == pytest.approx(2 * found[:, 0, 0])
    assert not np.allclose(found[:, 0, 2], 3 * found[:, 0, 0])
    assert found[:, 1] == pytest.approx(np.broadcast_to(base[1], found[:, 1].shape))


def test_shift_by_hand():
    """One step and a half later: each hour gets half of what stood one step before and half of two before."""
    day = np.array([[[1.0, 2.0, 4.0, 1.0]]])
    anywhere = np.full(day.shape, fill_value=True)
    assert _shifted(day, anywhere, np.array([1.0])).ravel().tolist() == [1, 1, 2, 4]
    assert _shifted(day, anywhere, np.array([1.5])).ravel().tolist() == [2.5, 1, 1.5, 3]
    assert _shifted(day, anywhere, np.array([-1.0])).ravel().tolist() == [2, 4, 1, 1]


def test_shift_counts_hours_and_not_steps(make_instance):
    rows = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in enumerate((1.0, 2.0, 5.0, 3.0))]
    shift = replace(CERTAIN, shift_hours_sigma=1.0)
    hours = DemandSets(make_instance(demand=rows), replace(shift, shift_hours_sigma=0.5)).demand(0)
    halves = DemandSets(make_instance(demand=rows, hour_length=2.0), shift).demand(0)
    assert hours.equals(halves)


def test_sharpness_by_hand():
    day = np.array([[[0.0, 2.0, 4.0, 2.0], [3.0, 3.0, 3.0, 3.0], [0.0, 0.0, 0.0, 0.0]]])
    found = _sharpened(day, 2.0)[0]
    assert found[0] == pytest.approx([0, 8 / 6, 32 / 6, 8 / 6])
    assert found[1] == pytest.approx([3, 3, 3, 3])
    assert found[2].tolist() == [0, 0, 0, 0]


def test_sharpness_draws_one_exponent_a_set(factors, instance):
    """Chat's second hour is twice its first, so the ratio's binary logarithm is the exponent."""
    base = demand_grid(instance).mtok
    found = factors(sharpness_sigma=0.3) * base
    assert found.sum(axis=3) == pytest.approx(np.broadcast_to(base.sum(axis=2), found.shape[:3]))
    exponent = np.log2(found[:, 0, :, 1] / found[:, 0, :, 0])
    assert np.ptp(exponent, axis=1) == pytest.approx(0, abs=1e-9)
    assert near(np.log(exponent[:, 0]), 0)
    assert spread(exponent[:, 0], 0.3)


def test_steps_move_tokens_and_round_trips_of_agents_alike(factors, instance):
    found = factors(steps_sigma=0.7)[:, :, 0, 0]
    chat, agent = found.T
    assert chat.tolist() == [1.0] * DRAWS
    assert near(agent, 1)
    assert spread(agent, 0.7)
    below, above = 1 - np.quantile(agent, 0.01), np.quantile(agent, 0.99) - 1
    assert above > 3 * below
    sets = DemandSets(instance, replace(CERTAIN, steps_sigma=0.7))
    changed = sets[0]
    factor = changed.demand["mtok"].iloc[4] / 3
    assert factor != 1
    assert changed.workloads["tool_round_trips"].tolist() == pytest.approx([0, 3 * factor])
    assert changed.workloads.drop(columns="tool_round_trips").equals(
        instance.workloads.drop(columns="tool_round_trips")
    )


@pytest.mark.slow
def test_bursts_add_their_share_of_a_day(factors, instance):
    """The horizon is a day: half a burst a hub, each a tenth of the day."""
    base = demand_grid(instance).mtok
    found = factors(burst_rate=0.5, burst_share=0.1)
    assert found.min() == pytest.approx(1)
    assert found[:, 0] == pytest.approx(found[:, 1])
    added = ((found - 1) * base).sum(axis=(1, 3)) / base.sum(axis=(0, 2))
    assert near(added, 0.05)
    assert near((added < 1e-9).astype(float), math.exp(-0.5))


def test_a_burst_falls_on_one_step_and_half_of_it_on_the_next(factors, instance):
    base = demand_grid(instance).mtok
    added = ((factors(burst_rate=0.02, burst_share=0.1) - 1) * base).sum(axis=1)
    alone = [day for day in added.reshape(-1, 4) if 0 < (day > 1e-9).sum() <= 2]
    assert len(alone) > 50
    for day in alone:
        first = int(day.argmax())
        assert day[(first + 1) % 4] == pytest.approx(day[first] / 2, rel=1e-6)
