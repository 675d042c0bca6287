"""What solving takes in memory, estimated before anything is built, so that too large an instance is refused in time.

Free is the least of three figures: what the machine has available (``psutil``); what the limits of the process leave
(``ulimit -v`` and ``-d``); what its control groups leave (versions 1 and 2), as containers and batch systems set them.
Nine tenths of it may be taken. Asked for are::

    a whole program      wherever one is built: solve, to_program, placement.program, export_ceiling with a solver for
                         whole programs, economic_range, export_cost, price_ranges, explain
    column generation    before its arrays are laid out; what it cannot prove is asked for again as a whole program
    a batch              3 kB for each set on the command line, which keeps all rows; ``solve_many`` keeps none

Walks (ceilings and curves without a solver) are not asked for: they hold the arcs of one hour or block at a time.

The figures per column and cell were measured as peak memory of whole processes (``placer bench`` prints it) and are
rounded up; they are estimates of what is needed, not bounds.
"""

from __future__ import annotations

import importlib
import logging
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

from placer.errors import NoSolutionError
from placer.model.expansion import expand
from placer.running import phase
from placer.solvers.column_generation.market.definition import is_supply_scarce
from placer.solvers.column_generation.parameters import DEFAULTS
from placer.termination import Reason

if TYPE_CHECKING:
    from placer.model.program import LinearProgram
    from placer.model.structure import Structure
    from placer.solvers.column_generation.parameters import ShortlistParameters

_log = logging.getLogger(__name__)

#: Peak bytes for each column of the whole program: the program, its scaled copy, the solver's own copies and factors.
BYTES_PER_COLUMN = 1_300
#: Peak bytes for each column of the restricted program.
_BYTES_PER_LISTED = 600
#: Copies of the curvature (periods, lags, sites x kinds squared) alive at once, in doubles.
_CURVATURE_COPIES = 4
#: Doubles for every demand and every arc that are given.
_PER_DEMAND, _PER_ARC = 60, 20
_DOUBLE = 8
#: Where Linux says which control groups a process is in, and where the groups are to be seen.
_MEMBERSHIP, _MOUNTED = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
#: Files of a group by version: its limit, what is used, and the entry of ``memory.stat`` for what is only cached.
_VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_VERSION_2 = ("memory.max", "memory.current", "inactive_file")
#: The part of the free memory that may be taken.
_FREE_PART = 0.9


def whole_program_bytes(structure: Structure) -> int:
    """Return an estimate of the memory that building and solving the whole linear program takes."""
    columns = structure.assignment_count + len(structure.demand_amount) + structure.tier_limit.size
    return int(BYTES_PER_COLUMN * (columns + _queue_flow_count(structure)))


def _queue_flow_count(structure: Structure) -> int:
    """Return how many queue flows there are; where windows are long and hubs few, they are most of the columns."""
    reached = np.zeros((len(structure.window), structure.sites), dtype=bool)
    reached[structure.arc_class, structure.arc_site] = True
    longest = np.minimum(structure.window, structure.periods - 1)
    past_the_end = 0 if structure.cyclic else longest * (longest + 1) // 2
    each = structure.periods * (longest + 1) - past_the_end
    return int((reached.sum(axis=1) * each)[structure.window > 0].sum())


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


def column_generation_bytes(structure: Structure, shortlist: ShortlistParameters = DEFAULTS.shortlist) -> int:
    """Return an estimate of the memory that column generation takes; a shortlist bounds the columns of its master."""
    sites, periods = structure.capacity.shape
    kinds = 2 if is_supply_scarce(structure) else 1
    lags = int(min(structure.window.max(initial=0), periods - 1)) + 1
    curvature = _CURVATURE_COPIES * periods * lags * (kinds * sites) ** 2
    given = _PER_DEMAND * len(structure.demand_amount) + _PER_ARC * len(structure.arc_cost)
    most = shortlist.room * shortlist.most_in_all + len(structure.demand_amount)
    listed = min(structure.assignment_count, most)
    return int(_DOUBLE * (curvature + given) + _BYTES_PER_LISTED * listed)


def check_memory(needed_bytes: int, what: str) -> None:
    """Refuse what does not fit into the memory that is free.

    Raises
    ------
    NoSolutionError
        With the reason ``memory limit`` and the estimate.
    """
    if not fits(needed_bytes):
        free = free_bytes()
        raise NoSolutionError(
            Reason.MEMORY_LIMIT, f"{what} needs about {needed_bytes / 1e9:.1f} GB and {free / 1e9:.1f} GB are free"
        )


def fits(needed_bytes: int) -> bool:
    """Whether something fits into the memory that is free."""
    return needed_bytes <= _FREE_PART * free_bytes()


def free_bytes() -> float:
    """Return the memory this process may still take: of the machine, of its limits, and of its containers."""
    return max(min(float(psutil.virtual_memory().available), left_to_process(), left_to_groups()), 0.0)


def left_to_process() -> float:
    """Return what the limits of the process leave (``ulimit -v`` and ``-d``); inf without one, and on Windows."""
    try:
        resource = importlib.import_module("resource")
    except ModuleNotFoundError:
        return math.inf
    taken, left = psutil.Process().memory_info(), math.inf
    for name, used in (("RLIMIT_AS", taken.vms), ("RLIMIT_DATA", getattr(taken, "data", taken.rss))):
        limit = resource.getrlimit(getattr(resource, name))[0]
        if limit != resource.RLIM_INFINITY:
            left = min(left, limit - used)
    return left


def left_to_groups(membership: Path = _MEMBERSHIP, mounted: Path = _MOUNTED) -> float:
    """Return what the control groups of the process leave, as containers and batch systems set them; inf without one.

    Parameters
    ----------
    membership : Path
        Lines of ``number:controllers:path``, as the kernel writes them.
    mounted : Path
        Where the groups are to be seen: all of version 2 at once, of version 1 in ``memory``.
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
            left = min([left, *(_left_in(each, *names) for each in (group, *group.parents) if _is_within(each, root))])
    return left


def _is_within(folder: Path, root: Path) -> bool:
    return folder == root or root in folder.parents


def _left_in(group: Path, limit: str, used: str, cached: str) -> float:
    """Return what one group leaves: its limit less what is used, but for files that are only cached."""
    try:
        text = (group / limit).read_text(encoding="utf-8").strip()
        most = math.inf if text == "max" else float(text)
        taken = float((group / used).read_text(encoding="utf-8"))
        entries = dict(line.split() for line in (group / "memory.stat").read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return math.inf  # not to be seen from within the container; its own root is looked at too
    return most - taken + float(entries.get(cached, 0.0))
