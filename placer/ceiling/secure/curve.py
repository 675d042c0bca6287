"""The secure ceiling as an exact curve over a limit on latency, solved at the limits where arcs enter.

At a limit L the arcs that enter at L or before are allowed (``placer.ceiling.walk.entering``), in the placement and in
every contingency. The figures are those of ``placer.ceiling.secure.result``, in their order: U(L) the least unserved
demand, D(L) the least displaced demand, V(L) the least stranded work, E(L) the most export.

A placement and its recourse that are feasible at a limit are feasible at every higher one. So U never rises with L. If
U is constant, D never rises. If U and D are constant, V never rises. If all three are constant, E never falls. So if
two limits have the same four figures, every limit between has these figures and is not solved.

Prices of contingencies hold at every limit (``placer.security.cuts``), so that each limit starts from those of
the nearest solved one.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, astuple, dataclass, fields, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from placer.ceiling.curve import LIMIT, By, check_by, within
from placer.ceiling.curve_table import CurveRows
from placer.ceiling.maximum import most_export
from placer.ceiling.secure.export import most_secure_export
from placer.ceiling.walk.entering import entering
from placer.errors import InstanceError, NoSolutionError, SolverError, Violation, refuse
from placer.ladder.proven import AnySolver, StructureSolver
from placer.model.counts import displaced_total, share_of
from placer.model.formulation import Formulation, with_arcs
from placer.running import in_time, phase
from placer.security.contingencies import contingencies_of, protected_shares
from placer.security.outages import outages_of
from placer.termination import Reason
from placer.tolerances import INPUT, PROOF, SOLVER
from placer.utils import notebook
from placer.utils.arrays import FloatArray, sorted_unique
from placer.utils.numbers import percent, quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from placer.ceiling.result import ExportCeiling
    from placer.model.program import Solver
    from placer.security.cuts import CutPrices
    from placer.security.definition import Security

    #: Returns the figures of a formulation with the arcs that a limit allows, from some prices, and further prices.
    At = Callable[[Formulation, Sequence[CutPrices]], tuple["SecureFigures", tuple[CutPrices, ...]]]

_log = logging.getLogger(__name__)

#: Limits times columns from which a curve is refused. The small fleet of the benchmarks has 16 million, which took 117
#: processor seconds.
MOST_WORK = 50_000_000


@dataclass(frozen=True)
class SecureFigures:
    """The figures of the secure ceiling at one limit.

    Attributes
    ----------
    stranded_mtok : float
        Over all contingencies together.
    displaced_hours : float
        Accelerator-hours of the reference.
    exported : float
        In the unit of the weight.
    share : float
        ``exported``, of the weight of all demand.
    """

    unserved_mtok: float
    stranded_mtok: float
    displaced_hours: float
    exported: float
    share: float

    def equals(self, other: SecureFigures, largest: SecureFigures) -> bool:
        """Return whether all figures are equal to rounding, each against its largest conceivable value."""
        apart = np.abs(np.array(astuple(self)) - np.array(astuple(other)))
        return bool((apart <= PROOF * np.array(astuple(largest))).all())


@dataclass(frozen=True, eq=False, repr=False)
class SecureCurve(CurveRows):
    """The secure export ceiling as a function of a latency limit.

    Attributes
    ----------
    by : str
        ``rtt``: a limit on the round trip of workloads that cannot wait; ``slo``: a factor on every limit;
        ``shorten``: the ms that come off every round trip.
    table : DataFrame
        One row for the limit 0, and one for every limit at which a figure changes by more than 1e-6 of all demand, with
        the figures from that limit up to the limit of the next row: ``rtt_limit_ms``, ``slo_factor`` or ``shorten_ms``,
        ``unserved_mtok``, ``stranded_mtok`` (over all contingencies together), ``displaced_hours`` (accelerator-hours
        of the reference), ``exported`` (in the unit of the weight) and ``share`` (``exported`` of the weight of all
        demand). Every figure is proven.
    solved : int
        The number of solved limits; the figures are constant between them.
    """

    NAME: ClassVar[str] = "secure_curve"

    by: By
    table: pd.DataFrame
    solved: int

    def __repr__(self) -> str:
        """Return the ends of the curve in one line."""
        first, last = self.table.iloc[0], self.table.iloc[-1]
        return self._with_bought(
            f"Secure ceiling curve by {LIMIT[self.by]}: {len(self.table)} corners, "
            f"{percent(first['share'], 2)} exportable at 0 and {percent(last['share'], 2)} "
            f"from {quantity(last.iloc[0])} on"
        )

    def _repr_html_(self) -> str:
        """Return the ends and the first corners of the curve as HTML, for notebooks."""
        return notebook.sentence(repr(self)) + notebook.rows(self.table.set_index(LIMIT[self.by]))


def secure_curve(formulation: Formulation, by: By, at: At, largest: SecureFigures) -> SecureCurve:
    """Trace the secure ceiling over a limit.

    Parameters
    ----------
    formulation : Formulation
        Of the instance.
    by : str
        As for ``placer.ceiling_curve``.
    at : callable
        From a formulation with the arcs that a limit allows, and prices to start from, to the figures and prices.
    largest : SecureFigures
        The largest conceivable figures.
    """
    enter = entering(formulation, by)
    limits = sorted_unique(np.array([0.0, *enter[np.isfinite(enter) & (enter > INPUT)]]))
    found: dict[int, SecureFigures] = {}
    prices: dict[int, tuple[CutPrices, ...]] = {}
    spans = [(0, len(limits) - 1)]
    while spans:
        low, high = spans.pop()
        for place in in_time({low, high} - found.keys(), "the next limit of the curve"):
            nearest = min(prices, key=lambda other: abs(other - place), default=None)
            with phase(_log, f"the secure ceiling at {LIMIT[by]} {quantity(limits[place])}"):
                limited = with_arcs(formulation, enter <= limits[place] + INPUT)
                start = () if nearest is None else prices[nearest]
                found[place], prices[place] = _at(at, limited, start, f"{LIMIT[by]} {quantity(limits[place])}")
        if high - low > 1 and not found[low].equals(found[high], largest):
            middle = (low + high) // 2
            spans += [(low, middle), (middle, high)]
    corners = [0]
    for place in sorted(found):
        if not found[place].equals(found[corners[-1]], largest):
            corners.append(place)
    table = pd.DataFrame([{LIMIT[by]: limits[place]} | asdict(found[place]) for place in corners])
    return SecureCurve(by, table, len(found))


def at_limits(formulation: Formulation, by: By, at: At, limits: Iterable[float]) -> pd.DataFrame:
    """Return the figures of the secure ceiling at some limits; see ``SecureCeiling.at_limits``.

    Parameters
    ----------
    formulation, by, at
        As for ``secure_curve``.
    """
    check_by(by)
    chosen = sorted_unique(np.array([float(limit) for limit in limits]))
    if not (chosen >= 0).all():
        raise ValueError(f"a limit of {chosen.tolist()} is not at least 0")
    rows: list[dict[str, float]] = []
    prices: tuple[CutPrices, ...] = ()
    for limit in in_time(chosen.tolist(), "the next limit"):
        with phase(_log, f"the secure ceiling at {LIMIT[by]} {quantity(limit)}"):
            figures, prices = _at(at, within(formulation, limit, by), prices, f"{LIMIT[by]} {quantity(limit)}")
            rows.append({LIMIT[by]: limit} | asdict(figures))
    return pd.DataFrame(rows, columns=[LIMIT[by], *(field.name for field in fields(SecureFigures))])


def _at(
    at: At, limited: Formulation, start: tuple[CutPrices, ...], limit: str
) -> tuple[SecureFigures, tuple[CutPrices, ...]]:
    """Return the figures and prices at a limit, or say that limits of at least an amount cannot be met there."""
    try:
        return at(limited, start)
    except NoSolutionError as error:
        if error.reason is not Reason.INFEASIBLE:
            raise
        raise NoSolutionError(error.reason, f"no placement keeps the limits of one's own at {limit}") from error


def shares_of_ceiling(ceiling: ExportCeiling, security: Security) -> FloatArray:
    """Return the protected share of every workload, and of its further modes."""
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
        displaced_hours=displaced if displaced > SOLVER * displaced_total(formulation, count) else 0.0,
        exported=found.exported,
        share=share_of(found.exported, ceiling.total),
    )
    return figures, found.prices


def need_limits(ceiling: ExportCeiling, security: Security) -> None:
    """Refuse a secure ceiling that has no figures at limits on latency.

    Parameters
    ----------
    ceiling : ExportCeiling
        Without security.

    Raises
    ------
    InstanceError
        Listing every violation.
    """
    refuse(list(_untraced(ceiling, security)))


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
    if security.recourse == "all":
        yield _refused("recourse", f"{security.recourse!r} has no curve", "displaced")
    if any(each.links.any() for each in contingencies_of(ceiling.instance, security)):
        yield _refused("contingencies", "a lost link changes round trips, and limits with them", "no links")


def _refused(column: str, problem: str, allowed: str) -> Violation:
    return Violation("secure curve", "", column, problem, allowed)
