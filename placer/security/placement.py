"""A secure placement: the tables of a placement, with the price of security and the rents of each contingency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from placer.currency import amount_in
from placer.extended.placement import ModelPlacement
from placer.extended.prices import PART, with_own_part
from placer.io.results import BoughtDemand
from placer.model.program import LinearProgram, LPSolution
from placer.placement.headlines import headline_figures, ratio_in_words
from placer.placement.price_summary import demand_axis
from placer.placement.prices import served_of
from placer.placement.result import Placement
from placer.security.answer import SecureAnswer
from placer.security.definition import Security
from placer.security.rents import security_rents
from placer.tolerances import SOLVER
from placer.utils import notebook
from placer.utils.arrays import FloatArray, IntArray, without_noise
from placer.utils.numbers import quantity

#: Name of the part of a price that contingencies charge.
SECURITY_PART = "security_usd_per_mtok"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SecurePlacement(ModelPlacement):
    """A placement that survives any one contingency. ``certificate`` is of the secure program.

    Tables and figures are those of ``placer.Placement``, with these differences. ``prices`` has a part
    ``security_usd_per_mtok``: the cost of headroom for contingencies per Mtok, and no latency rent (NaN) for workloads
    that pay it. ``settlement`` has the line ``security_rent``: the rents of headroom over all contingencies.
    ``scarcities`` lists the contingencies that have a rent. Flows are those of the solver.

    Analyses of an instance (ceilings, price ranges, explanations, naive rules) raise an error for it, since they do not
    support contingencies. ``placer.audit`` accepts it. A report has an audit of the placement, and no naive rules.

    Attributes
    ----------
    security : Security
    share : (classes,) array
        The protected share of every workload, and of its further modes.
    without : Placement
        The placement of the same instance without security.
    secure : SecureAnswer
        The solved secure program and its prices.
    contingencies : tuple of str
        The names of all contingencies.
    bound_usd : float
        The bound on cost, penalty and stranded work with its inner minimum (``placer.security.bound``).
    """

    security: Security
    share: FloatArray
    without: Placement
    secure: SecureAnswer
    contingencies: tuple[str, ...]
    bound_usd: float

    @property
    def bought_demand(self) -> BoughtDemand | None:
        """What is bought without security, which is the demand of the secure placement."""
        return self.without.bought_demand

    @property
    def security_usd(self) -> float:
        """The price of security: cost, transfers and penalty less those of the placement without security."""
        charged = self.transfers_usd - self.without.transfers_usd
        return self.cost_and_penalty_usd - self.without.cost_and_penalty_usd + charged

    @property
    def security_usd_per_mtok(self) -> float:
        """The price of security per Mtok served; NaN if no demand is served."""
        return self.security_usd / self.served_mtok if self.served_mtok > 0 else float("nan")

    @cached_property
    def stranded_mtok(self) -> dict[str, float]:
        """The stranded protected work of each contingency; the sum is the least of all placements."""
        found = dict.fromkeys(self.contingencies, 0.0)
        for each, mtok in zip(self.secure.contingents, self.secure.stranded, strict=True):
            asked = float(each.structure.demand_amount.sum())
            found[each.recourse.outage.name] = mtok if mtok > SOLVER * asked else 0.0
        return found

    @cached_property
    def binding_contingencies(self) -> pd.DataFrame:
        """One row per contingency with a rent or stranded work, in descending order of rent; index ``contingency``.

        Columns: ``rent_usd`` (earnings of its headroom over the horizon), ``stranded_mtok``.
        """
        rents = self.security_rents["rent_usd"].groupby(level="contingency").sum()
        table = pd.DataFrame({"rent_usd": rents, "stranded_mtok": pd.Series(self.stranded_mtok)}).fillna(0.0)
        table = table[(table > 0).any(axis=1)].rename_axis("contingency")
        return table.sort_values("rent_usd", ascending=False, kind="stable")

    @cached_property
    def security_rents(self) -> pd.DataFrame:
        """One row per limit and hour that has a rent in a contingency; see ``placer.security.rents``."""
        return security_rents(self.instance, self.formulation, self.secure.contingents)

    @cached_property
    def cost_parts_usd(self) -> dict[str, float]:
        """Cost by part. They add up to ``cost_usd``; recourse costs nothing."""
        return super(ModelPlacement, self).cost_parts_usd

    @cached_property
    def prices(self) -> pd.DataFrame:
        """The marginal price of every demand, as ``Placement.prices``, with ``security_usd_per_mtok``.

        ``at_penalty`` is also true if one more Mtok would strand work: security then charges at least a tenth of the
        penalty of stranded work, which is ten times the highest cost of serving a Mtok.
        """
        table = super().prices.drop(columns="integers_fixed").rename(columns={PART: SECURITY_PART})
        return table.assign(at_penalty=table["at_penalty"] | (table[SECURITY_PART] >= self.secure.penalty / 10))

    @cached_property
    def priced_mtok(self) -> FloatArray:
        """The Mtok of every demand (demands,) that means of prices are of: all that is served, as in ``settlement``.

        Security is paid for in the prices of the demand that it protects, also where one more Mtok would strand work.
        """
        return served_of(self.formulation.structure, self.accounts)

    def price_summary(self, by: Literal["workload", "hub", "hour"] | None = None) -> pd.DataFrame:
        """Return means and medians of prices, as ``Placement.price_summary``, with the part of security."""
        summary = super(ModelPlacement, self).price_summary(by)
        return with_security_part(summary, self.prices, self.priced_mtok, demand_axis(self.formulation, by)[0])

    @cached_property
    def settlement(self) -> pd.Series:
        """Both sides of the settlement identity, in USD, with ``stranded``, ``unserved_rent`` and ``security_rent``.

        ``stranded`` is the penalty of stranded work. ``unserved_rent`` is the rent of the row that limits unserved
        demand to its amount without security. Both enter the price of a demand whose increase would strand more work or
        leave more demand unserved.
        """
        lines = super().settlement
        held = self.secure.unserved_rent_usd
        own = lines["own_rows_rent"] + lines["own_columns_rent"] - held
        stranded = self.secure.penalty * sum(self.stranded_mtok.values())
        left = float(without_noise(np.array(lines["difference"] - stranded), abs(lines["payments"]) * _ROUNDING))
        lines = lines.drop(["own_rows_rent", "own_columns_rent", "difference"])
        more = {"stranded": stranded, "unserved_rent": held, "security_rent": own, "difference": left}
        return pd.concat([lines, pd.Series(more)]).rename("usd")

    @cached_property
    def scarcities(self) -> pd.DataFrame:
        """One row per scarce limit, as ``Placement.scarcities``, and one per contingency with a rent."""
        limits = super(ModelPlacement, self).scarcities
        rents = self.security_rents
        rows = [
            ("contingency", name, float(part.index.get_level_values("hour").nunique()), float(part["rent_usd"].sum()))
            for name, part in rents.groupby(level="contingency", sort=False)
        ]
        own = pd.DataFrame(rows, columns=["limit", "name", "hours", "rent_usd"]).set_index(["limit", "name"])
        both = pd.concat([limits, own]) if len(limits) and len(own) else (own if len(own) else limits)
        return both.sort_values("rent_usd", ascending=False, kind="stable")

    @property
    def _over_horizon(self) -> tuple[LinearProgram, LPSolution]:
        """The secure program and its solution, which hold the amounts of the horizon."""
        return self.program, self.solution

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values, with those of security."""
        stranded = self.stranded_mtok
        figures = super(ModelPlacement, self).summary() | self._bought_figures()
        return figures | {
            "security_usd": self.security_usd,
            "security_usd_per_mtok": self.security_usd_per_mtok,
            "contingencies": len(self.contingencies),
            "binding_contingencies": list(self.binding_contingencies.index),
            "stranding_contingencies": [name for name, mtok in stranded.items() if mtok > 0],
            "stranded_mtok": max(stranded.values()),
        }

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name, with ``security_rents`` and ``binding_contingencies``."""
        tables = super(ModelPlacement, self).tables
        return tables | {"security_rents": self.security_rents, "binding_contingencies": self.binding_contingencies}

    def _pieces(self) -> dict[str, Iterator[pd.DataFrame]]:
        own = ("prices", "security_rents", "binding_contingencies")
        return super(ModelPlacement, self)._pieces() | {name: self._whole(name) for name in own}

    def _repr_html_(self) -> str:
        """Return the headline figures and the binding contingencies as HTML, for notebooks."""
        return notebook.figures(self._headlines()) + notebook.rows(self.binding_contingencies, self.currency)

    def _headlines(self) -> list[tuple[str, str]]:
        """Return the headline figures, with lines on security."""
        first, *others = headline_figures(self)
        binding, stranded = self.binding_contingencies, self.stranded_mtok
        names = ", ".join(list(binding.index)[:_NAMED]) + (", ..." if len(binding) > _NAMED else "")
        named = f": {names}" if names else ""
        beyond = f"{amount_in(self.security_usd, self.currency)} more than without"
        per_mtok = ratio_in_words(self.security_usd_per_mtok, f"{quantity(self.security_usd_per_mtok)} a Mtok")
        lines = [
            ("Security", f"{beyond}, {per_mtok}"),
            (
                "Contingencies",
                f"{len(self.contingencies)}, {len(binding)} of them bind{named}",
            ),
        ]
        if any(stranded.values()):
            worst = max(stranded, key=lambda name: stranded[name])
            lines.append(("Stranded", f"{quantity(stranded[worst])} Mtok where {worst} is lost, the least in total"))
        return [first, *self._bought_lines(), *lines, *others]


def with_security_part(summary: pd.DataFrame, prices: pd.DataFrame, priced: FloatArray, axis: IntArray) -> pd.DataFrame:
    """Return a summary of the prices of a secure placement along an axis of demands, with the part of security."""
    named = prices.rename(columns={SECURITY_PART: PART})
    return with_own_part(summary, named, priced, axis).rename(columns={PART: SECURITY_PART})


#: Sums of the settlement differ by rounding up to ``NOISE`` times this.
_ROUNDING = 1e3
#: Maximum number of contingencies named in a line.
_NAMED = 3
