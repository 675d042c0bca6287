"""How HiGHS runs a program that grows, and the arrays that go in and come out; see ``placer.solvers.incremental``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from placer.utils.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

#: Duals and reduced costs up to this size, the rounding of HiGHS, count as 0 when an optimal face is formed.
TIE = 1e-10


@dataclass(frozen=True)
class SimplexParameters:
    """How HiGHS runs a program that grows.

    Attributes
    ----------
    name : str
        The method that the program belongs to, for messages.
    maximises : bool
        Whether the objective is maximised; if not, minimised.
    feasibility : float
        Largest violation of a bound, side or sign of a reduced cost that HiGHS leaves; at least 1e-10.
    smallest_entry : float
        Matrix entries up to this size count as 0 for HiGHS, which warns where it drops one.
    scaling : 0, 1 or 2
        ``simplex_scale_strategy`` of HiGHS. Its choice by size (1) can be needed where costs differ much: the
        perturbations that follow from its default (2) may then be too large. A program that is scaled already needs
        none (0).
    perturbation : float
        How far the dual method moves costs apart to tell ties, in multiples of what HiGHS takes. Primal steps mend
        afterwards what that has changed: many where it is large beside the costs. At 0, ties take many steps.
    first : str
        Method of the first run and of one after a failure: ``dual`` where the starting basis is dual feasible, else
        ``primal``. All other runs are primal: columns that are added leave a basis primal feasible.
    retries : bool
        Whether a run that fails is repeated once, without the basis and without scaling: a basis may be too bad to go
        on from, and an optimum of the scaled program infeasible in the unscaled one.
    warnings_fail : bool
        Whether a warning of HiGHS counts as a failure, as where it drops entries.

    Notes
    -----
    Ranges in which the time of ``benchmarks.tuning`` changes by less than 5 %, in four of its cases: ``feasibility``
    2.5e-10 to 1e-9, ``smallest_entry`` 2.5e-10 to 4e-9, ``perturbation`` 0.25 to 2.
    """

    name: str
    maximises: bool = False
    feasibility: float = 1e-9
    smallest_entry: float = 1e-9
    scaling: Literal[0, 1, 2] = 2
    perturbation: float = 1.0
    first: Literal["dual", "primal"] = "primal"
    retries: bool = False
    warnings_fail: bool = False


@dataclass(frozen=True, eq=False)
class Vectors:
    """Sparse vectors, one after the other: those of vector i begin at ``start[i]`` and end at the next start.

    Attributes
    ----------
    start : (vectors,) int32 array
    index : (entries,) int32 array
        Row of each entry if the vectors are columns, else its column.
    value : (entries,) array
    """

    start: IntArray
    index: IntArray
    value: FloatArray

    @classmethod
    def of(cls, array: csr_array) -> Vectors:
        """Return the rows of a sparse array."""
        return cls(array.indptr[:-1].astype(np.int32), array.indices.astype(np.int32), array.data)

    @classmethod
    def empty(cls, count: int) -> Vectors:
        """Return vectors without entries."""
        return cls(np.zeros(count, np.int32), np.zeros(0, np.int32), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Basis:
    """A basis, by the numbers that HiGHS gives to statuses.

    Attributes
    ----------
    columns, rows : (columns,), (rows,) int arrays
    """

    columns: IntArray
    rows: IntArray


@dataclass(frozen=True, eq=False)
class BasicPoint:
    """The point that a run ended at.

    Attributes
    ----------
    values : (columns,) array
    duals : (rows,) array
        Change of the objective per unit by which the active side of a row is raised.
    """

    values: FloatArray
    duals: FloatArray
    objective: float


@dataclass(frozen=True, eq=False)
class Bounds:
    """Bounds of the columns and sides of the rows."""

    col_lower: FloatArray
    col_upper: FloatArray
    row_lower: FloatArray
    row_upper: FloatArray

    def where_optimal(self, solution: Any) -> Bounds:
        """Return the bounds of the optimal face: columns with a reduced cost and rows with a dual stay in place."""
        reduced, duals = np.array(solution.col_dual), np.array(solution.row_dual)
        at_lower_side = (duals > TIE) & np.isfinite(self.row_lower)
        return Bounds(
            col_lower=np.where(reduced < -TIE, self.col_upper, self.col_lower),
            col_upper=np.where(reduced > TIE, self.col_lower, self.col_upper),
            row_lower=np.where(duals < -TIE, self.row_upper, self.row_lower),
            row_upper=np.where(at_lower_side, self.row_lower, self.row_upper),
        )
