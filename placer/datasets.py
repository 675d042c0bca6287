"""Instances on disk: a folder of CSV tables and a ``dataset.toml``, with named scenarios that override parts of it.

``load`` and ``save`` are inverse. The format is text a person can edit and diff; ``datasets/README.md`` describes it.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from placer.csvfiles import COLUMNS, HOURS_TABLES, KEYS, read_csv, read_toml, typed, write_csv, write_toml
from placer.errors import InstanceError, PlacerError, Violation
from placer.instance import SETTING_NAMES, Instance, Settings
from placer.schema import DEMAND, REQUIRED, TABLES, Column, Kind, Table, meant
from placer.validation import number_problem, show

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping

_OWN = Path(__file__).resolve().parent
#: Where the datasets that ship with the package stand: inside an installed package, or beside it in a checkout.
_SHIPPED = (_OWN / "_datasets", _OWN.parent / "datasets")

_TEXTS = ("name", "description", "licence", "currency")
_SCENARIO_KEYS = {"description", "settings", "tables", "columns"}
#: Shares of a day's demand may miss 1 by this much (rounding in the file); they are brought to 1 exactly.
_SHARE_SUM = 1e-6
_SHARE = Column("share", low=0, high=1, scaled=False)
_HOUR = DEMAND.column("hour")


@dataclass(frozen=True)
class Dataset:
    """What a dataset's folder says, before any scenario is chosen.

    Attributes
    ----------
    folder : Path
    name, description, licence, currency : str
    sources : tuple of str
    settings : mapping
        Fields of ``placer.Settings``.
    scenarios : mapping of str to mapping
        Overrides by scenario: ``description``, ``settings``, ``tables``, ``columns``.
    """

    folder: Path
    name: str
    description: str
    licence: str
    currency: str
    sources: tuple[str, ...]
    settings: Mapping[str, Any]
    scenarios: Mapping[str, Mapping[str, Any]]


def names() -> list[str]:
    """Return the names of the datasets that ship with the package.

    Examples
    --------
    >>> import placer
    >>> "tiny" in placer.datasets.names()
    True
    """
    found = {file.parent.name for place in _SHIPPED for file in place.glob("*/dataset.toml")}
    return sorted(found)


def describe(dataset: str | os.PathLike[str]) -> Dataset:
    """Read the ``dataset.toml`` of a shipped dataset or a folder.

    Raises
    ------
    InstanceError
        If there is no such dataset, or its ``dataset.toml`` is not as it should be.
    """
    folder = _find(dataset)
    content = read_toml(folder / "dataset.toml")
    violations = _check_toml(content)
    if violations:
        raise InstanceError(violations)
    return Dataset(
        folder=folder,
        **{key: content.get(key, "") for key in _TEXTS},
        sources=tuple(content.get("sources", ())),
        settings=content.get("settings", {}),
        scenarios=content.get("scenarios", {}),
    )


def load(dataset: str | os.PathLike[str], scenarios: Iterable[str] = ()) -> Instance:
    """Load an instance from a shipped dataset or a folder.

    Parameters
    ----------
    dataset : str or path
        A name from ``placer.datasets.names()``, or a folder.
    scenarios : iterable of str
        Scenarios of the dataset, applied in this order.

    Raises
    ------
    InstanceError
        Listing every violation by file or table, row and column.

    Examples
    --------
    >>> import placer
    >>> placer.load("tiny")
    <Instance: 3 hubs, 3 data centres, ...>
    """
    described = describe(dataset)
    chosen = [scenarios] if isinstance(scenarios, str) else list(scenarios)
    unknown = [name for name in chosen if name not in described.scenarios]
    if unknown:
        allowed = ", ".join(described.scenarios) or "none in this dataset"
        raise InstanceError(Violation("scenarios", "", "", f"{show(name)} is unknown", allowed) for name in unknown)
    frames = _read_tables(described)
    settings = dict(described.settings)
    for name in chosen:
        frames = _override(frames, described.scenarios[name], described.folder, name)
        settings |= described.scenarios[name].get("settings", {})
    tables, violations = _assemble(frames)
    if violations:
        raise InstanceError(violations)
    return Instance.from_tables(tables, **settings)


def save(
    instance: Instance, folder: str | os.PathLike[str], *, name: str = "", description: str = "", licence: str = ""
) -> Path:
    """Write an instance as a dataset folder that ``load`` reads back as an equal instance.

    Parameters
    ----------
    instance : Instance
    folder : str or path
        A new folder; one that is there already is refused, and nothing is left behind if writing fails.

    Raises
    ------
    PlacerError
        If the folder is there already, or a text is not a text.

    Examples
    --------
    >>> import placer, tempfile, pathlib
    >>> tiny = placer.load("tiny")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     placer.load(placer.save(tiny, pathlib.Path(place) / "copy")) == tiny
    True
    """
    target = Path(folder)
    if target.exists():
        raise PlacerError(f"{target} is there already; choose a new folder")
    texts = {"name": name or target.name, "description": description, "licence": licence, "currency": "USD"}
    if violations := _check_toml(texts):
        raise InstanceError(violations)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".placer-", dir=target.parent))
    try:
        for file, frame in _split_hours(instance).items():
            write_csv(draft / f"{file}.csv", frame)
        default = Settings()
        settings = {
            key: value for key in SETTING_NAMES if (value := getattr(instance.settings, key)) != getattr(default, key)
        }
        write_toml(draft / "dataset.toml", texts, settings)
        draft.chmod(0o755)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return target


def _find(dataset: str | os.PathLike[str]) -> Path:
    path = Path(dataset)
    shipped = [place / path for place in _SHIPPED if len(path.parts) == 1]
    for folder in (*shipped, path):
        if _is_file(folder / "dataset.toml"):
            return folder.resolve()
    problem = f"{show(str(dataset))} is neither a dataset nor a folder with a dataset.toml"
    raise InstanceError([Violation("dataset", "", "", problem, f"a folder, or one of {', '.join(names())}")])


def _is_file(path: Path) -> bool:
    """Whether there is such a file; not, rather than an error, where there cannot be one of that name."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _check_toml(content: Mapping[str, Any]) -> list[Violation]:
    known = {*_TEXTS, "sources", "settings", "scenarios"}
    violations = [_toml(key, "unknown key", ", ".join(sorted(known))) for key in content if key not in known]
    violations += [
        _toml(key, show(content[key]), "text") for key in _TEXTS if not isinstance(content.get(key, ""), str)
    ]
    if content.get("currency", "USD") not in ("USD", ""):
        violations.append(_toml("currency", show(content["currency"]), "USD: placer's units are USD throughout"))
    sources = content.get("sources", [])
    if not (isinstance(sources, list) and all(isinstance(item, str) for item in sources)):
        violations.append(_toml("sources", show(sources), "a list of texts"))
    violations += _check_settings_keys(content.get("settings", {}), "settings")
    scenarios = content.get("scenarios", {})
    if not isinstance(scenarios, dict):
        return [*violations, _toml("scenarios", show(scenarios), "tables [scenarios.NAME]")]
    for name, scenario in scenarios.items():
        violations += _check_scenario(f"scenarios.{name}", scenario)
    return violations


