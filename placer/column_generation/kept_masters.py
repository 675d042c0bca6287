"""The masters of structures that were solved, kept in the process that solved them.

Between two solves for one key, such as a state of a plan or the power of a curtailment, only limits change. The master
goes on from the basis of the last solve (``placer.column_generation.opening``), which takes a small part of the time
of a solve from prices alone. A plan holds the masters of its states, for searches of the same states with other costs
of candidates and other build limits: those of this process as they are, those of other processes packed
(``packed_opening``). A structure of other data is solved from prices: its master is compared with it first.

If the move fails, the limits have moved far, and the caller chooses the start.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock

from placer.column_generation.around import AroundColumnGeneration
from placer.column_generation.early_point import EarlyPoint, early_point, starting_early
from placer.column_generation.opening import Opening
from placer.column_generation.packed_opening import PackedOpening, pack, unpack
from placer.column_generation.start import Start
from placer.errors import NoSolutionError
from placer.model.answer import Answer
from placer.model.structure import Structure

#: Columns of all masters that the processes of a caller keep together, at some 1,400 bytes each.
MOST_COLUMNS = 700_000
#: Number of packed masters that the processes of a caller keep together; one of ``china`` has half a megabyte.
MOST_PACKED = 100


class KeptMasters:
    """The last master of each key; those used least recently are packed first, and dropped first.

    Pickled without its masters, which cannot leave their process.

    Parameters
    ----------
    most_columns : int
        Columns of all masters that are not packed.
    most_packed : int
        Number of packed masters.

    Attributes
    ----------
    points : dict of int to EarlyPoint
        The last early point of the path of each key that has one.
    """

    def __init__(self, most_columns: int = MOST_COLUMNS, most_packed: int = MOST_PACKED) -> None:
        self.points: dict[int, EarlyPoint] = {}
        self._most_columns, self._most_packed = most_columns, most_packed
        self._openings: OrderedDict[int, Opening] = OrderedDict()
        self._packed: OrderedDict[int, PackedOpening] = OrderedDict()
        self._lock = Lock()  # an executor may be one of threads

    def take(self, key: int) -> Opening | PackedOpening | None:
        """Return the master of a key and forget it: a solve changes it."""
        with self._lock:
            return self._openings.pop(key, None) or self._packed.pop(key, None)

    def take_packed(self, key: int) -> PackedOpening | None:
        """Return the master of a key and forget it, if it is packed."""
        with self._lock:
            return self._packed.pop(key, None)

    def keep(self, key: int, opening: Opening) -> None:
        """Keep the master of a key."""
        with self._lock:
            self._packed.pop(key, None)
            self._openings[key] = opening
            while sum(each.master.lp.columns for each in self._openings.values()) > self._most_columns:
                self._pack(*self._openings.popitem(last=False))

    def pack_all(self) -> dict[int, PackedOpening]:
        """Pack all masters, and return them; they stay."""
        with self._lock:
            while self._openings:
                self._pack(*self._openings.popitem(last=False))
            return dict(self._packed)

    def receive(self, packed: Mapping[int, PackedOpening]) -> None:
        """Keep packed masters of another process."""
        with self._lock:
            self._packed.update(packed)

    def _pack(self, key: int, opening: Opening) -> None:
        self._packed[key] = pack(opening)
        while len(self._packed) > self._most_packed:
            self._packed.popitem(last=False)

    def __len__(self) -> int:
        """Return the number of masters, packed or not."""
        return len(self._openings) + len(self._packed)

    def __reduce__(self) -> tuple[type[KeptMasters], tuple[int, int]]:
        """Return the call that makes an empty memory in another process."""
        return KeptMasters, (self._most_columns, self._most_packed)


@dataclass(frozen=True, eq=False)
class Keeping(AroundColumnGeneration):
    """Column generation from the master kept for a key if there is one; a ``StructureSolver``.

    Attributes
    ----------
    solver : ColumnGeneration
    masters : KeptMasters
    key : int
    known : callable
        Returns a start from prices if some are known, given whether a kept master failed; None: zero prices.
    point : EarlyPoint, optional
        Of the path of the key at other limits: a solve whose master fails, or that has none, goes on from it.
    packed : PackedOpening, optional
        The master of the key in another process, taken if this one keeps none.
    """

    masters: KeptMasters
    key: int
    known: Callable[[bool], Start | None]
    point: EarlyPoint | None = None
    packed: PackedOpening | None = None

    def answer(self, structure: Structure, start: Start | None = None) -> Answer:
        """Answer a structure, and keep the master."""
        kept = self._kept(structure)
        found = None if kept is None else self.solver.answer_moved(structure, kept)
        if found is None:
            found = self._answer_from_point(structure)
        if found is None:
            found = self.solver.answer_from(structure, self.known(kept is not None) if start is None else start)
        answer, last = found
        if last is not None:
            self.masters.keep(self.key, last)
        return answer

    def _kept(self, structure: Structure) -> Opening | None:
        """Return the master of the key; None without one, if it is of other data, or if HiGHS refuses its basis."""
        kept = self.masters.take(self.key) or self.packed
        if not isinstance(kept, PackedOpening):
            return kept
        try:
            return unpack(structure, kept, self.solver.parameters)
        except NoSolutionError:
            return None

    def _answer_from_point(self, structure: Structure) -> tuple[Answer, Opening | None] | None:
        """Answer a structure along the path from its early point; None without one."""
        if self.point is None:
            return None
        found = early_point(structure, self.point, self.solver)
        return None if found is None else starting_early(self.solver).answer_from(structure, found[1])
