"""The planning problem: candidates, build limits and states as arrays.

    minimise  c z + measure_o Q_o(z)        A z <= L,  0 <= z <= most

``measure`` is ``sum_o w_o Q_o`` unless a risk is given (``placer.decomposition.risk``). It is then the sum over the
planning years of the measure of the states of each: years follow each other, and states are chances. A build limit of
at least an amount is a row with its signs turned. Limits on unserved protected work are rows of ``A z <= L`` too
(``placer.planning.question.protection``), and so are cuts that exclude units at which a state has no placement
(``placer.planning.costs.unmet_states``). Annual limits are such rows too; their variables, the allotments of states,
follow those of candidates (``placer.planning.question.allotments``).

Units of a candidate are useful up to a number U: above it, every limit that the candidate raises exceeds the use by all
demand of any state, so that every Q_o is flat. If a candidate has no maximum, some plan of least cost has at most U
units of it. ``most`` is then twice U: units within it are not at a maximum, so that prices give the next unit no value
above its cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from placer.decomposition.cuts import CostCut
from placer.decomposition.limits import laid_limits
from placer.decomposition.member import Member
from placer.decomposition.risk import NEUTRAL, CVaR, measure
from placer.model.structure import Structure
from placer.planning.question.allotments import NO_ALLOTMENTS, Allotments
from placer.planning.question.build_limits import BuildLimits
from placer.planning.question.candidates import Candidates
from placer.planning.question.protection import ProtectedState, SurvivalCut
from placer.utils.arrays import NOISE, BoolArray, FloatArray, IntArray

#: The most units of a candidate without a maximum, in useful units.
_BEYOND = 2.0


@dataclass(frozen=True, eq=False)
class PlanProgram:
    """The planning problem over all states.

    Attributes
    ----------
    candidates : Candidates
        All variables: candidates, then the allotments of annual limits.
    build_limits : BuildLimits
        Build limits, then annual limits.
    protected : tuple of ProtectedState
        States in which protected work must be served.
    survival_cuts : tuple of SurvivalCut
        Cuts on the unserved work of these states.
    unmet_cuts : tuple of CostCut
        Each is at most 0 where every state has a placement.
    allotments : Allotments
        The variables and rows of annual limits.
    """

    states: tuple[Member, ...]
    candidates: Candidates
    build_limits: BuildLimits
    risk: CVaR
    protected: tuple[ProtectedState, ...] = ()
    survival_cuts: tuple[SurvivalCut, ...] = ()
    unmet_cuts: tuple[CostCut, ...] = ()
    allotments: Allotments = NO_ALLOTMENTS

    @property
    def built(self) -> slice:
        """The variables that are units of candidates."""
        return slice(len(self.candidates) - len(self.allotments))

    @cached_property
    def weights(self) -> FloatArray:
        """``w``: horizons a year of each state (states,)."""
        return np.array([state.weight for state in self.states])

    @property
    def members(self) -> tuple[Member, ...]:
        """The states, as members of a family (``placer.decomposition.family``)."""
        return self.states

    @property
    def kinds(self) -> tuple[str, ...]:
        """The limit that each candidate adds to (candidates,)."""
        return tuple(self.candidates.adds)

    @cached_property
    def groups(self) -> tuple[IntArray, ...]:
        """Positions of the states of each planning year, over which a risk is measured."""
        year = np.array([state.group for state in self.states])
        return tuple(np.flatnonzero(year == each) for each in np.unique(year))

    @property
    def cost(self) -> FloatArray:
        """``c``, in USD a unit and year (candidates,)."""
        return self.candidates.cost_usd_per_unit_year

    @cached_property
    def sign(self) -> FloatArray:
        """1 for a build limit of at most an amount, -1 for one of at least (build limits,)."""
        return np.array([1.0 if sense == "<=" else -1.0 for sense in self.build_limits.sense])

    @cached_property
    def takes(self) -> FloatArray:
        """``A`` (build limits and cuts, candidates); candidates without use have no part in cuts."""
        slopes = [*(cut.slope for cut in self.survival_cuts), *(cut.slope for cut in self.unmet_cuts)]
        cuts = [np.where(self.useful > 0, -slope, 0.0) for slope in slopes]
        return np.vstack([self.sign[:, None] * self.candidates.takes.T, *cuts])

    @cached_property
    def amount(self) -> FloatArray:
        """``L`` (build limits and cuts,)."""
        cuts = [self.protected[cut.state].most_mtok - cut.constant for cut in self.survival_cuts]
        unmet = [-cut.constant for cut in self.unmet_cuts]
        return np.concatenate([self.sign * self.build_limits.amount, cuts, unmet])

    @cached_property
    def useful(self) -> FloatArray:
        """``U``: the number of units of each candidate above which more are useless in every state (candidates,)."""
        states = [*self.states, *(each.state for each in self.protected)]
        useful = np.asarray(np.max([_useful_units(state) for state in states], axis=0))
        return np.append(useful[self.built], self.allotments.useful)

    @property
    def has_no_maximum(self) -> BoolArray:
        """Whether the units of a candidate have no maximum (candidates,)."""
        return np.isinf(self.candidates.max_units)

    @cached_property
    def most(self) -> FloatArray:
        """The most units of each candidate; finite (candidates,)."""
        return np.where(self.has_no_maximum, _BEYOND * self.useful, self.candidates.max_units)

    @property
    def module(self) -> FloatArray:
        """Units of a module of each candidate; NaN for any number (candidates,)."""
        return self.candidates.module_units

    @cached_property
    def opening(self) -> FloatArray:
        """Cost of building any units of each candidate, in USD a year (candidates,)."""
        return np.nan_to_num(self.candidates.opening_usd_per_year)

    @property
    def is_whole(self) -> bool:
        """Whether a candidate is built in modules, or has a cost of opening: the program then has integers."""
        return bool(np.isfinite(self.module).any() or (self.opening > 0).any())

    def of_some_states(self, chosen: Sequence[int], weights: Sequence[float]) -> PlanProgram:
        """Return the problem over some states that stand for all, with other weights, without risk.

        Allotments count as often as their states; those of other states take nothing.
        """
        states = tuple(replace(self.states[place], weight=each) for place, each in zip(chosen, weights, strict=True))
        changed = replace(self, states=states, risk=NEUTRAL)
        if not len(self.allotments):
            return changed
        factor = np.zeros(len(self.states))
        factor[list(chosen)] = np.array(weights) / self.weights[list(chosen)]
        takes = self.candidates.takes.copy()
        takes[self.built.stop :] *= factor[self.allotments.state, None]
        return replace(changed, candidates=replace(self.candidates, takes=takes))

    def shared_out(self, units: FloatArray, of: PlanProgram) -> FloatArray:
        """Return units whose allotments share out the annual limits; the units themselves if there are none.

        Parameters
        ----------
        units : (variables,) array
        of : PlanProgram
            The problem of the units, over all of these states or some: allotments of others are not known.
        """
        if not len(self.allotments):
            return units
        takes, known = (each.candidates.takes[each.built.stop :].sum(axis=1) for each in (self, of))
        return self.allotments.shared_out(units, takes, known > 0)

    def filled(self, units: FloatArray, high: FloatArray) -> FloatArray:
        """Return units whose allotments share what annual limits leave, in proportion to the room of each."""
        if not len(self.allotments):
            return units
        own = slice(self.built.stop, None)
        takes, given = self.candidates.takes[own, -len(self.allotments.names) :], units[own]
        room = np.maximum(np.minimum(high[own], self.allotments.useful) - given, 0.0)
        left = np.maximum(self.allotments.amount - takes.T @ given, 0.0)
        wanted = takes.T @ room
        part = np.minimum(np.divide(left, wanted, out=np.ones_like(left), where=wanted > 0), 1.0)
        return np.append(units[: own.start], given + room * part[self.allotments.row])

    def build_cost(self, units: FloatArray) -> float:
        """Return the yearly cost of units, openings included."""
        return float(self.cost @ units + self.opening @ (units > 0))

    def keeps_limits(self, units: FloatArray) -> bool:
        """Whether units keep the build limits and the bounds of candidates, to the last digits."""
        taken, size = self.takes @ units, np.abs(self.takes) @ np.abs(units) + np.abs(self.amount)
        inside = (units >= 0) & (units <= self.most * (1 + NOISE))
        return bool(inside.all() and (taken <= self.amount + NOISE * size).all())

    def total(self, units: FloatArray, costs: FloatArray) -> float:
        """Return the yearly cost of a plan, given the cost of each state's horizon at the plan."""
        return self.build_cost(units) + sum(measure(self.risk, self.weights[rows], costs[rows]) for rows in self.groups)


