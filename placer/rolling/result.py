"""The placements of a rolled horizon, as a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from placer.currency import USD, amount_in
from placer.io.results import Result
from placer.placement.result import Placement
from placer.utils import notebook
from placer.utils.numbers import quantity


@dataclass(frozen=True, eq=False, repr=False)
class RolledPlacement(Result):
    """The placements of a rolled horizon, and the hours kept of each.

    Attributes
    ----------
    placements : tuple of Placement or None
        One for every step, its look ahead included; None for a step without demand and backlog.
    steps : DataFrame
        One row per step, by its first hour: ``last_hour`` that is kept; ``demand_mtok`` that arrives, of which
        ``not_bought_mtok`` are worth less than their price, ``backlog_mtok`` from the step before, ``served_mtok``,
        ``unserved_mtok`` (of both) and ``remaining_mtok`` handed on; ``cost_usd``, ``transfers_usd`` (charges of
        policies that regions are paid), ``penalty_usd`` and ``value_bought_usd`` (by the steps of value of its demand).
        demand + backlog = not bought + served + unserved + remaining.
    workloads : DataFrame
        The same by ``workload`` over all steps: ``demand_mtok``, ``not_bought_mtok``, ``backlog_mtok`` at the start of
        the horizon, ``served_mtok`` and ``unserved_mtok``.
    currency : str
        Of all amounts.
    """

    placements: tuple[Placement | None, ...]
    steps: pd.DataFrame
    workloads: pd.DataFrame
    currency: str = USD

    @property
    def cost_usd(self) -> float:
        """Cost of the kept hours, without the penalty and without transfers."""
        return float(self.steps["cost_usd"].sum())

    @property
    def transfers_usd(self) -> float:
        """Charges of policies that regions are paid."""
        return float(self.steps["transfers_usd"].sum())

    @property
    def penalty_usd(self) -> float:
        """Penalty for unserved demand."""
        return float(self.steps["penalty_usd"].sum())

    @property
    def cost_and_penalty_usd(self) -> float:
        """Cost and penalty.

        With transfers, and less the value bought, at least those of the whole horizon solved at once, to the tolerance
        of the proofs.
        """
        return self.cost_usd + self.penalty_usd

    @property
    def value_bought_usd(self) -> float:
        """The value of what is bought of demand with steps of value."""
        return float(self.steps["value_bought_usd"].sum())

    @property
    def demand_mtok(self) -> float:
        """Demand over all hours."""
        return float(self.workloads["demand_mtok"].sum())

    @property
    def not_bought_mtok(self) -> float:
        """Demand whose value is below its price."""
        return float(self.workloads["not_bought_mtok"].sum())

    @property
    def served_mtok(self) -> float:
        """Served demand; each Mtok counts once, in the step that serves it."""
        return float(self.workloads["served_mtok"].sum())

    @property
    def unserved_mtok(self) -> float:
        """Unserved demand."""
        return float(self.workloads["unserved_mtok"].sum())

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        usd = ("cost_usd", "transfers_usd", "penalty_usd", "value_bought_usd")
        mtok = ("demand_mtok", "not_bought_mtok", "served_mtok", "unserved_mtok")
        return {"steps": len(self.steps)} | {name: getattr(self, name) for name in (*usd, *mtok)}

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``steps``."""
        return self.steps

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """``steps`` and ``workloads``."""
        return {"steps": self.steps, "workloads": self.workloads}

    def _repr_html_(self) -> str:
        """Return the main figures and the steps as HTML, for notebooks."""
        return notebook.sentence(repr(self).strip("<>")) + notebook.rows(self.steps, self.currency)

    def __repr__(self) -> str:
        """Return the main figures in one line."""
        left = f"{quantity(self.not_bought_mtok)} not bought, " if self.not_bought_mtok else ""
        cost, charged, penalty = (
            amount_in(usd, self.currency) for usd in (self.cost_usd, self.transfers_usd, self.penalty_usd)
        )
        transfers = f", {charged} of transfers" if self.transfers_usd else ""
        return (
            f"<{len(self.steps)} steps: {quantity(self.served_mtok)} Mtok served, {left}"
            f"{quantity(self.unserved_mtok)} unserved, "
            f"{cost} and {penalty} penalty{transfers}>"
        )
