"""Tables of what ``placer bench`` measured: placer beside HiGHS, solvers over seeds, and performance profiles."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .peers import PEERS, REFERENCE
from .report import FAR, UNPROVEN, WRONG, Row, from_records, markdown, profile_texts
from .suite import DONE, Case

if TYPE_CHECKING:
    from .runs import Finished

#: Column generation without the extra, and the solver beside which ratios are stated.
WITHOUT, HIGHS = "columns-numpy", "simplex"


def rows_of_runs(found: Iterable[Finished]) -> list[Row]:
    """Return the rows of all runs of ``placer bench``; of a case that several runs measured, that of the first."""
    of_case: dict[Case, Row] = {}
    for row in from_records(record for each in found for record in each.rows):
        of_case.setdefault(row.case, row)
    return list(of_case.values())


def beside(found: Sequence[Finished]) -> str:
    """Return a line for each problem: placer with and without the extra, HiGHS' simplex, and their ratios."""
    sides = "placer", "without `fast`", "HiGHS simplex"
    header = ("case", "seed", "columns", *sides, "HiGHS / placer", "MB", "MB, HiGHS", "gap")
    problems: dict[tuple[str, str, int], dict[str, Row]] = {}
    for row in rows_of_runs(found):
        case = row.case
        problems.setdefault((f"{case.family} {case.size}", str(case.seed), row.columns), {})[case.solver] = row
    lines = []
    for (name, seed, columns), by_side in problems.items():
        ours, highs = by_side.get(REFERENCE), by_side.get(HIGHS)
        lines.append(
            (
                *(name, seed, f"{columns:,}", *(time_of(by_side.get(side)) for side in (REFERENCE, WITHOUT, HIGHS))),
                *(f"{highs.ratio:.3g}x" if highs and highs.ratio > 0 else "", _megabytes(ours), _megabytes(highs)),
                "" if ours is None or math.isnan(ours.gap) else f"{ours.gap:.0e}",
            )
        )
    return markdown(header, lines)


def over_seeds(found: Sequence[Finished]) -> str:
    """Return a line for each solver: seconds and ratios at each size from the least to the most over problems."""
    rows = [row for row in rows_of_runs(found) if row.case.family == "fleet"]
    sizes = list(dict.fromkeys(row.case.size for row in rows))
    heads = [f"{size}: {what}" for size in sizes for what in ("seconds", "ratio to ours")]
    lines = []
    for solver in dict.fromkeys(row.case.solver for row in rows):
        own = [row for row in rows if row.case.solver == solver]
        lines.append((solver, *(cell for size in sizes for cell in _at_size(own, size)), *_proof(own, sizes[-1])))
    return markdown(("solver", *heads, f"MB at {sizes[-1]}" if sizes else "MB", "largest gap", "agrees"), lines)


def profiles(found: Sequence[Finished]) -> str:
    """Return the performance profiles of all problems, below the figure that ``benchmarks.tables`` draws."""
    return "\n\n".join(["![Performance profiles](assets/profiles.png)", *profile_texts(rows_of_runs(found))])


def about_solvers(_: Sequence[Finished]) -> str:
    """Return what each solver is, with its tolerance."""
    return markdown(("solver", "what it is"), [(f"`{name}`", peer.about) for name, peer in PEERS.items()])


def time_of(row: Row | None) -> str:
    """Return the seconds of a row, or why it has none."""
    if row is None:
        return ""
    return f"{row.seconds:.3g}" if row.status == DONE and row.agrees != WRONG else row.agrees or row.status


def _at_size(rows: Sequence[Row], size: str) -> tuple[str, str]:
    here = [row for row in rows if row.case.size == size]
    done = [row for row in here if row.status == DONE]
    if not done:
        return next((row.status for row in here), ""), ""
    missing = f", {len(here) - len(done)} of {len(here)} not" if len(done) < len(here) else ""
    return _range([row.seconds for row in done]) + missing, _range([row.ratio for row in done], "x")


def _proof(rows: Sequence[Row], size: str) -> tuple[str, str, str]:
    """Return the memory at a size, the largest gap by the certificate, and the worst agreement."""
    gaps = [abs(row.gap) for row in rows if not math.isnan(row.gap)]
    said = [row.agrees for row in rows if row.agrees]
    order = (WRONG, FAR, UNPROVEN)
    worst = min(said, key=lambda each: order.index(each) if each in order else len(order), default="")
    megabytes = _range([row.memory_mb for row in rows if row.case.size == size and row.status == DONE])
    return megabytes, f"{max(gaps):.0e}" if gaps else "", worst


def _range(values: Sequence[float], unit: str = "") -> str:
    values = [value for value in values if not math.isnan(value)]
    ends = list(dict.fromkeys(f"{value:.3g}{unit}" for value in (min(values, default=0), max(values, default=0))))
    return " to ".join(ends) if values else ""


def _megabytes(row: Row | None) -> str:
    return "" if row is None or math.isnan(row.memory_mb) else f"{row.memory_mb:,.0f}"
