"""Tests what contracts cover and buy."""

import numpy as np

from placer.instance.contracts import bought_mw, contract_zones, covered_supplies, supply_limit_mw
from tests.model.contracts_by_hand import contract, contracted, tables


def test_a_share_follows_the_output_of_the_farm():
    """Tests 30 % of 12 and 6 MW, and that a line passes what it can."""
    instance = contracted(contract(output_share=0.3))
    assert covered_supplies(instance).tolist() == contract_zones(instance).tolist() == [1]
    np.testing.assert_allclose(bought_mw(instance), [[3.6, 1.8]])
    np.testing.assert_allclose(supply_limit_mw(instance), [[np.inf, np.inf], [3.6, 1.8]])
    grid, wind = tables()["supplies"]
    narrow = contracted(contract(output_share=0.3), supplies=[grid, wind | {"limit_mw": 2.0}])
    np.testing.assert_allclose(bought_mw(narrow), [[3.6, 1.8]])
    np.testing.assert_allclose(supply_limit_mw(narrow)[1], [2.0, 1.8])


def test_the_first_of_several_supplies_is_covered():
    """Tests that the second is what can be bought beyond the contract."""
    grid, wind = tables()["supplies"]
    instance = contracted(contract(), supplies=[wind | {"limit_mw": 1.0}, grid, wind])
    assert covered_supplies(instance).tolist() == [0]
    np.testing.assert_allclose(bought_mw(instance), [[1.0, 1.0]])


def test_mwh_over_the_horizon_are_of_no_hour():
    instance = contracted(contract(take_or_pay_mwh=5.0))
    assert bought_mw(instance).tolist() == [[0.0, 0.0]]
    assert np.isinf(supply_limit_mw(instance)).all()


def test_without_contracts_nothing_is_covered():
    instance = contracted()
    assert covered_supplies(instance).size == bought_mw(instance).size == 0
