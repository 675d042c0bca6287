"""What is measured: an instance of a seeded family, a dataset of one's own, or a linear program from a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import placer
from placer.solvers.program_files import read_program

from .families import build
from .measure import PHASES, noisy
from .peers import OF_PROGRAMS, PEERS, REFERENCE

if TYPE_CHECKING:
    from collections.abc import Sequence

#: In the place of a family: a dataset, whose scenarios follow a plus, a file, and a file that each side reads itself.
DATASET, FILE, LIBRARY = "dataset", "file", "library"
#: The phase in which a program from a file is measured, and the side of placer where there is no choice of solver.
OF_FILES, OURS = "solve", "placer"
_TOGETHER = "+"


def subject_of(family: str, size: str, seed: int) -> placer.Instance | placer.LinearProgram | Path:
    """Return what is measured; a dataset with a seed other than 0 has noise on every demand."""
    if family == LIBRARY:
        return Path(size)
    if family == FILE:
        return read_program(size)
    if family != DATASET:
        return build(family, size, seed)
    name, *scenarios = size.split(_TOGETHER)
    instance = placer.load(name, scenarios)
    return noisy(instance, seed) if seed else instance


def dataset_text(name: str, scenarios: Sequence[str]) -> str:
    """Return a dataset and its scenarios as one word."""
    return _TOGETHER.join([name, *scenarios])


def sides_of(family: str, phase: str) -> tuple[str, ...]:
    """Return the sides that can be timed, in the order of the table."""
    return tuple(OF_PROGRAMS) if family == FILE else PHASES[phase].sides


def reference_of(family: str, phase: str) -> str:
    """Return the side with which the others are compared."""
    sides = sides_of(family, phase)
    return REFERENCE if REFERENCE in sides else sides[0]


def tolerance_of(side: str) -> float | None:
    """Return the relative tolerance of the costs of a side; None for a side that is no solver."""
    return PEERS[side].tolerance if side in PEERS else None
