"""The errors of the project, in its own words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

from placer.currency import USD, amount_in
from placer.termination import Reason
from placer.texts import visible

T = TypeVar("T")

#: How many kinds of violations a message spells out; all violations are in ``InstanceError.violations``.
SHOWN = 20
#: How many further rows of one kind of violation a message names.
_SHOWN_ROWS = 3

#: Parts of a message that differ between violations of one kind: a quoted value, a number.
_VALUES = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?|\b(?:True|False|inf)\b")


class PlacerError(Exception):
    """Base class of every error that placer raises on purpose."""


@dataclass(frozen=True)
class Violation:
    """One defect of the input.

    Attributes
    ----------
    table : str
        Table, file or graph part the value stands in.
    row : str
        Name of the node, edge, workload or line; empty if the whole table is meant.
    column : str
        Column or attribute; empty if the whole row is meant.
    problem : str
        The violation, in a few words.
    allowed : str
        The valid values.
    """

    table: str
    row: str
    column: str
    problem: str
    allowed: str = ""

    def __str__(self) -> str:
        """Return the violation as one line, with unprintable characters escaped: names may come from broken files."""
        place = self.table + (f"[{self.row}]" if self.row else "") + (f".{self.column}" if self.column else "")
        text = f"{place}: {self.problem}" + (f" (allowed: {self.allowed})" if self.allowed else "")
        return visible(text)


class InstanceError(PlacerError, ValueError):
    """The input is not a valid instance. The error lists every violation, not only the first.

    Attributes
    ----------
    violations : tuple of Violation
        All defects, in the order of the tables.
    notes : tuple of str
        What was ignored in the input, one sentence each: a file or column may have what is missing.
    """

    def __init__(self, violations: Iterable[Violation], notes: Iterable[str] = ()) -> None:
        self.violations = tuple(violations)
        self.notes = tuple(notes)
        super().__init__(self.violations, self.notes)

    def __str__(self) -> str:
        """Return one line per kind of violation, with a count: the first 20 kinds; then the notes."""
        kinds: dict[tuple[str, ...], list[Violation]] = {}
        for violation in self.violations:
            kinds.setdefault(_kind_of(violation), []).append(violation)
        lines = [_one_line(alike) for alike in list(kinds.values())[:SHOWN]]
        hidden = sum(len(alike) for alike in list(kinds.values())[SHOWN:])
        if hidden:
            lines.append(f"  and {hidden} more")
        lines += [f"  note: {visible(note)}" for note in self.notes[:SHOWN]]
        count = len(self.violations)
        return "\n".join([f"{count:,} violation{'s' * (count != 1)} in the input", *lines])


def _kind_of(violation: Violation) -> tuple[str, ...]:
    """Return the key of violations that differ only by row and value; a violation without a row has its own."""
    if not violation.row:
        return (violation.table, "", violation.column, violation.problem)
    return (violation.table, "row", violation.column, _VALUES.sub("#", violation.problem))


def _one_line(alike: list[Violation]) -> str:
    """Return the first of several violations of one kind, and the number and the rows of the others."""
    first, *others = alike
    if not others:
        return f"  {first}"
    rows = dict.fromkeys(violation.row for violation in others)
    named = ", ".join(list(rows)[:_SHOWN_ROWS]) + (", ..." if len(rows) > _SHOWN_ROWS else "")
    return f"  {first}\n    and {len(others):,} more like it: {visible(named)}"


def refuse(violations: Iterable[Violation]) -> None:
    """Raise ``InstanceError`` if there are any violations."""
    if found := list(violations):
        raise InstanceError(found)


def collected(violations: list[Violation], read: Callable[[], T]) -> T | None:
    """Return a part of the input; if it has violations, append them to the list, for one error on all parts."""
    try:
        return read()
    except InstanceError as error:
        violations += error.violations
        return None


class ArgumentError(PlacerError, TypeError):
    """An argument has the wrong type; the message names the type expected."""


class InputWarning(UserWarning):
    """Input that is allowed, changes the answer, and is probably not intended; ``placer.solve`` gives it."""


class SolverError(PlacerError):
    """A solver is not available here, or was given an option it does not have."""


class OutputError(PlacerError, OSError):
    """A file or folder cannot be written. The file that was there stays."""


class StoreError(PlacerError):
    """Results cannot be stored, read or resumed. The file is left as it is."""


class BatchError(PlacerError):
    """A batch cannot continue, or cannot be kept as asked. Finished rows are kept."""


class WorkerDiedError(PlacerError):
    """A worker process ended before its task did: it was killed, crashed, or ran out of memory."""


class FoundCertificate(Protocol):
    """The part of a ``placer.Certificate`` that an error speaks of."""

    @property
    def objective(self) -> float:
        """Cost and penalty, in USD."""
        ...

    @property
    def feasible(self) -> bool:
        """Whether the placement satisfies every limit."""
        ...

    @property
    def proven(self) -> bool:
        """Whether it is proven optimal."""
        ...


class FoundPlacement(Protocol):
    """The part of a ``placer.Placement`` that an error speaks of."""

    @property
    def certificate(self) -> FoundCertificate:
        """The verified figures."""

    @property
    def cost_usd(self) -> float:
        """Cost without the penalty."""

    @property
    def currency(self) -> str:
        """The currency of all amounts."""


class NoSolutionError(PlacerError):
    """No verified solution was reached.

    Attributes
    ----------
    reason : Reason
        Why the solver stopped.
    detail : str
        What happened, attempt by attempt.
    bound_usd : float
        Proven lower bound on the cost of every placement of the instance that was asked for, penalty included; -inf if
        nothing was proven, and where a program within a larger question was not solved.
    placement : Placement or None
        The best placement found before a limit was reached, feasible as its ``certificate`` shows and not proven
        optimal; None if there is none.
    currency : str
        Of the bound and of the cost of the placement.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        bound_usd: float = -math.inf,
        placement: FoundPlacement | None = None,
        currency: str = USD,
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.bound_usd = bound_usd
        self.placement = placement
        self.currency = currency if placement is None else placement.currency
        super().__init__(reason, detail, bound_usd, placement, currency)

    def stated_in(self, currency: str) -> Self:
        """Return the error with the currency of its instance, which solvers do not know."""
        self.currency = currency
        return self

    def __str__(self) -> str:
        """Return the reason and the detail."""
        said = f"no verified solution ({self.reason}): {self.detail}"
        if not math.isinf(self.bound_usd):
            said += f"; no placement costs less than {amount_in(self.bound_usd, self.currency)}"
        if self.placement is not None:
            said += f", the best so far {amount_in(self.placement.certificate.objective, self.currency)}"
        return said


