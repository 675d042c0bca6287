"""The suite: its cases, each measured in a separate process, and the results, saved as they complete."""

from __future__ import annotations

import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from placer.utils.atomic import whole

from .families import FAMILIES, is_shape, shape_of
from .machine import machine
from .measure import PHASES
from .peers import PEERS
from .subjects import DATASET, FILE, OF_FILES, reference_of, sides_of

#: Time limits: of a side as a multiple of the reference's time, and at least in seconds; of the reference in seconds;
#: and of start-up, building and preparation in seconds.
TIMES_OURS, LEAST_LIMIT, REFERENCE_LIMIT, READY_LIMIT = 10.0, 60.0, 3600.0, 900.0
#: Prefixes of the status of a measurement.
DONE, NO_TIME, NO_MEMORY, NOT_TRIED = "done", "out of time", "out of memory", "not tried"

#: Called with the next measurement, the number of finished measurements, and their total.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, order=True)
class Case:
    """The subject of a measurement: a phase of the work on an instance, on one side."""

    family: str
    size: str
    seed: int
    phase: str
    solver: str


@dataclass(frozen=True)
class Measurement:
    """The result of measuring a case once.

    Attributes
    ----------
    case : Case
    round : int
    status : str
        ``done``, or why there is no figure, in words.
    columns : int
        Columns of the whole program; 0 if unknown.
    seconds, processor_seconds, memory_mb, objective, gap : float or None
        Time of the phase alone, and that of all its processes; peak memory of the process; minimum cost in USD; gap
        by the certificate.
    refused : str
        What the certificate refuses of a solution, in words.
    """

    case: Case
    round: int
    status: str
    columns: int = 0
    seconds: float | None = None
    memory_mb: float | None = None
    objective: float | None = None
    gap: float | None = None
    refused: str = ""
    processor_seconds: float | None = None


def cases(
    families: Sequence[str], sizes: Sequence[str], phases: Sequence[str], solvers: Sequence[str], seeds: Sequence[int]
) -> list[list[Case]]:
    """Return the cases to measure: the sides of each together, the reference first.

    Parameters
    ----------
    families, sizes, phases, seeds : sequences
        All their valid combinations; a size is a name or a shape, such as ``200x200x6x24``. The family ``network`` is
        for routes and loading only.
    solvers : sequence of str
        Sides besides the reference; all if empty.

    Raises
    ------
    ValueError
        If a name is unknown, or a shape is none of a family's.
    """
    sides = {side for phase in PHASES.values() for side in phase.sides}
    every_size = {size for family in FAMILIES.values() for size in family.sizes}
    shapes = [size for size in sizes if is_shape(size)]
    names = [size for size in sizes if size not in shapes]
    for given, known in ((families, FAMILIES), (names, every_size), (phases, PHASES), (solvers, sides)):
        check_known(given, known)
    for family, shape in itertools.product(families, shapes):
        shape_of(family, shape)
    return [
        _sides(Case(family, size, seed, phase, ""), solvers)
        for family in families
        for phase in phases
        for seed in seeds
        for size in (*(name for name in FAMILIES[family].sizes if name in names), *shapes)
        if family != "network" or phase in ("routes", "load")
    ]


def own_cases(
    datasets: Sequence[str], files: Sequence[str], phases: Sequence[str], solvers: Sequence[str], seeds: Sequence[int]
) -> list[list[Case]]:
    """Return likewise the cases of datasets of one's own, with noise for seeds other than 0, and of files.

    Raises
    ------
    ValueError
        If a name is unknown.
    """
    check_known(phases, PHASES)
    check_known(solvers, {*PEERS, *(side for phase in phases for side in PHASES[phase].sides)})
    own = [Case(DATASET, name, seed, phase, "") for name in datasets for phase in phases for seed in seeds]
    return [_sides(case, solvers) for case in (*own, *(Case(FILE, name, 0, OF_FILES, "") for name in files))]


