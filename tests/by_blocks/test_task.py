"""The task of a worker: blocks from the prices of those before them, with any solver, within a limit."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest

import placer
from placer.by_blocks.task import SharedByBlocks, Task, answer_blocks
from placer.errors import NoSolutionError
from placer.model.blocks import cut, spans_of
from placer.utils.alike import changes_from
from placer.utils.shared import Shared


def _task(structure, solver=None, until=math.inf, prices=0.0):
    blocks = [cut(structure, span) for span in spans_of(structure)]
    return Task(
        common=Shared(SharedByBlocks(blocks[0], solver, None)),
        numbers=[4, 5],
        changes=[changes_from(blocks[0], each) for each in blocks],
        known=[(), ()],
        cap_prices=np.array([prices, 0.0]),
        is_repeated=True,
        until=until,
    )


@pytest.mark.parametrize("solver", [None, placer.HiGHS(), placer.ColumnGeneration()])
def test_every_solver_answers_every_block(make_blocks, solver):
    """Tests costs against those of the default, and that prices are recorded."""
    structure = make_blocks(1).structure
    expected = [each.certificate.objective for each in answer_blocks(_task(structure))]
    answers = answer_blocks(_task(structure, solver))
    assert [each.certificate.objective for each in answers] == pytest.approx(expected, rel=1e-7)
    assert all(each.certificate.proven and each.known is not None for each in answers)


def test_dear_caps_are_used_less(make_blocks):
    """Tests that what is taken of a cap falls with its price."""
    structure = make_blocks(1).structure
    free, dear = (sum(each.taken[0] for each in answer_blocks(_task(structure, prices=p))) for p in (0.0, 50.0))
    assert dear < free


def test_a_limit_names_the_block(make_blocks):
    """Tests a time that is over before the first block."""
    with pytest.raises(NoSolutionError, match="block 4") as error:
        answer_blocks(_task(make_blocks(1).structure, until=time.time() - 1))
    assert error.value.reason is placer.Reason.TIME_LIMIT
