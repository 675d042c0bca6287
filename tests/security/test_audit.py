"""Audits: A1 by hand, and what holds on any instance."""

from __future__ import annotations

import numpy as np
import pytest

import placer
from placer.errors import ArgumentError, InstanceError


def test_a1_by_hand(a1):
    """Tests that the cheapest placement of A1 fails only where W is lost: of its 80 chat 35 find no place at B."""
    audit = placer.audit(placer.solve(a1), placer.Security("data_centres"))
    table = audit.contingencies
    assert table["displaced_mtok"].to_dict() == pytest.approx({"A": 0.0, "B": 40.0, "W": 80.0})
    assert table["stranded_mtok"].to_dict() == pytest.approx({"A": 0.0, "B": 0.0, "W": 35.0})
    assert table["extra_usd"].to_dict() == pytest.approx({"A": 0.0, "B": 40.0, "W": 45.0})  # a USD more for each
    assert (audit.worst, audit.passed) == ("W", False)


def test_a1_with_everything_anew(a1):
    """Tests that A1 survives the loss of any site if all work may move: voice then leaves B for A."""
    audit = placer.audit(placer.solve(a1), placer.Security("data_centres", recourse="all"))
    assert audit.passed
    assert audit.contingencies.loc["W", "moved_mtok"] == pytest.approx(80 + 35)
    assert audit.contingencies.loc["W", "extra_usd"] == pytest.approx(80 + 35)


def test_protected_shares(a1):
    """Tests that half of chat fits, and that work which is not protected frees its accelerators."""
    placement = placer.solve(a1)
    half = placer.audit(placement, placer.Security(protected={"chat": 0.5}))
    assert half.passed
    assert half.contingencies.loc["W", "displaced_mtok"] == pytest.approx(40)
    no_voice = placer.audit(placement, placer.Security(protected={"voice": 0.0}))
    assert no_voice.passed
    assert no_voice.contingencies.loc["B", "displaced_mtok"] == 0


def test_a_share_that_may_strand(a1):
    """Tests that 35 of the 120 Mtok of A1 may strand, where that is allowed, and are reported all the same."""
    placement = placer.solve(a1)
    assert not placer.audit(placement, placer.Security(most_stranded=0.29)).passed
    allowed = placer.audit(placement, placer.Security(most_stranded=0.3))
    assert (allowed.passed, allowed.worst, allowed.stranded_mtok) == (True, "W", pytest.approx(35.0))
    assert "Worst           W: 35 Mtok" in repr(allowed)
    assert placer.audit(placement, "data_centres").security.recourse == "displaced"


def test_a_zone_that_leaves_some_power(make_instance):
    """Tests that work stays at its data centre on what power is left there, at the cost of that power."""
    supplies = [
        {"power_zone": "zy", "data_centre": "Y"},
        {"power_zone": "zx", "data_centre": "Y", "limit_mw": 10.0},
    ]
    links = [{"from": hub, "to": site, "rtt_ms": 5.0} for hub in "AB" for site in "XY"]
    instance = make_instance(supplies=supplies, links=links)
    audit = placer.audit(placer.solve(instance), placer.Security("power_zones"))
    row = audit.contingencies.loc["zy"]
    assert (row["displaced_mtok"], row["moved_mtok"], row["stranded_mtok"]) == pytest.approx((16.0, 0.0, 6.0))
    assert row["extra_usd"] == pytest.approx(10 * (50 - 20))
    assert audit.contingencies.loc["zx", "stranded_mtok"] == 0


