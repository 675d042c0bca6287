"""Estimates of the memory that solving takes, so that too large an instance raises an error before it is built.

Free memory is the minimum of three figures: the memory that the machine has available (``psutil``), the rest of the
limits of the process (``ulimit -v`` and ``-d``), and the rest of the limits of its control groups (versions 1 and 2),
as containers and batch systems set them. A share of it may be taken (``USABLE_SHARE``). Estimates::

    a whole program      in every call that builds one: solve, to_program, placement.program, export_ceiling with a
                         solver for whole programs, economic_range, export_cost, price_ranges, explain
    column generation    before its arrays are laid out; the whole program that it may fall back on is estimated then
    a walk               before a ceiling or a curve without a solver merges like demands, and before it lays out arcs
    a batch              3 kB for each set on the command line, which keeps all rows; ``solve_many`` keeps none
    states of a plan     40 kB for each demand set, and 40 bytes for each row of its demand

Where memory runs out all the same, ``placer.running`` raises ``NoSolutionError`` with the reason ``memory limit``.

The parameters were measured as peak memory of whole processes (``placer bench`` prints it) and are rounded up. The
estimates are no bounds.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from pathlib import Path

import psutil

from placer.errors import NoSolutionError
from placer.model.expansion import expand
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.running import phase
from placer.termination import Reason
from placer.utils.process_limits import left_to_process

_log = logging.getLogger(__name__)

#: File in which Linux lists the control groups of a process, and folder where the groups are mounted.
_MEMBERSHIP, _MOUNTED = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
#: Files of a group by version: its limit, its usage, and the entry of ``memory.stat`` for files that are only cached.
_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_VERSION_2 = ("memory.max", "memory.current", "inactive_file")

#: Share of the free memory that may be taken.
USABLE_SHARE = 0.9


@dataclass(frozen=True)
class MemoryParameters:
    """Assumptions of the estimates of memory, measured as peak memory of whole processes and rounded up.

    Attributes
    ----------
    bytes_per_column : int
        For each column of a whole program: the program, its scaled copy, the solver's own copies and factors.
    bytes_per_listed_column : int
        For each column of a restricted program of column generation.
    bytes_per_walk_column : int
        For each assignment of a walk, to a ceiling or along a curve.
    bytes_per_swept_arc, bytes_per_traced_arc : int
        On top of that for each arc of the walk, with like demands as one: to a ceiling, whose flows and prices are
        proven, and along a curve, which keeps every step. ``python -m benchmarks.walk_memory`` measures both.
    hessian_copies : int
        Copies that are alive at once of the Hessian of the smoothed dual (periods, sites x kinds squared), once for all
        classes and once for each that may wait, and of the border of the caps (caps, periods, sites x kinds).
    doubles_per_demand, doubles_per_arc : int
        Numbers that column generation keeps for every demand and every arc.

    Notes
    -----
    No figure changes a time. ``bytes_per_walk_column``, ``bytes_per_swept_arc`` and ``bytes_per_traced_arc`` measured
    by ``benchmarks.walk_memory``; ``bytes_per_column``, ``bytes_per_listed_column``, ``hessian_copies``,
    ``doubles_per_demand`` and ``doubles_per_arc`` measured as peaks of ``benchmarks.suite``.
    """

    bytes_per_column: int = 1_300
    bytes_per_listed_column: int = 600
    bytes_per_walk_column: int = 40
    bytes_per_swept_arc: int = 700
    bytes_per_traced_arc: int = 420
    hessian_copies: int = 4
    doubles_per_demand: int = 60
    doubles_per_arc: int = 20


#: The default parameters.
MEASURED = MemoryParameters()


def whole_program_bytes(structure: Structure, parameters: MemoryParameters = MEASURED) -> int:
    """Estimate the memory that building and solving the whole linear program takes."""
    return parameters.bytes_per_column * structure.column_count


def whole_program(structure: Structure) -> LinearProgram:
    """Build the whole linear program of a structure, unless it is too large.

    Raises
    ------
    NoSolutionError
        With the reason ``memory limit`` and the estimate, before anything is built.
    """
    count = structure.assignment_count
    check_memory(whole_program_bytes(structure), f"the whole program of {count:,} assignments")
    with phase(_log, f"building the program of {count:,} assignments"):
        return expand(structure)


def check_walk(structure: Structure) -> None:
    """Refuse a walk over all assignments of a structure that does not fit into the free memory.

    Raises
    ------
    NoSolutionError
        As ``check_memory``.
    """
    count = structure.assignment_count
    check_memory(MEASURED.bytes_per_walk_column * count, f"the walk over {count:,} assignments")


def check_memory(needed_bytes: int, what: str) -> None:
    """Refuse a task that does not fit into the free memory.

    Raises
    ------
    NoSolutionError
        With the reason ``memory limit`` and the estimate.
    """
    if not fits_into_memory(needed_bytes):
        needed, free = _size(needed_bytes), _size(free_bytes())
        taken = f"{USABLE_SHARE:.0%} may be taken"
        raise NoSolutionError(Reason.MEMORY_LIMIT, f"{what} needs about {needed} and {free} are free, of which {taken}")


def _size(count: float) -> str:
    """Return a number of bytes in words."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def largest_count(bytes_each: int) -> int:
    """Return the largest number of things of some size that fit into the free memory."""
    return int(USABLE_SHARE * free_bytes() / bytes_each)


def fits_into_memory(needed_bytes: int) -> bool:
    """Return whether a task fits into the free memory."""
    return needed_bytes <= USABLE_SHARE * free_bytes()


def free_bytes() -> float:
    """Return the memory that this process may still take: the minimum over machine, process and control groups."""
    return max(min(float(psutil.virtual_memory().available), left_to_process(), left_to_groups()), 0.0)


def left_to_groups(membership: Path = _MEMBERSHIP, mounted: Path = _MOUNTED) -> float:
    """Return the rest of the limits of the control groups of the process; inf without one.

    Parameters
    ----------
    membership : Path
        Lines of ``number:controllers:path``, as the kernel writes them.
    mounted : Path
        Where the groups are mounted: all of version 2 at once, those of version 1 in ``memory``.
    """
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return math.inf  # not Linux
    left = math.inf
    for line in lines:
        _, controllers, path = line.split(":", 2)
        root, names = (mounted, _VERSION_2) if not controllers else (mounted / "memory", _VERSION_1)
        if not controllers or "memory" in controllers.split(","):
            group = root / path.lstrip("/")
            left = min(
                [left, *(_left_in(each, *names) for each in (group, *group.parents) if each.is_relative_to(root))]
            )
    return left


def _left_in(group: Path, limit: str, used: str, cached: str) -> float:
    """Return the rest of one group: its limit, less its usage, plus the files that are only cached."""
    try:
        text = (group / limit).read_text(encoding="utf-8").strip()
        most = math.inf if text == "max" else float(text)
        taken = float((group / used).read_text(encoding="utf-8"))
        entries = dict(line.split() for line in (group / "memory.stat").read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return math.inf  # not to be seen from within the container; its own root is looked at too
    return most - taken + float(entries.get(cached, 0.0))
