"""Amounts of money with the code of their currency.

``placer`` converts nothing: the currency of an instance is a label of all its amounts. Names of columns say ``usd``
whatever the currency is.
"""

from __future__ import annotations

import difflib

#: The currency of an instance that states none.
USD = "USD"

#: Codes of ISO 4217 of the currencies in use, without metals, units of account and test codes.
_CODES = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD "
    "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG "
    "QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"
)
CURRENCIES = tuple(_CODES.split())

#: Currencies that most data are in: a code that is near to one of them probably stands for it.
_COMMON = ("USD", "EUR", "GBP", "CNY", "JPY")
#: Currencies worth between half a dollar and two: typical amounts in USD are typical in them too.
NEAR_USD = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SGD")
#: Names and signs that people write for a code.
_NAMES = {
    "€": "EUR",
    "euros": "EUR",
    "$": "USD",
    "us$": "USD",
    "dollar": "USD",
    "dollars": "USD",
    "us dollar": "USD",
    "£": "GBP",
    "pound": "GBP",
    "pounds": "GBP",
    "sterling": "GBP",
    "¥": "JPY",
    "yen": "JPY",
    "franc": "CHF",
    "yuan": "CNY",
    "rmb": "CNY",
    "renminbi": "CNY",
    "cnh": "CNY",
    "rupee": "INR",
    "rupees": "INR",
    "won": "KRW",
}


def allowed_currency(given: str) -> str:
    """Return the code that a text probably stands for, or what a currency is.

    Examples
    --------
    >>> allowed_currency("euro"), allowed_currency("UDS")
    ('perhaps EUR', 'perhaps USD')
    >>> allowed_currency("bottle caps")
    'a code of ISO 4217, such as EUR'
    """
    plain = given.strip().casefold()
    if plain in _NAMES:
        return f"perhaps {_NAMES[plain]}"
    close = [each for known in (_COMMON, CURRENCIES) for each in difflib.get_close_matches(plain.upper(), known, 1)]
    return f"perhaps {close[0]}" if close else "a code of ISO 4217, such as EUR"


def in_currency(text: str, currency: str) -> str:
    """Return a unit or a heading of the package, written for USD, in a currency. Texts with names are never passed.

    Examples
    --------
    >>> in_currency("USD per MWh", "EUR")
    'EUR per MWh'
    """
    return text.replace(USD, currency)


def amount_in(value: float, currency: str) -> str:
    """Return an amount with two decimals and its currency.

    Examples
    --------
    >>> amount_in(1234.5, "EUR"), amount_in(-1e-12, "EUR")
    ('1,234.50 EUR', '0.00 EUR')
    """
    return f"{value:z,.2f} {currency}"
