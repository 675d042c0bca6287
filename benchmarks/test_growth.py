"""Tests of the exponents: they are those of the times, and shapes that would take too long are left out."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import pytest

from . import growth
from .families import shape_of
from .growth import AXES, QUICK, Point, fitted, main
from .suite import Case, Measurement


@pytest.fixture
def _square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a fleet take a thousandth of the square of its data centres in seconds."""

    def run(groups: list[list[Case]], _file: Path, *, rounds: int) -> list[Measurement]:
        [[case]] = groups
        sites = shape_of("fleet", case.size)[0]
        each = Measurement(case, 0, "done", 100 * sites, sites**2 / 1e3, 50.0, processor_seconds=sites**1.5)
        return [each] * rounds

    monkeypatch.setattr(growth, "run", run)


@pytest.mark.usefixtures("_square")
def test_exponents_are_those_of_the_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tests the exponents of both clocks over 50 to 400 data centres; 1,000 would take 1,000 s."""
    assert main(["--out", str(tmp_path), "--axis", "sites", "--most", "200", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [point["number"] for point in found["points"]] == [50, 100, 200, 400]
    assert (found["exponent"], found["of_seconds"], found["of_columns"]) == pytest.approx((1.5, 2.0, 1.5))
    assert main(["--out", str(tmp_path), "--axis", "sites", "--most", "200"]) == 0
    assert "| sites | 50x200x6x24 to 400x200x6x24 | 1.50 | 2.00 | 1.50 |" in capsys.readouterr().out


def test_one_shape_has_no_exponent() -> None:
    """Tests that a single shape, and none, have no exponent."""
    assert math.isnan(fitted("hubs", [Point("hubs", "5x20x3x6", 20, 1524, 1.0, 1.0, 50.0)]).exponent)
    assert fitted("hubs", []).shapes == "none"


@pytest.mark.parametrize("axes", [AXES, QUICK])
def test_one_number_grows(axes: dict[str, tuple[int | None, tuple[str, ...]]]) -> None:
    """Tests that along an axis its number alone grows, and all of them along that of columns."""
    for place, shapes in axes.values():
        numbers = [shape_of("fleet", shape) for shape in shapes]
        for one, other in itertools.pairwise(numbers):
            assert math.prod(one) < math.prod(other)
            grown = {axis for axis, (small, large) in enumerate(zip(one, other, strict=True)) if small != large}
            assert place is None or grown == {place}
