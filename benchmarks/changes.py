"""Changes of an array of numbers that make an answer wrong, or leave it right by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

CHANGES: dict[str, Any] = {
    "a thousandth less": lambda value: 0.999 * value,
    "a thousandth more": lambda value: 1.001 * value,
    "half": lambda value: 0.5 * value,
    "tenfold": lambda value: 10 * value,
    "a millionfold": lambda value: 1e6 * value,
    "reversed": lambda value: -value,
    "dropped": lambda value: 0 * value,
    "1 more": lambda value: value + 1,
    "1 less": lambda value: value - 1,
    "a millionth more": lambda value: value + 1e-6 * (1 + np.abs(value)),
    "NaN": lambda value: np.full_like(value, np.nan),
    "inf": lambda value: np.full_like(value, np.inf),
    "-inf": lambda value: np.full_like(value, -np.inf),
    "1e300": lambda value: np.full_like(value, 1e300),
    "-1e300": lambda value: np.full_like(value, -1e300),
}


def changed(array: np.ndarray, random: np.random.Generator) -> tuple[str, np.ndarray] | None:
    """Return an array with one entry, one that is not 0, or all changed, or two swapped, and the change in words.

    None if the draw changes nothing.
    """
    found = np.array(array, dtype=float)
    where = str(random.choice(["one", "one that is not 0", "all", "two"]))
    change, flat = str(random.choice(list(CHANGES))), found.reshape(-1)
    places = np.flatnonzero(flat) if where == "one that is not 0" else np.arange(flat.size)
    if not places.size:
        return None
    if where == "two":
        pair, change = random.integers(flat.size, size=2), "swapped"
        flat[pair] = flat[pair[::-1]]
    else:
        places = places if where == "all" else random.choice(places, 1)
        flat[places] = CHANGES[change](flat[places])
    return None if np.array_equal(found, array, equal_nan=True) else (f"{where}: {change}", found)
