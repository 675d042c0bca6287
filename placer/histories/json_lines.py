"""Traces in JSON lines, read as a stream: Mooncake's, and spans of OpenTelemetry."""

from __future__ import annotations

import json
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import InstanceError, Violation
from placer.histories.requests import MOST_NAMED, NAMES, TOKENS
from placer.instance.attributes.validation import show

#: The attribute of a span that holds each column.
SPAN_ATTRIBUTES = {
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cached_tokens": "gen_ai.usage.cache_read.input_tokens",
}
_OPERATION = "gen_ai.operation.name"
#: Operations that are one request to a model; a span of an agent or a workflow sums up those within it.
_REQUESTS = ("chat", "generate_content", "text_completion", "embeddings")
_NUMBERS = ("time", *TOKENS)


@dataclass
class _Rows:
    """The rows that were read so far, in compact arrays, and the defects."""

    numbers: dict[str, array[int]] = field(default_factory=lambda: {name: array("q") for name in _NUMBERS})
    names: dict[str, list[str]] = field(default_factory=dict)
    found: list[Violation] = field(default_factory=list)

    def add(self, line: int, time: object, tokens: Iterable[object], names: Mapping[str, object]) -> None:
        """Add a request, or its defects."""
        given = dict(zip(_NUMBERS, (time, *tokens), strict=True))
        whole = {name: value for name, value in given.items() if isinstance(value, int) and type(value) is not bool}
        numbers = {name: value for name, value in whole.items() if 0 <= value < 2**63}
        texts = {name: value for name, value in names.items() if isinstance(value, str)}
        if len(numbers) < len(given) or len(texts) < len(names):
            expected = dict.fromkeys(given, "a whole number of at least 0") | dict.fromkeys(names, "a name")
            self.refuse(
                *(
                    Violation("requests", f"line {line}", name, "missing" if value is None else show(value), allowed)
                    for (name, value), allowed in zip((given | dict(names)).items(), expected.values(), strict=True)
                    if name not in numbers and name not in texts
                )
            )
            return
        for name, number in numbers.items():
            self.numbers[name].append(number)
        for name, text in texts.items():
            self.names.setdefault(name, []).append(text)

    def refuse(self, *problems: Violation) -> None:
        """Keep defects; stop where there are many."""
        self.found += problems
        if len(self.found) >= MOST_NAMED:
            raise InstanceError([*self.found, Violation("requests", "", "", "more lines were not read", "")])

    def table(self) -> pd.DataFrame:
        """Return the columns; raises ``InstanceError`` with all defects."""
        if self.found:
            raise InstanceError(self.found)
        numbers = {name: np.array(kept, dtype=np.int64) for name, kept in self.numbers.items()}
        return pd.DataFrame(numbers | {name: pd.Categorical(texts) for name, texts in self.names.items()})


def read_mooncake(lines: Iterable[str], cache_blocks: int | None) -> pd.DataFrame:
    """Return the table of a trace of Mooncake: ``timestamp`` in ms, ``input_length``, ``output_length``, ``hash_ids``.

    Parameters
    ----------
    cache_blocks : int or None
        Blocks of 512 tokens that the cache holds; None for a cache without limit, 0 for none.

    Raises
    ------
    InstanceError
        Listing every defect by its line.
    """
    rows = _Rows()
    cache = PrefixCache(cache_blocks)
    for number, item in _objects(lines, rows):
        given, blocks = item.get("input_length"), item.get("hash_ids", [])
        if not isinstance(blocks, list) or any(type(block) is not int for block in blocks):
            rows.refuse(Violation("requests", f"line {number}", "hash_ids", show(blocks), "a list of whole numbers"))
            continue
        held = cache.used(blocks) * BLOCK_TOKENS
        cached = min(held, given) if isinstance(given, int) else held
        rows.add(number, item.get("timestamp"), (given, item.get("output_length"), cached), {})
    table = rows.table()
    return table.assign(time=table["time"] / 1000)


