"""What an audit says: its tables, texts and figures."""

from __future__ import annotations

import pytest

import placer


@pytest.fixture(scope="module")
def audit():
    """Return the audit of the tiny dataset."""
    return placer.audit(placer.solve(placer.load("tiny")), placer.Security())


def test_text(audit):
    """Tests the headline figures as text and as HTML."""
    assert repr(audit).splitlines() == [
        "Audit           not passed: 0 of 3 lose no work",
        "Contingencies   3 of data centres, each lost alone",
        "Recourse        displaced: only work served at what is lost moves",
        "Worst           Metro: 60 Mtok strand, 75.00% of the displaced work",
    ]
    assert "Plateau" in audit._repr_html_()


def test_text_of_one_that_passes(a1):
    """Tests the text where nothing strands, and of a table of contingencies."""
    security = placer.Security([{"contingency": "A", "data_centre": "A"}], recourse="all")
    lines = repr(placer.audit(placer.solve(a1), security)).splitlines()
    assert lines == [
        "Audit           passed: 1 of 1 lose no work",
        "Contingencies   1, each lost alone",
        "Recourse        all: everything may be placed anew",
    ]


def test_summary(audit):
    """Tests the headline figures as plain values."""
    assert audit.summary() == {
        "recourse": "displaced",
        "contingencies": 3,
        "passed": False,
        "stranding": 3,
        "worst": "Metro",
        "stranded_mtok": pytest.approx(60.0),
        "stranded_share": pytest.approx(0.75),
        "proven": True,
    }


def test_workloads(audit):
    """Tests that work that waits is not protected, so it is displaced nowhere, and strands nowhere."""
    table = audit.workloads
    assert set(table.index.get_level_values("workload")) == {"voice", "chat"}
    assert table.loc[("Plateau", "voice"), "stranded_share"] == pytest.approx(1.0)
    assert table.loc[("Plateau", "chat"), "moved_mtok"] == pytest.approx(70.0)


def test_binding(audit):
    """Tests that the limits that bind in a contingency are named, with their hours, and never what is lost."""
    binding = audit.binding["hours"].to_dict()
    assert binding[("Plateau", "accelerators", "Metro")] == 2.0
    assert not any(contingency == name for contingency, _, name in binding)
    assert audit.contingencies.loc["Plateau", "binding_sites"] == "Metro"


def test_nothing_stranded_is_no_worst(a1):
    """Tests that an audit that passes has no worst contingency, and tables without rows of stranded work."""
    audit = placer.audit(placer.solve(a1), placer.Security([{"contingency": "A", "data_centre": "A"}]))
    assert (audit.worst, audit.stranded_mtok, audit.passed) == ("", 0.0, True)
    assert audit.workloads.empty
    assert audit.binding.empty
