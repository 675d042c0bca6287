"""The hours of the horizon as whole numbers and as timestamps: gaps, steps, zones, and days of 23 and 25 hours."""

# ruff: noqa: E501 - messages read best whole

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.instance.hours.horizon import horizon_problems, hour_positions, hours_of, index_of
from placer.instance.problem import Instance

BERLIN = "Europe/Berlin"


def times(start, count, zone=None, step="h"):
    return pd.date_range(start, periods=count, freq=step, tz=zone)


def tables(hours, **changes):
    return {
        "hubs": [{"hub": "A"}],
        "data_centres": [{"data_centre": "D"}],
        "links": [{"from": "A", "to": "D", "rtt_ms": 5}],
        "power_zones": [{"power_zone": "Z", "usd_per_mwh": 1}],
        "supplies": [{"power_zone": "Z", "data_centre": "D"}],
        "workloads": [{"workload": "w", "accelerator_hours_per_mtok": 0, "kwh_per_mtok": 1000}],
        "demand": pd.DataFrame({"workload": "w", "hub": "A", "hour": hours, "mtok": 1.0}),
    } | changes


def found(hours, **changes):
    settings = {name: changes.pop(name) for name in ("hour_length",) if name in changes}
    with pytest.raises(InstanceError) as caught:
        Instance.from_tables(tables(hours, **changes), **settings)
    return [str(violation) for violation in caught.value.violations]


def test_numbers_stay_numbers():
    """Tests that whole numbers are a range, labelled as integers."""
    hour = pd.Series([7, 6, 8, 7])
    assert hours_of(hour) == range(6, 9)
    assert hour_positions(hour, range(6, 9)).tolist() == [1, 0, 2, 1]
    assert index_of(range(6, 9)).equals(pd.Index([6, 7, 8]))
    assert horizon_problems(hour, 1.0) == []


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_days_of_daylight_saving_have_all_their_hours(day, hours):
    """Tests that the days of the changes have 23 and 25 hours, each once, where the zone is known."""
    stamps = pd.date_range(day, pd.Timestamp(day) + pd.Timedelta(days=1), freq="h", tz=BERLIN, inclusive="left")
    assert len(stamps) == hours
    instance = Instance.from_tables(tables(stamps[::-1]))
    assert instance.hours.tolist() == stamps.tolist()
    assert str(instance.hours.tz) == BERLIN
    assert instance.demand_period.tolist() == list(range(hours))[::-1]


@pytest.mark.parametrize(("step", "length"), [("15min", 0.25), ("20min", 1 / 3), ("D", 24), ("7D", 168)])
def test_steps_of_other_lengths(step, length):
    """Tests that steps may have any length that hour_length says."""
    assert len(Instance.from_tables(tables(times("2026-01-01", 4, step=step)), hour_length=length).hours) == 4


