"""Candidates and limits of plans in files: those of a dataset, or a CSV file of the user.

What of a unit can be used by the hour stands in a file of its own: ``candidate_hours.csv`` beside ``candidates.csv``,
``mine_hours.csv`` beside ``mine.csv``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pandas as pd

from placer.datasets.csv_files import read_csv, typed
from placer.datasets.plan_tables import read_plan_table
from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.columns import Column, Kind, Table
from placer.instance.attributes.schema import PERIODS
from placer.instance.attributes.validation import is_missing, show
from placer.instance.tables.cleaning import clean
from placer.planning.question.annual_limits import ANNUAL_LIMITS
from placer.planning.question.build_limits import BUILD_LIMITS
from placer.planning.question.candidates import CANDIDATES
from placer.utils.reading import is_there, with_home

_SHARE = "usable_share"

#: The share of a unit that can be used, hour by hour.
CANDIDATE_HOURS = Table(
    "candidate_hours",
    ("candidate", "hour"),
    (Column("candidate", Kind.TEXT), PERIODS.column("hour"), Column(_SHARE, low=0, high=1, scaled=False)),
)


def read_candidates(
    dataset: str | os.PathLike[str], scenarios: Sequence[str] = (), file: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Return the candidates of a dataset, from its ``candidates.csv`` or another file, as a table.

    Parameters
    ----------
    dataset : str or path
        As for ``placer.load``.
    scenarios : sequence of str
        Scenarios of the dataset, which may replace its candidates.
    file : path, optional
        A CSV file instead of that of the dataset.

    Returns
    -------
    DataFrame
        Shares by the hour stand in ``usable_share``, each with its hours as index.

    Raises
    ------
    InstanceError
        If there are none, the file is no table, or the rows of hours have violations. ``placer.plan`` checks the other
        rows.

    Examples
    --------
    >>> read_candidates("china").loc[0, ["candidate", "adds", "target"]].tolist()
    ['Zhangjiakou accelerators', 'accelerators', 'Zhangjiakou']
    """
    if file is None:
        cells, by_hour = (read_plan_table(dataset, name, scenarios) for name in ("candidates", CANDIDATE_HOURS.name))
    else:
        given = with_home(file)
        cells = read_csv(given)
        beside = given.with_name(f"{given.stem.removesuffix('s')}_hours.csv")
        by_hour = read_csv(beside) if is_there(beside) else None
    if cells is None:
        problem = f"{show(str(dataset))} has no candidates"
        raise InstanceError(
            [Violation("candidates", "", "", problem, "a file candidates.csv in its folder, or another")]
        )
    table = typed(cells, CANDIDATES)
    return table if by_hour is None else _with_hours(table, typed(by_hour, CANDIDATE_HOURS))


def read_build_limits(
    dataset: str | os.PathLike[str], scenarios: Sequence[str] = (), file: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Return the build limits of a dataset, from its ``build_limits.csv`` or another file; empty if it has none.

    Parameters
    ----------
    dataset : str or path
        As for ``placer.load``.
    scenarios : sequence of str
        Scenarios of the dataset, which may replace its build limits.
    file : path, optional
        A CSV file instead of that of the dataset.

    Raises
    ------
    InstanceError
        If the file is no table.

    Examples
    --------
    >>> len(read_build_limits("china"))
    0
    """
    return _limits(dataset, BUILD_LIMITS, scenarios, file)


def read_annual_limits(
    dataset: str | os.PathLike[str], scenarios: Sequence[str] = (), file: str | os.PathLike[str] | None = None
) -> pd.DataFrame:
    """Return the annual limits of a dataset, from its ``annual_limits.csv`` or another file; empty if it has none.

    Parameters
    ----------
    dataset : str or path
        As for ``placer.load``.
    scenarios : sequence of str
        Scenarios of the dataset, which may replace its annual limits.
    file : path, optional
        A CSV file instead of that of the dataset.

    Raises
    ------
    InstanceError
        If the file is no table.

    Examples
    --------
    >>> len(read_annual_limits("china"))
    0
    """
    return _limits(dataset, ANNUAL_LIMITS, scenarios, file)


def _limits(
    dataset: str | os.PathLike[str], table: Table, scenarios: Sequence[str], file: str | os.PathLike[str] | None
) -> pd.DataFrame:
    cells = read_plan_table(dataset, table.name, scenarios) if file is None else read_csv(with_home(file))
    return pd.DataFrame(columns=list(table.names)) if cells is None else typed(cells, table)


def _with_hours(candidates: pd.DataFrame, by_hour: pd.DataFrame) -> pd.DataFrame:
    """Return candidates with their shares by the hour, each with its hours.

    Raises
    ------
    InstanceError
        Listing every violation of the rows of hours.
    """
    cleaned, violations = clean(by_hour, CANDIDATE_HOURS)
    parts = {str(name): part for name, part in cleaned.groupby("candidate", sort=False)}
    shares = {name: pd.Series(part[_SHARE].to_numpy(), part["hour"].tolist()) for name, part in parts.items()}
    names = candidates["candidate"].map(str) if "candidate" in candidates else pd.Series(dtype=object)
    alone = candidates[_SHARE].tolist() if _SHARE in candidates else [None] * len(candidates)
    problem, allowed = f"given here and in {CANDIDATE_HOURS.name}", "only one of the two"
    violations += [
        Violation("candidates", name, _SHARE, problem, allowed)
        for name, share in zip(names, alone, strict=False)
        if name in shares and not is_missing(share)
    ]
    violations += [
        Violation(CANDIDATE_HOURS.name, name, "candidate", f"{show(name)} is unknown", "a row of candidates")
        for name in shares
        if name not in set(names)
    ]
    refuse(violations)
    given = [shares.get(name, share) for name, share in zip(names, alone, strict=False)]
    return candidates.assign(**{_SHARE: pd.Series(given, candidates.index, dtype=object)})
