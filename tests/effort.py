"""How many random cases the tests try, more where ``PLACER_TESTS=thorough`` asks for it, and how long they wait."""

from __future__ import annotations

import os

#: Longest wait by the clock for what another process or thread does: no machine, however busy, takes as long.
PATIENCE_SECONDS = 300

THOROUGH = os.environ.get("PLACER_TESTS") == "thorough"


def tries(usual: int, thorough: int) -> int:
    """Return how many cases a test tries: its usual count, or its thorough one where the environment asks for it."""
    return thorough if THOROUGH else usual