def test_a_zone_with_a_limit(make_instance):
    """Tests that the power of a zone is limited in a contingency: of 16 from Y, X takes the 4 MWh that zx has."""
    zones = [{"power_zone": "zx", "usd_per_mwh": 50.0, "limit_mw": 4.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}]
    links = [{"from": hub, "to": site, "rtt_ms": 5.0} for hub in "AB" for site in "XY"]
    placement = placer.solve(make_instance(power_zones=zones, links=links))
    for recourse in ("displaced", "all"):
        table = placer.audit(placement, placer.Security(recourse=recourse)).contingencies
        assert table.loc["Y", ["displaced_mtok", "stranded_mtok"]].tolist() == pytest.approx([16.0, 12.0])
        assert table.loc["Y", "extra_usd"] == pytest.approx(4 * (50 - 20))
    secure = placer.solve(placement.instance, security=placer.Security())
    assert secure.stranded_mtok == pytest.approx({"X": 0.0, "Y": 12.0})
    rents = secure.security_rents["rent_usd_per_unit"].to_dict()
    assert ("Y", "power zone", "zx", 0) in rents


def test_a_link(make_instance):
    """Tests that work whose link is lost goes on over a longer route, or strands where there is none."""
    audit = placer.audit(placer.solve(make_instance()), placer.Security("links"))
    stranded = audit.contingencies["stranded_mtok"].to_dict()
    assert stranded == pytest.approx({"A - X": 10.0, "B - Y": 6.0, "X - Y": 0.0})
    assert audit.contingencies.loc["X - Y", "moved_mtok"] == pytest.approx(10.0)  # from Y, which was cheap, to X


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_any_instance(make_random_instance, seed):
    """Tests that sums add up, all is proven, and everything placed anew strands no more than displaced work alone."""
    placement = placer.solve(make_random_instance(seed))
    for kind in ("data_centres", "power_zones", "links"):
        audit, scan = (placer.audit(placement, placer.Security(kind, rule)) for rule in ("displaced", "all"))
        table, other = audit.contingencies, scan.contingencies
        assert table["proven"].all()
        assert other["proven"].all()
        assert (table["stranded_mtok"] <= table["displaced_mtok"] + 1e-6).all()
        assert (other["stranded_mtok"] <= table["stranded_mtok"] + 1e-6).all()
        for column in ("displaced_mtok", "stranded_mtok", "moved_mtok"):
            whole = audit.workloads[column].groupby("contingency").sum().reindex(table.index, fill_value=0.0)
            assert np.allclose(whole, table[column], atol=1e-9)


def test_a_scan_strands_what_an_instance_without_the_site_leaves(make_instance):
    """Tests the rule all against the instance in which the data centre has no accelerators."""
    sites = [{"data_centre": "X", "accelerators": 8.0}, {"data_centre": "Y", "accelerators": 12.0}]
    audit = placer.audit(placer.solve(make_instance(data_centres=sites)), placer.Security(recourse="all"))
    for place, stranded in enumerate((4.0, 8.0)):
        without = [site | ({"accelerators": 0.0} if place == lost else {}) for lost, site in enumerate(sites)]
        assert placer.solve(make_instance(data_centres=without)).unserved_mtok == pytest.approx(stranded)
        assert audit.contingencies["stranded_mtok"].iloc[place] == pytest.approx(stranded)


def test_arguments(a1):
    """Tests that an instance for a placement, and a number for a security, are refused in a sentence."""
    with pytest.raises(ArgumentError, match="expected a placement, not an instance"):
        placer.audit(a1, placer.Security())
    placement = placer.solve(a1)
    with pytest.raises(ArgumentError, match="expected a security"):
        placer.audit(placement, 7)
    with pytest.raises(InstanceError, match="'video' is unknown"):
        placer.audit(placement, placer.Security(protected={"video": 1.0}))


def test_progress_and_time(a1):
    """Tests that each contingency is told, and that a time that is over ends the audit."""
    lines: list[str] = []
    placement = placer.solve(a1)
    placer.audit(placement, placer.Security(), progress=lines.append)
    assert "contingency 3 of 3: W" in lines
    with pytest.raises(placer.NoSolutionError, match="time limit"):
        placer.audit(placement, placer.Security(), time_limit_seconds=1e-9)
