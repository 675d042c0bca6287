"""How many rows a store of ``placer batch`` has."""

from __future__ import annotations

from placer.batch.store import Store


def kept(path):
    """Return how many rows a store has; none if it is not there yet."""
    if not path.exists():
        return 0
    with Store.read(path) as store:
        return len(store)
