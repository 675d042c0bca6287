"""What is allowed but probably not meant."""

# ruff: noqa: E501 - files and messages read best whole

from __future__ import annotations

import math

import pytest

import placer
from placer.instance.remarks import check

QUIET = {
    "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}],
    "data_centres": [
        {"data_centre": "X", "region": "east", "accelerators": 20, "accelerator_usd_per_hour": 1},
        {"data_centre": "Y", "region": "west", "accelerators": 20, "accelerator_usd_per_hour": 1},
    ],
}
WORK = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0}


@pytest.fixture
def remarks(make_instance):
    """Return a function to the remarks on the small instance with some tables and settings replaced."""
    return lambda **changes: check(make_instance(**(QUIET | changes)))


def sites(**attributes):
    return {"data_centres": [row | attributes for row in QUIET["data_centres"]]}


def test_nothing_to_remark(remarks):
    """Tests that an instance that is as it should be has none."""
    assert remarks() == []


def test_ignored_columns(remarks):
    """Tests that every column that is ignored is listed, with the known one it may have been meant for."""
    hubs = [
        {"hub": "A", "region": "east", "people": 5, "last_mile_ms": 3, "access_ms": 3},
        {"hub": "B", "region": "west"},
    ]
    assert remarks(hubs=hubs) == [
        "column people of hubs is ignored",
        "column last_mile_ms of hubs is ignored: access_ms is given and counts",
    ]


def test_quantiles_of_links_are_used(make_instance):
    """Tests that a column that ``ceiling_at_quantiles`` reads is not called ignored."""
    small = make_instance(**QUIET)
    assert check(small.replace(links=small.links.assign(rtt_p95_ms=99.0))) == []


@pytest.mark.slow
def test_sites_that_are_unlimited_or_free(remarks):
    """Tests that accelerators or power without limit or price at all sites are told, and not if they are paid for."""
    assert remarks(**sites(accelerators=math.inf)) == [
        "no data centre limits its accelerators (column accelerators of data_centres)"
    ]
    free = "accelerators cost nothing at all data centres (column accelerator_usd_per_hour of data_centres)"
    assert remarks(**sites(accelerator_usd_per_hour=0)) == [free]
    assert remarks(**sites(accelerator_usd_per_hour=0, operations_usd_per_hour=1)) == []
    assert remarks(**sites(accelerator_usd_per_hour=0), accelerators="sunk") == []
    assert remarks(power_zones=[{"power_zone": name, "usd_per_mwh": 0} for name in ("zx", "zy")]) == [
        "power costs nothing in all power zones (column usd_per_mwh of power_zones)"
    ]


def test_no_exports(remarks):
    """Tests that a network in which nothing can be an export says so."""
    assert remarks(hubs=[{"hub": "A"}, {"hub": "B"}]) == ["no export is counted: hubs have no region"]
    both = remarks(hubs=[{"hub": "A"}, {"hub": "B"}], **sites(region=None))
    assert both == ["no export is counted: hubs and data centres have no region"]
    one = [{"hub": "A", "region": "east"}, {"hub": "B", "region": "east"}]
    assert remarks(hubs=one, **sites(region="east")) == [
        "no export is counted: hubs and data centres are all in one region"
    ]


def test_sites_without_power(remarks):
    """Tests that several sites without supply are one remark, and none if no workload needs energy."""
    found = remarks(supplies=[])
    assert found[0] == "data centres X, Y have no supply, so only workloads that need no energy can run there"
    assert remarks(supplies=[], workloads=[WORK | {"kwh_per_mtok": 0}]) == []


def test_jurisdictions_that_exist_nowhere(remarks):
    """Tests that a jurisdiction without a data centre is named, and that the work can run nowhere."""
    found = remarks(workloads=[WORK | {"jurisdictions": "EU|CH"}], **sites(jurisdiction="EU"))
    assert found == ["workload w may run in CH, where no data centre is"]
    (only,) = remarks(workloads=[WORK | {"jurisdictions": ["CH"]}], **sites(jurisdiction="EU"))
    assert only == "workload w may run in CH, where no data centre is and so nowhere"


