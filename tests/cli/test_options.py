"""What the commands have in common: the time limit."""

from __future__ import annotations

import pytest

from placer.cli.options import within
from placer.errors import NoSolutionError
from placer.model.program import Reason
from placer.running import check_time, seconds_left


def test_limit_holds_inside():
    """Tests that whatever is computed meanwhile sees the limit."""
    with within(100.0, print):
        assert seconds_left() <= 100.0


def test_what_was_found_is_in_the_error():
    """Tests that a time-out names the things found, in one line, and keeps bound and reason."""

    def work():
        with within(100.0, print) as note:
            note("a placement")
            note("a ceiling")
            raise NoSolutionError(Reason.TIME_LIMIT, "the curve", 7.0)

    with pytest.raises(NoSolutionError) as caught:
        work()
    assert (caught.value.reason, caught.value.bound_usd) == (Reason.TIME_LIMIT, 7.0)
    assert caught.value.detail == "the curve; found so far: a placement; a ceiling"


def test_where_nothing_was_found_the_error_is_as_it_was():
    """Tests that nothing is added."""
    with pytest.raises(NoSolutionError) as caught, within(1e-9, print):
        check_time("the work")
    assert caught.value.detail == "the work"
