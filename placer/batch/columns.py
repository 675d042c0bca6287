"""Column names of a batch's rows that contain other names, and the inverse."""

from __future__ import annotations

_HUB_PRICE = "price_usd_per_mtok "


def hub_price_name(hub: str) -> str:
    """Return the name of the column that holds the mean price at a hub.

    Examples
    --------
    >>> hub_price_name("Beijing")
    'price_usd_per_mtok Beijing'
    """
    return f"{_HUB_PRICE}{hub}"


def hub_of(column: str) -> str | None:
    """Return the hub whose price a column holds; None if it holds something else.

    Examples
    --------
    >>> hub_of("price_usd_per_mtok Beijing"), hub_of("price_p50_usd_per_mtok")
    ('Beijing', None)
    """
    return column.removeprefix(_HUB_PRICE) if column.startswith(_HUB_PRICE) else None
