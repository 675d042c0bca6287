"""Histories in tables and files: rows of a class and a step, with requests, Mtok or both."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence

import numpy as np
import pandas as pd

from placer.datasets.csv_files import read_csv, typed
from placer.datasets.places import find_trace
from placer.errors import InstanceError, Violation, refuse
from placer.histories.gaps import Missing, check_missing, filled_steps
from placer.histories.summary import seconds_of
from placer.instance.arguments import need, need_number
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.tables.cleaning import clean
from placer.tolerances import INPUT

DAY_MINUTES = 1440
_CLASS = Column("class", Kind.TEXT)

#: A history as a table. Steps are counted from the midnight with which it begins.
HISTORY = Table(
    "history",
    ("class", "step"),
    (
        _CLASS,
        Column("step", Kind.WHOLE, low=0, high=1e7, scaled=False),
        Column("requests", low=0, default=None, scaled=False),
        Column("mtok", low=0, default=None, scaled=False),
    ),
)
#: Rates of requests and mean lengths by pool and second, as ServeGen's clients sum up to.
RATES = Table(
    "rates",
    ("pool", "second"),
    (
        Column("pool", Kind.TEXT),
        Column("second", low=0, high=1e10, scaled=False),
        Column("requests_per_second", low=0, scaled=False),
        Column("mean_input_tokens", low=0, default=None, scaled=False),
        Column("mean_output_tokens", low=0, default=None, scaled=False),
    ),
)

#: Requests and Mtok by step and class, and the list of filled steps.
Series = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def steps_per_day(step_minutes: float) -> int:
    """Return the number of steps of a day.

    Raises
    ------
    InstanceError
        If the day is no whole number of steps.
    """
    need_number(step_minutes, "step_minutes")
    given = float(step_minutes)
    count = DAY_MINUTES / given if 0 < given <= DAY_MINUTES else math.nan
    if math.isnan(count) or abs(count - round(count)) > INPUT:
        raise InstanceError([Violation("history", "", "step_minutes", f"{given:g} does not divide a day", "10, say")])
    return round(count)


def table_of(given: pd.DataFrame | str | os.PathLike[str], table: Table) -> pd.DataFrame:
    """Return the clean rows of a table of a history, given as such, as a CSV file or by the name of a shipped one.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    if not isinstance(given, pd.DataFrame):
        given = typed(read_csv(find_trace(given)), table)
    need(given, pd.DataFrame, "a table", "pandas.read_csv(file) returns one")
    cleaned, violations = clean(given, table)
    if not violations and cleaned.empty:
        violations = [Violation(table.name, "", "", "no rows", "one row or more")]
    refuse(violations)
    return cleaned[list(table.names)]


def rates_as_history(rates: pd.DataFrame, classes: Sequence[str] | None) -> tuple[pd.DataFrame, float]:
    """Return the rows of a history, and the minutes of its steps, from clean rates.

    Requests of a step are the rate times its seconds; its Mtok are requests times mean input and output tokens. A step
    is the usual time between two seconds of the table.

    Raises
    ------
    InstanceError
        If a class is not in the table, or its seconds are no multiples of a step.
    """
    if classes is not None:
        known = ", ".join(rates["pool"].unique())
        absent = [str(name) for name in classes if name not in set(rates["pool"])]
        found = [Violation("rates", name, "pool", "no such pool", known) for name in absent]
        if found or not len(classes):
            raise InstanceError(found or [Violation("rates", "", "pool", "no pools are asked for", known)])
        rates = rates[rates["pool"].isin(list(classes))]
    apart, often = np.unique(np.diff(np.unique(rates["second"].to_numpy(float))), return_counts=True)
    if not len(apart):
        raise InstanceError([Violation("rates", "", "second", "one step alone", "two steps or more")])
    length = float(apart[often.argmax()])
    place = rates["second"].to_numpy(float) / length
    odd = ~(np.abs(place - np.rint(place)) < INPUT)
    if odd.any():
        rows = [f"{pool}|{second:g}" for pool, second in zip(rates["pool"][odd], rates["second"][odd], strict=True)]
        raise InstanceError(Violation("rates", row, "second", "between two steps", f"{length:g} apart") for row in rows)
    requests = rates["requests_per_second"] * length
    tokens = rates["mean_input_tokens"] + rates["mean_output_tokens"]
    mtok = (requests * tokens / 1e6).where(requests > 0, tokens * 0.0)
    step = np.rint(place).astype(int)
    return pd.DataFrame({"class": rates["pool"], "step": step, "requests": requests, "mtok": mtok}), length / 60


def requests_as_history(table: pd.DataFrame, step_minutes: float) -> pd.DataFrame:
    """Return the rows of a history that a trace counts up to: steps from the midnight before its first request.

    Classes are its workloads; all requests are the class ``all`` where it has none. Steps are those of the clock of its
    time zone: a clock that is put forward leaves empty ones.
    """
    time = table["time"]
    clock = time.dt.tz_localize(None) if isinstance(time.dtype, pd.DatetimeTZDtype) else time
    step = (seconds_of(clock) // (60 * step_minutes)).astype(np.int64)
    name = table["workload"] if "workload" in table else pd.Series("all", index=table.index)
    tokens = table["input_tokens"] + table["output_tokens"]
    found = tokens.groupby([name.rename("class"), pd.Series(step, name="step")], observed=True).agg(["size", "sum"])
    counted = found.set_axis(["requests", "mtok"], axis=1).reset_index()
    return counted.assign(**{"class": counted["class"].astype(object), "mtok": counted["mtok"] / 1e6})


def series_of(rows: pd.DataFrame, per_day: int, days: int | None, missing: Missing) -> Series:
    """Lay the rows of a history out by step and class, its gaps filled.

    Parameters
    ----------
    rows : DataFrame
        ``class``, ``step``, ``requests``, ``mtok``.
    per_day : int
        Steps of a day.
    days : int, optional
        The first days that are taken; if not given, up to the day of the last step.
    missing : str
        The rule for gaps.

    Raises
    ------
    InstanceError
        If there are fewer days than asked for, or as ``filled_steps``.
    """
    check_missing(missing)
    there = -(-(int(rows["step"].max()) + 1) // per_day)
    count = there if days is None else days
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 1 <= count <= there:
        problem = f"{days!r} asked for, and there are {there}"
        raise InstanceError([Violation("history", "", "days", problem, f"a whole number from 1 to {there}")])
    names = list(dict.fromkeys(rows["class"]))
    steps = pd.RangeIndex(count * per_day, name="step")
    wide = [
        rows.pivot(index="step", columns="class", values=measure).reindex(index=steps, columns=names).to_numpy(float)
        for measure in ("requests", "mtok")
    ]
    filled, listed = filled_steps(wide, names, per_day, missing)
    columns = pd.Index(names, dtype=object, name="class")
    requests, mtok = (pd.DataFrame(each, steps, columns) for each in filled)
    return requests, mtok, listed
