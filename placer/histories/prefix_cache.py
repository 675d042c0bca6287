"""A cache of the blocks of prompts, which drops the least recently used block."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

#: Tokens of a block in Mooncake's traces.
BLOCK_TOKENS = 512


class PrefixCache:
    """The blocks that a cache holds.

    A block is known by a hash of it and of all blocks before it. The blocks of a request are used from the last to the
    first, so that the first are dropped last: a block is held only with all blocks before it.

    Parameters
    ----------
    blocks : int, optional
        Number of blocks that the cache holds; any number if not given.

    Examples
    --------
    >>> cache = PrefixCache(3)
    >>> [cache.used(blocks) for blocks in ([1, 2, 3], [1, 2, 4], [1, 2, 3])]  # 3 gave way to 4
    [0, 2, 2]
    """

    def __init__(self, blocks: int | None = None) -> None:
        self._limit = blocks
        self._held: OrderedDict[int, None] = OrderedDict()

    def used(self, blocks: Sequence[int]) -> int:
        """Return how many of the first blocks of a request are held; hold all of them from then on."""
        held = self._held
        hits = next((place for place, block in enumerate(blocks) if block not in held), len(blocks))
        if self._limit is None:
            held.update(dict.fromkeys(blocks))
            return hits
        for block in reversed(blocks):
            held[block] = None
            held.move_to_end(block)
        while len(held) > self._limit:
            held.popitem(last=False)
        return hits
