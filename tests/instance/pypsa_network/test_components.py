"""Components of a network as arrays, and what of them is refused or ignored."""

from __future__ import annotations

import numpy as np
import pytest

from placer.instance.pypsa_network.components import NO_LIMIT, Components, whole_problems


def problems(network):
    return {(each.table, each.row, each.column) for each in Components(network).refused()}


@pytest.mark.slow
def test_a_network_of_what_is_read(network):
    """Tests that a plain network is refused nothing, and that inactive components are left out, as PyPSA does."""
    network.add("Link", "off", bus0="Metro", bus1="Inland", p_nom=1.0, committable=True, active=False)
    assert problems(network) == set()
    assert "off" not in Components(network).links.index


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("generators", "grid", "p_min_pu", 0.2),
        ("generators", "grid", "marginal_cost_quadratic", 1.0),
        ("generators", "grid", "e_sum_max", 5.0),
        ("generators", "grid", "sign", -1.0),
        ("generators", "grid", "p_set", 1.0),
        ("links", "line", "p_min_pu", -1.0),
        ("links", "line", "delay", 1),
        ("links", "p-c", "delay2", 1),
        ("loads", "a", "sign", 1.0),
    ],
)
def test_an_attribute_with_an_effect(network, table, row, column, value):
    """Tests that an attribute that is not read must have its default."""
    getattr(network, table).loc[row, column] = value
    assert problems(network) == {(table, row, column)}


@pytest.mark.slow
def test_an_attribute_by_snapshot(network):
    """Tests that values by snapshot are seen as well."""
    network.generators_t.p_min_pu["grid"] = [0.0, 0.5]
    assert problems(network) == {("generators", "grid", "p_min_pu")}


@pytest.mark.slow
def test_missing_values(network):
    """Tests that a value that is missing is no default."""
    network.generators.loc["grid", "p_nom"] = np.nan
    network.loads_t.p_set["a"] = [1.0, np.nan]
    assert problems(network) == {("generators", "grid", "p_nom"), ("loads", "a", "p_set")}


@pytest.mark.slow
def test_limits(network):
    """Tests shares of p_nom, and a p_nom that stands for no limit until it is changed."""
    network.generators[NO_LIMIT] = [40.0 if name == "grid" else np.nan for name in network.generators.index]
    network.generators_t.p_max_pu["grid"] = [1.0, 0.0]
    names = network.generators.index[network.generators.index.isin(["grid", "gpus"])]
    assert dict(zip(names, Components(network).most("Generator", names).tolist(), strict=True)) == {
        "gpus": [12.0, 12.0],
        "grid": [np.inf, 0.0],
    }
    network.generators.loc["grid", "p_nom"] = 10.0
    assert Components(network).most("Generator", names[names == "grid"]).tolist() == [[10.0, 0.0]]


@pytest.mark.slow
def test_columns_of_ones_own(network):
    """Tests that a column that nobody reads is told."""
    network.generators["owner"] = "me"
    assert Components(network).notes() == ["column owner of generators is ignored"]


@pytest.mark.slow
def test_several_problems_in_one_network(network):
    """Tests that scenarios are refused with the way to take one of them."""
    network.set_scenarios({"low": 0.5, "high": 0.5})
    [found] = whole_problems(network)
    assert (found.column, found.allowed) == ("scenarios", "network.get_scenario(name), and placer.States of all")