def _check_scenario(place: str, scenario: Any) -> list[Violation]:
    if not isinstance(scenario, dict):
        return [_toml(place, show(scenario), "a table")]
    violations = [
        _toml(f"{place}.{key}", "unknown key", ", ".join(sorted(_SCENARIO_KEYS)))
        for key in scenario
        if key not in _SCENARIO_KEYS
    ]
    if not isinstance(scenario.get("description", ""), str):
        violations.append(_toml(f"{place}.description", show(scenario["description"]), "text"))
    violations += _check_settings_keys(scenario.get("settings", {}), f"{place}.settings")
    for part in ("tables", "columns"):
        if not isinstance(scenario.get(part, {}), dict):
            violations.append(_toml(f"{place}.{part}", show(scenario[part]), "a table"))
            continue
        for key, value in scenario.get(part, {}).items():
            table, _, column = key.partition(".")
            if table not in KEYS or bool(column) != (part == "columns"):
                allowed = "one of " + ", ".join(KEYS) + (", then a dot and a column" if part == "columns" else "")
                violations.append(_toml(f"{place}.{part}.{key}", "unknown", allowed))
            elif column and column not in COLUMNS[table]:
                allowed = "one of " + ", ".join(COLUMNS[table])
                violations.append(_toml(f"{place}.{part}.{key}", "unknown", allowed))
            elif part == "tables" and not isinstance(value, str):
                violations.append(_toml(f"{place}.{part}.{key}", show(value), "the name of a CSV file"))
            elif not isinstance(value, (str, int, float)):
                violations.append(_toml(f"{place}.{part}.{key}", show(value), "a value, or the name of a CSV file"))
    return violations


def _check_settings_keys(settings: Any, place: str) -> list[Violation]:
    if not isinstance(settings, dict):
        return [_toml(place, show(settings), "a table")]
    return [
        _toml(f"{place}.{key}", "unknown setting", ", ".join(SETTING_NAMES))
        for key in settings
        if key not in SETTING_NAMES
    ]


def _toml(key: str, problem: str, allowed: str) -> Violation:
    return Violation("dataset.toml", "", key, problem, allowed)


