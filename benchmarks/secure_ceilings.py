"""Secure and survivable export ceilings: processor time and memory, each in a process of its own.

    python -m benchmarks.secure_ceilings                 # china and two fleets: ceilings, the curve of china at limits
    python -m benchmarks.secure_ceilings --quick         # tiny, as a check
    python -m benchmarks.secure_ceilings --only links    # rows whose name holds a word; several times
    python -m benchmarks.secure_ceilings --json

A row is a ceiling from an instance to its proof, or the points of its curve at some limits, ceiling included. Processor
seconds are of the process and its children. The exit status is 1 if a target is missed or a ceiling is not proven.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np

import placer
from benchmarks.clock import processor_seconds

from .families import build, dataset
from .machine import machine
from .worker import peak_mb

#: Limits on the round trip of china, ms.
LIMITS = (*np.arange(10.0, 60.1, 2.5).tolist(), 65.0, 70.0, 80.0, 90.0)


@dataclass(frozen=True)
class Row:
    """What is measured.

    Attributes
    ----------
    family, size : str
        A family and size of ``benchmarks.families``, or a dataset and nothing.
    kind, recourse : str
        Contingencies, and their rule.
    limits : tuple of float
        Limits on the round trip of points of the curve, ms; none for the ceiling alone.
    most_seconds, most_mb : float
        Targets; inf without one.
    """

    family: str
    size: str
    kind: str
    recourse: str = "displaced"
    limits: tuple[float, ...] = ()
    most_seconds: float = np.inf
    most_mb: float = np.inf

    @property
    def name(self) -> str:
        """Instance, contingencies, rule and limits."""
        points = f", {len(self.limits)} limits" if self.limits else ""
        return f"{self.family} {self.size}".strip() + f", {self.kind.replace('_', ' ')}, {self.recourse}{points}"


@dataclass(frozen=True)
class Line:
    """What was measured: the ceiling, or that of the last limit.

    Attributes
    ----------
    what : str
    share, stranded_mtok : float
        Stranded work over all contingencies; NaN for survivable ceilings.
    proven : bool
    processor_seconds, memory_mb : float
    """

    what: str
    share: float
    stranded_mtok: float
    proven: bool
    processor_seconds: float
    memory_mb: float


ROWS = (
    Row("fleet", "small", "data_centres"),
    Row("fleet", "medium", "data_centres"),
    Row("china", "", "data_centres", most_seconds=10.0),
    Row("china", "", "power_zones", most_seconds=10.0),
    Row("china", "", "regions"),
    Row("china", "", "links", most_seconds=60.0, most_mb=2_000.0),
    Row("china", "", "regions", "all"),
    Row("china", "", "links", "all"),
    Row("china", "", "data_centres", limits=LIMITS, most_seconds=240.0, most_mb=4_000.0),
)
QUICK = (
    Row("tiny", "", "data_centres", limits=(20.0, 53.0)),
    Row("tiny", "", "links"),
    Row("tiny", "", "regions", "all"),
)


def measure(row: Row) -> Line:
    """Measure a row in this process."""
    instance = build(row.family, row.size) if row.size else dataset(row.family)
    before = processor_seconds()
    ceiling = placer.export_ceiling(instance, security=placer.Security(row.kind, row.recourse))
    share, table = ceiling.share, ceiling.contingencies
    stranded = float(table["stranded_mtok"].sum()) if row.recourse == "displaced" else np.nan
    if row.limits:
        share, stranded = ceiling.at_limits(row.limits)[["share", "stranded_mtok"]].iloc[-1].tolist()
    seconds = processor_seconds() - before
    return Line(row.name, share, stranded, bool(ceiling.summary()["proven"]), seconds, peak_mb())


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each row, or all as JSON; return 1 if a target is missed or a ceiling is not proven."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.secure_ceilings", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small instance, to see that all works: no target")
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="rows whose name holds this word")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    rows = [row for row in (QUICK if options.quick else ROWS) if any(word in row.name for word in options.only or [""])]
    found, missed = [], False
    for row in rows:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            line = pool.submit(measure, row).result()
        found.append(line)
        missed |= line.processor_seconds > row.most_seconds or line.memory_mb > row.most_mb or not line.proven
        if not options.json:
            print(_as_text(line, is_first=len(found) == 1), flush=True)
    if options.json:
        print(json.dumps({"machine": machine(), "lines": [asdict(line) for line in found]}, indent=2))
    return int(missed)


def _as_text(line: Line, *, is_first: bool) -> str:
    header = f"{'what':<46}{'share':>9}{'stranded Mtok':>16}{'proven':>8}{'cpu s':>8}{'MB':>7}\n"
    text = f"{line.what:<46}{line.share:>9.3%}{line.stranded_mtok:>16,.0f}{'yes' if line.proven else 'no':>8}"
    return (header if is_first else "") + f"{text}{line.processor_seconds:>8.1f}{line.memory_mb:>7.0f}"


if __name__ == "__main__":
    sys.exit(main())
