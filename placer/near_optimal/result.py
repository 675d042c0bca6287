"""Alternatives: the ranges of groups over all answers within a budget, and a few of these answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from placer.currency import amount_in
from placer.io.results import BoughtDemand, Result
from placer.near_optimal.words import Tie, above_in_words, in_every_answer, in_no_answer, sentence
from placer.placement.result import Placement
from placer.utils import notebook


@dataclass(frozen=True, eq=False, repr=False)
class AlternativePlacement(Placement):
    """A placement that costs more than the least, within a budget.

    Its flows keep all limits, and ``certificate`` has the gap: how far its cost lies above the proven bound on the
    least cost. It is no optimum and has no prices of its own: its prices and rents are those of the placement of least
    cost.
    """

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        return super().summary() | {"termination": "within the budget"}

    def _headlines(self) -> list[tuple[str, str]]:
        """Return the headline figures, with the gap in place of a proof and without prices."""
        told = f"feasible, {above_in_words(self.certificate.objective, self.certificate.bound)}"
        return [("Placement", told), *(line for line in super()._headlines()[1:] if line[0] != "Price per Mtok")]


@dataclass(frozen=True, eq=False, repr=False)
class Alternatives(Result):
    """What placements or plans of nearly least cost have in common, and how far they differ.

    Attributes
    ----------
    within : float
        The budget exceeds the least cost by this share of it.
    least_usd, most_usd : float
        The least cost, transfers and penalty included, and the budget; of a plan, a year.
    ranges : DataFrame
        One row a group, by ``kind`` and ``group``. ``unit``; ``at_least_cost``, what the group has in the answer of
        least cost; ``least`` and ``most``: no answer within the budget has less or more; ``least_found`` and
        ``most_found``: there are such answers, and with every amount between; ``least_share`` and ``most_share``,
        ``least`` and ``most`` as parts of all that is asked for, or of what the answer of least cost takes to serve
        it; ``proven``: whether found and proven ends meet; ``spanned_share``, the part of the range between the
        answers of ``answers``.
    answers : DataFrame
        One row an answer, the first of least cost: ``cost_usd`` of what is served, ``unserved_mtok`` and its
        ``penalty_usd``, ``above_share``, how far the budgeted cost lies above the least.
    amounts : DataFrame
        One row for each ``answer``, ``kind`` and ``group``: ``counted``, and ``place`` between ``least_found`` (0) and
        ``most_found`` (1).
    placements : tuple of Placement
        The answers themselves, of placements; empty for plans.
    currency, bought_demand : str, BoughtDemand or None
        Those of the placement.
    tie : Tie or None
        Of plans: the ``groups`` that stand for each other, with the ``least`` and ``most`` of all groups together.
    """

    within: float
    least_usd: float
    most_usd: float
    ranges: pd.DataFrame
    answers: pd.DataFrame
    amounts: pd.DataFrame
    placements: tuple[Placement, ...]
    currency: str
    bought_demand: BoughtDemand | None = None
    tie: Tie | None = None

    @property
    def in_every(self) -> pd.DataFrame:
        """The rows of ``ranges`` of groups that every answer within the budget has some of."""
        return in_every_answer(self.ranges)

    @property
    def in_none(self) -> pd.DataFrame:
        """The rows of ``ranges`` of groups that no answer within the budget has any of."""
        return in_no_answer(self.ranges)

    @property
    def in_words(self) -> str:
        """What is in every answer within the budget, what in none, and what is tied, as sentences."""
        told = sentence(self.ranges, self.within, "placement" if self.placements else "plan")
        return told if self.tie is None else f"{told} {self.tie.in_words}"

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``ranges``."""
        return self.ranges

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name."""
        return {"ranges": self.ranges, "answers": self.answers, "amounts": self.amounts}

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        return {
            "within": self.within,
            "least_usd": self.least_usd,
            "most_usd": self.most_usd,
            "groups": len(self.ranges),
            "in_every": len(self.in_every),
            "in_none": len(self.in_none),
            "proven": bool(self.ranges["proven"].all()),
            "answers": len(self.answers),
            "in_words": self.in_words,
        } | self._bought_figures()

    def __repr__(self) -> str:
        """Return the budget and what all answers within it have in common."""
        cost = (
            f"{amount_in(self.least_usd, self.currency)} at the least, up to {amount_in(self.most_usd, self.currency)}"
        )
        proven = int(self.ranges["proven"].sum())
        told = f"{proven} of {len(self.ranges)} ranges proven, {len(self.answers)} answers"
        return self._with_bought(f"Alternatives: {cost}; {told}. {self.in_words}")

    def _repr_html_(self) -> str:
        """Return the same and the ranges as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.ranges, self.currency)
