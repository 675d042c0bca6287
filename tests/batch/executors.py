"""Executors and sets of demand that make trouble, and the rows of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import psutil

from placer.batch.figures import ANALYSES
from placer.batch.identity import settings_of
from placer.batch.runner import solve_many
from placer.batch.secure_figures import PREFIXED
from placer.batch.store import Store
from placer.errors import InstanceError, NoSolutionError, Violation
from placer.termination import Reason

if TYPE_CHECKING:
    import placer

#: All analyses; of those of security, which differ by what is lost only, the ones without a prefix.
EVERY = tuple(name for name in ANALYSES if not name.startswith(PREFIXED))


class Inline(Executor):
    """Runs a task when it is given, in this process, and keeps the numbers of the sets."""

    def __init__(self):
        self.numbers = []

    def submit(self, fn, /, *arguments):
        """Run a task."""
        self.numbers.append(arguments[-1])
        future = Future()
        try:
            future.set_result(fn(*arguments))
        except Exception as error:  # noqa: BLE001 - into the future, as every executor does
            future.set_exception(error)
        return future


class Breaking(Inline):
    """Breaks at the fourth task: when it is given, or when its result is asked for."""

    def __init__(self, at_once):
        super().__init__()
        self.at_once = at_once

    def submit(self, fn, /, *arguments):
        """Run a task, or break."""
        if len(self.numbers) < 3:
            return super().submit(fn, *arguments)
        if self.at_once:
            raise BrokenExecutor("no more")
        future = Future()
        future.set_exception(BrokenExecutor("no more"))
        return future


def refuse():
    raise InstanceError([Violation("demand", "", "mtok", "is odd", "even")])


def find_nothing():
    raise NoSolutionError(Reason.FAILED, "it is hard")


@dataclass(frozen=True)
class Troubled(Sequence):
    """Demand sets of which some do what they should not when they are made."""

    sets: placer.DemandSets
    trouble: dict = field(default_factory=dict)

    def __len__(self):
        """Return how many sets there are."""
        return len(self.sets)

    def __getitem__(self, number):
        """Return a set, or make trouble."""
        self.trouble.get(number, int)()
        return self.sets[number]


def rows_of(rows):
    """Return rows by number, without how long they took."""
    return {row["number"]: {name: value for name, value in row.items() if name != "seconds"} for row in rows}


def statuses(rows):
    return {number: row["status"] for number, row in rows.items()}


def fill(path, sets, count):
    """Keep so many rows of a batch in a new store."""
    with Store.create(path, settings_of(sets, ["cost"])) as store:
        return rows_of(islice(solve_many(sets, store=store, executor=Inline()), count))


def workers():
    """Return the processes at work for this one."""
    return [child for child in psutil.Process().children() if "--multiprocessing-fork" in child.cmdline()]
