"""Names of columns that are made of names of hubs and limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placer.batch.columns import hub_of, hub_price_name, limit_in_column, limit_names


@pytest.mark.slow
@given(st.text(min_size=1))
def test_a_hub_comes_back_from_the_name_of_its_column(hub):
    """Tests that whatever a hub is called, its column names it and no other."""
    assert hub_of(hub_price_name(hub)) == hub


@pytest.mark.slow
@given(st.text(min_size=1), st.sampled_from(["", "7"]))
def test_a_limit_comes_back_from_the_names_of_its_columns(limit, hours):
    """Tests that use and rent of any limit name it, and are taken for no hub."""
    use, rent = limit_names(limit, hours)
    title = f"{limit} [7]" if hours else limit
    assert (limit_in_column(use), limit_in_column(rent)) == (f"{title}, use", f"{title}, rent")
    assert hub_of(use) is hub_of(rent) is None


def test_other_columns_are_of_no_hub():
    """Tests that quantiles of the price, which begin alike, are not taken for hubs."""
    assert hub_of("price_p50_usd_per_mtok") is None
