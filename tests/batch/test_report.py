"""What a batch says: quantiles, endings, shares below a threshold, and two batches side by side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from placer.batch.report import (
    compare_batches,
    endings,
    extremes,
    headlines,
    hub_prices,
    label,
    own_limits,
    quantiles,
    share_below,
    unserved_sets,
    worst,
)
from placer.errors import BatchError, StoreError


def table(*rows):
    """Return rows (number, status, cost) as a batch has them."""
    return pd.DataFrame(
        [
            {"number": number, "status": status, "detail": "", "cost_usd": cost, "seconds": 1.0, "gap": 0.0}
            for number, status, cost in rows
        ]
    )


@pytest.fixture
def rows():
    """Five sets, of which the last found no answer."""
    return table(*((number, "optimal", 10.0 * number) for number in range(4)), (4, "time limit", None))


@pytest.fixture
def nothing():
    """The table of a store to which no row came."""
    return pd.DataFrame({"number": pd.Series([])})


def test_quantiles_lie_between_two_sets_in_proportion(rows):
    found = quantiles(rows)
    assert found.index.tolist() == ["cost_usd"]
    assert found.columns.tolist() == ["mean", "p05", "p25", "p50", "p75", "p95", "sets"]
    assert found.loc["cost_usd"].tolist() == pytest.approx([15.0, 1.5, 7.5, 15.0, 22.5, 28.5, 4])


def test_only_solved_sets_count():
    found = quantiles(table((0, "optimal", 2.0), (1, "time limit", 1000.0)))
    assert found.loc["cost_usd", ["mean", "sets"]].tolist() == [2.0, 1]


def test_figure_no_set_has_is_missing():
    found = quantiles(table((0, "optimal", 2.0)).assign(price=np.nan, lost=None))
    assert found.loc[["price", "lost"], "sets"].tolist() == [0, 0]
    assert found.loc[["price", "lost"], "mean"].isna().all()


def test_no_set_solved_has_no_distribution():
    rows = table((0, "error", None)).drop(columns=["cost_usd", "gap"])
    assert quantiles(rows).empty
    assert headlines(quantiles(rows)).empty
    assert hub_prices(quantiles(rows)).empty
    assert endings(rows).to_dict() == {"error": 1}


def test_no_rows_have_no_distribution(nothing):
    assert quantiles(nothing).empty
    assert endings(nothing).empty
    assert compare_batches(nothing, nothing).empty
    assert compare_batches(nothing, table((0, "optimal", 2.0))).empty


def test_labels():
    assert [label(each) for each in (0.05, 0.5, 0.29)] == ["p05", "p50", "p29"]


def test_headlines_come_in_their_order():
    rows = table((0, "optimal", 2.0)).assign(ceiling_share=0.5, cost_usd_per_mtok=1.0, export_share=0.1)
    assert headlines(quantiles(rows)).index.tolist() == ["cost_usd_per_mtok", "export_share", "ceiling_share"]


def test_hubs_come_dearest_first():
    rows = table((0, "optimal", 2.0)).assign(**{"price_usd_per_mtok A": 1.0, "price_usd_per_mtok B": 3.0})
    found = hub_prices(quantiles(rows))
    assert found["p50"].to_dict() == {"B": 3.0, "A": 1.0}
    assert found.index.tolist() == ["B", "A"]


def test_limits_of_ones_own_have_rows_of_use_and_rent():
    """Tests that the columns of limits stand together, named by the limit, and that no other column is among them."""
    added = {"limit_use a": 8.0, "limit_rent_usd_per_unit a": 30.0}
    found = own_limits(quantiles(table((0, "optimal", 2.0)).assign(**added)))
    assert found["p50"].to_dict() == {"a, use": 8.0, "a, rent": 30.0}
    assert own_limits(quantiles(table((0, "optimal", 2.0)))).empty


def test_endings_are_counted(rows):
    assert endings(rows).to_dict() == {"optimal": 4, "time limit": 1}


def test_share_below_is_of_solved_sets_and_strict(rows):
    assert share_below(rows, "cost_usd", 20.0) == 0.5
    assert share_below(rows, "cost_usd", 1e9) == 1.0
    assert share_below(rows, "cost_usd", 0.0) == 0.0


def test_unknown_figure_is_refused_with_those_there_are(rows):
    with pytest.raises(BatchError, match="no set has the figure 'costs'; there are cost_usd"):
        share_below(rows, "costs", 1.0)


def test_figure_of_no_rows_is_refused(nothing):
    with pytest.raises(BatchError, match="no set has the figure 'cost_usd'"):
        share_below(nothing, "cost_usd", 1.0)


def test_what_is_no_figure_has_no_share(rows):
    for name in ("status", "number", "detail"):
        with pytest.raises(BatchError, match="no set has the figure"):
            share_below(rows, name, 1.0)


def test_batches_are_compared_set_by_set():
    """Tests that the median difference is of the sets, 2, not that of the medians, which differ by 5."""
    first = table((0, "optimal", 1.0), (1, "optimal", 5.0), (2, "optimal", 10.0))
    second = table((2, "optimal", 0.0), (0, "optimal", 10.0), (1, "optimal", 7.0))
    found = compare_batches(first, second).loc["cost_usd"]
    assert found[["first_p50", "second_p50", "difference_p50", "sets"]].tolist() == [5.0, 7.0, 2.0, 3]
    assert found[["difference_p05", "difference_p95"]].tolist() == pytest.approx([-8.8, 8.3])


def test_only_sets_and_figures_of_both_are_compared():
    first = table((0, "optimal", 1.0), (1, "optimal", 2.0), (2, "error", None)).assign(only=1.0)
    second = table((1, "optimal", 5.0), (2, "optimal", 6.0), (3, "optimal", 7.0)).assign(other=1.0)
    found = compare_batches(first, second)
    assert found.index.tolist() == ["cost_usd"]
    assert found.loc["cost_usd", ["difference_p50", "sets"]].tolist() == [3.0, 1]


def test_batches_without_a_set_in_common_have_nothing_to_compare():
    assert compare_batches(table((0, "optimal", 1.0)), table((1, "optimal", 1.0))).empty


@pytest.mark.parametrize("cost", ["", "12", True, 10**400])
def test_what_is_no_number_is_refused_by_its_row(rows, cost):
    """Tests figures of a store that another program wrote, in every report."""
    rows["cost_usd"] = rows["cost_usd"].astype(object)
    wrong = rows.assign(cost_usd=[0.0, 10.0, cost, 30.0, None])
    for report in (
        lambda: quantiles(wrong),
        lambda: share_below(wrong, "cost_usd", 1.0),
        lambda: compare_batches(rows, wrong),
        lambda: unserved_sets(wrong.rename(columns={"cost_usd": "unserved_share"})),
    ):
        with pytest.raises(StoreError, match=r"row 2: (cost_usd|unserved_share): "):
            report()


def test_worst_sets_come_first(rows):
    assert worst(rows, "cost_usd", 2).index.tolist() == [3, 2]
    assert worst(rows, "cost_usd", 2, "lowest")["cost_usd"].tolist() == [0.0, 10.0]
    assert worst(rows, "cost_usd").columns[0] == "cost_usd"
    assert 4 not in worst(rows, "cost_usd", 10).index


def test_worst_needs_a_figure_and_an_end(rows):
    with pytest.raises(BatchError, match="no set has the figure 'cost'; there are cost_usd"):
        worst(rows, "cost")
    with pytest.raises(BatchError, match="'least' is neither 'highest' nor 'lowest'"):
        worst(rows, "cost_usd", end="least")


def test_extremes_name_their_sets(rows):
    found = extremes(rows.iloc[::-1], ["cost_usd"])
    assert found.loc["cost_usd"].tolist() == [0.0, 0, 30.0, 3]
    assert extremes(rows.assign(lost=np.nan), ["lost"]).empty
