"""Proof that a solution is optimal, computed from the program itself and not from reports of the solver.

For a point x and row duals y the certificate recomputes the reduced costs ``d = cost - A'y`` and states

    primal infeasibility   how far rows (relative to 1 + |side|) and bounds are violated
    dual infeasibility     how far duals and reduced costs have the sign their active side forbids
    complementarity        the largest product of a dual and the slack of its side, / part
    gap                    (cost . x - bound) / size
    serving gap            (cost . x - bound) / part

The size is |cost . x|, and at least 1, a typical cost of the scaled program; or the dearest cost of a column in use if
all of these are cheaper. Where most ways are far dearer than those in use, a gap of nearly all the cost would be little
beside 1.

The part is the same of the cost without the penalty for unserved demand (the columns of block ``u``). Where a large
penalty is most of the cost, prices could be wrong by far more than a small gap of the whole suggests: a gap of 1e-9
hides 0.1 % of a cost of serving that is a millionth of the penalty. Where the part is less than 1e-4 of the penalty
that share stands in its place: below it figures of the part are the rounding of the whole.

The bound holds for any y: where a reduced cost has the wrong sign it counts times the upper bound that the rows imply
for its column (Neumaier and Shcherbina, 'Safe bounds in linear and mixed-integer linear programming', Mathematical
Programming 99, 2004). So a small gap is a proof, not an estimate, wherever every column has a bound or an implied one.

All figures are of the scaled program (``placer.model.scaling``), whose numbers are near 1. A dual above 1e15 in
magnitude, which solvers take for infinite, makes the dual infeasibility inf.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.model.program import LinearProgram, LPSolution
from placer.model.scaling import IN_USE
from placer.tolerances import PROOF
from placer.utils import notebook
from placer.utils.arrays import FloatArray
from placer.utils.numbers import quantity


@dataclass(frozen=True)
class Tolerances:
    """Upper limits of the figures of a certificate."""

    primal: float = 1e-7
    dual: float = 1e-7
    complementarity: float = 1e-6
    gap: float = 1e-9
    serving_gap: float = PROOF


#: For a basic solution (simplex or crossover), and for a point inside (interior point or first-order methods).
BASIC = Tolerances()
INTERIOR = Tolerances(gap=PROOF)
#: The least share of the penalty for unserved demand that the cost without it is taken for.
LEAST_SHARE = 1e-4
#: Larger duals count as errors: solvers take numbers of this size for infinite, and typical duals are rounding beside
#: them.
LARGEST_DUAL = 1e15


@dataclass(frozen=True, repr=False)
class Certificate:
    """The figures of a checked solution.

    Attributes
    ----------
    objective, bound : float
        Cost of the point, and the proven lower bound, in the units of the program.
    primal_infeasibility, dual_infeasibility, complementarity, gap, serving_gap : float
        As defined in ``placer.proof.certificate``, in scaled units.
    tolerances : Tolerances
        What they were held against.
    """

    objective: float
    bound: float
    primal_infeasibility: float
    dual_infeasibility: float
    complementarity: float
    gap: float
    serving_gap: float
    tolerances: Tolerances

    @property
    def failures(self) -> tuple[str, ...]:
        """Figures that exceed their tolerance, in words; empty if the solution is proven."""
        # 'not <=' rather than '>' so that NaN fails.
        return tuple(f"{name} {value:.2g} > {most:g}" for name, value, most in self._checks if not value <= most)

    @property
    def _checks(self) -> tuple[tuple[str, float, float], ...]:
        """Name, figure and tolerance of every check."""
        return (
            ("primal infeasibility", self.primal_infeasibility, self.tolerances.primal),
            ("dual infeasibility", self.dual_infeasibility, self.tolerances.dual),
            ("complementarity", self.complementarity, self.tolerances.complementarity),
            ("gap", abs(self.gap), self.tolerances.gap),
            ("serving gap", abs(self.serving_gap), self.tolerances.serving_gap),
        )

    @property
    def feasible(self) -> bool:
        """Whether the point keeps all rows and bounds, optimal or not."""
        return self.primal_infeasibility <= self.tolerances.primal

    @property
    def proven(self) -> bool:
        """Whether every figure is within its tolerance."""
        return not self.failures

    @property
    def verdict(self) -> str:
        """``proven``, or ``not proven`` and why."""
        return "proven" if self.proven else "not proven: " + "; ".join(self.failures)

    def __repr__(self) -> str:
        """Return the verdict, the objective, the bound and the largest infeasibility in one line."""
        worst = max(self.primal_infeasibility, self.dual_infeasibility)
        figures = f"objective {quantity(self.objective, 8)}, bound {quantity(self.bound, 8)}, infeasibility {worst:.1e}"
        return f"<Certificate: {self.verdict}; {figures}>"

    def _repr_html_(self) -> str:
        """Return every figure and its tolerance as HTML, for notebooks."""
        return notebook.figures(
            [
                ("Certificate", self.verdict),
                ("Objective", quantity(self.objective, 8)),
                ("Lower bound", quantity(self.bound, 8)),
                *((name.capitalize(), f"{value:.2g} of at most {most:g}") for name, value, most in self._checks),
            ]
        )


def certify(program: LinearProgram, solution: LPSolution, objective_unit: float = 1.0) -> Certificate:
    """Check a solution that has a point and duals against a (scaled) program.

    Parameters
    ----------
    solution : LPSolution
        Of that program, with ``values`` and ``row_duals``.
    objective_unit : float
        What one unit of the program's cost is worth in the units the certificate reports.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # inf and NaN fail the certificate
        return _certificate(program, solution, objective_unit)


