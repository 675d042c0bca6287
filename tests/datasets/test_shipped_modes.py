"""Tests of the modes that ship: they follow from the points in the facts, and distance is paid in accelerators."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import placer

FACTS = Path(__file__).resolve().parents[2] / "datasets" / "facts"
WITH_MODES = ("china", "world", "globe")


def _rows(name):
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _points():
    return {row["point"]: row for row in _rows("serving_points")}


def _parameter(workload, name):
    found = {(row["workload_class"], row["parameter"]): row["value"] for row in _rows("workload_parameters")}
    return float(found[workload, name])


@pytest.fixture(scope="module")
def plain():
    return placer.load("china").workloads.set_index("workload")


@pytest.fixture(scope="module")
def china():
    return placer.load("china", ["modes"])


@pytest.fixture(scope="module")
def placement(china):
    return placer.solve(china)


def _mode(instance, workload, mode):
    return instance.modes.set_index(["workload", "mode"]).loc[workload, mode]


def test_first_tokens_cost_what_the_submissions_say(plain, china):
    """Tests MLPerf's points by hand: 4253.7 tokens a second within 1717 ms, 2885.0 within 432, 2554.0 within 291."""
    own = plain.loc["interactive_chat"]
    for name, times in (("432_ms", 4253.7 / 2885.0), ("291_ms", 4253.7 / 2554.0)):
        found = _mode(china, "interactive_chat_strict", name)
        assert found["accelerator_hours_per_mtok"] == pytest.approx(times * own["accelerator_hours_per_mtok"], rel=1e-3)
        assert found["kwh_per_mtok"] == pytest.approx(times * own["kwh_per_mtok"], rel=1e-3)
    voice = _mode(china, "voice_assistant", "465_ms")
    assert voice["server_ms"] == 650 - 275 + 90
    assert voice["accelerator_hours_per_mtok"] == pytest.approx(0.01842 * 8114.3 / 6684.4, rel=1e-3)


def test_a_static_batch_costs_what_its_times_say(plain, china):
    """Tests Splitwise's point by hand: 4 prompts, 195.3 ms and 211 tokens of 29.92 ms, against 32 of 1726 and 36.88."""
    times = (195.2773 + 211 * 29.9206) / 4 / ((1726.0537 + 211 * 36.8847) / 32)
    found = _mode(china, "interactive_chat_strict", "195_ms")
    own = plain.loc["interactive_chat", "accelerator_hours_per_mtok"]
    assert found["accelerator_hours_per_mtok"] == pytest.approx(times * own, rel=1e-3)


def test_the_static_batch_against_which_is_the_cheapest_within_two_seconds():
    """Tests that of all batches with a first token within 2000 ms none takes less accelerator time than four by 32."""

    def seconds(row):
        answer = float(row["prompt_ms"]) + 211 * float(row["token_ms"])
        return answer * float(row["tensor_parallel"]) / float(row["batch_size"])

    batches = [row for row in _rows("serving_modes") if float(row["prompt_ms"]) <= 2000]
    # two accelerators cannot hold 64 prompts: the median is that of the first ones, and the answer takes 84 s
    batches = [row for row in batches if float(row["answer_ms"]) < 60_000]
    best = min(batches, key=seconds)
    assert (best["tensor_parallel"], best["batch_size"]) == ("4", "32")


def test_completion_pays_for_its_output_alone(plain, china):
    """Tests ML.ENERGY's point by hand: 13 tokens of 11.78 ms and 30 ms; decoding is half of the accelerator time."""
    own, found = plain.loc["code_completion"], _mode(china, "code_completion", "183_ms")
    assert found["server_ms"] == round(30 + 13 * 11.78)
    seconds = own["accelerator_hours_per_mtok"] * 3600 * (2048 + 28) / 1e6
    share = 28 * 0.75e-3 / seconds
    assert share == pytest.approx(0.5, abs=0.01)
    times = 1 + share * (1332.8 / 589.7 - 1)
    assert found["accelerator_hours_per_mtok"] == pytest.approx(times * own["accelerator_hours_per_mtok"], rel=1e-3)
    energy = 1 + share * (0.7725 / 0.4093 - 1)
    assert found["kwh_per_mtok"] == pytest.approx(energy * own["kwh_per_mtok"], rel=1e-3)


def test_points_agree_with_the_parameters_of_the_classes():
    """Tests that the class without modes has times and rates of points: 139 ms on B200, 0.75 s a 1,000 tokens."""
    points, code = _points(), "code_completion"
    fast = float(points["qwen3-coder-30b B200 batch 8"]["token_ms"])
    awaited, prefill = (_parameter(code, name) for name in ("tokens_awaited", "prefill_time"))
    assert prefill + awaited * fast == pytest.approx(_parameter(code, "non_network_time"), abs=0.5)
    rate = float(points["qwen3-coder-30b H100 batch 64"]["tokens_per_s_per_accelerator"])
    assert 1000 / rate == pytest.approx(_parameter(code, "decode_accelerator_seconds"), abs=0.001)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_MODES)
def test_faster_modes_take_more(name):
    """Tests that every mode is worth having, is in time, and that chat and voice keep the mode they have without."""
    instance, without = (placer.load(name, scenarios) for scenarios in (["modes"], []))
    own, limits = without.workloads.set_index("workload"), instance.workloads.set_index("workload")["latency_slo_ms"]
    kept = 0
    for workload, rows in instance.modes.groupby("workload"):
        slow_first = rows.sort_values("server_ms", ascending=False)
        for column in ("accelerator_hours_per_mtok", "kwh_per_mtok"):
            assert slow_first[column].is_monotonic_increasing
            assert slow_first[column].is_unique
        assert slow_first["server_ms"].iloc[0] < limits[workload]
        columns = ["server_ms", "accelerator_hours_per_mtok", "kwh_per_mtok"]
        kept += int((slow_first.iloc[0][columns] == own.loc[workload, columns]).all())
    assert kept == {"china": 2, "world": 11, "globe": 11}[name]
    figures = ["accelerator_hours_per_mtok", "kwh_per_mtok"]
    assert (instance.workloads[figures] == without.workloads[figures]).all(axis=None)


@pytest.mark.slow
def test_three_classes_of_china_pay_for_distance_in_accelerators(placement):
    """Tests that a Mtok served farther away takes more of the same accelerators, in classes of three modes or more."""
    kinds = placement.instance.modes.groupby("workload")["mode"].count()
    for workload in ("interactive_chat_strict", "regulated_realtime", "code_completion"):
        assert kinds[workload] >= 3
        rows = placement.modes.loc[workload].reset_index()
        by_mode = rows.groupby("mode")["rtt_ms"].agg(["min", "max"])
        hours = placement.instance.modes.set_index(["workload", "mode"]).loc[workload, "accelerator_hours_per_mtok"]
        rings = by_mode.loc[hours[by_mode.index].sort_values().index]
        assert len(rings) >= 2
        assert (rings["min"].to_numpy()[1:] > rings["max"].to_numpy()[:-1]).all()


@pytest.mark.slow
def test_the_wall_of_the_strict_class_is_a_price(placement):
    """Tests that what no site near enough could serve is served, at a higher cost of the whole."""
    wall = placer.solve(placer.load("china"))
    assert wall.unserved_mtok > 0
    assert placement.unserved_mtok == pytest.approx(0, abs=1e-6)
    assert placement.cost_usd > wall.cost_usd
