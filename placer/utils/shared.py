"""Values that many tasks use, sent to every process as bytes and unpickled there once."""

from __future__ import annotations

import hashlib
import pickle
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")

#: Number of shared values that a process keeps.
SHARED_KEPT = 4


class Shared(Generic[T]):
    """A value that many tasks use: pickled once, and unpickled once in every process that receives it.

    Works with any executor. Later changes of the value are not sent.

    Attributes
    ----------
    value
        The wrapped value.

    Examples
    --------
    >>> import pickle
    >>> shared = Shared([1, 2, 3])
    >>> first, second = pickle.loads(pickle.dumps(shared)), pickle.loads(pickle.dumps(shared))
    >>> first.value, first.value is second.value
    ([1, 2, 3], True)
    """

    __slots__ = ("_digest", "_packed", "value")

    def __init__(self, value: T) -> None:
        self.value = value
        self._packed = _packed(value)
        self._digest = hashlib.sha256(self._packed).digest()

    def __reduce__(self) -> tuple[Callable[[bytes, bytes], Shared[T]], tuple[bytes, bytes]]:
        """Return the call that restores the value: by its digest where it is known, otherwise from its bytes."""
        return _unpacked, (self._digest, self._packed)


class _Packing:
    """A file that compresses what is written to it, so that the pickle is never held whole."""

    def __init__(self) -> None:
        self._compressor, self._parts = zlib.compressobj(1), list[bytes]()

    def write(self, data: bytes) -> int:
        self._parts.append(self._compressor.compress(data))
        return memoryview(data).nbytes

    def packed(self) -> bytes:
        return b"".join([*self._parts, self._compressor.flush()])


def _packed(value: object) -> bytes:
    """Return the pickle of a value, compressed."""
    packing = _Packing()
    pickle.dump(value, packing, pickle.HIGHEST_PROTOCOL)
    return packing.packed()


_shared: OrderedDict[bytes, Shared[Any]] = OrderedDict()
_shared_lock = threading.RLock()  # for threads that unpickle; one shared value may hold another


def _unpacked(digest: bytes, packed: bytes) -> Shared[Any]:
    with _shared_lock:
        shared = _shared.pop(digest, None)
        if shared is None:
            shared = Shared.__new__(Shared)
            shared.value = pickle.loads(zlib.decompress(packed))  # noqa: S301 (inside a pickle already)
            shared._packed, shared._digest = packed, digest  # noqa: SLF001 (its own constructor, in effect)
        _shared[digest] = shared
        while len(_shared) > SHARED_KEPT:
            _shared.popitem(last=False)
        return shared
