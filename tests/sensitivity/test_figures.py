"""Tests of the figures of a study."""

from __future__ import annotations

from placer.batch.figures import ANALYSES
from placer.sensitivity.figures import FIGURES, is_share, label_of


def test_every_figure_has_an_analysis_and_a_name_of_its_own():
    assert set(FIGURES.values()) <= set(ANALYSES)
    assert len({label_of(figure) for figure in FIGURES}) == len(FIGURES)
    assert [figure for figure in FIGURES if not is_share(figure)] == ["cost_usd_per_mtok"]
