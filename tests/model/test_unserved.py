"""What unserved demand costs in steps, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.ladder.proven import solve_structure
from placer.model.expansion import expand
from placer.model.formulation import formulate, formulate_offered
from placer.model.steps import Steps
from placer.model.unserved import (
    dual_payments,
    highest_values,
    paid_per_unit,
    penalties,
    share_above,
    unserved_by_column,
)
from placer.proof.answer_certificate import certify_answer

#: One demand with the values 1, 2 and 4, one with the value 3.
STEPS = Steps(np.array([3, 1]), np.array([0.5, 0.3, 0.2, 1.0]), np.array([1.0, 2.0, 4.0, 3.0]))


@pytest.fixture
def structure(make_instance):
    """Return a structure of two demands of 10 and 4 Mtok with steps."""
    instance = make_instance(
        demand=[
            {"workload": "w", "hub": "A", "hour": 0, "mtok": 10},
            {"workload": "w", "hub": "A", "hour": 1, "mtok": 4},
        ]
    )
    return replace(formulate(instance).structure, steps=STEPS)


def test_least_values_go_unserved_first(structure):
    """Tests 7 Mtok of the first demand: 5 at 1 USD and 2 at 2 USD; and all of the second at 3 USD."""
    unserved = np.array([7.0, 4.0])
    assert unserved_by_column(structure, unserved).tolist() == [5.0, 2.0, 0.0, 4.0]
    assert penalties(structure, unserved).tolist() == [9.0, 12.0]


def test_payments_are_capped_by_each_value(structure):
    """Tests a price of 2.5: half pays 1, a third 2, a fifth 2.5; the other demand pays 2.5."""
    price = np.array([2.5, 2.5])
    assert paid_per_unit(structure, price) == pytest.approx([0.5 + 0.6 + 0.5, 2.5])
    assert share_above(structure, price) == pytest.approx([0.2, 1.0])
    assert highest_values(structure).tolist() == [4.0, 3.0]
    assert dual_payments(structure, price) == pytest.approx([16.0, 10.0])


def test_program_has_a_column_a_step(structure):
    """Tests the columns of unserved demand: the last step of a demand has no limit."""
    program = expand(structure)
    part = program.col_blocks["u"]
    assert program.cost[part].tolist() == STEPS.value.tolist()
    assert program.col_upper[part].tolist() == [5.0, 3.0, np.inf, np.inf]


def test_steps_are_those_of_the_table(make_instance):
    """Tests rows of the demand with values, in any order, and the penalty of a workload without."""
    rows = [{"workload": "w", "hub": "A", "mtok": mtok, "value_usd_per_mtok": usd} for mtok, usd in ((2, 4), (6, 1))]
    steps = formulate_offered(make_instance(demand=rows)).structure.steps
    assert steps.count.tolist() == [2]
    assert steps.value.tolist() == [1.0, 4.0]
    assert steps.share.tolist() == [0.75, 0.25]


def test_other_functions_refuse_steps(make_instance):
    """Tests that what does not know steps names what does."""
    rows = [{"workload": "w", "hub": "A", "mtok": mtok, "value_usd_per_mtok": usd} for mtok, usd in ((2, 4), (6, 1))]
    with pytest.raises(placer.InstanceError, match=r"placer\.solve\(instance\)\.instance, which asks for what is"):
        placer.to_program(make_instance(demand=rows))


def test_both_certificates_agree(structure):
    """Tests the bound of the structure at the duals of a program that is proven."""
    answer, certificate = solve_structure(structure, placer.HiGHS())
    again = certify_answer(structure, answer, gap=1e-9)
    assert certificate.proven
    assert again.proven
    assert again.bound == pytest.approx(certificate.bound)
