"""The masters of states that were solved, kept in the process that solved them.

Between two tries of a plan only limits of a state change. Its master goes on from the basis of the last try
(``placer.solvers.column_generation.opening``), which takes a small part of the time of a solve from prices alone. A
plan of one process holds its masters, for searches of the same states with other costs of candidates and other build
limits. A state of other data is solved from prices: its master is compared with it first.

If the move fails, the limits have moved far. The state is then solved along the path from zero prices: from known
prices, as of another plan or another state, masters and the path take longer than that.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from placer.solvers.column_generation.around import AroundColumnGeneration
from placer.solvers.column_generation.wide import starting_wide, wide_point

if TYPE_CHECKING:
    from collections.abc import Callable

    from placer.model.answer import Answer
    from placer.model.structure import Structure
    from placer.solvers.column_generation.opening import Opening
    from placer.solvers.column_generation.start import Start
    from placer.solvers.column_generation.wide import WidePoint

#: Columns of all masters that the processes of a plan keep together, at some 1,400 bytes each.
MOST_COLUMNS = 700_000


class KeptMasters:
    """The last master of each state, up to a number of columns in all; those used least recently are dropped first.

    Pickled without its masters, which cannot leave their process.

    Parameters
    ----------
    most_columns : int
    """

    def __init__(self, most_columns: int = MOST_COLUMNS) -> None:
        self._most_columns = most_columns
        self._openings: OrderedDict[int, Opening] = OrderedDict()
        self._lock = Lock()  # an executor may be one of threads

    def take(self, state: int) -> Opening | None:
        """Return the master of a state and forget it: a solve changes it."""
        with self._lock:
            return self._openings.pop(state, None)

    def keep(self, state: int, opening: Opening) -> None:
        """Keep the master of a state."""
        with self._lock:
            self._openings[state] = opening
            while sum(each.master.lp.columns for each in self._openings.values()) > self._most_columns:
                self._openings.popitem(last=False)

    def __len__(self) -> int:
        """Return the number of masters."""
        return len(self._openings)

    def __reduce__(self) -> tuple[type[KeptMasters], tuple[int]]:
        """Return the call that makes an empty memory in another process."""
        return KeptMasters, (self._most_columns,)


@dataclass(frozen=True, eq=False)
class Keeping(AroundColumnGeneration):
    """Column generation of one state, from the master kept for it if there is one; a ``StructureSolver``.

    Attributes
    ----------
    solver : ColumnGeneration
    masters : KeptMasters
    state : int
    known : callable
        Returns a start from prices for a solve without a kept master, if some are known.
    point : WidePoint, optional
        Of the path of the state at other limits: a solve whose master fails, or that has none, goes on from it.
    """

    masters: KeptMasters
    state: int
    known: Callable[[], Start | None]
    point: WidePoint | None = None

    def answer(self, structure: Structure, start: Start | None = None) -> Answer:
        """Answer a structure, and keep the master."""
        kept = self.masters.take(self.state)
        found = None if kept is None else self.solver.answer_moved(structure, kept)
        if found is None:
            found = self._answer_from_point(structure)
        if found is None:  # known prices are no nearer than a kept master that failed
            known = self.known() if start is None and kept is None else start
            found = self.solver.answer_from(structure, known)
        answer, last = found
        if last is not None:
            self.masters.keep(self.state, last)
        return answer

    def _answer_from_point(self, structure: Structure) -> tuple[Answer, Opening | None] | None:
        """Answer a structure along the path from its wide point; None without one."""
        if self.point is None:
            return None
        found = wide_point(structure, self.point, self.solver)
        return None if found is None else starting_wide(self.solver).answer_from(structure, found[1])
