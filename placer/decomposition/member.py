"""A member of a family: its placement program, its weight, and the matrix by which units raise its limits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from placer.decomposition.limits import OF_STORES, limits_of, with_limits
from placer.model.formulation import Formulation
from placer.model.structure import LIMITS, Structure
from placer.utils.alike import digest_of
from placer.utils.arrays import FloatArray

#: Fields of a structure that may differ between members that share the prices of demands.
_OWN = frozenset({"demand_amount", *LIMITS, *OF_STORES})


@dataclass(frozen=True, eq=False)
class Member:
    """One member of a family.

    Attributes
    ----------
    weight : float
        In the sum over all members; of a plan, the number of its horizons in a year.
    formulation : Formulation
        At z = 0.
    added : (limits, variables) sparse array
        ``M``: the amount that a unit of each variable adds to each limit.
    group : int
        Position of the group over which a risk is measured with it.
    """

    name: str
    weight: float
    formulation: Formulation
    added: csr_array
    group: int = 0

    @property
    def structure(self) -> Structure:
        """Its structure at z = 0."""
        return self.formulation.structure

    @cached_property
    def limits(self) -> FloatArray:
        """``b``, laid end to end; infinite ones included (limits,)."""
        return limits_of(self.structure)

    @cached_property
    def finite_limits(self) -> FloatArray:
        """``b`` with 0 for infinite limits, which have no rent (limits,)."""
        return np.where(np.isfinite(self.limits), self.limits, 0.0)

    def at(self, z: FloatArray) -> Structure:
        """Return the structure at some z, (variables,)."""
        return with_limits(self.structure, self.limits + self.added @ z)

    @cached_property
    def opened(self) -> Structure:
        """The structure with one unit of every variable: arcs that are closed in it are closed at all z."""
        return self.at(np.ones(self.added.shape[1]))

    @cached_property
    def shape_digest(self) -> bytes:
        """A digest, equal for members with the same prices of demands and rents of limits at all price vectors.

        These members have the same demands apart from amounts, the same steps, arcs and costs, the same infinite or
        closed limits, and the same additions by units.
        """
        limits = limits_of(self.opened)
        return digest_of(self.opened, np.isinf(limits), limits == 0, self.added, without=_OWN)
