"""A trace of requests: one row a request, in the order of time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from placer.errors import Violation, refuse
from placer.histories.coefficients import workload_range
from placer.histories.summary import seconds_of, summarised
from placer.instance.arguments import need
from placer.instance.attributes.validation import show, text_problem
from placer.utils.arrays import BoolArray
from placer.utils.atomic import check_file, whole
from placer.utils.numbers import in_full
from placer.utils.optional import extra

#: Columns of tokens, and those that a trace may lack.
TOKENS = ("input_tokens", "output_tokens", "cached_tokens")
NAMES = ("workload", "hub")
COLUMNS = ("time", *TOKENS, *NAMES)
#: The name of the column of cached tokens in a file where they are an upper bound.
UPPER_BOUND = "cached_tokens_upper_bound"
#: Endings of the files that hold a trace.
_PACKED: dict[str, Literal["gzip", "xz", "bz2"]] = {".gz": "gzip", ".xz": "xz", ".bz2": "bz2"}
ENDINGS = (".csv", ".parquet", *_PACKED)
#: Rows of one kind of defect that an error names; their number is told.
MOST_NAMED = 100
_LARGEST = 2**53


@dataclass(frozen=True, eq=False, repr=False)
class Requests:
    """A trace of requests.

    Attributes
    ----------
    table : DataFrame
        One row a request, in the order of time: ``time`` (timestamps, or seconds since a midnight), ``input_tokens``,
        ``output_tokens``, ``cached_tokens`` (of the input; 0 if not given), and where known ``workload`` and ``hub``.
    cached_is_upper_bound : bool
        Whether the cached tokens are those of a cache without limit.
    notes : tuple of str
        Rows of the file that are no requests, and anything else that a reader should know.

    Raises
    ------
    InstanceError
        Listing every violation: times out of order, tokens that are no whole numbers of at least 0, more cached than
        input tokens, missing names, unknown columns.

    Examples
    --------
    >>> import placer
    >>> requests = placer.read_requests("azure_2023_code")
    >>> requests
    <8,819 requests over 0.9544 h, 2.567 a second, 18.06 Mtok in and 0.2459 out>
    >>> float(requests.summary().loc["all", "dispersion_1min"].round(1))
    166.9
    """

    table: pd.DataFrame
    cached_is_upper_bound: bool = False
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check every column, and give it its type."""
        need(self.table, pd.DataFrame, "a table of requests", "placer.read_requests(file) returns requests")
        columns, violations = _checked(self.table)
        refuse(violations)
        object.__setattr__(self, "table", pd.DataFrame(columns))

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self.table)

    def summary(self) -> pd.DataFrame:
        """Return the figures of every workload, and of ``all`` requests: see ``placer.histories.summary``."""
        found = summarised(self.table)
        bound = {name: f"{name}_upper_bound" for name in ("cached_mtok", "cached_share")}
        return found.rename(columns=bound) if self.cached_is_upper_bound else found

    def workload(
        self, name: str, like: Mapping[str, object] | pd.Series, active_parameters: float = 37e9
    ) -> pd.DataFrame:
        """Return a workload whose accelerator-hours and kWh per Mtok follow from the lengths of these requests.

        Parameters
        ----------
        name : str
            Of the new workload.
        like : mapping or Series
            A row of ``workloads``: the other attributes, such as latencies and penalties.
        active_parameters : float
            Of the model. The coefficients are those of a model with 37e9.

        Returns
        -------
        DataFrame
            Rows of a table of workloads: ``low``, where a cached token takes no work, and ``high``, where it takes 10 %
            of an input token. Both are equal where nothing is cached. ``placer.histories.coefficients`` has the
            formula.

        Examples
        --------
        >>> import placer
        >>> chat = placer.load("china").workloads.set_index("workload").loc["interactive_chat"]
        >>> made = placer.read_requests("mooncake_conversation").workload("long chat", like=chat)
        >>> made[["workload", "accelerator_hours_per_mtok", "kwh_per_mtok"]].round(4)
               workload  accelerator_hours_per_mtok  kwh_per_mtok
        low   long chat                      0.0461        0.0412
        high  long chat                      0.0486        0.0434
        """
        return workload_range(self.table, name, like, active_parameters)

    def save(self, file: str | os.PathLike[str]) -> Path:
        """Write the trace as CSV (``.csv``, ``.csv.gz``, ``.csv.xz``) or ``.parquet``; ``read_requests`` restores it.

        An existing file is replaced once the new one is complete.

        Raises
        ------
        OutputError
            If the file cannot be written.
        PlacerError
            If it is Parquet and pyarrow is not installed.
        """
        target = check_file(file, ENDINGS)
        renamed = self.table.rename(columns={"cached_tokens": UPPER_BOUND} if self.cached_is_upper_bound else {})
        if target.suffix == ".parquet":
            extra("pyarrow", "Parquet files", "parquet")
        with whole(target) as draft:
            if target.suffix == ".parquet":
                renamed.to_parquet(draft, index=False)
            else:
                packed = _PACKED.get(target.suffix)
                renamed.to_csv(draft, index=False, lineterminator="\n", compression=packed)
        return target

    def __repr__(self) -> str:
        """Return the number of requests, their rate and tokens, in one line."""
        seconds = seconds_of(self.table["time"])
        hours = float(seconds[-1] - seconds[0]) / 3600
        rate = f"{in_full(len(self) / hours / 3600)} a second, " if hours else ""
        mtok = [float(self.table[name].sum()) / 1e6 for name in TOKENS[:2]]
        said = f"{in_full(mtok[0])} Mtok in and {in_full(mtok[1])} out"
        return f"<{len(self):,} requests over {in_full(hours)} h, {rate}{said}>"


