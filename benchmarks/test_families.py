"""Tests of the instance families."""

from __future__ import annotations

import pytest

import placer

from .families import FAMILIES, build


@pytest.mark.parametrize("family", FAMILIES)
def test_seeded(family: str) -> None:
    """Tests that a seed gives the same instance every time, and another seed another."""
    assert build(family, "smoke", seed=1) == build(family, "smoke", seed=1)
    assert build(family, "smoke", seed=1) != build(family, "smoke", seed=2)


@pytest.mark.parametrize(("size", "columns"), [("smoke", 1_500), ("medium", 38_000), ("large", 247_000)])
def test_columns(size: str, columns: int) -> None:
    """Tests that a fleet has about as many columns as its size is known for."""
    program = placer.to_program(build("fleet", size))
    assert program.matrix.shape[1] == pytest.approx(columns, rel=0.05)


def test_batch_share() -> None:
    """Tests that a third of the workloads of a fleet may wait."""
    assert (build("fleet", "smoke").workloads["deadline_hours"] > 0).mean() == pytest.approx(1 / 3)


def test_everything_reaches() -> None:
    """Tests that every workload of a fleet may run somewhere for every hub."""
    instance = build("fleet", "medium")
    assert (instance.routes.rtt_ms.min(axis=1) <= instance.workloads["latency_slo_ms"].min()).all()
