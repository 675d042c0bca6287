"""A day replayed: substep by substep a rule decides from what it has seen, and what arrives is routed.

Arrivals are the steps of a history divided into substeps, and drawn around their rates. Between the middles of two
steps the rate of a pair of workload and hub runs in a straight line. The substeps of a step are then scaled so that
they sum to the step. Requests of a substep with n expected ones are drawn from a negative binomial distribution of mean
n and variance D n, with D the index of dispersion: 1 is a Poisson process. Tokens follow requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from placer.replays.flows import DayFlows
from placer.replays.network import DayNetwork
from placer.replays.router import Decision, Room
from placer.running import in_time
from placer.utils.arrays import BoolArray, FloatArray, IntArray, ratio, sums_by

Order = Literal["together", "random", "strict_first"]
ORDERS = ("together", "random", "strict_first")


@dataclass(frozen=True, eq=False)
class View:
    """What a rule may look at when it decides on a substep.

    Attributes
    ----------
    period : int
        The substep, from 0 on.
    counts : (pairs, period) array
        What arrived in the substeps before, Mtok.
    queued : (classes, sites, period) array
        What was sent to wait in the substeps before, Mtok.
    gone : (classes, sites) array
        How much of it is served or has expired; the first that arrived goes first.
    """

    period: int
    counts: FloatArray
    queued: FloatArray
    gone: FloatArray

    @property
    def waiting(self) -> FloatArray:
        """Work in queues, Mtok (classes, sites)."""
        return np.maximum(self.queued.sum(axis=2) - self.gone, 0.0)


def replay_day(
    network: DayNetwork,
    amounts: FloatArray,
    decide: Callable[[View], Decision],
    order: Order = "together",
    seed: int = 0,
) -> DayFlows:
    """Return the flows of a day under a rule.

    Parameters
    ----------
    amounts : (pairs, periods) array
        What arrives, Mtok.
    decide : callable
        Gives the decision of a substep from its view.
    order : str
        Of arrivals in a substep. ``together``: all mixed. ``random``: workload by workload, drawn anew each substep.
        ``strict_first``: workloads with fewer choices first.
    seed : int
        Of the random order.
    """
    structure = network.structure
    amounts = _unchangeable(amounts)
    queues, sent = _Queues(network), np.zeros(network.arc.shape)
    served = np.zeros((structure.classes, *structure.capacity.shape))
    carried = np.zeros((len(network.links), structure.periods))
    groups = _groups(network, order, seed)
    left, expired = np.zeros(structure.classes), np.zeros(structure.classes)
    for period in in_time(range(structure.periods), "the replay of a day"):
        queues.begin(period)
        view = View(period, amounts[:, :period], _unchangeable(queues.queued[:, :, :period]), queues.gone.copy())
        decision, room, arriving = decide(view), Room(network, period), amounts[:, period]
        flows = _routed(network, room, next(groups), arriving, decision)
        served[:, :, period] = network.at_sites(flows, network.service_class)
        flows += queues.add(period, _sent_to_wait(network, room, arriving, decision))
        served[:, :, period] += queues.serve(room, np.minimum(queues.waiting, decision.wanted))
        expired += queues.end()
        sent += flows
        carried[:, period] = network.passing.T @ flows.ravel()
        left += sums_by(network.class_at[:, period], arriving - flows.sum(axis=1), structure.classes)
    arrived = sums_by(network.class_at.ravel(), amounts.ravel(), structure.classes)
    return DayFlows(arrived, sent, carried, queues.queued, served, left, expired, queues.waiting.sum(axis=1))


def _unchangeable(values: FloatArray) -> FloatArray:
    """Return a view of an array through which it cannot be changed."""
    view = values.view()
    view.flags.writeable = False
    return view


def _groups(network: DayNetwork, order: Order, seed: int) -> Iterator[list[IntArray]]:
    """Yield the pairs that arrive together, group by group, of work that does not wait, for every substep."""
    live = np.flatnonzero(~network.waits)
    by_class = [live[network.klass[live] == klass] for klass in np.unique(network.klass[live])]
    by_class.sort(key=lambda rows: float(network.is_arc[rows].sum(axis=1).mean()))
    rng = np.random.default_rng(seed)
    while True:
        if order == "together":
            yield [live]
        else:
            yield by_class if order == "strict_first" else [by_class[place] for place in rng.permutation(len(by_class))]


def _routed(
    network: DayNetwork, room: Room, groups: list[IntArray], arriving: FloatArray, decision: Decision
) -> FloatArray:
    """Return what every choice takes of the work that does not wait (pairs, choices)."""
    flows, held = np.zeros(network.arc.shape), decision.held.copy()
    for group in groups:
        asked = group[arriving[group] > 0]
        for rows in (asked[~decision.captive[asked]], asked[decision.captive[asked]]):
            is_captive = len(rows) and decision.captive[rows[0]]
            kept = np.zeros_like(held) if is_captive else held
            flows[rows] = room.route(network, rows, arriving[rows], decision, kept)
            if is_captive:
                taken = sums_by(network.site[rows].ravel(), (network.use[rows] * flows[rows]).ravel(), len(held))
                held = np.maximum(held - taken, 0.0)
    return flows


def _sent_to_wait(network: DayNetwork, room: Room, arriving: FloatArray, decision: Decision) -> FloatArray:
    """Return where work that may wait is sent (pairs, choices): as split; the rest to room, or where it is cheapest.

    Work whose least price is above its ceiling is left.
    """
    rows = np.flatnonzero(network.waits & (arriving > 0))
    flows = np.zeros(network.arc.shape)
    split = np.zeros((len(rows), network.arc.shape[1])) if decision.split is None else decision.split[rows]
    flows[rows] = split * arriving[rows, None]
    rest = np.maximum(arriving[rows] - flows[rows].sum(axis=1), 0.0)
    free = room.free.copy()
    flows[rows] += room.route(network, rows, rest, decision, np.zeros(network.structure.sites))
    room.free = free  # where there is room now is where work is sent; it takes room when it is served
    rest = np.maximum(arriving[rows] - flows[rows].sum(axis=1), 0.0)
    best = np.argmin(decision.price[rows], axis=1)
    may = decision.price[rows, best] <= decision.ceiling[rows]
    flows[rows, best] += np.where(may, rest, 0.0)
    return flows


class _Queues:
    """Work that waits, by class and site; the first that arrived is served first."""

    def __init__(self, network: DayNetwork) -> None:
        structure = network.structure
        shape = (structure.classes, structure.sites)
        self._network = network
        self._waits: BoolArray = structure.window > 0
        self.queued = np.zeros((*shape, structure.periods))
        self.waiting, self.gone = np.zeros(shape), np.zeros(shape)
        self._came_due, self._due = np.zeros(shape), np.zeros(shape)

    def begin(self, period: int) -> None:
        """Find what is due in a period."""
        for klass in np.flatnonzero(self._waits):
            first = period - int(self._network.structure.window[klass])
            if first >= 0:
                self._came_due[klass] += self.queued[klass, :, first]
        self._due = np.clip(self._came_due - self.gone, 0.0, self.waiting)

    def add(self, period: int, flows: FloatArray) -> FloatArray:
        """Add what is sent to wait in a period; return it."""
        self.queued[:, :, period] = self._network.at_sites(flows, self._network.service_class_at(period))
        self.waiting += self.queued[:, :, period]
        return flows

    def serve(self, room: Room, wanted: FloatArray) -> FloatArray:
        """Serve what is due, then what is wanted; return the amounts (classes, sites)."""
        first = room.serve(self._due)
        amounts = first + room.serve(np.maximum(wanted - first, 0.0))
        self.waiting = np.maximum(self.waiting - amounts, 0.0)
        self.gone += amounts
        return amounts

    def end(self) -> FloatArray:
        """Drop what was due and is not served; return it by class."""
        over = np.clip(self._came_due - self.gone, 0.0, self.waiting)
        self.waiting -= over
        self.gone += over
        return np.asarray(over.sum(axis=1))


def substep_amounts(steps: FloatArray, substeps: int) -> FloatArray:
    """Return the amounts of substeps (pairs, steps * substeps) that rates in straight lines between steps give.

    Parameters
    ----------
    steps : (pairs, steps) array
    substeps : int
        Of each step.

    Examples
    --------
    >>> substep_amounts(np.array([[4.0, 8.0]]), 2).round(3).tolist()
    [[1.778, 2.222, 3.733, 4.267]]
    """
    count = steps.shape[1]
    middle = np.clip((np.arange(count * substeps) + 0.5) / substeps - 0.5, 0, count - 1)
    before = np.minimum(middle.astype(int), max(count - 2, 0))
    after = np.minimum(before + 1, count - 1)
    rate = steps[:, before] + (middle - before) * (steps[:, after] - steps[:, before])
    parts = rate.reshape(len(steps), count, substeps)
    share = ratio(parts, parts.sum(axis=2, keepdims=True))
    return np.where(np.isnan(share), 0.0, share * steps[:, :, None]).reshape(len(steps), -1)


def drawn_amounts(amounts: FloatArray, mtok_per_request: FloatArray, dispersion: float, seed: int) -> FloatArray:
    """Return amounts drawn around their means (pairs, substeps); the means themselves at a dispersion of 0.

    Parameters
    ----------
    amounts : (pairs, substeps) array
        Mtok expected.
    mtok_per_request : (pairs,) array
    dispersion : float
        Variance over mean of the requests of a substep: 0, or at least 1.
    """
    if dispersion == 0:
        return amounts
    rng = np.random.default_rng(seed)
    expected = amounts / mtok_per_request[:, None]
    if dispersion == 1:
        return rng.poisson(expected) * mtok_per_request[:, None]
    shape = expected / (dispersion - 1)  # a gamma mixture of Poisson rates: mean n, variance D n
    rates = rng.gamma(shape, dispersion - 1)
    return rng.poisson(rates) * mtok_per_request[:, None]
