"""An answer with its accounts and rents: both are those of its flows and duals, and made once."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.placement.accounts import settle
from placer.placement.rents import read_rents
from placer.placement.settled import SettledAnswer


@pytest.fixture(scope="module")
def settled():
    """An answer without the tables of its placement."""
    placement = placer.solve(placer.load("tiny"))
    return SettledAnswer(placement.instance, placement.formulation, placement.answer, placement.certificate)


def test_accounts_and_rents_are_those_of_the_answer(settled):
    """Tests accounts and rents against those of the flows and the duals."""
    accounts = settle(settled.formulation, settled.answer.point)
    rents = read_rents(settled.formulation.structure, settled.answer.prices)
    np.testing.assert_array_equal(settled.accounts.sent, accounts.sent)
    np.testing.assert_array_equal(settled.rents.price, rents.price)


def test_each_is_made_once(settled):
    """Tests that asking twice gives the same object, which no table may write to."""
    assert settled.accounts is settled.accounts
    assert settled.rents is settled.rents


def test_a_backlog_is_not_asked_for(settled):
    """Tests that all demand is asked for but what waits when the horizon begins."""
    assert settled.asked_for.all()
    backlog = [{"workload": "batch", "data_centre": "Metro", "hours_left": 1, "mtok": 5}]
    late = placer.solve(settled.instance.with_backlog(backlog))
    amount = late.formulation.structure.demand_amount
    assert amount[~late.asked_for].sum() == 5.0
