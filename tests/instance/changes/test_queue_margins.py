"""Pools that all work of a site shares: their utilisation by hand, remarks, and every defect at once."""

# ruff: noqa: E501 - messages read best whole

from __future__ import annotations

import math

import numpy as np
import pytest

import placer
from placer.errors import InstanceError
from placer.instance.changes.queue_margins import whole_servers
from tests.model.pools_by_hand import NEW, OLD, pooled, tables

#: What two, four and ten servers carry if half of the time has fewer busy ones: medians of gamma distributions.
HALF = {2: 1.6783469900166605, 4: 3.672060748850897, 10: 9.668714614714286}


def with_accelerators(make_instance, *accelerators, **columns):
    """Return the small instance with accelerators at X and Y."""
    sites = zip("XY", accelerators, strict=True)
    return make_instance(
        data_centres=[{"data_centre": name, "accelerators": each, **columns} for name, each in sites],
        demand=[{"workload": "w", "hub": "A", "hour": hour, "mtok": 1.0} for hour in (0, 1)],
    )


def utilisation(instance):
    return instance.data_centres["max_utilisation"].tolist()


def test_servers_of_a_site_by_hand(make_instance):
    """Tests 4 servers of 2 accelerators, and 10 of 21, of which one is left over."""
    margin = with_accelerators(make_instance, 8, 21).with_queue_margin(2, quantile=0.5)
    assert utilisation(margin) == pytest.approx([HALF[4] / 4, 2 * HALF[10] / 21])
    assert margin.notes == ()


def test_the_margin_is_that_of_the_pool(make_instance):
    """Tests each of the three ways to ask, and the default, with a peakedness of 3."""
    small = with_accelerators(make_instance, 30, 30)
    for rule in ({}, {"safety_factor": 1.0}, {"quantile": 0.9}, {"wait_probability": 0.1}):
        found = small.with_queue_margin(1, peakedness=3, **rule)
        assert utilisation(found) == pytest.approx([placer.queue_margin(30, peakedness=3, **rule).utilisation] * 2)


def test_the_least_of_all_hours_counts(make_instance):
    """Tests 4 servers in one hour and 2 in the other, and none at Y in one of them."""
    margin = with_accelerators(make_instance, (4, 2), (0, 10)).with_queue_margin(1, quantile=0.5)
    assert utilisation(margin) == pytest.approx([HALF[2] / 2, HALF[10] / 10])


def test_it_multiplies_and_says_so(make_instance):
    """Tests a max_utilisation of 0.8, and sites without a number of accelerators, which stay as they are."""
    margin = with_accelerators(make_instance, 4, 10, max_utilisation=0.8).with_queue_margin(1, quantile=0.5, where="Y")
    assert utilisation(margin) == pytest.approx([0.8, 0.8 * HALF[10] / 10])
    assert margin.notes == ("the queue margin multiplies the max_utilisation of Y",)
    assert margin.notes[0] in placer.check(margin)
    unlimited = with_accelerators(make_instance, 0, math.inf).with_queue_margin(1)
    assert utilisation(unlimited) == [1.0, 1.0]
    assert unlimited.notes == ("no queue margin without a number of accelerators: X, Y",)


def test_each_pool_has_its_own_servers():
    """Tests 10 servers of the old type and 50 of the new one, whose margins the placement keeps."""
    both = pooled(demand=[{"workload": "chat", "hub": "users", "mtok": 105.0}])
    margin = both.with_queue_margin({OLD: 1, NEW: 2}, wait_probability=0.05)
    loads = [size * placer.queue_margin(n, wait_probability=0.05).load for n, size in ((10, 1), (50, 2))]
    assert margin.accelerator_pools["max_utilisation"].tolist() == pytest.approx([loads[0] / 10, loads[1] / 100])
    assert utilisation(margin) == [1.0]
    assert margin.notes == ()
    placement = placer.solve(margin)
    assert placement.pools["accelerator_hours"].tolist() == pytest.approx(loads)
    assert placement.unserved_mtok == pytest.approx(105 - sum(loads))
    generated = placer.solve(margin, solver=placer.ColumnGeneration())
    assert generated.certificate.objective == pytest.approx(placement.certificate.objective)


