"""The rest of the limits of a process."""

from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from placer.solvers.memory import free_bytes
from placer.utils.process_limits import left_to_process


@pytest.mark.parametrize("name", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_limit_of_the_process_is_seen(monkeypatch, name):
    """Tests that less is free under a limit on addresses or data, as ``ulimit -v`` and ``ulimit -d`` set them."""
    resource = pytest.importorskip("resource")
    taken = SimpleNamespace(vms=3_000, data=1_000, rss=500)
    monkeypatch.setattr(psutil.Process, "memory_info", lambda _: taken)
    limits = {getattr(resource, name): (10_000, 20_000)}
    endless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda which: limits.get(which, endless))
    assert left_to_process() == free_bytes() == {"RLIMIT_AS": 7_000, "RLIMIT_DATA": 9_000}[name]
