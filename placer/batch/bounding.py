"""The cost of a demand set within a proven gap, without its least-cost placement.

    pool      the first sets, which are solved: their prices, and the columns that their placements use
    merged    a set with demands as one that are nearly alike (``placer.model.aggregation``)
    answer    of the merged set, over the columns of the pool and from its nearest prices; spread over all demands
    proof     ``cost_interval`` of the whole set: the answer is feasible, and its duals prove the bound

Nearest are the prices with the highest bound for the merged set: their payments for its demand less their rents, a
product of matrices for all of the pool. Where the answer misses the gap the merged set is solved without the pool, and
the whole set if that misses it too. Each set depends on the pool alone, so that rows are equal for any number of
workers and in any order. With steps of value there is another pool (``placer.batch.stepped_bounds``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from placer.batch.drawn import drawn_structure
from placer.batch.figures import Row, SetAnswers
from placer.batch.job import Job
from placer.batch.stepped_bounds import SteppedSets, stepped_demands, what_is_left
from placer.column_generation.seed import UsedColumns, union_of_used, used_columns
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import KnownPrices, record_prices
from placer.decomposition.cuts import PriceVector, duals_at, prices_and_rents
from placer.decomposition.limits import limits_of
from placer.errors import BatchError, refuse
from placer.instance.checks.battery_checks import batteries_refused
from placer.instance.problem import Instance
from placer.model.aggregation import merge_near, near_pairs
from placer.model.answer import Answer
from placer.model.formulation import Formulation, formulate_offered
from placer.model.structure import Structure, assignment_positions
from placer.placement.elastic import ElasticPlacement
from placer.proof.answer_certificate import cost_interval
from placer.running import running
from placer.utils.arrays import BoolArray, FloatArray, IntArray

#: Status of a row whose cost lies within the gap of a proven bound, and is not the least.
BOUNDED = "bounded"
#: Where the row of a set of the pool holds its prices; the caller takes them out.
PRICES = "prices"


@dataclass(frozen=True)
class BoundParameters:
    """Parameters of bounds.

    Attributes
    ----------
    pool : int
        Number of sets that are solved for their prices and columns.
    apart_part : float
        Arcs are nearly alike if their costs differ by this multiple of the gap times the mean cost of the base.
    master_part : float
        Part of the gap at which the merged program may stop.

    Notes
    -----
    ``pool`` measured with ``benchmarks.tuning``: 60 sets take 0.54 of the time at 8, and 1.31 times as long at 128.
    Its work changes by less than 5 % for ``apart_part`` 1 to 16 and ``master_part`` 0.075 to 1.2.
    """

    pool: int = 32
    apart_part: float = 4.0
    master_part: float = 0.3


BOUNDS = BoundParameters()


@dataclass(frozen=True, eq=False)
class PricesOfSet:
    """The proven prices of a set, and the columns of its placement.

    Attributes
    ----------
    position : int array
        The assignments that its placement uses.
    cost_per_unit : float
        Cost and penalty by unit of demand.
    """

    prices: PriceVector
    used: UsedColumns
    position: IntArray
    cost_per_unit: float

    def suit(self, structure: Structure) -> bool:
        """Whether the prices and the columns have the classes, hubs, sites, periods, links and caps of a structure."""
        return self.prices.fits(structure) and self.used.fit(structure)


@dataclass(frozen=True, eq=False)
class SolvedSets:
    """The solved sets.

    Attributes
    ----------
    base : Formulation
        Of the instance around which the sets lie.
    leader : (classes * origins,) int array
        As of ``near_pairs``.
    used : UsedColumns
        Of all sets, of the origins that stand for theirs.
    paid : (vectors, merged demands) array
        Payment for a unit of each merged demand.
    rents : (vectors,) array
        Rents of all limits.
    """

    base: Formulation
    leader: IntArray
    used: UsedColumns
    vectors: list[PriceVector]
    paid: FloatArray
    rents: FloatArray

    def nearest(self, structure: Structure) -> KnownPrices:
        """Return the prices with the highest bound for a merged structure."""
        nearest = self.vectors[int(np.argmax(self.paid @ structure.demand_amount - self.rents))]
        return record_prices(structure, duals_at(structure, nearest))


def solved_sets_of(
    base: Formulation, prices: Sequence[PricesOfSet], gap: float, parameters: BoundParameters = BOUNDS
) -> SolvedSets | SteppedSets | None:
    """Return the pool of the prices of some sets around a base; None if none of them suit it."""
    suitable = [each for each in prices if each.suit(base.structure)]
    if not suitable:
        return None
    if base.structure.steps is not None:
        return SteppedSets(base, np.unique(np.concatenate([each.position for each in suitable])))
    cost = float(np.mean([each.cost_per_unit for each in suitable]))
    leader = near_pairs(base.structure, parameters.apart_part * gap * cost)
    merged = merge_near(base.structure, leader).structure
    vectors = [each.prices for each in suitable]
    paid, rents = prices_and_rents(vectors, merged)
    used = union_of_used([each.used.led_by(leader, base.structure.origins) for each in suitable])
    return SolvedSets(base, leader, used, vectors, paid, rents @ np.nan_to_num(limits_of(merged), posinf=0.0))


@dataclass(frozen=True)
class PoolJob(Job):
    """The job of the sets that are solved for their prices."""

    def figures(self, number: int) -> Row:
        """Return the figures of a solved set, and its prices."""
        return solved_figures(self, number)


@dataclass(frozen=True)
class BoundJob(Job):
    """The job of the sets whose cost is bounded.

    Attributes
    ----------
    pool : SolvedSets, SteppedSets or None
        None if no set of the pool could be solved.
    """

    gap: float = 0.0
    pool: SolvedSets | SteppedSets | None = None
    parameters: BoundParameters = BOUNDS

    def figures(self, number: int) -> Row:
        """Return the figures of a bounded set, or of a solved one if its bound is too far off; all within one limit."""
        with running(time_limit_seconds=self.time_limit_seconds):
            found = None if self.pool is None else bounded_figures(self, self.pool, number)
            if found is None:
                found = solved_figures(self, number)
                del found[PRICES]
            return found


def bounded_figures(job: BoundJob, pool: SolvedSets | SteppedSets, number: int) -> Row | None:
    """Return the figures of a set whose cost is within the gap of its bound; None if it is not.

    Raises
    ------
    InstanceError
        If the set is invalid.
    """
    if (structure := drawn_structure(job.sets, number, pool.base)) is None:
        return None
    charge, has_steps = pool.base.distance.charged(structure), stepped_demands(job.sets, number)
    contracts_usd = float(pool.base.contracts.fixed_usd.sum())
    answers = pool.answers(structure) if isinstance(pool, SteppedSets) else _answers(job, pool, structure)
    rows = (_row(structure, charge, contracts_usd, has_steps, answer, job.gap) for answer in answers)
    return next((row for row in rows if row is not None), None)


def _answers(job: BoundJob, pool: SolvedSets, structure: Structure) -> Iterator[Answer]:
    """Yield the answer from the pool, then that of a path of prices, as far as there are any; of merged demands."""
    merged = merge_near(structure, pool.leader)
    solver, within = ColumnGeneration(), job.parameters.master_part * job.gap
    near = solver.answer_nearby(merged.structure, pool.nearest(merged.structure), pool.used, within)
    if near is not None:
        yield merged.spread(near)
    found = solver.answer(merged.structure)
    if found.flows is not None:
        yield merged.spread(found)


def solved_figures(job: Job, number: int) -> Row:
    """Return those figures of a solved set that a bounded one has too, and its prices.

    Raises
    ------
    InstanceError, NoSolutionError
        As ``placer.solve``.
    """
    instance: Instance = job.sets[number]
    placement = SetAnswers(instance, job.known, job.time_limit_seconds).placement
    structure, demand = placement.formulation.structure, placement.demand_mtok
    used, left = placement.answer.point, dict[str, float]()
    if isinstance(placement, ElasticPlacement):
        left, _ = what_is_left(placement.offered.structure, placement.offered.has_steps, placement.unserved)
    row: dict[str, Any] = {
        "cost_usd": placement.cost_usd,
        "cost_usd_per_mtok": placement.cost_usd_per_mtok,
        "transfers_usd": placement.transfers_usd,
        "penalty_usd": placement.penalty_usd,
        "demand_mtok": demand,
        "unserved_share": placement.unserved_mtok / demand if demand else 0.0,
        **left,
        "bound_usd": placement.certificate.bound + sum(placement.contracts_part.values()),
        "gap": placement.gap,
        "solver": placement.termination.detail,
        PRICES: PricesOfSet(
            prices=PriceVector.of(placement.answer.prices),
            used=used_columns(structure, used),
            position=assignment_positions(structure, used.demand, used.arc),
            cost_per_unit=placement.certificate.bound / structure.total_demand,
        ),
    }
    return row


def check_bounds(gap: float, analyses: Sequence[str]) -> None:
    """Refuse a gap that is no share, and analyses that need a placement of least cost.

    Raises
    ------
    BatchError
    """
    if isinstance(gap, bool) or not isinstance(gap, (int, float)) or not 0 < gap < 1:
        raise BatchError(f"bounds {gap!r} is not a relative gap above 0 and below 1, such as 1e-4")
    if others := [name for name in analyses if name != "cost"]:
        raise BatchError(f"bounds give no placement of least cost, which {', '.join(others)} needs; ask for cost alone")


def bounded_rows(
    run: Callable[[Job, Iterator[int]], Iterator[Row]],
    job: Job,
    around: Instance,
    gap: float,
    missing: Sequence[int],
    parameters: BoundParameters = BOUNDS,
) -> Iterator[Row]:
    """Yield the rows of sets whose cost is known within a gap; those of the pool first.

    Parameters
    ----------
    run : callable
        Yields the rows of some sets of a job.
    job : Job
        Of all sets.
    around : Instance
        The base of the sets.
    missing : sequence of int
        Sets that have no row yet. Sets of the pool that have one are solved again where others need their prices.
    """
    refuse(batteries_refused(around.batteries, "a cost within a gap"))
    asked = (job.sets, job.analyses, job.known, job.time_limit_seconds)
    first = [number for number in missing if number < parameters.pool]
    others = [number for number in missing if number >= parameters.pool]
    prices: dict[int, PricesOfSet] = {}
    for row in run(PoolJob(*asked), iter(range(parameters.pool) if others else first)):
        found, number = row.pop(PRICES, None), int(row["number"])
        if isinstance(found, PricesOfSet):
            prices[number] = found
        if number in first:
            yield row
    if others:
        pool = solved_sets_of(formulate_offered(around), [prices[number] for number in sorted(prices)], gap, parameters)
        yield from run(BoundJob(*asked, gap, pool, parameters), iter(others))


def _row(
    structure: Structure, charge: FloatArray, contracts_usd: float, has_steps: BoolArray, answer: Answer, gap: float
) -> Row | None:
    """Return the figures of an answer; None if it is not feasible, or not within the gap of the bound of its duals.

    Parameters
    ----------
    charge : (arcs,) array
        Charges that a region is paid.
    contracts_usd : float
        What contracts of power cost in any case.
    has_steps : (demands,) bool array
    """
    interval, flows = cost_interval(structure, answer), answer.point
    if interval is None or not abs(interval.gap) <= gap:
        return None
    left, penalty = what_is_left(structure, has_steps, flows.unserved)
    transfers = float(charge[flows.arc] @ flows.amount)
    cost = interval.objective - transfers - penalty - left.get("not_bought_usd", 0.0) + contracts_usd
    demand = structure.total_demand - left.get("not_bought_mtok", 0.0)
    unserved = float(flows.unserved[~has_steps].sum())
    served = demand - unserved
    return {
        "status": BOUNDED,
        "cost_usd": cost,
        "cost_usd_per_mtok": cost / served if served > 0 else float("nan"),
        "transfers_usd": transfers,
        "penalty_usd": penalty,
        "demand_mtok": demand,
        "unserved_share": unserved / demand if demand > 0 else 0.0,
        **left,
        "bound_usd": interval.bound + contracts_usd,
        "gap": interval.gap,
        "solver": answer.termination.detail,
    }
