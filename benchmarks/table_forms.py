"""How the outputs of runs become a table in Markdown."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from string import Formatter
from typing import Any

from .report import markdown
from .runs import Finished, Run

#: From the runs that have ended to Markdown.
Form = Callable[[Sequence[Finished]], str]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes
    ----------
    name : str
        Of its marks in the page.
    form : callable
    runs : tuple of Run
        What measures it.
    """

    name: str
    form: Form
    runs: tuple[Run, ...]


class _Cells(Formatter):
    """Formats fields of a row: empty where it has none, or NaN."""

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Any) -> Any:
        value = super().get_value(key, args, kwargs) if key in kwargs else None
        return None if isinstance(value, float) and math.isnan(value) else value

    def format_field(self, value: Any, format_spec: str) -> str:
        return "" if value is None else super().format_field(value, format_spec)


def cells(row: dict[str, Any], columns: Iterable[str]) -> list[str]:
    """Return the cells of a row, each a format of its fields."""
    return [_Cells().vformat(each, (), row) for each in columns]


def formatted(columns: dict[str, str], keep: Callable[[dict[str, Any]], bool] = bool) -> Form:
    """Return the form of rows of JSON: headings with the formats of their cells, and which rows are shown.

    Fields of a row are those that the command printed, ``run``, ``extra``, ``arguments`` of its command, and
    ``whole_`` figures of the process.
    """
    return partial(_formatted, columns, keep)


def _formatted(columns: dict[str, str], keep: Callable[[dict[str, Any]], bool], found: Sequence[Finished]) -> str:
    rows = [of_run(each) | row for each in found for row in each.rows if keep(row)]
    if len({each.extra for each in found}) > 1:
        columns = columns | {"extra": "{extra}"}
    return markdown(tuple(columns), (cells(row, columns.values()) for row in rows))


def of_run(found: Finished) -> dict[str, Any]:
    """Return what a run adds to its rows."""
    _, _, arguments = found.command.partition(" ")
    figures = {"whole_seconds": found.seconds, "whole_mb": found.peak_mb}
    return {"run": found.name, "extra": found.extra, "arguments": arguments.replace("--json", "").strip()} | figures


def printed(found: Sequence[Finished]) -> str:
    """Return the last table in Markdown that each run printed, as one."""
    several = len({each.extra for each in found}) > 1

    def ended(line: str, cell: str) -> str:
        return f"{line} {cell} |" if several else line

    tables = [(each.extra, _last_table(each.output)) for each in found]
    head = next(([ended(table[0], "extra"), ended(table[1], "---")] for _, table in tables if table), [])
    return "\n".join(head + [ended(line, extra) for extra, table in tables for line in table[2:]])


def _last_table(output: str) -> list[str]:
    blocks: list[list[str]] = [[]]
    for line in output.splitlines():
        if line.startswith("|"):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return next((block for block in reversed(blocks) if block), [])


def last_lines(found: Sequence[Finished]) -> str:
    """Return the command of each run and the last line that it printed."""
    lines = [(f"`{each.command}`", (each.output.strip().splitlines() or ["nothing"])[-1]) for each in found]
    return markdown(("command", "says"), lines)
