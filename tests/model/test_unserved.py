"""What unserved demand costs in steps, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.ladder.proven import solve_structure
from placer.model.expansion import expand
from placer.model.formulation import formulate, formulate_offered
from placer.model.parts import part_of
from placer.model.unserved import (
    UNSERVED_FACTOR,
    Steps,
    dual_payments,
    highest_values,
    paid_per_unit,
    penalties,
    share_above,
    unserved_by_column,
)
from placer.proof.answer_certificate import certify_answer
from tests.model.workloads import POWERED, WORK

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


#: One demand with the values 1, 2 and 4, one with the value 3.
STEPS = Steps(np.array([3, 1]), np.array([0.5, 0.3, 0.2, 1.0]), np.array([1.0, 2.0, 4.0, 3.0]))


def test_positions_by_hand():
    """Tests the demand of each step, and where those of a demand begin and end."""
    assert STEPS.demand.tolist() == [0, 0, 0, 1]
    assert STEPS.start.tolist() == [0, 3]
    assert STEPS.is_last.tolist() == [False, False, True, True]


def test_parts_keep_their_steps(make_instance):
    """Tests the steps of the second demand alone, and that steps of other demands are refused."""
    demand = [{"workload": "w", "hub": "A", "hour": hour, "mtok": mtok} for hour, mtok in ((0, 10), (1, 4))]
    whole = replace(formulate(make_instance(demand=demand)).structure, steps=STEPS)
    part = part_of(whole, demands=np.array([1]))
    assert part.steps.value.tolist() == [3.0]
    with pytest.raises(ValueError, match="steps of 2 demands, not of 1"):
        replace(part, steps=STEPS)


def test_unserved_demand_costs_what_the_workload_says(make_instance):
    """Tests that a given penalty is taken, and an absent one is a multiple of the dearest way to serve anything."""
    workloads = [POWERED | {"gb_per_mtok": 2.0, "unserved_usd_per_mtok": None}, POWERED | {"workload": "v"}]
    instance = make_instance(
        workloads=workloads,
        data_centres=[{"data_centre": "X", "pue": 1.5, "accelerator_usd_per_hour": 4.0}, {"data_centre": "Y"}],
        links=[
            {"from": "A", "to": "X", "rtt_ms": 10.0, "usd_per_gb": 0.25},
            {"from": "B", "to": "Y", "rtt_ms": 10.0},
            {"from": "X", "to": "Y", "rtt_ms": 30.0, "usd_per_gb": 0.5},
        ],
    )
    dearest = 2 * 4 + 0.5 * 1.5 * 50 + 2 * 0.75
    np.testing.assert_allclose(formulate(instance).structure.unserved_cost, [UNSERVED_FACTOR * dearest, 1000])


def test_penalty_is_the_value_where_that_is_given(make_instance):
    """Tests that a value of 3 is the penalty, that a penalty that is given goes before it, and a value of 0 is none."""
    workloads = [
        POWERED | {"workload": name, "value_usd_per_mtok": value, "unserved_usd_per_mtok": penalty}
        for name, value, penalty in (("w", 3.0, None), ("v", 3.0, 7.0), ("u", 0.0, None))
    ]
    cost = formulate(make_instance(workloads=workloads)).structure.unserved_cost
    assert cost[:2].tolist() == [3, 7]
    assert cost[2] > UNSERVED_FACTOR


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_penalty_does_not_depend_on_what_is_charged(make_instance, value):
    """Tests that accelerators that are sunk leave the default penalty as it is: their full price counts in it."""
    workload = POWERED | {"unserved_usd_per_mtok": None, "value_usd_per_mtok": value}
    centres = [{"data_centre": name, "accelerator_usd_per_hour": 4.0} for name in "XY"]
    charged, sunk = (
        formulate(make_instance(workloads=[workload], data_centres=centres, accelerators=regime)).structure
        for regime in ("by_use", "sunk")
    )
    assert charged.unserved_cost.tolist() == sunk.unserved_cost.tolist()
    assert charged.work_cost.max() > sunk.work_cost.max() == 0


def test_unserved_demand_costs_something_where_serving_is_free(make_instance):
    """Tests that demand is worth serving even where nothing costs anything."""
    free = formulate(make_instance(workloads=[WORK | {"unserved_usd_per_mtok": None}], supplies=[]))
    assert free.structure.unserved_cost.tolist() == [1]
