"""Observed facts beside what placer predicts for them from the shipped data; nothing is fitted.

    python -m benchmarks.observed               # the table; ten minutes
    python -m benchmarks.observed --quick       # predictions as given alone, without ranges; half a minute
    python -m benchmarks.observed --page        # writes the table and what belongs to it into docs/observed.md

``datasets/observed/facts.csv`` has the facts with their sources, and what would have to be true for each to agree. The
range of a prediction is that over the cases of the sensitivity study of its dataset, each assumption varied alone.
*Inside*: the range lies in the observed one, or meets it and is at most half as wide as its end farther from 0: above
0, the upper end is at most twice the lower end. *Without a range*: every case predicts one value, and it is observed.
*Wide*: the range meets the observed one and is wider. *Outside*: it does not meet it. The distance is from the
prediction as given to the nearest observed value.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import placer
from placer.sensitivity.study import cases_of

from . import observed_china, observed_world
from .observed_abroad import joined, sold_abroad

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).parents[1]
FACTS, PAGE = ROOT / "datasets" / "observed" / "facts.csv", ROOT / "docs" / "observed.md"
#: The verdicts, failures first.
VERDICTS = ("outside", "wide", "without a range", "inside")
#: The widest range of a prediction that counts beyond the observed range, over its end farther from 0.
WIDEST_SHARE = 0.5
#: The least factor that a distance shows.
_LEAST = 0.01
_FORMATS = {"share": "{:z.1%}", "Wh": "{:.3f} Wh", "kg/kWh": "{:.3f} kg", "ratio": "{:.2f}", "correlation": "{:.2f}"}


@dataclass(frozen=True)
class Fact:
    """An observed fact, as its row of the table has it."""

    name: str
    fact: str
    definition: str
    unit: str
    value: float
    low: float
    high: float
    dataset: str
    source: str
    date: str
    kind: str
    needs: str

    def text(self, value: float) -> str:
        """Return a value with its unit."""
        return _FORMATS.get(self.unit, "{:g}").format(value)

    def span(self, low: float, high: float) -> str:
        """Return a range with its unit; one value if its ends read alike."""
        ends = self.text(low), self.text(high)
        return ends[0] if ends[0] == ends[1] else " to ".join(ends)


@dataclass(frozen=True)
class Prediction:
    """A fact, its prediction as given, and all predictions over the study, that as given first."""

    fact: Fact
    values: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """One of ``VERDICTS``."""
        low, high = min(self.values), max(self.values)
        if high < self.fact.low or low > self.fact.high:
            return "outside"
        if low == high:
            return "without a range"
        is_observed = self.fact.low <= low and high <= self.fact.high
        return "inside" if is_observed or high - low <= WIDEST_SHARE * max(abs(low), abs(high)) else "wide"

    @property
    def distance(self) -> str:
        """How far the prediction as given lies from the nearest observed value: as a factor where both are above 0."""
        given = self.values[0]
        nearest = min(max(given, self.fact.low), self.fact.high)
        if given == nearest:
            return "none"
        if given > 0 < nearest and self.fact.unit in ("share", "Wh", "kg/kWh", "ratio"):
            factor = given / nearest
            return f"{factor:,.2f} times" if factor >= _LEAST else f"less than {_LEAST} times"
        return self.fact.text(given - nearest)

    @property
    def row(self) -> str:
        """The row of the table."""
        fact = self.fact
        observed = fact.text(fact.value) + (f" ({fact.span(fact.low, fact.high)})" if fact.low < fact.high else "")
        predicted = f"{fact.text(self.values[0])} | {fact.span(min(self.values), max(self.values))}"
        return f"| {fact.fact} | {observed} | {predicted} | {self.distance} | {self.verdict} |"


def read_facts() -> list[Fact]:
    """Return the facts of the table."""
    with FACTS.open(encoding="utf-8", newline="") as file:
        return [
            Fact(**{name: float(text) if name in ("value", "low", "high") else text for name, text in row.items()})
            for row in csv.DictReader(file)
        ]


def predicted(facts: Sequence[Fact], cases: Sequence[Mapping[str, float]]) -> list[Prediction]:
    """Return the predictions of all facts from the figures of all cases, failures first, in the order of the facts."""
    found = [Prediction(fact, tuple(case[fact.name] for case in cases if fact.name in case)) for fact in facts]
    return sorted(found, key=lambda each: VERDICTS.index(each.verdict))


def figures(*, quick: bool) -> Iterator[dict[str, float]]:
    """Yield the figures of each case: those as given first, then those of the studies of ``china`` and ``world``."""
    instances = {
        name: [case.instance for case in cases_of(placer.load(name), placer.read_assumptions(name)[0])]
        for name in ("china", "world")
    }
    world = instances["world"][0]
    home = placer.solve(instances["china"][0])
    for number, china in enumerate(instances["china"][: 1 if quick else None]):
        placement = placer.solve(china)
        yield observed_china.predictions(placement) | _abroad(world, placement)
        _tell(f"china, case {number + 1}")
    for number, case in enumerate(instances["world"][: 1 if quick else None]):
        placement = placer.solve(observed_world.with_probe(case))
        yield observed_world.predictions(placement) | _abroad(case, home)
        _tell(f"world, case {number + 1}")


def table(found: Sequence[Prediction]) -> str:
    """Return the count of verdicts and the table of predictions."""
    counts = {verdict: sum(each.verdict == verdict for each in found) for verdict in reversed(VERDICTS)}
    lines = [", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + f", of {len(found)} facts.", ""]
    lines += ["| fact | observed | predicted | over the study | distance | |", "|---|---|---|---|---|---|"]
    return "\n".join([*lines, *(each.row for each in found)])


def page(found: Sequence[Prediction]) -> str:
    """Return the page of the documentation."""
    parts = [_HEAD.format(table=table(found))]
    for each in found:
        fact = each.fact
        observed = f"{fact.definition} ({fact.date}, {fact.kind.replace('_', ' ')}; `{fact.dataset}`): {fact.source}."
        parts.append(f"### {fact.fact}\n\n{observed}\n\n*To agree:* {fact.needs}\n")
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="as given alone, without ranges")
    parser.add_argument("--page", action="store_true", help="write docs/observed.md")
    asked = parser.parse_args(arguments)
    found = predicted(read_facts(), list(figures(quick=asked.quick)))
    if asked.page:
        PAGE.write_text(page(found), encoding="utf-8")
    print(table(found))
    return 0


def _abroad(world: placer.Instance, home: placer.Placement) -> dict[str, float]:
    return {"china_abroad": sold_abroad(placer.solve(joined(world, home)), home.demand_mtok)}


def _tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


_HEAD = """# Predicted and observed

How well does placer predict published facts about places, prices and energy of tokens? It predicts them from `china`
and `world` ([Datasets](../datasets/README.md)), at least cost, with one owner and full knowledge. No figure of the data
was fitted to a fact.

    python -m benchmarks.observed

prints the table, and `--page` writes this page from `datasets/observed/facts.csv`. [Who sells tokens to whom](globe.md)
has what trade between countries explains of them.

- *Over the study*: the range over all cases of the sensitivity study ([China in figures](china.md)); each case changes
  one assumption.
- *Inside*: the range lies in the observed one, or meets it and is at most half as wide as its end farther from 0: above
  0, the upper end is at most twice the lower end.
- *Without a range*: all cases predict one value, and it is observed; this does not count. *Wide*: the range meets the
  observed one, and is wider; this does not count. *Outside*: it does not meet it.
- *Distance*: from the prediction as given to the nearest observed value.

{table}

## What would have to be true

Failures first. None of it is in the data.
"""


if __name__ == "__main__":
    sys.exit(main())
