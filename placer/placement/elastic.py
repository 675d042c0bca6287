"""The placement of demand with steps of value: who buys, at what price, and what buyers gain.

It is the placement of the demand that is bought, an instance without steps, so that every table, price and analysis of
a placement holds for it. With the price p_i of a demand and the bought part b_s of a step of value v_s:

    consumers' surplus   sum_s b_s (v_s - p_i)
    value bought         sum_s b_s v_s
    welfare              value bought - cost - penalty of unserved demand
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from placer.currency import amount_in
from placer.errors import InstanceError, Violation
from placer.instance.problem import Instance
from placer.io.results import BoughtDemand
from placer.model.structure import Structure
from placer.model.unserved import amounts_of_columns, columns_of_unserved, highest_values, unserved_by_column
from placer.placement.prices import demand_index
from placer.placement.result import Placement
from placer.tolerances import SOLVER
from placer.utils.arrays import BoolArray, FloatArray, without_noise
from placer.utils.numbers import quantity
from placer.utils.solver_limits import SMALLEST

#: The penalty of demand that is bought, as a multiple of its highest value: it is served in every optimum.
ABOVE = 10.0


@dataclass(frozen=True, eq=False)
class Offered:
    """Demand with its steps, before any of it is bought.

    Raises
    ------
    InstanceError
        If a backlog of demand with steps costs no more unserved than a step is worth: it has the penalty of its
        workload, which what is bought then has too.
    """

    instance: Instance
    structure: Structure

    def __post_init__(self) -> None:
        """Refuse a backlog that would not be served in every optimum, as what is bought is."""
        own, highest = self._penalty_usd, self._highest_usd.to_numpy(float)
        names, short = self.instance.workloads["workload"], self._keeps_own & (own <= highest)
        problem = "{:g} USD a Mtok of its backlog, and a step of its demand is worth {:g}"
        if short.any():
            raise InstanceError(
                Violation(
                    *("workloads", str(names[row]), "unserved_usd_per_mtok"),
                    *(problem.format(own[row], highest[row]), f"above {highest[row]:g}"),
                )
                for row in np.flatnonzero(short).tolist()
            )

    @property
    def has_steps(self) -> BoolArray:
        """Whether the workload of a demand has steps of its own (demands,)."""
        stepped = self.instance.demand["workload"].isin(self.instance.demand_steps["workload"])
        return stepped.to_numpy()

    def settled(self, unserved: FloatArray) -> FloatArray:
        """Return what is unserved without the rounding of a solver (demands,).

        What is bought of a demand with steps is nothing where it is at most a solver's tolerance of what is offered,
        or less than an instance can state.

        Parameters
        ----------
        unserved : (demands,) array
            Mtok of each demand that are not bought; of demand without steps, that are unserved.
        """
        offered = self.instance.demand["mtok"].to_numpy(float)
        weight = self.instance.weights[self.instance.demand_period]
        left = without_noise(unserved, self.structure.total_demand)
        nothing = offered - left / weight <= np.maximum(SOLVER * offered, SMALLEST)
        return np.where(self.has_steps & nothing, offered * weight, left)

    def bought(self, unserved: FloatArray) -> Instance:
        """Return the instance whose demand is what is bought, at a penalty above every value.

        Parameters
        ----------
        unserved : (demands,) array
            Mtok of each demand that are not bought, as ``settled`` returns them.
        """
        instance, offered = self.instance, self.instance.demand["mtok"]
        left = unserved / instance.weights[instance.demand_period]
        mtok = np.where(self.has_steps, np.maximum(offered - left, 0.0), offered)
        return instance.replace(
            demand=instance.demand.assign(mtok=mtok),
            demand_steps=instance.demand_steps.iloc[:0],
            workloads=self.workloads_of_bought(),
        )

    def workloads_of_bought(self) -> pd.DataFrame:
        """Return the workloads with a penalty above every value of their steps; their own without steps.

        A workload with a backlog keeps its own too, which is above every value.
        """
        workloads, dear = self.instance.workloads, ABOVE * self._highest_usd
        dear = dear.where(~self._keeps_own, self._penalty_usd)
        return workloads.assign(unserved_usd_per_mtok=dear.where(dear > 0, workloads["unserved_usd_per_mtok"]))

    @property
    def _penalty_usd(self) -> FloatArray:
        """The penalty of each workload; further modes, which come after the workloads, have that of their own."""
        return self.structure.unserved_cost[: len(self.instance.workloads)]

    @property
    def _highest_usd(self) -> pd.Series:
        """What a Mtok of each workload is worth at most; NaN without steps."""
        mask = self.has_steps
        worth = pd.Series(highest_values(self.structure)[mask])
        highest = worth.groupby(self.instance.demand["workload"].to_numpy()[mask]).max()
        return self.instance.workloads["workload"].map(highest).astype(float)

    @property
    def _keeps_own(self) -> BoolArray:
        """Whether a workload has steps and a backlog (workloads,)."""
        workloads = self.instance.workloads
        waits = workloads["workload"].isin(workloads["backlog_of"].dropna())
        return (waits & self._highest_usd.notna()).to_numpy(bool)


@dataclass(frozen=True, eq=False, repr=False)
class ElasticPlacement(Placement):
    """A placement of demand with steps of value. ``instance`` asks for what is bought; see ``offered`` for the rest.

    The certificate is of the whole: no placement of any bought amounts has a higher welfare.

    Attributes
    ----------
    offered : Offered
        The instance with its steps.
    unserved : (demands,) array
        Mtok of each demand of that instance that are not bought; of demand without steps, that are unserved.
    """

    offered: Offered = field(kw_only=True)
    unserved: FloatArray = field(kw_only=True)

    @cached_property
    def steps(self) -> pd.DataFrame:
        """One row a step of demand, by ``workload``, ``hub`` and ``hour``, from its lowest value up.

        ``value_usd_per_mtok``, ``mtok``, ``bought_mtok``, ``price_usd_per_mtok`` and ``surplus_usd`` of its buyers.
        """
        structure = self.offered.structure
        demand, value, _ = columns_of_unserved(structure)
        amount = amounts_of_columns(structure)
        left = np.minimum(unserved_by_column(structure, self.unserved), amount)
        price = self.rents.price[demand]
        bought = without_noise(amount - left, structure.total_demand)
        table = pd.DataFrame(
            {
                "value_usd_per_mtok": value,
                "mtok": amount,
                "bought_mtok": bought,
                "price_usd_per_mtok": price,
                "surplus_usd": bought * (value - price),
            },
            index=demand_index(self.formulation)[demand],
        )
        return table[self.offered.has_steps[demand]]

    @property
    def offered_mtok(self) -> float:
        """Demand of all steps."""
        return float(self.steps["mtok"].sum())

    @property
    def not_bought_mtok(self) -> float:
        """Demand whose value is below its price."""
        return float((self.steps["mtok"] - self.steps["bought_mtok"]).sum())

    @property
    def bought_demand(self) -> BoughtDemand:
        """What is bought, for analyses of the placement that take it as the demand."""
        offered, left = self.offered_mtok, self.not_bought_mtok
        in_words = f"{quantity(offered - left)} of {quantity(offered)} Mtok offered are bought at least cost"
        return BoughtDemand(offered, left, in_words)

    @property
    def consumers_surplus_usd(self) -> float:
        """What buyers gain: the value of what they buy, less its price."""
        return float(self.steps["surplus_usd"].sum())

    @property
    def value_bought_usd(self) -> float:
        """The value of what is bought."""
        return float((self.steps["bought_mtok"] * self.steps["value_usd_per_mtok"]).sum())

    @property
    def welfare_usd(self) -> float:
        """The value of what is bought, less cost and penalty."""
        return self.value_bought_usd - self.cost_and_penalty_usd

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table by name, with ``steps``."""
        return super().tables | {"steps": self.steps}

    def summary(self) -> dict[str, Any]:
        """Return the headline figures as plain values, with those of the steps."""
        names = ("offered_mtok", "not_bought_mtok", "value_bought_usd", "consumers_surplus_usd", "welfare_usd")
        return super().summary() | {name: getattr(self, name) for name in names}

    def _pieces(self) -> dict[str, Any]:
        return super()._pieces() | {"steps": self._whole("steps")}

    def _headlines(self) -> list[tuple[str, str]]:
        first, *others = super()._headlines()
        offered, left = quantity(self.offered_mtok), quantity(self.not_bought_mtok)
        bought = f"{left} of {offered} Mtok offered are worth less than their price"
        if self.not_bought_mtok == self.offered_mtok:
            bought += ": nothing is bought"
        gained, welfare = (amount_in(usd, self.currency) for usd in (self.consumers_surplus_usd, self.welfare_usd))
        surplus = f"{gained} of buyers, {welfare} less all costs"
        return [first, ("Not bought", bought), ("Surplus", surplus), *others]
