"""Columns and tables as values: the name, kind, range and default of an attribute, and the key of a table."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from placer.currency import USD


class Kind(StrEnum):
    """The kind of values that a column holds."""

    NUMBER = "number"
    WHOLE = "whole number"
    HOUR = "whole number, or timestamp"
    HOURLY = "number, or one per hour"
    TEXT = "text"
    NAMES = "names"


@dataclass(frozen=True)
class Required:
    """Marks a column that has no default."""


REQUIRED = Required()


@dataclass(frozen=True)
class Column:
    """One attribute: name with its unit, kind, allowed range and default.

    Attributes
    ----------
    low, high : float
        Allowed range, bounds included unless ``low_open`` or ``high_open``. ``high = inf`` admits infinity
        only where ``unlimited``.
    default : object
        Value of an absent attribute, or ``REQUIRED``. ``None`` stands for 'not given'.
    scaled : bool
        Whether the magnitude matters to a solver and must lie within the limits above.
    currency : str
        Of its amounts, whatever its name says.
    """

    name: str
    kind: Kind = Kind.NUMBER
    low: float = -math.inf
    high: float = math.inf
    default: object = REQUIRED
    low_open: bool = False
    high_open: bool = False
    unlimited: bool = False
    scaled: bool = True
    currency: str = USD

    @property
    def allowed(self) -> str:
        """The allowed values in words, for error messages."""
        if self.kind in (Kind.TEXT, Kind.NAMES):
            return self.kind.value
        if self.kind is Kind.HOUR:
            return f"{replace(self, kind=Kind.WHOLE).allowed}, or a timestamp"
        parts = [str(self.kind.value)]
        if math.isfinite(self.low):
            parts.append(f"{'>' if self.low_open else '>='} {self.low:g}")
        if math.isfinite(self.high):
            parts.append(f"{'<' if self.high_open else '<='} {self.high:g}")
        parts.append("finite or inf" if self.unlimited else "finite")
        return ", ".join(parts)

    def admits(self, value: float) -> bool:
        """Whether a number lies in the allowed range."""
        if math.isnan(value) or (math.isinf(value) and not (self.unlimited and value > 0)):
            return False
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below


@dataclass(frozen=True)
class Table:
    """One table: its key columns, which identify a row, and the others.

    Attributes
    ----------
    unique : bool
        Whether a key has one row.
    once : str
        What is allowed in place of several rows of a key.
    closed : bool
        Whether an unknown column is an error, since a figure that is passed over would change the answer.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    unique: bool = True
    once: str = "once"
    closed: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    def in_currency(self, currency: str) -> Table:
        """Return the table of an instance in a currency."""
        if currency == USD:
            return self
        return replace(self, columns=tuple(replace(column, currency=currency) for column in self.columns))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of all columns, key first."""
        return tuple(column.name for column in self.columns)
