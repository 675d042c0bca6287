"""Flows and duals of a whole, cut into those of its blocks."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from placer.ladder.proven import solve_structure
from placer.model.blocks import cut, joined, spans_of
from placer.model.formulation import formulate
from placer.model.loads import loads
from placer.model.parted import parted
from placer.solvers.highs import HiGHS


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cyclic", [False, True])
def test_parts_join_to_the_whole(make_random_instance, seed, cyclic):
    """Tests every number of flows and duals, and that each part serves the demand of its block."""
    structure = formulate(make_random_instance(seed, cyclic=cyclic)).structure
    structure = replace(structure, block=np.array([0, 0, 1, 1, 1]), cap_limit=np.full(2, np.inf))
    answer, _ = solve_structure(structure, HiGHS())
    spans = spans_of(structure)
    parts = list(parted(structure, spans, answer.point, answer.prices))
    flows, duals = joined(structure, spans, parts, answer.prices.cap)
    for back, given in ((flows, answer.point), (duals, answer.prices)):
        for each in fields(given):
            np.testing.assert_array_equal(getattr(back, each.name), getattr(given, each.name), each.name)
    for span, (own, _) in zip(spans, parts, strict=True):
        block = cut(structure, span)
        assert loads(block, own).met == pytest.approx(block.demand_amount)
