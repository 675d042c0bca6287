"""Executors of others, such as those of Dask: whether a task died with its process, and whether its cluster is gone."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING

from placer.errors import WorkerDiedError

if TYPE_CHECKING:
    from concurrent.futures import Executor


def has_died(error: BaseException) -> bool:
    """Whether an error reports a dead process. The error of Dask is recognised by name, without an import of Dask.

    Examples
    --------
    >>> has_died(CancelledError()), has_died(ValueError("wrong"))
    (True, False)
    """
    return isinstance(error, WorkerDiedError | CancelledError) or type(error).__name__ == "KilledWorker"


def is_gone(executor: Executor, look_seconds: float) -> bool:
    """Wait while the client of a Dask cluster looks for its scheduler; return whether it has given up.

    Dask cancels tasks in flight, and holds tasks submitted meanwhile for a scheduler that may never return.

    Parameters
    ----------
    executor : Executor
    look_seconds : float
        Seconds between two looks.
    """
    client = getattr(executor, "_client", None)  # only the executors of Dask have one
    while (status := getattr(client, "status", "running")) == "connecting":
        time.sleep(look_seconds)
    return status in ("closing", "closed")