def row_problems(is_bad: BoolArray, values: pd.Series, column: str, problem: str, allowed: str) -> list[Violation]:
    """Return a violation for each of the first rows with a defect, and one for the number of all others."""
    rows = np.flatnonzero(is_bad)
    found = [
        Violation(
            "requests",
            f"row {values.index[row] + 1}",
            column,
            problem.format(show(values.iloc[[row]].tolist()[0])),
            allowed,
        )
        for row in rows[:MOST_NAMED]
    ]
    if len(rows) > MOST_NAMED:
        found.append(Violation("requests", "", column, f"{len(rows) - MOST_NAMED:,} more rows like it", allowed))
    return found


def _checked(table: pd.DataFrame) -> tuple[dict[str, pd.Series], list[Violation]]:
    """Return the columns of a trace with their types, and its defects."""
    table = table.reset_index(drop=True)
    found = [
        Violation("requests", "", str(name), "unknown column", ", ".join(COLUMNS))
        for name in table.columns
        if name not in COLUMNS
    ]
    found += [
        Violation("requests", "", name, "column missing", "one value a request")
        for name in COLUMNS[:3]
        if name not in table
    ]
    if table.empty:
        found.append(Violation("requests", "", "", "no requests", "one or more"))
    if found:
        return {}, found
    is_stamp = pd.api.types.is_datetime64_any_dtype(table["time"].dtype)
    columns = {"time": table["time"].dt.as_unit("ns") if is_stamp else table["time"]}
    found += _time_problems(columns["time"], is_stamp=is_stamp)
    for name in TOKENS:
        columns[name], problems = _whole(table[name] if name in table else pd.Series(np.zeros(len(table), int)), name)
        found += problems
    if not found:
        above = (columns["cached_tokens"] > columns["input_tokens"]).to_numpy()
        found += row_problems(above, columns["cached_tokens"], "cached_tokens", "{} of fewer input tokens", "<= input")
    for name in NAMES:
        if name in table:
            columns[name], problems = _names(table[name], name)
            found += problems
    return columns, found


def _names(values: pd.Series, name: str) -> tuple[pd.Series, list[Violation]]:
    """Return a column of names as texts, and its defects."""
    given = values.astype("category").cat
    texts, codes = [str(text) for text in given.categories], given.codes.to_numpy()
    known = [place for place, text in enumerate(given.categories) if not text_problem(text)]
    found = row_problems(~np.isin(codes, known), values, name, "{} is no name", "a name for every request")
    place, distinct = pd.factorize(np.array(texts, dtype=object))
    return pd.Series(pd.Categorical.from_codes(np.append(place, -1)[codes], pd.Index(distinct))), found


def _time_problems(time: pd.Series, *, is_stamp: bool) -> list[Violation]:
    """Return the times that are missing, no times, or before the time of the row above."""
    if not is_stamp and time.dtype.kind not in "iuf":
        return row_problems(np.ones(len(time), bool), time, "time", "{} is no time", "timestamps, or seconds")
    unknown = time.isna().to_numpy() if is_stamp else ~np.isfinite(time.to_numpy(float))
    found = row_problems(unknown, time, "time", "{} is no time", "timestamps, or seconds")
    if not found:
        ordered = time.astype("int64") if is_stamp else time
        before = np.append(False, np.diff(ordered.to_numpy()) < 0)
        found = row_problems(before, time, "time", "{} is before the row above", "requests in the order of time")
    return found


def _whole(values: pd.Series, name: str) -> tuple[pd.Series, list[Violation]]:
    """Return a column of tokens as whole numbers, and its defects."""
    allowed = "a whole number of at least 0"
    if values.dtype.kind not in "iuf":
        return values, row_problems(np.ones(len(values), bool), values, name, "{} is no number", allowed)
    bad = ~((values >= 0) & (values < _LARGEST)).to_numpy()
    if values.dtype.kind == "f":
        bad |= (values != np.floor(values)).to_numpy()
    found = row_problems(bad, values, name, "{} is out of range", allowed)
    return values if found else values.astype(np.int64), found
