"""Allotments: the part of an annual limit that a state may use, as a variable of a plan.

    minimise  c z + measure_o f_o(b_o + M_o z, a_o)      sum_o w_o a_lo <= amount_l,   0 <= a_lo <= own amount in o

``a_lo`` is the amount of limit l that one horizon of state o may use: the limit of a cap of its structure. So an annual
limit is a row of the plan beside the build limits, whose rent is its price, and all that holds for units holds for
allotments: cuts bound the cost of a state for every allotment at once, and the certificate proves the row. (Allocation
by amounts, not by prices: resource-directive decomposition; Lasdon, Optimization Theory for Large Systems, 1970.)

A state of weight 0 uses nothing in a year and has no allotment: only its own amount holds in it. So it is with the
placements that serve protected work in a loss. Over planning years each year has a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, hstack

from placer.decomposition.limits import first_position
from placer.decomposition.member import Member
from placer.model.structure import Structure
from placer.planning.question.annual_limits import AnnualLimits, cap_of
from placer.planning.question.candidates import Candidates
from placer.utils.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Allotments:
    """The variables of allotments, after those of the candidates, and the rows of annual limits, after build limits.

    Attributes
    ----------
    limits, names : tuple of str
        Name of the annual limit of each row, and of the row: with the year in a plan over years.
    amount : (rows,) array
    row, state : (allotments,) int arrays
        Position of the row, and of the state.
    cap : (allotments,) int array
        The cap of the structure of the state.
    most : (allotments,) array
        Own amount of the limit in the state; inf if it exceeds ``useful``.
    useful : (allotments,) array
        Use if all demand of the state used the limit most.
    weight : (allotments,) array
        Horizons of the state in its year.
    """

    limits: tuple[str, ...]
    names: tuple[str, ...]
    amount: FloatArray
    row: IntArray
    state: IntArray
    cap: IntArray
    most: FloatArray
    useful: FloatArray
    weight: FloatArray

    def __len__(self) -> int:
        """Return the number of allotments."""
        return len(self.row)

    @property
    def takes(self) -> FloatArray:
        """What a unit of each allotment takes of each row (allotments, rows)."""
        return np.where(self.row[:, None] == np.arange(len(self.names)), self.weight[:, None], 0.0)

    def after(self, candidates: Candidates, states: Sequence[str]) -> Candidates:
        """Return the variables of a plan: candidates, then allotments as candidates that cost nothing."""
        count, nothing = len(self), np.zeros(len(self))
        rows = [self.names[row] for row in self.row.tolist()]
        targets = [states[place] for place in self.state.tolist()]
        own = np.zeros((len(candidates) + count, len(self.names)))
        own[len(candidates) :] = self.takes
        return replace(
            candidates,
            names=(*candidates.names, *(f"{row} in {state}" for row, state in zip(rows, targets, strict=True))),
            adds=(*candidates.adds, *rows),
            target=(*candidates.target, *targets),
            cost_usd_per_unit_year=np.append(candidates.cost_usd_per_unit_year, nothing),
            max_units=np.append(candidates.max_units, self.most),
            module_units=np.append(candidates.module_units, nothing + np.nan),
            opening_usd_per_year=np.append(candidates.opening_usd_per_year, nothing + np.nan),
            lead_years=np.append(candidates.lead_years, nothing),
            lifetime_years=np.append(candidates.lifetime_years, nothing + np.inf),
            usable_share=(*candidates.usable_share, *([1.0] * count)),
            takes=np.hstack([np.pad(candidates.takes, ((0, count), (0, 0))), own]),
            limit_names=(*candidates.limit_names, *self.names),
        )

    def shared_out(self, units: FloatArray, takes: FloatArray, known: BoolArray) -> FloatArray:
        """Return units whose allotments share each whole limit out: in proportion to known ones, and to what is useful.

        Parameters
        ----------
        units : (variables,) array
        takes : (allotments,) array
            What a unit of each takes of its row.
        known : (allotments,) bool array
            Which allotments are known; the others are the same share of what is useful as those are together.
        """
        first = len(units) - len(self)
        given, most = units[first:], np.minimum(self.most, self.useful)
        shared = np.zeros(len(self))
        for row, amount in enumerate(self.amount.tolist()):
            here = self.row == row
            part, whole = (float(takes[here & known] @ each[here & known]) for each in (given, self.useful))
            share = part / whole if part > 0 else 1.0
            wanted = np.where(known, given, share * self.useful)[here]
            taken = float(takes[here] @ wanted)
            shared[here] = np.minimum(wanted * (amount / taken if taken > 0 else 1.0), most[here])
        return np.append(units[:first], shared)


_NO_PLACES = np.zeros(0, dtype=int)
#: Of a plan without annual limits.
NO_ALLOTMENTS = Allotments(
    (), (), np.zeros(0), _NO_PLACES, _NO_PLACES, _NO_PLACES, np.zeros(0), np.zeros(0), np.zeros(0)
)


def allotments_of(
    limits: AnnualLimits, states: Sequence[Member], shares: FloatArray, labels: Sequence[str]
) -> Allotments:
    """Return the allotments of annual limits to states.

    Parameters
    ----------
    limits : AnnualLimits
        With finite amounts.
    shares : (groups,) array
        By which the weights of the states of each group are multiplied.
    labels : sequence of str
        What follows the name of a limit in each group.
    """
    rows = [(place, group) for place in range(len(limits.names)) for group in range(len(shares))]
    found = [
        (row, at, cap_of(state.formulation, limits.names[place]), state.weight / shares[group])
        for row, (place, group) in enumerate(rows)
        for at, state in enumerate(states)
        if state.group == group and state.weight > 0
    ]
    row, at, cap = (np.array([each[part] for each in found], dtype=int) for part in range(3))
    structures = [states[place].structure for place in at.tolist()]
    useful = np.array([most_used(each, one) for each, one in zip(structures, cap.tolist(), strict=True)])
    own = np.array([each.cap_limit[one] for each, one in zip(structures, cap.tolist(), strict=True)])
    return Allotments(
        limits=tuple(limits.names[place] for place, _ in rows),
        names=tuple(limits.names[place] + labels[group] for place, group in rows),
        amount=np.array([limits.amount[place] for place, _ in rows]),
        row=row,
        state=at,
        cap=cap,
        most=np.where(own > useful, np.inf, own),
        useful=useful,
        weight=np.array([each[3] for each in found]),
    )


def with_allotments(allotments: Allotments, place: int, state: Member) -> Member:
    """Return a state whose annual limits are those that its allotments raise from 0.

    Parameters
    ----------
    place : int
        Position of the state; -1 for one without allotments, to which they add nothing.
    state : Member
        Raised by candidates alone.
    """
    mine = np.flatnonzero(allotments.state == place)
    structure, rows = state.structure, state.added.shape[0]
    where = (first_position(structure, "cap_limit") + allotments.cap[mine], mine)
    added = csr_array((np.ones(len(mine)), where), shape=(rows, len(allotments)))
    widened = replace(state, added=csr_array(hstack([state.added, added])))
    if not len(mine):
        return widened
    caps = structure.cap_limit.copy()
    caps[allotments.cap[mine]] = 0.0
    return replace(widened, formulation=replace(state.formulation, structure=replace(structure, cap_limit=caps)))


def most_used(structure: Structure, cap: int) -> float:
    """Return what a cap counts if all demand used it most: by mode, data centre, hour and supply."""
    per_class = np.zeros(structure.classes)
    _, (klass, site, _), value = structure.cap_work[[cap]].entries()
    np.maximum.at(per_class, klass, np.where(structure.reached[klass, site], value, 0.0))
    per_mwh = np.zeros(structure.capacity.shape)
    _, (tier, period), value = structure.cap_tier[[cap]].entries()
    np.maximum.at(per_mwh, (structure.tier_site[tier], period), value / structure.tier_yield[tier])
    drawn = structure.draw[:, :, None] * (structure.overhead * per_mwh)
    per_class += np.where(structure.reached[:, :, None], drawn, 0.0).max(axis=(1, 2), initial=0.0)
    along, by_arrival = (rows[cap].max(initial=0.0) for rows in (structure.cap_route, structure.cap_arrival))
    per_class += np.maximum(structure.cap_send[cap], 0.0) * along * by_arrival
    asked = np.zeros(structure.classes)
    np.add.at(asked, structure.demand_class, structure.demand_amount)
    return float(structure.over_modes(per_class) @ asked)
