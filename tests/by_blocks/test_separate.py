"""Blocks that share nothing: the answer of the whole, and the refusal of one that is not proven."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.by_blocks.dispatch import lay_out
from placer.by_blocks.separate import answer_separate, proven
from placer.by_blocks.shared_caps import answer_sharing
from placer.errors import NoSolutionError
from placer.proof.answer_certificate import certify_answer
from placer.utils.processes import InThisProcess
from placer.utils.tasks import Dispatcher


def test_an_answer_is_that_of_the_whole(make_blocks):
    """Tests the proof, the reason, and that without a second objective there is no choice."""
    blocks = lay_out(make_blocks(1).structure, None, None)
    answer, certificate, choice = answer_separate(blocks, Dispatcher(InThisProcess(), 1))
    assert certificate.proven
    assert choice is None
    assert answer.termination.reason is placer.Reason.OPTIMAL
    assert answer.termination.detail == "2 blocks, each apart"


@pytest.mark.parametrize("limit", [np.inf, 1e12], ids=["apart", "sharing a limit"])
def test_processes_end_before_the_proof(make_blocks, monkeypatch, limit):
    """Tests that nothing runs any more while the answer of the whole is proven."""
    structure = replace(make_blocks(1).structure, cap_limit=np.array([limit, np.inf]))
    ended, when_proven = [], []

    class Counting(InThisProcess):
        def shutdown(self, *_, **__):
            ended.append(self)

    def certify(*given, **settings):
        when_proven.append(len(ended))
        return certify_answer(*given, **settings)

    monkeypatch.setattr("placer.by_blocks.separate.certify_answer", certify)
    answer = answer_separate if np.isinf(limit) else answer_sharing
    _, certificate, _ = answer(lay_out(structure, None, None), Dispatcher(Counting(), 1, is_own=True))
    assert certificate.proven
    assert when_proven == [1]


def test_joined_flows_that_are_not_proven_are_refused(make_blocks):
    """Tests prices that are far too high."""
    blocks = lay_out(make_blocks(1).structure, None, None)
    answer, _, _ = answer_separate(blocks, Dispatcher(InThisProcess(), 1))
    wrong = replace(answer.prices, capacity=answer.prices.capacity + 1.0, demand=np.zeros_like(answer.prices.demand))
    with pytest.raises(NoSolutionError) as error:
        proven(blocks, answer.point, wrong, "two blocks", 0, 0.0)
    assert error.value.reason is placer.Reason.FAILED
    assert "two blocks" in str(error.value)
