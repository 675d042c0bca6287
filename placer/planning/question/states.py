"""States: copies of the horizon, each with its own demand, network and number of occurrences a year.

One plan serves all states. Demand sets, representative days and outages are states.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from placer.errors import ArgumentError, InstanceError, Violation, refuse
from placer.instance.arguments import need_instance, need_mapping, need_number
from placer.instance.attributes.validation import show
from placer.instance.problem import Instance
from placer.instance.tables.cleaning import FILE_ROUNDING
from placer.planning.question.candidates import Candidates
from placer.planning.question.outages import ALL_YEAR, is_lost, states_left
from placer.planning.question.state_inputs import (
    check_drawn,
    combined,
    cut_into_blocks,
    horizon_hours,
    instance_of,
    share_problems,
    times_a_year,
    with_shares,
)
from placer.running import in_time
from placer.security.contingencies import contingencies_of
from placer.security.definition import Kind, Security, security_of
from placer.synthetic import SetsAround
from placer.utils.arrays import FloatArray

#: Hours of a year, and of a leap year.
YEAR_HOURS, LEAP_YEAR_HOURS = 8760.0, 8784.0
_EXAMPLE = 'States({"low": (instance, 0.3), "high": (other, 0.7)})'


@dataclass(frozen=True, eq=False, repr=False)
class States:
    """Instances, and how many horizons of each a year has.

    Parameters
    ----------
    given : mapping of str to (Instance, float)
        Instance and share of the year of each state by name; the shares sum to 1, and a state with the share 0 counts
        for protected work only. Instances without shares have equal shares.
    base : Instance, optional
        The instance of which all states are changes; ``*`` needs it.
    lost : mapping of str to set of (str, str), optional
        Table and row of everything that a state has lost: candidates add nothing to these rows.
    year_hours : float
        Hours of the year of the plan.
    security : Security, optional
        What the states of losses were made from, and the protected work that must be served in each of them.

    Attributes
    ----------
    names : tuple of str
    instances : tuple of Instance
    weights : (states,) float array
        Horizons a year of each state: ``share . year_hours / hours of its horizon``.

    Raises
    ------
    ArgumentError
        If a value is neither an instance nor an instance with a number.
    InstanceError
        Listing every invalid share.

    Examples
    --------
    >>> import placer
    >>> tiny = placer.load("tiny")
    >>> states = States({"low": (tiny.scaled_demand(0.5), 0.25), "high": (tiny, 0.75)})
    >>> states.weights  # tiny has two hours
    array([1095., 3285.])
    """

    given: Mapping[str, tuple[Instance, float]]
    base: Instance | None = None
    lost: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    year_hours: float = YEAR_HOURS
    security: Security | None = None

    def __post_init__(self) -> None:
        """Check the shares; instances without shares get equal ones."""
        need_mapping(self.given, "a mapping of states", _EXAMPLE)
        given = with_shares(self.given)
        refuse(share_problems(given))
        object.__setattr__(self, "given", given)

    @classmethod
    def of(
        cls,
        sets: Sequence[Instance] | Sequence[pd.DataFrame] | Mapping[str, Instance] | Mapping[str, pd.DataFrame],
        instance: Instance | None = None,
    ) -> States:
        """Return equally frequent states of demand sets.

        Parameters
        ----------
        sets : DemandSets, sets of a history, or sequence or mapping of Instance or demand tables
            Without names, states are called ``set 0``, ``set 1`` and so on.
        instance : Instance, optional
            The instance whose demand each demand table replaces.

        Raises
        ------
        ArgumentError
            If the sets are no sequence, or are demand tables without an instance.
        InstanceError
            If demand sets, which are drawn here, would not fit into the free memory.

        Examples
        --------
        >>> import placer
        >>> sets = placer.synthetic.demand_sets(placer.load("tiny"), n=3, seed=7)
        >>> States.of(sets).names
        ('set 0', 'set 1', 'set 2')
        """
        if isinstance(sets, str) or not isinstance(sets, (Sequence, Mapping)):
            given = "an instance" if isinstance(sets, Instance) else show(sets)
            raise ArgumentError(
                f"expected demand sets, not {given}; placer.DemandSets(instance, count=40) returns some"
            )
        if isinstance(sets, SetsAround):
            check_drawn(sets)
        numbered = ((f"set {number}", each) for number, each in enumerate(in_time(sets, "drawing the demand sets")))
        named: dict[str, Any] = dict(sets if isinstance(sets, Mapping) else numbered)
        base = sets.instance if isinstance(sets, SetsAround) else instance
        every = in_time(named.items(), "reading the demand sets")
        return cls({name: (instance_of(each, base), 1 / len(named)) for name, each in every}, base)

    @classmethod
    def days(cls, instances: Mapping[str, Instance], weights: Mapping[str, float] | Sequence[float]) -> States:
        """Return representative days, or horizons of any length, each with its number of occurrences a year.

        Parameters
        ----------
        instances : mapping of str to Instance
        weights : mapping of str to float, or sequence
            Number of occurrences of each horizon a year; for days the sum is 365.

        Raises
        ------
        InstanceError
            If a weight is missing, is no number of at least 0, or the horizons do not sum to 8,760 hours, or 8,784.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> States.days({"work": tiny, "rest": tiny.scaled_demand(0.6)}, [3120, 1260]).weights
        array([3120., 1260.])
        """
        need_mapping(instances, "a mapping of instances", 'States.days({"winter": instance}, [365])')
        for each in instances.values():
            need_instance(each)
        hours = {name: horizon_hours(each) for name, each in instances.items()}
        often = times_a_year(weights, tuple(instances))
        total = math.fsum(often[name] * hours[name] for name in instances)
        year = LEAP_YEAR_HOURS if math.isclose(total, LEAP_YEAR_HOURS, rel_tol=FILE_ROUNDING) else YEAR_HOURS
        if not math.isclose(total, year, rel_tol=FILE_ROUNDING):
            problem = f"weights times hours of the horizons sum to {total:,.10g} hours"
            raise InstanceError([Violation("states", "", "weights", problem, "8,760, or 8,784 of a leap year")])
        return cls({name: (instances[name], often[name] * hours[name] / total) for name in instances}, year_hours=year)

    @classmethod
    def blocks(cls, instance: Instance) -> States:
        """Return a state for each block of an instance, or each calendar day where it has one block.

        Every state counts for as much of the year as its hours, times their weights, have of the horizon. A plan for
        representative days is thus a start for the plan for all days: ``placer.plan(..., start=plan_of_days)`` bounds
        the cost of every plan by the prices of the days, and solves all days with its builds.

        Raises
        ------
        InstanceError
            If limits over all hours tie the blocks together, the hours are whole numbers in one block, or work that
            waits may do so past the end of a day.

        Examples
        --------
        >>> import placer
        >>> year = placer.datasets.year("china", days=4)
        >>> States.blocks(year.representative_days(2).instance).weights.round(1).tolist()
        [91.2, 91.2]
        """
        need_instance(instance)
        return cls(cut_into_blocks(instance))

    def with_sunk_accelerators(self) -> States:
        """Return the states with accelerators that are paid for, as the builds of a plan are by the year."""
        given = {name: (each.replace(accelerators="sunk"), share) for name, (each, share) in self.given.items()}
        return replace(self, given=given, base=None if self.base is None else self.base.replace(accelerators="sunk"))

    def with_security(self, security: Security | Kind) -> States:
        """Return every state with nothing lost, and in each contingency of a security.

        A lost data centre serves nothing, and a lost zone supplies no power, whatever is built. A lost link is removed,
        and routes avoid it. Work is placed anew in each state (the rule ``all``). ``placer.plan`` with ``security=``
        does this.

        Parameters
        ----------
        security : Security or str
            Its ``hours_a_year`` are the hours of each contingency, 0 for losses that add no cost.

        Raises
        ------
        ArgumentError
            If it is neither a security nor text.
        InstanceError
            If it does not fit the instances, its rule is ``displaced``, its contingencies last longer than a year, or
            the states have one already.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> sets = States.of(placer.synthetic.demand_sets(tiny, n=2, seed=7))
        >>> sets.with_security(placer.Security("power_zones", hours_a_year=20)).names[:3]
        ('set 0, nothing lost', 'set 0, Coast grid', 'set 0, Plateau wind')
        """
        applied = security_of(security, "all")
        if self.lost:
            problem = Violation("security", "", "states", "the states have losses already", "states without")
            raise InstanceError([problem])
        given, lost = states_left(self.given, applied, self.year_hours)
        return replace(self, given=given, lost=lost, security=applied)

    @classmethod
    def outages(cls, instance: Instance, of: Kind, hours_a_year: float | None = None) -> States:
        """Return a state ``nothing lost`` and one state for every contingency of a kind; ``security=`` replaces it.

        Parameters
        ----------
        instance : Instance
        of : str
            ``data_centres``, ``power_zones``, ``regions`` or ``links``.
        hours_a_year : float, optional
            Hours a year of each; 0 for outages that add no cost. If not given, all states are equally frequent.

        Raises
        ------
        InstanceError
            As ``with_security``.
        """
        new = f"placer.plan(..., security=placer.Security({of!r}, most_stranded=1.0, hours_a_year=...))"
        warnings.warn(f"States.outages is deprecated: write {new}", DeprecationWarning, stacklevel=2)
        need_instance(instance)
        if hours_a_year is None:
            hours_a_year = YEAR_HOURS / (len(contingencies_of(instance, Security(of))) + 1)
        need_number(hours_a_year, "hours_a_year")
        security = Security(of, most_stranded=1.0, hours_a_year=hours_a_year)
        return cls({ALL_YEAR: (instance, 1.0)}, instance).with_security(security)

    def __mul__(self, other: States) -> States:
        """Return every state of one with every state of the other; shares multiply, as of independent events.

        Raises
        ------
        InstanceError
            If the two are not changes of one instance, or change the same table or setting of it.

        Examples
        --------
        >>> import placer
        >>> tiny = placer.load("tiny")
        >>> sets = States.of(placer.synthetic.demand_sets(tiny, n=2, seed=7))
        >>> dear = States({"cheap": tiny, "dear": tiny.scaled("power_zones.usd_per_mwh", 1.5)}, tiny)
        >>> (sets * dear).names[:2]
        ('set 0, cheap', 'set 0, dear')
        """
        if not isinstance(other, States):
            return NotImplemented
        if self.base is None or other.base is None or self.base != other.base or self.year_hours != other.year_hours:
            problem = "the states are not known to be changes of one instance"
            raise InstanceError([Violation("states", "", "*", problem, "states of demand sets and outages of it")])
        given, lost = {}, {}
        pairs = itertools.product(self.given.items(), other.given.items())
        for (name, (one, share)), (also, (two, part)) in in_time(pairs, "combining the states"):
            both = f"{name}, {also}"
            given[both] = (combined(self.base, one, two, both), share * part)
            lost[both] = frozenset(self.lost.get(name, ())) | frozenset(other.lost.get(also, ()))
        both_ways = [each for each in (self.security, other.security) if each is not None]
        limited = [each for each in both_ways if each.most_stranded != 1]
        if len({(each.protected, each.most_stranded) for each in limited}) > 1:
            raise InstanceError([Violation("states", "", "*", "protected in two ways", "protected in one way")])
        return States(given, self.base, lost, self.year_hours, next(iter(limited + both_ways), None))

    def protecting(self, most_unserved: float = 0.0, protected: Mapping[str, float] | None = None) -> States:
        """Return the states with a limit on unserved protected work in outages; ``security=`` replaces it.

        Parameters
        ----------
        most_unserved, protected
            ``most_stranded`` and ``protected`` of ``Security``.

        Raises
        ------
        InstanceError
            If a share is none from 0 to 1, or nothing is lost in any state.
        """
        new = "placer.plan(..., security=placer.Security(..., protected=..., most_stranded=...))"
        warnings.warn(f"States.protecting is deprecated: write {new}", DeprecationWarning, stacklevel=2)
        if not self.with_losses:
            problem = "nothing is lost in any state"
            raise InstanceError([Violation("states", "", "security", problem, "states with losses among them")])
        before = self.security or Security(recourse="all")
        return replace(self, security=replace(before, protected=protected or {}, most_stranded=most_unserved))

    @property
    def with_losses(self) -> tuple[str, ...]:
        """Names of the states of outages."""
        return tuple(name for name in self.names if self.lost.get(name))

    def availability(self, candidates: Candidates) -> FloatArray:
        """Return 1 if a candidate adds to its target in a state, 0 if the target is lost (states, candidates)."""
        targets = list(zip(candidates.adds, candidates.target, strict=True))
        lost = [self.lost.get(name, frozenset()) for name in self.names]
        return np.array([[float(not is_lost(*target, gone)) for target in targets] for gone in lost])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the states."""
        return tuple(self.given)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Instance of every state."""
        return tuple(instance for instance, _ in self.given.values())

    @property
    def weights(self) -> FloatArray:
        """Horizons a year of every state (states,)."""
        shares = np.array([share for _, share in self.given.values()])
        return shares * self.year_hours / np.array([horizon_hours(each) for each in self.instances])

    def __len__(self) -> int:
        """Return the number of states."""
        return len(self.given)

    def __repr__(self) -> str:
        """Return the number of states, and the first of their names."""
        names = ", ".join(self.names[:3]) + ", ..." * (len(self) > 3)
        return f"<States: {len(self)} ({names})>"
