"""Tests of ``placer profile``."""

from __future__ import annotations

import json

import pytest

TRACE = "when,in,out,app\n0,10,1,chat\n1,20,2,code\n3600,30,3,chat\n7200,40,4,chat\n"
COLUMNS = ("--column", "time=when", "--column", "input_tokens=in", "--column", "output_tokens=out")


def test_figures_by_workload(run, tmp_path):
    (tmp_path / "trace.csv").write_text(TRACE)
    code, out, _ = run("profile", tmp_path / "trace.csv", *COLUMNS, "--column", "workload=app")
    assert code == 0
    assert "4 requests over 2 h" in out
    assert [line.split()[0] for line in out.splitlines() if line.startswith(("chat", "code", "all"))][:3] == [
        "chat",
        "code",
        "all",
    ]


def test_json_has_every_figure(run, tmp_path):
    (tmp_path / "trace.csv").write_text(TRACE)
    code, out, _ = run("profile", tmp_path / "trace.csv", *COLUMNS, "--time-unit", "s", "--json")
    (row,) = json.loads(out)["workloads"]
    assert code == 0
    assert (row["workload"], row["requests"], row["span_hours"], row["input_mtok"]) == ("all", 4, 2, 100 / 1e6)
    assert row["dispersion_10min"] is not None


@pytest.mark.slow
def test_a_cache_without_limit_is_said_to_be_a_bound(run):
    _, out, _ = run("profile", "mooncake_conversation", "--cache-blocks", 1000)
    assert "at most" not in out
    _, out, _ = run("profile", "mooncake_conversation")
    assert "at most" in out


def test_notes_and_a_plot(run, tmp_path):
    """Tests that spans that are no requests are told, and that the rate is drawn."""
    spans = [{"startTimeUnixNano": second * 10**9, "attributes": {}} for second in range(3)]
    for each in spans[1:]:
        each["attributes"] = {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.output_tokens": 1}
    (tmp_path / "spans.jsonl").write_text("\n".join(map(json.dumps, spans)))
    code, _, err = run("profile", tmp_path / "spans.jsonl", "--plot", tmp_path / "rate.png")
    assert code == 0
    assert "note: 1 spans without input tokens are no requests" in err
    assert (tmp_path / "rate.png").stat().st_size > 1000


def test_bad_input_is_refused(run, tmp_path):
    (tmp_path / "trace.csv").write_text(TRACE)
    code, _, err = run("profile", tmp_path / "trace.csv", "--column", "time", "--column", "=x")
    assert code == 2
    assert "--column: not understood" in err
    assert "1 more like it" in err
    code, _, err = run("profile", tmp_path / "trace.csv")
    assert code == 2
    assert "input_tokens: column missing" in err
    code, _, err = run("profile", tmp_path / "trace.csv", "--plot", tmp_path / "rate.xyz")
    assert code == 2
