"""Tests models as arrays, against the instance by hand."""

import numpy as np
import pytest

import placer
from placer.presence.question import ask, served_anywhere


def test_one_period_for_all_hours(by_hand):
    """Tests size, room, work of an accelerator-hour and cost of a replica that stays for both hours."""
    question = ask(by_hand(), by_hour=False)
    assert question.names.tolist() == ["large"]
    assert question.fitting[:, :, 0].tolist() == [[2.5, 1.5]]
    assert question.usd[0, :, 0].tolist() == [8.0, 16.0]
    assert question.hours.tolist() == [[0.8, 0.8]] * 2
    assert question.serving(np.array([[[2.0], [0.0]]])).tolist() == [[[6.4, 6.4], [0.0, 0.0]]]
    assert question.charge(np.array([[[2.0], [0.0]]])) == 16.0
    assert served_anywhere(question).tolist() == [[True, True]]


@pytest.mark.parametrize(("cyclic", "starts"), [(False, 0.0), (True, 1.0)])
def test_cold_starts_by_hour(by_hand, cyclic, starts):
    """Tests that the first hour follows the last where the day repeats itself, and begins with no start elsewhere."""
    question = ask(by_hand(cyclic=cyclic), by_hour=True)
    replicas = np.array([[[2.0, 1.0], [0.0, 0.0]]])
    assert question.starts(replicas)[0, 0].tolist() == [starts, 0.0]
    assert question.charge(replicas) == 12.0 + starts
    assert question.starts(replicas[:, :, ::-1])[0, 0].tolist() == [0.0, 1.0]


def test_weights_count_and_sunk_accelerators_do_not(by_hand):
    """Tests that an hour that counts three times costs three times, and that sunk accelerators cost nothing."""
    periods = [{"hour": 0, "weight": 3.0, "block": "a"}, {"hour": 1, "weight": 1.0, "block": "b"}]
    question = ask(by_hand().replace(periods=periods), by_hour=True)
    assert question.usd[0, 0].tolist() == [12.0, 4.0]
    assert question.start_usd[0, 0].tolist() == [3.0, 1.0]
    assert question.before.tolist() == [-1, -1]
    assert not ask(by_hand(accelerators="sunk"), by_hour=False).usd.any()


def test_the_hour_with_fewest_accelerators_counts(by_hand):
    """Tests that replicas that stay fit into a data centre in its smallest hour."""
    centres = by_hand().data_centres
    changed = by_hand().replace(data_centres=centres.assign(accelerators=[(10.0, 8.0), (6.0, 6.0)]))
    assert ask(changed, by_hour=False).accelerators.tolist() == [[8.0], [6.0]]
    assert ask(changed, by_hour=True).accelerators.tolist() == [[10.0, 8.0], [6.0, 6.0]]


def test_pools_are_refused(by_hand):
    """Tests that a data centre with several types of accelerators is refused by name."""
    site = by_hand().data_centres["data_centre"].iloc[0]
    centres = by_hand().data_centres.assign(accelerators=[np.inf, 6.0])
    pools = [{"data_centre": site, "accelerator_type": "H100", "accelerators": 10}]
    with pytest.raises(placer.InstanceError, match="place_models takes one type of accelerators"):
        ask(by_hand().replace(data_centres=centres, accelerator_pools=pools), by_hour=False)
