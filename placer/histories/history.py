"""Demand by class and step over whole days, as it came."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from placer.errors import Violation, refuse
from placer.histories.gaps import FILLED, Missing
from placer.histories.history_tables import (
    HISTORY,
    RATES,
    rates_as_history,
    requests_as_history,
    series_of,
    steps_per_day,
    table_of,
)
from placer.histories.requests import Requests
from placer.instance.arguments import need


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """Requests and tokens by class and step over whole days, from a midnight on.

    Attributes
    ----------
    requests, mtok : DataFrame
        One row a step, one column a class: requests, and Mtok of input and output, of the step. A class whose requests
        or tokens are not known has NaN in the whole column.
    step_minutes : float
        Length of a step; a day is a whole number of steps.
    filled : DataFrame
        One row per class and step whose figures are no data: ``class``, ``day``, ``step`` of the day, and the ``rule``
        that filled it.

    Raises
    ------
    InstanceError
        Listing every violation.

    Examples
    --------
    >>> history = History.of_rates("servegen_rates", ["m-large", "m-mid"], missing="profile")
    >>> history
    <14 days of 144 steps, 2 classes, 84 steps filled (m-mid 84)>
    >>> history.filled.head(2)
       class  day  step     rule
    0  m-mid    3    90  profile
    1  m-mid    3    91  profile
    """

    requests: pd.DataFrame
    mtok: pd.DataFrame
    step_minutes: float
    filled: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(FILLED)))

    def __post_init__(self) -> None:
        """Refuse amounts that are no demand of whole days."""
        for name in ("requests", "mtok", "filled"):
            need(
                getattr(self, name), pd.DataFrame, f"a table as {name}", "History.of_table(rows, 10) returns a history"
            )
            object.__setattr__(self, name, getattr(self, name).copy())
        refuse(self._problems())

    @classmethod
    def of_rates(
        cls,
        rates: pd.DataFrame | str | os.PathLike[str],
        classes: Sequence[str] | None = None,
        *,
        days: int | None = None,
        missing: Missing = "error",
    ) -> History:
        """Return the history of rates of requests by pool and second, with mean lengths.

        Parameters
        ----------
        rates : DataFrame, path or name
            A table, a CSV file or a shipped one (``servegen_rates``): ``pool``, ``second`` since the first midnight,
            ``requests_per_second``, ``mean_input_tokens`` and ``mean_output_tokens``.
        classes : sequence of str, optional
            The pools that are taken; all if not given.
        days : int, optional
            The first days alone.
        missing : str
            The rule for empty steps: ``error``, ``interpolate``, ``profile`` or ``zero`` (``placer.histories.gaps``).

        Raises
        ------
        InstanceError
            Listing every violation, and every empty step that no rule fills.
        """
        rows, step_minutes = rates_as_history(table_of(rates, RATES), classes)
        return cls._of(rows, step_minutes, days, missing)

    @classmethod
    def of_table(
        cls,
        table: pd.DataFrame | str | os.PathLike[str],
        step_minutes: float,
        *,
        days: int | None = None,
        missing: Missing = "error",
    ) -> History:
        """Return the history of a table or CSV file of ``class``, ``step``, and ``requests``, ``mtok`` or both.

        Steps are counted from the first midnight. ``days`` and ``missing`` are as for ``of_rates``.

        Raises
        ------
        InstanceError
            Listing every violation, and every empty step that no rule fills.

        Examples
        --------
        >>> rows = [{"class": "chat", "step": step, "mtok": mtok} for step, mtok in enumerate([1.0, 3.0])]
        >>> History.of_table(pd.DataFrame(rows), step_minutes=720).mtok["chat"].tolist()
        [1.0, 3.0]
        """
        return cls._of(table_of(table, HISTORY), step_minutes, days, missing)

    @classmethod
    def of_requests(
        cls, requests: Requests, step_minutes: float = 10, *, days: int | None = None, missing: Missing = "error"
    ) -> History:
        """Return the history that a trace counts up to, from the midnight before its first request.

        Its classes are the workloads of the trace, or ``all``, over all hubs. A step without a request is a gap:
        ``missing="zero"`` says that nothing was asked for then.

        Raises
        ------
        InstanceError
            Listing every violation, and every empty step that no rule fills.

        Examples
        --------
        >>> import placer
        >>> trace = placer.read_requests("azure_2023_code")
        >>> hourly = History.of_requests(trace, 60, missing="zero")
        >>> hourly.requests["all"][18:21].tolist()
        [7717.0, 1102.0, 0.0]
        """
        need(requests, Requests, "requests", "placer.read_requests(file) returns some")
        rows = requests_as_history(requests.table, 1440 / steps_per_day(step_minutes))
        return cls._of(rows, step_minutes, days, missing)

    @classmethod
    def _of(cls, rows: pd.DataFrame, step_minutes: float, days: int | None, missing: Missing) -> History:
        requests, mtok, filled = series_of(rows, steps_per_day(step_minutes), days, missing)
        return cls(requests, mtok, float(step_minutes), filled)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(map(str, self.mtok.columns))

    @property
    def steps_per_day(self) -> int:
        """Number of steps of a day."""
        return steps_per_day(self.step_minutes)

    @property
    def days(self) -> int:
        """Number of days."""
        return len(self.mtok) // self.steps_per_day

    @property
    def table(self) -> pd.DataFrame:
        """The history as rows of ``class``, ``step``, ``requests`` and ``mtok``; ``History.of_table`` reads it."""
        names = np.repeat(np.array(self.classes, dtype=object), len(self.mtok))
        steps = np.tile(np.arange(len(self.mtok)), len(self.classes))
        figures = {name: getattr(self, name).to_numpy(float).ravel(order="F") for name in ("requests", "mtok")}
        return pd.DataFrame({"class": names, "step": steps, **figures})

    def about_filled(self) -> str:
        """Return how many steps of each class were filled; empty if none."""
        counts = self.filled["class"].value_counts(sort=False)
        named = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        return f"{len(self.filled):,} steps filled ({named})" if named else ""

    def __repr__(self) -> str:
        """Return the size, and the number of filled steps, in one line."""
        filled = self.about_filled()
        size = f"{self.days:,} days of {self.steps_per_day:,} steps, {len(self.classes)} classes"
        return f"<{size}{', ' if filled else ''}{filled}>"

    def _problems(self) -> list[Violation]:
        count = len(self.mtok)
        if not (self.requests.columns.equals(self.mtok.columns) and len(self.requests) == count):
            return [Violation("history", "", "", "requests and mtok differ in steps or classes", "the same of both")]
        found = []
        if not count or count % self.steps_per_day:
            problem = f"{count:,} steps are no whole days"
            found.append(Violation("history", "", "", problem, f"a multiple of {self.steps_per_day}"))
        for name, frame in (("requests", self.requests), ("mtok", self.mtok)):
            values = frame.to_numpy(float)
            known = ~np.isnan(values).all(axis=0)
            bad = (~(values >= 0) | np.isinf(values)) & known
            for step, place in np.argwhere(bad):
                row = f"{frame.columns[place]}|{step}"
                found.append(Violation("history", row, name, f"{values[step, place]:g}", "number, >= 0, finite"))
        unknown = self.requests.isna().all() & self.mtok.isna().all()
        names = [str(name) for name in unknown.index[unknown]]
        return found + [Violation("history", name, "", "neither requests nor mtok", "one or both") for name in names]
