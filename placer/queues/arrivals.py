"""Requests at a pool as the loops need them: arrivals, service times and classes, with every defect named at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from placer.errors import Violation, refuse
from placer.instance.arguments import need
from placer.instance.attributes.columns import REQUIRED, Column
from placer.instance.attributes.validation import clean_numbers, number_problem, show
from placer.utils.arrays import FloatArray, IntArray

#: The class of all requests of a table without a column ``workload``.
ALL = "all"
_TIME = Column("time", scaled=False)
_SERVICE = Column("service_seconds", low=0, scaled=False)
_TOKENS = {
    "input": Column("input_tokens", low=0, scaled=False),
    "output": Column("output_tokens", low=0, scaled=False),
    "cached": Column("cached_tokens", low=0, scaled=False, default=0.0),
}


@dataclass(frozen=True, eq=False)
class Arrivals:
    """Requests in the order of their arrival: seconds since the first, service times, and the number of their class.

    ``prompt_seconds`` is the part of the service until the first token; None if service times are given. ``names`` of
    classes stand in the order of the priority if there is one.
    """

    seconds: FloatArray
    service_seconds: FloatArray
    prompt_seconds: FloatArray | None
    names: tuple[str, ...]
    number: IntArray


def read_arrivals(
    requests: pd.DataFrame, rates: Mapping[str, float | None], priority: Sequence[str] | None, found: list[Violation]
) -> Arrivals:
    """Return the requests of a table, as ``placer.simulate`` describes it.

    ``rates`` has the seconds for an ``input``, an ``output`` and a ``cached`` token. ``found`` are defects of other
    arguments: one error names them too.
    """
    need(requests, pd.DataFrame, "a table of requests", "a DataFrame with a column time is one")
    violations = [*found, *([] if len(requests) else [_defect("", "is empty", "at least one request")])]
    seconds, prompt = _times(requests, violations), None
    if _SERVICE.name in requests:
        given = [_rate(kind) for kind, rate in rates.items() if rate is not None]
        violations += [_defect(each.name, "is given beside service_seconds", "one of the two") for each in given]
        service = _numbers(requests, _SERVICE, violations)
    else:
        prompt, service = _by_lengths(requests, rates, violations)
    names, number = _classes(requests, priority, violations)
    refuse(violations)
    return Arrivals(seconds, service, prompt, names, number)


def _times(requests: pd.DataFrame, violations: list[Violation]) -> FloatArray:
    """Return the seconds since the first request; note times that are missing or out of order."""
    if _TIME.name in requests and pd.api.types.is_datetime64_any_dtype(requests[_TIME.name]):
        since = requests[_TIME.name] - requests[_TIME.name].min()
        requests = requests.assign(**{_TIME.name: since.dt.total_seconds()})
    seconds = _numbers(requests, _TIME, violations)
    if early := (np.flatnonzero(np.diff(seconds) < 0) + 1).tolist():
        problem = f"is earlier than the row before, in {len(early):,} of {len(requests):,} rows"
        violations.append(_defect(_TIME.name, problem, "ascending times", _label(early[0])))
    return seconds - seconds[0] if len(seconds) else seconds


def _by_lengths(
    requests: pd.DataFrame, rates: Mapping[str, float | None], violations: list[Violation]
) -> tuple[FloatArray, FloatArray]:
    """Return the time to read the prompt, which ends with the first token, and the service time of each request."""
    tokens = {kind: _numbers(requests, column, violations) for kind, column in _TOKENS.items()}
    used = {kind: rate for kind, rate in rates.items() if rate is not None or kind != "cached" or tokens[kind].any()}
    problems = {kind: "is absent" if rate is None else number_problem(rate, _rate(kind)) for kind, rate in used.items()}
    violations += [_defect(_rate(kind).name, why, _rate(kind).allowed) for kind, why in problems.items() if why]
    for row in np.flatnonzero(tokens["cached"] > tokens["input"]).tolist():
        violations.append(_defect("cached_tokens", "is more than input_tokens", "at most input_tokens", _label(row)))
    per = {kind: 0.0 if problems.get(kind) else float(rate or 0.0) for kind, rate in rates.items()}
    prompt = (tokens["input"] - tokens["cached"]) * per["input"] + tokens["cached"] * per["cached"]
    return prompt, prompt + tokens["output"] * per["output"]


def _numbers(requests: pd.DataFrame, column: Column, violations: list[Violation]) -> FloatArray:
    """Return a column of numbers; note its defects."""
    if column.name in requests:
        values, defects = clean_numbers(requests[column.name], column, "requests", _label)
        violations += defects
        return values
    if column.default is REQUIRED:
        violations.append(_defect(column.name, "is absent", column.allowed))
    return np.zeros(len(requests))


def _classes(
    requests: pd.DataFrame, priority: Sequence[str] | None, violations: list[Violation]
) -> tuple[tuple[str, ...], IntArray]:
    """Return the classes, in the order of their priority where one is given, and the class of each request."""
    column = requests["workload"] if "workload" in requests else pd.Series(ALL, requests.index)
    violations += [
        _defect("workload", "is missing", "a name", _label(row)) for row in np.flatnonzero(column.isna()).tolist()
    ]
    number, found = pd.factorize(column.astype(str), sort=True)
    names = tuple(map(str, found))
    if priority is None:
        return names, number
    if isinstance(priority, str) or sorted(map(str, priority)) != list(names):
        violations.append(_defect("priority", f"{show(priority)} is not each class once", ", ".join(names)))
        return names, number
    return tuple(priority), pd.Index(priority).get_indexer(pd.Index(names))[number]


def _rate(kind: str) -> Column:
    return Column(f"seconds_per_{kind}_token", low=0, scaled=False)


def _label(row: int) -> str:
    return f"row {row + 1}"


def _defect(column: str, problem: str, allowed: str, row: str = "") -> Violation:
    return Violation("requests", row, column, problem, allowed)
