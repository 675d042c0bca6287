"""Proof of answers with work that waits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from placer.model.answer import Answer, Flows
from tests.proof.answers import (
    FIGURES,
    OPTIMAL,
    certify,
    duals_of,
    with_duals,
)


def _waiting(patient, flows, taken):
    """An answer with flows from hour 0 to 0, from 0 to 1 and from 1 to 1."""
    zeros = np.zeros(2, dtype=int)
    moved = Flows(np.arange(2), zeros, np.full(2, 10.0), np.zeros(2), np.array(flows), np.array([taken]))
    worth = np.full((1, 1, 2), 20.0)
    return Answer(OPTIMAL, moved, duals_of(patient, demand=worth[0, 0], queue=worth, balance=np.array([[50.0, 20.0]])))


def test_all_wait_for_the_cheap_hour(patient):
    """Tests the figures of an answer with a queue, worked out by hand: all 20 are served at 20."""
    certificate = certify(patient, _waiting(patient, [0.0, 10.0, 10.0], [0.0, 20.0]))
    assert certificate.objective == certificate.bound == 400
    assert not any(getattr(certificate, figure) for figure in FIGURES)


def test_service_in_the_dear_hour_is_measured(patient):
    """Tests that 4 served at 50 where serving is worth 20 are 120 over the cost of 520."""
    certificate = certify(patient, _waiting(patient, [4.0, 6.0, 10.0], [4.0, 16.0]))
    assert certificate.primal_infeasibility == certificate.dual_infeasibility == 0
    assert certificate.complementarity == 120 / 520


def test_work_that_is_forgotten_in_a_queue_is_found(patient):
    """Tests that 9 released of 10 that arrived, where 10 is typical of demand, is infeasible by 1 / 20."""
    certificate = certify(patient, _waiting(patient, [0.0, 9.0, 10.0], [0.0, 19.0]))
    assert certificate.primal_infeasibility == 1 / 20
    assert certificate.complementarity == 20 / 380


def test_service_of_less_than_nothing_is_found(patient):
    """Tests that 11 served at once and -1 later are 10 released, but infeasible by 1 of a typical 10."""
    certificate = certify(patient, _waiting(patient, [11.0, -1.0, 10.0], [11.0, 9.0]))
    assert certificate.primal_infeasibility == 1 / 10


def test_queue_priced_above_its_best_hour_is_measured(patient):
    """Tests that a queue priced 5 above its best hour, at 25, is infeasible by 5 over 25 and the typical 35."""
    answer = _waiting(patient, [0.0, 10.0, 10.0], [0.0, 20.0])
    certificate = certify(patient, with_duals(answer, queue=np.array([[[25.0, 20.0]]])))
    assert certificate.dual_infeasibility == 5 / 60


def test_queue_priced_below_0_is_measured_by_its_size(patient):
    """Tests that a queue priced 5 above its best hour, at -45, is 5 over 45 and the typical 35."""
    earning = replace(patient, tier_cost=-patient.tier_cost)
    answer = _waiting(earning, [10.0, 0.0, 10.0], [10.0, 10.0])
    duals = {"balance": np.array([[-50.0, -20.0]]), "demand": np.array([-50.0, -20.0])}
    right = with_duals(answer, queue=np.array([[[-50.0, -20.0]]]), **duals)
    assert certify(earning, right).proven
    wrong = with_duals(answer, queue=np.array([[[-45.0, -20.0]]]), **duals)
    assert certify(earning, wrong).dual_infeasibility == 5 / (35 + 45)
