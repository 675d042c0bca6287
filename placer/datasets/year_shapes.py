"""The shapes of a year that a dataset brings in its folder ``year``: tables by weekday and month, read and checked.

A table that is absent changes nothing: its factors are 1, its additions 0. In a table that is there, so are the rows
that are left out.

    demand_weekdays      workload, weekday (0 Monday to 6 Sunday), factor      on the demand of a day
    holidays             day (2026-01-01), weekday                             the day of the week that it follows
    demand_months        workload, month (1 to 12), factor                     on the demand of a day
    months               month, tariff_month                                   whose tariff hours a month has
    power_zone_hours     power_zone, tariff_month, hour (0 to 23), factor      on the mean price of the day
    data_centre_months   data_centre, month, added_pue                         to the PUE
    variation            item, value                                           fields of ``placer.Uncertainty``
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from placer.datasets.csv_files import read_csv, typed
from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.problem import Instance
from placer.instance.tables.cleaning import clean, tabulate
from placer.synthetic.uncertainty import CERTAIN, Uncertainty
from placer.utils.arrays import FloatArray, IntArray
from placer.utils.reading import is_there

#: The folder within a dataset's folder.
FOLDER = "year"
WEEKDAYS, MONTHS, HOURS = 7, 12, 24


def _whole(name: str, low: int, count: int) -> Column:
    return Column(name, Kind.WHOLE, low=low, high=low + count - 1, scaled=False)


def _text(name: str) -> Column:
    return Column(name, Kind.TEXT)


_FACTOR = Column("factor", low=0, high=1e6, scaled=False)
_MONTH = _whole("month", 1, MONTHS)
_TARIFF_MONTH = _whole("tariff_month", 1, MONTHS)
_WEEKDAY = _whole("weekday", 0, WEEKDAYS)
_TABLES = {
    table.name: table
    for table in (
        Table("demand_weekdays", ("workload", "weekday"), (_text("workload"), _WEEKDAY, _FACTOR)),
        Table("holidays", ("day",), (_text("day"), _WEEKDAY)),
        Table("demand_months", ("workload", "month"), (_text("workload"), _MONTH, _FACTOR)),
        Table("months", ("month",), (_MONTH, _TARIFF_MONTH)),
        Table(
            "power_zone_hours",
            ("power_zone", "tariff_month", "hour"),
            (_text("power_zone"), _TARIFF_MONTH, _whole("hour", 0, HOURS), replace(_FACTOR, low=-1e6)),
        ),
        Table(
            "data_centre_months",
            ("data_centre", "month"),
            (_text("data_centre"), _MONTH, Column("added_pue", low=-10, high=10, scaled=False)),
        ),
        Table("variation", ("item",), (_text("item"), Column("value", scaled=False))),
    )
}
#: Tables whose first column names rows of a table of the instance, and that table.
_OWNERS = {
    "demand_weekdays": "workloads",
    "demand_months": "workloads",
    "power_zone_hours": "power_zones",
    "data_centre_months": "data_centres",
}


@dataclass(frozen=True, eq=False)
class YearShapes:
    """Shapes of a year, as arrays in the order of the tables of an instance.

    Attributes
    ----------
    weekday : (workloads, 7) array
        Factor on the demand of a day, from Monday.
    holidays : tuple of (str, int)
        Days, as in ``2026-01-01``, that follow another day of the week, and which.
    month : (workloads, 12) array
        Factor on the demand of a day, from January.
    price : (power zones, 12, 24) array
        Factor on the mean price of the day; NaN where the hours of the day itself hold.
    added_pue : (data centres, 12) array
        Added to the PUE.
    variation : Uncertainty
        From day to day.
    """

    weekday: FloatArray
    holidays: tuple[tuple[str, int], ...]
    month: FloatArray
    price: FloatArray
    added_pue: FloatArray
    variation: Uncertainty


def read_shapes(folder: Path, instance: Instance) -> YearShapes:
    """Read the shapes of a year from the folder of a dataset.

    Parameters
    ----------
    instance : Instance
        Of that dataset: shapes name its rows.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    frames, violations = _read(folder / FOLDER)
    for name, owner in _OWNERS.items():
        violations += _strangers(frames[name], f"{FOLDER}/{name}", owner, instance)
    known = {item.name for item in fields(Uncertainty)}
    violations += [
        Violation(f"{FOLDER}/variation", str(item), "item", "unknown", ", ".join(sorted(known)))
        for item in frames["variation"]["item"]
        if item is not None and item not in known
    ]
    violations += [
        Violation(f"{FOLDER}/holidays", str(day), "day", "is no day", "a day, as in 2026-01-01")
        for day in frames["holidays"]["day"]
        if day is not None and not is_day(day)
    ]
    refuse(violations)
    tariff_month = _table(frames["months"], "tariff_month", [np.arange(1, MONTHS + 1)], np.arange(1.0, MONTHS + 1))
    tariffs = _owned(frames["power_zone_hours"], instance, "power_zones", "factor", (MONTHS, HOURS), np.nan)
    return YearShapes(
        weekday=_owned(frames["demand_weekdays"], instance, "workloads", "factor", (WEEKDAYS,), 1.0),
        holidays=tuple((str(day), int(weekday)) for day, weekday in frames["holidays"].itertuples(index=False)),
        month=_owned(frames["demand_months"], instance, "workloads", "factor", (MONTHS,), 1.0),
        price=tariffs[:, tariff_month.astype(int) - 1],
        added_pue=_owned(frames["data_centre_months"], instance, "data_centres", "added_pue", (MONTHS,), 0.0),
        variation=replace(CERTAIN, **dict(frames["variation"].itertuples(index=False, name=None))),
    )