def read_spans(lines: Iterable[str], columns: Mapping[str, str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the table of spans of OpenTelemetry, in the order of their start, and notes on other spans.

    A line is an export of OTLP in JSON (``resourceSpans``), or a span with ``attributes`` by name and a start. Spans
    without tokens of input are no requests, nor are spans of agents and workflows, whose tokens are those of the spans
    within them: the notes count both. Embeddings may lack tokens of output.

    Parameters
    ----------
    columns : mapping of str to str
        Attributes in place of those of the semantic conventions, and of ``workload`` and ``hub``.

    Raises
    ------
    InstanceError
        Listing every defect by its line.
    """
    rows, others, sums = _Rows(), 0, 0
    attribute = SPAN_ATTRIBUTES | dict(columns)
    for number, item in _objects(lines, rows):
        try:
            spans = list(_spans(item))
        except (AttributeError, TypeError):
            rows.refuse(Violation("requests", f"line {number}", "", "no spans of OTLP", "resourceSpans, or one span"))
            continue
        for start, given in spans:
            operation = given.get(_OPERATION)
            if attribute["input_tokens"] not in given:
                others += 1
            elif operation is not None and operation not in _REQUESTS:
                sums += 1
            else:
                output = given.get(attribute["output_tokens"], 0 if operation == "embeddings" else None)
                tokens = (given[attribute["input_tokens"]], output, given.get(attribute["cached_tokens"], 0))
                names = {name: given.get(attribute[name]) for name in NAMES if name in attribute}
                rows.add(number, start, tokens, names)
    counted = ((others, "spans without input tokens are no requests"), (sums, "spans of agents sum up other spans"))
    notes = tuple(f"{count:,} {text}" for count, text in counted if count)
    table = rows.table().sort_values("time", kind="stable", ignore_index=True)
    return table.assign(time=pd.to_datetime(table["time"], unit="ns", utc=True)), notes


def _objects(lines: Iterable[str], rows: _Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the object of every line that is not empty, with its number."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except ValueError as error:
            rows.refuse(Violation("requests", f"line {number}", "", f"no JSON: {error}", "one object a line"))
            continue
        if isinstance(item, dict):
            yield number, item
        else:
            rows.refuse(Violation("requests", f"line {number}", "", show(item), "one object a line"))


def _spans(item: Mapping[str, Any]) -> Iterator[tuple[object, dict[str, object]]]:
    """Yield the start in ns and the attributes of every span of an object."""
    if "resourceSpans" not in item:
        start = item.get("startTimeUnixNano", item.get("start_time"))
        yield _nanoseconds(start), _attributes(item.get("attributes"))
        return
    for resource in item["resourceSpans"]:
        for scope in resource.get("scopeSpans", []):
            for span in scope.get("spans", []):
                yield _nanoseconds(span.get("startTimeUnixNano")), _attributes(span.get("attributes"))


def _nanoseconds(start: object) -> object:
    """Return a start as whole nanoseconds, or as it is where it cannot be read."""
    if isinstance(start, str) and start.isdecimal():
        return int(start)
    if isinstance(start, str):
        read = pd.to_datetime(start, utc=True, errors="coerce", format="ISO8601")
        return start if pd.isna(read) else read.as_unit("ns").value
    return start


def _attributes(given: object) -> dict[str, object]:
    """Return attributes by name, from a mapping or from the list of OTLP."""
    if isinstance(given, dict):
        return given
    if not isinstance(given, list):
        return {}
    return {each["key"]: _value(each.get("value", {})) for each in given if isinstance(each, dict) and "key" in each}


def _value(given: Mapping[str, Any]) -> object:
    """Return the value of an attribute of OTLP, in which whole numbers are texts."""
    if "intValue" in given:
        text = str(given["intValue"])
        return int(text) if text.lstrip("-").isdecimal() else text
    return next(iter(given.values()), None)


#: Tokens of a block in Mooncake's traces.
BLOCK_TOKENS = 512


class PrefixCache:
    """The blocks that a cache holds.

    A block is known by a hash of it and of all blocks before it. The blocks of a request are used from the last to the
    first, so that the first are dropped last: a block is held only with all blocks before it.

    Parameters
    ----------
    blocks : int, optional
        Number of blocks that the cache holds; any number if not given.

    Examples
    --------
    >>> cache = PrefixCache(3)
    >>> [cache.used(blocks) for blocks in ([1, 2, 3], [1, 2, 4], [1, 2, 3])]  # 3 gave way to 4
    [0, 2, 2]
    """

    def __init__(self, blocks: int | None = None) -> None:
        self._limit = blocks
        self._held: OrderedDict[int, None] = OrderedDict()

    def used(self, blocks: Sequence[int]) -> int:
        """Return how many of the first blocks of a request are held; hold all of them from then on."""
        held = self._held
        hits = next((place for place, block in enumerate(blocks) if block not in held), len(blocks))
        if self._limit is None:
            held.update(dict.fromkeys(blocks))
            return hits
        for block in reversed(blocks):
            held[block] = None
            held.move_to_end(block)
        while len(held) > self._limit:
            held.popitem(last=False)
        return hits
