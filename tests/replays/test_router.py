"""Tests of routing within a substep, by hand: A holds 10 Mtok."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import placer
from placer.replays.router import Decision, Room, need_decision

NONE = np.zeros(2)
BOTH = np.array([0, 1])
ARRIVING = np.array([8.0, 6.0])


def make_decision(price, ceiling=(100.0, 100.0), split=None):
    """Return a decision without queues and without held room."""
    return Decision(
        price=np.array(price),
        ceiling=np.array(ceiling),
        wanted=np.zeros((2, 2)),
        held=NONE,
        captive=np.zeros(2, dtype=bool),
        split=None if split is None else np.array(split),
    )


GOOD = make_decision([[1.0, 3.0], [1.0, np.inf]], split=[[0.25, 0.5], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"price": [[1.0, 3.0], [1.0, 2.0]]}, "price is no numpy array: [[1.0, 3.0], [1.0, 2.0]]"),
        ({"price": np.ma.masked_all((2, 2))}, "price is no numpy array: "),
        ({"price": GOOD.price.astype(object)}, "price holds object, not real numbers"),
        ({"price": GOOD.price.astype(complex)}, "price holds complex128, not real numbers"),
        ({"price": GOOD.price.astype(str)}, "price holds <U32, not real numbers"),
        ({"ceiling": np.ones(3)}, "ceiling has shape (3,), not (2,)"),
        ({"ceiling": np.array([1.0, np.nan])}, "ceiling has NaN"),
        ({"captive": NONE}, "captive holds float64, not truth values"),
        ({"captive": None}, "captive is no numpy array: None"),
        ({"wanted": np.full((2, 2), -1.0)}, "wanted has -1, below 0"),
        ({"held": np.array([0.0, -2.0])}, "held has -2, below 0"),
        ({"held": np.array([0.0, np.inf])}, "held has inf, where capacity is finite"),
        ({"split": np.array([[1.5, -0.5], [1.0, 0.0]])}, "split has -0.5, below 0"),
        ({"split": np.ones((2, 2))}, "split sums to 2, above 1"),
        ({"held": NONE[:1], "split": np.ones((2, 2))}, "held has shape (1,), not (2,); split sums to 2, above 1"),
    ],
)
def test_arrays_of_a_decision_that_are_none(two_sites, make_day, changes, problem):
    """Tests one error with the rule and the substep, which lists every wrong array."""
    network, _, _ = make_day(two_sites)
    with pytest.raises(placer.ArgumentError) as caught:
        need_decision(replace(GOOD, **changes), network, 3, "mine")
    assert str(caught.value).startswith(f"rule mine, substep 3: {problem}")


def test_what_is_a_decision_and_what_is_none(two_sites, make_day):
    """Tests that whole numbers and no split are one, and that None, a dict and text are none."""
    network, _, _ = make_day(two_sites)
    for decision in (GOOD, replace(GOOD, split=None, ceiling=BOTH)):
        assert need_decision(decision, network, 0, "mine") is decision
    for none in (None, {}, "plan"):
        with pytest.raises(placer.ArgumentError, match=f"rule mine, substep 0: expected a .*Decision, not {none!r}"):
            need_decision(none, network, 0, "mine")


def test_what_arrives_together_shares_room(two_sites, make_day):
    """Tests 14 Mtok for 10: A is full after 10/14 of the substep, then the flexible go to B and the strict are left."""
    network, _, _ = make_day(two_sites)
    room = Room(network, 0)
    sent = room.route(network, BOTH, ARRIVING, make_decision([[1.0, 3.0], [1.0, np.inf]]), NONE)
    assert sent == pytest.approx(np.array([[8 * 10 / 14, 8 * 4 / 14], [6 * 10 / 14, 0.0]]))
    assert room.free[0] == pytest.approx(0.0, abs=1e-12)


def test_room_that_is_kept(two_sites, make_day):
    """Tests that 6 Mtok of A are kept from the flexible."""
    network, _, _ = make_day(two_sites)
    room, kept = Room(network, 0), np.array([6.0, 0.0])
    sent = room.route(network, np.array([0]), np.array([8.0]), make_decision([[1.0, 3.0], [1.0, np.inf]]), kept)
    assert sent == pytest.approx(np.array([[4.0, 4.0]]))
    assert room.free[0] == pytest.approx(6.0)


def test_a_ceiling_refuses_the_rest_of_a_split(two_sites, make_day):
    """Tests that a split is followed above the ceiling, and that the rest is refused there."""
    network, _, _ = make_day(two_sites)
    decision = make_decision([[1.0, 3.0], [1.0, np.inf]], (0.5, 0.5), [[0.25, 0.5], [0.5, 0.0]])
    sent = Room(network, 0).route(network, BOTH, ARRIVING, decision, NONE)
    assert sent == pytest.approx(np.array([[2.0, 4.0], [3.0, 0.0]]))


def test_queues_share_what_is_left(two_sites, make_day):
    """Tests 15 and 5 Mtok in queues at A: two thirds of the room and a third."""
    network, _, _ = make_day(two_sites)
    served = Room(network, 0).serve(np.array([[15.0, 1.0], [5.0, 0.0]]))
    assert served == pytest.approx(np.array([[7.5, 1.0], [2.5, 0.0]]))


def test_a_full_link_closes_its_routes(make_instance, make_day):
    """Tests that a link of 4 GB sends 4 Mtok of 10 on, and the rest elsewhere."""
    instance = make_instance(
        hubs=[{"hub": "H"}],
        links=[
            {"from": "H", "to": "X", "rtt_ms": 10.0, "capacity_gbps": 4 / 450 / 24},
            {"from": "H", "to": "Y", "rtt_ms": 10.0},
        ],
        workloads=[{"workload": "w", "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 1.0, "gb_per_mtok": 1.0}],
        demand=[{"workload": "w", "hub": "H", "mtok": 10.0}],
        hour_length=24.0,
    )
    network, _, _ = make_day(instance)
    decision = Decision(np.array([[1.0, 2.0]]), np.array([9.0]), np.zeros((1, 2)), NONE, np.zeros(1, dtype=bool))
    sent = Room(network, 0).route(network, np.array([0]), np.array([10.0]), decision, NONE)
    assert sent == pytest.approx(np.array([[4.0, 6.0]]))
