"""``placer compare``: placements side by side on the command line."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import placer


@pytest.mark.slow
def test_a_change_stands_beside_what_is_given(run):
    """Tests by hand: 16.475 and 3.295 USD of energy, 19.77 together, are a fifth more; nothing moves."""
    code, out, err = run("compare", "tiny", "--change", "power_zones.usd_per_mwh=*1.2")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert lines[0] == "tiny + power_zones.usd_per_mwh=*1.2"
    assert "figure as given changed" in lines
    assert "energy, USD 19.77 23.72 (+3.954, +20.0%)" in lines
    assert not any(line.startswith(("Data centres", "accelerators")) for line in lines)
    assert "as given: solving" in err


@pytest.mark.slow
def test_scenarios_and_changes_have_a_column_each(run):
    code, out, _ = run("compare", "tiny", "-s", "", "-s", "dispatch", "--without", "Port")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert code == 0
    assert "figure as given changed dispatch dispatch + changed" in lines
    assert "Port 20 - 20 -" in lines
    first = lines.index("figure as given changed dispatch dispatch + changed") + 1
    assert [line.split(" 3")[0].split(" 0.08654")[0] for line in lines[first : first + 3]] == [
        *("cost and penalty, USD", "cost and penalty of demand, USD/Mtok 1.378 1.43 (+0.05188, +3.8%)"),
        "unserved 0.00% 8.33% (+8.3 points) 0.00% 8.33% (+8.3 points)",
    ]
    assert run("compare", "tiny", "--without", "Port", "--require-served")[0] == 3


@pytest.mark.slow
def test_the_page_of_a_comparison(run, tmp_path):
    page = tmp_path / "x.html"
    assert run("compare", "tiny", "--without", "Port", "--report", page)[0] == 0
    assert "as given beside changed" in page.read_text(encoding="utf-8")
    code, out, err = run("compare", "tiny", "--without", "Port", "--report", tmp_path / "x.csv")
    assert (code, out) == (2, "")
    assert "solving" not in err


@pytest.mark.slow
def test_all_figures_as_json_and_in_files(run, tmp_path):
    code, out, _ = run("compare", "tiny", "-s", "dispatch", "-s", "", "--json", "--out", tmp_path / "x")
    found = json.loads(out)
    assert code == 0
    assert (found["scenarios"], found["cases"]) == (["dispatch", ""], ["dispatch", "as given"])
    rows = {row["figure"]: row for row in found["figures"]}
    assert rows["cost_usd"] == {
        "figure": "cost_usd",
        "dispatch": pytest.approx(20.77),
        "as given": pytest.approx(330.77),
    }
    written = pd.read_csv(tmp_path / "x" / "differences.csv", index_col="figure")
    assert written.loc["cost_usd", "as given"] == pytest.approx(310)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "nothing to compare; give --change, --add, --without, or --scenario more than once"),
        (("-s", "dispatch", "-s", "dispatch"), "nothing to compare"),
        (("--change", "links.rtt=2"), "links.rtt: no such column to change (allowed: perhaps rtt_ms)"),
    ],
)
def test_what_cannot_be_compared_is_told(run, arguments, expected):
    code, _, err = run("compare", "tiny", *arguments)
    assert code == 2
    assert expected in err


@pytest.mark.slow
def test_equal_placements_are_said_to_be_equal(run):
    assert "No figure differs." in run("compare", "tiny", "--change", "hubs.lat=5")[1]


@pytest.mark.slow
def test_figures_are_those_of_the_library(run):
    tiny = placer.load("tiny")
    both = placer.compare_placements({"a": placer.solve(tiny), "b": placer.solve(tiny.scaled_demand(0.5))})
    found = json.loads(run("compare", "tiny", "--change", "demand.mtok=*0.5", "--json")[1])
    assert {row["figure"]: row["changed"] for row in found["differences"]} == pytest.approx(
        both.changes["b"].to_dict(), nan_ok=True
    )
