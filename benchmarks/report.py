"""Report on measurements: a table, and the growth of time with the number of columns."""

from __future__ import annotations

import importlib
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from placer.utils.profiles import performance_profile

from .machine import machine
from .peers import PEERS, REFERENCE
from .peers.peer import ABSENT, EXACT
from .subjects import FILE, OF_FILES, reference_of, sides_of
from .suite import DONE, Case, Measurement

HEADER = ("case", "columns", "solver", "seconds", "ratio to ours", "memory MB", "gap", "agrees")
AGREES, MARKED, UNPROVEN, FAR, WRONG = "yes", "yes, to 1e-4", "yes, unproven", "no, beyond 1e-4", "WRONG"
#: Multiples of the least time in the table of profiles.
_WITHIN = (1, 2, 10, 100)


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
        ``yes``; ``yes, to 1e-4`` or ``no, beyond 1e-4`` of a first-order method; ``yes, unproven`` where the
        certificate refuses the solution of an instance; ``WRONG``; or empty where nothing can be compared.
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
    ours = _median(by_case.get(replace(case, solver=reference_of(case.family, case.phase)), ()), "seconds")
    agrees = _agreement(case, items, by_case)
    times = [item.seconds for item in items if item.seconds is not None]
    failed = [item.status for item in items if item.status != DONE]
    return Row(
        case=case,
        columns=columns,
        status=failed[0] if failed else DONE,
        seconds=seconds,
        least_seconds=min(times, default=math.nan),
        ratio=seconds / ours if ours and agrees != WRONG else math.nan,
        memory_mb=_median(items, "memory_mb"),
        gap=_median(items, "gap"),
        agrees=agrees,
    )


def _agreement(case: Case, items: Sequence[Measurement], by_case: dict[Case, list[Measurement]]) -> str:
    """Return whether a side agrees with the first exact side that has answers, and passes the certificate.

    Sides whose answers have passed the certificate come first, of these the whole program's before column generation.
    """
    refused = any(item.refused for item in items)
    if refused and case.family == FILE:
        return WRONG
    sides = sides_of(case.family, case.phase)
    exact = [side for side in sides if side not in PEERS or PEERS[side].tolerance == EXACT]
    exact.sort(key=lambda side: (side in PEERS and not PEERS[side].certified, side == REFERENCE))
    answers = (_median(by_case.get(replace(case, solver=side), ()), "objective") for side in exact)
    truth = next((answer for answer in answers if not math.isnan(answer)), math.nan)
    own = [item.objective for item in items if item.objective is not None]
    if not own or math.isnan(truth):
        return ""
    away = max(abs(value - truth) for value in own) / max(abs(truth), 1e-300)
    tolerance = PEERS[case.solver].tolerance if case.solver in PEERS else EXACT
    if not away <= tolerance:
        return FAR if tolerance > EXACT and math.isfinite(away) else WRONG
    if away > EXACT:
        return MARKED
    return UNPROVEN if refused else AGREES


def table(rows: Iterable[Row]) -> str:
    """Return the table in Markdown, with performance profiles and the machine below."""
    rows = list(rows)
    text = "\n\n".join([markdown(HEADER, map(_cells, rows)), *profile_texts(rows)])
    return f"{text}\n\n{', '.join(f'{name} {value}' for name, value in machine().items())}\n"


def markdown(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, ("---",) * len(header), *lines))


def profile_texts(rows: Sequence[Row]) -> Iterator[str]:
    """Yield for each phase the share of problems that each solver solves within multiples of the least time."""
    for phase, seconds in profiles(rows).items():
        profile = performance_profile(seconds)
        shares = [
            [str(name), *(f"{each.loc[:most].iloc[-1]:.0%}" for most in (*_WITHIN, math.inf))]
            for name, each in profile.items()
        ]
        header = ("solver", *(f"within {most}x" for most in _WITHIN), "solved")
        about = f"Profiles, {phase}: part of the {len(seconds)} problems solved within a multiple of the least time"
        yield f"{about}\n\n{markdown(header, shares)}"


def as_records(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the rows for JSON: NaN becomes null."""

    def plain(value: object) -> object:
        return None if isinstance(value, float) and math.isnan(value) else value

    return [
        vars(row.case) | {name: plain(value) for name, value in vars(row).items() if name != "case"} for row in rows
    ]


def from_records(records: Iterable[dict[str, Any]]) -> list[Row]:
    """Return the rows that ``as_records`` returned as JSON values."""
    of_case = [each.name for each in fields(Case)]
    return [
        Row(
            Case(**{name: record[name] for name in of_case}),
            **{name: math.nan if value is None else value for name, value in record.items() if name not in of_case},
        )
        for record in records
    ]


def by_family(rows: Iterable[Row], phase: str) -> dict[str, pd.DataFrame]:
    """Return solver, columns and seconds of right answers by family, for families measured at two sizes or more."""
    points: dict[str, list[tuple[str, int, float]]] = {}
    for row in rows:
        if row.case.phase == phase and row.seconds > 0 and row.columns and row.agrees not in (FAR, WRONG):
            points.setdefault(row.case.family, []).append((row.case.solver, row.columns, row.seconds))
    tables = {family: pd.DataFrame(each, columns=["solver", "columns", "seconds"]) for family, each in points.items()}
    return {family: table for family, table in tables.items() if len(set(table["columns"])) > 1}


def seconds_of(rows: Iterable[Row], phase: str) -> pd.DataFrame:
    """Return the seconds of a phase: a row for each problem, a column for each solver; NaN without a right answer.

    Solvers that are not installed are left out.
    """
    found: dict[str, dict[tuple[str, str, int], float]] = {}
    for row in rows:
        if row.case.phase == phase and not row.status.startswith(ABSENT):
            is_right = row.status == DONE and row.agrees in (AGREES, MARKED, UNPROVEN)
            problem = (row.case.family, row.case.size, row.case.seed)
            found.setdefault(row.case.solver, {})[problem] = row.seconds if is_right else math.nan
    return pd.DataFrame(found, dtype=float)


def profiles(rows: Sequence[Row]) -> dict[str, pd.DataFrame]:
    """Return the seconds of every phase that has answers to two problems or more."""
    tables = {phase: seconds_of(rows, phase) for phase in dict.fromkeys(row.case.phase for row in rows)}
    return {phase: table for phase, table in tables.items() if table.notna().any(axis=1).sum() > 1}


def draw_scaling(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw time against columns on logarithmic axes, a panel a family, as ``scaling.png`` and ``scaling.svg``.

    Returns the files; none if no family was measured at two sizes. Needs matplotlib.
    """
    families = by_family(rows, "end-to-end") or by_family(rows, OF_FILES)
    if not families:
        return []
    pyplot, plots = (importlib.import_module(name) for name in ("matplotlib.pyplot", "placer.plots"))
    count = len(families)
    figure, axes = pyplot.subplots(1, count, figsize=(7 * count, 5), squeeze=False, layout="constrained")
    for axis, (family, times) in zip(axes[0], families.items(), strict=True):
        plots.plot_scaling(times, axis).set_title(family)
    files = [folder / f"scaling.{ending}" for ending in ("png", "svg")]
    for file in files:
        figure.savefig(file, dpi=150, bbox_inches="tight")
    pyplot.close(figure)
    return files


def draw_profiles(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Draw the performance profile of every phase, as ``profiles_PHASE.png``; needs matplotlib."""
    files = []
    for phase, seconds in profiles(rows).items():
        plots = importlib.import_module("placer.plots")
        files.append(folder / f"profiles_{phase}.png")
        plots.save_plot(plots.plot_profiles(seconds), files[-1])
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
