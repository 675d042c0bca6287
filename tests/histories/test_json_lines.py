"""Traces in JSON lines, by hand: Mooncake's, and spans of OpenTelemetry."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from placer.errors import InstanceError
from placer.histories.json_lines import PrefixCache, read_mooncake, read_spans
from placer.histories.requests import MOST_NAMED
from tests.effort import tries

START = 1_700_000_000_000_000_000


def mooncake(*rows):
    """Return lines of time, input, output and blocks."""
    names = ("timestamp", "input_length", "output_length", "hash_ids")
    return [json.dumps(dict(zip(names, row, strict=True))) for row in rows]


def span(start=START, **attributes):
    """Return a span of OTLP whose attributes are named without dots."""
    listed = [
        {
            "key": name.replace("__", "."),
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for name, value in attributes.items()
    ]
    return {"startTimeUnixNano": str(start), "attributes": listed}


def otlp(*spans):
    """Return a line of an export."""
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]}]})


CHAT = {"gen_ai__usage__input_tokens": 100, "gen_ai__usage__output_tokens": 7}


def test_mooncake_by_hand():
    """Tests blocks of 512 tokens: the first of the second request is held, and all 600 tokens of the third."""
    lines = mooncake((0, 600, 5, [1, 2]), (1500, 1100, 6, [1, 3, 4]), (3000, 600, 7, [1, 2]))
    table = read_mooncake([*lines, "\n"], None)
    assert table["time"].tolist() == [0, 1.5, 3]
    assert table["cached_tokens"].tolist() == [0, 512, 600]
    assert read_mooncake(lines, 0)["cached_tokens"].tolist() == [0, 0, 0]
    assert read_mooncake(lines, 1)["cached_tokens"].tolist() == [0, 512, 512]


def test_defects_of_lines_are_named_at_once():
    lines = [
        *mooncake((0, 600, -5, []), (1, None, 6, [1]), (2, 6, 7, [[1]]), (2, True, 7, [])),
        "{",
        "[1]",
        '{"timestamp": 1.5}',
    ]
    with pytest.raises(InstanceError) as error:
        read_mooncake(lines, None)
    assert [(each.row, each.column) for each in error.value.violations] == [
        ("line 1", "output_tokens"),
        ("line 2", "input_tokens"),
        ("line 3", "hash_ids"),
        ("line 4", "input_tokens"),
        ("line 5", ""),
        ("line 6", ""),
        ("line 7", "time"),
        ("line 7", "input_tokens"),
        ("line 7", "output_tokens"),
    ]


def test_a_file_of_another_kind_is_given_up_early():
    with pytest.raises(InstanceError, match="more lines were not read") as error:
        read_mooncake(("{}" for _ in range(10**9)), None)
    assert len(error.value.violations) <= MOST_NAMED + 3


def test_spans_come_in_the_order_of_their_start():
    line = otlp(span(START + 10**9, **CHAT), span(START, **CHAT | {"gen_ai__usage__cache_read__input_tokens": 60}))
    table, notes = read_spans([line], {})
    assert table["time"].tolist() == [pd.Timestamp(START, tz="UTC"), pd.Timestamp(START + 10**9, tz="UTC")]
    assert table["cached_tokens"].tolist() == [60, 0]
    assert notes == ()


def test_other_spans_are_counted():
    """Tests that spans without tokens, and sums of agents, are no requests, and that embeddings need no output."""
    lines = [
        otlp(span(), span(**CHAT | {"gen_ai__operation__name": "invoke_agent"})),
        otlp(span(gen_ai__usage__input_tokens=5, gen_ai__operation__name="embeddings")),
    ]
    table, notes = read_spans(lines, {})
    assert table[["input_tokens", "output_tokens"]].to_numpy().tolist() == [[5, 0]]
    assert notes == ("1 spans without input tokens are no requests", "1 spans of agents sum up other spans")


def test_a_line_may_be_a_span():
    line = {
        "start_time": "2026-05-01T00:00:01.5Z",
        "attributes": {"gen_ai.usage.input_tokens": 3, "out": 4, "app": "x"},
    }
    table, _ = read_spans([json.dumps(line)], {"output_tokens": "out", "workload": "app"})
    assert table.iloc[0].tolist() == [pd.Timestamp("2026-05-01T00:00:01.5Z"), 3, 4, 0, "x"]


def test_defects_of_spans_are_named_at_once():
    lines = [
        otlp(span(gen_ai__usage__input_tokens=5)),
        otlp(span(**CHAT | {"gen_ai__usage__output_tokens": "many"})),
        json.dumps({"resourceSpans": 5}),
        json.dumps(
            {"start_time": "noon", "attributes": {"gen_ai.usage.input_tokens": 3, "gen_ai.usage.output_tokens": 4}}
        ),
    ]
    with pytest.raises(InstanceError) as error:
        read_spans(lines, {"workload": "app"})
    assert [(each.row, each.column, each.problem) for each in error.value.violations] == [
        ("line 1", "output_tokens", "missing"),
        ("line 1", "workload", "missing"),
        ("line 2", "output_tokens", "'many'"),
        ("line 2", "workload", "missing"),
        ("line 3", "", "no spans of OTLP"),
        ("line 4", "time", "'noon'"),
        ("line 4", "workload", "missing"),
    ]


def test_a_cache_without_limit_holds_all():
    cache = PrefixCache()
    assert [cache.used(blocks) for blocks in ([1, 2], [1, 2, 3], [1, 4], [5], [1, 2, 3])] == [0, 2, 1, 0, 3]


def test_the_last_block_of_the_oldest_request_goes_first():
    """Tests four blocks: 7 8 9 push out 3 and 2, the tail of the first request, and not 1."""
    cache = PrefixCache(4)
    assert [cache.used(blocks) for blocks in ([1, 2, 3], [7, 8, 9], [1, 2, 3])] == [0, 0, 1]


def test_no_blocks_are_held_in_no_cache():
    cache = PrefixCache(0)
    assert [cache.used([1]), cache.used([1])] == [0, 0]


@pytest.mark.parametrize("seed", range(tries(10, 60)))
def test_it_equals_a_list_in_order_of_use(seed):
    """Tests random requests of a tree of prefixes beside a list that is searched from end to end."""
    draw = np.random.default_rng(seed)
    limit, used = int(draw.integers(1, 13)), []
    cache = PrefixCache(limit)
    for _ in range(60):
        path, blocks = (), []
        for _ in range(draw.integers(1, 7)):
            path += (int(draw.integers(2)),)
            blocks.append(int("1" + "".join(map(str, path))))
        hits = next((place for place, block in enumerate(blocks) if block not in used), len(blocks))
        for block in reversed(blocks):
            used = [each for each in used if each != block] + [block]
        used = used[-limit:]
        assert cache.used(blocks) == hits


@pytest.mark.parametrize("seed", range(tries(5, 20)))
def test_a_larger_cache_never_holds_less(seed):
    draw = np.random.default_rng(seed)
    requests = [[int(draw.integers(10)) * 10 + depth for depth in range(draw.integers(1, 6))] for _ in range(80)]
    totals = []
    for limit in (2, 5, 20, None):
        cache = PrefixCache(limit)
        totals.append(sum(cache.used(blocks) for blocks in requests))
    assert totals == sorted(totals)
