"""Read a finished study from the folder of CSV tables that ``Sensitivity.save_tables`` wrote."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from placer.currency import CURRENCIES, USD, allowed_currency
from placer.datasets.csv_files import read_csv
from placer.errors import InstanceError, Violation, refuse
from placer.instance.attributes.validation import show
from placer.io.table_files import as_before
from placer.sensitivity.conclusions import LARGEST_LIMIT
from placer.sensitivity.figures import FIGURES
from placer.sensitivity.result import CURRENCY, Sensitivity
from placer.sensitivity.study import AS_GIVEN, ASSUMPTION_TEXTS
from placer.utils.reading import with_home

_CASE = ("assumption", "value", "unit", "status", "detail", "seconds")
_CONCLUSION = ("conclusion", "holds", "low", "high", "fails_at")
#: Required columns by file.
_FILES = {"cases.csv": _CASE, "assumptions.csv": ("assumption", *ASSUMPTION_TEXTS), "conclusions.csv": _CONCLUSION}
_YES_NO = {"True": True, "False": False}


def read_sensitivity(folder: str | os.PathLike[str]) -> Sensitivity:
    """Read the study in a folder.

    Parameters
    ----------
    folder : path
        Written by ``Sensitivity.save_tables`` or ``placer sensitivity NAME --out FOLDER``.

    Raises
    ------
    InstanceError
        If a file or a column is missing, a cell is not a number, or the first case is not the instance as given; the
        error lists all defects.

    Examples
    --------
    >>> import placer, tempfile
    >>> found = placer.sensitivity(placer.load("tiny"), placer.read_assumptions("tiny")[0], figures=["unserved_share"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     files = found.save_tables(folder)
    ...     print(read_sensitivity(folder))
    Sensitivity: 5 cases of 3 assumptions; unserved_share 0 to 0.3333, 0 as given
    """
    place = with_home(folder)
    tables, currency = _tables(place), _currency(place / f"{CURRENCY}.csv")
    cases, conclusions = tables["cases.csv"], tables["conclusions.csv"]
    figures = tuple(name for name in FIGURES if name in cases)
    _check_tables(tables, figures)
    shown = [*_CASE, *figures, *([LARGEST_LIMIT] if LARGEST_LIMIT in cases else [])]
    return Sensitivity(
        _with_numbers(cases[shown], ("seconds", *figures)).set_index(["assumption", "value"]),
        figures,
        tables["assumptions.csv"].set_index("assumption")[list(ASSUMPTION_TEXTS)],
        _with_numbers(conclusions, ("low", "high")).assign(holds=conclusions["holds"].map(_YES_NO).astype(bool)),
        currency,
    )


def _currency(file: Path) -> str:
    """Return the currency of a study; studies in USD have no file of it."""
    if not file.is_file():
        return USD
    cells = read_csv(file)
    given = str(cells[CURRENCY].iloc[0]) if CURRENCY in cells and len(cells) == 1 else ""
    if given not in CURRENCIES:
        raise InstanceError([Violation(file.name, _line(0), CURRENCY, show(given), allowed_currency(given))])
    return given


def _tables(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the tables as texts, or refuse a folder that lacks a table or a column."""
    tables: dict[str, pd.DataFrame] = {}
    violations = []
    for name, columns in _FILES.items():
        if not (folder / name).is_file():
            hint = "a folder that placer sensitivity NAME --out FOLDER wrote"
            violations.append(Violation(name, "", "", f"not in {folder}", hint))
            continue
        found = read_csv(folder / name)
        tables[name] = found.map(as_before)
        violations += [
            Violation(name, "", column, "column missing", ", ".join(columns))
            for column in columns
            if column not in found.columns
        ]
    refuse(violations)
    return tables


def _check_tables(tables: dict[str, pd.DataFrame], figures: Sequence[str]) -> None:
    """Refuse all invalid cells in one error."""
    cases, conclusions = tables["cases.csv"], tables["conclusions.csv"]
    violations = _wrong_cases(cases, tables["assumptions.csv"], figures)
    violations += _not_numbers(cases, "cases.csv", ("seconds", *figures))
    violations += _not_numbers(conclusions, "conclusions.csv", ("low", "high"))
    violations += [
        Violation("conclusions.csv", _line(row), "holds", show(cell), "True or False")
        for row, cell in enumerate(conclusions["holds"])
        if cell not in _YES_NO
    ]
    refuse(violations)


def _wrong_cases(cases: pd.DataFrame, assumptions: pd.DataFrame, figures: Sequence[str]) -> list[Violation]:
    """Return the violations of a table of cases: no figures, no case as given, an undescribed assumption."""
    violations = []
    if not figures:
        violations.append(Violation("cases.csv", "", "", "no column of figures", ", ".join(FIGURES)))
    if cases.empty or cases["assumption"].iloc[0] != AS_GIVEN:
        violations.append(Violation("cases.csv", _line(0), "assumption", "another case", AS_GIVEN))
    known = set(assumptions["assumption"])
    varied = dict.fromkeys(cases["assumption"].iloc[1:])
    return violations + [
        Violation("assumptions.csv", "", "assumption", f"{show(name)} is missing", "all that cases.csv varies")
        for name in varied
        if name not in known
    ]


def _not_numbers(table: pd.DataFrame, file: str, columns: Sequence[str]) -> list[Violation]:
    return [
        Violation(file, _line(row), column, show(cell), "a finite number, or nothing")
        for column in columns
        for row, cell in enumerate(table[column])
        if not _is_number(cell)
    ]


def _is_number(cell: str) -> bool:
    try:
        return cell == "" or math.isfinite(float(cell))
    except ValueError:
        return False


def _with_numbers(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    numbers = {name: [float(cell) if cell else math.nan for cell in table[name]] for name in columns}
    return table.assign(**numbers)


def _line(row: int) -> str:
    return f"line {row + 2}"
