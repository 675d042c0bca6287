"""Measure solvers on instances of the library, and keep the results in a table that others can add to."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from placer.utils.atomic import whole
from placer.utils.profiles import performance_profile

from ..machine import machine  # noqa: TID252 - the package has another name where it is installed
from ..report import markdown  # noqa: TID252
from ..subjects import LIBRARY as FAMILY  # noqa: TID252
from ..subjects import OF_FILES  # noqa: TID252
from ..suite import DONE, Case, measure_alone  # noqa: TID252
from .files import SHIPPED, is_complete, statement
from .instances import ENTRIES
from .making import LIBRARY, program_file
from .sides import DEFAULT, label_of

#: Columns of a table of results.
COLUMNS = ("instance", "columns", "solver", "version", "machine", "seconds", "status", "objective", "error", "date")
#: Relative error up to which an answer counts as right in profiles: of an optimum, and where columns are whole.
RIGHT, RIGHT_IF_WHOLE = 1e-6, 1e-4
#: Names for several instances.
SHIPPED_NAMES, STATED_NAMES = "shipped", "all"


def names_of(given: Iterable[str]) -> list[str]:
    """Return the instances that names stand for: ``shipped``, ``all`` that have a stated optimum, or their own.

    Raises
    ------
    ValueError
        If a name is unknown, or nothing is stated of the instance.
    """
    found: dict[str, None] = {}
    for name in given:
        if name == SHIPPED_NAMES:
            found |= dict.fromkeys(each for each in ENTRIES if is_complete(each, SHIPPED))
        elif name == STATED_NAMES:
            found |= dict.fromkeys(each for each in ENTRIES if statement(each) is not None)
        elif name not in ENTRIES:
            raise ValueError(f"{name!r} is no instance of the library; there are {', '.join(ENTRIES)}, shipped and all")
        elif statement(name) is None:
            raise ValueError(
                f"the optimum of {name!r} is not stated; python -m benchmarks.library make {name} proves it"
            )
        else:
            found[name] = None
    return list(found)


def measured(
    names: Sequence[str],
    sides: Sequence[str],
    limit_seconds: float,
    folder: Path = LIBRARY,
    progress: Callable[[str, int, int], None] = lambda _text, _done, _all: None,
) -> pd.DataFrame:
    """Return a row for each instance and side, those of ``DEFAULT`` if none are given, in a process of its own each."""
    sides = sides or DEFAULT
    rows, total = [], len(names) * len(sides)
    for name in names:
        file = program_file(name, folder)
        for side in sides:
            progress(f"{name}: {side}", len(rows), total)
            rows.append(row_of(name, side, measure_alone(Case(FAMILY, str(file), 0, OF_FILES, side), 0, limit_seconds)))
    progress("done", total, total)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def row_of(name: str, side: str, found: Any) -> dict[str, Any]:
    """Return the row of a measurement."""
    stated = statement(name) or {}
    objective = found.objective if found.status == DONE else None
    optimum = stated["optimum"]
    error = math.nan if objective is None else (objective - optimum) / (abs(optimum) or 1.0)
    solver, version = label_of(side)
    return {
        "instance": name,
        "columns": stated["columns"],
        "solver": solver,
        "version": version,
        "machine": machine()["machine"],
        "seconds": found.seconds if found.status == DONE else math.nan,
        "status": found.status if found.status != DONE or is_right(name, error) else "wrong",
        "objective": math.nan if objective is None else objective,
        "error": error,
        "date": datetime.now(UTC).date().isoformat(),
    }


def is_right(name: str, error: float) -> bool:
    """Whether an answer costs what it should: within 1e-6 of the optimum, or 1e-4 where columns are whole."""
    return abs(error) <= (RIGHT_IF_WHOLE if (statement(name) or {}).get("whole_columns") else RIGHT)


def read_results(file: Path) -> pd.DataFrame:
    """Return a table of results; none if there is no such file.

    Raises
    ------
    ValueError
        If its columns are others.
    """
    if not file.exists():
        return pd.DataFrame(columns=list(COLUMNS))
    found = pd.read_csv(
        file, keep_default_na=False, na_values={name: [""] for name in ("seconds", "objective", "error")}
    )
    if tuple(found) != COLUMNS:
        raise ValueError(f"{file} has the columns {', '.join(found)}, not {', '.join(COLUMNS)}")
    return found


def add_results(rows: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Add rows to a table of results, and return all of it."""
    before = read_results(file)
    found = pd.concat([before, rows], ignore_index=True) if len(before) else rows
    with whole(file) as draft:
        found.to_csv(draft, index=False, lineterminator="\n")
    return found


def seconds_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the least seconds of right answers: a row for each instance, a column for each solver."""
    right = rows.assign(seconds=rows["seconds"].where(rows["status"] == DONE))
    table = right.pivot_table(index="instance", columns="solver", values="seconds", aggfunc="min", dropna=False)
    there = ~rows["status"].str.startswith("no answer: not installed")
    return table[[side for side in dict.fromkeys(rows["solver"]) if there[rows["solver"] == side].any()]]


def text_of(rows: pd.DataFrame) -> str:
    """Return results in Markdown, a line for each, and the profiles below."""
    lines = [
        (
            str(row["instance"]),
            f"{row['columns']:,}",
            str(row["solver"]),
            f"{row['seconds']:.3g}" if row["status"] == DONE else str(row["status"]),
            "" if math.isnan(row["error"]) else f"{row['error']:.0e}",
        )
        for row in rows.to_dict("records")
    ]
    table = markdown(("instance", "columns", "solver", "seconds", "error"), lines)
    return "\n\n".join([table, *profile_texts(rows)]) + "\n"


def profile_texts(rows: pd.DataFrame) -> Iterator[str]:
    """Yield the profiles of Dolan and Moré for each machine with answers to two instances or more."""
    for where, own in rows.groupby("machine", sort=False):
        seconds = seconds_of(own)
        if seconds.notna().any(axis=1).sum() > 1:
            yield f"{where}: part of {len(seconds)} instances solved within a multiple of the least time"
            yield _profile(seconds)


def _profile(seconds: pd.DataFrame) -> str:
    within = (1, 2, 10, math.inf)
    shares = [
        (str(name), *(f"{share.loc[:most].iloc[-1]:.0%}" for most in within))
        for name, share in performance_profile(seconds).items()
    ]
    return markdown(("solver", "fastest", "within 2x", "within 10x", "solved"), shares)
