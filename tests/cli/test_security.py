"""The security that options ask for, and text and JSON of secure placements on the command line."""

from __future__ import annotations

import json

import pytest

import placer
from placer.cli.run import Run
from placer.cli.security import asked_security, security_against


def test_solve_secure(run):
    """Tests that --secure prints the price of security, the contingencies that bind, and data centres."""
    code, out, _ = run("solve", "tiny", "--secure", "data_centres")
    assert code == 0
    assert "Security        0.00 USD more than without" in out
    assert "Binding contingencies" in out
    assert "Plateau" in out[out.index("Data centres") :]


@pytest.mark.slow
def test_a_secure_year(run, tmp_path):
    """Tests a dataset with a block for each hour: the tables of the whole, and the report with its audit."""
    tiny = placer.load("tiny")
    periods = [{"hour": 0, "weight": 2, "block": "night"}, {"hour": 1, "weight": 3, "block": "day"}]
    workloads = tiny.workloads.assign(deadline_hours=0.0)
    folder = placer.save(tiny.replace(periods=periods, workloads=workloads), tmp_path / "year")
    code, out, _ = run("solve", str(folder), "--secure", "data_centres", "--json", "--out", str(tmp_path / "out"))
    found = placer.solve(placer.load(folder), security="data_centres")
    assert code == 0
    assert json.loads(out)["cost_usd"] == pytest.approx(found.cost_usd)
    assert {"security_rents.csv", "prices.csv"} <= {file.name for file in (tmp_path / "out").iterdir()}
    page = tmp_path / "page.html"
    placer.write_report(found, page)
    assert "If one is lost" in page.read_text(encoding="utf-8")


@pytest.mark.slow
def test_json_and_files(run, tmp_path):
    """Tests that JSON and --out have the figures of security."""
    code, out, _ = run("solve", "tiny", "--secure", "power_zones", "--json", "--out", str(tmp_path / "out"))
    told = json.loads(out)
    assert code == 0
    assert (told["secure"], told["contingencies"]) == ("power_zones", 2)
    assert {row["contingency"] for row in told["binding"]} == {"Coast grid", "Plateau wind"}
    assert {"security_rents.csv", "prices.csv", "summary.json"} <= {file.name for file in (tmp_path / "out").iterdir()}
    assert "security_usd_per_mtok" in (tmp_path / "out" / "prices.csv").read_text(encoding="utf-8")


def test_ranges_are_refused(run):
    """Tests that ranges and figures by period, which know no contingencies, are refused beside --secure."""
    code, _, err = run("solve", "tiny", "--secure", "links", "--by", "block")
    assert code == 2
    assert "leave out one of --by and --secure" in err
    code, _, err = run("solve", "tiny", "--secure", "links", "--ranges")
    assert code == 2
    assert "leave out one of" in err


def test_an_audit_that_passes(run, make_instance, tmp_path):
    """Tests the text where nothing strands: no table of the worst contingency."""
    instance = make_instance(links=[{"from": hub, "to": site, "rtt_ms": 1.0} for hub in "AB" for site in "XY"])
    code, out, _ = run("audit", str(placer.save(instance, tmp_path / "safe")))
    assert code == 0
    assert "passed: 2 of 2 lose no work" in out
    assert out.count("If ") == 1


def test_the_security_that_options_ask_for():
    """Tests each option, and that all are named that need --secure or are not understood."""
    options = {"protected": ["chat=0.5"], "most_stranded": 0.0, "outage_hours": 20.0}
    asked = asked_security(Run("tiny", secure="links", recourse="all", **options))
    assert asked == placer.Security("links", "all", {"chat": 0.5}, most_stranded=0.0, hours_a_year=20.0)
    assert asked_security(Run("tiny")) is None
    assert security_against("regions", Run("tiny")) == placer.Security("regions")
    with pytest.raises(placer.InstanceError) as alone:
        asked_security(Run("tiny", **options))
    assert [each.column for each in alone.value.violations] == ["--protected", "--most-stranded", "--outage-hours"]
    with pytest.raises(placer.InstanceError) as wrong:
        asked_security(Run("tiny", secure="links", protected=["chat", "voice=all"], most_stranded=2.0))
    assert [each.row or each.column for each in wrong.value.violations] == ["chat", "voice=all", "most_stranded"]
