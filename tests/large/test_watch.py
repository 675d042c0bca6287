"""The clock that long work looks at."""

from __future__ import annotations

import math
import time

import pytest

from placer.large.watch import OutOfTimeError, Watch


def test_no_limit():
    """Tests that without a limit there is always time, and telling does nothing."""
    watch = Watch()
    watch.check()
    watch.tell("here")
    assert watch.left == math.inf


def test_time_is_up():
    """Tests that work that began before the limit is stopped."""
    watch = Watch(5.0, started=time.perf_counter() - 6.0)
    assert watch.passed > 5.0
    assert watch.left < 0.0
    with pytest.raises(OutOfTimeError):
        watch.check()


def test_time_is_left():
    """Tests that work goes on within the limit, and is told of."""
    told = []
    watch = Watch(1e6, told.append)
    watch.check()
    watch.tell("here")
    assert 0 < watch.left <= 1e6
    assert told == ["here"]
