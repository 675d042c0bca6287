"""Corrupt what solvers and stores tell each verb of placer, and compare its proven figures with the truth.

Each verb is asked once as it is; that counts what solvers and stores tell it, at every place where it takes their word:

    programs      solutions of whole linear programs, by HiGHS from nothing or from a basis
    a growing     points and duals of programs that grow: the sweep of a ceiling, cuts of security, masters
    answers       flows and duals of column generation
    cuts          constants of the cuts that a plan keeps: a cut is stale or stands too high
    rows          rows of a store: damaged, or forged with the digest that such a row would have

Then it is asked again and again. Each time one thing that it is told is corrupted, or everything from there on. Arrays
are changed as ``benchmarks.changes`` does; a program is also solved without one of its rows, or the last solution of
the same size is told for it. The outcome is *refused* (an error, or an answer that does not call itself proven),
*right* (the figures are those of the first time, to 1e-6 each) or *wrong*.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import numpy as np
import pandas as pd

import placer
from placer.batch import store_file
from placer.column_generation import solver as column_generation
from placer.decomposition.price_pool import PricePool
from placer.planning.search.journal_rows import as_array, as_text
from placer.solvers.highs import HiGHS
from placer.solvers.incremental import IncrementalLP
from placer.solvers.started import StartedHiGHS

from .changes import changed
from .verbs import CLOSE, VERBS, Figures

if TYPE_CHECKING:
    from placer.model.answer import Answer

#: Seconds after which a corrupted verb has to end with an error.
LIMIT = 120.0


@dataclass
class Outcomes:
    """What came of the corruptions of a verb."""

    refused: int = 0
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """The number of corruptions."""
        return self.refused + self.right + len(self.wrong)


@dataclass
class Liar:
    """Tells the truth, until it is told where to lie.

    Attributes
    ----------
    told : dict of str to int
        How often it was asked at each place.
    at : (str, int) or None
        The place and the number of the first lie.
    lasting : bool
        Whether everything from there on is a lie.
    random : Generator
    words : list of str
        The lies.
    """

    told: dict[str, int] = field(default_factory=dict)
    at: tuple[str, int] | None = None
    lasting: bool = False
    random: np.random.Generator = field(default_factory=np.random.default_rng)
    words: list[str] = field(default_factory=list)
    last: dict[Any, Any] = field(default_factory=dict)

    def lies(self, place: str) -> bool:
        """Count a question at a place; return whether the answer is to be a lie."""
        number = self.told.get(place, 0)
        self.told[place] = number + 1
        return (
            self.at is not None
            and place == self.at[0]
            and (number == self.at[1] or (self.lasting and number > self.at[1]))
        )

    def change(self, whole: Any, names: tuple[str, ...]) -> Any:
        """Return a dataclass with one of its arrays changed."""
        name = str(self.random.choice(names))
        found = None if getattr(whole, name) is None else changed(getattr(whole, name), self.random)
        if found is None:
            return whole
        self.words.append(f"{name}, {found[0]}")
        return replace(whole, **{name: found[1]})

    def solution(self, tell: Callable[..., Any], solver: Any, program: Any) -> Any:
        """Return a solution of a program, or a lie: changed, of the program without a row, or an old one."""
        if not self.lies("programs"):
            found = tell(solver, program)
        elif self.random.random() < 0.2 and len(program.row_lower):
            row = int(self.random.integers(len(program.row_lower)))
            self.words.append(f"row {row} dropped")
            sides = {"row_lower": -np.inf, "row_upper": np.inf}
            freed = {
                name: np.where(np.arange(len(program.row_lower)) == row, side, getattr(program, name))
                for name, side in sides.items()
            }
            found = tell(solver, replace(program, **freed))
        elif self.random.random() < 0.2 and program.matrix.shape in self.last:
            self.words.append("the last solution of this size")
            found = self.last[program.matrix.shape]
        else:
            found = self.change(tell(solver, program), ("values", "row_duals"))
        self.last[program.matrix.shape] = found
        return found

    def answer(self, tell: Callable[..., Answer], *given: Any) -> Answer:
        """Return an answer of column generation, or a lie."""
        found = tell(*given)
        if not self.lies("answers"):
            return found
        side = str(self.random.choice(["flows", "duals"]))
        part = getattr(found, side)
        if part is None:
            return found
        names = tuple(each.name for each in fields(part) if each.name not in ("demand", "arc") or side == "duals")
        return replace(found, **{side: self.change(part, names)})

    def point(self, tell: Callable[..., Any], program: Any) -> Any:
        """Return the point of a program that grows, or a lie."""
        found = tell(program)
        return self.change(found, ("values", "duals")) if self.lies("a growing program") else found

    def duals(self, tell: Callable[..., Any], *given: Any) -> Any:
        """Return duals of a program that grows, or a lie."""
        found = tell(*given)
        lie = changed(found, self.random) if self.lies("a growing program") else None
        return found if lie is None else lie[1]

    def cuts(self, tell: Callable[..., None], pool: Any, found: Any) -> None:
        """Let a pool compute cuts, and change one."""
        first = len(pool.vectors)
        tell(pool, found)
        if self.lies("cuts") and (lie := changed(pool._constants[first : len(pool.vectors)], self.random)) is not None:  # noqa: SLF001
            self.words.append(f"cuts, {lie[0]}")
            pool._constants[first : len(pool.vectors)] = np.nan_to_num(lie[1], nan=-np.inf)  # noqa: SLF001

    def row(self, tell: Callable[..., Any], number: int, columns: list[Any], digest: str, *, forged: bool) -> Any:
        """Return a row of a store, damaged or forged."""
        if not self.lies("rows"):
            return tell(number, columns, digest)
        if not forged or self.random.random() < 0.2:
            place = int(self.random.integers(len(columns[2])))
            self.words.append(f"row {number}, character {place} lost")
            return tell(number, [*columns[:2], columns[2][:place] + columns[2][place + 1 :], columns[3]], digest)
        row = dict(tell(number, columns, digest))
        name = str(self.random.choice([name for name in row if name != "status"]))
        self.words.append(f"row {number}, {name} forged")
        return row | {name: _forged(row[name], self.random)}


#: More numbers than a cell of a store holds.
_MOST_NUMBERS = 2**24


def _forged(value: Any, random: np.random.Generator) -> Any:
    """Return another value in place of one of a row: numbers within a text are changed as those of an array."""
    if isinstance(value, str):
        found = changed(as_array(value, _MOST_NUMBERS), random)
        return value if found is None else as_text(found[1])
    found = changed(np.array([float(value)]), random)
    return value if found is None else float(found[1][0])


@contextmanager
def told_by(liar: Liar, *, forged: bool) -> Iterator[None]:
    """Put a liar between solvers, stores and the package."""
    places: tuple[tuple[Any, str, Callable[..., Any], dict[str, Any]], ...] = (
        (HiGHS, "solve", liar.solution, {}),
        (StartedHiGHS, "solve", liar.solution, {}),
        (column_generation, "_as_answer", liar.answer, {}),
        (IncrementalLP, "point", liar.point, {}),
        (IncrementalLP, "duals_of", liar.duals, {}),
        (PricePool, "add_together", liar.cuts, {}),
        (store_file, "_sound_row", liar.row, {"forged": forged}),
    )

    def between(tell: Callable[..., Any], say: Callable[..., Any], more: dict[str, Any]) -> Callable[..., Any]:
        return lambda *given: say(tell, *given, **more)

    with ExitStack() as opened:
        for owner, name, say, more in places:
            opened.enter_context(patch.object(owner, name, between(getattr(owner, name), say, more)))
        yield


def asked(name: str, liar: Liar) -> Figures | None:
    """Ask a verb while a liar stands by; return its proven figures, None if it proves nothing or refuses."""
    verb = VERBS[name]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        verb.before(Path(folder))
        with told_by(liar, forged=verb.forged), placer.running(time_limit_seconds=LIMIT):
            try:
                return verb.figures(Path(folder)) or None
            except placer.PlacerError:
                return None


def corrupted(name: str, count: int, seed: int) -> Outcomes:
    """Corrupt what a verb is told, as often as asked."""
    witness = Liar()
    found = asked(name, witness)
    if found is None:
        raise RuntimeError(f"{name} proves nothing as it is")
    truth = VERBS[name].known() | found
    outcomes, places = Outcomes(), sorted(witness.told)
    for number in range(count):
        random = np.random.default_rng([seed, number])
        place = str(random.choice(places))
        lasting = bool(random.random() < 0.5)
        liar = Liar(at=(place, int(random.integers(witness.told[place]))), lasting=lasting, random=random)
        try:
            found = asked(name, liar)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:  # of no user's concern
            found = {f"{type(error).__name__}: {error}": np.nan}
        if found is None:
            outcomes.refused += 1
        elif off := differences(found, truth):
            said = "; ".join(liar.words[:2])
            outcomes.wrong.append(f"{name}, number {number} of seed {seed}: {said}, of {place}: {off}")
        else:
            outcomes.right += 1
    return outcomes


def table(outcomes: dict[str, Outcomes]) -> str:
    """Return the outcomes of each verb as text, then what came out wrong."""
    rows = {name: (each.tried, each.refused, each.right, len(each.wrong)) for name, each in outcomes.items()}
    frame = pd.DataFrame.from_dict(rows, "index", columns=["corruptions", "refused", "still right", "wrong"])
    return "\n".join([frame.to_string(), *(said for each in outcomes.values() for said in each.wrong)])


def differences(found: Figures, truth: Figures) -> str:
    """Return the proven figures that differ from the truth, in words; one that is not called proven is missing."""
    off = {
        name: value
        for name, value in found.items()
        if not abs(value - truth.get(name, np.nan)) <= CLOSE * max(1.0, abs(truth.get(name, np.nan)))
    }
    return ", ".join(f"{name} {value:.9g}, not {truth.get(name, np.nan):.9g}" for name, value in off.items())
