"""Cuts as own rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.security.contingencies import contingencies_of
from placer.security.coupling import merged_recourse
from placer.security.cut_rows import Limit, cut_extension, with_cuts
from placer.security.cuts import cuts_at
from placer.security.outages import outage_of
from placer.security.program import UNSERVED_ROW
from placer.security.replacement import least_stranded


def test_rows_by_hand(a1):
    """Tests the cut of A1 where W is lost as a row, less what strands there, and the row of unserved demand."""
    formulation, placement = formulate(a1), placer.solve(a1)
    outages = [outage_of(a1, formulation, each) for each in contingencies_of(a1, placer.Security())]
    recourses = [merged_recourse(formulation.structure, outage, np.ones(2)) for outage in outages]
    _, duals = least_stranded(recourses[2], placement.answer.point)
    base = expand(formulation.structure)
    cuts = cuts_at(recourses[2], 2, duals, np.array([0]))
    cost = np.append(base.cost, [600.0] * 3)
    unserved = np.zeros(len(cost))
    unserved[base.col_blocks["u"]] = base.cost[base.col_blocks["u"]]
    limit = Limit(UNSERVED_ROW, unserved, 7.0)
    found = cut_extension(base, recourses, cuts, [limit], cost)
    assert found.columns.names == ("A: stranded 0", "B: stranded 0", "W: stranded 0")
    assert found.columns.cost.tolist() == [600.0] * 3
    assert found.rows.names == ("W: cut 0", UNSERVED_ROW)
    assert found.rows.upper.tolist() == pytest.approx([85.0, 7.0])
    # voice at A, B; chat at B, W; unserved voice and chat; what strands where A, B, W is lost
    dense = found.rows.matrix.toarray()
    assert dense[0].tolist() == pytest.approx([0, 1, 1, 1, 0, 0, 0, 0, -1])
    assert dense[1].tolist() == pytest.approx([0, 0, 0, 0, *base.cost[base.col_blocks["u"]], 0, 0, 0])
    waiting = replace(limit, enters_above=7.0)
    assert cut_extension(base, recourses, cuts, [waiting], cost).rows.names == ("W: cut 0",)
    assert (waiting.exceeded_at(unserved), waiting.exceeded_at(0 * unserved)) == (True, False)


def test_without_cuts(a1):
    """Tests that without cuts there are the columns of what strands alone."""
    formulation = formulate(a1)
    outage = outage_of(a1, formulation, contingencies_of(a1, placer.Security())[0])
    recourse = merged_recourse(formulation.structure, outage, np.ones(2))
    base = expand(formulation.structure)
    cost = np.append(base.cost, 600.0)
    found = cut_extension(base, [recourse], [], [], cost)
    assert found.rows.matrix.shape[0] == 0
    assert found.columns.names == ("A: stranded 0",)
    program = with_cuts(base, [recourse], found, 2 * cost)
    assert program.cost.tolist() == (2 * cost).tolist()
    assert program.implied_upper[-1] == pytest.approx(float(formulation.structure.demand_amount.sum()))
