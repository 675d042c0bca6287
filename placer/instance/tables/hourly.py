"""Fold tables of hourly values and demand profiles into the tables of an instance, and split them off again.

``power_zone_hours``, ``data_centre_hours``, ``link_hours`` and ``supply_hours`` hold one row for each owner and hour;
``demand_profile`` holds the share of a workload's demand in each hour. Folders, workbooks and ``Instance.from_tables``
take the same five.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from placer.currency import USD
from placer.errors import InstanceError, Violation
from placer.instance.attributes.columns import REQUIRED, Table
from placer.instance.attributes.meanings import meaning
from placer.instance.attributes.schema import (
    DEMAND,
    DEMAND_PROFILE,
    HOURS_TABLES,
    INPUT_TABLES,
    LEFT_OUT_IF_EMPTY,
    TABLES,
)
from placer.instance.attributes.validation import is_missing, show
from placer.instance.hours.by_hour import index_problem, span_of
from placer.instance.hours.horizon import Hours, clean_hours, hours_of
from placer.instance.hours.timestamps import short_text
from placer.instance.tables.cleaning import FILE_ROUNDING, clean, with_key

_HOUR = DEMAND.column("hour")


@dataclass
class Folded:
    """Tables with hourly values folded in.

    Attributes
    ----------
    tables : dict of str to DataFrame
        The tables of an instance, not yet validated.
    violations : list of Violation
        The defects of the hourly tables.
    unknown : set of (str, str)
        Tables and columns whose values are unknown because of those defects.
    """

    tables: dict[str, pd.DataFrame]
    violations: list[Violation] = field(default_factory=list)
    unknown: set[tuple[str, str]] = field(default_factory=set)


def fold(given: Mapping[str, pd.DataFrame], currency: str = USD) -> Folded:
    """Fold hourly values and demand profiles into the tables they belong to, of an instance in a currency."""
    frames = {name: with_key(frame, INPUT_TABLES[name]) for name, frame in given.items() if name in INPUT_TABLES}
    strangers = {name: frame for name, frame in given.items() if name not in INPUT_TABLES}
    folded = Folded({name: frame for name, frame in frames.items() if name in TABLES} | strangers)
    if DEMAND_PROFILE.name in frames and "demand" in frames:
        _spread(folded, frames[DEMAND_PROFILE.name])
    elif DEMAND_PROFILE.name in frames:
        folded.violations += [Violation("demand", "", "", f"table missing beside {DEMAND_PROFILE.name}", "present")]
    for name, (table, owner) in HOURS_TABLES.items():
        if name in frames:
            _fold_hours(folded, frames[name], table.in_currency(currency), owner.in_currency(currency))
    return folded


def _strict(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[Violation]]:
    """Clean an hourly table and refuse unknown columns, which folding would lose."""
    cleaned, violations = clean(frame, table)
    named = {violation.column for violation in violations}
    violations += [
        Violation(table.name, "", str(name), "unknown column", ", ".join(table.names))
        for name in frame.columns
        if name not in table.names and name not in named
    ]
    return cleaned, violations


def _spread(folded: Folded, profile: pd.DataFrame) -> None:
    """Spread demands for the whole horizon over its hours by the profile of their workload."""
    whole = folded.tables["demand"]
    shares, violations = _strict(profile, DEMAND_PROFILE)
    if "hour" in whole:
        violations.append(Violation("demand", "", "hour", "given beside demand_profile", "only one of the two"))
    if not {"workload", "hub", "mtok"} <= set(whole.columns) or violations:
        _not_known(folded, violations)
        return
    total = shares.groupby("workload")["share"].sum()
    violations = [
        Violation("demand_profile", str(name), "share", f"shares sum to {value:.9g}", "1")
        for name, value in total.items()
        if abs(value - 1) > FILE_ROUNDING
    ]
    violations += [
        Violation("demand_profile", str(name), "", "workload has no profile", "one share an hour")
        for name in dict.fromkeys(str(name) for name in whole["workload"] if not is_missing(name))
        if name not in total.index
    ]
    numbers = pd.to_numeric(whole["mtok"], errors="coerce")
    if violations or numbers.isna().any():
        _not_known(folded, violations)
        return
    shares["share"] /= shares["workload"].map(total)
    by_name = whole.assign(workload=whole["workload"].map(str), mtok=numbers.astype(float))
    spread = by_name.merge(shares[["workload", "hour", "share"]], on="workload", how="left")
    folded.tables["demand"] = spread.assign(mtok=spread["mtok"] * spread["share"]).drop(columns="share")


def _not_known(folded: Folded, violations: list[Violation]) -> None:
    folded.violations += violations
    folded.unknown |= unknown_with(DEMAND_PROFILE.name)


def _demand_hours(demand: pd.DataFrame | None) -> Hours | None:
    """Return the hours of the demand; None if they are not known."""
    if demand is None or demand.empty:
        return None
    if "hour" not in demand:
        return range(1)
    hours, violations = clean_hours(pd.Series(demand["hour"].unique()), _HOUR, DEMAND.name, str)
    return None if violations else hours_of(pd.Series(hours))


def _fold_hours(folded: Folded, frame: pd.DataFrame, table: Table, owner: Table) -> None:
    """Put the values of an hourly table into the columns of its owner, as one tuple a row."""
    values, violations = _strict(frame, table)
    hourly: dict[str, dict[str, tuple[Any, ...]]] = {}
    if not violations:
        known_start = ("demand", "hour") not in folded.unknown
        hours = _demand_hours(folded.tables.get("demand")) if known_start else None
        hourly, violations = _by_owner(values, table, owner, hours)
        violations += _check_owner(hourly, folded.tables.get(owner.name), table, owner)
    if violations:
        folded.violations += violations
        folded.unknown |= unknown_with(table.name)
        return
    folded.tables[owner.name] = _with_hours(folded.tables[owner.name], hourly, owner)


def _by_owner(
    values: pd.DataFrame, table: Table, owner: Table, hours: Hours | None
) -> tuple[dict[str, dict[str, tuple[Any, ...]]], list[Violation]]:
    """Return, for every row of the owner and every column given for it, the values hour by hour."""
    violations: list[Violation] = []
    hourly: dict[str, dict[str, tuple[Any, ...]]] = {}
    for node, group in values.groupby(_labels(values, owner), sort=False):
        rows = group.sort_values("hour")
        if unlike := _hours_problem(rows["hour"], hours):
            violations.append(Violation(table.name, str(node), "hour", *unlike))
        given = [name for name in table.names if name not in table.key and rows[name].notna().any()]
        hourly[str(node)] = {name: tuple(rows[name].tolist()) for name in given}
        for name in (name for name in given if owner.column(name).default is REQUIRED):
            allowed = owner.column(name).allowed
            empty = rows["hour"][rows[name].isna()]
            problem = f"missing: write {meaning(owner.column(name))}"
            violations += [
                Violation(table.name, f"{node}|{short_text(hour)}", name, problem, allowed) for hour in empty
            ]
    return hourly, violations


def _hours_problem(given: pd.Series, hours: Hours | None) -> tuple[str, str] | None:
    """Describe how the sorted hours of one owner differ from those of the demand, and name the allowed hours."""
    counted = not pd.api.types.is_datetime64_any_dtype(given.dtype)
    if hours is None or (counted and isinstance(hours, range)):
        first = hours[0] if hours is not None else given.iloc[0]
        if not counted or given.tolist() == list(range(int(first), int(first) + len(given))):
            return None
        return "hours have gaps or begin elsewhere", f"every hour once, from {int(first)} on as in the demand"
    problem = index_problem(pd.Index(given), hours)
    return (problem, f"{span_of(hours)}, each once") if problem else None


def _check_owner(
    hourly: Mapping[str, Mapping[str, object]], owned: pd.DataFrame | None, table: Table, owner: Table
) -> list[Violation]:
    """Check that hourly values belong to rows of their owner, and that those rows give no constant value besides."""
    if owned is None:
        return [Violation(owner.name, "", "", f"table missing beside {table.name}", "present")]
    if not set(owner.key) <= set(owned):
        return []  # the violation of the owner says so
    names = _labels(owned, owner)
    known, twice = set(names), set(names[names.duplicated()])
    violations = [
        Violation(table.name, node, owner.key[0], f"{show(node)} is unknown", f"a row of {owner.name}")
        for node in hourly
        if node not in known
    ]
    violations += [
        Violation(table.name, node, "", f"{owner.name} has several such rows", "hourly values in the column itself")
        for node in hourly
        if node in twice
    ]
    for name, record in zip(names, owned.to_dict("records"), strict=True):
        violations += [
            Violation(owner.name, name, column, f"given here and in {table.name}", "only one of the two")
            for column in hourly.get(name, ())
            if not is_missing(record.get(column))
        ]
    return violations


def _with_hours(frame: pd.DataFrame, hourly: Mapping[str, Mapping[str, tuple[Any, ...]]], owner: Table) -> pd.DataFrame:
    result = frame.copy()
    nodes = _labels(frame, owner) if set(owner.key) <= set(frame) else [""] * len(frame)
    for column in dict.fromkeys(column for columns in hourly.values() for column in columns):
        once = frame[column] if column in frame else [None] * len(frame)
        values = [hourly.get(node, {}).get(column, value) for node, value in zip(nodes, once, strict=True)]
        result[column] = pd.Series(values, dtype=object)
    return result


def _labels(frame: pd.DataFrame, owner: Table) -> pd.Series:
    """Return the key of every row in one text."""
    labels = frame[owner.key[0]].map(str)
    for name in owner.key[1:]:
        labels = labels + "|" + frame[name].map(str)
    return labels


def split_hours(tables: Mapping[str, pd.DataFrame], hours: Hours) -> dict[str, pd.DataFrame]:
    """Move the hourly values of the tables of an instance into separate tables; the inverse of ``fold``.

    Raises
    ------
    InstanceError
        If one of several parallel links or supplies has hourly values: rows of a separate table name it by its ends.
    """
    files = {name: tables[name] for name in TABLES if name not in LEFT_OUT_IF_EMPTY or len(tables[name])}
    for name, (table, owner) in HOURS_TABLES.items():
        if owner.name not in files:
            continue
        columns, rows = [column for column in table.names if column not in table.key], []
        for record in files[owner.name].to_dict("records"):
            hourly = {column: record[column] for column in columns if isinstance(record[column], tuple)}
            for place, hour in enumerate(hours if hourly else ()):
                rows.append(
                    {key: record[key] for key in owner.key}
                    | {"hour": hour}
                    | {name: values[place] for name, values in hourly.items()}
                )
        if rows:
            files[name] = pd.DataFrame(rows)
            _check_distinct(files[owner.name], _labels(files[name], owner), table, owner)
            once = {
                column: [None if isinstance(value, tuple) else value for value in files[owner.name][column]]
                for column in columns
            }
            files[owner.name] = files[owner.name].assign(
                **{column: pd.Series(values, dtype=object) for column, values in once.items()}
            )
    return files


def _check_distinct(frame: pd.DataFrame, hourly: pd.Series, table: Table, owner: Table) -> None:
    """Refuse hourly values of owners of which another has the same names, with hourly values or without."""
    labels = _labels(frame, owner)
    twice = hourly[hourly.isin(labels[labels.duplicated()])]
    if len(twice):
        problem = f"{owner.name} has several such rows, which a file with hourly values cannot tell apart"
        allowed = "one row for each pair of names; placer.save_graph writes several"
        raise InstanceError([Violation(table.name, str(twice.iloc[0]), "", problem, allowed)])


def unknown_with(name: str) -> set[tuple[str, str]]:
    """Return the tables and columns that are unknown if the table ``name``, which folds into them, cannot be read."""
    if name in HOURS_TABLES:
        table, owner = HOURS_TABLES[name]
        return {(owner.name, column) for column in table.names if column not in table.key}
    return {("demand", "hour")} if name == DEMAND_PROFILE.name else set()
