"""The cost of a group of regions alone: its own demand at its own data centres.

The sites of a group are those in one of its regions whose accelerators one of its regions owns. A group owns no links
and caps: it pays their rents of the settlement, and no link carries more than its capacity. Caps of settings and own
limits are prices to a group, not limits, since they bind all regions together. If links and caps have no rent, the
program is that of an instance without the other regions, and sites out of reach are left out of it. The program of a
large group is solved by column generation, from the prices of the whole unless the group is short of accelerators.

A group keeps the policies between its members. A charge that one of them pays and another earns counts in its decision,
and is no cost to the group. Of several decisions at one least cost and charge, its cost is of the one that is found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from placer.column_generation.market.definition import asked_of
from placer.column_generation.parameters import DEFAULTS
from placer.column_generation.solver import ColumnGeneration
from placer.column_generation.warm_start import best_start, record_prices
from placer.ladder.proven import default_solver, solve_structure
from placer.ladder.whole_program import solve_program
from placer.model.answer import answer_of
from placer.model.parts import part_of, part_of_sites
from placer.proof.bound import bound_prices
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program

if TYPE_CHECKING:
    from collections.abc import Iterable

    from placer.accounting.groups import Groups
    from placer.column_generation.warm_start import KnownPrices
    from placer.model.answer import Answer, Duals
    from placer.model.program import LinearProgram
    from placer.model.structure import Structure
    from placer.proof.certificate import Certificate
    from placer.utils.arrays import BoolArray, FloatArray


#: Assignment columns from which column generation, from the prices of the whole, is faster than the whole program.
WARM_FROM = 20_000
#: Tuned to coalitions, which are small: few columns are near even at a large width, and the master corrects inexact
#: prices. The prices of the whole do not help the master of a coalition, even of one with nearly all demand: the sites
#: of the other regions are missing.
PARAMETERS = replace(
    DEFAULTS,
    path=replace(DEFAULTS.path, imbalance_tolerance=0.5, gain_tolerance=1e-2),
    descent=replace(DEFAULTS.descent, counting_width_spreads=1.5e-2),
    warm_start=replace(DEFAULTS.warm_start, most_changed=1e-2),
)


def cost_alone(
    structure: Structure, duals: Duals, groups: Groups, members: Iterable[int], charge: FloatArray | None = None
) -> float:
    """Return the cost of some regions, by position, alone, USD, penalty and paid rents included.

    It is proven, with what members pay each other.

    Parameters
    ----------
    structure : Structure
    duals : Duals
        Of the whole.
    groups : Groups
    members : iterable of int
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
    known = record_prices(structure, duals)
    site = np.isin(np.arange(own.sites), own.arc_site)
    answer, certificate = _without_rents(part_of_sites(_without_caps(own), site), known.at_sites(site))
    return certificate.objective - _between(answer, paid)


def _between(answer: Answer, charge: FloatArray) -> float:
    """Return the charges that the members of a group pay each other, USD."""
    return float(charge[answer.point.arc] @ answer.point.amount)


def _without_rents(own: Structure, known: KnownPrices) -> tuple[Answer, Certificate]:
    """Answer the structure of a group that pays no rents, given the prices of the whole at its sites."""
    solver, start = default_solver(own), None
    if own.assignment_count >= WARM_FROM:  # patient: the whole program of a large group takes far longer
        solver = ColumnGeneration(parameters=PARAMETERS)
        start = None if is_short(own) else best_start(own, [known])
    return solve_structure(own, solver, start)


def _without_caps(structure: Structure) -> Structure:
    return replace(structure, cap_limit=np.full_like(structure.cap_limit, np.inf))


def is_short(structure: Structure) -> bool:
    """Whether the work of a period takes more accelerators than the sites of all arcs have.

    Prices are then at penalties, and a search from those of the whole is given up after some steps.
    """
    sites = np.unique(structure.arc_site)
    if not sites.size:
        return True
    least = structure.use[:, sites].min(axis=1)
    np.minimum.at(least, structure.served_class, least)
    return bool((least @ asked_of(structure) > structure.capacity[sites].sum(axis=0)).any())


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