@contextmanager
def on_another_program() -> Iterator[None]:
    """Take bound and placement from an error on another program than that of the caller; also a decorator.

    They would be read as those of the caller's placement: the least cost under autarky exceeds that with trade.

    Examples
    --------
    >>> try:
    ...     with on_another_program():
    ...         raise NoSolutionError(Reason.TIME_LIMIT, "autarky", 7.0)
    ... except NoSolutionError as error:
    ...     print(error)
    no verified solution (time limit): autarky
    """
    try:
        yield
    except NoSolutionError as error:
        error.bound_usd, error.placement = -math.inf, None
        raise


@dataclass(frozen=True)
class RowChange:
    """How far one side of an own row of a model has to give.

    Attributes
    ----------
    row : str
        Name of the own row.
    side : str
        ``lower`` or ``upper``.
    given, needed : float
        The side as given, and as the least change of all own rows together leaves it.
    """

    row: str
    side: str
    given: float
    needed: float

    def __str__(self) -> str:
        """Return the change as text."""
        return visible(f"{self.side} of {self.row!r}: {self.needed:.6g} in place of {self.given:.6g}")


class InfeasibleModelError(NoSolutionError):
    """No placement meets all own rows of a ``placer.Model``.

    Attributes
    ----------
    changes : tuple of RowChange
        The least change of the own rows that lets them be met, each row measured against the larger of its side and
        its largest coefficient; ``placer.extended.elastic`` defines it. Other changes may do as well.
    """

    def __init__(self, reason: Reason, detail: str, changes: Iterable[RowChange]) -> None:
        super().__init__(reason, detail)
        self.changes = tuple(changes)

    def __str__(self) -> str:
        """Return which own rows must give, and by how much."""
        must = "; ".join(map(str, self.changes))
        return f"no placement meets all own rows; the least change that lets them be met: {must}"

    def __reduce__(self) -> tuple[type[InfeasibleModelError], tuple[Reason, str, tuple[RowChange, ...]]]:
        """Return the call that makes the error again in another process."""
        return InfeasibleModelError, (self.reason, self.detail, self.changes)


class InfeasibleBuildLimitsError(NoSolutionError):
    """No plan keeps all build limits.

    Attributes
    ----------
    changes : tuple of RowChange
        The least change of the build limits that lets them be kept, each measured against the larger of its amount and
        the most that a unit takes of it. Other changes may do as well.
    """

    def __init__(self, reason: Reason, detail: str, changes: Iterable[RowChange]) -> None:
        super().__init__(reason, detail)
        self.changes = tuple(changes)

    def __str__(self) -> str:
        """Return which build limits must give, and by how much."""
        must = "; ".join(map(str, self.changes))
        return f"no plan keeps all build limits; the least change that lets them be kept: {must}"

    def __reduce__(self) -> tuple[type[InfeasibleBuildLimitsError], tuple[Reason, str, tuple[RowChange, ...]]]:
        """Return the call that makes the error again in another process."""
        return InfeasibleBuildLimitsError, (self.reason, self.detail, self.changes)
