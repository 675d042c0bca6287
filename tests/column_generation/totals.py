"""The total that placements of column generation are compared by."""

from __future__ import annotations

import math

#: A random instance without caps whose master takes two rounds, of which the first has a complete point already.
SEED, NO_CAPS = 8, {"carbon_limit_kg": math.inf, "water_limit_litres": math.inf}


def total(placement):
    return placement.cost_usd + placement.penalty_usd
