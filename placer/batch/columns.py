"""Column names of a batch's rows that contain names of hubs, regions and limits, and the inverse."""

from __future__ import annotations

from placer.currency import USD

_HUB_PRICE = "price_usd_per_mtok "
_BALANCE, _UPLIFT = "balance_usd ", "uplift "
_LIMIT_USE, _LIMIT_RENT = "limit_use ", "limit_rent_usd_per_unit "


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


def limit_names(limit: str, hours: str) -> tuple[str, str]:
    """Return the names of the columns that hold the use and the rent of a limit of one's own.

    Examples
    --------
    >>> limit_names("green", "7")
    ('limit_use green [7]', 'limit_rent_usd_per_unit green [7]')
    """
    title = f"{limit} [{hours}]" if hours else limit
    return f"{_LIMIT_USE}{title}", f"{_LIMIT_RENT}{title}"


def region_names(region: str) -> tuple[str, str]:
    """Return the names of the columns that hold the balance and the uplift of a region.

    Examples
    --------
    >>> region_names("west")
    ('balance_usd west', 'uplift west')
    """
    return f"{_BALANCE}{region}", f"{_UPLIFT}{region}"


def region_of(column: str, currency: str = USD) -> str | None:
    """Return the region whose balance or uplift a column holds, and which of the two; None for anything else.

    Examples
    --------
    >>> region_of("uplift west"), region_of("cost_usd")
    ('west, uplift', None)
    """
    for beginning, figure in ((_BALANCE, f"balance, {currency}"), (_UPLIFT, "uplift")):
        if column.startswith(beginning):
            return f"{column.removeprefix(beginning)}, {figure}"
    return None


def limit_in_column(column: str) -> str | None:
    """Return the limit whose use or rent a column holds, and which of the two; None if it holds something else.

    Examples
    --------
    >>> limit_in_column("limit_rent_usd_per_unit green [7]"), limit_in_column("price_p50_usd_per_mtok")
    ('green [7], rent', None)
    """
    for beginning, figure in ((_LIMIT_USE, "use"), (_LIMIT_RENT, "rent")):
        if column.startswith(beginning):
            return f"{column.removeprefix(beginning)}, {figure}"
    return None
