"""Values that are sent once and kept in every process."""

from __future__ import annotations

import pickle
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from operator import attrgetter

import numpy as np
import pytest

from placer.utils import shared as module
from placer.utils.shared import Shared
from tests.utils.counted import Counted


def test_shared_values_are_kept_a_few_at_a_time(monkeypatch):
    """Tests that the last few are unpickled once, and the first, which made room, once more."""
    monkeypatch.setattr(module, "_shared", type(module._shared)())
    sent = [pickle.dumps(Shared(Counted(number))) for number in range(module.SHARED_KEPT + 1)]
    before = Counted.count
    for message in (*sent, sent[-1], sent[1], sent[0]):
        pickle.loads(message)  # noqa: S301
    assert Counted.count - before == len(sent) + 1
    assert len(module._shared) == module.SHARED_KEPT


def test_shared_value_is_as_it_was_when_wrapped_and_passes_on():
    """Tests that a later change does not travel, and that what was unpickled can be sent on."""
    values = [1, 2]
    shared = Shared({"inner": Shared(values)})
    values.append(3)
    there = pickle.loads(pickle.dumps(shared))  # noqa: S301
    further = pickle.loads(pickle.dumps(there))  # noqa: S301
    assert further is there
    assert there.value["inner"].value == [1, 2]


@pytest.mark.slow
def test_a_pickle_is_never_held_whole():
    """Tests that 50 MB of zeros, which compress well, take little memory to pack."""
    zeros = np.zeros(6_250_000)
    tracemalloc.start()
    try:
        shared = Shared([zeros])
        assert tracemalloc.get_traced_memory()[1] < zeros.nbytes / 10
    finally:
        tracemalloc.stop()
    assert pickle.loads(pickle.dumps(shared)).value[0].shape == zeros.shape  # noqa: S301


def test_shared_value_in_threads():
    """Tests that two threads may unpickle at once."""
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(attrgetter("value"), [Shared(1), Shared(2)])) == [1, 2]
