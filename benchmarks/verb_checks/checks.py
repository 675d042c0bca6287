"""What every check of a verb is made of: comparisons, whole tables, and errors that are documented."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import vstack

import placer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from benchmarks.readable import Draw

#: How far two figures may be apart, as a share of the sum of the magnitudes that make them.
AGREED = 1e-6


class FindingError(AssertionError):
    """A figure, a table or an error that the documentation does not explain."""


class DocumentedError(Exception):
    """A refusal for a reason that the documentation states and that the draw really has."""


def near(what: str, one: float, other: float, size: float) -> None:
    """Raise an error unless two figures are equal, up to rounding of figures of some size."""
    if not abs(one - other) <= AGREED * size:
        raise FindingError(f"{what}: {one:.12g} and {other:.12g} differ")


def at_most(what: str, one: float, other: float, size: float) -> None:
    """Raise an error unless a figure is at most another, up to rounding of figures of some size."""
    if not one <= other + AGREED * size:
        raise FindingError(f"{what}: {one:.12g} is above {other:.12g}")


def holds(what: str, condition: object) -> None:
    """Raise an error unless a condition holds."""
    if not condition:
        raise FindingError(what)


def whole(what: str, table: pd.DataFrame, may_lack: Collection[str] = ()) -> None:
    """Raise an error if a table cannot be shown, or lacks a number in a column that has no reason to."""
    repr(table)
    for name in table.columns:
        if table[name].isna().any() and not {str(name), "*"} & set(may_lack):
            raise FindingError(f"{what}: no number in column {name}")


def shown(*things: object) -> None:
    """Show each as text, and as HTML where it has a way to."""
    for thing in things:
        repr(thing)
        as_html = getattr(thing, "_repr_html_", None)
        if as_html is not None:
            as_html()


@contextmanager
def documented(*reasons: tuple[type[Exception], str]) -> Iterator[None]:
    """Turn errors of some types, whose text holds a reason, into the refusal of a draw."""
    try:
        yield
    except placer.PlacerError as error:
        for kind, text in reasons:
            if isinstance(error, kind) and text in str(error):
                raise DocumentedError(text) from None
        raise


@dataclass(frozen=True)
class Subject:
    """A draw with its placement, and its optimum by a solver that placer has no part in.

    Attributes
    ----------
    draw : Draw
    """

    draw: Draw

    @cached_property
    def instance(self) -> placer.Instance:
        """The instance."""
        return self.draw.instance()

    @cached_property
    def optimum(self) -> tuple[float, float] | None:
        """Least cost and penalty, and the sum of the magnitudes that make it; None if no placement meets the limits."""
        return optimum_of(placer.to_program(self.instance))

    @cached_property
    def placement(self) -> placer.Placement:
        """The placement; a refusal if no placement meets the limits."""
        if self.optimum is None:
            with documented((placer.NoSolutionError, "no placement can meet")):
                placer.solve(self.instance)
            raise FindingError("placer.solve meets limits that a solver of its own cannot meet")
        return placer.solve(self.instance)

    def need_placement(self) -> None:
        """Refuse a draw without a placement."""
        _ = self.placement

    @property
    def size(self) -> float:
        """The sum of the magnitudes of the cost; of all penalties if it is 0."""
        structure = self.placement.formulation.structure
        penalties = float(structure.unserved_cost[structure.demand_class] @ structure.demand_amount)
        found = self.optimum
        return max(found[1] if found else 0.0, 1e-6 * penalties)

    @property
    def has_limits(self) -> bool:
        """Whether the instance has limits of its own."""
        return not self.instance.limits.empty


def optimum_of(program: placer.LinearProgram) -> tuple[float, float] | None:
    """Return the least cost of a program, and the sum of its magnitudes, by SciPy; None if it is infeasible."""
    sides = np.concatenate([program.row_lower, program.row_upper, program.col_lower, program.col_upper])
    finite = np.abs(sides[np.isfinite(sides)])
    unit, usd = float(finite.max(initial=0.0)) or 1.0, float(np.abs(program.cost).max(initial=0.0)) or 1.0
    matrix = program.matrix.tocsr()
    upper, lower = np.isfinite(program.row_upper), np.isfinite(program.row_lower)
    same = upper & lower & (program.row_lower == program.row_upper)
    rows = [
        (matrix[upper & ~same], program.row_upper[upper & ~same]),
        (-matrix[lower & ~same], -program.row_lower[lower & ~same]),
    ]
    with warnings.catch_warnings(action="ignore"):
        found = linprog(
            program.cost / usd,
            A_ub=vstack([part for part, _ in rows], format="csr"),
            b_ub=np.concatenate([side for _, side in rows]) / unit,
            A_eq=matrix[same],
            b_eq=program.row_upper[same] / unit,
            bounds=np.column_stack([program.col_lower, program.col_upper]) / unit,
        )
    if found.status == 2:
        return None
    holds(f"SciPy has no optimum: {found.message}", found.status == 0)
    return usd * unit * float(found.fun), usd * unit * float(np.abs(program.cost / usd) @ np.abs(found.x))
