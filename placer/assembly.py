"""From text cells to the tables of an instance and back, with hourly values and demand profiles folded in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from placer.csvfiles import COLUMNS, HOURS_TABLES, KEYS, typed
from placer.errors import Violation
from placer.schema import DEMAND, REQUIRED, TABLES, Column, Kind, Table
from placer.validation import number_problem, show

if TYPE_CHECKING:
    from placer.instance import Instance

#: Shares of a day's demand may miss 1 by this much (rounding in the file); they are brought to 1 exactly.
_SHARE_SUM = 1e-6

_SHARE = Column("share", low=0, high=1, scaled=False)

_HOUR = DEMAND.column("hour")


def assemble(frames: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
    """Turn text cells into the tables of an instance, hourly values and demand profiles folded in."""
    tables = {name: typed(frame, TABLES[name]) for name, frame in frames.items() if name in TABLES}
    violations: list[Violation] = []
    if "demand_profile" in frames and "demand" in frames:
        tables["demand"], violations = _spread(frames["demand"], frames["demand_profile"])
    for name, (owner, columns) in HOURS_TABLES.items():
        if name not in frames:
            continue
        hours, found = _hourly(frames[name], name, owner, columns, _first_hour(tables.get("demand")))
        violations += found or _check_owner(hours, frames.get(owner), name, owner)
        if not violations:
            tables[owner] = _fold_hours(tables[owner], hours, TABLES[owner])
    return tables, violations


def _missing(frame: pd.DataFrame, table: str, needed: Iterable[str]) -> list[Violation]:
    return [Violation(table, "", name, "column missing", "present") for name in needed if name not in frame]


def _number_violations(frame: pd.DataFrame, table: str, columns: Iterable[Column]) -> list[Violation]:
    return [
        Violation(table, f"row {row + 1}", column.name, problem, column.allowed)
        for column in columns
        for row, value in enumerate(frame[column.name])
        if (problem := number_problem(value, column))
    ]


def _spread(demand: pd.DataFrame, profile: pd.DataFrame) -> tuple[pd.DataFrame, list[Violation]]:
    """Spread demands of the whole horizon over its hours, by the profile of their workload."""
    whole, shares = typed(demand, DEMAND), typed(profile, DEMAND, extra=("share",))
    violations = _missing(profile, "demand_profile", COLUMNS["demand_profile"])
    violations += _missing(demand, "demand", ("workload", "hub", "mtok"))
    if "hour" in demand:
        violations.append(Violation("demand", "", "hour", "given beside demand_profile.csv", "only one of the two"))
    violations = violations or _number_violations(shares, "demand_profile", (_HOUR, _SHARE))
    violations = violations or [
        Violation("demand_profile", f"{row.workload}|{row.hour}", "", "given twice", "once")
        for row in shares[shares.duplicated(["workload", "hour"])].itertuples()
    ]
    if violations:
        return whole, violations
    shares["share"] = shares["share"].astype(float)
    total = shares.groupby("workload")["share"].sum()
    violations = [
        Violation("demand_profile", str(name), "share", f"shares sum to {value:.9g}", "1")
        for name, value in total.items()
        if abs(value - 1) > _SHARE_SUM
    ]
    violations += [
        Violation("demand_profile", str(name), "", "workload has no profile", "one share an hour")
        for name in dict.fromkeys(whole["workload"])
        if name not in total.index
    ]
    if violations or not all(isinstance(value, (int, float)) for value in whole["mtok"]):
        return whole, violations  # what is wrong with mtok itself the instance says
    shares["share"] /= shares["workload"].map(total)
    spread = whole.merge(shares[["workload", "hour", "share"]], on="workload", how="left")
    spread["mtok"] = spread["mtok"].astype(float) * spread["share"]
    return spread[["workload", "hub", "hour", "mtok"]], violations


def _first_hour(demand: pd.DataFrame | None) -> int | None:
    """Return the hour at which the demand begins; None if it does not say."""
    if demand is None or demand.empty:
        return None
    hours = demand["hour"].tolist() if "hour" in demand else [_HOUR.default]
    return None if any(number_problem(hour, _HOUR) for hour in hours) else int(min(hours))


def _hourly(
    cells: pd.DataFrame, name: str, owner: str, columns: tuple[str, ...], start: int | None
) -> tuple[dict[str, dict[str, tuple[Any, ...]]], list[Violation]]:
    """Read a table of hourly values: for every row of its owner and column, the values hour by hour."""
    key = KEYS[owner][0]
    violations = _missing(cells, name, KEYS[name])
    violations += [
        Violation(name, "", column, "unknown column", ", ".join(columns))
        for column in cells.columns
        if column not in COLUMNS[name]
    ]
    values = typed(cells, TABLES[owner], extra=("hour",))
    violations = violations or _number_violations(values, name, (_HOUR,))
    if violations:
        return {}, violations
    hourly: dict[str, dict[str, tuple[Any, ...]]] = {}
    for node, group in values.groupby(key, sort=False):
        rows = group.sort_values("hour")
        first = int(rows["hour"].iloc[0]) if start is None else start
        if rows["hour"].tolist() != list(range(first, first + len(rows))):
            allowed = f"every hour once, from {first} on as in the demand"
            violations.append(Violation(name, str(node), "hour", "hours have gaps, repeat or begin elsewhere", allowed))
        given = [column for column in columns if column in cells and cells.loc[rows.index, column].str.strip().any()]
        hourly[str(node)] = {column: tuple(rows[column]) for column in given}
    return hourly, violations


def _check_owner(
    hourly: Mapping[str, Mapping[str, object]], owned: pd.DataFrame | None, name: str, owner: str
) -> list[Violation]:
    """Check that hourly values belong to rows of their owner that do not give the value once for all too."""
    key = KEYS[owner][0]
    if owned is None:
        return [Violation(owner, "", "", f"table missing beside {name}", "present")]
    if key not in owned:
        return [Violation(owner, "", key, "column missing", "present")]
    violations = [
        Violation(name, node, key, f"{show(node)} is unknown", f"a row of {owner}")
        for node in hourly
        if node not in set(owned[key])
    ]
    for record in owned.to_dict("records"):
        violations += [
            Violation(owner, record[key], column, f"given here and in {name}", "only one of the two")
            for column in hourly.get(record[key], ())
            if str(record.get(column, "")).strip()
        ]
    return violations


def _fold_hours(frame: pd.DataFrame, hourly: Mapping[str, Mapping[str, tuple[Any, ...]]], table: Table) -> pd.DataFrame:
    """Put hourly values into the columns of the table they belong to, as one tuple a row."""
    result = frame.copy()
    nodes = frame[table.key[0]]
    for column in dict.fromkeys(column for columns in hourly.values() for column in columns):
        default = table.column(column).default
        once = frame[column] if column in frame else [None if default is REQUIRED else default] * len(frame)
        values = [hourly.get(node, {}).get(column, value) for node, value in zip(nodes, once, strict=True)]
        result[column] = pd.Series(values, dtype=object)
    return result


def split_hours(instance: Instance) -> dict[str, pd.DataFrame]:
    """Take the hourly values out of their tables into tables of their own; the inverse of ``_fold_hours``."""
    files = {name: instance.tables[name] for name in TABLES if name != "exchanges" or len(instance.exchanges)}
    for name, (owner, columns) in HOURS_TABLES.items():
        key, rows = KEYS[owner][0], []
        for record in files[owner].to_dict("records"):
            hourly = {column: record[column] for column in columns if isinstance(record[column], tuple)}
            for place, hour in enumerate(instance.hours if hourly else ()):
                rows.append(
                    {key: record[key], "hour": hour} | {column: values[place] for column, values in hourly.items()}
                )
        if rows:
            files[name] = pd.DataFrame(rows)
            kinds = {column.name for column in TABLES[owner].columns if column.kind is Kind.HOURLY}
            once = {
                column: [None if isinstance(value, tuple) else value for value in files[owner][column]]
                for column in columns
                if column in kinds
            }
            files[owner] = files[owner].assign(
                **{name: pd.Series(values, dtype=object) for name, values in once.items()}
            )
    return files
