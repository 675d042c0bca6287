"""The settings of a whole instance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from placer.currency import CURRENCIES, USD, allowed_currency
from placer.errors import Violation
from placer.instance.attributes.schema import SETTINGS
from placer.instance.attributes.synonyms import meant, perhaps
from placer.instance.attributes.validation import number_problem, show

#: Accounting of accelerator cost: by the hours used, or sunk because it is paid already.
ACCELERATORS = ("by_use", "sunk")

BETWEEN_REGIONS = "between_regions"


@dataclass(frozen=True)
class Settings:
    """Settings of a whole instance.

    Names of columns and settings say ``usd``; with ``currency`` that unit is the currency.

    Attributes
    ----------
    carbon_usd_per_kg : float
        Price of carbon, at least 0.
    carbon_limit_kg, water_limit_litres : float
        Caps over the whole horizon; inf means none.
    accelerators : str
        ``by_use``: an accelerator-hour costs the data centre's price. ``sunk``: accelerators are paid for, and only
        operations are charged. Neither charges idle hours.
    cyclic : bool
        Whether waiting work may run past the last hour into the first hours. If not, all work is served by the end.
    hour_length : float
        Length of one step of the horizon in hours; one step may stand for many.
    exports : str or tuple of (str, str)
        ``between_regions``: work is exported where hub and data centre both have a region and they differ. Otherwise
        the pairs (hub region, data-centre region) that count as export.
    directed : bool
        Whether links carry requests only from their first to their second node.
    routes : int
        Most routes from a hub to a data centre: the simple paths of least round trip. A request takes any mix of those
        that are in time.
    currency : str
        The code of ISO 4217 of the currency that all amounts are in, such as ``EUR``. It changes no number.
    """

    carbon_usd_per_kg: float = 0.0
    carbon_limit_kg: float = math.inf
    water_limit_litres: float = math.inf
    accelerators: str = "by_use"
    cyclic: bool = False
    hour_length: float = 1.0
    exports: str | tuple[tuple[str, str], ...] = BETWEEN_REGIONS
    directed: bool = False
    routes: int = 1
    currency: str = USD


SETTING_NAMES = tuple(item.name for item in fields(Settings))


def changed_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that differ from their defaults, by name."""
    default = Settings()
    return {name: value for name in SETTING_NAMES if (value := getattr(settings, name)) != getattr(default, name)}


def settings_from(given: Mapping[str, Any], *, directed: bool) -> tuple[Settings, list[Violation]]:
    """Return settings built from keywords, and the keywords that are no settings."""
    unknown = [
        Violation("settings", "", name, "unknown", allowed_setting(name)) for name in given if name not in SETTING_NAMES
    ]
    known = {name: value for name, value in given.items() if name in SETTING_NAMES}
    settings = Settings(**({"directed": directed} | known))
    return settings, unknown


def allowed_setting(name: str) -> str:
    """Return the setting that an unknown name probably stands for, or all settings."""
    near = meant(name, SETTING_NAMES)
    return perhaps(name, near) if near else ", ".join(SETTING_NAMES)


def check_settings(settings: Settings) -> list[Violation]:
    """Return the defects of settings."""
    violations = [
        Violation("settings", "", column.name, problem, column.allowed)
        for column in SETTINGS
        if (problem := number_problem(getattr(settings, column.name), column))
    ]
    violations += [
        Violation("settings", "", name, show(getattr(settings, name)), "true or false")
        for name in ("cyclic", "directed")
        if not isinstance(getattr(settings, name), bool)
    ]
    if not (isinstance(settings.accelerators, str) and settings.accelerators in ACCELERATORS):
        violations.append(
            Violation("settings", "", "accelerators", show(settings.accelerators), " or ".join(ACCELERATORS))
        )
    if not (_is_pairs(settings.exports) or (isinstance(settings.exports, str) and settings.exports == BETWEEN_REGIONS)):
        allowed = f"{BETWEEN_REGIONS} or pairs (hub region, data-centre region)"
        violations.append(Violation("settings", "", "exports", show(settings.exports), allowed))
    return [*violations, *_currency_problems(settings.currency)]


def stated_currency(settings: Settings) -> str:
    """Return the currency of settings that need not be valid; USD in place of what is none."""
    return settings.currency if not _currency_problems(settings.currency) else USD


def _currency_problems(given: object) -> list[Violation]:
    if isinstance(given, str) and given in CURRENCIES:
        return []
    allowed = allowed_currency(given if isinstance(given, str) else "")
    return [Violation("settings", "", "currency", show(given), allowed)]


def _is_pairs(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and all(isinstance(name, str) and name for name in pair)
        for pair in value
    )


def typed_settings(settings: Settings) -> Settings:
    """Return valid settings with exact types."""
    exports = settings.exports
    return replace(
        settings,
        carbon_usd_per_kg=float(settings.carbon_usd_per_kg),
        carbon_limit_kg=float(settings.carbon_limit_kg),
        water_limit_litres=float(settings.water_limit_litres),
        hour_length=float(settings.hour_length),
        routes=int(settings.routes),
        exports=exports if isinstance(exports, str) else tuple((str(a), str(b)) for a, b in exports),
    )
