"""Theorems of modes: one is the workload itself, more of them never cost more, and outdone ones change nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.instance.mode_remarks import mode_remarks
from tests.effort import tries
from tests.model.modes_at_random import with_random_modes
from tests.model.modes_by_hand import FAST, MIDDLE, modes_abroad, tables

#: Accelerators may be built near and far away, so that their number is no limit.
HALLS = [
    {"candidate": site, "adds": "accelerators", "target": site, "usd_per_unit_year": usd}
    for site, usd in (("near", 9_000.0), ("far", 3_000.0))
]


def in_one_mode(plain):
    """Return an instance, and it with a mode of the figures of each workload."""
    plain = plain.replace(workloads=plain.workloads.assign(peak_accelerator_hours_per_mtok=np.nan))
    columns = ["workload", "server_ms", "accelerator_hours_per_mtok", "kwh_per_mtok"]
    rows = plain.workloads[columns].assign(mode="only")
    return plain, plain.replace(modes=rows, workloads=plain.workloads.assign(server_ms=0.0))


def priced(plain):
    """Return an instance without prices of power below 0, at which more energy is worth something."""
    positive = [tuple(np.abs(row)) for row in plain.hourly("power_zones", "usd_per_mwh")]
    return plain.replace(power_zones=plain.power_zones.assign(usd_per_mwh=positive))


def with_outdone(instance):
    """Return an instance with a mode beside each that takes more time and energy, and no fewer hours."""
    worse = instance.modes.assign(
        mode="worse " + instance.modes["mode"],
        server_ms=instance.modes["server_ms"] * 1.01,
        kwh_per_mtok=instance.modes["kwh_per_mtok"] * 1.5,
    )
    return instance.replace(modes=[*instance.modes.to_dict("records"), *worse.to_dict("records")])


def hall_of(instance):
    """Return the plan of an instance by hand that builds near and far away."""
    return placer.plan(instance, HALLS, gap=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 20)))
def test_one_mode_changes_no_digit_of_a_placement(make_random_instance, seed):
    """Tests flows and prices by generated columns, and the cost under security."""
    plain, one = (placer.solve(each, ColumnGeneration()) for each in in_one_mode(make_random_instance(seed)))
    pd.testing.assert_frame_equal(plain.flows, one.flows.droplevel("mode"), check_exact=True)
    pd.testing.assert_frame_equal(plain.prices, one.prices[plain.prices.columns], check_exact=True)
    plain, one = (placer.solve(each, security="data_centres") for each in in_one_mode(make_random_instance(seed)))
    assert plain.cost_usd == one.cost_usd


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(1, 20)))
def test_one_mode_changes_no_digit_of_a_ceiling(make_random_instance, seed):
    """Tests shares, curves, walls and the secure ceiling."""
    plain, one = (placer.export_ceiling(each) for each in in_one_mode(make_random_instance(seed)))
    assert (plain.share, plain.latency_share, plain.work_share) == (one.share, one.latency_share, one.work_share)
    for name in ("walls", "workloads", "data_centres"):
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(one, name), check_exact=True)
    for name in ("curve", "effort_curve"):
        first, second = (getattr(each, name).table for each in (plain, one))
        pd.testing.assert_frame_equal(first, second, check_exact=True)
    plain, one = (
        placer.export_ceiling(each, security="data_centres", exporting="e").share
        for each in in_one_mode(make_random_instance(seed))
    )
    assert plain == one


def test_one_mode_changes_no_digit_of_a_plan():
    """Tests the units and the cost of what is built near and far away."""
    workload = tables()["workloads"][0] | {name: FAST[name] for name in ("accelerator_hours_per_mtok", "kwh_per_mtok")}
    one = modes_abroad([FAST], workloads=[workload])
    plain = one.replace(modes=[], workloads=[workload | {"server_ms": FAST["server_ms"]}])
    first, second = hall_of(plain), hall_of(one)
    assert first.cost_usd_per_year == second.cost_usd_per_year
    assert first.units.tolist() == second.units.tolist()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(2, 20)))
def test_more_modes_never_cost_more_under_security(make_random_instance, seed):
    """Tests a random instance with its first mode, and with all."""
    instance = with_random_modes(make_random_instance(seed), seed)
    first = instance.replace(modes=instance.modes.groupby("workload").head(1))
    few, all_modes = (placer.solve(each, security="data_centres").cost_and_penalty_usd for each in (first, instance))
    assert all_modes <= few * (1 + 1e-9)


def test_more_modes_never_cost_more_to_plan():
    """Tests that the mode between saves accelerators near, where 80 a second are one too many."""
    few, more = (hall_of(modes_abroad(rows)).cost_usd_per_year for rows in ([FAST], [FAST, MIDDLE]))
    assert more <= few * (1 + 1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(tries(1, 20)))
def test_modes_that_others_outdo_change_nothing(make_random_instance, seed):
    """Tests cost by generated columns and under security, and the ceiling, with modes that a remark names."""
    instance = with_random_modes(priced(make_random_instance(seed)), seed)
    more = with_outdone(instance)
    assert {each for each in mode_remarks(more) if each.startswith("mode worse")}
    for way in ({"solver": ColumnGeneration()}, {"security": "data_centres"}):
        alone, beside = (placer.solve(each, **way).cost_and_penalty_usd for each in (instance, more))
        assert beside == pytest.approx(alone, rel=1e-7)
    alone, beside = (placer.export_ceiling(each) for each in (instance, more))
    assert beside.share == pytest.approx(alone.share, abs=1e-9)
    assert beside.walls["share"].tolist() == pytest.approx(alone.walls["share"].tolist(), abs=1e-9)
    assert beside.effort_curve.summary()["least_hours"] == pytest.approx(
        alone.effort_curve.summary()["least_hours"], rel=1e-9
    )
    for name in ("unserved_mtok", "share"):
        rows = [beside.curve.at(limit)[name] for limit in alone.curve.limits]
        assert rows == pytest.approx(alone.curve.table[name].tolist(), rel=1e-9, abs=1e-8)