@pytest.mark.parametrize(
    ("hours", "settings", "said"),
    [
        (times("2026-01-01", 3).delete(1), {}, ["settings.hour_length: a step of 1 hours, and the timestamps of the demand are 2 hours apart"]),
        (times("2026-01-01", 9).delete([2, 5]), {}, ["demand.hour: hours have gaps: no demand at 2026-01-01 02:00, 2026-01-01 05:00"]),
        (times("2026-01-01", 4, step="30min"), {}, ["settings.hour_length: a step of 1 hours, and the timestamps of the demand are 0.5 hours apart"]),
        (times("2026-01-01", 3).append(times("2026-01-01 02:30", 3)), {}, ["demand.hour: steps are not regular: 2026-01-01 02:30 not 1 hours after the one before"]),
        (times("2026-01-01", 9, step="30min").delete(4), {}, ["settings.hour_length: a step of 1 hours, and the timestamps of the demand are 0.5 hours apart", "demand.hour: hours have gaps: no demand at 2026-01-01 02:00"]),
        (times("2026-03-29 00:00", 6).delete(2), {}, ["demand.hour: hours have gaps: no demand at 2026-03-29 02:00"]),
        (times("2026-01-01", 2).append(times("2026-01-01", 1)), {}, ["demand[w|A|2026-01-01 00:00]: given twice"]),
        ([pd.Timestamp("2026-01-01"), 1], {}, ["demand[w|A|1].hour: 1 is no timestamp"]),
        ([pd.Timestamp("2026-01-01"), None], {}, ["demand[row 2].hour: missing: write the hour"]),
        ([pd.Timestamp("2026-01-01", tz="UTC"), pd.Timestamp("2026-01-01", tz=BERLIN)], {}, ["demand.hour: time zones Europe/Berlin and UTC are mixed"]),
        ([pd.Timestamp("2026-01-01", tz="UTC"), pd.Timestamp("2026-01-01")], {}, ["demand.hour: timestamps without a time zone and with UTC"]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_timestamps_is_said(hours, settings, said):
    """Tests that gaps, irregular and other steps, duplicates and mixed zones are told, all at once and nothing else."""
    texts = found(hours, **settings)
    assert len(texts) == len(said), texts
    assert all(text.startswith(start) for text, start in zip(texts, said, strict=True)), texts


def test_gaps_of_clocks_without_a_zone_say_what_to_do():
    """Tests that a naive day of 23 hours is refused with the advice to give the zone."""
    (text,) = found(times("2026-03-29", 24).delete(2))
    assert "the clock of a place with daylight saving needs its time zone" in text


def test_all_defects_come_at_once():
    """Tests that tables with other zones, missing hours and bad cells are all told in one round."""
    stamps = times("2026-01-01", 3, BERLIN)
    texts = found(
        stamps,
        power_zones=[{"power_zone": "Z", "usd_per_mwh": pd.Series([1.0, 2.0, 3.0], times("2026-01-01", 3))}],
        data_centre_hours=pd.DataFrame({"data_centre": "D", "hour": stamps[:2], "pue": 1.1}),
        hubs=[{"hub": "A", "access_ms": -1}],
    )
    said = {text.partition(" (")[0] for text in texts}
    match = "the index does not match the hours of the demand: "
    assert said == {
        f"data_centre_hours[D].hour: {match}hour 2026-01-01 02:00+01:00 is missing",
        f"power_zones[Z].usd_per_mwh: {match}it has no time zone, and the demand the time zone Europe/Berlin; pandas' tz_localize gives it its own",
        "hubs[A].access_ms: -1 is out of range",
    }


@pytest.mark.parametrize("hours", [times("2026-01-01", 2), [0, 1]], ids=["times", "numbers"])
def test_timestamps_and_numbers_do_not_meet(hours):
    """Tests that a table of hours that counts does not fit a demand with timestamps, nor the other way round."""
    other = [0, 1] if isinstance(hours, pd.DatetimeIndex) else times("2026-01-01", 2)
    pue = pd.DataFrame({"data_centre": "D", "hour": other, "pue": 1.1})
    (text,) = found(hours, data_centre_hours=pue)
    assert "the index does not match the hours of the demand" in text
    (text,) = found(hours, data_centres=[{"data_centre": "D", "pue": pd.Series([1.0, 1.0], other)}])
    assert text.startswith("data_centres[D].pue: the index does not match the hours of the demand")


def test_hourly_tables_and_series_meet_by_their_timestamps():
    """Tests that rows in any order, a Series and a mapping by text all come out in the order of time."""
    stamps = times("2026-10-25 01:00", 4, BERLIN)  # 01:00, 02:00 twice, 03:00
    shuffled = [2, 0, 3, 1]
    price = pd.DataFrame({"power_zone": "Z", "hour": stamps, "usd_per_mwh": [10, 20, 30, 40]}).iloc[shuffled]
    text = {f"2026-10-25T0{clock}:00+0{offset}:00[{BERLIN}]": pue for clock, offset, pue in ((3, 1, 1.4), (2, 2, 1.2), (2, 1, 1.3), (1, 2, 1.1))}  # fmt: skip
    given = tables(
        stamps,
        power_zones=[{"power_zone": "Z", "carbon_kg_per_mwh": pd.Series([4.0, 3, 2, 1], stamps[::-1])}],
        power_zone_hours=price,
        data_centres=[{"data_centre": "D", "pue": text}],
    )
    instance = Instance.from_tables(given)
    assert instance.power_zones["usd_per_mwh"].tolist() == [(10.0, 20.0, 30.0, 40.0)]
    assert instance.power_zones["carbon_kg_per_mwh"].tolist() == [(1.0, 2.0, 3.0, 4.0)]
    assert instance.data_centres["pue"].tolist() == [(1.1, 1.2, 1.3, 1.4)]


def test_profiles_spread_over_timestamps():
    """Tests by hand that 10 Mtok at shares of 0.1 and 0.9 are 1 and 9 Mtok at the timestamps of the profile."""
    stamps = times("2026-01-01", 2, "UTC")
    profile = pd.DataFrame({"workload": "w", "hour": stamps[::-1], "share": [0.9, 0.1]})
    price = pd.DataFrame({"power_zone": "Z", "hour": stamps, "usd_per_mwh": [5.0, 6.0]})
    instance = Instance.from_tables(
        tables(stamps, demand=[{"workload": "w", "hub": "A", "mtok": 10}])
        | {"demand_profile": profile, "power_zones": [{"power_zone": "Z"}], "power_zone_hours": price}
    )
    by_hour = instance.demand.set_index("hour")["mtok"]
    assert by_hour[stamps].tolist() == pytest.approx([1.0, 9.0])
    assert instance.power_zones["usd_per_mwh"].tolist() == [(5.0, 6.0)]


def test_graphs_take_timestamps():
    """Tests that demand given with a graph may have timestamps, and attributes of nodes a Series."""
    graph = nx.Graph()
    graph.add_node("A", kind="hub")
    graph.add_node("D", kind="data_centre")
    stamps = times("2026-01-01", 2, "Asia/Shanghai")
    graph.add_node("Z", kind="power_zone", usd_per_mwh=pd.Series([2.0, 1.0], stamps[::-1]))
    graph.add_edge("A", "D", kind="link", rtt_ms=1)
    graph.add_edge("Z", "D", kind="supply")
    given = tables(stamps)
    instance = Instance.from_graph(graph, given["workloads"], given["demand"])
    assert instance.power_zones["usd_per_mwh"].tolist() == [(1.0, 2.0)]
    assert np.array_equal(instance.hourly("power_zones", "usd_per_mwh"), [[1.0, 2.0]])
