"""The content of a report on an audit, and on a secure ceiling."""

from __future__ import annotations

import pytest

import placer
from placer.errors import ArgumentError, InstanceError
from placer.report.content.lost import lost_content, secured_content


def test_content():
    """Tests that the contingency that strands most comes first, with its workloads that strand."""
    placement = placer.solve(placer.load("tiny"))
    found = lost_content(placer.audit(placement, placer.Security()), placement)
    assert list(found.contingencies.index) == ["Metro", "Plateau", "Port"]
    assert (found.worst, found.moves_all) == ("Metro", False)
    assert list(found.workloads.index) == ["voice"]
    assert found.sites["stranded_mtok"].to_dict() == pytest.approx({"Metro": 60.0, "Port": 10.0, "Plateau": 20.0})
    assert found.sites["contingency"].tolist() == ["Metro", "Port", "Plateau"]


def test_sites_of_several_contingencies():
    """Tests that a site shows the contingency in which most strands, and that one which none touches is left out."""
    placement = placer.solve(placer.load("tiny"))
    rows = [{"contingency": name, "data_centre": name} for name in ("Metro", "Port")]
    both = [{"contingency": "both", "data_centre": name} for name in ("Metro", "Port")]
    found = lost_content(placer.audit(placement, placer.Security([*rows, *both])), placement).sites
    assert found["contingency"].to_dict() == {"Metro": "both", "Port": "both"}


def test_without_an_audit_or_of_another_placement():
    """Tests that there is no content without an audit, and that one of another placement is refused."""
    tiny = placer.load("tiny")
    placement = placer.solve(tiny)
    assert lost_content(None, placement) is None
    with pytest.raises(InstanceError, match="it is of another placement"):
        lost_content(placer.audit(placer.solve(tiny), placer.Security()), placement)


def test_content_of_secured():
    """Tests the ceilings of tiny: 43.75 % without security; the losses that strand come first."""
    placement = placer.solve(placer.load("tiny"))
    ceiling = placer.export_ceiling(placement.instance, security=placer.Security())
    found = secured_content(ceiling, placement)
    assert (found.share_without, found.share) == (ceiling.without.share, ceiling.share)
    assert (found.survivable, found.worst, found.considered) == (False, "", 3)
    stranded = found.contingencies["stranded_mtok"]
    assert stranded.tolist() == sorted(stranded, reverse=True)
    assert (found.contingencies["binds"] | (stranded > 0)).all()


def test_survivable_ceilings():
    """Tests that every contingency has a row under the rule ``all``, with the least ceiling first."""
    placement = placer.solve(placer.load("tiny"))
    ceiling = placer.export_ceiling(placement.instance, security=placer.Security(recourse="all"))
    found = secured_content(ceiling, placement)
    assert found.survivable
    assert found.contingencies.index[0] == found.worst
    assert len(found.contingencies) == found.considered == 3
    assert found.contingencies["share"].iloc[0] == found.share


def test_without_a_ceiling_or_of_another_instance(make_instance):
    """Tests that there is no content without a ceiling, and that one of another instance is refused."""
    placement = placer.solve(make_instance())
    assert secured_content(None, placement) is None
    other = placer.export_ceiling(placer.load("tiny"), security=placer.Security())
    with pytest.raises(InstanceError, match="it is of another instance"):
        secured_content(other, placement)


def test_own_rows_are_unknown_to_it(tmp_path, make_instance):
    """Tests that the report of a model refuses it, since it knows no own rows."""
    placement = placer.Model(make_instance()).solve()
    with pytest.raises(ArgumentError, match="made without the model's own rows: secure_ceiling;"):
        placer.write_report(placement, tmp_path / "report.html", secure_ceiling=object())
