"""Workloads derived from the lengths of requests."""

from __future__ import annotations

import pandas as pd
import pytest

import placer
from placer.errors import ArgumentError, InstanceError
from placer.histories.coefficients import KILOWATTS, accelerator_hours_per_mtok

LIKE = {"workload": "old", "latency_slo_ms": 800.0, "peak_accelerator_hours_per_mtok": 3.0}


@pytest.fixture
def requests():
    """Return two requests: 3,000 tokens in, 1,000 of them cached, and 1,000 out."""
    columns = {"input_tokens": [1000, 2000], "output_tokens": [400, 600], "cached_tokens": [0, 1000]}
    return placer.Requests(pd.DataFrame({"time": [0.0, 1.0]} | columns))


def test_by_hand(requests):
    """Tests 2,000 fresh tokens at 0.248 s and 1,000 at 0.541 s a thousand: 1.037 s for 4,000 tokens."""
    made = requests.workload("new", like=LIKE)
    low = 1.037 / 3600 / 4e-3
    assert made["accelerator_hours_per_mtok"].tolist() == pytest.approx([low, low + 0.0248 / 3600 / 4e-3])
    assert made["kwh_per_mtok"].tolist() == pytest.approx((made["accelerator_hours_per_mtok"] * KILOWATTS).tolist())
    assert made["latency_slo_ms"].tolist() == [800, 800]
    assert made["workload"].tolist() == ["new", "new"]
    assert "peak_accelerator_hours_per_mtok" not in made  # of other lengths


def test_work_is_in_proportion_to_active_parameters(requests):
    ends = [requests.workload("new", LIKE, active)["kwh_per_mtok"]["low"] for active in (37e9, 3.7e9)]
    assert ends[0] == pytest.approx(10 * ends[1])


def test_without_a_cache_there_is_no_range():
    made = placer.read_requests("azure_2023_code").workload("code", like=LIKE)
    assert made.loc["low"].equals(made.loc["high"])


@pytest.mark.parametrize(
    ("name", "lengths", "cached_share"),
    [
        ("interactive_chat", (1155, 211), 0.563),
        ("voice_assistant", (2050, 160), 0.9),
        ("rag_search", (4096, 512), 0.3),
    ],
)
def test_they_are_those_of_china(name, lengths, cached_share):
    """Tests that the coefficients are those of the shipped workloads, whose cached tokens count 2 %."""
    shipped = placer.load("china").workloads.set_index("workload").loc[name]
    hours = accelerator_hours_per_mtok(lengths[0], cached_share * lengths[0], lengths[1], 0.02)
    assert hours == pytest.approx(shipped["accelerator_hours_per_mtok"], rel=2e-3)
    assert hours * KILOWATTS == pytest.approx(shipped["kwh_per_mtok"], rel=5e-3)


def test_a_row_of_an_instance_is_taken_back(make_instance, requests):
    """Tests that a derived row goes into an instance in place of its like."""
    instance = make_instance()
    made = requests.workload("w", like=instance.workloads.iloc[0])
    other = instance.replace(workloads=made.loc[["high"]].reset_index(drop=True))
    assert placer.solve(other).cost_usd < placer.solve(instance).cost_usd


def test_other_things_are_refused(requests):
    with pytest.raises(ArgumentError, match="a row of workloads"):
        requests.workload("new", like="chat")
    with pytest.raises(ArgumentError, match="the name of a workload"):
        requests.workload(5, like=LIKE)
    with pytest.raises(InstanceError, match="active_parameters: 0 is out of range"):
        requests.workload("new", LIKE, active_parameters=0)
