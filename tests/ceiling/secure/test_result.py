"""The secure and the survivable export ceiling."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError, SolverError
from tests.effort import tries


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


def test_a1_as_a_workbook(tmp_path):
    """Tests that the workbook has the headline figures, the binding contingencies as text, and the contingencies."""
    pytest.importorskip("openpyxl")
    ceiling = placer.export_ceiling(_a1(), exporting="north", security=placer.Security())
    sheets = pd.read_excel(ceiling.save_excel(tmp_path / "secure.xlsx"), sheet_name=None, index_col=0)
    assert list(sheets) == ["summary", "secure_contingencies"]
    assert sheets["summary"]["value"]["binding"] == "W"
    assert sheets["secure_contingencies"]["binds"].to_dict() == {"A": False, "B": False, "W": True}


def test_a1_survivable():
    """Tests that without B no voice leaves, and that losing A takes nothing from the ceiling."""
    ceiling = placer.export_ceiling(_a1(), exporting="north", security=placer.Security(recourse="all"))
    table = ceiling.contingencies["share"].to_dict()
    # Without W, B takes 85 of chat and voice; A takes the other 35 of voice, so that 85 leave.
    assert table == pytest.approx({"A": 1.0, "B": 80 / 120, "W": 85 / 120})
    assert (ceiling.share, ceiling.worst) == (pytest.approx(80 / 120), "B")
    assert repr(ceiling).startswith("Survivable export ceiling: 66.67% of tokens, if B is lost, 100.00% without")


def test_survivable_is_not_above_the_ceiling():
    """Tests A1 of which 30 of 120 Mtok may be served at all: contingencies leave more, without limits of one's own."""
    limited = _a1().replace(limits=[{"limit": "few", "kind": "tokens", "sense": "<=", "amount": 30.0}])
    ceiling = placer.export_ceiling(limited, exporting="north", security=placer.Security(recourse="all"))
    assert ceiling.contingencies["share"].to_dict() == pytest.approx({"A": 1.0, "B": 80 / 120, "W": 85 / 120})
    assert ceiling.share == ceiling.without.share == pytest.approx(0.25)
    assert ceiling.worst == "B"
    assert repr(ceiling).startswith("Survivable export ceiling: 25.00% of tokens, 25.00% without security")


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
    """Tests that a number in place of a security, unknown names, and a solver of structures are refused."""
    with pytest.raises(ArgumentError, match="expected a security"):
        placer.export_ceiling(_a1(), security=7)
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


def _three_works(allowed, hubs, sizes):
    """Return demand of 10 of each of some workloads, and sites r1 in r, s1 and s2 in s, of some sizes.

    Parameters
    ----------
    allowed, hubs : mappings
        From workloads to sites that may serve them, and to their hubs: ``hr`` in r or ``hs`` in s.
    sizes : (3,) sequence of float
    """
    regions = {"r1": "r", "s1": "s", "s2": "s"}
    return placer.Instance.from_tables(
        {
            "hubs": [{"hub": "hr", "region": "r"}, {"hub": "hs", "region": "s"}],
            "data_centres": [
                {"data_centre": name, "region": region, "accelerators": size, "jurisdiction": name}
                for (name, region), size in zip(regions.items(), sizes, strict=True)
            ],
            "links": [{"from": hub, "to": site, "rtt_ms": 1.0} for hub in ("hr", "hs") for site in regions],
            "workloads": [
                {"workload": name, "accelerator_hours_per_mtok": 1.0, "kwh_per_mtok": 0.0, "jurisdictions": at}
                for name, at in allowed.items()
            ],
            "demand": [{"workload": name, "hub": hub, "mtok": 10.0} for name, hub in hubs.items()],
        }
    )


def test_a_swap_that_survives_is_no_export():
    """Tests that a of r stays at r1 though it strands without it: if a went to s1, b of s could take its place.

    The loss of r1 drops c, which is not protected, so that s2 is free: at s1 a would survive, and b too.
    """
    allowed = {"a": ("r1", "s1"), "b": ("r1", "s1", "s2"), "c": ("s2",)}
    instance = _three_works(allowed, {"a": "hr", "b": "hs", "c": "hs"}, (10.0, 10.0, 10.0))
    security = placer.Security([{"contingency": "r1", "data_centre": "r1"}], protected={"c": 0.0})
    ceiling = placer.export_ceiling(instance, exporting="s", security=security)
    assert ceiling.without.gross_share == pytest.approx(1 / 3)
    assert (ceiling.without.share, ceiling.share) == pytest.approx((0.0, 0.0), abs=1e-9)
    assert ceiling.contingencies["stranded_mtok"].to_dict() == pytest.approx({"r1": 10.0})


@pytest.mark.slow
def test_never_above_the_ceiling():
    """Tests that security adds nothing to the export, nor to unserved or displaced demand, also where work strands."""
    for seed in range(12, tries(16, 160)):
        random = np.random.default_rng(seed)
        names, sites = "abcd", ("r1", "s1", "s2")
        reach = {name: tuple(random.choice(sites, int(random.integers(1, 4)), replace=False)) for name in names}
        hubs = {name: str(random.choice(["hr", "hs"])) for name in names}
        instance = _three_works(reach, hubs, random.choice([5.0, 10.0, 20.0], 3))
        protected = dict(zip(names, random.choice([0.0, 0.5, 1.0], 4).tolist(), strict=True))
        ceiling = placer.export_ceiling(instance, exporting="s", security=placer.Security(protected=protected))
        without, flows = ceiling.without, ceiling.flows
        structure = without.formulation.structure
        arcs = (part[flows.arc] for part in (structure.arc_class, structure.arc_origin, structure.arc_site))
        displaced = float(without.count.displaced[tuple(arcs)] @ flows.amount)
        assert ceiling.share <= without.share + 1e-7, seed
        assert flows.unserved.sum() <= without.extent.unserved_mtok + 1e-6, seed
        assert displaced <= without.extent.displaced_hours + 1e-6, seed
