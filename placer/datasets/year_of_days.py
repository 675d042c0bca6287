"""A year of days that differ, made from the one day of a dataset.

Day n of the year repeats the day of the dataset, changed by the shapes that the dataset brings in its folder ``year``
(``placer.datasets.year_shapes``), each with its source in ``sources.csv``, and by a variation drawn from a seed:

    demand of k at h in hour t of day n    d_kht(draw n) * weekday_k * month_k * level_k
                                           draw n of ``placer.synthetic.shocks``
    price of zone z in hour t              mean of the day's prices * price_z of the month and hour
    PUE of j                               PUE of the day + added_pue_j of the month

Every day is a block of the table ``periods``: work that may wait is served on its day of arrival, and in a cyclic
horizon work of its last hours may run in its first ones, as in the dataset's day. The factors of the shapes have a mean
of 1 over the year, so that its mean day has the demand of the dataset's day; the variation is synthetic. A public
holiday, and a weekend's day that is worked for it, follow the day of the week that the table ``holidays`` names. The
level of their calendar year

    level_k = mean of weekday_k over the year's days without holidays / the same with them

keeps the mean day. A year without a row in that table has no holidays.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from placer.datasets.folder import load
from placer.datasets.places import find_folder
from placer.datasets.year_shapes import HOURS, YearShapes, is_day, read_shapes
from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.columns import Column, Kind
from placer.instance.attributes.validation import number_problem, show
from placer.instance.problem import Instance
from placer.synthetic.grid import demand_grid
from placer.synthetic.shocks import draw_demand
from placer.utils.arrays import FloatArray, IntArray

_DAYS = Column("days", Kind.WHOLE, low=1, high=3660, scaled=False)
_SEED = Column("seed", Kind.WHOLE, low=0, scaled=False)


def year(
    dataset: str | os.PathLike[str] = "china",
    days: int = 365,
    first: str = "2026-01-01",
    *,
    seed: int = 0,
    time_zone: str = "Asia/Shanghai",
    scenarios: Iterable[str] = (),
) -> Instance:
    """Return an instance of many days that differ, made from the one day of a dataset.

    ``placer.datasets.year_of_days`` says which figures are published and which are synthetic.

    Parameters
    ----------
    dataset : str or path
        A shipped dataset or a folder, of one day of 24 hours.
    days : int
        Number of days, at least 1. ``china`` knows the public holidays of 2025 and 2026.
    first : str
        The first day, as in ``2026-01-01``.
    seed : int
        Of the variation from day to day, at least 0.
    time_zone : str
        Of the timestamps. Every day must have 24 hours there.
    scenarios : iterable of str
        As in ``placer.load``.

    Returns
    -------
    Instance
        Hours are timestamps, and every day is a block: no work waits past its end.

    Raises
    ------
    InstanceError
        Listing every violation of the arguments; of the dataset and its shapes, as ``placer.load``.

    Examples
    --------
    >>> import placer
    >>> week = placer.datasets.year("china", days=7)
    >>> len(week.hours), str(week.hours[0])
    (168, '2026-01-01 00:00:00+08:00')
    """
    hours = _hours(days, first, seed, time_zone)
    day = load(dataset, scenarios)
    if len(day.hours) != HOURS or day.settings.hour_length != 1:
        given = f"{len(day.hours)} steps of {day.settings.hour_length:g} hours"
        raise InstanceError([Violation("demand", "", "hour", given, "a day of 24 hours, to be repeated")])
    shapes = read_shapes(find_folder(dataset), day)
    month = hours.month.to_numpy()[::HOURS] - 1
    return day.replace(
        periods=pd.DataFrame({"hour": hours, "block": np.repeat(hours[::HOURS].strftime("%Y-%m-%d"), HOURS)}),
        demand=_demand(day, shapes, hours, int(seed)),
        power_zones=day.power_zones.assign(usd_per_mwh=_prices(day, shapes, month), **_repeated(day, len(month))),
        data_centres=day.data_centres.assign(pue=_pue(day, shapes, month)),
    )


def _hours(days: int, first: str, seed: int, time_zone: str) -> pd.DatetimeIndex:
    """Return the hours of the year.

    Raises
    ------
    InstanceError
        Listing every violation of the arguments.
    """
    given = ((days, _DAYS), (seed, _SEED))
    problems = {column: problem for value, column in given if (problem := number_problem(value, column))}
    violations = [Violation("year", "", column.name, text, column.allowed) for column, text in problems.items()]
    if not is_day(first):
        violations.append(Violation("year", "", "first", f"{show(first)} is no day", "a day, as in 2026-01-01"))
    try:
        zone = ZoneInfo(time_zone)
    except (TypeError, ValueError, KeyError, OSError):
        violations.append(Violation("year", "", "time_zone", f"{show(time_zone)} is unknown", "as in Asia/Shanghai"))
    refuse(violations)
    hours = pd.date_range(pd.Timestamp(first, tz=zone), periods=HOURS * int(days), freq="h")
    if (hours.hour.to_numpy() != np.tile(np.arange(HOURS), int(days))).any():
        problem = f"{show(time_zone)} has days of 23 or 25 hours among these"
        raise InstanceError([Violation("year", "", "time_zone", problem, "a zone without daylight saving, or UTC")])
    return hours


def _demand(day: Instance, shapes: YearShapes, hours: pd.DatetimeIndex, seed: int) -> pd.DataFrame:
    """Return the demand of all days, day by day, each with the rows of the dataset's day in their order."""
    grid, demand, factors = demand_grid(day), day.demand, _day_factors(shapes, hours[::HOURS])
    days = len(factors)
    workload = pd.Index(day.workloads["workload"]).get_indexer(demand["workload"])
    mtok = np.empty((days, len(demand)))
    for number in range(days):
        drawn, _ = draw_demand(grid, shapes.variation, seed, number)
        mtok[number] = drawn.ravel()[grid.cell] * factors[number, workload]
    position = (HOURS * np.arange(days)[:, None] + day.demand_period).ravel()
    # As objects: pandas would copy every name into a column of texts.
    columns = {
        name: pd.Series(np.tile(demand[name].to_numpy(object), days), dtype=object) for name in demand.columns[:2]
    }
    return pd.DataFrame({**columns, "hour": hours[position], "mtok": mtok.ravel()})


