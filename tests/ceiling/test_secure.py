"""The secure and the survivable export ceiling."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError, InstanceError, SolverError


def _a1():
    sites = {"A": ("north", 45.0, "a"), "B": ("south", 85.0, "b"), "W": ("west", 90.0, "w")}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "H", "region": "north"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": place}
                for name, (region, size, place) in sites.items()
            ],
            "links": [{"from": "H", "to": name, "rtt_ms": 1.0} for name in sites],
            "workloads": [
                {"workload": name, "jurisdictions": at, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0}
                for name, at in {"voice": ("a", "b"), "chat": ("b", "w")}.items()
            ],
            "demand": [{"workload": "voice", "hub": "H", "mtok": 40.0}, {"workload": "chat", "hub": "H", "mtok": 80.0}],
        }
    )


def test_a1_by_hand():
    """Tests A1: all of it can be exported, of which 85 of 120 survive the loss of any site; W binds."""
    ceiling = placer.export_ceiling(_a1(), exporting="north", security=placer.Security())
    assert ceiling.without.share == pytest.approx(1.0)
    assert ceiling.share == pytest.approx(85 / 120)
    assert ceiling.contingencies["binds"].to_dict() == {"A": False, "B": False, "W": True}
    assert ceiling.summary()["binding"] == ["W"]
    assert ceiling.summary()["proven"]
    assert repr(ceiling) == (
        f"Secure export ceiling: 70.83% of tokens, 100.00% without security, from {ceiling.without.cut}"
    )
    assert ">W<" in ceiling._repr_html_()


def test_a1_survivable():
    """Tests that without B no voice leaves, and that losing A takes nothing from the ceiling."""
    ceiling = placer.export_ceiling(_a1(), exporting="north", security=placer.Security(recourse="all"))
    table = ceiling.contingencies["share"].to_dict()
    # Without W, B takes 85 of chat and voice; A takes the other 35 of voice, so that 85 leave.
    assert table == pytest.approx({"A": 1.0, "B": 80 / 120, "W": 85 / 120})
    assert (ceiling.share, ceiling.worst) == (pytest.approx(80 / 120), "B")
    assert repr(ceiling).startswith("Survivable export ceiling: 66.67% of tokens, if B is lost, 100.00% without")


@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
@pytest.mark.parametrize("seed", range(3))
def test_any_instance(make_random_instance, seed, kind):
    """Tests that the secure ceiling is proven, no more than the ceiling, and that fewer contingencies leave more."""
    instance = make_random_instance(seed)
    ceiling = placer.export_ceiling(instance, exporting="e", security=placer.Security(kind))
    assert all(certificate.proven for certificate in ceiling.certificates)
    table = ceiling.contingencies
    if kind == "data_centres":
        names = list(table.index[:2])
        fewer = placer.Security([{"contingency": name, "data_centre": name} for name in names])
        other = placer.export_ceiling(instance, exporting="e", security=fewer)
        assert other.contingencies["stranded_mtok"].sum() <= table["stranded_mtok"].sum() + 1e-6
    if not table["stranded_mtok"].any():
        assert ceiling.share <= ceiling.without.share + 1e-9
    unserved = ceiling.without.extent.unserved_mtok
    assert ceiling.flows.unserved.sum() == pytest.approx(unserved, abs=1e-6 * ceiling.without.total)


def test_where_nothing_binds():
    """Tests that contingencies that strand nothing leave the ceiling as it is."""
    only_a = placer.Security([{"contingency": "A", "data_centre": "A"}])
    ceiling = placer.export_ceiling(_a1(), exporting="north", security=only_a)
    assert ceiling.share == ceiling.without.share
    assert not ceiling.contingencies["binds"].any()
    assert np.array_equal(ceiling.flows.amount, ceiling.without.extent.flows.amount)


def test_arguments():
    """Tests that a kind in place of a security, unknown names, and a solver of structures are refused."""
    with pytest.raises(ArgumentError, match="expected a security"):
        placer.export_ceiling(_a1(), security="links")
    with pytest.raises(InstanceError, match="'video' is unknown"):
        placer.export_ceiling(_a1(), exporting="north", security=placer.Security(protected={"video": 1.0}))
    with pytest.raises(SolverError, match="solved as a whole linear program"):
        placer.export_ceiling(_a1(), "tokens", placer.ColumnGeneration(), security=placer.Security())


def test_value_over_the_routes_that_are_left(make_instance, valued):
    """Tests survivable ceilings by value: without A - Y the way to Y is over X, 110 ms, and all 10 Mtok go to Z at 82.

    Without A - Z only the 4 of Y leave, at 92.
    """
    links = [*valued["links"], {"from": "X", "to": "Y", "rtt_ms": 100.0}]
    security = placer.Security("links", recourse="all")
    instance = make_instance(**valued | {"links": links})
    ceiling = placer.export_ceiling(instance, "value", exporting="east", security=security)
    assert sorted(ceiling.contingencies["share"]) == pytest.approx([0.368, 0.82, 0.86, 0.86])
    assert ceiling.share == pytest.approx(0.368)
    secure = placer.export_ceiling(instance, "value", exporting="east", security=placer.Security())
    with pytest.raises(InstanceError, match="latency_value"):
        _ = secure.shorten_curve
