"""The identity of a batch: everything its rows depend on. A store keeps it, and only the same batch can resume it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any

from placer.batch.figures import check_analyses
from placer.currency import USD
from placer.errors import BatchError
from placer.instance.problem import Instance
from placer.synthetic import SetsAround
from placer.version import VERSION


def settings_of(
    sets: Sequence[Instance],
    analyses: Sequence[str],
    time_limit_seconds: float = math.inf,
    bounds: float | None = None,
) -> dict[str, Any]:
    """Return everything that rows depend on, for a store.

    Raises
    ------
    BatchError
        If the sets lie around no instance: other sequences have no identity.
    """
    if not isinstance(sets, SetsAround):
        allowed = "only DemandSets and sets of a history"
        raise BatchError(f"{allowed} can be kept in a store, since others cannot be told apart when it is resumed")
    return {
        "placer": VERSION,
        "instance": digest(sets.instance),
        **sets.identity,
        "analyses": list(check_analyses(analyses)),
        "time_limit_seconds": time_limit_seconds,
        **({} if bounds is None else {"bounds": bounds}),
        **({} if (currency := sets.instance.settings.currency) == USD else {"currency": currency}),
    }


def digest(instance: Instance) -> str:
    """Return a hash of all tables and settings of an instance, the same on every machine."""
    found = hashlib.sha256(repr(instance.settings).encode())
    for name, frame in instance.tables.items():
        found.update(name.encode())
        for column in frame.columns:
            found.update(repr((column, frame[column].tolist())).encode())
    return found.hexdigest()
