"""How many random cases the tests try: few each time, and more where that is asked for by ``PLACER_TESTS=thorough``."""

from __future__ import annotations

import os

THOROUGH = os.environ.get("PLACER_TESTS") == "thorough"


def tries(usual: int, thorough: int) -> int:
    """Return how many cases a test tries: its usual count, or its thorough one where the environment asks for it."""
    return thorough if THOROUGH else usual
