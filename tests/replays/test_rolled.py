"""Tests of what rolled outlooks rest on: the level of a class, the backlog, and bins of hours."""

from __future__ import annotations

import numpy as np
import pytest

from placer.replays.rolled import RolledOutlooks, backlog_of, level


def test_level_of_a_class(two_sites, make_brief, view_of):
    """Tests 3 Mtok where 2 were expected, and 1 where nothing has arrived yet."""
    network = make_brief(two_sites, parts=4).network
    expected = np.array([[2.0, 2.0, 2.0, 2.0], [1.0, 1.0, 1.0, 1.0]])
    view = view_of(network, 2, [[9.0, 3.0], [1.0, 1.0]])
    assert level(network, expected, view, 1).tolist() == [1.5, 1.0]
    assert level(network, expected, view_of(network), 1).tolist() == [1.0, 1.0]


def test_backlog_by_hours_left(one_queue, make_day, view_of):
    """Tests 5 Mtok, then 4, in two periods of hour 0, with 6 gone: 3 whose window of an hour ends in hour 1."""
    network, _, _ = make_day(one_queue, parts=2)
    view = view_of(network, 2, [[5.0, 4.0]], [[[5.0, 4.0]], [[0.0, 0.0]]], [[6.0], [0.0]])
    found = backlog_of(network, view)
    assert found[0, 0].tolist() == [3.0, 0.0, 0.0, 0.0, 0.0]


def test_the_rest_of_a_day_is_scaled_to_what_came(two_hours, make_brief, view_of):
    """Tests twice the forecast in the first hour: the second counts twice its forecast."""
    brief = make_brief(two_hours)
    current = RolledOutlooks(brief)
    assert current.at(view_of(brief.network)) is brief.outlook
    found = current.at(view_of(brief.network, 1, [[8.0]]))
    assert found.split[0, :, 0].tolist() == [0.0]
    assert found.bound_usd == pytest.approx(2 * 4.0)


@pytest.fixture
def two_hours(make_instance):
    """Return two hours of twelve at one site: 4 Mtok each at 1 USD."""
    return make_instance(
        hubs=[{"hub": "H"}],
        data_centres=[{"data_centre": "A"}],
        power_zones=[{"power_zone": "za", "usd_per_mwh": 1.0}],
        links=[{"from": "H", "to": "A", "rtt_ms": 10.0}],
        supplies=[{"power_zone": "za", "data_centre": "A"}],
        workloads=[
            {"workload": "w", "accelerator_hours_per_mtok": 0.0, "kwh_per_mtok": 1000.0, "unserved_usd_per_mtok": 10.0}
        ],
        demand=[{"workload": "w", "hub": "H", "hour": hour, "mtok": 4.0} for hour in range(2)],
        hour_length=12.0,
        cyclic=False,
    )
