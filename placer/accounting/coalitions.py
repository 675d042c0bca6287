"""The cost of a group of regions alone: its own demand at its own data centres.

The sites of a group are those in one of its regions whose accelerators one of its regions owns. A group owns no links
and caps: it pays their rents of the settlement, and no link carries more than its capacity. Caps of settings and own
limits are prices to a group, not limits, since they bind all regions together. If links and caps have no rent, the
program is that of an instance without the other regions, and sites out of reach are left out of it. The program of a
large group is solved by column generation from zero prices: those of the whole save less than 5 % of the time, since
the sites of the other regions are missing.

A group keeps the policies between its members. A charge that one of them pays and another earns counts in its decision,
and is no cost to the group. Of several decisions at one least cost and charge, its cost is of the one that is found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from placer.accounting.groups import Groups
from placer.column_generation.parameters import DEFAULTS
from placer.column_generation.solver import ColumnGeneration
from placer.ladder.proven import solve_structure
from placer.ladder.whole_program import solve_program
from placer.model.answer import Answer, Duals, answer_of
from placer.model.parts import part_of, part_of_sites
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.proof.bound import bound_prices
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program
from placer.utils.arrays import BoolArray, FloatArray

#: Assignment columns from which column generation is faster than the whole program. Of the groups of regions of
#: ``world`` (``benchmarks.accounts``), that of 20,496 columns takes half the time so, those of 35,000 and 49,000 a
#: sixth.
COLUMNS_FROM = 20_000
#: Few columns of a group are near even at a large width, and the master corrects inexact prices: 13 groups of ``world``
#: take a fifth less time than with ``DEFAULTS`` (``python -m benchmarks.accounts --part groups``).
PARAMETERS = replace(
    DEFAULTS,
    path=replace(DEFAULTS.path, imbalance_tolerance=0.5, gain_tolerance=1e-2),
    descent=replace(DEFAULTS.descent, counting_width_spreads=1.5e-2),
)


def cost_alone(
    structure: Structure, duals: Duals, groups: Groups, members: Iterable[int], charge: FloatArray | None = None
) -> float:
    """Return the cost of some regions, by position, alone, USD, penalty and paid rents included.

    It is proven, with what members pay each other.

    Parameters
    ----------
    duals : Duals
        Of the whole.
    charge : (arcs,) array, optional
        The part of the cost over every arc that a region is paid; nothing if not given.

    Raises
    ------
    NoSolutionError
        If no answer was proven.
    """
    chosen = list(members)
    own = coalition_part(structure, groups, chosen)
    paid = np.zeros(len(own.arc_site)) if charge is None else charge[own_arcs(structure, groups, chosen)]
    if not own.demand_amount.any():
        return 0.0
    if not own.arc_site.size:
        return float(own.unserved_cost[own.demand_class] @ own.demand_amount)
    prices = bound_prices(structure, duals)
    if prices.cap.any() or (np.isfinite(prices.link) & (prices.link > 0)).any():
        program = _with_rents(whole_program(own), own, duals)
        solution, certificate = solve_program(program, HiGHS())
        return certificate.objective - _between(answer_of(own, program, solution), paid)
    own = replace(own, cap_limit=np.full_like(own.cap_limit, np.inf))
    own = part_of_sites(own, np.isin(np.arange(own.sites), own.arc_site))
    # Patient: the whole program of a large group takes far longer.
    is_large = own.assignment_count >= COLUMNS_FROM
    answer, certificate = solve_structure(own, ColumnGeneration(parameters=PARAMETERS) if is_large else None)
    return certificate.objective - _between(answer, paid)


def _between(answer: Answer, charge: FloatArray) -> float:
    """Return the charges that the members of a group pay each other, USD."""
    return float(charge[answer.point.arc] @ answer.point.amount)


def coalition_part(structure: Structure, groups: Groups, members: Iterable[int]) -> Structure:
    """Return the structure with the demand of some regions, by position, and arcs to their own sites only."""
    chosen = list(members)
    demands = np.isin(groups.hub, chosen)[structure.demand_origin]
    return part_of(structure, arcs=own_arcs(structure, groups, chosen), demands=demands)


def own_arcs(structure: Structure, groups: Groups, members: Iterable[int]) -> BoolArray:
    """Return the arcs from the hubs of some regions to their own sites (arcs,)."""
    chosen = list(members)
    hub, site = np.isin(groups.hub, chosen), np.isin(groups.site, chosen) & np.isin(groups.owner, chosen)
    return np.asarray(hub[structure.arc_origin] & site[structure.arc_site])


def _with_rents(program: LinearProgram, structure: Structure, duals: Duals) -> LinearProgram:
    """Return the program with the rents of links and caps as costs, and without the rows of the caps."""
    cap, rents = program.row_blocks["cap"], np.zeros(len(program.row_upper))
    for name in ("link", "cap"):
        there = getattr(structure.rows, name) >= 0
        rents[program.row_blocks[name]] = np.maximum(getattr(duals, name)[there], 0.0)
    row_upper = program.row_upper.copy()
    row_upper[cap] = np.inf
    return replace(program, cost=program.cost + program.matrix.T @ rents, row_upper=row_upper)
