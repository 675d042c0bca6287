"""Solve structures one after the other, each from the prices of those before it.

When data change between them (demand, prices, capacities, latency), the prices of scarce resources change less than the
placement does. The prices of the last few answers are kept, column generation starts from those that prove most of the
structure at hand, and every answer passes the certificate like any other. Where the prices are too far off, or the
number of sites, periods or links differs, a structure is solved as without them.
"""

from __future__ import annotations

from collections.abc import Iterable

from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.start import Start
from placer.column_generation.warm_start import KnownPrices, best_start, record_prices
from placer.errors import SolverError
from placer.ladder.proven import AnySolver, default_solver, proving, solve_structure
from placer.model.answer import Answer
from placer.model.structure import Structure
from placer.proof.certificate import Certificate

#: Number of answers whose prices are kept.
KEPT = 4


class PriceMemory:
    """The prices of the last answers, and the solver that starts from them.

    Parameters
    ----------
    solver : ColumnGeneration, optional
        ``placer.ColumnGeneration()`` from known prices, and ``default_solver`` without any, if not given.
    kept : int
        Number of answers whose prices are kept.
    known : iterable of KnownPrices
        Prices of earlier answers, the latest first.

    Raises
    ------
    SolverError
        If the solver is one of whole programs, which cannot start from prices.
    """

    def __init__(self, solver: AnySolver | None = None, kept: int = KEPT, known: Iterable[KnownPrices] = ()) -> None:
        if solver is not None and proving(solver).is_whole:
            raise SolverError(f"a session solves with placer.ColumnGeneration(), not with {solver!r}")
        self._given = solver
        self._kept = kept
        self._known: list[KnownPrices] = list(known)

    def solve_structure(self, structure: Structure) -> tuple[Answer, Certificate]:
        """Answer a structure and prove the answer, as ``placer.ladder.proven.solve_structure``; keep its prices."""
        answer, certificate = solve_structure(structure, *self.approach(structure))
        self.learn(structure, answer)
        return answer, certificate

    def approach(self, structure: Structure) -> tuple[AnySolver, Start | None]:
        """Return the solver for a structure, and the start if prices are known that fit.

        There is none with steps of demand: column generation begins without them.
        """
        start = None if structure.steps is not None else best_start(structure, self._known)
        if start is None:
            return self._given or default_solver(structure), None
        return self._given or ColumnGeneration(), start

    def learn(self, structure: Structure, answer: Answer) -> None:
        """Keep the prices of a proven answer; none with steps of demand."""
        if structure.steps is not None:
            return
        self._known = [record_prices(structure, answer.prices), *self._known][: self._kept]
