"""Tests the placement over given replicas, on the instance by hand."""

import numpy as np
import pytest

from placer.presence.placing import place_over, with_replicas
from placer.presence.question import ask


def test_work_stays_within_replicas(by_hand):
    """Tests that one replica at X and one at Y serve 3.2 Mtok each, and that the placement is certified."""
    placement = place_over(ask(by_hand(), by_hour=False), np.array([[[1.0], [1.0]]]))
    assert placement.certificate.proven
    assert placement.cost_usd == 0
    assert placement.unserved_mtok == pytest.approx(0.0)
    served = placement.flows["mtok"].groupby(["hour", "data_centre"]).sum()
    assert served[0].max() <= 3.2 + 1e-9


def test_a_model_serves_nowhere_else(by_hand):
    """Tests that arcs to a data centre without the model are closed, in the instance as well."""
    question = ask(by_hand(), by_hour=False)
    replicas = np.array([[[1.0], [0.0]]])
    placement = place_over(question, replicas)
    assert placement.unserved_mtok == pytest.approx(1.8)
    limits = with_replicas(question, replicas).limits
    assert limits["limit"].tolist() == ["large is not loaded", "replicas of large at X"]
    assert limits["amount"].tolist() == [0.0, 3.2]
    assert limits["data_centre"].tolist() == [("Y",), ("X",)]


def test_replicas_by_hour_are_limits_by_hour(by_hand):
    """Tests a limit for each hour where replicas change."""
    question = ask(by_hand(), by_hour=True)
    replicas = np.array([[[1.0, 0.0], [0.0, 0.0]]])
    limits = with_replicas(question, replicas).limits.set_index("limit")
    assert limits.loc["replicas of large at X [0]", ["amount", "hours"]].tolist() == [3.2, "0"]
    assert limits.loc["replicas of large at X [1]", ["amount", "hours"]].tolist() == [0.0, "1"]
    assert place_over(question, replicas).unserved_mtok == pytest.approx(1.8 + 1.0)
