"""Tests of the command that runs every scenario; the large datasets are for the command itself."""

from __future__ import annotations

import pytest

import placer

from .scenarios import awkward, cases, choices, examine, main


@pytest.mark.slow
def test_all_of_a_small_dataset(capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that every scenario of the smallest dataset is proven, and the status says so."""
    assert main(["--dataset", "tiny"]) == 0
    printed = capsys.readouterr().out
    for name in placer.datasets.describe("tiny").scenarios:
        assert f"tiny + {name}" in printed
    assert printed.endswith("all proven\n")


def test_pairs_are_all_there() -> None:
    """Tests the count: none, each and each two."""
    count = len(placer.datasets.describe("china").scenarios)
    assert len(choices("china", alone=False)) == 1 + count + count * (count - 1) // 2
    assert len(choices("china", alone=True)) == 1 + count


@pytest.mark.slow
def test_a_failure_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests that a part that fails leaves the rest, and the status is 1."""

    def fails(_: placer.Instance) -> placer.ExportCeiling:
        raise placer.NoSolutionError(placer.Reason.FAILED, "no ceiling today")

    monkeypatch.setattr(placer, "export_ceiling", fails)
    found = examine("tiny", lambda: placer.load("tiny"))
    assert found.cost_usd > 0
    assert "no ceiling today" in found.failures[0]
    assert main(["--dataset", "tiny"]) == 1
    capsys.readouterr()


def test_awkward_networks_are_large() -> None:
    """Tests the size of the random networks, and that they have closed links."""
    instance = awkward(0)
    assert (instance.links["capacity_gbps"] == 0).any()
    assert placer.to_program(instance).col_blocks["x"].stop > 50_000


def test_nothing_chosen_is_nothing_done() -> None:
    """Tests no datasets and no networks."""
    assert list(cases([], alone=True, awkward_ones=0)) == []
