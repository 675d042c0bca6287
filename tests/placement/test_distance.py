"""Tests of accelerators by round trip, on answers that take twice as many far away as near."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.placement.distance import (
    chips_by_distance,
    distance_in_words,
    modes_in_use,
    paid_in_chips,
    parts_by_distance,
)
from tests.model.modes_by_hand import FAST, MIDDLE, SLOW, modes, near_and_far, tables

#: Accelerator-hours a Mtok at 800 and at 400 tokens a second.
NEAR, FAR = 1e6 / 3600 / 800, 1e6 / 3600 / 400


def _chips(**hours):
    """Return a table of two bands, by workload the hours in each, without those that are None."""
    rows = [
        (name, band, 1.0, each)
        for name, pair in hours.items()
        for band, each in zip(("0 to 10 ms", "10 to 20 ms"), pair, strict=True)
        if each is not None
    ]
    columns = ["workload", "band", "mtok", "accelerator_hours_per_mtok"]
    return pd.DataFrame(rows, columns=columns).set_index(["workload", "band"])


def test_modes_in_use():
    """Tests 21.6 Mtok near at 40 a second and 14.4 far away at 80, the fastest last; the slow mode serves none."""
    found = modes_in_use(near_and_far())
    assert found.index.tolist() == [("chat", "40 a second"), ("chat", "80 a second")]
    assert found["server_ms"].tolist() == [2500.0, 1250.0]
    assert found["mtok"].tolist() == pytest.approx([21.6, 14.4])
    assert found["mode_share"].tolist() == pytest.approx([0.6, 0.4])
    assert found["rtt_ms"].tolist() == pytest.approx([0.0, 600.0])
    assert found["accelerator_hours_per_mtok"].tolist() == pytest.approx([NEAR, FAR])


def test_chips_by_distance():
    """Tests twice the accelerator-hours at 600 ms of round trip, in the parts of the plot and in words."""
    chips = chips_by_distance(near_and_far())
    assert chips.index.tolist() == [("chat", "0 to 10 ms"), ("chat", "500 to 1000 ms")]
    assert chips["mtok"].tolist() == pytest.approx([21.6, 14.4])
    assert chips["accelerator_hours_per_mtok"].tolist() == pytest.approx([NEAR, FAR])
    parts = parts_by_distance(chips)
    assert parts["at_any_distance"].tolist() == pytest.approx([NEAR, NEAR])
    assert parts["for_this_distance"].tolist() == pytest.approx([0.0, FAR - NEAR])
    assert distance_in_words(chips) == (
        "Accelerator-hours of a Mtok differ by the round trip in 1 of 1 workloads with modes; "
        "most in chat, from 0.3472 at 0 to 10 ms to 0.6944 at 500 to 1000 ms."
    )


@pytest.mark.parametrize(("rtt_ms", "band"), [(10.0, "0 to 10 ms"), (10.01, "10 to 20 ms"), (830.0, "500 to 1000 ms")])
def test_a_band_holds_its_end(rtt_ms, band):
    """Tests that everything runs far away, where near costs nine times as much, up to the last ms of a band."""
    near, far = tables()["data_centres"]
    sites = [near | {"accelerator_usd_per_hour": 9.0}, far]
    chips = chips_by_distance(placer.solve(modes([MIDDLE, FAST], rtt_ms, data_centres=sites)))
    assert chips.index.tolist() == [("chat", band)]


def test_the_speed_of_a_data_centre_does_not_count():
    """Tests a data centre of half the speed, at which a Mtok takes the hours that its mode states."""
    sites = [site | {"speed": 0.5} for site in tables()["data_centres"]]
    placement = placer.solve(modes([MIDDLE], data_centres=sites))
    assert placement.modes["accelerator_hours"].sum() == pytest.approx(36 * NEAR * 2)
    assert chips_by_distance(placement)["accelerator_hours_per_mtok"].tolist() == pytest.approx([NEAR])


def test_workloads_that_differ_most_come_first():
    """Tests factors of 1.5 and 3, none, one band alone, and hours of 0 that differ by any factor."""
    same = {"same": (1.0, 1.0 + 1e-9), "alone": (None, 1.0), "no": (0.0, 0.0)}
    chips = _chips(a=(2.0, 3.0), b=(3.0, 1.0), zero=(0.0, 1.0), **same)
    found = paid_in_chips(chips)
    assert found.index.tolist() == ["zero", "b", "a"]
    assert found.loc["b"].tolist() == [1.0, 3.0, "10 to 20 ms", "0 to 10 ms"]
    assert parts_by_distance(chips).index.get_level_values("workload").tolist() == ["zero", "zero", "b", "b", "a", "a"]


def test_nothing_differs():
    """Tests a workload in one band, and a placement without modes."""
    chips = chips_by_distance(placer.solve(modes([SLOW, MIDDLE], 0.0)))
    assert distance_in_words(chips).endswith(" in none of 1 workloads with modes.")
    assert parts_by_distance(chips).empty
    plain = placer.solve(placer.load("tiny"))
    assert modes_in_use(plain).empty
    assert chips_by_distance(plain).empty
    assert parts_by_distance(chips_by_distance(plain)).empty
