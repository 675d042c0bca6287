"""Tests of axes, given and saved."""

from __future__ import annotations

import matplotlib as mpl
import pytest

import placer

mpl.use("Agg")

from placer import plots


def test_what_is_no_axis_is_refused(ceiling, tmp_path):
    """Tests that a given axis and what is saved are axes, and that a file is a path."""
    for call in (lambda: plots.plot_curve(ceiling.curve, "axis"), lambda: plots.save_plot("axis", tmp_path / "a.png")):
        with pytest.raises(placer.ArgumentError, match="expected a matplotlib Axes, not 'axis'"):
            call()
    with pytest.raises(placer.ArgumentError, match="expected a path, not 3"):
        plots.save_plot(plots.plot_curve(ceiling.curve), 3)