def _day_factors(shapes: YearShapes, days: pd.DatetimeIndex) -> FloatArray:
    """Return the factor on the demand of every day and workload (days, workloads)."""
    dates = days.tz_localize(None)
    factors = shapes.weekday[:, _weekdays(shapes, dates)] * shapes.month[:, dates.month - 1]
    for number in dates.year.unique():
        whole = pd.date_range(f"{number}-01-01", f"{number}-12-31")
        usual, moved = (shapes.weekday[:, each].mean(axis=1) for each in (whole.day_of_week, _weekdays(shapes, whole)))
        level = np.divide(usual, moved, out=np.ones(len(usual)), where=moved > 0)
        factors[:, dates.year == number] *= level[:, None]
    return np.asarray(factors.T)


def _weekdays(shapes: YearShapes, dates: pd.DatetimeIndex) -> IntArray:
    """Return the day of the week that every day follows."""
    weekday = dates.day_of_week.to_numpy().copy()
    place = dates.get_indexer(pd.DatetimeIndex([day for day, _ in shapes.holidays]))
    moved = np.array([each for _, each in shapes.holidays], dtype=int)
    weekday[place[place >= 0]] = moved[place >= 0]
    return weekday


def _prices(day: Instance, shapes: YearShapes, month: IntArray) -> pd.Series:
    """Return the price of every hour of every zone, as one tuple a zone."""
    usual = day.hourly("power_zones", "usd_per_mwh")
    shaped = usual.mean(axis=1)[:, None, None] * shapes.price[:, month]
    prices = np.where(np.isnan(shaped), usual[:, None, :], shaped)
    return pd.Series([tuple(row.ravel().tolist()) for row in prices], dtype=object)


def _repeated(day: Instance, days: int) -> dict[str, pd.Series]:
    """Return the carbon and the limits of the zones, repeated where they are hourly."""
    return {
        column: pd.Series(
            [cell * days if isinstance(cell, tuple) else cell for cell in day.power_zones[column]], dtype=object
        )
        for column in ("carbon_kg_per_mwh", "limit_mw")
    }


def _pue(day: Instance, shapes: YearShapes, month: IntArray) -> pd.Series:
    """Return the PUE of every hour of every data centre, as one tuple each."""
    usual = day.hourly("data_centres", "pue")
    pue = usual[:, None, :] + shapes.added_pue[:, month, None]
    return pd.Series([tuple(row.ravel().tolist()) for row in pue], dtype=object)
