"""What large work must reach: the runs that measure it, the figure before compiled loops, and the most it may take."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .report import markdown
from .runs import FAST, NUMPY, Finished, Run

_BENCH = "placer bench --out {folder} --resume --json --quiet"
_BOTH = (FAST, NUMPY)
_EVERY_SEED = "--seed 0 --seed 7 --seed {seed}"

Rows = Sequence[dict[str, Any]]


def _fleet(size: str, solvers: str = "", seeds: str = "--seed 0", repeat: int = 3) -> Run:
    """Return the run of a size of ``fleet``: on one thread, on two, without the extra, and perhaps by more solvers."""
    bench = f"{_BENCH} --family fleet --solver columns-2 --solver columns-numpy {solvers}".strip()
    command = f"{bench} --size {size} {seeds} --repeat {repeat} --time-limit 1500"
    return Run(size, command, f"{bench} --size 5x20x3x6 --repeat 1")


def _plan(name: str, arguments: str, quick: str = "") -> Run:
    command = "benchmarks.plan --json --sets"
    return Run(name, f"{command} {arguments}", f"{command} 2 --gap 1e-2{quick}", extras=_BOTH)


def _year(name: str, arguments: str) -> Run:
    command = "benchmarks.year --json --days"
    return Run(name, f"{command} 365 --workers 2 {arguments}", f"{command} 2 --workers 1 {arguments}", extras=_BOTH)


#: The runs by name.
RUNS = {
    run.name: run
    for run in (
        _fleet("large", "--solver simplex", _EVERY_SEED),
        _fleet("week", seeds=_EVERY_SEED),
        _fleet("huge"),
        *map(_fleet, ("200x200x6x24", "400x200x6x24", "400x400x4x24")),
        _fleet("1000x500x6x24", repeat=1),
        _year("year", "--batteries 0.25"),
        _year("year with a cap", "--cap 0.97"),
        _plan("plan 40", "40 --workers 2 --again", " --again"),
        _plan("plan 40, one process", "40 --again", " --again"),
        _plan("plan 1,000", "1000 --gap 1e-4 --workers 2"),
        Run(
            "curve",
            f"{_BENCH} --phase curve --dataset china -s load_63",
            f"{_BENCH} --phase curve --dataset tiny --repeat 1",
            extras=_BOTH,
        ),
    )
}


@dataclass(frozen=True)
class Target:
    """A line of the table.

    Attributes
    ----------
    work : str
    run : str
        Of ``RUNS``.
    figures : callable
        From the rows of the run to figures: one, or one for each seed.
    before : str
        The figure before compiled loops, on two cores.
    most : float
        What no figure may exceed; with ``least``, what none may fall below.
    least : bool
    most_mb : float
        Memory that the run may take.
    """

    work: str
    run: str
    figures: Callable[[Rows], list[float]]
    before: str
    most: float
    least: bool = False
    most_mb: float = math.inf

    @property
    def bound(self) -> str:
        """The target in words."""
        memory = f", {self.most_mb:,.0f} MB" if math.isfinite(self.most_mb) else ""
        return f"{'>=' if self.least else '<='} {self.most:g}{memory}"

    def met(self, figures: Sequence[float], megabytes: float) -> bool:
        """Whether all figures and the memory meet it; not if there are none."""
        within = all(value >= self.most if self.least else value <= self.most for value in figures)
        return bool(figures) and within and not megabytes > self.most_mb


def _values(rows: Rows, field: str, facts: dict[str, str]) -> list[float]:
    of_rows = [row for row in rows if all(row.get(name) == value for name, value in facts.items())]
    return [row[field] for row in of_rows if row.get(field) is not None]


def _seconds(**facts: str) -> Callable[[Rows], list[float]]:
    return lambda rows: _values(rows, "seconds", facts)


def _times_as_fast(rows: Rows) -> list[float]:
    return _values(rows, "ratio", {"solver": "simplex"})


def _part_of_first(*ways: str) -> Callable[[Rows], list[float]]:
    """Return the function that divides processor seconds of re-plans by those of the first plan."""

    def parts(rows: Rows) -> list[float]:
        first = _values(rows, "processor_seconds", {"way": "search"})
        again = [value for way in ways for value in _values(rows, "processor_seconds", {"way": way})]
        return [value / first[0] for value in again] if first else []

    return parts


_OURS, _ON_TWO, _WITHOUT = (_seconds(solver=name) for name in ("columns", "columns-2", "columns-numpy"))
_NEAR, _FAR = ("re-plan, all candidates 1 % dearer",), ("re-plan, a budget of 95 %", "re-plan, a candidate 5 % dearer")
TARGETS = (
    Target("`large`, 1 million columns", "large", _OURS, "0.6", 0.25),
    Target("`large`, HiGHS' simplex over placer", "large", _times_as_fast, "43", 60, least=True),
    Target("`week`, 10 million", "week", _ON_TWO, "6.5", 1.5),
    Target("`huge`, 54 million", "huge", _ON_TWO, "33", 8),
    Target("200 x 200 x 6 x 24, 5.8 million", "200x200x6x24", _ON_TWO, "8.3", 2),
    Target("400 x 200 x 6 x 24, 11.5 million", "400x200x6x24", _ON_TWO, "42", 5),
    Target("400 x 400 x 4 x 24, 15.4 million", "400x400x4x24", _ON_TWO, "26", 5),
    Target("1,000 x 500 x 6 x 24, 72 million", "1000x500x6x24", _ON_TWO, "", 60, most_mb=6000),
    Target("a year of `china`", "year", _seconds(what="solve"), "139", 45),
    Target("the same with a carbon cap", "year with a cap", _seconds(what="solve, cap 0.97"), "460", 150),
    Target("the same with batteries", "year", _seconds(what="solve, batteries 0.25"), "", 600),
    Target("plan of `china`, 40 sets, 1e-6", "plan 40", _seconds(way="search"), "53 to 78", 20),
    Target("plan of 1,000 sets, 1e-4", "plan 1,000", _seconds(way="search"), "660 to 900", 240, most_mb=3000),
    Target("re-plan, 1 % dearer, over the first", "plan 40, one process", _part_of_first(*_NEAR), "1/19", 1 / 20),
    Target("re-plans, builds move far, over it", "plan 40, one process", _part_of_first(*_FAR), "0.4 to 0.9", 1 / 4),
    Target("curve of `china`, all corners", "curve", _seconds(phase="curve"), "4", 1),
)


def shown(found: Sequence[Finished]) -> str:
    """Return a line for each target and extra of which there is a run; of fleets beside one thread, and NumPy alone."""
    lines = [_line(target, each) for target in TARGETS for each in found if each.name == target.run]
    header = ("work", "extra", "figure", "one thread", "the same with NumPy", "before", "target", "met", "MB")
    return markdown(header, lines)


def _line(target: Target, run: Finished) -> tuple[str, ...]:
    figures, megabytes = target.figures(run.rows), _most_mb(run.rows)
    beside = [_shown(each(run.rows)) if target.figures in (_OURS, _ON_TWO) else "" for each in (_OURS, _WITHOUT)]
    met = "" if run.extra != FAST else "yes" if target.met(figures, megabytes) else "no"
    bounds = target.before, target.bound, met
    return target.work, run.extra, _shown(figures), *beside, *bounds, f"{megabytes:,.0f}"


def _shown(figures: Sequence[float]) -> str:
    if len(figures) < 2:
        return "".join(f"{value:.3g}" for value in figures)
    return f"{statistics.median(figures):.3g} ({min(figures):.3g} to {max(figures):.3g})"


def _most_mb(rows: Iterable[dict[str, Any]]) -> float:
    """Return the most memory of a row that is not of a competitor; 0 if none tells."""
    own = [row for row in rows if row.get("solver", "columns") in ("columns", "columns-2", "placer")]
    return max((row.get("memory_mb") or row.get("peak_mb") or 0.0 for row in own), default=0.0)
