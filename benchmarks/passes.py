"""Where a solve by column generation spends its processor time, pass by pass.

    python -m benchmarks.passes                        # fleet week
    python -m benchmarks.passes --size 400x400x4x24 --rounds 3 --json

A solve on one thread, from the instance to the placement, with a clock in each of its passes. A pass that is called
within another one counts for itself alone. The round of least total counts. ``bounds`` are the seconds over those of
one dual bound at known prices, which prices every column once and does nothing else.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np

import placer
from placer.column_generation.market.definition import market
from placer.column_generation.market.pricing import bound, price
from placer.model.formulation import formulate

from .families import build
from .report import markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from placer.instance.problem import Instance

_ROOM = "placer.column_generation"
#: The functions of each pass, by the module where they are called.
PASSES = {
    "formulation": ("placer.solve:formulate_to_solve",),
    "market": (f"{_ROOM}.dual.path_problem:market", f"{_ROOM}.dual.path_problem:capped_market"),
    "path: sums over columns": (f"{_ROOM}.dual.class_dual:ClassDual.shares",),
    "path: Hessian": (f"{_ROOM}.dual.smoothed_dual:class_hessian",),
    "path: Newton systems": (
        f"{_ROOM}.dual.hessian:Hessian.factor",
        f"{_ROOM}.dual.newton:Factor.step",
        f"{_ROOM}.dual.iterated:IteratedFactor.step",
    ),
    "path: the rest": (f"{_ROOM}.generation:descend",),
    "masters: every column priced": (
        f"{_ROOM}.opening:near",
        f"{_ROOM}.generation:near",
        f"{_ROOM}.descent:near_count",
    ),
    "masters: HiGHS": (f"{_ROOM}.master.program:Master.run",),
    "masters: the rest": (f"{_ROOM}.generation:solve_masters",),
    "tie-break": ("placer.solve:break_ties",),
    "certificate": ("placer.ladder.proven:certify_answer",),
}
_REST = "the rest"


@dataclass(frozen=True)
class Pass:
    """What a pass took.

    Attributes
    ----------
    instance, name : str
    calls : int
    processor_seconds : float
        Without passes that it called.
    bounds : float
        These seconds over those of one dual bound.
    """

    instance: str
    name: str
    calls: int
    processor_seconds: float
    bounds: float


class Clocks:
    """A clock for each pass, of which one runs at a time."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.calls: dict[str, int] = {}
        self._running = ["rest"]
        self._since = time.process_time()

    def watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that starts the clock of its pass and stops that of its caller."""

        def timed(*arguments: Any, **named: Any) -> Any:
            self._switch()
            self._running.append(name)
            self.calls[name] = self.calls.get(name, 0) + 1
            try:
                return function(*arguments, **named)
            finally:
                self._switch()
                self._running.pop()

        return timed

    def stop(self) -> None:
        """Add the time since the last switch to the pass that runs."""
        self._switch()

    def _switch(self) -> None:
        now, name = time.process_time(), self._running[-1]
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


@contextmanager
def clocked() -> Iterator[Clocks]:
    """Time the passes of all solves in the block."""
    clocks = Clocks()
    with ExitStack() as stack:
        for name, places in PASSES.items():
            for place in places:
                owner, attribute = _owner(place)
                timed = clocks.watched(name, getattr(owner, attribute))
                stack.enter_context(mock.patch.object(owner, attribute, timed))
        yield clocks
        clocks.stop()


def _owner(place: str) -> tuple[object, str]:
    """Return the module or class that holds a function, and the name of the function there."""
    module, _, path = place.partition(":")
    *within, attribute = path.split(".")
    owner: object = importlib.import_module(module)
    for name in within:
        owner = getattr(owner, name)
    return owner, attribute


def measure(instance: Instance, name: str, rounds: int) -> list[Pass]:
    """Return the passes of the solve of least time of a named instance, in the order of ``PASSES``, and the rest."""
    one, found = _seconds_of_a_bound(instance), []
    for _ in range(rounds):
        with clocked() as clocks:
            placer.solve(instance, placer.ColumnGeneration())
        found.append(clocks)
    best = min(found, key=lambda each: sum(each.seconds.values()))
    seconds = {each: best.seconds.get(each, 0.0) for each in (*PASSES, _REST)}
    return [Pass(name, each, best.calls.get(each, 0), taken, taken / one) for each, taken in seconds.items()]


def _seconds_of_a_bound(instance: Instance, tries: int = 3) -> float:
    """Return the least processor seconds of a dual bound at prices of zero."""
    there = market(formulate(instance).structure)
    prices, taken = np.zeros(there.price_shape), []
    for _ in range(tries):
        since = time.process_time()
        bound(there, prices, price(there, prices))
        taken.append(time.process_time() - since)
    return min(taken)


def show(passes: Sequence[Pass]) -> str:
    """Return a table of passes, with their sum."""
    total = Pass("", "all", 1, sum(each.processor_seconds for each in passes), sum(each.bounds for each in passes))
    rows = [
        (each.name, str(each.calls), f"{each.processor_seconds:.3f}", f"{each.bounds:.0f}") for each in (*passes, total)
    ]
    return markdown(("pass", "calls", "seconds of the processor", "bounds"), rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", default="fleet")
    parser.add_argument("--size", default="week")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    name = f"{given.family} {given.size}"
    passes = measure(build(given.family, given.size, given.seed), name, given.rounds)
    print(json.dumps([asdict(each) for each in passes]) if given.json else show(passes))
    return 0


if __name__ == "__main__":
    sys.exit(main())
