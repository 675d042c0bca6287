"""Secure placements beside the explicit program in HiGHS, and audits: time, memory, and equal costs.

    python -m benchmarks.security                  # fleet small and medium, china; HiGHS for at most 600 s a program
    python -m benchmarks.security --quick          # a small instance, as a check
    python -m benchmarks.security --only medium    # rows whose name holds a word; several times
    python -m benchmarks.security --json

Every data centre is lost alone, or every link. A secure placement is found in three ways:

    placer     ``placer.solve(instance, security=...)``: from an instance to a proven placement
    explicit   the program with a block of recourse for each contingency, every demand by itself, in HiGHS
    merged     the same with demands that are alike in a contingency taken as one, as placer takes them

The two programs start from the placement without security; writing them and HiGHS are measured. Each row is measured in
a process of its own; processor seconds are of it and its children, memory is the peak of the larger of them. A program
that runs out of time counts as a lower bound of its time. Ratios are of processor seconds to those of placer. Costs and
stranded work must agree where HiGHS ends; the exit status is 1 if they do not, or if a target is missed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

import placer
from benchmarks.clock import processor_seconds
from placer.ladder.whole_program import solve_program
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.coupling import merged_recourse, recourse_for
from placer.security.outages import outage_of
from placer.security.program import secure_program
from placer.security.replacement import penalty_usd
from placer.solvers.memory import whole_program

from .families import build, dataset
from .machine import machine
from .worker import peak_mb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from placer.security.coupling import RecourseStructure

#: Largest relative difference between two least costs.
AGREEMENT = 1e-6
LIMIT_SECONDS = 600.0
EXAMPLE = "example: python -m benchmarks.security --only medium --limit 300 --json > security.json"


@dataclass(frozen=True)
class Row:
    """What is measured.

    Attributes
    ----------
    family, size : str
        A family and size of ``benchmarks.families``, or a dataset and nothing.
    kind : str
        Contingencies.
    way : str
        A name of ``WAYS``.
    most_seconds : float
        Target of placer's processor seconds; inf without one.
    least_ratio : float
        Target of the ratio to placer; 0 without one.
    """

    family: str
    size: str
    kind: str
    way: str
    most_seconds: float = np.inf
    least_ratio: float = 0.0

    @property
    def name(self) -> str:
        """Instance and contingencies."""
        return f"{self.family} {self.size}".strip() + f", {self.kind.replace('_', ' ')}"


@dataclass(frozen=True)
class Line:
    """What was measured.

    Attributes
    ----------
    what, way : str
    columns, contingencies : int
        Assignment columns of the program: of the instance, or of all blocks too.
    processor_seconds, seconds, memory_mb : float
    cost, stranded, gap : float
        Cost without penalties in USD, stranded work in Mtok and the proven gap; NaN where there is none.
    ratio : float
        Of processor seconds to those of placer; NaN without that row.
    note : str
        Why there is no answer; empty if there is one.
    """

    what: str
    way: str
    columns: int
    contingencies: int
    processor_seconds: float
    seconds: float
    memory_mb: float
    cost: float
    stranded: float
    gap: float
    ratio: float = np.nan
    note: str = ""


class Answer(NamedTuple):
    """Columns, contingencies, cost, stranded work and gap of an answer, and why there is none."""

    columns: int
    contingencies: int
    cost: float = np.nan
    stranded: float = np.nan
    gap: float = np.nan
    note: str = ""


def by_placer(instance: placer.Instance, security: placer.Security) -> Answer:
    """Find the secure placement as users do."""
    found = placer.solve(instance, security=security)
    columns, stranded = found.formulation.structure.assignment_count, sum(found.stranded_mtok.values())
    return Answer(columns, len(found.contingencies), found.cost_usd, stranded, abs(found.certificate.gap))


def by_audit(instance: placer.Instance, security: placer.Security) -> Answer:
    """Audit the placement of least cost; the time to find that is measured too."""
    placement = placer.solve(instance)
    audit = placer.audit(placement, security)
    stranded = float(audit.contingencies["stranded_mtok"].sum())
    columns = placement.formulation.structure.assignment_count
    return Answer(columns, len(audit.contingencies), placement.cost_usd, stranded, abs(placement.certificate.gap))


def by_explicit_program(placement: placer.Placement, security: placer.Security, limit_seconds: float) -> Answer:
    """Solve the program with every demand by itself."""
    share, recourses = _shares(placement, security), []
    whole = placement.formulation.structure
    protected = np.flatnonzero(share[whole.demand_class] > 0)
    for contingency in contingencies_of(placement.instance, security):
        outage = outage_of(placement.instance, placement.formulation, contingency)
        recourses.append(recourse_for(whole, outage, share, protected))
    return _explicitly(placement, recourses, limit_seconds)


def by_merged_program(placement: placer.Placement, security: placer.Security, limit_seconds: float) -> Answer:
    """Solve the program with alike demands taken as one."""
    share, whole = _shares(placement, security), placement.formulation.structure
    contingencies = contingencies_of(placement.instance, security)
    outages = [outage_of(placement.instance, placement.formulation, each) for each in contingencies]
    return _explicitly(placement, [merged_recourse(whole, each, share) for each in outages], limit_seconds)


#: Ways from an instance, and ways from a placement without security.
WAYS: dict[str, Callable[[placer.Instance, placer.Security], Answer]] = {"placer": by_placer, "audit": by_audit}
PROGRAMS = {"explicit": by_explicit_program, "merged": by_merged_program}

ROWS = (
    *(Row("fleet", "small", "data_centres", way) for way in ("placer", "merged", "explicit")),
    Row("fleet", "medium", "data_centres", "placer"),
    Row("fleet", "medium", "data_centres", "merged"),
    Row("fleet", "medium", "data_centres", "explicit", least_ratio=10.0),
    Row("china", "", "data_centres", "audit", most_seconds=10.0),
    Row("china", "", "links", "audit"),
    Row("china", "", "data_centres", "placer", most_seconds=60.0),
)
QUICK = (
    *(Row("fleet", "smoke", "data_centres", way) for way in ("placer", "merged", "explicit")),
    Row("tiny", "", "data_centres", "audit"),
)


def measure(row: Row, limit_seconds: float) -> Line:
    """Measure a row in this process."""
    instance = build(row.family, row.size) if row.size else dataset(row.family)
    security = placer.Security(row.kind)
    placement = placer.solve(instance, tie_break=None) if row.way in PROGRAMS else None
    started, processor = time.perf_counter(), processor_seconds()
    if placement is None:
        found = WAYS[row.way](instance, security)
    else:
        found = PROGRAMS[row.way](placement, security, limit_seconds)
    return Line(
        what=row.name,
        way=row.way,
        columns=found.columns,
        contingencies=found.contingencies,
        processor_seconds=processor_seconds() - processor,
        seconds=time.perf_counter() - started,
        memory_mb=peak_mb(),
        cost=found.cost,
        stranded=found.stranded,
        gap=found.gap,
        note=found.note,
    )


def lines(rows: Iterable[Row], limit_seconds: float) -> Iterable[Line]:
    """Yield the line of each row, measured in a process of its own, with its ratio to that of placer before it.

    Raises
    ------
    SystemExit
        If costs or stranded work differ from those of placer.
    """
    ours: dict[str, Line] = {}
    for row in rows:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            line = pool.submit(measure, row, limit_seconds).result()
        if row.way == "placer":
            ours[row.name] = line
        if row.way in PROGRAMS and row.name in ours:
            line = replace(line, ratio=line.processor_seconds / ours[row.name].processor_seconds)
            check_agreement(ours[row.name], line)
        yield line


def check_agreement(ours: Line, other: Line) -> None:
    """Refuse an answer that differs from that of placer; raises ``SystemExit``."""
    for name in () if other.note else ("cost", "stranded"):
        mine, theirs = getattr(ours, name), getattr(other, name)
        if not abs(mine - theirs) <= AGREEMENT * max(1.0, abs(mine)):
            raise SystemExit(f"{other.what}: {name} is {mine} by placer and {theirs} by the {other.way} program")


def missed(row: Row, line: Line) -> bool:
    """Return whether a line misses the target of its row."""
    return line.processor_seconds > row.most_seconds or line.ratio < row.least_ratio


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each row, or all as JSON; return 1 if a target is missed."""
    about = __doc__.splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.security", description=about, epilog=EXAMPLE)
    parser.add_argument("--quick", action="store_true", help="small instances, to see that all works: no target")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="rows whose name holds this word")
    parser.add_argument("--limit", type=float, default=LIMIT_SECONDS, help="seconds of HiGHS for a program")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    words = options.only or [""]
    rows = [row for row in (QUICK if options.quick else ROWS) if any(word in f"{row.name} {row.way}" for word in words)]
    found: list[Line] = []
    for line in lines(rows, options.limit):
        found.append(line)
        if not options.json:
            print(_as_text(line, is_first=len(found) == 1), flush=True)
    if options.json:
        print(json.dumps({"machine": machine(), "lines": [asdict(line) for line in found]}, indent=2))
    return int(any(missed(row, line) for row, line in zip(rows, found, strict=True)))


