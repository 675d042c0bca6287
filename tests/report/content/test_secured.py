"""The content of a report on a secure ceiling."""

from __future__ import annotations

import pytest

import placer
from placer.errors import ArgumentError, InstanceError
from placer.report.content.secured import secured_content


def test_content():
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
