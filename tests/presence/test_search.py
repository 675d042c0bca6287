"""Tests the search for replicas of models apart."""

import numpy as np
import pytest

from placer.errors import NoSolutionError
from placer.presence.question import ask
from placer.presence.search import find_replicas
from placer.running import running
from tests.presence.cases import instance_of, tables


@pytest.mark.slow
def test_replicas_fit_together(by_hand):
    """Tests that models take the accelerators that those before leave, in whole replicas and in fractions."""
    for seed in range(3):
        instance = instance_of(tables(seed, models=3))
        question = ask(instance, by_hour=False)
        found = find_replicas(instance, question, 0.01)
        for replicas in (found.replicas, found.fractions):
            taken = (replicas * question.size[:, None, None]).sum(axis=0)
            assert (taken <= question.accelerators + 1e-6).all()
        assert (found.replicas == np.round(found.replicas)).all()
        assert (found.bound >= found.proven).all()


def test_one_model_by_hand(by_hand):
    """Tests replicas and bounds of one model: two replicas at X, 16 USD; with fractions 12.5 USD."""
    instance = by_hand()
    found = find_replicas(instance, ask(instance, by_hour=False), 0.0)
    assert found.replicas[0, :, 0].tolist() == [2.0, 0.0]
    assert (found.proven.sum() - found.rents_usd) == pytest.approx(12.5)
    assert (found.bound.sum() - found.rents_usd) == pytest.approx(16.0)


def test_no_time_is_an_error(by_hand):
    """Tests that a search without time ends in an error."""
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError):
        find_replicas(by_hand(), ask(by_hand(), by_hour=False), 0.01)
