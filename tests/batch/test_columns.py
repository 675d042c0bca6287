"""Names of columns that are made of names of hubs."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from placer.batch.columns import hub_of, hub_price_name


@given(st.text(min_size=1))
def test_a_hub_comes_back_from_the_name_of_its_column(hub):
    """Tests that whatever a hub is called, its column names it and no other."""
    assert hub_of(hub_price_name(hub)) == hub


def test_other_columns_are_of_no_hub():
    """Tests that quantiles of the price, which begin alike, are not taken for hubs."""
    assert hub_of("price_p50_usd_per_mtok") is None
