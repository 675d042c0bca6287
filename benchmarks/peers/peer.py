"""What a peer is."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .hush import hushed

if TYPE_CHECKING:
    import placer

#: How far a cost may differ from that of the reference, relative to it.
EXACT, FIRST_ORDER = 1e-6, 1e-4


class PeerError(Exception):
    """A peer gave up; the message says why."""


@dataclass(frozen=True)
class Answer:
    """What a peer answered.

    Attributes
    ----------
    objective : float
        Least cost in USD, penalties included.
    gap : float
        Proven relative gap; NaN where the peer proves none.
    """

    objective: float
    gap: float = float("nan")


def everything(_: placer.Instance) -> str:
    """Say that a peer can express any instance."""
    return ""


def nothing() -> str:
    """Say that nothing but its modules is needed."""
    return ""


@dataclass(frozen=True)
class Peer:
    """A way to solve an instance.

    Attributes
    ----------
    name, about : str
        For options and tables; what it is, in a line.
    prepare : callable
        From an instance to what the peer starts from; not timed.
    build : callable
        From that to a model.
    solve : callable
        From a model to an ``Answer``; raises ``PeerError`` where there is none.
    needs : tuple of str
        Modules that have to be installed.
    absent : callable
        What else is not there, in words; empty if all is. Asked only where the modules are installed.
    lacks : callable
        What of an instance the peer cannot express, in words; empty if nothing.
    tolerance : float
        How far its cost may be from the reference's, relative to it.
    again : callable, optional
        Solves a first model, and returns a ``solve`` for others that begins from what was learnt.
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

    def missing(self) -> str:
        """Return what is not installed, in words; empty if all is."""
        libraries = dict.fromkeys(name.partition(".")[0] for name in self.needs)
        absent = [name for name in libraries if importlib.util.find_spec(name) is None]
        return f"not installed: {', '.join(absent)}" if absent else self.absent()

    def load(self) -> None:
        """Import all it needs, so that no import is timed."""
        with hushed():
            for name in self.needs:
                importlib.import_module(name)

    def available(self) -> bool:
        """Whether all it needs is installed."""
        return not self.missing()

    def expresses(self, instance: placer.Instance) -> bool:
        """Whether the peer can express all of an instance."""
        return not self.lacks(instance)
