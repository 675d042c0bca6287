"""Formats of figures: four significant digits, separated thousands, and a dash for unknown values."""

from __future__ import annotations

import math

from placer.currency import USD

#: Text for an unknown value or the mean of nothing.
NOTHING = "\u2013"
#: Below this, ``figure`` writes powers of ten.
_TINY = 1e-5


def figure(value: float, digits: int = 4) -> str:
    """Return a figure with ``digits`` significant digits, whole from ten thousand on.

    Examples
    --------
    >>> figure(0.105099), figure(1234.567), figure(14674260.0), figure(float("inf")), figure(0.0)
    ('0.1051', '1,235', '14,674,260', 'unlimited', '0')
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "unlimited" if value > 0 else "-unlimited"
    if value == 0:
        return "0"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    if places > 8:
        return f"{value:.{digits - 1}e}"
    return f"{value:,.{places}f}"


def plain_figure(value: float) -> str:
    """Return a figure as ``figure`` does, and a bound in place of a power of ten.

    Examples
    --------
    >>> plain_figure(9.114e-06), plain_figure(-9.114e-06), plain_figure(0.0105)
    ('<0.00001', '>-0.00001', '0.01050')
    """
    if 0 < abs(value) < _TINY:
        return f"<{_TINY:.5f}" if value > 0 else f">-{_TINY:.5f}"
    return figure(value)


def money(value: float, currency: str = USD) -> tuple[str, str]:
    """Return an amount of money with four digits and its unit.

    Examples
    --------
    >>> money(9_214_123_456.0), money(-3_140_000.0, "EUR"), money(1_250.0)
    (('9.214', 'billion USD'), ('-3.140', 'million EUR'), ('1,250', 'USD'))
    """
    size, unit = money_unit(value, currency)
    return figure(value / size), unit


def money_unit(value: float, currency: str = USD) -> tuple[float, str]:
    """Return the size and the name of the unit in which an amount of money reads well.

    Examples
    --------
    >>> money_unit(10_141_000.0)
    (1000000.0, 'million USD')
    """
    large = ((1e9, f"billion {currency}"), (1e6, f"million {currency}"))
    return next((unit for unit in large if unit[0] <= abs(value) < math.inf), (1.0, currency))


def percent(share: float, places: int = 1) -> str:
    """Return a share of one in per cent.

    Examples
    --------
    >>> percent(0.28552), percent(-0.00001)
    ('28.6%', '0.0%')
    """
    if math.isnan(share):
        return NOTHING
    text = f"{100 * share:,.{places}f}%"
    return text.removeprefix("-") if float(text[:-1].replace(",", "")) == 0 else text


def gap_in_words(gap: float) -> str:
    """Return the gap of an answer in per cent, to two digits.

    Examples
    --------
    >>> gap_in_words(0.0234), gap_in_words(1.2e-7)
    ('gap 2.3%', 'gap 1.2e-05%')
    """
    return f"gap {100 * gap:.2g}%"


def points(change: float) -> str:
    """Return a change of a share in points of per cent.

    Examples
    --------
    >>> points(-0.1234), points(0.0056)
    ('-12.3 points', '0.56 points')
    """
    return f"{100 * change:.{2 if abs(change) < 0.01 else 1}f} points"


def mark(value: float) -> str:
    """Return the label of a round value on an axis.

    Examples
    --------
    >>> mark(0.2), mark(250000.0)
    ('0.2', '250,000')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:g}"


def in_full(value: float) -> str:
    """Return a quantity in full where it is large, to four digits where it is small.

    Examples
    --------
    >>> in_full(8098133.4), in_full(0.0123456)
    ('8,098,133', '0.01235')
    """
    return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:,.4g}"


def signed(text: str, value: float) -> str:
    """Return the text of a difference with its sign."""
    return f"+{text}" if value > 0 else text.replace("-", "\u2212")
