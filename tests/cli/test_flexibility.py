"""The command ``placer flexibility``."""

from __future__ import annotations

import json

import pytest

import placer

#: The whole power of the wind park in hour 0 is what it can draw less.
ASKED = ("flexibility", "tiny", "--zone", "Plateau wind", "--hours", "0")


@pytest.mark.slow
def test_the_curve_is_that_of_python(run):
    """Tests that JSON holds the curve, the firm reduction and the work that gives way."""
    code, out, _ = run(*ASKED, "--json")
    told, found = json.loads(out), placer.flexibility(placer.solve(placer.load("tiny")), "Plateau wind", 0)
    assert (code, told["zones"], told["hours"], told["exact"]) == (0, ["Plateau wind"], "0", True)
    assert told["firm_mw"] == pytest.approx(found.firm_mw)
    assert [row["usd"] for row in told["curve"]] == pytest.approx(list(found.table["usd"]), abs=1e-6)
    assert {row["response"] for row in told["responses"]} == {"waited", "moved", "dropped"}


@pytest.mark.slow
def test_text(run):
    """Tests the ends of the curve and the work at the last one, the largest first."""
    code, out, _ = run(*ASKED)
    assert code == 0
    assert "up to 0.125 MW less for 17.61 USD" in out
    assert "0.1125 MW less are possible without more unserved demand" in out
    assert "voice dropped" in out


@pytest.mark.slow
def test_files(run, tmp_path):
    """Tests that every table is written, in a folder and in a workbook."""
    assert run(*ASKED, "--tolerance", "0.5", "--out", tmp_path / "a")[0] == 0
    assert {file.name for file in (tmp_path / "a").iterdir()} == {
        *("curve.csv", "responses.csv", "rebound.csv", "summary.json"),
    }
    assert run(*ASKED, "--out", tmp_path / "a.xlsx")[0] == 0


def test_unknown_zones_and_hours_are_listed(run):
    """Tests that both are named in one message."""
    code, _, err = run("flexibility", "tiny", "--zone", "moon", "--hours", "9")
    assert code == 2
    assert "'moon' is no power zone" in err
    assert "'9' is no hour" in err


@pytest.mark.slow
def test_plot(run, tmp_path):
    """Tests that the curve is drawn, and that a file that cannot be one is refused before the work."""
    assert run(*ASKED, "--plot", tmp_path / "a.svg")[0] == 0
    assert "USD" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    code, out, err = run(*ASKED, "--plot", tmp_path / "a.xyz")
    assert (code, out) == (2, "")
    assert "cannot be written" in err
