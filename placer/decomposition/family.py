"""A family of structures: one program for each member at limits that units z raise, and a master over z.

    minimise  c z + measure_o f_o(z)        A z <= L,  0 <= z <= most
    f_o(z)    least cost of member o, whose limits are ``b_o + M_o z``; convex, and not increasing

``placer.planning`` is a client: members are states, z are the units built.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from placer.decomposition.member import Member
from placer.decomposition.risk import CVaR
from placer.utils.arrays import BoolArray, FloatArray, IntArray


class Problem(Protocol):
    """What the bundle method needs to know of a sum over members."""

    @property
    def weights(self) -> FloatArray:
        """Weight ``w`` of each member in the sum (members,)."""
        ...

    @property
    def groups(self) -> tuple[IntArray, ...]:
        """Positions of the members over which each risk is measured; the measure is the sum over groups."""
        ...

    @property
    def risk(self) -> CVaR:
        """The risk in each group; ``NEUTRAL`` for the weighted sum."""
        ...

    @property
    def cost(self) -> FloatArray:
        """Cost ``c`` of a unit (variables,)."""
        ...

    @property
    def kinds(self) -> Sequence[str]:
        """The kind of each variable: units of one kind can be compared (variables,)."""
        ...

    @property
    def takes(self) -> FloatArray:
        """``A`` (rows, variables)."""
        ...

    @property
    def amount(self) -> FloatArray:
        """``L`` (rows,)."""
        ...

    @property
    def most(self) -> FloatArray:
        """The most units of each variable; finite (variables,)."""
        ...

    @property
    def useful(self) -> FloatArray:
        """Units above which more change no f_o (variables,)."""
        ...

    @property
    def has_no_maximum(self) -> BoolArray:
        """Whether ``most`` is a maximum of the method's own (variables,)."""
        ...

    def filled(self, z: FloatArray, high: FloatArray) -> FloatArray:
        """Return z with free units up to bounds, where a row leaves them: cuts may not yet show what these save."""
        ...

    def build_cost(self, z: FloatArray) -> float:
        """Return the cost of units without that of the members."""
        ...

    def total(self, z: FloatArray, costs: FloatArray) -> float:
        """Return the whole cost, given the cost of each member at z (members,)."""
        ...


class Family(Problem, Protocol):
    """A problem whose members are structures with the same arcs."""

    @property
    def members(self) -> tuple[Member, ...]:
        """The members, in the order of all arrays by member."""
        ...