def is_day(value: object) -> bool:
    """Whether a value is the text of a day of the calendar.

    Examples
    --------
    >>> is_day("2026-02-28"), is_day("2026-02-29"), is_day("20260228")
    (True, False, False)
    """
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _read(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Return every table of shapes, empty where there is none, and the defects of all."""
    frames: dict[str, pd.DataFrame] = {}
    violations: list[Violation] = []
    for name, table in _TABLES.items():
        file = folder / f"{name}.csv"
        frame = tabulate([], table)
        if is_there(file):
            try:
                frame = typed(read_csv(file), table)
            except InstanceError as error:
                violations += [replace(each, table=f"{FOLDER}/{each.table}") for each in error.violations]
        frames[name], found = clean(frame, table)
        violations += [replace(each, table=f"{FOLDER}/{each.table}") for each in found]
    return frames, violations


def _strangers(frame: pd.DataFrame, name: str, owner: str, instance: Instance) -> list[Violation]:
    """Return the names of a table that are no rows of its owner. Rows of other scenarios may be absent."""
    column, known = frame.columns[0], set(instance.tables[owner].iloc[:, 0])
    return [
        Violation(name, str(each), column, "unknown", f"a row of {owner}")
        for each in frame[column].dropna().unique()
        if each not in known
    ]


def _owned(
    frame: pd.DataFrame, instance: Instance, owner: str, value: str, shape: tuple[int, ...], default: float
) -> FloatArray:
    """Return the values of a table of shapes in the order of its owner's rows (rows, *shape)."""
    names = instance.tables[owner].iloc[:, 0].to_numpy()
    firsts = [_TABLES_LOW[column] for column in frame.columns[1 : 1 + len(shape)]]
    axes = [np.arange(first, first + size) for first, size in zip(firsts, shape, strict=True)]
    return _table(frame, value, [names, *axes], np.full((len(names), *shape), default))


#: The lowest value of the columns that number something.
_TABLES_LOW = {"weekday": 0, "month": 1, "tariff_month": 1, "hour": 0}


def _table(frame: pd.DataFrame, value: str, axes: list[IntArray], values: FloatArray) -> FloatArray:
    """Return an array whose axes are the key columns of a frame, filled where the frame has rows."""
    place = tuple(pd.Index(axis).get_indexer(pd.Index(frame.iloc[:, number])) for number, axis in enumerate(axes))
    values = values.copy()
    values[place] = frame[value].to_numpy(float)
    return values
