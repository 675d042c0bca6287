"""The secure program: its blocks, and what its implied bounds and rows say."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.extended.extension import BLOCK
from placer.ladder.whole_program import solve_program
from placer.model.expansion import expand
from placer.model.formulation import formulate
from placer.security.contingencies import contingencies_of
from placer.security.coupling import merged_recourse
from placer.security.definition import Security
from placer.security.outages import outage_of
from placer.security.program import UNSERVED_ROW, secure_program
from placer.solvers.highs import HiGHS


def _program(instance, share, kind="data_centres", **options):
    formulation = formulate(instance)
    outages = [outage_of(instance, formulation, each) for each in contingencies_of(instance, Security(kind))]
    recourses = [merged_recourse(formulation.structure, outage, share) for outage in outages]
    return secure_program(formulation.structure, expand(formulation.structure), recourses, 600.0, **options)


def test_blocks_stand_end_to_end(a1):
    """Tests that every contingency has its rows and columns, by its name, after those of the instance."""
    secure = _program(a1, np.ones(2))
    assert [block.recourse.outage.name for block in secure.blocks] == ["A", "B", "W"]
    assert secure.blocks[0].rows.start == secure.blocks[0].columns.start == 0
    for before, after in zip(secure.blocks, secure.blocks[1:], strict=False):
        assert (before.rows.stop, before.columns.stop) == (after.rows.start, after.columns.start)
    names = secure.extension.rows.names
    assert names[0] == "A: demand_0"
    assert len(names) == secure.blocks[-1].rows.stop
    assert secure.extended.matrix.shape[0] == secure.base.matrix.shape[0] + len(names)


@pytest.mark.slow
def test_optimum_of_a1(a1):
    """Tests that the secure optimum of A1 is 555, and that nothing needs to strand."""
    secure = _program(a1, np.ones(2))
    solution, certificate = solve_program(secure.extended, HiGHS())
    assert certificate.proven
    assert certificate.objective == pytest.approx(555.0)
    assert [part.sum() for part in secure.stranded(solution.point)] == pytest.approx([0.0, 0.0, 0.0])
    assert solve_program(secure.stranding(), HiGHS())[1].objective == pytest.approx(0.0)


@pytest.mark.parametrize("seed", range(4))
def test_implied_bounds_hold(make_random_instance, seed):
    """Tests that an optimum keeps every implied bound, with work that waits protected and not."""
    instance = make_random_instance(seed)
    for share in (np.ones(4), np.array([1.0, 0.5, 0.0, 0.0])):
        secure = _program(instance, share)
        solution, certificate = solve_program(secure.extended, HiGHS())
        assert certificate.proven
        assert np.isfinite(secure.extended.implied_upper).all()
        size = 1 + np.abs(secure.extended.implied_upper)
        assert ((solution.point - secure.extended.implied_upper) / size).max() < 1e-6


def test_row_of_unserved_demand(a1):
    """Tests that the row that holds unserved demand stands last, and counts what unserved demand costs."""
    secure = _program(a1, np.ones(2), most_unserved_usd=np.array([7.0]))
    rows = secure.extension.rows
    assert (rows.names[-1], rows.upper[-1]) == (UNSERVED_ROW, 7.0)
    row = rows.matrix[[len(rows.names) - 1]].toarray().ravel()
    part = secure.base.col_blocks["u"]
    assert row[part].tolist() == secure.base.cost[part].tolist()
    assert row.sum() == row[part].sum()
    assert secure.unserved_rents(np.zeros(len(secure.extended.row_lower))).tolist() == [0.0]
    assert _program(a1, np.ones(2)).unserved_rents(np.ones(1)).tolist() == [0.0]


def test_without_contingencies(a1):
    """Tests that no contingency leaves the program of the instance."""
    formulation = formulate(a1)
    base = expand(formulation.structure)
    secure = secure_program(formulation.structure, base, [], 600.0)
    assert secure.extended.matrix.shape == base.matrix.shape
    assert secure.extended.row_blocks[BLOCK].start == secure.extended.row_blocks[BLOCK].stop


def test_alike_demands_are_one(make_random_instance):
    """Tests that recourse takes demands of a class and an hour that reach the same sites as one, with all they ask."""
    tiny = placer.load("tiny")
    formulation = formulate(tiny)
    outage = outage_of(tiny, formulation, contingencies_of(tiny, Security())[0])
    recourse = merged_recourse(formulation.structure, outage, np.array([1.0, 1.0, 0.0]))
    whole = formulation.structure
    assert len(recourse.structure.demand_amount) < len(recourse.demands)
    assert recourse.structure.demand_amount.sum() == pytest.approx(whole.demand_amount[recourse.demands].sum())
    assert (
        recourse.structure.demand_class[recourse.place[recourse.demands]] == whole.demand_class[recourse.demands]
    ).all()
    assert (recourse.place[whole.demand_class == 2] == -1).all()
