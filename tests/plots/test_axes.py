"""Tests of axes, given and saved."""

from __future__ import annotations

import subprocess
import sys

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


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["import placer; placer.plots", "from placer.plots import plot_load"])
def test_missing_matplotlib_is_said(asked):
    """Tests that one line names the extra to install where matplotlib is missing."""
    code = f"import sys; sys.modules['matplotlib'] = None; {asked}"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = found.stderr.strip().splitlines()[-1]
    assert last == "placer.errors.PlacerError: plots need matplotlib: pip install 'token-placer[plot]'"
