"""Shapes of a year: days of the week, months and tariff seasons, by which ``placer.datasets.year`` repeats the day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from building.power import hourly
from building.tables import Cell, Dataset, Row, decimals, read, read_by

#: A year of 365 days, in which every month has its usual length.
COMMON_YEAR = 2026
MONTHS = range(1, 13)
#: The trace whose days of the week a profile follows; batch arrives evenly.
TRACES = {"deepseek": "azure2024_conv", "azure_code": "azure2024_code"}
SCHOOL = "visits to ChatGPT in June 2023 over May 2023"
DEGREES = "PUE per degree"
#: Degrees above which a degree adds to the PUE, as the rule has it that ``world`` uses.
WARM_C = 15.0
MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6


def add_year(dataset: Dataset) -> None:
    """Add the tables of the folder ``year``."""
    add_weekdays(dataset, "assumed_mix", "that China's week is the same is an assumption")
    _add_holidays(dataset)
    _add_months(dataset)
    _add_tariffs(dataset)
    _add_pue(dataset)
    add_variation(dataset)


def add_variation(dataset: Dataset) -> None:
    """Add how much days differ by chance."""
    rows = read("assumed_days")
    dataset.tables["year/variation"] = [{"item": row["item"], "value": row["value"]} for row in rows]
    for row in rows:
        note = f"synthetic: drawn from the seed; {row['note']}"
        dataset.cite("year/variation", row["item"], "*", "facts/assumed_days.csv", "assumption", note)


def add_weekdays(dataset: Dataset, mix: str, assumed: str) -> None:
    """Add the days of the week of every class of a mix, and say what is assumed of them."""
    levels = read_by("weekday_shapes", "series", "weekday")
    rows: list[dict[str, Cell]] = []
    for row in read(mix):
        name, trace = row["workload"], TRACES.get(row["profile"])
        factors = [levels[f"{trace}|{day}"]["rel_to_mean"] if trace else "1" for day in range(7)]
        rows += [{"workload": name, "weekday": str(day), "factor": factor} for day, factor in enumerate(factors)]
        known = levels.get(f"{trace}|0", {"source": "arrivals spread evenly", "kind": "assumption"})
        note = f"days of the trace in UTC, worldwide; {assumed}" if trace else ""
        dataset.cite("year/demand_weekdays", name, "*", known["source"], known["kind"], note)
    dataset.tables["year/demand_weekdays"] = rows


def _add_holidays(dataset: Dataset) -> None:
    """Add the days that follow another day of the week: free days as a Sunday, Saturdays and Sundays at work."""
    rows: list[dict[str, Cell]] = []
    for row in read("public_holidays"):
        usual = date.fromisoformat(row["date"]).weekday()
        if row["day"] == "free":
            weekday = usual if usual >= SATURDAY else SUNDAY
        else:
            weekday = {SATURDAY: FRIDAY, SUNDAY: MONDAY}[usual]
        if weekday != usual:
            rows.append({"day": row["date"], "weekday": str(weekday)})
            dataset.cite("year/holidays", row["date"], "day", row["source"], row["kind"], row["holiday"])
    dataset.tables["year/holidays"] = rows
    note = "a free day is as a Sunday, a Saturday at work as a Friday, a Sunday at work as a Monday"
    source = "facts/public_holidays.csv; no demand of holidays was found"
    dataset.cite("year/holidays", "*", "weekday", source, "assumption", note)


def _add_months(dataset: Dataset) -> None:
    """Add months: fewer chats in the summer holidays of schools; tariff months."""
    months, school = read("assumed_months"), read_by("season_shapes", "item")[SCHOOL]
    ratio = float(school["value"])
    days = [monthrange(COMMON_YEAR, month)[1] for month in MONTHS]
    level = [ratio if row["school_holiday"] == "yes" else 1.0 for row in months]
    mean = sum(day * each for day, each in zip(days, level, strict=True)) / sum(days)
    rows: list[dict[str, Cell]] = []
    for row in read("assumed_mix"):
        name, chat = row["workload"], "chat" in row["workload"]
        factors = [decimals(each / mean, 4) if chat else "1" for each in level]
        rows += [{"workload": name, "month": str(m), "factor": f} for m, f in zip(MONTHS, factors, strict=True)]
        said = "that China's schools do the same in July and August is an assumption; mean of the year 1"
        source = school["source"] if chat else "no seasons published: the same in all months"
        note = f"{SCHOOL}, {school['kind']}: {said}" if chat else ""
        dataset.cite("year/demand_months", name, "*", source, "assumption", note)
    dataset.tables["year/demand_months"] = rows
    dataset.tables["year/months"] = [{"month": row["month"], "tariff_month": row["tariff_month"]} for row in months]
    note = "the hours of tariffs are known of January, April, June and July"
    dataset.cite("year/months", "*", "*", "facts/assumed_months.csv", "assumption", note)


def _add_tariffs(dataset: Dataset) -> None:
    """Add the price of every hour over the mean price, by tariff month; zones at one price all day have none."""
    shapes = month_shapes()
    rows: list[dict[str, Cell]] = []
    for zone in (zone for zone in read("assumed_zones") if zone["shape"]):
        name = zone["power_zone"]
        for month in ("1", "4", "6", "7"):
            rows += [
                {"power_zone": name, "tariff_month": month, "hour": str(hour), "factor": decimals(factor, 4)}
                for hour, factor in enumerate(_factors(month_prices(zone, month)))
            ]
        known = shapes[zone["shape"], "1"]
        note = f"hours of {zone['shape']}; the energy part of the price follows them, every month has the same mean"
        dataset.cite("year/power_zone_hours", name, "*", known["source"], known["kind"], f"{note}; {known['note']}")
    dataset.tables["year/power_zone_hours"] = rows


def month_shapes() -> dict[tuple[str, str], Row]:
    """Return the hours of a tariff by its zone and tariff month."""
    shapes = {(row["zone"], row["month"]): row for row in read("price_shapes_months")}
    return shapes | {(row["zone"], "6"): row for row in read("price_shapes")}


def month_prices(zone: Row, month: str) -> list[float]:
    """Return the price of every hour of a tariff month in USD per MWh."""
    return hourly(zone, month_shapes()[zone["shape"], month])


def _factors(prices: list[float]) -> list[float]:
    """Return prices over their mean."""
    return [price * len(prices) / sum(prices) for price in prices]


def _add_pue(dataset: Dataset) -> None:
    """Add what the weather of every month adds to the PUE; its mean over the year is 0."""
    rule, years = read_by("assumed_world_values", "item")[DEGREES], read("month_temperatures")
    days = [monthrange(COMMON_YEAR, month)[1] for month in MONTHS]
    rows: list[dict[str, Cell]] = []
    for row in read("assumed_climates"):
        name, known = row["data_centre"], [year for year in years if year["city"] == row["city"]]
        degrees = [sum(float(year[f"m{month:02d}"]) for year in known) / len(known) for month in MONTHS]
        warm = [max(each - WARM_C, 0.0) for each in degrees]
        mean = sum(day * each for day, each in zip(days, warm, strict=True)) / sum(days)
        added = [decimals(float(rule["value"]) * (each - mean), 4) for each in warm]
        rows += [{"data_centre": name, "month": str(m), "added_pue": a} for m, a in zip(MONTHS, added, strict=True)]
        said = f"{rule['value']} for each degree above {WARM_C:g} C ({rule['source']}), less the mean of the year"
        note = f"{said}; months of {row['city']}, 2008 and 2009" + (f"; {row['note']}" if row["note"] else "")
        dataset.cite("year/data_centre_months", name, "*", known[0]["source"], "derived", note)
    dataset.tables["year/data_centre_months"] = rows
