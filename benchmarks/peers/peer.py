"""The definition of a peer."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .hush import hushed

if TYPE_CHECKING:
    import placer

#: Relative tolerance of a cost to that of the reference.
EXACT, FIRST_ORDER = 1e-6, 1e-4
#: Tolerances that first-order methods are given, by how their names end.
GIVEN = {"1e-4": 1e-4, "1e-6": 1e-6}
#: How the status of a peer begins that is not there.
ABSENT = "not installed"


class PeerError(Exception):
    """A peer found no answer; the message gives the reason."""


@dataclass(frozen=True)
class Answer:
    """The answer of a peer.

    Attributes
    ----------
    objective : float
        Minimum cost in USD, penalties included.
    gap : float
        Proven relative gap; NaN where the peer proves none.
    solution : LPSolution, optional
        What the solver returned of a linear program, for the certificate.
    program : callable, optional
        Returns that program where it is not the one that placer writes of the instance.
    """

    objective: float
    gap: float = float("nan")
    solution: placer.LPSolution | None = None
    program: Callable[[], placer.LinearProgram] | None = None


def everything(_: placer.Instance) -> str:
    """Return no limitations: the peer can express any instance."""
    return ""


def nothing() -> str:
    """Return no further requirements: the peer needs its modules only."""
    return ""


@dataclass(frozen=True)
class Peer:
    """A way to solve an instance.

    Attributes
    ----------
    name, about : str
        Name for options and tables; description in one line.
    prepare : callable
        From an instance to the input of the peer; not timed.
    build : callable
        From that input to a model.
    solve : callable
        From a model to an ``Answer``; raises ``PeerError`` where there is none.
    needs : tuple of str
        Modules that have to be installed.
    absent : callable
        Other missing requirements, in words; empty if none. Called only if the modules are installed.
    lacks : callable
        Features of an instance that the peer cannot express, in words; empty if none.
    tolerance : float
        Relative tolerance of its cost to the reference's.
    again : callable, optional
        Solves a first model, and returns a ``solve`` for other models with a warm start.
    of_program : callable, optional
        From a linear program to the call that solves it, if the peer takes any.
    certified : bool
        Whether its answers have passed placer's certificate.
    warm : callable, optional
        Does once what the first solve of a process does beside solving: imports on demand, and loading compiled loops.
    """

    name: str
    about: str
    prepare: Callable[[placer.Instance], Any]
    build: Callable[[Any], Any]
    solve: Callable[[Any], Answer]
    needs: tuple[str, ...] = ()
    absent: Callable[[], str] = nothing
    lacks: Callable[[placer.Instance], str] = everything
    tolerance: float = EXACT
    again: Callable[[Any], Callable[[Any], Answer]] | None = None
    of_program: Callable[[placer.LinearProgram], Callable[[], Answer]] | None = None
    certified: bool = False
    warm: Callable[[], object] | None = None

    def missing(self) -> str:
        """Return the missing requirements in words; empty if none."""
        libraries = dict.fromkeys(name.partition(".")[0] for name in self.needs)
        absent = [name for name in libraries if importlib.util.find_spec(name) is None]
        return f"{ABSENT}: {', '.join(absent)}" if absent else self.absent()

    def load(self) -> None:
        """Import all modules of the peer, and warm it, so that no import is timed."""
        with hushed():
            for name in self.needs:
                importlib.import_module(name)
        if self.warm is not None:
            self.warm()

    def available(self) -> bool:
        """Whether all requirements are installed."""
        return not self.missing()

    def expresses(self, instance: placer.Instance) -> bool:
        """Whether the peer can express all of an instance."""
        return not self.lacks(instance)
