"""Limits that no placement can meet, and the least change that would make them possible.

Demand may stay unserved, so that only limits of at least an amount can be impossible. With every limit of one's own
made elastic,

    minimise  sum_c relaxed_c / size_c      subject to  count_c <= limit_c + relaxed_c,    all other rows as they are

where the size is typical of the limit (``placer.proof.magnitudes``). Each relaxed limit
is reported with its activity: with these amounts as limits the problem is feasible. The activity of a share depends on
the flow in its denominator, so its nearest feasible amount follows from ``placer.solvers.ratios``, with the other
limits at their reported amounts.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from placer.errors import NoSolutionError
from placer.ladder.whole_program import solve_program
from placer.model.answer import read_flows
from placer.model.caps import OWN_CAPS
from placer.model.edits import with_cost, with_slacks
from placer.model.formulation import Formulation
from placer.model.limit_rows import use_of, with_amount
from placer.model.limits import Limit
from placer.model.loads import served_work
from placer.model.program import LinearProgram
from placer.model.structure import Structure
from placer.proof.certificate import Tolerances
from placer.proof.magnitudes import magnitudes
from placer.solvers.highs import HiGHS
from placer.solvers.memory import whole_program
from placer.solvers.ratios import RatioLimit, nearest_amount
from placer.termination import Reason
from placer.utils.arrays import FloatArray
from placer.utils.numbers import quantity

#: Why a solver stops where there is no placement.
NO_POINT = (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED)


def may_be_impossible(formulation: Formulation) -> bool:
    """Return whether any limit asks for at least an amount."""
    structure = formulation.structure
    own = structure.cap_work[OWN_CAPS:], structure.cap_tier[OWN_CAPS:]
    is_below = any(each.is_below_zero for each in own) or (structure.cap_send[OWN_CAPS:] < 0).any()
    return bool((structure.cap_limit < 0).any() or is_below)


def unmet_limits(formulation: Formulation) -> list[tuple[Limit, float]]:
    """Return the limits that the least change would change, each with the amount that would be possible.

    Raises
    ------
    NoSolutionError
        If the elastic program is not solved.
    """
    structure = formulation.structure
    elastic, size = elastic_program(structure, sum(limit.is_own or bool(limit.zone) for limit in formulation.limits))
    values = solve_program(elastic, HiGHS())[0].point
    flows = read_flows(structure, elastic, values)
    served = served_work(structure, flows)
    relaxed = np.flatnonzero(values[elastic.col_blocks["relaxed"]] > Tolerances.primal * size).tolist()
    found = {
        number: use_of(structure, formulation.limits[number], formulation.quantities, flows, served)
        for number in relaxed
    }
    return _with_nearest_ratios(formulation, found)


def elastic_program(structure: Structure, count: int) -> tuple[LinearProgram, FloatArray]:
    """Return the elastic program, whose last columns relax the limits of one's own, and the sizes of these limits.

    Caps after these ``count`` limits stay as they are.
    """
    program, own = with_cost(whole_program(structure), {}), slice(OWN_CAPS, OWN_CAPS + count)
    size = magnitudes(structure).cap[own]
    rows = program.row_blocks["cap"].start + structure.rows.cap[own]
    most = np.asarray(abs(program.matrix) @ program.implied_upper)[rows] + np.abs(program.row_upper[rows])
    return with_slacks(program, "relaxed", rows, -1.0, 1 / size, most), size


def _with_nearest_ratios(formulation: Formulation, found: dict[int, float]) -> list[tuple[Limit, float]]:
    """Return the limits with their possible amounts, given by number; those of shares of what flows as near as can be.

    A limit of that kind on each hour has one amount for all its hours.
    """
    limits, structure = formulation.limits, formulation.structure
    for number, amount in found.items():
        structure = with_amount(structure, OWN_CAPS + number, limits[number], formulation.quantities, amount)
    named = []
    for number, amount in found.items():
        limit = limits[number]
        own = [place for place, other in enumerate(limits) if other.name == limit.name]
        if not limit.is_of_flows:
            named.append((limit, amount))
        elif number == next(place for place in own if place in found):
            nearest = _nearest(formulation, structure, own)
            for place in own:
                structure = with_amount(structure, OWN_CAPS + place, limits[place], formulation.quantities, nearest)
            named.append((limit if len(own) == 1 else replace(limit, hours=""), nearest))
    return named


def _nearest(formulation: Formulation, structure: Structure, own: list[int]) -> float:
    """Return the amount nearest to that of a limit, of some rows, at which there is a placement."""
    limit = formulation.limits[own[0]]

    def program_with(amount: float) -> LinearProgram:
        changed = structure
        for place in own:
            cap = OWN_CAPS + place
            changed = with_amount(changed, cap, formulation.limits[place], formulation.quantities, amount)
        return whole_program(changed)

    program = program_with(limit.amount)
    rows = program.row_blocks["cap"].start + structure.rows.cap[[OWN_CAPS + place for place in own]]
    ratio = RatioLimit(program_with, rows, limit.sign, limit.amount)
    return nearest_amount(ratio, lambda elastic: solve_program(elastic, HiGHS())[0].point)


def impossible(formulation: Formulation, stopped: NoSolutionError) -> NoSolutionError:
    """Return an error that names the limits no placement can meet; the error itself if there are none."""
    if stopped.reason not in NO_POINT or not may_be_impossible(formulation):
        return stopped.stated_in(formulation.currency)
    unmet = unmet_limits(formulation)
    if not unmet:
        return stopped.stated_in(formulation.currency)
    told = "; ".join(
        f"limit {limit.title!r} ({limit.kind} {limit.sense} {quantity(limit.amount)}) could be met with amount "
        f"{quantity(_to_six_digits(possible, limit.sign))}"
        for limit, possible in unmet
    )
    together = "this limit" if len(unmet) == 1 else "these limits together"
    return NoSolutionError(Reason.INFEASIBLE, f"no placement can meet {together}; the least change that would: {told}")


def _to_six_digits(amount: float, sign: float) -> float:
    """Return an amount with six digits, rounded to the side on which the limit is looser."""
    if amount == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(amount))) - 5)
    return sign * math.ceil(sign * amount / unit - Tolerances.primal) * unit
