"""The command ``placer audit``."""

from __future__ import annotations

import json

import pytest


def test_text(run):
    """Tests the headline figures, the contingencies with the worst first, and its workloads."""
    code, out, _ = run("audit", "tiny")
    assert code == 0
    assert "not passed: 0 of 3 lose no work" in out
    lines = [line.split()[0] for line in out[out.index("If any one is lost") :].splitlines()[2:5]]
    assert lines == ["Metro", "Plateau", "Port"]
    assert "If Metro is lost" in out


@pytest.mark.slow
def test_json(run):
    """Tests that JSON holds the summary, each contingency and what strands by workload."""
    code, out, _ = run("audit", "tiny", "--secure", "links", "--recourse", "all", "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["secure"], told["recourse"], told["contingencies"], told["worst"]) == (
        *("links", "all"),
        8,
        "Coast - East exchange",
    )
    assert len(told["lost"]) == 8
    assert {"contingency", "workload", "stranded_mtok"} <= told["workloads"][0].keys()


def test_exit_status_and_files(run, tmp_path):
    """Tests that stranded work has a status of its own where it is asked for, and that --out writes every table."""
    code, _, _ = run("audit", "tiny", "--require-served", "--out", str(tmp_path / "audit"))
    assert code == 3
    names = {file.name for file in (tmp_path / "audit").iterdir()}
    assert names == {"contingencies.csv", "workloads.csv", "binding.csv", "summary.json"}


@pytest.mark.slow
def test_shares(run):
    """Tests that stranded work is done where --most-stranded allows it, and that nothing strands if none is protected.

    Of the 960 Mtok of protected work in tiny at most 60 strand.
    """
    code, out, _ = run("audit", "tiny", "--require-served", "--most-stranded", 0.5)
    assert code == 0
    assert "passed: 0 of 3 lose no work" in out
    shares = ("--protected", "chat=0", "--protected", "voice=0")
    code, out, _ = run("audit", "tiny", "--require-served", "--recourse", "displaced", *shares)
    assert (code, "passed: 3 of 3 lose no work" in out) == (0, True)


def test_unknown_kind(run):
    """Tests that an unknown kind of contingency is bad input."""
    code, _, err = run("audit", "tiny", "--secure", "suns")
    assert code == 2
    assert "data_centres" in err