def _useful_units(state: Member) -> FloatArray:
    """Return the number of units of each candidate above which further units are useless in every state."""
    most = np.concatenate([np.ravel(part) for part in _most_taken(state.structure)])
    added = state.added.tocoo()
    short = np.maximum(most[added.row] - state.finite_limits[added.row], 0.0)
    useful = np.zeros(added.shape[1])
    np.maximum.at(useful, added.col, short / added.data)
    return useful


def _most_taken(structure: Structure) -> list[FloatArray]:
    """Return the use of each limit if all demand used it at the same time, in the mode that uses most.

    In the order of ``placer.decomposition.limits``. Any power and energy of a store may be of use, as where power costs
    less than 0: candidates of batteries have maxima of their own.
    """
    asked = np.zeros(structure.classes)
    np.add.at(asked, structure.demand_class, structure.demand_amount)
    work, each_drawn = (
        structure.over_modes(np.where(structure.reached, figure, 0.0)).T @ asked
        for figure in (structure.use, structure.draw)
    )
    drawn = each_drawn[:, None] * structure.overhead
    carried = float(structure.link_use @ asked)
    everywhere = np.broadcast_to(asked[structure.served_class][:, None, None], structure.work_cost.shape)
    bought = drawn[structure.tier_site] / structure.tier_yield[:, None]
    most = {
        "capacity": np.broadcast_to(work[:, None], structure.capacity.shape),
        "intake": drawn,
        "tier_limit": bought,
        "link_capacity": np.full(structure.link_capacity.shape, carried),
        "cap_limit": structure.cap_tier.totals(bought)
        + structure.cap_work.totals(everywhere),  # builds raise no others
    }
    return [np.asarray(most.get(name, np.full(limit.shape, np.inf))) for name, limit in laid_limits(structure).items()]
