"""Formats of figures that people read, one for each kind: no powers of ten, no -0, and rounding of a solver is 0.

figure, plain_figure    four significant digits, whole from ten thousand on; a dash for unknown values
in_full                 the same without zeros at the end, for tables on a terminal
quantity                six significant digits, whole from a million on, for sentences
money                   an amount with its unit, such as million USD; ``placer.currency.amount_in`` has two decimals
percent, points         a share of one, and a difference of shares
gap_percent             the gap of an answer
"""

from __future__ import annotations

import math

from placer.currency import USD
from placer.tolerances import SOLVER

#: Text for an unknown value or the mean of nothing.
NOTHING = "\u2013"
#: Smaller figures are rounding, and shown as 0: solvers take smaller input for nothing.
SMALLEST_SHOWN = 1e-9
#: Below this, ``plain_figure`` writes a bound.
_TINY = 1e-5


def figure(value: float, digits: int = 4) -> str:
    """Return a figure with ``digits`` significant digits, whole from ten thousand on.

    Examples
    --------
    >>> figure(0.105099), figure(1234.567), figure(14674260.0), figure(float("inf")), figure(-1.4e-17)
    ('0.1051', '1,235', '14,674,260', 'unlimited', '0')
    """
    if math.isnan(value):
        return NOTHING
    if math.isinf(value):
        return "unlimited" if value > 0 else "-unlimited"
    if abs(value) < SMALLEST_SHOWN:
        return "0"
    if abs(value) >= 10**digits:
        return f"{value:,.0f}"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    return f"{value:,.{places}f}"


def plain_figure(value: float) -> str:
    """Return a figure as ``figure`` does, and a bound in place of many decimals.

    Examples
    --------
    >>> plain_figure(9.114e-06), plain_figure(-9.114e-06), plain_figure(0.0105)
    ('<0.00001', '>-0.00001', '0.01050')
    """
    if SMALLEST_SHOWN <= abs(value) < _TINY:
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


def gap_percent(gap: float) -> str:
    """Return the gap of an answer in per cent, to two digits; a gap that is rounding is 0.

    Examples
    --------
    >>> gap_percent(0.0234), gap_percent(1.2e-7), gap_percent(-1.8e-16)
    ('2.3%', '0.000012%', '0%')
    """
    return "0%" if abs(gap) < SOLVER else f"{_digits(100 * gap, 2)}%"


def gap_in_words(gap: float) -> str:
    """Return the gap of an answer as ``gap_percent`` has it.

    Examples
    --------
    >>> gap_in_words(0.0234)
    'gap 2.3%'
    """
    return f"gap {gap_percent(gap)}"


def points(change: float) -> str:
    """Return a change of a share in points of per cent.

    Examples
    --------
    >>> points(-0.1234), points(0.0056)
    ('-12.3 points', '0.56 points')
    """
    return f"{100 * change:z.{2 if abs(change) < 0.01 else 1}f} points"


def mark(value: float) -> str:
    """Return the label of a round value on an axis.

    Examples
    --------
    >>> mark(0.2), mark(250000.0)
    ('0.2', '250,000')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else _digits(value, 6)


def in_full(value: float) -> str:
    """Return a quantity in full where it is large, to four digits where it is small.

    Examples
    --------
    >>> in_full(8098133.4), in_full(0.0123456)
    ('8,098,133', '0.01235')
    """
    return f"{value:,.0f}" if abs(value) >= 1e4 else _digits(value, 4)


def quantity(value: float, digits: int = 6) -> str:
    """Return a quantity of a sentence with six significant digits, whole where it has more.

    Examples
    --------
    >>> quantity(2_103_881.4), quantity(0.3881234567), quantity(2.5e-7), quantity(-1.36709e-17)
    ('2,103,881', '0.388123', '0.00000025', '0')
    """
    return f"{value:,.0f}" if abs(value) >= 10**digits else _digits(value, digits)


def _digits(value: float, digits: int) -> str:
    """Return a number with some significant digits, without zeros at its end and without a power of ten."""
    if not math.isfinite(value) or abs(value) < SMALLEST_SHOWN:
        return f"{value if not math.isfinite(value) else 0:g}"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(places, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(text: str, value: float) -> str:
    """Return the text of a difference with its sign."""
    return f"+{text}" if value > 0 else text.replace("-", "\u2212")
