"""The value of waiting, moving, storing and building at a green share: a table that adds up.

    v(S) = least cost at the share with the flexibilities of S alone, missing green power at a price
    value of i = mean over all orders of what i saves as it joins            sum of values = v(none) - v(all)

(Shapley; ``placer.utils.shapley``). Without waiting all work is served in the hour in which it is asked for. Without
moving each demand keeps the data centres that it has in the placement of least cost without the share. Without storing
there are no batteries, and without building nothing is built. A MWh by which the delivered green power falls short of
the share costs ``missing_usd_per_mwh``, so that every coalition has a cost.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from placer.analysis.fronts.front import Names
from placer.analysis.fronts.moving_limit import Matching, MovingLimit, moving_limit
from placer.currency import USD, amount_in
from placer.decomposition.member import Member
from placer.decomposition.risk import NEUTRAL
from placer.errors import ArgumentError, NoSolutionError, on_another_program
from placer.flexibilities.without import with_missing, without_moving, without_waiting
from placer.instance.arguments import need_at_least_0, need_instance, need_number
from placer.instance.problem import Instance
from placer.instance.tables.given import TableLike
from placer.io.results import BoughtDemand, Result
from placer.ladder.proven import solve_structure
from placer.least_cost.unmet_limits import NO_POINT
from placer.model.answer import Flows
from placer.model.structure import Structure
from placer.planning.plan import program_of
from placer.planning.question.candidates import Candidates
from placer.planning.question.problem import PlanningProblem, planning_problem
from placer.planning.question.state_programs import raised_program
from placer.planning.search.proven_plan import prove_plan
from placer.running import Progress, in_time, phase, running
from placer.solve import as_bought, place
from placer.utils import notebook
from placer.utils.arrays import without_noise
from placer.utils.numbers import percent
from placer.utils.shapley import coalitions, shapley_value

_log = logging.getLogger(__name__)

WAITING, MOVING, STORING, BUILDING = "waiting", "moving", "storing", "building"


@dataclass(frozen=True, eq=False, repr=False)
class FlexibilityValues(Result):
    """What each flexibility saves at a green share, over the horizon.

    Attributes
    ----------
    green_share, missing_usd_per_mwh : float
        The share, and the price of a MWh that is missing to it.
    matching : str
        ``horizon``, ``day`` or ``hour``.
    coalitions : DataFrame
        One row per coalition: ``flexibilities`` it has, ``cost_usd`` with penalty, transfers, builds and missing power,
        ``missing_mwh`` and ``missing_usd``, ``unserved_mtok``.
    green_mwh : float
        Green power that the share asks for where all flexibilities work together.
    """

    green_share: float
    missing_usd_per_mwh: float
    matching: Matching
    coalitions: pd.DataFrame
    green_mwh: float
    currency: str = USD
    bought_demand: BoughtDemand | None = None

    @property
    def saved_usd(self) -> float:
        """The cost without all flexibilities less that with all."""
        cost = self.coalitions["cost_usd"]
        return float(cost.iloc[0] - cost.iloc[-1])

    @property
    def table(self) -> pd.DataFrame:
        """One row per flexibility: ``value_usd``, ``value_usd_per_mwh`` of green power, ``saved_share`` of the sum."""
        names = self.coalitions["flexibilities"].iloc[-1].split(" + ") if len(self.coalitions) > 1 else []
        cost = self.coalitions["cost_usd"].to_numpy(float)
        value = without_noise(-shapley_value(cost), float(np.abs(cost).max())) if names else np.zeros(0)
        return pd.DataFrame(
            {
                "value_usd": value,
                "value_usd_per_mwh": value / self.green_mwh if self.green_mwh else np.nan,
                "saved_share": value / self.saved_usd if self.saved_usd else np.nan,
            },
            index=pd.Index(names, name="flexibility"),
        )

    def summary(self) -> dict[str, Any]:
        """Return the share, its cost with and without all flexibilities, and the values."""
        cost = self.coalitions["cost_usd"]
        own = {
            "green_share": self.green_share,
            "matching": self.matching,
            "missing_usd_per_mwh": self.missing_usd_per_mwh,
            "cost_without_usd": float(cost.iloc[0]),
            "cost_usd": float(cost.iloc[-1]),
        }
        own |= {f"{name}_usd": float(value) for name, value in self.table["value_usd"].items()}
        return own | self._bought_figures()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The values and the coalitions."""
        return {"flexibility_values": self.table, "coalitions": self.coalitions}

    def __repr__(self) -> str:
        """Return the values in one line."""
        said = ", ".join(f"{name} {amount_in(usd, self.currency)}" for name, usd in self.table["value_usd"].items())
        saved = amount_in(self.saved_usd, self.currency)
        return self._with_bought(
            f"At {percent(self.green_share, 2)} green power flexibility saves {saved}: {said or 'none'}"
        )

    def _repr_html_(self) -> str:
        """Return the same and the table as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table, self.currency)


@on_another_program()
def flexibility_values(
    instance: Instance,
    green_share: float,
    matching: Matching = "hour",
    *,
    missing_usd_per_mwh: float,
    candidates: Candidates | TableLike | None = None,
    data_centre: Names = None,
    region: Names = None,
    power_zone: Names = None,
    gap: float = 1e-6,
    time_limit_seconds: float = math.inf,
    progress: Progress | None = None,
) -> FlexibilityValues:
    """Return what waiting, moving, storing and building each save at a green share; the values add up.

    A flexibility that the instance does not have is left out: no work that may wait, no batteries, no candidates.

    Parameters
    ----------
    green_share : float
        From 0 to 1.
    matching : str
        ``horizon``, ``day`` or ``hour``.
    missing_usd_per_mwh : float
        Cost of a MWh of green power that is missing to the share.
    candidates : table, optional
        What can be built, as for ``placer.plan``; yearly costs count in proportion to the horizon. As there, workloads
        need a penalty of their own, and candidates of accelerators make the accelerators of the instance sunk.
    data_centre, region, power_zone : str or iterable of str, optional
        The scope of the share.
    gap : float
        Relative gap of the plan of a coalition that builds.
    time_limit_seconds, progress
        As in ``placer.running``.

    Raises
    ------
    ArgumentError, InstanceError, NoSolutionError
        As ``placer.green_front`` and ``placer.plan``.

    Examples
    --------
    >>> import placer
    >>> china = placer.load("china", ["own_limits"]).replace(limits=[])
    >>> found = placer.flexibility_values(china, 0.8, missing_usd_per_mwh=100)
    >>> found.table.index.tolist(), bool(abs(found.table["value_usd"].sum() - found.saved_usd) < 1e-6)
    (['waiting', 'moving'], True)
    """
    need_instance(instance)
    need_number(green_share, "green_share")
    need_at_least_0(missing_usd_per_mwh, "missing_usd_per_mwh")
    if not missing_usd_per_mwh > 0:
        raise ArgumentError("missing_usd_per_mwh 0 is not above 0: missing power would cost nothing")
    if not 0 <= green_share <= 1:
        raise ArgumentError(f"green_share {green_share!r} is not between 0 and 1")
    scope = {"data_centre": data_centre, "region": region, "power_zone": power_zone}
    with running(progress, time_limit_seconds), phase(_log, "the value of each flexibility"):
        bought, said = as_bought(instance)
        game = _Game.of(bought, (green_share, missing_usd_per_mwh), (matching, scope), candidates, gap)
        every = [game.cost(members) for members in in_time(coalitions(game.players), "the cost of a coalition")]
        green_mwh = game.green_mwh()
    table = pd.DataFrame(every)
    currency = instance.settings.currency
    return FlexibilityValues(green_share, missing_usd_per_mwh, matching, table, green_mwh, currency, said)


class _Game:
    """The least cost of each coalition."""

    def __init__(
        self, limit: MovingLimit, share: float, price: float, question: PlanningProblem | None, gap: float
    ) -> None:
        self._limit, self._share, self._price, self._question, self._gap = limit, share, price, question, gap
        self._plan = None if question is None else program_of(question, NEUTRAL)
        free = place(limit.base, limit.without, None)
        self._reference = free.answer.point
        self._last: Flows | None = None

    @classmethod
    def of(
        cls,
        instance: Instance,
        asked: tuple[float, float],
        matched: tuple[str, dict[str, Any]],
        candidates: Candidates | TableLike | None,
        gap: float,
    ) -> _Game:
        """Return the game of an instance; with candidates, of the instance of their plan."""
        share, price = asked
        matching, scope = matched
        if candidates is None:
            return cls(moving_limit(instance, "green_share", matching, scope), share, price, None, gap)
        question = planning_problem(instance, candidates)
        limit = moving_limit(question.instance, "green_share", matching, scope)
        return cls(limit, share, price, question, gap)

    @property
    def players(self) -> list[str]:
        """The flexibilities that there are."""
        has = {
            WAITING: bool((self._limit.without.structure.window > 0).any()),
            MOVING: True,
            STORING: len(self._limit.base.batteries) > 0,
            BUILDING: self._question is not None,
        }
        return [name for name, there in has.items() if there]

    def cost(self, members: tuple[str, ...]) -> dict[str, Any]:
        """Return the row of a coalition."""
        structure, dropped_usd = self._structure(members)
        build_usd = 0.0
        if BUILDING in members:
            structure, build_usd = self._built(members, structure)
        cost, flows, missing = self._keeping(structure) or self._missing(structure)
        self._last = flows
        left = 0.0 if MOVING in members else float(self._reference.unserved.sum())
        return {
            "flexibilities": " + ".join(members) or "none",
            "cost_usd": cost + dropped_usd + build_usd,
            "missing_mwh": missing,
            "missing_usd": missing * self._price,
            "unserved_mtok": float(flows.unserved[: len(structure.demand_amount)].sum()) + left,
        }

    def _keeping(self, structure: Structure) -> tuple[float, Flows, float] | None:
        """Return the least cost, and flows, with no missing power; None where some would cost less, or none keep it.

        With rents of the share of at most the price, the duals are those of the structure with missing power too.
        """
        try:
            answer, certificate = solve_structure(structure)
        except NoSolutionError as stopped:
            if stopped.reason not in NO_POINT:
                raise
            return None
        if self._limit.caps(answer.prices.cap).max() > self._price:
            return None
        return certificate.objective, answer.point, 0.0

    def _missing(self, structure: Structure) -> tuple[float, Flows, float]:
        """Return the least cost, and flows, where power may be missing, and the MWh that are."""
        changed, idle_usd = self._with_missing(structure)
        answer, certificate = solve_structure(changed)
        flows = answer.point
        missing = float(flows.amount[changed.arc_class[flows.arc] == structure.classes].sum())
        return certificate.objective - idle_usd, flows, missing

    def green_mwh(self) -> float:
        """Return the green power that the share asks for in the last coalition, of all flexibilities."""
        if self._last is None:
            return 0.0
        return self._share * float(self._limit.counted(self._last).sum())

    def _structure(self, members: tuple[str, ...]) -> tuple[Structure, float]:
        """Return the structure of a coalition that keeps the share, and the cost of the work that it leaves out."""
        structure, dropped_usd = self._limit_of(members).formulation(self._share).structure, 0.0
        if MOVING not in members:
            structure, dropped_usd = without_moving(structure, self._reference)
        return (structure if WAITING in members else without_waiting(structure)), dropped_usd

    def _limit_of(self, members: tuple[str, ...]) -> MovingLimit:
        """Return the limit of a coalition: without storing there are no batteries."""
        limit = self._limit
        if STORING in members or not len(limit.base.batteries):
            return limit
        return replace(limit, base=limit.base.replace(batteries=[]))

    def _with_missing(self, structure: Structure) -> tuple[Structure, float]:
        """Return a structure in which power may be missing, and the cost of none."""
        drawn = (structure.draw.max(axis=1) * structure.overhead.max())[structure.demand_class]
        most = float(structure.demand_amount @ drawn)
        return with_missing(structure, self._limit.places(structure), self._price, most)

    def _built(self, members: tuple[str, ...], structure: Structure) -> tuple[Structure, float]:
        """Return the structure of a coalition with the builds of least cost, and their cost over the horizon."""
        question, plan, limit = self._question, self._plan, self._limit_of(members)
        if question is None or plan is None:
            return structure, 0.0
        weight, formulation = plan.states[0].weight, limit.formulation(self._share)
        every = np.ones(len(question.candidates))
        state = raised_program(question, ("", weight), limit.base, formulation, every)

        def member(of: Structure) -> Member:
            whole = replace(of, stores=state.structure.stores)  # builds raise the limits of these
            return replace(state, formulation=replace(state.formulation, structure=whole))

        problem = replace(plan, states=(member(self._with_missing(structure)[0]),))
        units = prove_plan(problem, self._gap).units
        return member(structure).at(units), problem.build_cost(units) / weight
