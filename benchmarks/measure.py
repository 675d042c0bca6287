"""One measurement: the time of one phase of the work on an instance, on one side of a comparison.

All earlier work is done before the clock of a phase starts; ``PHASES`` says what each phase includes.
"""

from __future__ import annotations

import atexit
import gc
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import placer
from placer.instance.network.routes import find_routes
from placer.model.scaling import scale
from placer.proof.certificate import certify

from .clock import processor_seconds
from .library.sides import call_of
from .peers import PEERS
from .peers.peer import Answer
from .peers.routes import as_matrix, from_hubs, link_graph
from .peers.whole import make_tables
from .phases import hand_over, no_runs

if TYPE_CHECKING:
    from .peers import Peer

#: The side of placer where there is no choice of solver.
OURS = "placer"
#: Standard deviation of the noise on demand before solving again.
NOISE = 0.1

Call = Callable[[], Any]


@dataclass(frozen=True)
class Phase:
    """A timed phase.

    Attributes
    ----------
    name, about : str
    sides : tuple of str
        The sides that can be timed, the reference first.
    ready : callable
        From an instance and a side to the call to time. The call returns an ``Answer`` or a number to compare, or None
        if there is nothing to compare.
    """

    name: str
    about: str
    sides: tuple[str, ...]
    ready: Callable[[placer.Instance, str], Call]


@dataclass(frozen=True)
class Timed:
    """The result of a measurement.

    Attributes
    ----------
    seconds, processor_seconds : float
    answer : Answer
        Its cost is NaN where the phase has none to compare.
    """

    seconds: float
    processor_seconds: float
    answer: Answer


def certificate_of(program: placer.LinearProgram, solution: placer.LPSolution) -> placer.Certificate:
    """Return the certificate of a solution, whose figures are of the scaled program."""
    scaled, scales = scale(program)
    values, duals = solution.point / scales.column * scales.size, solution.duals / scales.row * scales.cost
    return certify(scaled, replace(solution, values=values, row_duals=duals))


def checked(subject: placer.Instance | placer.LinearProgram, answer: Answer) -> dict[str, Any]:
    """Return the gap of an answer and what the certificate refuses of it, in words; its own gap without a solution."""
    if answer.solution is None:
        return {"gap": answer.gap, "refused": ""}
    if answer.program is not None:
        subject = answer.program()
    program = subject if isinstance(subject, placer.LinearProgram) else placer.to_program(subject)
    certificate = certificate_of(program, answer.solution)
    return {"gap": certificate.gap, "refused": "; ".join(certificate.failures)}


def lacking(instance: placer.Instance | placer.LinearProgram | Path, side: str) -> str:
    """Return why a side cannot be measured on an instance or a program; empty if it can, or if it reads a file."""
    peer = None if isinstance(instance, Path) else PEERS.get(side)
    if peer is None:
        return ""
    if missing := peer.missing():
        return missing
    lacks = "" if isinstance(instance, placer.LinearProgram) else peer.lacks(instance)
    return f"cannot express {lacks}" if lacks else ""


def measure(call: Call) -> Timed:
    """Time a prepared call."""
    gc.collect()
    started, used = time.perf_counter(), processor_seconds()
    found = call()
    seconds, used = time.perf_counter() - started, processor_seconds() - used
    answer = found if isinstance(found, Answer) else Answer(float("nan") if found is None else float(found))
    return Timed(seconds, used, answer)


def _load(instance: placer.Instance, _: str) -> Call:
    place = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    folder = placer.save(instance, place / "instance")
    return lambda: _nothing(placer.load(folder))


def _routes(instance: placer.Instance, side: str) -> Call:
    """Prepare the phase of routes, which compares the sum of all round trips."""
    hubs, centres = instance.hubs["hub"].tolist(), instance.data_centres["data_centre"].tolist()
    links, directed = instance.links, instance.settings.directed
    if side == OURS:
        return lambda: np.sum(find_routes(links, hubs, centres, directed=directed).rtt_ms)
    graph = link_graph(instance)
    return lambda: np.sum(as_matrix(from_hubs(graph, hubs), hubs, centres))


def _formulate(instance: placer.Instance, side: str) -> Call:
    if side == OURS:
        return lambda: _nothing(placer.to_program(instance))
    peer, data = _prepared(instance, side)
    return lambda: _nothing(peer.build(data))


def _hand_over(instance: placer.Instance, _: str) -> Call:
    scaled, _scales = scale(placer.to_program(instance))

    def call() -> None:
        with no_runs():
            hand_over(scaled)

    return call


def _solve(instance: placer.Instance | placer.LinearProgram | Path, side: str) -> Call:
    if isinstance(instance, Path):
        return call_of(instance, side)
    if isinstance(instance, placer.LinearProgram):
        PEERS[side].load()
        return PEERS[side].of_program(instance)
    peer, data = _prepared(instance, side)
    model = peer.build(data)
    return lambda: peer.solve(model)


def _interpret(instance: placer.Instance, _: str) -> Call:
    placement = placer.solve(instance)
    return lambda: _nothing(make_tables(placement))


def _end_to_end(instance: placer.Instance, side: str) -> Call:
    peer, data = _prepared(instance, side)
    return lambda: peer.solve(peer.build(data))


def _solve_again(instance: placer.Instance, side: str) -> Call:
    peer, data = _prepared(instance, side)
    solve = peer.again(peer.build(data)) if peer.again else peer.solve
    changed = peer.prepare(noisy(instance))
    return lambda: solve(peer.build(changed))


def noisy(instance: placer.Instance, seed: int | None = None) -> placer.Instance:
    """Return the instance with noise on every demand."""
    demand = instance.demand
    factor = np.random.default_rng(len(demand) if seed is None else seed).normal(1.0, NOISE, len(demand)).clip(0.0)
    return instance.replace(demand=demand.assign(mtok=demand["mtok"] * factor))


def _curve(instance: placer.Instance, _: str) -> Call:
    _nothing(placer.export_ceiling(placer.load("tiny")).curve.table)  # so that no import is timed
    return lambda: _nothing(placer.export_ceiling(instance).curve.table)


def _prepared(instance: placer.Instance, side: str) -> tuple[Peer, Any]:
    peer = PEERS[side]
    peer.load()
    return peer, peer.prepare(instance)


def _nothing(_: object) -> None:
    """There is nothing to compare."""


def _builders() -> tuple[str, ...]:
    """Return the peers with their own model, one for each way to build it."""
    by_build = {peer.build: name for name, peer in reversed(PEERS.items()) if peer.needs or name == "scipy"}
    return tuple(name for name in PEERS if name in by_build.values())


PHASES = {
    phase.name: phase
    for phase in (
        Phase("load", "a dataset folder of CSV files to an instance", (OURS,), _load),
        Phase("routes", "least round trips from hubs to data centres", (OURS, "networkx"), _routes),
        Phase("formulate", "an instance, or data at hand, to a model", (OURS, *_builders()), _formulate),
        Phase("hand-over", "a program of placer into HiGHS", (OURS,), _hand_over),
        Phase("solve", "a model to an answer; for placer from the instance on", tuple(PEERS), _solve),
        Phase("interpret", "an answer to every table of a placement", (OURS,), _interpret),
        Phase("end-to-end", "an instance, or data at hand, to an answer", tuple(PEERS), _end_to_end),
        Phase("re-solve", "the same once more after noise on every demand", tuple(PEERS), _solve_again),
        Phase("curve", "the exact ceiling curve", (OURS,), _curve),
    )
}
