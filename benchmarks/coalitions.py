"""Solve every group of regions of small random instances, which must cost at least what it pays in the accounts.

The instances are those of ``benchmarks.agreement``, with hubs and data centres in two to four districts at random.
The proof of stability (``placer.accounting.stability``) solves no group; here every group is solved. Its net costs at
the prices of the whole must add up to at most what it costs alone, and those of all districts to what they cost
together. Shapley values are counted that leave the core.
"""

from __future__ import annotations

import sys
import warnings
from dataclasses import dataclass

import numpy as np

import placer
from placer.accounting.coalitions import cost_alone
from placer.utils.shapley import largest_objection, shapley_value

from .agreement import make
from .campaign import Campaign

EXAMPLE = """example:
  python -m benchmarks.coalitions --count 200
  python -m benchmarks.coalitions --count 1000 --seed 1 --json"""

#: Largest excess of net costs over the cost alone, as a share of the cost and penalty of all, that is rounding.
AGREEMENT = 1e-7


@dataclass
class Tally:
    """The result of a campaign.

    Attributes
    ----------
    instances, groups : int
        Solved.
    unanswered : int
        Instances without a proven placement, or with a group without one; they are left out.
    better : int
        Groups that cost less alone than they pay, and instances whose net costs do not add up.
    apart : float
        The largest such difference, as a share of the cost and penalty of all.
    outside : int
        Instances whose Shapley value is not in the core.
    """

    instances: int = 0
    groups: int = 0
    unanswered: int = 0
    better: int = 0
    apart: float = 0.0
    outside: int = 0


def with_districts(instance: placer.Instance, random: np.random.Generator) -> placer.Instance:
    """Return the instance with hubs and data centres in two to four districts."""
    names = np.array([f"d{number}" for number in range(random.integers(2, 5))], dtype=object)
    return instance.replace(
        hubs=instance.hubs.assign(district=random.choice(names, len(instance.hubs))),
        data_centres=instance.data_centres.assign(district=random.choice(names, len(instance.data_centres))),
    )


def compare(tally: Tally, seed: int, number: int) -> None:
    """Solve every group of the districts of an instance, and count what costs less alone."""
    random = np.random.default_rng([seed, number, 2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power, which wild instances are full of
        instance = with_districts(make(seed, number), random)
        try:
            placement = placer.solve(instance)
            accounts = placer.accounts(placement, "district")
            net, game = accounts.stability.proven_usd, costs_of(accounts)
        except placer.NoSolutionError:
            tally.unanswered += 1
            return
    size = abs(placement.cost_and_penalty_usd) or 1.0
    members = np.arange(len(game))[:, None] >> np.arange(len(net)) & 1
    excess = np.append((members @ net - game)[1:], game[-1] - net.sum()) / size
    tally.instances += 1
    tally.groups += len(game) - 1
    tally.better += int((excess > AGREEMENT).sum())
    tally.apart = max(tally.apart, float(excess.max()))
    tally.outside += int(largest_objection(game, shapley_value(game))[1] > AGREEMENT * size)


def costs_of(accounts: placer.Accounts) -> np.ndarray:
    """Return what every group costs alone, by bit mask (2^regions,); the empty one costs nothing."""
    structure, duals = accounts.placement.formulation.structure, accounts.placement.answer.prices
    count = len(accounts.groups.names)
    groups = [[region for region in range(count) if mask >> region & 1] for mask in range(1, 1 << count)]
    return np.array([0.0, *(cost_alone(structure, duals, accounts.groups, group) for group in groups)])


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, compare and print; return the exit status."""
    tally, epilog = Tally(), f"exit status: 0 no group does better alone, 1 some do\n\n{EXAMPLE}"
    Campaign("coalitions", __doc__, epilog, 200, compare).run(tally, arguments)
    return int(tally.better > 0)


if __name__ == "__main__":
    sys.exit(main())