def test_work_cut_short_by_the_end(remarks):
    """Tests that a class most of whose demand may wait past the end is told, unless the horizon is cyclic."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 1} for hour in range(4)]
    late = {"workloads": [WORK | {"deadline_hours": 3}], "demand": demand}
    found = "workload w may wait 3 hours, past the end of the horizon for 75% of its demand, which is served by the last hour"
    assert remarks(**late)[1].startswith(found)
    assert remarks(**late, cyclic=True) == ["hub B has no demand"]
    assert remarks(workloads=[WORK | {"deadline_hours": 1}], demand=demand) == ["hub B has no demand"]


@pytest.mark.slow
def test_capacity_below_demand(remarks):
    """Tests the figures by hand: 16 Mtok need 16 accelerator-hours and 16 kWh in the one hour there is."""
    assert remarks(**sites(accelerators=5)) == [
        "demand needs 16 accelerator-hours in hour 0, 60% more than the 10 there are"
    ]
    assert remarks(**sites(accelerators=5, speed=2)) == []
    assert remarks(**sites(max_utilisation=0.25))[0].endswith("60% more than the 10 there are")
    assert remarks(**sites(accelerators=5), workloads=[WORK | {"peak_accelerator_hours_per_mtok": 0.5}]) == []
    assert remarks(**sites(power_limit_mw=0.004)) == [
        "demand needs 0.016 MWh of IT energy in hour 0, 100% more than the 0.008 there are"
    ]
    assert remarks(**sites(power_limit_mw=0.01, pue=1.25)) == []


def test_what_was_passed_over_in_files_is_listed(tmp_path):
    """Tests that a file no table is called after, and a key under ``name``, are remarks, also after a change."""
    folder = placer.save(placer.load("tiny"), tmp_path / "x")
    (folder / "weather.csv").write_text("a\n1\n")
    (folder / "hubs.csv").write_text((folder / "hubs.csv").read_text().replace("hub,", "name,", 1))
    instance = placer.load(folder)
    expected = [
        "file weather.csv is ignored: no table has that name",
        "column name of hubs is taken for its key hub",
    ]
    assert check(instance) == check(instance.replace(cyclic=True)) == expected
    assert instance == placer.load("tiny")


def test_work_that_may_wait_past_its_block(make_instance):
    """Tests that the end of a block cuts windows short as the end of the horizon does."""
    batch = {"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "deadline_hours": 1.0}
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": 5.0} for hour in range(4)]
    in_one_block = make_instance(workloads=[batch], demand=demand)
    in_blocks = in_one_block.replace(periods=[{"hour": hour, "block": str(hour)} for hour in range(4)])
    said = [any("past the end" in each for each in check(instance)) for instance in (in_one_block, in_blocks)]
    assert said == [False, True]


def _two_days(make_instance, weights, mtok):
    """Two days of two hours, each a block, of work that may wait an hour: 20 accelerators there, mostly."""
    batch = WORK | {"deadline_hours": 1.0, "kwh_per_mtok": 0.0}
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": each} for hour, each in enumerate(mtok)]
    periods = [{"hour": hour, "weight": weights[hour // 2], "block": f"day {hour // 2}"} for hour in range(4)]
    return make_instance(workloads=[batch], demand=demand, periods=periods, cyclic=True, **sites(accelerators=10))


def test_capacity_counts_hours_by_their_weight(make_instance):
    """Tests the figures by hand: 45 Mtok of a day of 99 need 4,455 of the 40 hours of each of 100 days."""
    said = "demand needs 4,455 accelerator-hours, 11% more than the 4,000 there are"
    assert said in check(_two_days(make_instance, [1.0, 99.0], [0.0, 0.0, 45.0, 0.0]))
    alike = check(_two_days(make_instance, [50.0, 50.0], [0.0, 0.0, 45.0, 0.0]))
    assert not any("demand needs" in remark for remark in alike)


def test_what_is_cut_short_counts_by_its_weight(make_instance):
    """Tests 6 Mtok that the end of a day of weight 1 cuts short, of 51, and of 11 where all days count alike."""
    rare, alike = (
        check(_two_days(make_instance, weights, [0.0, 6.0, 5.0, 0.0]).replace(cyclic=False))
        for weights in ([1.0, 9.0], [1.0, 1.0])
    )
    assert not any("past the end" in remark for remark in rare)
    assert any("past the end of the horizon for 55% of its demand" in remark for remark in alike)


def test_owners_are_not_ignored(make_instance):
    """Tests that a column of owners, which accounts read, has no remark."""
    instance = make_instance()
    owned = instance.replace(data_centres=instance.data_centres.assign(owner="east", colour="red"))
    assert [remark for remark in check(owned) if "ignored" in remark] == ["column colour of data_centres is ignored"]


def test_models_are_for_the_call_that_loads_them():
    """Tests that answers which read no models say so."""
    models = [{"model": "large", "workloads": "chat", "replica_accelerators": 8}]
    (remark,) = check(placer.load("tiny").replace(served_models=models))
    assert remark.startswith("served_models are for placer.place_models")
