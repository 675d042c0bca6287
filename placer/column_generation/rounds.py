"""One round of column generation, a master and the pricing of all columns, and the end of all rounds."""

from __future__ import annotations

from dataclasses import dataclass

from placer.column_generation.market.definition import Market
from placer.column_generation.market.pricing import Priced
from placer.column_generation.master.columns import ColumnMaker
from placer.column_generation.master.program import MasterPoint
from placer.column_generation.master.store_prices import StorePrices
from placer.column_generation.opening import Opening
from placer.column_generation.start import Start
from placer.proof.certificate import LEAST_SHARE
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Round:
    """One round: an optimum of the master, and all columns priced at its prices.

    Attributes
    ----------
    maker : ColumnMaker
        What made the columns of the master, with its rows.
    point : MasterPoint
    is_complete : bool
        Whether no resource is short, so that the point is feasible for the whole program.
    caps : (c,) array
        Prices of the caps.
    market : Market
        The market at these prices.
    prices : (t, r) array
        Prices of the market's resources.
    priced : list of Priced
        All groups at these prices.
    stores : StorePrices
        Prices of the stores.
    bound : float
        Dual bound: no placement costs less.
    number, iterations : int
        Rounds and simplex iterations so far.
    """

    maker: ColumnMaker
    point: MasterPoint
    is_complete: bool
    caps: FloatArray
    market: Market
    prices: FloatArray
    priced: list[Priced]
    stores: StorePrices
    bound: float
    number: int
    iterations: int

    @property
    def gap(self) -> float:
        """Relative gap: ``(objective - bound) / |objective|``."""
        return (self.point.objective - self.bound) / max(abs(self.point.objective), 1e-300)

    @property
    def serving_gap(self) -> float:
        """The same difference over the cost without penalty, or ``LEAST_SHARE`` of the penalty if that is more."""
        served = max(abs(self.point.objective - self.point.penalty), LEAST_SHARE * self.point.penalty)
        return (self.point.objective - self.bound) / max(served, 1e-300)

    def closes(self, gap: float) -> bool:
        """Whether the point is feasible, and within both a gap and the certificate's gap of the bound.

        A large penalty hides a gap that is wide beside the cost of served demand.
        """
        return self.is_complete and self.gap <= gap and self.serving_gap <= max(gap, PROOF)


@dataclass(frozen=True, eq=False)
class Generated:
    """How column generation ended.

    Attributes
    ----------
    reason : Reason
        Optimal if the gap is closed or no column is left to add.
    start : Start or None
        Where the first master started; None if the path did not end.
    best : Round or None
        The last complete round.
    bound : float
        The best dual bound: no placement costs less.
    detail : str
        A remark beyond the reason.
    opening : Opening or None
        The master of the best round.
    """

    reason: Reason
    start: Start | None
    best: Round | None
    bound: float
    detail: str = ""
    opening: Opening | None = None
