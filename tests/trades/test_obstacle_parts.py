"""The parts of obstacles from what is sold without them, and what the result prints and saves."""

from __future__ import annotations

import pandas as pd
import pytest

from placer.trades.obstacle_parts import TradeObstacles
from tests.results import check_result


def parts_of(exports, low=None, high=None):
    """Return the parts of distance and law, of 100 Mtok of demand abroad."""
    lifted = pd.Index(["none", "distance", "law", "distance + law"], name="lifted")
    columns = {"exports_mtok": exports, "low_mtok": low or exports, "high_mtok": high or exports, "proven": True}
    return TradeObstacles("west", 100.0, ("distance", "law"), pd.DataFrame(columns, lifted))


@pytest.fixture
def found():
    """Return 10 Mtok sold abroad, 30 without distance, 20 without law and 60 without both, between two ends."""
    return parts_of([10.0, 30.0, 20.0, 60.0], [10.0, 25.0, 20.0, 60.0], [12.0, 30.0, 20.0, 80.0])


def test_parts_by_hand(found):
    """Tests (20 + 40) / 2 of distance, (10 + 30) / 2 of law, and 40 that neither explains: 90 in all."""
    table = found.table
    assert table["takes_mtok"].to_dict() == {"distance": 30, "law": 20, "none of these": 40}
    assert table["takes_share"].tolist() == pytest.approx([0.3, 0.2, 0.4])


def test_ranges_by_hand(found):
    """Tests each part at the ends that make it least and most: of distance (25 - 12 + 60 - 20) / 2."""
    table = found.table
    assert table["least_takes_mtok"].tolist() == [26.5, 19, 20]
    assert table["most_takes_mtok"].tolist() == [40, 32.5, 40]


def test_what_every_result_offers(found):
    """Tests tables, summary and text, and the headline."""
    check_result(found)
    assert list(found.tables) == ["obstacles", "coalitions"]
    assert found.headline == (
        "Obstacles: west sells 10 of the 100 Mtok that users abroad ask for, and 60 without obstacles; distance takes "
        "most, 30 Mtok"
    )


def test_nothing_takes_most_where_nothing_takes_any():
    """Tests a country that sells more with its obstacles."""
    assert parts_of([10.0, 10.0, 5.0, 5.0]).headline.endswith("and 5 without obstacles")