def _explicitly(placement: placer.Placement, recourses: list[RecourseStructure], limit_seconds: float) -> Answer:
    whole = placement.formulation.structure
    secure = secure_program(
        whole, whole_program(whole), recourses, penalty_usd(whole), np.array([placement.penalty_usd])
    )
    columns = whole.assignment_count + sum(each.structure.assignment_count for each in recourses)
    try:
        solution, certificate = solve_program(secure.extended, placer.HiGHS(time_limit_seconds=limit_seconds))
    except placer.NoSolutionError as error:
        return Answer(columns, len(recourses), note=str(error.reason))
    stranded = float(sum(each.sum() for each in secure.stranded(solution.point)))
    unserved = secure.base.col_blocks["u"]
    penalties = secure.penalty * stranded + float(secure.base.cost[unserved] @ solution.point[unserved])
    return Answer(columns, len(recourses), certificate.objective - penalties, stranded, abs(certificate.gap))


def _shares(placement: placer.Placement, security: placer.Security) -> np.ndarray:
    formulation = placement.formulation
    return protected_shares(formulation.structure, formulation.workloads, security)


def _as_text(line: Line, *, is_first: bool) -> str:
    header = f"{'what':<28}{'way':<10}{'columns':>11}{'lost':>5}{'cpu s':>8}{'s':>8}{'MB':>7}{'cost USD':>16}"
    header += f"{'stranded':>12}{'gap':>8}{'ratio':>8}\n"
    ratio = "" if np.isnan(line.ratio) else f"{'>' if line.note else ''}{line.ratio:.1f}"
    text = f"{line.what:<28}{line.way:<10}{line.columns:>11,}{line.contingencies:>5}{line.processor_seconds:>8.2f}"
    text += f"{line.seconds:>8.1f}{line.memory_mb:>7.0f}{line.cost:>16,.2f}{line.stranded:>12,.0f}{line.gap:>8.0e}"
    return (header if is_first else "") + f"{text}{ratio:>8}  {line.note}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
