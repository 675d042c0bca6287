"""What a solved secure program says, and the second proof of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import placer
from placer.model.answer import read_duals


def test_the_bound_of_an_answer(a1):
    """Tests that the bound is the cost at the right prices, and an error where it is short of it."""
    placement = placer.solve(a1, security=placer.Security())
    whole = placement.formulation.structure
    duals = read_duals(whole, placement.program, placement.solution.duals)
    assert placement.secure.bound(whole, duals) == pytest.approx(555.0)
    assert placement.secure.stranded == (pytest.approx(0.0),)
    with pytest.raises(placer.NoSolutionError, match=r"leaves a gap of 6\.3e-02"):
        replace(placement.secure, contingents=()).bound(whole, duals)


def test_a_gap_is_relative(make_a1, a1):
    """Tests that the same gap is found in units of money in which A1 costs less than a millionth."""
    centres = a1.data_centres
    tiny = make_a1(data_centres=centres.assign(accelerator_usd_per_hour=1e-9 * centres["accelerator_usd_per_hour"]))
    placement = placer.solve(tiny, security=placer.Security())
    duals = read_duals(placement.formulation.structure, placement.program, placement.solution.duals)
    assert placement.bound_usd == pytest.approx(555e-9)
    with pytest.raises(placer.NoSolutionError, match=r"leaves a gap of 6\.3e-02"):
        replace(placement.secure, contingents=()).bound(placement.formulation.structure, duals)