def _certificate(program: LinearProgram, solution: LPSolution, objective_unit: float) -> Certificate:
    values, duals = solution.point, solution.duals
    activity = program.matrix @ values
    reduced = program.cost - program.matrix.T @ duals
    objective = float(program.cost @ values)
    rows = _Side(activity, program.row_lower, program.row_upper, duals)
    columns = _Side(values, program.col_lower, program.col_upper, reduced)
    bound = _bound(program, rows)
    unserved = program.col_blocks.get("u", slice(0))
    penalty = float(program.cost[unserved] @ values[unserved])
    least = min(1.0, np.abs(program.cost[np.abs(values) > IN_USE]).max(initial=0.0) or 1.0)
    part = max(least, abs(objective - penalty), LEAST_SHARE * abs(penalty))
    return Certificate(
        objective=objective * objective_unit,
        bound=bound * objective_unit,
        primal_infeasibility=_larger(rows.violation(relative=True), columns.violation(relative=False)),
        dual_infeasibility=_larger(_larger(rows.wrong_sign(), columns.wrong_sign()), rows.beyond()),
        complementarity=_larger(rows.product(), columns.product()) / part,
        gap=(objective - bound) / max(least, abs(objective)),
        serving_gap=(objective - bound) / part,
        tolerances=BASIC if solution.basic else INTERIOR,
    )


def _bound(program: LinearProgram, rows: _Side) -> float:
    """Return the dual bound on the cost; duals that press on an infinite side count as 0."""
    duals = rows.pressing()
    reduced = program.cost - program.matrix.T @ duals
    col_upper = np.minimum(program.col_upper, program.implied_upper)
    return _least(duals, rows.lower, rows.upper) + _least(reduced, program.col_lower, col_upper)


def _least(duals: FloatArray, lower: FloatArray, upper: FloatArray) -> float:
    """Return the minimum of ``sum dual * value`` over ``lower <= value <= upper``; missing sides count as 0."""
    at_lower = np.maximum(duals, 0) * _finite(lower, lower)
    at_upper = np.minimum(duals, 0) * _finite(upper, upper)
    return float(at_lower.sum() + at_upper.sum())


@dataclass(frozen=True, eq=False)
class _Side:
    """Values held between a lower and an upper side, and their duals. Rows and columns are alike here."""

    values: FloatArray
    lower: FloatArray
    upper: FloatArray
    duals: FloatArray

    def violation(self, *, relative: bool) -> float:
        """Return the largest violation of a side."""
        below, above = self.lower - self.values, self.values - self.upper
        if relative:
            below = below / (1 + np.abs(_finite(self.lower, self.lower)))
            above = above / (1 + np.abs(_finite(self.upper, self.upper)))
        return _largest(np.maximum(below, above))

    def wrong_sign(self) -> float:
        """Return the largest dual that presses against an infinite side."""
        positive = np.where(np.isfinite(self.lower), 0.0, self.duals)
        negative = np.where(np.isfinite(self.upper), 0.0, -self.duals)
        return _largest(np.maximum(positive, negative))

    def beyond(self) -> float:
        """Return inf if a dual exceeds the largest size of a dual."""
        return 0.0 if _largest(np.abs(self.duals)) <= LARGEST_DUAL else np.inf

    def product(self) -> float:
        """Return the largest product of a dual and the distance from the side it presses against."""
        to_lower = np.maximum(self.duals, 0) * np.abs(_finite(self.values - self.lower, self.lower))
        to_upper = np.maximum(-self.duals, 0) * np.abs(_finite(self.upper - self.values, self.upper))
        return _largest(np.maximum(to_lower, to_upper))

    def pressing(self) -> FloatArray:
        """Return the duals, with 0 for those that press against an infinite side."""
        least = np.where(np.isfinite(self.upper), -np.inf, 0.0)
        most = np.where(np.isfinite(self.lower), np.inf, 0.0)
        return np.clip(self.duals, least, most)


def _finite(values: FloatArray, side: FloatArray) -> FloatArray:
    """Return the values where the side exists, and 0 elsewhere."""
    return np.where(np.isfinite(side), values, 0.0)


def _largest(values: FloatArray) -> float:
    """Return ``max(0, values)``; NaN if one of the values is NaN."""
    return float(np.maximum(values.max(), 0.0)) if values.size else 0.0


def _larger(one: float, other: float) -> float:
    """Return the larger of two figures; NaN if one is."""
    return float(np.maximum(one, other))
