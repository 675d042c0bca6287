"""Why a solver stopped."""

from __future__ import annotations

import pickle

import placer
from placer.termination import Reason, Termination


def test_reasons_are_their_words():
    """Tests that a reason is written, compared and stored as its words, and is had from them."""
    assert f"{Reason.TIME_LIMIT}" == "time limit"
    assert Reason("time limit") is Reason.TIME_LIMIT == "time limit"
    assert placer.Reason is Reason


def test_terminations_are_values():
    """Tests that terminations compare by what they say, and survive the way to another process."""
    stopped = Termination(Reason.FAILED, "HiGHS simplex: kUnknown")
    assert pickle.loads(pickle.dumps(stopped)) == stopped  # noqa: S301 - made here
    assert stopped != Termination(Reason.FAILED)
