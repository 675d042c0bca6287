"""Validation of a ``dataset.toml``: texts, settings and scenarios. Every unknown key is a violation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from placer.currency import CURRENCIES, allowed_currency
from placer.errors import Violation
from placer.instance.attributes.columns import Kind
from placer.instance.attributes.schema import INPUT_TABLES, NUMBERS
from placer.instance.attributes.settings import SETTING_NAMES, allowed_setting
from placer.instance.attributes.validation import show

TEXTS = ("name", "description", "licence", "currency")

#: Tables of plans that may stand beside those of the instance; ``placer.datasets.plan_tables`` reads them.
PLAN_TABLES = ("candidates", "candidate_hours", "build_limits", "annual_limits")


def check_toml(content: Mapping[str, Any]) -> list[Violation]:
    """Return the violations in the content of a ``dataset.toml``."""
    known = {*TEXTS, "sources", "settings", "scenarios"}
    violations = [toml(key, "unknown key", ", ".join(sorted(known))) for key in content if key not in known]
    violations += [toml(key, show(content[key]), "text") for key in TEXTS if not isinstance(content.get(key, ""), str)]
    violations += _check_currency(content.get("currency", ""), entries_of(content, "settings").get("currency"))
    sources = content.get("sources", [])
    if not (isinstance(sources, list) and all(isinstance(item, str) for item in sources)):
        violations.append(toml("sources", show(sources), "a list of texts"))
    violations += _check_part("settings", "settings", content.get("settings", {}))
    scenarios = content.get("scenarios", {})
    if not isinstance(scenarios, dict):
        return [*violations, toml("scenarios", show(scenarios), "tables [scenarios.NAME]")]
    for name, scenario in scenarios.items():
        violations += _check_scenario(f"scenarios.{name}", scenario)
    return violations


def _check_currency(stated: Any, setting: Any) -> list[Violation]:
    """Return the violations of the currency above the settings, which is the setting of that name."""
    if not isinstance(stated, str) or not stated:
        return []
    if stated not in CURRENCIES:
        return [toml("currency", show(stated), allowed_currency(stated))]
    if setting is not None and setting != stated:
        return [toml("settings.currency", show(setting), f"{stated}, as stated above, or no currency above")]
    return []


def sound_settings(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the valid settings of a ``dataset.toml``, with the currency above them."""
    stated = content.get("currency")
    currency = {"currency": stated} if isinstance(stated, str) and stated in CURRENCIES else {}
    return currency | sound_entries(content, "settings")


def _check_scenario(place: str, scenario: Any) -> list[Violation]:
    if not isinstance(scenario, dict):
        return [toml(place, show(scenario), "a table")]
    violations = [
        toml(f"{place}.{key}", "unknown key", ", ".join(sorted(_SCENARIO_KEYS)))
        for key in scenario
        if key not in _SCENARIO_KEYS
    ]
    if not isinstance(scenario.get("description", ""), str):
        violations.append(toml(f"{place}.description", show(scenario["description"]), "text"))
    for part in _ENTRIES:
        violations += _check_part(f"{place}.{part}", part, scenario.get(part, {}))
    return violations


def _check_part(place: str, part: str, entries: Any) -> list[Violation]:
    if not isinstance(entries, dict):
        return [toml(place, show(entries), "a table")]
    found = ((key, entry_defect(part, key, value)) for key, value in entries.items())
    return [toml(f"{place}.{key}", *defect) for key, defect in found if defect]


def entry_defect(part: str, key: str, value: Any) -> tuple[str, str] | None:
    """Return the problem of an entry of ``settings`` or of a scenario's part and the allowed values; None if valid.

    Parameters
    ----------
    part : str
        ``settings``, ``tables``, ``columns`` or ``factors``.
    value : object
    """
    return _ENTRIES[part](key, value)


def entries_of(scenario: Any, part: str) -> dict[str, Any]:
    """Return the entries of a scenario's part; none where the scenario or the part is no table."""
    entries = scenario.get(part, {}) if isinstance(scenario, dict) else {}
    return entries if isinstance(entries, dict) else {}


def sound_entries(scenario: Any, part: str) -> dict[str, Any]:
    """Return the valid entries of a scenario's part."""
    return {key: value for key, value in entries_of(scenario, part).items() if not entry_defect(part, key, value)}


def _table_defect(key: str, value: Any) -> tuple[str, str] | None:
    if key not in (*INPUT_TABLES, *PLAN_TABLES):
        return "unknown", "one of " + ", ".join((*INPUT_TABLES, *PLAN_TABLES))
    return None if isinstance(value, str) else (show(value), "the name of a CSV file")


def _column_defect(key: str, value: Any) -> tuple[str, str] | None:
    table, _, column = key.partition(".")
    if table not in INPUT_TABLES or not column:
        return "unknown", "one of " + ", ".join(INPUT_TABLES) + ", then a dot and a column"
    if column not in INPUT_TABLES[table].names:
        return "unknown", "one of " + ", ".join(INPUT_TABLES[table].names)
    if not isinstance(value, (str, int, float)):
        return show(value), "a value, or the name of a CSV file"
    kind = INPUT_TABLES[table].column(column).kind
    is_empty = isinstance(value, str) and not value.strip() and kind not in (Kind.TEXT, Kind.NAMES)
    return (show(value), f"a {kind}, or the name of a CSV file") if is_empty else None


def _factor_defect(key: str, value: Any) -> tuple[str, str] | None:
    table, _, column = key.partition(".")
    if column not in NUMBERS.get(table, ()):
        return "unknown", "one of " + ", ".join(f"{name}.{one}" for name, columns in NUMBERS.items() for one in columns)
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return None if number and 0 <= value < math.inf else (show(value), "a number, >= 0, finite")


#: The parts of a scenario that hold entries -> the check of one entry.
_ENTRIES: dict[str, Callable[[str, Any], tuple[str, str] | None]] = {
    "settings": lambda key, _: None if key in SETTING_NAMES else ("unknown setting", allowed_setting(key)),
    "tables": _table_defect,
    "columns": _column_defect,
    "factors": _factor_defect,
}
_SCENARIO_KEYS = {"description", *_ENTRIES}


def toml(key: str, problem: str, allowed: str) -> Violation:
    """Return a violation in ``dataset.toml``."""
    return Violation("dataset.toml", "", key, problem, allowed)
