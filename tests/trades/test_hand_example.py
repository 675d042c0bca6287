"""The example by hand: users at home buy ``q = 120 - 20 p``, in steps of 0.05 Mtok, and every figure to 1e-3.

Home makes 40 Mtok at 3 USD, abroad 100 at 1 USD and 0.5 for transit. The surplus of buyers at a price p is
``10 (6 - p)^2``, and the loss is that of all parties together against free trade, whose welfare is 202.5 USD.
"""

from __future__ import annotations

import numpy as np
import pytest

import placer
from tests.home_and_abroad import home_and_abroad

#: Mtok of a step, and USD to which a figure is met.
STEP, TO = 0.05, 1e-3
TARIFF = {"kind": "tariff_usd_per_mtok", "amount": 1.4, "to_region": "home", "paid_to": "importer"}
QUOTA = {"kind": "quota_mtok", "amount": 30.0, "to_region": "home"}
PREMIUM = {"kind": "premium_usd_per_mtok", "amount": 0.75, "to_region": "home"}
SOLVERS = pytest.mark.parametrize("solver", [placer.HiGHS(), placer.ColumnGeneration()], ids=["highs", "columns"])


@pytest.fixture(scope="module")
def market():
    """Return the instance under free trade."""
    middles = np.arange(STEP / 2, 120, STEP)
    return home_and_abroad({"mtok": STEP, "value_usd_per_mtok": (120 - mtok) / 20} for mtok in middles)


def under(market, policy, solver=None):
    """Return the placement under a policy, or under none."""
    instance = market.replace(policies=[{"policy": "p"} | policy] if policy else [])
    return placer.solve(instance, solver) if solver else placer.solve(instance)


@SOLVERS
@pytest.mark.parametrize(
    ("policy", "figures"),
    [
        pytest.param({}, (1.5, 90, 90, 202.5, 0, 0, 0), id="free trade"),
        pytest.param(TARIFF, (2.9, 62, 62, 96.1, 86.8, 0, 19.6), id="tariff"),
        pytest.param(QUOTA, (3.0, 60, 30, 90, 0, 45, 67.5), id="quota"),
        pytest.param(PREMIUM | {"paid_to": "importer"}, (2.25, 75, 75, 140.625, 56.25, 0, 5.625), id="premium, paid"),
        pytest.param(PREMIUM, (2.25, 75, 75, 140.625, 0, 0, 61.875), id="premium, a cost"),
    ],
)
def test_price_amounts_surplus_revenue_rent_and_loss(market, solver, policy, figures):
    """Tests every figure of a policy, in the placement and in the tables of trade."""
    price, mtok, imports, surplus, revenue, rent, loss = figures
    placement = under(market, policy, solver)
    assert placement.certificate.proven
    assert placement.price_usd_per_mtok == pytest.approx(price, abs=TO)
    assert (placement.served_mtok, placement.exported_mtok) == pytest.approx((mtok, imports), abs=TO)
    assert placement.consumers_surplus_usd == pytest.approx(surplus, abs=TO)
    assert placement.transfers_usd == pytest.approx(revenue, abs=TO)
    assert placement.settlement["limits_rent"] == pytest.approx(rent, abs=TO)
    assert 202.5 - placement.welfare_usd == pytest.approx(loss, abs=TO)
    countries = placer.trade(placement).countries
    assert countries.loc["home", "consumers_surplus_usd"] == pytest.approx(surplus, abs=TO)
    assert countries.loc["home", "policy_revenue_usd"] == pytest.approx(revenue, abs=TO)
    assert countries.loc["authority", "other_rent_usd"] == pytest.approx(rent, abs=TO)
    assert countries["welfare_usd"].sum() == pytest.approx(202.5 - loss, abs=TO)


@SOLVERS
def test_a_ban_leaves_what_home_makes(market, solver):
    """Tests 40 Mtok at 4 USD, to half a step: 40 USD of surplus, 40 of rent at home, and a loss of 122.5."""
    placement = under(market, {"kind": "ban", "to_region": "home"}, solver)
    assert (placement.served_mtok, placement.exported_mtok) == pytest.approx((40, 0), abs=TO)
    assert placement.price_usd_per_mtok == pytest.approx(4.0, abs=STEP / 20)
    assert placement.welfare_usd == pytest.approx(80, abs=TO)
    countries = placer.trade(placement).countries
    assert countries.loc["home", "producers_rent_usd"] == pytest.approx(40, abs=40 * STEP / 20)


@pytest.mark.slow
def test_home_and_abroad_tie_at_a_tariff_of_one_and_a_half(market):
    """Tests a price of 3 USD at the tie, a welfare that no choice among ties changes, and 3.1 USD at a tariff of 1.6.

    At 3.1 USD 58 Mtok are bought, of which home makes 40 at 3 USD: 84.1 of surplus, 4 of rent and 28.8 of revenue.
    """
    tied = under(market, TARIFF | {"amount": 1.5})
    assert tied.price_usd_per_mtok == pytest.approx(3.0, abs=TO)
    assert tied.welfare_usd + 1.5 * (60 - tied.exported_mtok) == pytest.approx(90 + 1.5 * 60, abs=TO)
    dear = under(market, TARIFF | {"amount": 1.6})
    assert dear.price_usd_per_mtok == pytest.approx(3.1, abs=TO)
    assert (dear.served_mtok, dear.exported_mtok, dear.transfers_usd) == pytest.approx((58, 18, 28.8), abs=TO)
    assert dear.welfare_usd == pytest.approx(84.1 + 4 + 28.8, abs=TO)
