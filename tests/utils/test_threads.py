"""One BLAS thread while placer computes, and as many as before afterwards."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from placer.utils import threads
from placer.utils.threads import blas_threads, one_blas_thread
from tests.effort import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def _two_before():
    """Let BLAS have two threads to begin with, whatever the machine has."""
    before = [library.num_threads for library in threads._libraries()]
    _set_all([2] * len(before))
    yield
    _set_all(before)


def _set_all(numbers):
    for library, number in zip(threads._libraries(), numbers, strict=True):
        threads._set(library, number)


def test_limited_within_and_restored_after():
    """Tests that the limit holds inside only."""
    with one_blas_thread():
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_restored_after_an_error():
    """Tests that an exception does not leave the limit behind."""
    with pytest.raises(RuntimeError), one_blas_thread():
        raise RuntimeError
    assert blas_threads() == {2}


def test_nested(monkeypatch):
    """Tests that only the outermost sets and restores."""
    with one_blas_thread():
        with monkeypatch.context() as inside:
            inside.setattr(threads, "_set", lambda *_: pytest.fail("set again"))
            with one_blas_thread():
                assert blas_threads() == {1}
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_two_threads_that_overlap():
    """Tests that whoever leaves first does not lift the limit under the other."""
    inside, leave = threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            inside.set()
            leave.wait(PATIENCE_SECONDS)

    thread = threading.Thread(target=other)
    with one_blas_thread():
        thread.start()
        assert inside.wait(PATIENCE_SECONDS)
    assert blas_threads() == {1}
    leave.set()
    thread.join()
    assert blas_threads() == {2}


def test_libraries_are_looked_up_once(monkeypatch):
    """Tests that many uses cost one inspection of the process."""
    made = []
    maker = threads.ThreadpoolController
    monkeypatch.setattr(threads, "ThreadpoolController", lambda: made.append(1) or maker())
    threads._libraries.cache_clear()
    for _ in range(3):
        with one_blas_thread():
            pass
    assert len(made) == 1
    threads._libraries.cache_clear()


@dataclass
class OpenMP:
    """A library with a number of threads for each thread of Python."""

    threading_layer = "openmp"
    here: threading.local = field(default_factory=threading.local)

    @property
    def num_threads(self):
        """The number in this thread."""
        return getattr(self.here, "number", 2)

    def set_num_threads(self, number):
        """Set it in this thread."""
        self.here.number = number


def test_openmp_is_limited_and_restored_in_each_thread(monkeypatch):
    """Tests that a second thread is limited too, and restored while the first still computes."""
    library, seen = OpenMP(), []
    monkeypatch.setattr(threads, "_libraries", lambda: (library,))

    def other():
        with one_blas_thread():
            seen.append(library.num_threads)
        seen.append(library.num_threads)

    thread = threading.Thread(target=other)
    with one_blas_thread():
        thread.start()
        thread.join()
        assert library.num_threads == 1
    assert seen == [1, 2]
    assert library.num_threads == 2


def test_products_that_find_no_memory_are_not_begun(monkeypatch):
    """Tests that OpenBLAS, which would try again for ever, is not asked where the process may take little more."""
    monkeypatch.setattr(threads, "left_to_process", lambda: 3e6)
    threads._libraries.cache_clear()
    with pytest.raises(MemoryError, match="OpenBLAS needs 80 MB for its products, 3 MB are left"):
        threads._libraries()
    monkeypatch.undo()
    assert threads._libraries()
