"""Traces in files of every format."""

from __future__ import annotations

import gzip
import json
import sys

import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError

CSV = "when,in,out,app\n0,10,1,chat\n250,20,2,code\n"
COLUMNS = {"time": "when", "input_tokens": "in", "output_tokens": "out", "workload": "app"}


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file and returns its path."""

    def written(text, name="trace.csv"):
        file = tmp_path / name
        file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return file

    return written


def test_named_columns(write):
    requests = placer.read_requests(write(CSV), columns=COLUMNS, time_unit="ms")
    assert requests.table["time"].tolist() == [0, 0.25]
    assert requests.table["workload"].tolist() == ["chat", "code"]


def test_chunks_are_joined(write, monkeypatch):
    """Tests that rows read in chunks, with names that come in later ones, are those read at once."""
    text = "time,input_tokens,output_tokens,hub\n" + "".join(f"{row},1,1,h{row // 3}\n" for row in range(10))
    at_once = placer.read_requests(write(text)).table
    monkeypatch.setattr("placer.histories.formats._CHUNK", 3)
    pd.testing.assert_frame_equal(placer.read_requests(write(text)).table, at_once)
    with pytest.raises(InstanceError, match=r"row 8..output_tokens: 'x' is not a number"):
        placer.read_requests(write(text.replace("7,1,1", "7,1,x")))


def test_parquet_needs_its_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    (tmp_path / "a.parquet").touch()
    with pytest.raises(placer.PlacerError, match=r"Parquet files need pyarrow: pip install 'token-placer\[parquet\]'"):
        placer.read_requests(tmp_path / "a.parquet")


def test_headers_may_have_line_ends(write):
    text = 'time,"input\ntokens",output_tokens\n1.5,2,3\n'
    assert placer.read_requests(write(text), columns={"input_tokens": "input\ntokens"}).table["time"].tolist() == [1.5]


@pytest.mark.slow
def test_shipped_traces_are_known_by_name():
    """Tests the numbers of requests that the sources state."""
    traces = {"azure_2023_code": 8_819, "azure_2023_conversation": 19_366, "mooncake_conversation": 12_031}
    assert {name: len(placer.read_requests(name)) for name in traces} == traces


@pytest.mark.slow
def test_a_cache_without_limit_is_an_upper_bound():
    """Tests 37.4 %, which a published study of this trace has for an infinite cache, and that a limit lowers it."""
    without, small = (placer.read_requests("mooncake_conversation", cache_blocks=blocks) for blocks in (None, 5_000))
    assert (without.cached_is_upper_bound, small.cached_is_upper_bound) == (True, False)
    assert without.summary().loc["all", "cached_share_upper_bound"] == pytest.approx(0.374, abs=5e-4)
    assert (small.table["cached_tokens"] <= without.table["cached_tokens"]).all()


def test_formats_are_seen(write):
    line = json.dumps({"timestamp": 5, "input_length": 3, "output_length": 1})
    span = json.dumps({"startTimeUnixNano": "5", "attributes": {}})
    chat = json.dumps(
        {"startTimeUnixNano": "5", "attributes": {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 4}}
    )
    assert placer.read_requests(write(line, "a.jsonl.gz")).table["time"].tolist() == [0.005]
    read = placer.read_requests(write(f"{span}\n{chat}\n", "b.jsonl"))
    assert read.notes == ("1 spans without input tokens are no requests",)
    azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n"
    assert placer.read_requests(write(azure)).table["time"].iloc[0].nanosecond == 0
    for text in ('{"a": 1}', "{", ""):
        with pytest.raises(InstanceError, match=r"shows no known format|column missing"):
            placer.read_requests(write(text, "c.jsonl"))


def test_arguments_are_refused_at_once(write):
    with pytest.raises(InstanceError) as error:
        placer.read_requests(write(CSV), "excel", columns={"when": "time"}, time_unit="day", cache_blocks=5)
    assert [each.column for each in error.value.violations] == ["when", "format", "time_unit", "cache_blocks"]
    with pytest.raises(ArgumentError, match="a mapping of columns"):
        placer.read_requests(write(CSV), columns=["when"])
    with pytest.raises(ArgumentError, match="expected a file"):
        placer.read_requests(5)


def test_arguments_that_a_format_does_not_read_are_refused(write):
    file = write("{}", "a.jsonl")
    for kind, column in (("mooncake", "input_tokens"), ("opentelemetry", "time")):
        with pytest.raises(InstanceError) as error:
            placer.read_requests(file, kind, columns={column: "x"}, time_unit="ms")
        assert [each.column for each in error.value.violations] == [column, "time_unit"]


def test_spans_without_any_request_are_refused(write):
    with pytest.raises(InstanceError, match="no requests"):
        placer.read_requests(write('{"attributes": {}}', "a.jsonl"))


def test_truth_values_are_no_numbers(write):
    text = "time,input_tokens,output_tokens\n1,True,3\n"
    with pytest.raises(InstanceError, match=r"row 1..input_tokens: True is no number"):
        placer.read_requests(write(text))


def test_absent_columns_are_named_at_once(write):
    with pytest.raises(InstanceError) as error:
        placer.read_requests(write("time,time,out\n1,2,3\n"), columns={"output_tokens": "output"})
    assert [(each.column, each.problem) for each in error.value.violations] == [
        ("input_tokens", "column missing"),
        ("output_tokens", "no column 'output'"),
        ("time", "column given twice"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("time,input_tokens,output_tokens\n1,2,3\nx,y,3\n", "row 2..time: 'x' is not a time(.|\n)*'y' is not a number"),
        ("time,input_tokens,output_tokens\n1,,3\n", "row 1..input_tokens: nan is out of range"),
        ("time,input_tokens,output_tokens\n", "no requests"),
        ("time,input_tokens,output_tokens\n1,2,3,4\n", "row 1.: 4 after the last column"),
        ("time,input_tokens,output_tokens\n2026-05-01,1,1\n2026-13-01,1,1\n", "'2026-13-01' is not a time"),
        ("time,input_tokens,output_tokens\n2026-05-01T00:00Z,1,1\n2026-05-01T01:00+05:00,1,1\n", "several time zones"),
    ],
)
def test_bad_cells_are_named(write, text, expected):
    with pytest.raises(InstanceError, match=expected):
        placer.read_requests(write(text))


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv.gz", b"no gzip"), ("a.csv.xz", b"no xz"), ("a.csv", b"\xff\xfe\x00"), ("a.parquet", b"PAR")],
)
def test_files_that_cannot_be_read_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InstanceError, match=r"a\.\w+.*: cannot be read"):
        placer.read_requests(tmp_path / name)
    with pytest.raises(InstanceError, match="cannot be read: No such file"):
        placer.read_requests(tmp_path / "absent.csv")
