"""A year of days: what repeats, what differs, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import InstanceError


@pytest.fixture(scope="module")
def week():
    """Return the first week of 2026, from a Thursday on."""
    return placer.datasets.year(days=7)


@pytest.mark.slow
def test_a_week_follows_the_published_days(week):
    """Tests demand by day: Saturday 3 and Sunday 4 January stand far below the working days, batch in no way."""
    demand = week.demand
    days = demand.groupby(["workload", demand["hour"].dt.day])["mtok"].sum().unstack()
    code, batch = days.loc["code_completion"], days.loc["embedding_index"]
    # 0.4081 over 1.3323: the levels of Saturday and Tuesday (datasets/facts/weekday_shapes.csv), and 5 % of variation
    assert code[3] / code[6] == pytest.approx(0.306, rel=0.3)
    assert batch.max() / batch.min() < 1.4
    assert days.T.round(3).nunique().min() == 7


@pytest.mark.slow
def test_the_mean_day_of_a_year_is_the_day(tmp_path):
    """Tests that without variation a year has 365 times the demand of the day, holidays included, and the mean PUE."""
    china, place = placer.load("china"), tmp_path / "copy"
    shapes = placer.datasets.describe("china").folder / "year"
    placer.save(china, place)
    (place / "year").mkdir()
    for name in ("demand_weekdays", "demand_months", "data_centre_months", "holidays"):
        (place / "year" / f"{name}.csv").write_bytes((shapes / f"{name}.csv").read_bytes())
    days = placer.datasets.year(place, days=364)
    assert days.demand["mtok"].sum() / 364 == pytest.approx(china.demand["mtok"].sum(), rel=2e-3)
    pue = days.hourly("data_centres", "pue").mean(axis=1)
    assert pue == pytest.approx(china.data_centres["pue"].to_numpy(float), abs=1e-3)


@pytest.mark.slow
def test_holidays_follow_the_days_that_the_table_names(tmp_path):
    """Tests without variation that 1 January, a Thursday, is a Sunday, and Sunday 4 January, at work, is a Monday."""
    place = tmp_path / "copy"
    shapes = placer.datasets.describe("china").folder / "year"
    placer.save(placer.load("china"), place)
    (place / "year").mkdir()
    for name in ("demand_weekdays", "holidays"):
        (place / "year" / f"{name}.csv").write_bytes((shapes / f"{name}.csv").read_bytes())
    demand = placer.datasets.year(place, days=11).demand
    days = demand.groupby(["workload", demand["hour"].dt.day])["mtok"].sum().unstack()
    for holiday, like in ((1, 11), (2, 11), (4, 5)):
        np.testing.assert_allclose(days[holiday], days[like], rtol=1e-12)
    assert days.loc["code_completion", 1] < 0.5 * days.loc["code_completion", 8]


@pytest.mark.slow
def test_hours_have_the_tariffs_of_their_season():
    """Tests prices of a day in January and one in July: the mean of the day in china, other hours."""
    china = placer.load("china").hourly("power_zones", "usd_per_mwh")
    winter, summer = (
        placer.datasets.year(days=1, first=first).hourly("power_zones", "usd_per_mwh")
        for first in ("2026-01-15", "2026-07-15")
    )
    assert winter.mean(axis=1) == pytest.approx(china.mean(axis=1), rel=1e-3)
    assert summer.mean(axis=1) == pytest.approx(china.mean(axis=1), rel=1e-3)
    assert (np.abs(winter - summer).max(axis=1) > 1).sum() >= 10


@pytest.mark.slow
def test_a_day_does_not_depend_on_the_number_of_days(week):
    """Tests that day n of a seed is the same in a longer year, and another in another seed."""
    longer, other = placer.datasets.year(days=9), placer.datasets.year(days=7, seed=1)
    assert longer.demand.iloc[: len(week.demand)]["mtok"].equals(week.demand["mtok"])
    assert not other.demand["mtok"].equals(week.demand["mtok"])


def test_hours_are_timestamps_of_the_zone(week):
    """Tests the index of hours."""
    expected = pd.date_range("2026-01-01", periods=168, freq="h", tz="Asia/Shanghai", unit="us")
    assert list(week.hours) == list(expected)


def test_every_day_is_a_block(week):
    """Tests the blocks and their names."""
    assert week.blocks.tolist() == np.repeat(np.arange(7), 24).tolist()
    assert week.periods["block"].iloc[[0, 167]].tolist() == ["2026-01-01", "2026-01-07"]


@pytest.mark.slow
def test_limits_of_power_zones_are_repeated(tmp_path):
    """Tests that hourly limits of the day hold on every day, as hourly carbon does."""
    china = placer.load("china")
    limits = pd.Series([tuple(float(10 + hour) for hour in range(24)), *[math.inf] * 22], dtype=object)
    placer.save(china.replace(power_zones=china.power_zones.assign(limit_mw=limits)), tmp_path / "copy")
    days = placer.datasets.year(tmp_path / "copy", days=2)
    assert days.hourly("power_zones", "limit_mw")[0].tolist() == [10.0 + hour % 24 for hour in range(48)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"days": 0, "seed": -1, "first": "soon", "time_zone": "Mars"}, ("days: 0", "seed: -1", "'soon'", "'Mars'")),
        ({"days": 1.5}, ("1.5 is not whole",)),
        ({"first": "2026-03-29", "time_zone": "Europe/Berlin", "days": 1}, ("days of 23 or 25 hours",)),
        ({"dataset": "tiny"}, ("a day of 24 hours",)),
    ],
)
def test_what_is_refused(arguments, said):
    """Tests one error that lists every violation of the arguments."""
    with pytest.raises(InstanceError) as error:
        placer.datasets.year(**arguments)
    assert all(part in str(error.value) for part in said), error.value
