"""The part of one class: its gradient, and the precision of its softmax."""

from __future__ import annotations

import numpy as np
import pytest

from placer.column_generation.dual.class_dual import ClassDual, Shares
from placer.column_generation.dual.parameters import SmoothedDualParameters
from placer.column_generation.dual.softmax import Softmax
from placer.column_generation.market.definition import market

NO_SITES = np.zeros(0, int)
#: The first origin's route to the first site passes a link that counts each unit as 4.
RICH = {
    "use": [[1.0, 2.0]],
    "draw": [[0.5, 3.0]],
    "link_use": [4.0],
    "capacity": np.ones((2, 2)),
    "tier_limit": np.ones((2, 2)),
    "link_capacity": [5.0],
    "route_links": [[1.0], [0.0], [0.0], [0.0]],
}


@pytest.fixture
def make_class(make_structure):
    """Return a function that gives the only class of the small structure with some arrays replaced."""

    def make(parameters=None, **changes):
        whole = market(make_structure(**changes))
        return ClassDual(whole, whole.groups[0], parameters or SmoothedDualParameters())

    return make


def test_gradient_is_use_by_hand(make_class):
    """Tests 10 and 6 units that arrive: capacity 10 and 12, supply 5 and 18, the link 4 x 2.5."""
    of_class, gradient = make_class(**RICH), np.zeros((2, 5))
    arriving, link_flow = np.array([[10.0, 6.0], [0.0, 0.0]]), np.array([[2.5], [0.0]])
    of_class.add_gradient(Shares(Softmax(0.0, arriving, link_flow, np.empty((2, 0, 0))), None, 1.0), gradient)
    assert gradient.tolist() == [[10.0, 12.0, 5.0, 18.0, 10.0], [0.0] * 5]


def test_gradient_of_work_that_waits(make_class):
    """Tests that a quarter that waits a period uses capacity and supply then, and the link on arrival."""
    of_class, gradient = make_class(**RICH, window=[1], cyclic=True), np.zeros((2, 5))
    softmax = Softmax(0.0, np.array([[8.0, 0.0], [0.0, 0.0]]), np.array([[2.5], [0.0]]), np.empty((2, 0, 0)))
    delay_share = np.stack([np.full((2, 2), 0.75), np.full((2, 2), 0.25)])
    of_class.add_gradient(Shares(softmax, delay_share, 1.0), gradient)
    assert gradient.tolist() == [[6.0, 0.0, 3.0, 0.0, 10.0], [2.0, 0.0, 1.0, 0.0, 0.0]]


def test_delay_shares_are_a_softmax_of_service_costs(make_class):
    """Tests service at 50 now and 48 later at the first site: at width 2 / ln 3 three quarters wait."""
    tiers = {"tier_cost": [[50.0, 48.0], [20.0, 20.0]]}
    of_class = make_class(window=[1], **tiers)
    width = 2 / np.log(3) / of_class.group.weight
    shares = of_class.shares(np.zeros(of_class.market.price_shape), width, NO_SITES)
    assert shares.mu == pytest.approx(2 / np.log(3))
    assert shares.delay_share[:, 0, 0] == pytest.approx([0.25, 0.75])
    assert shares.delay_share[:, 1].tolist() == [[1.0, 1.0], [0.0, 0.0]]


def _calls(monkeypatch, name):
    """Count the calls of a function of the module."""
    module = f"placer.column_generation.dual.class_dual.{name}"
    calls, function = [], pytest.importorskip("placer.column_generation.dual.class_dual").__dict__[name]

    def counted(*arguments):
        calls.append(arguments)
        return function(*arguments)

    monkeypatch.setattr(module, counted)
    return calls


def test_precision_follows_the_width(make_class, monkeypatch):
    """Tests single precision at first, and double once the width is below a part of the prices' range."""
    over_all = _calls(monkeypatch, "softmax_over_all")
    of_class = make_class(SmoothedDualParameters(single_precision_part=0.5))
    prices = np.zeros(of_class.market.price_shape)
    for width in (1.0, 0.1):
        of_class.choose_precision(width)
        of_class.shares(prices, width, NO_SITES)
    assert [arguments[0].precision for arguments in over_all] == [np.float32, np.float64]
