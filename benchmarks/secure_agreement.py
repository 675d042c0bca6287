"""Compare secure placements and secure ceilings of small random instances with programs written from their text.

The instances are those of ``benchmarks.secure_draws``, the programs those of ``benchmarks.secure_program``. Each
placement is found twice: by the explicit program, and by cuts as large instances are. A ceiling also has to be no more
than the ceiling without security. Without an answer of placer, a program that has one counts as refused.
"""

from __future__ import annotations

import math
import sys
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

import placer
from placer.security import solving

from .campaign import Campaign
from .secure_draws import REGIONS, Draw, draw
from .secure_program import InfeasibleError, is_feasible, secure_ceiling, secure_placement

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXAMPLE = """example:
  python -m benchmarks.secure_agreement --count 100
  python -m benchmarks.secure_agreement --count 1000 --seed 0 --json"""

#: Tolerances: of costs as a share of the cost, of amounts as a share of all demand.
USD, MTOK = 1e-6, 2e-6
#: Costs below this share of the penalty of all demand are rounding.
ROUNDING = 1e-9


@dataclass
class Tally:
    """The result of a campaign; ``apart`` is the largest difference in units of its tolerance."""

    instances: int = 0
    infeasible: int = 0
    explicit: int = 0
    cuts: int = 0
    ceilings: int = 0
    refused: int = 0
    differs: int = 0
    apart: float = 0.0


def compare(tally: Tally, seed: int, number: int) -> None:
    """Compare the placements and the ceiling of an instance, and count the outcomes."""
    drawn = draw(np.random.default_rng([seed, number]))
    tally.instances += 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of magnitudes and of sites without power
        instance = drawn.instance()
        ways: dict[str, Callable[[], Sequence[float]]] = {
            "explicit": lambda: placement_apart(drawn, instance),
            "cuts": lambda: by_cuts(drawn, instance),
            "ceilings": lambda: ceiling_apart(drawn, instance),
        }
        for way, find in ways.items():
            try:
                apart = max(find())
            except InfeasibleError:
                apart = math.inf
            except placer.NoSolutionError as error:
                if not is_feasible(drawn):
                    tally.infeasible += 1
                    continue
                tally.refused += 1
                print(f"{way} {number} of seed {seed}: refused: {error}", file=sys.stderr, flush=True)
                continue
            tally.apart = max(tally.apart, apart)
            if apart <= 1:
                setattr(tally, way, getattr(tally, way) + 1)
            else:
                tally.differs += 1
                print(f"{way} {number} of seed {seed}: differs, {apart:.3g} tolerances", file=sys.stderr, flush=True)


def by_cuts(drawn: Draw, instance: placer.Instance) -> Sequence[float]:
    """Return the differences of a placement by cuts."""
    with patch.object(solving, "LARGE_FROM", 0):
        return placement_apart(drawn, instance)


def placement_apart(drawn: Draw, instance: placer.Instance) -> Sequence[float]:
    """Return the differences of a secure placement, in units of their tolerances.

    Raises
    ------
    InfeasibleError
        If the program has no answer.
    placer.NoSolutionError
        If placer has none.
    """
    found = placer.solve(instance, security=drawn.security)
    unit, demand = drawn.usd * drawn.mtok, float(drawn.demand.sum())
    without, stranded, cost = secure_placement(drawn, found.without.penalty_usd / unit)
    least = ROUNDING * float((drawn.unserved[:, None, None] * drawn.demand).sum()) / USD
    pairs = (
        (found.without.cost_and_penalty_usd / unit, without, USD * max(abs(without), least)),
        (found.cost_and_penalty_usd / unit, cost, USD * max(abs(cost), least)),
        (sum(found.stranded_mtok.values()) / drawn.mtok, stranded, MTOK * demand),
    )
    return [abs(one - other) / most for one, other, most in pairs]


def ceiling_apart(drawn: Draw, instance: placer.Instance) -> Sequence[float]:
    """Return the differences of a secure ceiling, in units of their tolerances; raises as ``placement_apart``."""
    home = 0
    found = placer.export_ceiling(instance, exporting=REGIONS[home], security=drawn.security)
    structure, flows = found.without.formulation.structure, found.flows
    arcs = (part[flows.arc] for part in (structure.arc_class, structure.arc_origin, structure.arc_site))
    ours = (
        float(flows.unserved.sum()),
        float(found.without.count.displaced[tuple(arcs)] @ flows.amount),
        float(found.contingencies["stranded_mtok"].sum()),
        found.share * found.without.total,
    )
    demand = float(drawn.demand.sum())
    hours = max(float(drawn.hours.max()), 1.0) * demand
    sizes = (demand, hours, demand, demand)
    theirs = secure_ceiling(drawn, home)
    apart = [
        abs(one / drawn.mtok - other) / (MTOK * size) for one, other, size in zip(ours, theirs, sizes, strict=True)
    ]
    return [*apart, (found.share - found.without.share) / MTOK]


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, compare and print; return the exit status."""
    tally, epilog = Tally(), f"exit status: 0 all agree, 1 some do not\n\n{EXAMPLE}"
    Campaign("secure_agreement", __doc__, epilog, 200, compare).run(tally, arguments)
    return int(tally.differs + tally.refused > 0)


if __name__ == "__main__":
    sys.exit(main())