def check_known(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name that is not known, with those that are."""
    if unknown := [name for name in given if name not in known]:
        raise ValueError(f"{unknown[0]!r} is unknown; there are {', '.join(sorted(known))}")


def run(
    groups: Iterable[Sequence[Case]],
    file: Path,
    *,
    rounds: int = 3,
    limit_seconds: float | None = None,
    progress: Progress = lambda _text, _done, _all: None,
) -> list[Measurement]:
    """Measure all cases, the sides of each in turn, and save every result in a file as it completes.

    Results in the file are not measured again. A side that ran out of time or memory is not tried at larger sizes.

    Parameters
    ----------
    groups : iterable of sequences of Case
        As ``cases`` returns them.
    file : Path
    rounds : int
        Number of measurements of each case.
    limit_seconds : float, optional
        Time limit of a measurement; max(ten times the reference's, a minute) if not given.
    progress : callable
    """
    groups = list(groups)
    found = read(file)
    known = {(item.case, item.round) for item in found}
    total, done = rounds * sum(map(len, groups)), 0
    for group in groups:
        for place in range(rounds):
            for case in group:
                progress(f"{case.family} {case.size} {case.phase}: {case.solver}", done, total)
                done += 1
                if (case, place) in known:
                    continue
                limit = limit_seconds or _limit(case, group[0], found)
                status = _hopeless(case, found)
                found.append(Measurement(case, place, status) if status else measure_alone(case, place, limit))
                write(file, found)
    progress("done", done, total)
    return found


def measure_alone(case: Case, place: int, limit_seconds: float) -> Measurement:
    """Measure a case in a separate process, which is gone afterwards in any event."""
    with tempfile.TemporaryDirectory() as folder:
        result, said = Path(folder) / "result.json", Path(folder) / "said"
        with said.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - this interpreter, this package
                [sys.executable, "-m", f"{__package__}.worker", json.dumps(asdict(case)), str(limit_seconds), result],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONPATH": _search_path()},
                start_new_session=True,
            )
            try:
                code: int | None = process.wait(limit_seconds + READY_LIMIT)
            except subprocess.TimeoutExpired:
                code = None
            finally:
                _end(process)
        facts = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
        words = _words(code, facts.pop("status", ""), limit_seconds, said.read_text(encoding="utf-8", errors="replace"))
    facts = {name: None if value != value else value for name, value in facts.items()}  # noqa: PLR0124 - NaN
    return Measurement(case, place, words, **facts)


def read(file: Path) -> list[Measurement]:
    """Return the measurements in a file; none if there is no such file."""
    if not file.exists():
        return []
    rows = json.loads(file.read_text(encoding="utf-8"))["measurements"]
    return [Measurement(Case(**row.pop("case")), **row) for row in rows]


def write(file: Path, found: Sequence[Measurement]) -> None:
    """Write measurements and their machine; the file is complete at any time."""
    content = {"machine": machine(), "measurements": [asdict(item) for item in found]}
    with whole(file) as draft:
        draft.write_text(json.dumps(content, indent=1), encoding="utf-8", newline="\n")


def _sides(case: Case, solvers: Sequence[str]) -> list[Case]:
    """Return a case for each side to measure: the reference and the requested ones."""
    reference, sides = reference_of(case.family, case.phase), sides_of(case.family, case.phase)
    return [replace(case, solver=side) for side in sides if side == reference or not solvers or side in solvers]


def _limit(case: Case, reference: Case, found: Iterable[Measurement]) -> float:
    """Return the time limit of a case in seconds, given the time of the reference."""
    if case == reference:
        return REFERENCE_LIMIT
    ours = [item.seconds for item in found if item.case == reference and item.seconds is not None]
    return max(LEAST_LIMIT, TIMES_OURS * statistics.median(ours)) if ours else REFERENCE_LIMIT


def _hopeless(case: Case, found: Iterable[Measurement]) -> str:
    """Return why a case is hopeless: it failed in an earlier round, or ran out of time or memory at a smaller size."""
    order = list(FAMILIES[case.family].sizes) if case.family in FAMILIES else [case.size]
    for item in found:
        if item.status == DONE or replace(item.case, size=case.size) != case:
            continue
        if item.case.size == case.size:
            return item.status
        if not {item.case.size, case.size} <= set(order):
            continue
        smaller = order.index(item.case.size) < order.index(case.size)
        if smaller and item.status.startswith((NO_TIME, NO_MEMORY)):
            return f"{NOT_TRIED}: {item.status} at {item.case.size}"
    return ""


def _words(code: int | None, status: str, limit_seconds: float, said: str) -> str:
    """Return the end of a measurement in words."""
    alarm = -getattr(signal, "SIGALRM", 0)
    if code is None:
        return f"{NO_TIME} (not ready, or still at it after {limit_seconds + READY_LIMIT:g} s)"
    if code == 0 and status:
        return status
    if alarm and code == alarm:
        return f"{NO_TIME} ({limit_seconds:.0f} s)"
    if code == -getattr(signal, "SIGKILL", 0):
        return f"{NO_MEMORY} (ended by the system)"
    if "MemoryError" in said or "bad_alloc" in said:
        return NO_MEMORY
    last = said.strip().splitlines()[-1:] or ["nothing said"]
    return f"failed with code {code}: {last[0]}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all its children."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _search_path() -> str:
    """Return the search path of a new process: the location of this package, then the default path."""
    here = Path(__file__).resolve().parents[str(__package__).count(".") + 1]
    return os.pathsep.join(filter(None, [str(here), os.environ.get("PYTHONPATH", "")]))


def as_dict(found: Iterable[Measurement]) -> dict[str, Any]:
    """Return measurements and their machine, for other programs."""
    return {"machine": machine(), "measurements": [asdict(item) for item in found]}
