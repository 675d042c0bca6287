"""Compare the verbs of placer on tiny random instances with explicit programs that share no code with it.

    python -m benchmarks.verb_agreement --verb limits --count 500
    python -m benchmarks.verb_agreement --verb models --verb rolled --verb years --verb accounts --seed 1

``limits`` are limits of one's own of every kind; ``models`` own rows, own columns and whole numbers; ``rolled``
horizons in steps; ``years`` blocks with weights, with and without shared caps; ``accounts`` net costs, and every group
of regions alone. ``benchmarks.verb_draws`` draws the instances, ``benchmarks.explicit_program`` writes the programs out
and solves them by scipy.

A draw is wrong if a cost differs by more than 1e-7 of its terms, if an answer breaks an identity, or if one side alone
has an answer. A verb that gives no proven answer, without the claim that there is none, is counted apart. The exit
status is 1 if any draw is wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable

from .verb_accounts import accounts
from .verb_cases import Finding, limits, rolled, years
from .verb_models import models

VERBS: dict[str, Callable[[int, int], Finding]] = {
    "limits": limits,
    "models": models,
    "rolled": rolled,
    "years": years,
    "accounts": accounts,
}


def compare(verb: str, seed: int, number: int) -> Finding:
    """Return the comparison of a draw; a broken program of either side is wrong too."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which draws are full of
        return VERBS[verb](seed, number)


def run(verb: str, seed: int, count: int) -> int:
    """Compare some draws, print those that are wrong and a line for all, and return the number of wrong ones."""
    started, found = time.perf_counter(), list[Finding]()
    for number in range(count):
        finding = compare(verb, seed, number)
        found.append(finding)
        for what in (*finding.wrong, *(f"no proof, {why}" for why in finding.refused)):
            print(f"{verb}, seed {seed}, number {number}: {what}", flush=True)
    names = ("infeasible", "refused", "wrong")
    none, refused, wrong = (sum(bool(getattr(each, name)) for each in found) for name in names)
    apart = max((each.apart for each in found), default=0.0)
    counts = f"{count} draws, {none} infeasible, {refused} without proof, {wrong} wrong"
    print(f"{verb}: {counts}, apart {apart:.1e}, {time.perf_counter() - started:.0f} s", flush=True)
    return wrong


def main(arguments: list[str] | None = None) -> int:
    """Run the comparisons, and return 1 if any draw is wrong."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.verb_agreement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--verb", action="append", choices=VERBS, help="several times; else all")
    parser.add_argument("--count", type=int, default=100, help="draws of each verb (default 100)")
    parser.add_argument("--seed", type=int, default=0, help="of all draws (default 0)")
    options = parser.parse_args(arguments)
    return int(sum(run(verb, options.seed, options.count) for verb in options.verb or VERBS) > 0)


if __name__ == "__main__":
    sys.exit(main())
