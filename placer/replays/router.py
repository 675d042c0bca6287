"""Routing within a substep: what arrives follows the splits and prices of a decision while there is room.

The work of some pairs arrives together, evenly over the substep. Each pair splits it as the decision says. Where a
choice has no room left, its part takes the choice of the least price that has some, if that price is at most the
ceiling of the pair; else it is left. A choice has room until the capacity or the supply of its site, or one of the
links of its route, is used up. So a substep falls into spells of constant flows, and at the end of each a limit is
reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from placer.errors import ArgumentError
from placer.instance.attributes.validation import show
from placer.replays.network import DayNetwork
from placer.tolerances import INPUT
from placer.utils.arrays import NOISE, BoolArray, FloatArray, IntArray, sums_by


@dataclass(frozen=True, eq=False)
class Decision:
    """What a rule says of a substep.

    Attributes
    ----------
    price : (pairs, choices) array
        USD per Mtok, by which choices are ranked; inf for a choice that is not taken.
    ceiling : (pairs,) array
        Highest price at which work is sent.
    split : (pairs, choices) array, optional
        Shares of what arrives, at most 1 in sum; the rest follows prices. None: all of it.
    wanted : (classes, sites) array
        Most work to serve from each queue, Mtok, at least 0; inf: all that there is room for.
    held : (sites,) array
        Capacity that only captive pairs may take, at least 0 and finite.
    captive : (pairs,) bool array
        Pairs that may take held capacity.
    """

    price: FloatArray
    ceiling: FloatArray
    wanted: FloatArray
    held: FloatArray
    captive: BoolArray
    split: FloatArray | None = None


def need_decision(found: object, network: DayNetwork, period: int, rule: str) -> Decision:
    """Return what a rule decided of a substep; refuse what is no decision.

    Raises
    ------
    ArgumentError
        Naming the rule and the substep, and listing every array of another type or shape, with NaN or out of range.
    """
    start = f"rule {rule}, substep {period}"
    if not isinstance(found, Decision):
        raise ArgumentError(f"{start}: expected a placer.replays.router.Decision, not {show(found)}")
    structure, pairs = network.structure, network.arc.shape
    shapes = {"price": pairs, "ceiling": pairs[:1], "wanted": (structure.classes, structure.sites)}
    shapes |= {"held": (structure.sites,), "captive": pairs[:1]} | ({} if found.split is None else {"split": pairs})
    problems = {name: _problem(name, getattr(found, name), shape) for name, shape in shapes.items()}
    wrong = [f"{name} {problem}" for name, problem in problems.items() if problem]
    if wrong:
        raise ArgumentError(f"{start}: {'; '.join(wrong)}")
    return found


def _problem(name: str, values: object, shape: tuple[int, ...]) -> str:
    """Return what is wrong with an array of a decision, with what is allowed; nothing if all is well."""
    if type(values) is not np.ndarray:
        return f"is no numpy array: {show(values)}"
    if values.shape != shape:
        return f"has shape {values.shape}, not {shape}"
    kinds, meant = ("b", "truth values") if name == "captive" else ("iuf", "real numbers")
    if values.dtype.kind not in kinds:
        return f"holds {values.dtype}, not {meant}"
    if np.isnan(values).any():
        return "has NaN"
    if name in ("wanted", "held", "split") and (values < 0).any():
        return f"has {values.min():g}, below 0"
    if name == "held" and np.isinf(values).any():
        return "has inf, where capacity is finite"
    if name == "split" and (most := values.sum(axis=1).max(initial=0.0)) > 1 + INPUT:
        return f"sums to {most:g}, above 1"
    return ""


class Room:
    """What is left of the limits of a substep: capacity of every site, supply of every site, every limited link.

    Attributes
    ----------
    free : (limits,) array
    """

    def __init__(self, network: DayNetwork, period: int) -> None:
        structure = network.structure
        limits = structure.capacity, network.power_limit, structure.link_capacity[network.links]
        self.free = np.concatenate([each[:, period] for each in limits])
        self._rounding = np.where(np.isfinite(self.free), NOISE * self.free, 0.0)
        self._sites, self._overhead = structure.sites, structure.overhead[:, period]
        self._draw = structure.draw * self._overhead
        self._use = structure.use

    def route(
        self, network: DayNetwork, rows: IntArray, amount: FloatArray, decision: Decision, kept: FloatArray
    ) -> FloatArray:
        """Route what arrives of some pairs together; return what each choice takes (rows, choices).

        Parameters
        ----------
        rows : int array
            Pairs.
        amount : (rows,) array
            Mtok.
        kept : (sites,) array
            Capacity that these pairs may not take.
        """
        site, use = network.site[rows], network.use[rows]
        drawn, passing = network.draw[rows] * self._overhead[site], network.passing_of(rows)
        price = decision.price[rows]
        is_arc = network.is_arc[rows]
        is_refused = price > decision.ceiling[rows][:, None]
        split = None if decision.split is None else decision.split[rows]
        free = self.free.copy()
        free[: self._sites] = np.maximum(free[: self._sites] - kept, 0.0)
        sent, taken, left = np.zeros(price.shape), np.zeros(len(free)), 1.0
        while left > 0:
            full = free - taken <= self._rounding
            shut = ((use > 0) & full[site]) | ((drawn > 0) & full[self._sites + site])
            if full[2 * self._sites :].any():
                shut |= (passing @ full[2 * self._sites :] > 0).reshape(shut.shape)
            flow = _flow(is_arc & ~shut, is_refused, price, split) * amount[:, None]
            loads = np.concatenate(
                [
                    sums_by(site.ravel(), (use * flow).ravel(), self._sites),
                    sums_by(site.ravel(), (drawn * flow).ravel(), self._sites),
                    passing.T @ flow.ravel(),
                ]
            )
            loaded = np.flatnonzero(loads)
            spell = min(left, float(((free - taken)[loaded] / loads[loaded]).min(initial=np.inf)))
            sent += spell * flow
            taken += spell * loads
            left -= spell
            if not len(loaded):
                break
        self.free = np.maximum(self.free - taken, 0.0)
        return sent

    def serve(self, wanted: FloatArray) -> FloatArray:
        """Serve queues at every site in the same proportion; return the amounts (classes, sites).

        Parameters
        ----------
        wanted : (classes, sites) array
            Mtok.
        """
        sites = slice(self._sites), slice(self._sites, 2 * self._sites)
        loads = [np.einsum("kj,kj->j", of_unit, wanted) for of_unit in (self._use, self._draw)]
        share = np.ones(self._sites)
        for place, load in zip(sites, loads, strict=True):
            np.minimum(share, np.divide(self.free[place], load, out=np.ones_like(load), where=load > 0), out=share)
        for place, load in zip(sites, loads, strict=True):
            self.free[place] = np.maximum(self.free[place] - share * load, 0.0)
        return wanted * share


def _flow(is_open: BoolArray, is_refused: BoolArray, price: FloatArray, split: FloatArray | None) -> FloatArray:
    """Return the shares of each choice while some are open (rows, choices): splits, the rest to the least price."""
    rows, may = np.arange(len(price)), is_open & ~is_refused
    best = np.argmin(np.where(may, price, np.inf), axis=1)
    flow = np.zeros(price.shape) if split is None else np.where(is_open, split, 0.0)
    flow[rows, best] += np.where(may[rows, best], np.maximum(1 - flow.sum(axis=1), 0.0), 0.0)
    return flow
