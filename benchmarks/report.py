"""Report on measurements: a table, and the growth of time with the number of columns."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .machine import machine
from .measure import PHASES, reference_of
from .peers import PEERS, REFERENCE
from .peers.peer import EXACT
from .suite import DONE, Case, Measurement

HEADER = ("case", "columns", "solver", "seconds", "ratio to ours", "memory MB", "gap", "agrees")
AGREES, MARKED, WRONG = "yes", "yes, to 1e-4", "WRONG"


@dataclass(frozen=True)
class Row:
    """One line of the table: all measurements of a case.

    Attributes
    ----------
    case : Case
    columns : int
    status : str
        ``done``, or why there is no figure.
    seconds, least_seconds, ratio, memory_mb, gap : float
        Median and minimum; median over that of the reference; NaN where there is none.
    agrees : str
        ``yes``, ``yes, to 1e-4`` of a first-order method, ``WRONG``, or empty where nothing can be compared.
    """

    case: Case
    columns: int
    status: str
    seconds: float
    least_seconds: float
    ratio: float
    memory_mb: float
    gap: float
    agrees: str


def rows_of(found: Iterable[Measurement]) -> list[Row]:
    """Return the lines of the table, in the order of measurement."""
    by_case: dict[Case, list[Measurement]] = {}
    for item in found:
        by_case.setdefault(item.case, []).append(item)
    columns: dict[tuple[str, str, int], int] = {}
    for case, items in by_case.items():
        place = (case.family, case.size, case.seed)
        columns[place] = max(columns.get(place, 0), *(item.columns for item in items))
    return [_row(case, items, by_case, columns[case.family, case.size, case.seed]) for case, items in by_case.items()]


def _row(case: Case, items: Sequence[Measurement], by_case: dict[Case, list[Measurement]], columns: int) -> Row:
    seconds = _median(items, "seconds")
    ours = _median(by_case.get(replace(case, solver=reference_of(PHASES[case.phase])), ()), "seconds")
    times = [item.seconds for item in items if item.seconds is not None]
    failed = [item.status for item in items if item.status != DONE]
    return Row(
        case=case,
        columns=columns,
        status=failed[0] if failed else DONE,
        seconds=seconds,
        least_seconds=min(times, default=math.nan),
        ratio=seconds / ours if ours else math.nan,
        memory_mb=_median(items, "memory_mb"),
        gap=_median(items, "gap"),
        agrees=_agreement(case, items, by_case),
    )


def _agreement(case: Case, items: Sequence[Measurement], by_case: dict[Case, list[Measurement]]) -> str:
    """Return whether a side agrees with the first exact side that has answers, the whole program's before ours."""
    exact = [side for side in PHASES[case.phase].sides if side not in PEERS or PEERS[side].tolerance == EXACT]
    exact.sort(key=lambda side: side == REFERENCE)
    answers = (_median(by_case.get(replace(case, solver=side), ()), "objective") for side in exact)
    truth = next((answer for answer in answers if not math.isnan(answer)), math.nan)
    own = [item.objective for item in items if item.objective is not None]
    if not own or math.isnan(truth):
        return ""
    away = max(abs(value - truth) for value in own) / max(abs(truth), 1e-300)
    tolerance = PEERS[case.solver].tolerance if case.solver in PEERS else EXACT
    if not away <= tolerance:
        return WRONG
    return AGREES if away <= EXACT else MARKED


def table(rows: Iterable[Row]) -> str:
    """Return the table in Markdown, with the machine below."""
    lines = [HEADER, ("---",) * len(HEADER), *map(_cells, rows)]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{text}\n\n{', '.join(f'{name} {value}' for name, value in machine().items())}\n"


def as_records(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the rows for JSON: NaN becomes null."""

    def plain(value: object) -> object:
        return None if isinstance(value, float) and math.isnan(value) else value

    return [
        vars(row.case) | {name: plain(value) for name, value in vars(row).items() if name != "case"} for row in rows
    ]


def growth(points: Sequence[tuple[float, float]]) -> float:
    """Return the exponent of time over columns, fitted to the logarithms; NaN with fewer than two sizes.

    Examples
    --------
    >>> round(growth([(10, 1), (100, 100)]), 6)
    2.0
    """
    columns, seconds = (np.log([point[axis] for point in points]) for axis in (0, 1))
    if len(set(columns.tolist())) < 2:
        return math.nan
    return float(np.polyfit(columns, seconds, 1)[0])


def by_solver(rows: Iterable[Row], phase: str) -> dict[str, dict[str, list[tuple[float, float]]]]:
    """Return columns and seconds by family and solver, for families measured at two sizes or more."""
    points: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for row in rows:
        if row.case.phase == phase and row.seconds > 0 and row.columns:
            points.setdefault(row.case.family, {}).setdefault(row.case.solver, []).append((row.columns, row.seconds))
    return {
        family: solvers
        for family, solvers in points.items()
        if len({columns for each in solvers.values() for columns, _ in each}) > 1
    }


def draw_scaling(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw time against columns on logarithmic axes, a panel a family, as ``scaling.png`` and ``scaling.svg``.

    Returns the files; none if no family was measured at two sizes. Needs matplotlib.
    """
    import matplotlib.pyplot as plt  # noqa: PLC0415 - an extra
    from matplotlib.ticker import NullFormatter  # noqa: PLC0415

    families = by_solver(rows, "end-to-end")
    if not families:
        return []
    names = list(dict.fromkeys(solver for solvers in families.values() for solver in solvers))
    colour = dict(zip(names, plt.get_cmap("tab20").colors, strict=False))
    figure, axes = plt.subplots(1, len(families), figsize=(7 * len(families), 5), squeeze=False, layout="constrained")
    for axis, (family, solvers) in zip(axes[0], families.items(), strict=True):
        for solver, points in solvers.items():
            points.sort()
            exponent = growth(points)
            label = solver if math.isnan(exponent) else f"{solver}: columns^{exponent:.2f}"
            axis.loglog(*zip(*points, strict=True), marker="o", color=colour[solver], label=label)
        axis.set(title=family, xlabel="columns of the whole program", ylabel="seconds, end to end")
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    files = [folder / f"scaling.{ending}" for ending in ("png", "svg")]
    for file in files:
        figure.savefig(file, dpi=150, bbox_inches="tight")
    plt.close(figure)
    return files


def _median(items: Iterable[Measurement], field: str) -> float:
    values = [value for item in items if (value := getattr(item, field)) is not None]
    return statistics.median(values) if values else math.nan


def _cells(row: Row) -> tuple[str, ...]:
    def shown(value: float, text: str) -> str:
        return "" if math.isnan(value) else text

    case = row.case
    return (
        f"{case.family} {case.size}, {case.phase}" + (f", seed {case.seed}" if case.seed else ""),
        f"{row.columns:,}",
        case.solver,
        shown(row.seconds, f"{row.seconds:.3g}") if row.status == DONE else row.status,
        shown(row.ratio, f"{row.ratio:.3g}x"),
        shown(row.memory_mb, f"{row.memory_mb:,.0f}"),
        shown(row.gap, f"{row.gap:.0e}"),
        row.agrees,
    )
