"""Tests that shared work gives results in order, from other threads, and ends with its context."""

import threading

import pytest

from placer.utils.shared_work import each, one_by_one, shared_among
from placer.utils.threads import blas_threads
from tests.effort import PATIENCE_SECONDS


def test_without_a_context_the_caller_works():
    """Tests that all runs in the thread that asks."""
    assert set(each(lambda _: threading.get_ident(), range(3))) == {threading.get_ident()}


def test_one_thread_is_the_caller():
    """Tests that a context of one thread starts none."""
    with shared_among(1):
        assert each(lambda _: threading.get_ident(), range(2)) == [threading.get_ident()] * 2


def test_results_are_in_order_and_from_several_threads():
    """Tests that two items run at the same time, and that the results follow the items."""
    meeting = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    def meet(item):
        meeting.wait()
        return item, threading.get_ident()

    with shared_among(2):
        found = each(meet, [5, 3])
    assert [item for item, _ in found] == [5, 3]
    assert len({thread for _, thread in found} - {threading.get_ident()}) == 2


def test_the_only_item_shares_its_own_work():
    """Tests that it is worked on in the thread that asks, and its items in others; of two items each has one thread."""

    def own(_):
        return {threading.get_ident()} | set(each(lambda _: threading.get_ident(), range(2)))

    with shared_among(2):
        (alone,), (first, second) = each(own, [1]), each(own, [1, 2])
    assert threading.get_ident() in alone
    assert len(alone) >= 2
    assert len(first) == len(second) == 1


def test_each_thread_has_one_blas_thread():
    """Tests that threads of the pool do not multiply those of BLAS."""
    with shared_among(2):
        assert each(lambda _: blas_threads(), range(2)) == [{1}, {1}]


def test_an_error_of_an_item_is_raised():
    """Tests that the first error comes out, and that the pool is gone afterwards."""
    with pytest.raises(ZeroDivisionError), shared_among(2):
        each(lambda item: 1 / item, [1, 0])
    assert each(abs, [-1]) == [1]


def test_one_thread_works_out_a_result_when_it_is_asked_for():
    """Tests that no later item is worked through before the result of the first is taken."""
    done = []

    def double(item):
        done.append(item)
        return 2 * item

    results = one_by_one(double, [1, 2])
    assert (next(results), done) == (2, [1])
    assert (list(results), done) == ([4], [1, 2])


def test_results_one_by_one_are_those_of_each():
    """Tests that several threads give the same results in the same order."""
    with shared_among(2):
        assert list(one_by_one(abs, [-3, -1, 2])) == each(abs, [-3, -1, 2])


def test_shared_work_within_shared_work():
    """Tests that an item that shares work is worked through by one thread, and no thread waits for another."""

    def idents(_):
        return threading.get_ident(), set(each(lambda _: threading.get_ident(), range(3)))

    with shared_among(2):
        assert all(inner == {outer} for outer, inner in each(idents, range(4)))
