"""An answer carried back from a smaller instance: a placement of the whole, and an interval for its least cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from placer.currency import amount_in
from placer.instance.problem import Instance
from placer.instance.reduced import Reduced
from placer.io.results import Result
from placer.placement.result import Placement
from placer.utils import notebook
from placer.utils.numbers import gap_in_words

#: Figures of a placement that stand in a column of ``answers``.
_FIGURES = ("cost_usd", "penalty_usd", "served_mtok", "unserved_mtok", "exported_mtok", "energy_mwh", "carbon_kg")


@dataclass(frozen=True, eq=False, repr=False)
class CarriedBack(Result):
    """A placement of the whole from the answer of a smaller instance, with the proven gap to the least cost.

    Attributes
    ----------
    reduced : Reduced
        The smaller instance and the whole.
    placement : Placement
        Of the whole. Its certificate proves that it keeps every limit, and has the gap; ``proven`` where that is as
        narrow as a solver's.
    reduced_placement : Placement
        Of least cost, of the smaller instance.
    laid_usd : float
        The bound on the least cost that the prices of ``reduced_placement`` alone prove.
    headlines : DataFrame
        Ranges of the headlines that were asked for (``placer.reduced.headlines``), over all placements of the whole
        that cost at most ``upper_usd``; empty if there are none.
    """

    reduced: Reduced[Instance]
    placement: Placement
    reduced_placement: Placement
    laid_usd: float
    headlines: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def lower_usd(self) -> float:
        """The proven bound: no placement of the whole costs less, transfers and penalty included."""
        return min(self.placement.certificate.bound + self._contracts_usd, self.upper_usd)

    @property
    def upper_usd(self) -> float:
        """What ``placement`` costs, transfers and penalty included: the least cost of the whole is no more."""
        return self.placement.certificate.objective + self._contracts_usd

    @property
    def _contracts_usd(self) -> float:
        """What contracts of power cost in any case."""
        return sum(self.placement.contracts_part.values())

    @property
    def gap(self) -> float:
        """The relative gap of the certificate: by how much the cost may exceed the least."""
        return max(self.placement.gap, 0.0)

    @property
    def currency(self) -> str:
        """The currency of all amounts."""
        return self.placement.currency

    @property
    def answers(self) -> pd.DataFrame:
        """What the smaller answer says of the whole, and what the placement of the whole has."""
        rows = {"smaller": self.reduced_placement, "carried back": self.placement}
        table = pd.DataFrame({name: [getattr(each, name) for each in rows.values()] for name in _FIGURES})
        return table.set_index(pd.Index(rows, name="answer"))

    @property
    def table(self) -> pd.DataFrame:
        """The main table: ``answers``."""
        return self.answers

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name: ``answers``, and what stands for each hub, data centre and hour."""
        reduced = self.reduced
        tables = {
            "answers": self.answers,
            "hubs": reduced.hubs,
            "data_centres": reduced.data_centres,
            "hours": reduced.hours,
        }
        return tables if self.headlines.empty else tables | {"headlines": self.headlines}

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values."""
        whole, small = self.reduced.whole, self.reduced.instance
        return {
            "hubs": len(small.hubs),
            "hubs_of_whole": len(whole.hubs),
            "data_centres": len(small.data_centres),
            "data_centres_of_whole": len(whole.data_centres),
            "hours": len(small.hours),
            "hours_of_whole": len(whole.hours),
            "lower_usd": self.lower_usd,
            "upper_usd": self.upper_usd,
            "gap": self.gap,
            "proven": self.placement.certificate.proven,
            "laid_usd": self.laid_usd,
            "cost_usd": self.placement.cost_usd,
            "penalty_usd": self.placement.penalty_usd,
        }

    def __repr__(self) -> str:
        """Return the interval and the gap."""
        lower, upper = (amount_in(usd, self.currency) for usd in (self.lower_usd, self.upper_usd))
        if self.placement.certificate.proven:
            return f"CarriedBack: a placement of {upper}, proven: none costs less"
        return f"CarriedBack: a placement of {upper}, none is below {lower}, {gap_in_words(self.gap)}"

    def _repr_html_(self) -> str:
        """Return the same and the answers as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.answers, self.currency)
