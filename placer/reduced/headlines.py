"""The least and the most of each headline over all placements of the whole that cost no more than the one carried back.

Let a headline h be linear in the flows, and U the cost of a placement of the whole. The least-cost placement costs no
more than U. With ``g(s) = least  cost + s h`` over all placements of the whole, each of those that cost at most U has

    h >= (g(s) - U) / s   for every s > 0          h <= (g(s) - U) / s   for every s < 0

and any prices bound g(s) from below (``placer.proof.bound``). Those of the smaller instance with the cost
``cost + s h`` are laid on the whole; what they differ by from its prices at s = 0, added to the prices of the answer of
the whole, are a second choice, and the better one counts. Each takes one pass over all columns. A whole that is small
takes a master as ``placer.reduced.carried`` does. A small s leaves ``(U - bound) / |s|`` open, and at a large one
placements of quite another h are worth their cost. So s is sought on a ladder, while the end moves inwards.

A ratio follows from the intervals of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np
import pandas as pd

from placer.by_blocks.solve_blocks import is_by_blocks, solve_blocks
from placer.currency import USD
from placer.errors import InstanceError, NoSolutionError, Violation
from placer.instance.attributes.validation import show
from placer.ladder.proven import solve_structure
from placer.model.answer import Duals, Flows
from placer.model.formulation import Formulation
from placer.model.loads import cost_of
from placer.model.structure import Structure
from placer.placement.result import Placement
from placer.proof.bound import bound_at
from placer.reduced.carried import carried
from placer.reduced.laid import Places, laid_duals, used_positions
from placer.running import check_time
from placer.termination import Reason
from placer.tolerances import PROOF
from placer.utils.arrays import FloatArray

#: The headlines that are linear in the flows, and their units.
_LINEAR = {
    "cost_usd": USD,
    "unserved_mtok": "Mtok",
    "exported_mtok": "Mtok",
    "energy_mwh": "MWh",
    "carbon_kg": "kg",
    "water_litres": "litres",
}
#: Those that follow from them, with the unit and the headlines that they follow from.
_DERIVED = {
    "cost_usd_per_mtok": (f"{USD} per Mtok", ("cost_usd", "unserved_mtok")),
    "export_share": ("share", ("exported_mtok",)),
    "unserved_share": ("share", ("unserved_mtok",)),
}
#: Every headline that has a range.
HEADLINES = (*_LINEAR, *_DERIVED)
#: Shares of the cost that a headline is worth on the rungs of the ladder, and the rung that is tried first.
_WORTHS, _FIRST = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0), 3
#: Largest part of the least penalty that is taken off the penalties.
_MOST_OFF = 0.9
#: Where it is worth nothing on the days, its size is taken for this part of the most that it could be.
_LEAST_PART = 1e-3


@dataclass(frozen=True, eq=False)
class Counted:
    """What a headline counts for a unit of every flow.

    Attributes
    ----------
    arc, work, tier, unserved : arrays
        In the shapes of the costs of a structure.
    """

    arc: FloatArray
    work: FloatArray
    tier: FloatArray
    unserved: FloatArray

    def priced(self, structure: Structure, slope: float) -> Structure:
        """Return a structure whose cost is ``cost + slope * h``."""
        return replace(
            structure,
            arc_cost=structure.arc_cost + slope * self.arc,
            work_cost=structure.work_cost + slope * self.work,
            tier_cost=structure.tier_cost + slope * self.tier,
            unserved_cost=structure.unserved_cost + slope * self.unserved,
        )

    def of(self, structure: Structure, flows: Flows) -> float:
        """Return what flows count."""
        alone = replace(
            structure,
            arc_cost=self.arc,
            work_cost=np.broadcast_to(self.work, structure.work_cost.shape),
            tier_cost=self.tier,
            unserved_cost=self.unserved,
        )
        return cost_of(alone, flows)


def counted(formulation: Formulation, name: str) -> Counted:
    """Return what a headline that is linear in the flows counts."""
    structure = formulation.structure
    nothing = Counted(*(np.zeros_like(getattr(structure, f"{each.name}_cost")) for each in fields(Counted)))
    match name:
        case "cost_usd":
            charged = formulation.distance.charged(structure)
            arc = structure.arc_cost - charged
            return replace(nothing, arc=arc, work=structure.work_cost, tier=structure.tier_cost)
        case "unserved_mtok":
            return replace(nothing, unserved=np.ones_like(structure.unserved_cost))
        case "exported_mtok":
            leaves = formulation.exported[structure.arc_origin, structure.arc_site]
            return replace(nothing, arc=leaves.astype(float))
        case "energy_mwh":
            return replace(nothing, work=structure.draw[:, :, None] * structure.overhead)
        case "carbon_kg":
            return replace(nothing, tier=formulation.carbon_kg)
        case _:
            return replace(nothing, work=nothing.work + formulation.water_litres[:, :, None])


@dataclass(frozen=True, eq=False)
class HeadlineRanges:
    """Ranges of headlines over the placements of the whole that cost no more than one of them.

    Attributes
    ----------
    placement : Placement
        Of the whole.
    small : Placement
        Of the smaller instance.
    workers : int, optional
        As in ``placer.solve``, for the smaller instance.
    """

    placement: Placement
    small: Placement
    places: Places
    workers: int | None

    def table(self, names: Iterable[str]) -> pd.DataFrame:
        """Return the ranges of some headlines.

        Returns
        -------
        DataFrame
            By ``headline``: ``unit``; ``smaller`` and ``carried_back``, its value in both placements; ``least`` and
            ``most``; ``width_share``, their difference as a share of the value carried back.

        Raises
        ------
        NoSolutionError
            If the time is over.
        """
        chosen = list(names)
        needed = {part for name in chosen for part in (_DERIVED[name][1] if name in _DERIVED else (name,))}
        ranges = {name: self._range(name) for name in _LINEAR if name in needed}
        rows, currency = [], self.placement.currency
        for name in chosen:
            least, most = self._derived(name, ranges) if name in _DERIVED else ranges[name]
            value = float(getattr(self.placement, name))
            rows.append(
                {
                    "unit": (_DERIVED[name][0] if name in _DERIVED else _LINEAR[name]).replace(USD, currency),
                    "smaller": float(getattr(self.small, name)),
                    "carried_back": value,
                    "least": min(least, value),
                    "most": max(most, value),
                    "width_share": (max(most, value) - min(least, value)) / abs(value) if value else np.nan,
                }
            )
        columns = ["unit", "smaller", "carried_back", "least", "most", "width_share"]
        return pd.DataFrame(rows, index=pd.Index(chosen, name="headline"), columns=columns)

    def _derived(self, name: str, ranges: dict[str, tuple[float, float]]) -> tuple[float, float]:
        """Return the ends of a ratio."""
        demand = self.placement.demand_mtok
        if name != "cost_usd_per_mtok":
            least, most = ranges[_DERIVED[name][1][0]]
            return least / demand, most / demand
        served = [demand - each for each in ranges["unserved_mtok"]]
        if min(served) <= 0:
            return -np.inf, np.inf
        ratios = [usd / mtok for usd in ranges["cost_usd"] for mtok in served]
        return min(ratios), max(ratios)

    def _range(self, name: str) -> tuple[float, float]:
        """Return the ends of a headline that is linear in the flows."""
        whole, small = counted(self.placement.formulation, name), counted(self.small.formulation, name)
        low, high = (self._end(name, whole, small, sign) for sign in (1.0, -1.0))
        if name == "cost_usd":
            fixed = sum(self.placement.contracts_part.values())
            return low + fixed, -high + fixed
        least = max(low, 0.0)
        most = -high if name not in ("exported_mtok", "unserved_mtok") else min(-high, self.placement.demand_mtok)
        return least, most

    def _end(self, name: str, whole: Counted, small: Counted, sign: float) -> float:
        """Return a lower bound on ``sign * h``, the best of a climb on the ladder of slopes."""
        structure = self.small.formulation.structure
        value = abs(small.of(structure, self.small.answer.point))
        if name in ("exported_mtok", "unserved_mtok"):
            value = max(value, _LEAST_PART * structure.total_demand)
        unit = self.small.certificate.objective / value if value > 0 else 0.0
        most = np.inf
        if name == "unserved_mtok" and sign < 0:
            most = _MOST_OFF * float(structure.unserved_cost.min())
        known: dict[int, float] = {}

        def at(rung: int) -> float:
            if rung not in known:
                inside = 0 <= rung < len(_WORTHS)
                known[rung] = self._at(whole, small, sign * min(_WORTHS[rung] * abs(unit), most)) if inside else -np.inf
            return known[rung]

        rung = _FIRST
        step = 1 if at(rung + 1) > at(rung) else -1
        while at(rung + step) > at(rung):
            rung += step
        return at(rung)

    def _at(self, whole: Counted, small: Counted, slope: float) -> float:
        """Return ``(bound on g(slope) - U) / |slope|``; -inf where no solver proves an answer at these costs."""
        if slope == 0:
            return -np.inf
        check_time("no time was left for ranges of headlines")
        structure = whole.priced(self.placement.formulation.structure, slope)
        try:
            duals = self._prices(small.priced(self.small.formulation.structure, slope))
            bound = self._bound(structure, laid_duals(self.places, structure, duals))
        except NoSolutionError as stopped:
            if stopped.reason in (Reason.TIME_LIMIT, Reason.INTERRUPTED):
                raise
            return -np.inf
        return (bound - self.placement.certificate.objective) / abs(slope)

    def _bound(self, structure: Structure, laid: Duals) -> float:
        """Return a lower bound on the least cost of the whole at other costs, given the laid prices there."""
        if not is_by_blocks(structure, None, self.workers):
            used = used_positions(self.places, structure, self.small.formulation.structure, self.small.answer.point)
            return carried(structure, laid, used, PROOF).certificate.bound
        known, before = self.placement.answer.prices, self._laid
        parts = {each.name: getattr(known, each.name) + getattr(laid, each.name) for each in fields(Duals)}
        moved = Duals(**{name: part - getattr(before, name) for name, part in parts.items()})
        return max(bound_at(structure, each) for each in (laid, moved))

    @cached_property
    def _laid(self) -> Duals:
        """The prices of the smaller placement, laid on the whole."""
        return laid_duals(self.places, self.placement.formulation.structure, self.small.answer.prices)

    def _prices(self, structure: Structure) -> Duals:
        """Return the prices of the smaller instance at other costs."""
        if is_by_blocks(structure, None, self.workers):
            formulation = replace(self.small.formulation, structure=structure)
            return solve_blocks(formulation, None, self.workers, None)[0].prices
        return solve_structure(structure)[0].prices


def headline_names(given: str | Iterable[str]) -> tuple[str, ...]:
    """Return the headlines that are asked for.

    Raises
    ------
    InstanceError
        Listing all that are unknown.
    """
    names = tuple(dict.fromkeys([given] if isinstance(given, str) else given))
    unknown = [name for name in names if name not in HEADLINES]
    if unknown:
        raise InstanceError(
            Violation("carry_back", "", "headlines", f"{show(name)} is unknown", ", ".join(HEADLINES))
            for name in unknown
        )
    return names
