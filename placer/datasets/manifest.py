"""What a ``dataset.toml`` may say: texts, settings and scenarios. Every key that is not known is a violation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from placer.errors import Violation
from placer.instance.schema import INPUT_TABLES, NUMBERS
from placer.instance.settings import SETTING_NAMES, allowed_setting
from placer.instance.validation import show

TEXTS = ("name", "description", "licence", "currency")

_SCENARIO_KEYS = {"description", "settings", "tables", "columns", "factors"}


def check_toml(content: Mapping[str, Any]) -> list[Violation]:
    """Return what is wrong with the content of a ``dataset.toml``."""
    known = {*TEXTS, "sources", "settings", "scenarios"}
    violations = [toml(key, "unknown key", ", ".join(sorted(known))) for key in content if key not in known]
    violations += [toml(key, show(content[key]), "text") for key in TEXTS if not isinstance(content.get(key, ""), str)]
    if content.get("currency", "USD") not in ("USD", ""):
        violations.append(toml("currency", show(content["currency"]), "USD: placer's units are USD throughout"))
    sources = content.get("sources", [])
    if not (isinstance(sources, list) and all(isinstance(item, str) for item in sources)):
        violations.append(toml("sources", show(sources), "a list of texts"))
    violations += _check_settings_keys(content.get("settings", {}), "settings")
    scenarios = content.get("scenarios", {})
    if not isinstance(scenarios, dict):
        return [*violations, toml("scenarios", show(scenarios), "tables [scenarios.NAME]")]
    for name, scenario in scenarios.items():
        violations += _check_scenario(f"scenarios.{name}", scenario)
    return violations


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
    violations += _check_settings_keys(scenario.get("settings", {}), f"{place}.settings")
    for part in ("tables", "columns"):
        if not isinstance(scenario.get(part, {}), dict):
            violations.append(toml(f"{place}.{part}", show(scenario[part]), "a table"))
            continue
        for key, value in scenario.get(part, {}).items():
            table, _, column = key.partition(".")
            if table not in INPUT_TABLES or bool(column) != (part == "columns"):
                allowed = (
                    "one of " + ", ".join(INPUT_TABLES) + (", then a dot and a column" if part == "columns" else "")
                )
                violations.append(toml(f"{place}.{part}.{key}", "unknown", allowed))
            elif column and column not in INPUT_TABLES[table].names:
                allowed = "one of " + ", ".join(INPUT_TABLES[table].names)
                violations.append(toml(f"{place}.{part}.{key}", "unknown", allowed))
            elif part == "tables" and not isinstance(value, str):
                violations.append(toml(f"{place}.{part}.{key}", show(value), "the name of a CSV file"))
            elif not isinstance(value, (str, int, float)):
                violations.append(toml(f"{place}.{part}.{key}", show(value), "a value, or the name of a CSV file"))
    return violations + _check_factors(f"{place}.factors", scenario.get("factors", {}))


def _check_factors(place: str, factors: Any) -> list[Violation]:
    if not isinstance(factors, dict):
        return [toml(place, show(factors), "a table")]
    violations = []
    for key, value in factors.items():
        table, _, column = key.partition(".")
        if column not in NUMBERS.get(table, ()):
            allowed = ", ".join(f"{name}.{number}" for name, numbers in NUMBERS.items() for number in numbers)
            violations.append(toml(f"{place}.{key}", "unknown", f"one of {allowed}"))
        elif isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
            violations.append(toml(f"{place}.{key}", show(value), "a number, >= 0, finite"))
    return violations


def _check_settings_keys(settings: Any, place: str) -> list[Violation]:
    if not isinstance(settings, dict):
        return [toml(place, show(settings), "a table")]
    return [
        toml(f"{place}.{key}", "unknown setting", allowed_setting(key)) for key in settings if key not in SETTING_NAMES
    ]


def toml(key: str, problem: str, allowed: str) -> Violation:
    """Return a violation in ``dataset.toml``."""
    return Violation("dataset.toml", "", key, problem, allowed)
