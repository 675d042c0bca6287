"""The yearly cost of all members as one figure: its expectation, or a mix of that and the mean of its worst part.

Member o occurs ``w_o`` times a year, ``W = sum_o w_o`` times all members together, so that it has probability
``w_o / W`` and a year of it alone costs ``W Q_o``. With a weight lambda and a level alpha,

    measure = (1 - lambda) sum_o w_o Q_o + lambda CVaR_alpha(W Q_o)
    CVaR_alpha(X) = min_eta  eta + sum_o (w_o / W) max(0, X_o - eta) / (1 - alpha)

(Rockafellar and Uryasev, Journal of Risk 2, 2000): the mean of the worst ``1 - alpha`` of all years. Its dual is the
largest mean over weights of the members,

    measure = max sum_o omega_o Q_o     omega_o = (1 - lambda) w_o + y_o,  0 <= y_o <= lambda w_o / (1 - alpha),
                                        sum_o y_o = lambda W

so that any such omega proves a bound, and only the weights of members change in the certificate of a plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.errors import InstanceError, Violation
from placer.instance.attributes.columns import Column
from placer.instance.attributes.validation import number_problem
from placer.utils.arrays import FloatArray

_COLUMNS = (Column("level", low=0, high=1, high_open=True, scaled=False), Column("weight", low=0, high=1, scaled=False))


@dataclass(frozen=True)
class CVaR:
    """Aversion to expensive years: ``(1 - weight)`` times the mean cost plus ``weight`` times that of the worst years.

    Parameters
    ----------
    level : float
        ``alpha``, at least 0 and below 1: the worst years are those of the most expensive ``1 - level`` of all states.
    weight : float
        ``lambda``, from 0 (the mean alone) to 1 (the worst years alone).

    Raises
    ------
    InstanceError
        Listing every figure out of range.

    Examples
    --------
    >>> CVaR(level=1.0)
    Traceback (most recent call last):
    ...
    placer.errors.InstanceError: 1 violation in the input
      risk.level: 1 is out of range (allowed: number, >= 0, < 1, finite)
    """

    level: float = 0.95
    weight: float = 1.0

    def __post_init__(self) -> None:
        """Check the figures."""
        problems = {column: number_problem(getattr(self, column.name), column) for column in _COLUMNS}
        if any(problems.values()):
            raise InstanceError(
                Violation("risk", "", column.name, problem, column.allowed)
                for column, problem in problems.items()
                if problem
            )


#: The mean cost alone.
NEUTRAL = CVaR(level=0.0, weight=0.0)


def worst_weights(risk: CVaR, weights: FloatArray, costs: FloatArray) -> FloatArray:
    """Return the weights omega of the measure: ``omega . costs`` is the measure of the members' costs.

    Parameters
    ----------
    weights : (members,) array
        Horizons a year.
    costs : (members,) array
        Of a horizon.
    """
    order = np.argsort(-costs, kind="stable")
    most = risk.weight * weights[order] / (1 - risk.level)
    before = np.cumsum(most) - most
    extra = np.zeros(len(weights))
    extra[order] = np.clip(risk.weight * weights.sum() - before, 0.0, most)
    return np.asarray((1 - risk.weight) * weights + extra)


def measure(risk: CVaR, weights: FloatArray, costs: FloatArray) -> float:
    """Return the measure of the members' costs; parameters as of ``worst_weights``. It grows with every cost."""
    return float(worst_weights(risk, weights, costs) @ costs)


def admissible_weights(risk: CVaR, weights: FloatArray, extra: FloatArray) -> FloatArray:
    """Return weights omega that the measure admits, near ``(1 - lambda) w + extra``: this removes errors of rounding.

    Parameters
    ----------
    weights : (members,) array
    extra : (members,) array
        ``y`` of a solver.
    """
    most, total = risk.weight * weights / (1 - risk.level), risk.weight * weights.sum()
    mended = np.clip(extra, 0.0, most)
    missing = total - mended.sum()
    if missing > 0:
        room = most - mended
        mended = mended + room * min(missing / room.sum(), 1.0) if room.sum() > 0 else mended
    elif mended.sum() > 0:
        mended = mended * (total / mended.sum())
    return np.asarray((1 - risk.weight) * weights + mended)
