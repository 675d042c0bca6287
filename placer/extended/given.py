"""Checks of the names and numbers given to a model; defects are collected, not raised."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation
from placer.instance.attributes.validation import is_missing, show
from placer.utils.arrays import BoolArray, FloatArray
from placer.utils.solver_limits import LARGEST, SMALLEST

#: One name or several.
Names = str | Iterable[str]
#: A number for all names, one per name in their order, or one by name.
Numbers = float | Iterable[float] | Mapping[str, float] | pd.Series
#: The allowed coefficients, costs and sides, in words.
NUMBER = f"a finite number of magnitude 0, or from {SMALLEST:g} to below {LARGEST:g}"


@dataclass
class Defects:
    """The violations found so far in one table of the input."""

    table: str
    found: list[Violation] = field(default_factory=list)

    def add(self, row: str, column: str, problem: str, allowed: str) -> None:
        """Note a violation."""
        self.found.append(Violation(self.table, row, column, problem, allowed))

    def stop(self) -> None:
        """Raise ``InstanceError`` if there is any violation."""
        if self.found:
            raise InstanceError(self.found)


def read_names(given: Names, taken: Iterable[str], defects: Defects) -> tuple[str, ...]:
    """Return names; a name that is not a text, empty or repeated is noted. Raises if there is no name."""
    if not isinstance(given, Iterable):
        raise ArgumentError(f"expected a name or several names as name, not {show(given)}")
    names = (given,) if isinstance(given, str) else tuple(given)
    seen = set(taken)
    for name in names:
        if not isinstance(name, str) or not name.strip():
            defects.add("", "name", f"{show(name)} is no name", "text that is not empty")
            continue
        if name in seen:
            defects.add(name, "name", "given twice", "a name of its own")
        seen.add(name)
    if not names:
        defects.add("", "name", "no name is given", "one or more")
        defects.stop()
    return tuple(str(name) for name in names)


def read_sides(given: Numbers, names: tuple[str, ...], column: str, defects: Defects) -> FloatArray:
    """Return one side per name, -inf or inf for no side; defects as in ``read_numbers``."""
    return read_numbers(given, names, column, defects, _side_problem, f"{NUMBER}; -inf or inf where there is no side")


def read_numbers(
    given: Numbers,
    names: tuple[str, ...],
    column: str,
    defects: Defects,
    problem_of: Any = None,
    allowed: str = NUMBER,
) -> FloatArray:
    """Return one number per name; missing, non-numeric or out-of-range values are noted and read as 0."""
    problem_of = problem_of or finite_problem
    values = np.zeros(len(names))
    for position, item in enumerate(_each(given, names, column, defects)):
        if problem := problem_of(item, column):
            defects.add(names[position], column, problem, allowed)
        else:
            values[position] = float(item)
    return values


def read_truths(given: Any, names: tuple[str, ...], defects: Defects) -> BoolArray:
    """Return one truth value per name; other values are noted and read as False."""
    values = np.zeros(len(names), dtype=bool)
    for position, item in enumerate(_each(given, names, "integer", defects)):
        if isinstance(item, (bool, np.bool_)):
            values[position] = bool(item)
        else:
            defects.add(names[position], "integer", f"{show(item)} is no truth value", "True or False")
    return values


def _each(given: Any, names: tuple[str, ...], column: str, defects: Defects) -> list[Any]:
    """Return one item per name, from one for all, one each in order, or one each by name; none if they do not fit."""
    if isinstance(given, pd.Series):
        if given.index.has_duplicates:
            defects.add("", column, "a name is given twice", "each name once")
            return []
        given = given.to_dict()
    if isinstance(given, Mapping):
        for unknown in given.keys() - set(names):
            defects.add(str(unknown), column, "no such name", "the names that are added")
        for name in names:
            if name not in given:
                defects.add(name, column, "missing", "one value for each name")
        return [given[name] for name in names] if given.keys() >= set(names) else []
    if isinstance(given, str) or not isinstance(given, Iterable):
        return [given] * len(names)
    items = list(given)
    if len(items) != len(names):
        defects.add("", column, f"{len(items)} values for {len(names)} names", "one for all, or one for each name")
        return []
    return items


def finite_problem(value: Any, _: str = "") -> str:
    """Return the reason why a value is not a coefficient or cost; empty if it is one."""
    if is_missing(value):
        return "missing"
    if isinstance(value, (bool, np.bool_, str)) or not isinstance(value, numbers.Real):
        return f"{show(value)} is no number"
    size = abs(float(value))
    if not np.isfinite(size):
        return f"{value:g} is not finite"
    return "" if size == 0 or SMALLEST <= size < LARGEST else f"{value:g} is taken for nothing or infinity by solvers"


def _side_problem(value: Any, column: str) -> str:
    """Return the reason why a value is not a side; empty if it is one. No side: -inf (``lower``), inf (``upper``)."""
    if isinstance(value, (float, np.floating)) and value == {"lower": -np.inf, "upper": np.inf}[column]:
        return ""
    return finite_problem(value)


def check_order(names: tuple[str, ...], lower: FloatArray, upper: FloatArray, defects: Defects) -> None:
    """Note lower sides above their upper sides."""
    for position in np.flatnonzero(lower > upper).tolist():
        problem = f"lower {lower[position]:g} is above upper {upper[position]:g}"
        defects.add(names[position], "lower, upper", problem, "lower <= upper")
