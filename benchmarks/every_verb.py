"""Try every verb of the package on small random problems that a person can read.

    python -m benchmarks.every_verb                                  # 100 draws
    python -m benchmarks.every_verb --count 2000 --seed 3 --verbs solve plan
    python -m benchmarks.every_verb --verbs plan --first 17 --count 1   # draw 17 alone

``benchmarks.readable_draws`` draws, ``benchmarks.verb_checks`` checks. A verb answers with figures whose identities
hold, or refuses for a documented reason that the draw has. Anything else is a finding: another error, a warning, a
figure that differs, the refusal of a problem that has a solution, or more than 20 seconds of the processor. The
smallest finding of each kind is shrunk as far as it stays one, and printed as code. The exit status is 1 if there is
any.
"""

from __future__ import annotations

import argparse
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import numpy as np
from rich.console import Console
from rich.progress import track

from placer.errors import InputWarning

from .readable import Draw
from .readable_draws import readable
from .verb_checks import VERBS
from .verb_checks.checks import DocumentedError, Subject

#: Seconds of the processor that a verb may take.
LIMIT = 20
#: Tries to shrink a finding.
TRIES = 200


class TooLongError(Exception):
    """A verb that takes longer than it may."""


@dataclass
class Found:
    """What was found for a verb.

    Attributes
    ----------
    answered : int
    refused : Counter
        Documented refusals by reason.
    findings : dict
        By what is wrong, the numbers of the draws.
    """

    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    findings: dict[str, list[int]] = field(default_factory=dict)


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Raise an error when the time is over."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooLongError(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def outcome(verb: str, subject: Subject) -> tuple[str, str]:
    """Return ``answered``, ``refused`` or ``finding``, and the reason or what is wrong."""
    try:
        with limited(LIMIT), warnings.catch_warnings(action="error"):
            warnings.simplefilter("ignore", InputWarning)  # draws are unlike any real data
            VERBS[verb](subject)
    except DocumentedError as error:
        return "refused", str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - every other error is what the campaign looks for
        text = " ".join(str(error).split())
        return "finding", f"{type(error).__name__}: {text}"[:300]
    return "answered", ""


def kind_of(finding: str) -> str:
    """Return a finding without its numbers, so that alike ones count together."""
    words = "".join("#" if each.isdigit() else each for each in finding)
    while "##" in words:
        words = words.replace("##", "#")
    return words[:110]


def shrunk(verb: str, draw: Draw) -> Draw:
    """Return a smaller draw with the same kind of finding."""
    _, wanted = outcome(verb, Subject(draw))
    for _ in range(TRIES):
        smaller = next((each for each in _smaller(draw) if _is_same(verb, each, wanted)), None)
        if smaller is None:
            break
        draw = smaller
    return draw


def _is_same(verb: str, draw: Draw, wanted: str) -> bool:
    what, text = outcome(verb, Subject(draw))
    return what == "finding" and kind_of(text) == kind_of(wanted)


def _smaller(draw: Draw) -> Iterator[Draw]:
    """Yield the draw without each setting, each row and each cell."""
    for name in draw.settings:
        yield Draw(draw.tables, {key: value for key, value in draw.settings.items() if key != name})
    for table, rows in draw.tables.items():
        for place in range(len(rows)):
            yield Draw(draw.tables | {table: rows[:place] + rows[place + 1 :]}, draw.settings)
    for table, rows in draw.tables.items():
        for place, row in enumerate(rows):
            for name in row:
                less = {key: value for key, value in row.items() if key != name}
                yield Draw(draw.tables | {table: [*rows[:place], less, *rows[place + 1 :]]}, draw.settings)


def campaign(seed: int, numbers: range, verbs: list[str]) -> dict[str, Found]:
    """Try verbs on draws, and return what was found for each."""
    found = {verb: Found() for verb in verbs}
    console = Console(stderr=True)
    for number in track(numbers, "trying", console=console, disable=not console.is_terminal):
        subject = Subject(readable(np.random.default_rng([seed, number])))
        for verb in verbs:
            what, text = outcome(verb, subject)
            if what == "finding":
                found[verb].findings.setdefault(kind_of(text), []).append(number)
                subject = Subject(subject.draw)
            elif what == "refused":
                found[verb].refused[text] += 1
            else:
                found[verb].answered += 1
    return found


def report(seed: int, found: dict[str, Found], *, snippets: bool) -> str:
    """Return the table of what was found, and the smallest findings as code."""
    lines = ["| verb | answered | documented refusals | findings |", "|---|---|---|---|"]
    for verb, each in found.items():
        count = sum(map(len, each.findings.values()))
        lines.append(f"| {verb} | {each.answered:,} | {each.refused.total():,} | {count:,} |")
    lines.append("")
    for verb, each in found.items():
        reasons = ", ".join(f"{reason} ({count})" for reason, count in each.refused.most_common())
        lines += [f"{verb} refuses: {reasons}"] * bool(reasons)
    for verb, each in found.items():
        for what, numbers in each.findings.items():
            lines += ["", f"{verb}: {len(numbers)} times, first in draw {numbers[0]} of seed {seed}: {what}"]
            if snippets:
                draws = [readable(np.random.default_rng([seed, number])) for number in numbers]
                lines += [shrunk(verb, min(draws, key=lambda draw: draw.size)).snippet(verb)]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the campaign, and return 1 if there is any finding."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first draw")
    parser.add_argument("--verbs", nargs="+", choices=list(VERBS), default=list(VERBS), metavar="VERB")
    parser.add_argument("--no-snippets", action="store_true", help="leave out the code of the findings")
    given = parser.parse_args(arguments)
    found = campaign(given.seed, range(given.first, given.first + given.count), given.verbs)
    print(report(given.seed, found, snippets=not given.no_snippets))
    return int(any(each.findings for each in found.values()))


if __name__ == "__main__":
    sys.exit(main())
