"""Tests of the figures of a study."""

from __future__ import annotations

from placer.batch.figures import ANALYSES
from placer.result_columns import RESULT_COLUMNS, is_share
from placer.sensitivity.figures import FIGURES


def test_every_figure_has_an_analysis_and_a_name_of_its_own():
    assert set(FIGURES.values()) <= set(ANALYSES)
    assert len({RESULT_COLUMNS[figure].words for figure in FIGURES}) == len(FIGURES)
    assert [figure for figure in FIGURES if not is_share(figure)] == ["cost_usd_per_mtok"]
