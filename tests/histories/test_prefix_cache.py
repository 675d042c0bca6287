"""The cache of prefixes, by hand and beside a plain list."""

from __future__ import annotations

import numpy as np
import pytest

from placer.histories.prefix_cache import PrefixCache
from tests.effort import tries


def test_a_cache_without_limit_holds_all():
    cache = PrefixCache()
    assert [cache.used(blocks) for blocks in ([1, 2], [1, 2, 3], [1, 4], [5], [1, 2, 3])] == [0, 2, 1, 0, 3]


def test_the_last_block_of_the_oldest_request_goes_first():
    """Tests four blocks: 7 8 9 push out 3 and 2, the tail of the first request, and not 1."""
    cache = PrefixCache(4)
    assert [cache.used(blocks) for blocks in ([1, 2, 3], [7, 8, 9], [1, 2, 3])] == [0, 0, 1]


def test_no_blocks_are_held_in_no_cache():
    cache = PrefixCache(0)
    assert [cache.used([1]), cache.used([1])] == [0, 0]


@pytest.mark.parametrize("seed", range(tries(10, 60)))
def test_it_equals_a_list_in_order_of_use(seed):
    """Tests random requests of a tree of prefixes beside a list that is searched from end to end."""
    draw = np.random.default_rng(seed)
    limit, used = int(draw.integers(1, 13)), []
    cache = PrefixCache(limit)
    for _ in range(60):
        path, blocks = (), []
        for _ in range(draw.integers(1, 7)):
            path += (int(draw.integers(2)),)
            blocks.append(int("1" + "".join(map(str, path))))
        hits = next((place for place, block in enumerate(blocks) if block not in used), len(blocks))
        for block in reversed(blocks):
            used = [each for each in used if each != block] + [block]
        used = used[-limit:]
        assert cache.used(blocks) == hits


@pytest.mark.parametrize("seed", range(tries(5, 20)))
def test_a_larger_cache_never_holds_less(seed):
    draw = np.random.default_rng(seed)
    requests = [[int(draw.integers(10)) * 10 + depth for depth in range(draw.integers(1, 6))] for _ in range(80)]
    totals = []
    for limit in (2, 5, 20, None):
        cache = PrefixCache(limit)
        totals.append(sum(cache.used(blocks) for blocks in requests))
    assert totals == sorted(totals)
