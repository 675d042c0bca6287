"""Tests of the figures of a study."""

from __future__ import annotations

import pandas as pd

import placer
from placer.batch.figures import ANALYSES
from placer.result_columns import RESULT_COLUMNS, is_share
from placer.sensitivity.figures import FIGURES, default_figures


def test_every_figure_has_an_analysis_and_a_name_of_its_own():
    assert set(FIGURES.values()) <= set(ANALYSES)
    assert len({RESULT_COLUMNS[figure].words for figure in FIGURES}) == len(FIGURES)
    assert [figure for figure in FIGURES if not is_share(figure)] == ["cost_usd_per_mtok"]


def test_ceilings_are_left_out_where_regions_are_too_many():
    """Tests that two regions have all figures, and fourteen those that need no exporting regions."""
    tiny = placer.load("tiny")
    assert default_figures(tiny) == tuple(FIGURES)
    hubs = tiny.hubs.assign(region=[f"r{place}" for place in range(len(tiny.hubs))])
    more = [{"hub": f"h{place}", "region": f"s{place}"} for place in range(9)]
    links = [{"from": row["hub"], "to": "Metro", "rtt_ms": 1.0} for row in more]
    many = tiny.replace(
        hubs=pd.concat([hubs, pd.DataFrame(more)]),
        links=pd.concat([tiny.links, pd.DataFrame(links)]),
        exports="between_regions",
    )
    found = default_figures(many)
    assert not any("ceiling" in name or "limit" in name for name in found)
    assert {"cost_usd_per_mtok", "economic_share_low", "unserved_share"} <= set(found)
