"""The bound with its inner minimum proves the secure ceiling over all demands."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.ceiling.secure import export as secure_export
from placer.ceiling.secure.proof import need_bound
from placer.errors import NoSolutionError


@pytest.fixture
def given(make_sites, monkeypatch):
    """Return a function from a seed and a kind to the last arguments of the proof of a secure ceiling."""
    seen = []

    def keep(*arguments):
        seen.append(arguments)
        return need_bound(*arguments)

    monkeypatch.setattr(secure_export, "need_bound", keep)

    def solve(seed, kind):
        seen.clear()
        placer.export_ceiling(make_sites(seed), exporting="north", security=placer.Security(kind))
        return seen[-1] if seen else None

    return solve


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["data_centres", "power_zones", "links"])
def test_no_gap(given, kind):
    """Tests that prices of the program over demands that are alike prove it over all demands, some at least."""
    proven = [need_bound(*arguments) for seed in range(4) if (arguments := given(seed, kind)) is not None]
    assert proven
    assert proven == pytest.approx([0.0] * len(proven), abs=1e-7)


@pytest.mark.slow
def test_errors_leave_a_gap(given):
    """Tests that a better figure than there is, and prices that leave contingencies out, are errors."""
    programs, weighted, duals, contingencies, left_out = given(1, "data_centres")
    better = replace(weighted, objective=weighted.objective - 0.01 * weighted.exported)
    with pytest.raises(NoSolutionError, match="leaves a gap of -"):
        need_bound(programs, better, duals, contingencies, left_out)
    with pytest.raises(NoSolutionError, match=r"leaves a gap of [1-9]"):
        need_bound(programs, weighted, duals, (), left_out)