def test_a_pool_alone_keeps_its_margin():
    """Tests a data centre with one pool, which is filled no further, and what one more of its accelerators saves."""
    given = tables()
    alone = pooled(accelerator_pools=given["accelerator_pools"][:1], modes=given["modes"][:1])
    margin = alone.with_queue_margin({OLD: 1}, quantile=0.5)
    placement = placer.solve(margin)
    assert placement.pools["accelerator_hours"].tolist() == pytest.approx([HALF[10]])
    more = placer.solve(margin.with_value("accelerator_pools.accelerators", 11.0))
    saved = placement.certificate.objective - more.certificate.objective
    assert placement.data_centres.loc["hall", "accelerator_rent_usd"] == pytest.approx(saved)


def test_types_are_named():
    """Tests sizes of types that are unknown and missing, and a size for a server that no pool has room for."""
    with pytest.raises(InstanceError) as caught:
        pooled().with_queue_margin({OLD: 1, "newest": 1})
    assert [each.problem for each in caught.value.violations] == ["'newest' is unknown", f"none for {NEW}"]
    with pytest.raises(InstanceError, match=r"\[hall old\].server_accelerators: accelerators for fewer than 1 server"):
        pooled().with_queue_margin(20)


def test_any_mix_keeps_the_promise(make_instance):
    """Tests that the largest peakedness counts, so that every mix of two workloads leaves the safety factor."""
    rows = [{"workload": name, "accelerator_hours_per_mtok": 1, "kwh_per_mtok": 0} for name in ("w", "v")]
    two = with_accelerators(make_instance, 50, 50).replace(workloads=rows)
    (share, _) = utilisation(two.with_queue_margin(1, safety_factor=2.0, peakedness={"w": 1.0, "v": 4.0}))
    for part in np.linspace(0, 1, 11):
        load = 50 * share
        spread = math.sqrt(load * (part * 1.0 + (1 - part) * 4.0))
        assert load + 2.0 * spread <= 50 * (1 + 1e-12)
    assert load + 2.0 * math.sqrt(4.0 * load) == pytest.approx(50)


def test_nothing_changes_but_the_utilisation(make_instance):
    """Tests that tables, settings and routes are those of before."""
    small = with_accelerators(make_instance, 8, 8)
    margin = small.with_queue_margin(1)
    assert margin.replace(data_centres=small.data_centres) == small
    assert margin.routes is small.routes


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"server_accelerators": 0, "quantile": 1.0, "wait_probability": 0, "peakedness": -1, "where": "Z"},
            [
                "data_centres: 'Z' is in no row (allowed: X, Y)",
                "with_queue_margin.quantile: 1 is out of range (allowed: number, >= 0.5, < 1, finite)",
                "with_queue_margin.wait_probability: 0 is out of range (allowed: number, > 0, < 1, finite)",
                "with_queue_margin: quantile and wait_probability are given (allowed: one of them)",
                "with_queue_margin.server_accelerators: 0 is out of range (allowed: number, > 0, finite)",
                "with_queue_margin.peakedness: -1 is out of range (allowed: number, > 0, <= 1e+06, finite)",
            ],
        ),
        (
            {"server_accelerators": {"w": 1}, "peakedness": {"u": "much"}},
            [
                "with_queue_margin.server_accelerators: 'w' is unknown (allowed: one number)",
                "with_queue_margin.peakedness: 'u' is unknown (allowed: w)",
                "with_queue_margin.peakedness: none for w (allowed: one for each)",
                "with_queue_margin[u].peakedness: 'much' is text (allowed: number, > 0, <= 1e+06, finite)",
                "with_queue_margin.server_accelerators: by type, and some of the accelerators have none (allowed: one number, or accelerator_type of all data centres)",
            ],
        ),
        (
            {"server_accelerators": 9},
            [
                "with_queue_margin[X].server_accelerators: accelerators for fewer than 1 server of 9 (allowed: at least 1 server)"
            ],
        ),
        (
            {"server_accelerators": 1e-9},
            [
                f"with_queue_margin[{name}].server_accelerators: accelerators for more than 1,000,000,000 servers of 1e-09 (allowed: larger servers)"
                for name in "XY"
            ],
        ),
    ],
)
def test_every_defect_at_once(make_instance, arguments, expected):
    with pytest.raises(InstanceError) as caught:
        with_accelerators(make_instance, 8, 10).with_queue_margin(**arguments)
    assert [str(each) for each in caught.value.violations] == expected


def test_rounding_makes_no_server_less():
    """Tests accelerators that are a whole number of servers but for the last digit."""
    assert whole_servers(np.array([0.3, 0.7, 2.999]), 0.1).tolist() == [3, 7, 29]
