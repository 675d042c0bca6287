"""The secure ceiling at limits on latency: its figures at one of them, and what has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from placer.ceiling.maximum import FACE_TOLERANCE, most_export
from placer.ceiling.secure.curve import SecureFigures
from placer.ceiling.secure.export import most_secure_export
from placer.errors import InstanceError, SolverError, Violation
from placer.ladder.proven import StructureSolver
from placer.model.counts import displaced_total
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.outages import outages_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from placer.ceiling.result import ExportCeiling
    from placer.ladder.proven import AnySolver
    from placer.model.formulation import Formulation
    from placer.model.program import Solver
    from placer.security.cuts import CutPrices
    from placer.security.definition import Security
    from placer.utils.arrays import FloatArray

#: Limits times columns from which a curve is refused. The small fleet of the benchmarks has 16 million, which took 117
#: processor seconds.
MOST_WORK = 50_000_000


def shares_of_ceiling(ceiling: ExportCeiling, security: Security) -> FloatArray:
    """Return the protected share of every workload."""
    return protected_shares(ceiling.formulation.structure, ceiling.formulation.workloads, security)


def need_programs(solver: AnySolver | None) -> Solver | None:
    """Return a solver of whole programs; raise ``SolverError`` for a solver of structures."""
    if isinstance(solver, StructureSolver):
        raise SolverError("a secure ceiling is solved as a whole linear program; use placer.HiGHS()")
    return solver


def figures_at(
    ceiling: ExportCeiling, security: Security, formulation: Formulation, prices: Sequence[CutPrices]
) -> tuple[SecureFigures, tuple[CutPrices, ...]]:
    """Return the figures of a secure ceiling with other admissible arcs, and the prices of its contingencies.

    Parameters
    ----------
    ceiling : ExportCeiling
        Without security, with the arcs of the instance.
    security : Security
        With the rule ``displaced``.
    formulation : Formulation
        With the arcs that a limit allows.
    prices : sequence of CutPrices
        With which the rounds begin, of any other limit.

    Raises
    ------
    SolverError, NoSolutionError
        As ``secure_ceiling``.
    """
    structure, count = formulation.structure, ceiling.count
    extent = most_export(formulation, count, ceiling.solver)
    limited = replace(ceiling, formulation=formulation, extent=extent)
    outages, share = outages_of(ceiling.instance, formulation, security), shares_of_ceiling(limited, security)
    found = most_secure_export(limited, outages, share, need_programs(ceiling.solver), prices)
    arcs = (array[found.flows.arc] for array in (structure.arc_class, structure.arc_origin, structure.arc_way))
    displaced = float(count.displaced[tuple(arcs)] @ found.flows.amount)
    figures = SecureFigures(
        unserved_mtok=float(found.flows.unserved.sum()),
        stranded_mtok=float(found.stranded.sum()),
        displaced_hours=displaced if displaced > FACE_TOLERANCE * displaced_total(formulation, count) else 0.0,
        exported=found.exported,
        share=found.exported / ceiling.total,
    )
    return figures, found.prices


def need_limits(ceiling: ExportCeiling, security: Security) -> None:
    """Refuse a secure ceiling that has no figures at limits on latency.

    Parameters
    ----------
    ceiling : ExportCeiling
        Without security.
    security : Security

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    if found := list(_untraced(ceiling, security)):
        raise InstanceError(found)


def need_curve(limits: int, widest: Formulation) -> None:
    """Refuse a curve that takes too long.

    Parameters
    ----------
    limits : int
        Number of limits where arcs enter.
    widest : Formulation
        With the arcs of the highest limit.

    Raises
    ------
    InstanceError
    """
    columns = widest.structure.assignment_count
    if limits * columns >= MOST_WORK:
        allowed = f"fewer than {MOST_WORK:,} in all; at_limits, or placer ceiling --at, takes any"
        raise InstanceError([_refused("", f"{limits:,} limits of up to {columns:,} columns", allowed)])


def _untraced(ceiling: ExportCeiling, security: Security) -> Iterator[Violation]:
    """Yield the reasons why a secure ceiling has no figures at limits on latency."""
    if security.recourse != "displaced":
        yield _refused("recourse", f"{security.recourse!r} has no curve", "displaced")
    if any(each.links.any() for each in contingencies_of(ceiling.instance, security)):
        yield _refused("contingencies", "a lost link changes round trips, and limits with them", "no links")


def _refused(column: str, problem: str, allowed: str) -> Violation:
    return Violation("secure curve", "", column, problem, allowed)
