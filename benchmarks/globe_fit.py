"""Two numbers of ``globe``, each fitted to one observed fact, to predict the facts that are held out.

    python -m benchmarks.globe_fit              # prints both numbers; two minutes

``datasets/observed/fitted.csv`` says which facts are fitted and which are held out. The premium on China's tokens
abroad lies where the curve of the cost of exporting has it, and bisection finds its last digits, as it finds the
mark-up on work that has to stay. Each is fitted at the last value of the other.

A fact that is held out is explained if the prediction is at most a factor of two from the observed range, and nearer
to it than without the two numbers; a correlation or a share of 0, if it lies in the range.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import placer

from .observed import read_facts
from .observed_globe import CHINA, SCENARIOS, china_abroad, residency

if TYPE_CHECKING:
    from collections.abc import Callable

FITTED = Path(__file__).parents[1] / "datasets" / "observed" / "fitted.csv"
#: The largest distance of a chord above the curve of the cost of exporting, as a part of the least cost.
TOLERANCE = 1e-5
#: Bisections of a number, and rounds over both numbers.
STEPS, ROUNDS = 12, 2
#: The name of the policy, and the start of the names of workloads that have to stay.
PREMIUM, REGULATED = "premium on tokens of China", "regulated_"


@dataclass(frozen=True)
class Fit:
    """The premium on China's tokens abroad, and the mark-up of accelerator time on work that has to stay."""

    premium_usd_per_mtok: float
    pool: float

    def instance(self) -> placer.Instance:
        """Return the instance with both numbers."""
        return with_premium(with_pool(placer.load("globe", SCENARIOS), self.pool), self.premium_usd_per_mtok)


def found_before() -> Fit:
    """Return the numbers that the table has, as ``fit`` found them, rounded."""
    known = {row["number"]: float(row["fitted"]) for row in _rows() if row["role"] == "fitted"}
    return Fit(known["premium_on_china"], known["pool"])


def roles() -> dict[str, list[str]]:
    """Return the names of the facts that numbers are fitted to, and of those held out."""
    rows = _rows()
    return {role: [row["fact"] for row in rows if row["role"] == role] for role in ("fitted", "held out")}


def with_pool(instance: placer.Instance, pool: float) -> placer.Instance:
    """Return the instance in which work that has to stay takes this part more of an accelerator's time."""
    workloads = instance.workloads
    bound = workloads["workload"].str.startswith(REGULATED)
    hours = workloads["accelerator_hours_per_mtok"]
    return instance.replace(
        workloads=workloads.assign(accelerator_hours_per_mtok=hours.where(~bound, hours * (1 + pool)))
    )


def with_premium(instance: placer.Instance, usd_per_mtok: float) -> placer.Instance:
    """Return the instance in which a Mtok of China costs more in all other countries, paid to nobody."""
    row = {"policy": PREMIUM, "kind": "premium_usd_per_mtok", "amount": usd_per_mtok, "from_region": CHINA}
    return instance.replace(policies=[row])


def premium_at(instance: placer.Instance, share: float) -> float:
    """Return the premium from which on China sells no more than this share of its tokens abroad; 0 if never more."""
    placement = placer.solve(instance)
    if china_abroad(placement) <= share:
        return 0.0
    used = float(placer.trade(placement).countries["used_mtok"][CHINA])
    curve = placer.export_cost(placement, made_in=CHINA, tolerance=TOLERANCE)
    low, high = curve.premium_at(used * share / (1 - share))[0], 2 * curve.premium_at(0)[0]
    return _bisected(lambda usd: china_abroad(placer.solve(with_premium(instance, usd))) <= share, low, high)


def pool_at(instance: placer.Instance, share: float, low: float, high: float) -> float:
    """Return the mark-up from which on work that has to stay in the European Economic Area costs this share more."""
    return _bisected(lambda pool: residency(placer.solve(with_pool(instance, pool)), "eea") >= share, low, high)


def fit() -> Fit:
    """Return both numbers."""
    observed = {fact.name: fact.value for fact in read_facts()}
    ranges = {row["fact"]: (float(row["low"]), float(row["high"])) for row in _rows() if row["role"] == "fitted"}
    base, found = placer.load("globe", SCENARIOS), Fit(0.0, 0.0)
    for _ in range(ROUNDS):
        premium = premium_at(with_pool(base, found.pool), observed["china_abroad"])
        priced = with_premium(base, premium)
        found = Fit(premium, pool_at(priced, observed["residency_eea"], *ranges["residency_eea"]))
    return found


def _bisected(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return the least value at which something holds that holds from there on."""
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _rows() -> list[dict[str, str]]:
    with FITTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> int:
    """Print both numbers."""
    found = fit()
    print(f"premium on China's tokens abroad: {found.premium_usd_per_mtok:.5f} USD/Mtok")
    print(f"more accelerator time for work that has to stay: {found.pool:.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
