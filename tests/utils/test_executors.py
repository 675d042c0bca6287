"""Errors of dead processes, and clusters that are gone."""

from __future__ import annotations

from concurrent.futures import CancelledError
from types import SimpleNamespace

import pytest

from placer.errors import WorkerDiedError
from placer.utils.executors import has_died, is_gone


class KilledWorker(Exception):  # noqa: N818 - as Dask names it
    """The error of Dask for a task whose worker died."""


@pytest.mark.parametrize(
    ("error", "died"),
    [(WorkerDiedError("gone"), True), (CancelledError(), True), (KilledWorker(), True), (ValueError("wrong"), False)],
)
def test_errors_of_dead_processes(error, died):
    """Those of placer, of concurrent.futures and of Dask."""
    assert has_died(error) is died


class Connecting:
    """A client that finds its scheduler, or gives up, at the third look."""

    def __init__(self, *then):
        self.then = list(then)

    @property
    def status(self):
        """Return the next status."""
        return self.then.pop(0) if len(self.then) > 1 else self.then[0]


@pytest.mark.parametrize(("status", "gone"), [("running", False), ("closed", True), ("closing", True)])
def test_a_client_that_looks_for_its_scheduler_is_waited_for(status, gone):
    """Executors without a client are never gone."""
    executor = SimpleNamespace(_client=Connecting("connecting", "connecting", status))
    assert is_gone(executor, 0.0) is gone
    assert not is_gone(SimpleNamespace(), 0.0)