def _read_tables(dataset: Dataset) -> dict[str, pd.DataFrame]:
    """Read every CSV of the folder as text cells; complain of all unreadable and misnamed files at once."""
    frames: dict[str, pd.DataFrame] = {}
    violations = _check_files(dataset)
    for name in KEYS:
        file = dataset.folder / f"{name}.csv"
        if not file.is_file():
            continue
        try:
            frames[name] = read_csv(file)
        except InstanceError as error:
            violations += error.violations
    if violations:
        raise InstanceError(violations)
    return frames


def _check_files(dataset: Dataset) -> list[Violation]:
    """Find files whose name is probably a slip: a table that may be absent would be missed without a word."""
    used = {
        value
        for scenario in dataset.scenarios.values()
        for part in ("tables", "columns")
        for value in scenario.get(part, {}).values()
    }
    found = {
        file.name: meant(file.stem, tuple(KEYS))
        for file in sorted(dataset.folder.glob("*.csv"))
        if file.stem not in (*KEYS, "sources") and file.name not in used
    }
    return [
        Violation(file, "", "", "unknown file", f"perhaps {intended}.csv")
        for file, intended in found.items()
        if intended and not (dataset.folder / f"{intended}.csv").is_file()
    ]


def _override(
    frames: Mapping[str, pd.DataFrame], scenario: Mapping[str, Any], folder: Path, name: str
) -> dict[str, pd.DataFrame]:
    """Apply the tables and columns of a scenario."""
    result = dict(frames)
    for table, file in scenario.get("tables", {}).items():
        result[table] = read_csv(_inside(folder, file, name))
    for key, value in scenario.get("columns", {}).items():
        table, _, column = key.partition(".")
        if table not in result:
            raise InstanceError([_toml(f"scenarios.{name}.columns.{key}", "no such table", "a table of the dataset")])
        change = None
        if isinstance(value, str) and value.endswith(".csv"):
            change = read_csv(_inside(folder, value, name))
            result[table] = _change_rows(result[table], change, table, column, value)
        else:
            result[table] = result[table].assign(**{column: str(value)})
        result = _drop_hours(result, table, column, change)
    return result


def _drop_hours(
    frames: dict[str, pd.DataFrame], table: str, column: str, change: pd.DataFrame | None
) -> dict[str, pd.DataFrame]:
    """Where a scenario gives one value for all hours, the hourly values it replaces go."""
    hours_table = next((hours for hours, (owner, _) in HOURS_TABLES.items() if owner == table), None)
    if hours_table is None or column not in frames.get(hours_table, ()):
        return frames
    frame, key = frames[hours_table], KEYS[table][0]
    replaced = np.ones(len(frame), dtype=bool) if change is None else frame[key].isin(change[key]).to_numpy()
    return frames | {hours_table: frame.assign(**{column: frame[column].where(~replaced, "")})}


def _change_rows(frame: pd.DataFrame, change: pd.DataFrame, table: str, column: str, file: str) -> pd.DataFrame:
    """Replace one column in the rows a file lists."""
    key = list(KEYS[table])
    missing = [name for name in (*key, column) if name not in change]
    if missing:
        raise InstanceError(Violation(file, "", name, "column missing", "the key and the column") for name in missing)
    if change.duplicated(key).any():
        repeated = change[change.duplicated(key)][key].itertuples(index=False)
        raise InstanceError(Violation(file, "|".join(row), "", "given twice", "once") for row in repeated)
    missing_key = [name for name in key if name not in frame]
    if missing_key:
        raise InstanceError(Violation(table, "", name, "column missing", "present") for name in missing_key)
    values = dict(zip(change[key].itertuples(index=False, name=None), change[column], strict=True))
    rows = list(frame[key].itertuples(index=False, name=None))
    strangers = values.keys() - set(rows)
    if strangers:
        raise InstanceError(
            Violation(file, "|".join(row), "", f"no such row in {table}", "a row of the table")
            for row in sorted(strangers)
        )
    old = frame[column] if column in frame else [""] * len(frame)
    return frame.assign(**{column: [values.get(row, before) for row, before in zip(rows, old, strict=True)]})


def _inside(folder: Path, file: str, scenario: str) -> Path:
    """Return the path of a file a scenario names; it must stand in the dataset's folder."""
    path = folder / file
    if path.suffix == ".csv" and _is_file(path) and path.resolve().is_relative_to(folder):
        return path
    raise InstanceError(
        [_toml(f"scenarios.{scenario}", f"{show(file)} is not there", "a CSV file in the dataset's folder")]
    )


def _assemble(frames: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], list[Violation]]:
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


def _split_hours(instance: Instance) -> dict[str, pd.DataFrame]:
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
