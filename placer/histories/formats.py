"""Traces in files: any CSV or Parquet with named columns, and the formats of Azure, Mooncake and OpenTelemetry."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pandas as pd

from placer.datasets.places import find_trace
from placer.errors import InstanceError, Violation, refuse
from placer.histories.json_lines import read_mooncake, read_spans
from placer.histories.requests import COLUMNS, NAMES, TOKENS, UPPER_BOUND, Requests, row_problems
from placer.instance.arguments import need
from placer.instance.hours.timestamps import is_timestamp
from placer.utils.optional import extra

_Stream = gzip.GzipFile | lzma.LZMAFile | bz2.BZ2File | io.BufferedReader

Format = Literal["csv", "parquet", "azure", "mooncake", "opentelemetry"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "azure", "mooncake", "opentelemetry")
AZURE = {"time": "TIMESTAMP", "input_tokens": "ContextTokens", "output_tokens": "GeneratedTokens"}
#: Units of times that are numbers: how many are a second.
UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9, "min": 1 / 60, "h": 1 / 3600}
#: Rows that are read at a time.
_CHUNK = 1_000_000
#: Column of the cells after the last one of the header: pandas would drop them.
_MORE = "\0more"
_UNREADABLE = (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError, pd.errors.ParserError, csv.Error)


def read_requests(
    file: str | os.PathLike[str],
    format: Format | None = None,  # noqa: A002 - the word that users look for
    *,
    columns: Mapping[str, str] | None = None,
    time_unit: str = "s",
    cache_blocks: int | None = None,
) -> Requests:
    """Read a trace of requests as a stream; compressed files (``.gz``, ``.xz``, ``.bz2``) are read too.

    Parameters
    ----------
    file : path or name
        A file, or a trace that ships with placer: ``azure_2023_code``, ``azure_2023_conversation`` or
        ``mooncake_conversation``.
    format : str, optional
        ``csv`` or ``parquet`` (needs ``token-placer[parquet]``), with ``columns``; ``azure``; ``mooncake`` and
        ``opentelemetry``, in JSON lines. If not given, the ending and the first line decide.
    columns : mapping of str to str, optional
        The column of the file that holds ``time``, ``input_tokens``, ``output_tokens``, ``cached_tokens``,
        ``workload`` and ``hub``; a column of those names if not given. Of spans, the attribute that holds each.
    time_unit : str
        Of times that are numbers in CSV or Parquet: ``s``, ``ms``, ``us``, ``ns``, ``min`` or ``h``.
    cache_blocks : int, optional
        Blocks of 512 tokens that the cache of prefixes of a Mooncake trace holds, the least recently used given up
        first. Without it nothing is ever given up: cached tokens are then an upper bound, and named so.

    Raises
    ------
    InstanceError
        Listing every violation: an unknown format, missing columns, cells that are no times or numbers, and those of
        ``Requests``.
    PlacerError
        If the file is Parquet and pyarrow is not installed.

    Examples
    --------
    >>> float(read_requests("mooncake_conversation", cache_blocks=20_000).summary()["cached_share"].iloc[0].round(3))
    0.293
    >>> float(read_requests("mooncake_conversation").summary()["cached_share_upper_bound"].iloc[0].round(3))
    0.374
    """
    need(file, (str, os.PathLike), "a file", "write a text or a pathlib.Path")
    need(columns, (Mapping, type(None)), "a mapping of columns", "write {'time': 'Timestamp'}")
    path = find_trace(file)
    given = dict(columns or {})
    kind = _format_of(path) if format is None else format
    _check_arguments(kind, given, time_unit, cache_blocks)
    if kind == "mooncake":
        with _text(path) as text:
            return Requests(read_mooncake(text, cache_blocks), cached_is_upper_bound=cache_blocks is None)
    if kind == "opentelemetry":
        with _text(path) as text:
            table, notes = read_spans(text, given)
        return Requests(table, notes=notes)
    named = AZURE | given if kind == "azure" else given
    return _from_columns(path, named, UNITS[time_unit], is_parquet=kind == "parquet")


def _check_arguments(kind: str, columns: Mapping[str, str], time_unit: str, cache_blocks: int | None) -> None:
    """Refuse unknown names and numbers, all at once."""
    of_format = {"mooncake": (), "opentelemetry": (*TOKENS, *NAMES)}
    known = of_format.get(kind, (*COLUMNS, UPPER_BOUND))
    found = [
        Violation("requests", "", str(name), f"no column of {kind}", ", ".join(known) or "none")
        for name in columns
        if name not in known
    ]
    if kind not in FORMATS:
        found.append(Violation("requests", "", "format", f"{kind!r} is unknown", ", ".join(FORMATS)))
    if time_unit not in (("s",) if kind in of_format else UNITS):
        found.append(Violation("requests", "", "time_unit", f"{time_unit!r} does not fit", ", ".join(UNITS)))
    is_whole = isinstance(cache_blocks, int) and not isinstance(cache_blocks, bool) and cache_blocks >= 0
    if cache_blocks is not None and not (is_whole and kind == "mooncake"):
        allowed = "a whole number of at least 0, with the format mooncake"
        found.append(Violation("requests", "", "cache_blocks", f"{cache_blocks!r} does not fit", allowed))
    refuse(found)


def _format_of(path: Path) -> str:
    """Return the format that the ending and the first line of a file show."""
    if path.suffix == ".parquet":
        return "parquet"
    with _text(path) as text:
        line = text.readline()
    if not line.lstrip().startswith("{"):
        return "azure" if set(AZURE.values()) <= set(next(csv.reader([line]), [])) else "csv"
    try:
        item = json.loads(line)
    except ValueError:
        item = None
    keys = set(item) if isinstance(item, dict) else set()
    if "input_length" in keys:
        return "mooncake"
    if keys & {"resourceSpans", "attributes"}:
        return "opentelemetry"
    problem = f"the first line of {path.name} shows no known format"
    raise InstanceError([Violation("requests", "", "format", problem, ", ".join(FORMATS))])


def _opened(path: Path) -> _Stream:
    """Open a file, packed or not."""
    if path.suffix == ".gz":
        return gzip.open(path, "rb")
    if path.suffix == ".xz":
        return lzma.open(path, "rb")
    return bz2.open(path, "rb") if path.suffix == ".bz2" else path.open("rb")


@contextmanager
def _bytes(path: Path) -> Iterator[_Stream]:
    """Open a file; one that cannot be read is a violation."""
    try:
        with _opened(path) as stream:
            yield stream
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or str(error)
        allowed = "a file that can be read, or the name of a shipped trace"
        raise InstanceError([Violation(path.name, "", "", f"cannot be read: {reason}", allowed)]) from error


@contextmanager
def _text(path: Path) -> Iterator[io.TextIOWrapper[_Stream]]:
    with _bytes(path) as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        yield text


def _from_columns(path: Path, columns: Mapping[str, str], unit: float, *, is_parquet: bool) -> Requests:
    """Read the named columns of a CSV or Parquet file, chunk by chunk."""
    found: list[Violation] = []
    parts: list[pd.DataFrame] = []
    for chunk in _parquet_chunks(path, columns) if is_parquet else _csv_chunks(path, columns):
        parts.append(_typed(chunk, unit, sum(map(len, parts)), found))
    refuse(found)
    table = _joined(parts)
    is_bound = UPPER_BOUND in table
    return Requests(table.rename(columns={UPPER_BOUND: "cached_tokens"}), cached_is_upper_bound=is_bound)


def _csv_chunks(path: Path, columns: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    with _text(path) as text:
        lines = csv.reader(text)
        header, row = next(lines, []), next(lines, [])
    named = _named(header, columns)
    first = dict(zip(header, row, strict=False)).get(named["time"])
    # texts of numbers are turned into numbers exactly; texts of timestamps are read three times as fast untyped
    exact = {} if is_timestamp(first) else {named["time"]: "str"}
    with _text(path) as text:
        next(csv.reader(text), None)  # the header
        reader = pd.read_csv(
            text,
            header=None,
            names=[*header, _MORE],
            index_col=False,
            low_memory=False,
            chunksize=_CHUNK,
            dtype=exact | {named[name]: "category" for name in NAMES if name in named},
            keep_default_na=False,
            na_values=[""],
        )
        for chunk in reader:
            kept = chunk[[*named.values(), _MORE]]
            yield kept.set_axis([*named, _MORE], axis=1)


def _parquet_chunks(path: Path, columns: Mapping[str, str]) -> Iterator[pd.DataFrame]:
    arrow, parquet = (extra(name, "Parquet files", "parquet") for name in ("pyarrow", "pyarrow.parquet"))
    with _bytes(path) as stream:
        try:
            file = parquet.ParquetFile(stream)
            named = _named(file.schema_arrow.names, columns)
            for batch in file.iter_batches(batch_size=_CHUNK, columns=list(named.values())):
                yield batch.to_pandas()[list(named.values())].set_axis(list(named), axis=1)
        except arrow.ArrowInvalid as error:
            raise OSError(str(error)) from error


def _named(header: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the column of a file that holds each column of requests; refuse absent and ambiguous ones."""
    named = {name: name for name in (*COLUMNS, UPPER_BOUND) if name in header} | dict(columns)
    missing = [name for name in COLUMNS[:3] if name not in named]
    found = [
        Violation("requests", "", name, "column missing", f"columns={{{name!r}: ...}} with one of {', '.join(header)}")
        for name in missing
    ]
    found += [
        Violation("requests", "", name, f"no column {there!r}", ", ".join(header))
        for name, there in named.items()
        if there not in header
    ]
    found += [
        Violation("requests", "", name, "column given twice", "once")
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    refuse(found)
    return named


def _typed(chunk: pd.DataFrame, unit: float, before: int, found: list[Violation]) -> pd.DataFrame:
    """Return a chunk with times and numbers; add the cells that are none to the violations."""
    chunk.index = pd.RangeIndex(before, before + len(chunk))
    typed: dict[str, pd.Series] = {}
    if _MORE in chunk:
        more = chunk.pop(_MORE)
        found += row_problems(more.notna().to_numpy(), more, "", "{} after the last column", "as many cells as columns")
    for name, values in chunk.items():
        column = str(name)
        if column in NAMES:
            typed[column] = values.astype("category")
            continue
        read = _times(values, unit) if column == "time" else _numbers(values)
        bad = (read.isna() & values.notna()).to_numpy()
        if bad.any():
            what = "a time" if column == "time" else "a number"
            found += row_problems(bad, values, column, "{} is not " + what, what)
        typed[column] = read
    return pd.DataFrame(typed)


def _numbers(values: pd.Series) -> pd.Series:
    """Return numbers, NaN where a cell is none; texts are read exactly."""
    if values.dtype.kind in "iufb":  # truth values are refused later
        return values
    try:
        return values.astype(float)
    except (TypeError, ValueError):
        return pd.to_numeric(values, errors="coerce")


def _times(values: pd.Series, unit: float) -> pd.Series:
    """Return times as timestamps, or as seconds where they are numbers."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values
    numbers = _numbers(values.iloc[:1])
    if numbers.notna().all():
        return _numbers(values) if unit == 1 else _numbers(values) / unit
    try:
        return pd.to_datetime(values, errors="coerce", format="ISO8601")
    except ValueError as error:
        problem, allowed = "times of several time zones", "one zone for all, such as UTC, or none"
        raise InstanceError([Violation("requests", "", "time", problem, allowed)]) from error


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Join the chunks of a trace; names keep their categories."""
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS[:3]))
    for name in (name for name in NAMES if name in parts[0]):
        known = pd.api.types.union_categoricals([part[name] for part in parts]).categories
        parts = [part.assign(**{name: part[name].cat.set_categories(known)}) for part in parts]
    return pd.concat(parts, ignore_index=True)
