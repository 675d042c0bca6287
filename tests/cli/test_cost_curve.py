"""The command ``placer cost-curve``."""

from __future__ import annotations

import json

import pytest

import placer


@pytest.mark.slow
def test_over_exports(run, tmp_path):
    """Tests that the curve is that of the function, and that its least is the cost of the placement."""
    code, out, _ = run("cost-curve", "tiny", "--tolerance", "1e-9", "--json", "--out", tmp_path / "a.xlsx")
    told, placement = json.loads(out), placer.solve(placer.load("tiny"))
    totals = [row["cost_plus_penalty_usd"] for row in told["curve"]]
    assert (code, told["by"], told["exact"]) == (0, "exports", True)
    assert totals == pytest.approx(list(placer.export_cost(placement, tolerance=1e-9).table["cost_plus_penalty_usd"]))
    assert min(totals) == pytest.approx(placement.cost_usd)
    assert (tmp_path / "a.xlsx").exists()


def test_over_latency(run):
    """Tests that the cost falls from a limit to a looser one, and what the step saves."""
    code, out, _ = run("cost-curve", "tiny", "--by", "rtt", "--at", "50", "--at", "27", "--json")
    rows = json.loads(out)["curve"]
    assert code == 0
    assert [row["rtt_limit_ms"] for row in rows] == [27.0, 50.0]
    assert rows[0]["saving_usd_per_mtok"] * 240 == pytest.approx(rows[0]["cost_usd"] - rows[1]["cost_usd"])


@pytest.mark.slow
def test_text(run):
    """Tests the line on the exact curve, and that a factor has no unit of time."""
    assert "345.52 USD at 0.00% exported" in run("cost-curve", "tiny", "--tolerance", "0.1")[1]
    out = run("cost-curve", "tiny", "--by", "slo", "--at", "1", "--at", "2")[1]
    assert "factor on all latency limits" in out
    assert "ms" not in out


def test_rounding_is_no_saving(run):
    """Tests that limits that allow the same placement save 0, and no power of ten."""
    assert "e-" not in run("cost-curve", "tiny", "--by", "rtt", "--at", "300", "--at", "400", "--at", "20")[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--at", "3"), "--at is a limit of --by rtt, slo or shorten"),
        (("--by", "rtt"), "--by rtt needs the limits"),
        (("--by", "rtt", "--at", "3", "--tolerance", "1"), "--tolerance is of the curve over exports"),
        (("--by", "slo", "--at", "-1"), "numbers >= 0"),
    ],
)
def test_options_that_do_not_go_together(run, options, said):
    """Tests that each is refused before the work, with what is meant."""
    code, _, err = run("cost-curve", "tiny", *options)
    assert code == 2
    assert said in err


@pytest.mark.slow
def test_plot(run, tmp_path):
    """Tests that the curve is drawn, and that a file that cannot be one is refused before the work."""
    assert run("cost-curve", "tiny", "--plot", tmp_path / "a.svg")[0] == 0
    assert "USD" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert run("cost-curve", "tiny", "--by", "rtt", "--at", "27", "--at", "50", "--plot", tmp_path / "b.png")[0] == 0
    assert run("cost-curve", "tiny", "--made-in", "west", "--plot", tmp_path / "c.svg")[0] == 0
    assert "premium, USD/Mtok" in (tmp_path / "c.svg").read_text(encoding="utf-8")
    code, out, err = run("cost-curve", "tiny", "--plot", tmp_path / "a.xyz")
    assert (code, out) == (2, "")
    assert "cannot be written" in err
