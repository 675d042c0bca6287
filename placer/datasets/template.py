"""Datasets to write over: a folder of CSV tables, or an Excel workbook, with every column explained.

The rows are a small problem that can be solved, planned and varied before it is written over. Tables that it does not
need are there without rows.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from placer.datasets.csv_files import write_exact_csv
from placer.datasets.workbooks import README_SHEET, SETTINGS_SHEET
from placer.errors import PlacerError
from placer.instance.attributes.columns import REQUIRED, Column, Table
from placer.instance.attributes.meanings import SETTING_MEANINGS, meaning
from placer.instance.attributes.schema import DEMAND_PROFILE, INPUT_TABLES
from placer.instance.attributes.settings import SETTING_NAMES, Settings
from placer.io.table_files import WORKBOOK
from placer.utils.atomic import check_folder, whole
from placer.utils.optional import extra
from placer.utils.reading import is_there, with_home

_INTRODUCTION = (
    "The rows are an example. Write your own over hubs, data_centres, links, workloads and demand.",
    "The other tables are there for those who need them.",
    "An empty cell is the default of its column; inf is unlimited. Delete the columns and tables you do not use.",
    "Values per hour go into power_zone_hours and data_centre_hours, in place of the column of the same name.",
    "A table demand_profile spreads a demand without hours over the day, by workload.",
)
#: The tables of a template. A profile, if there is one, is in place of the hours of the demand.
_TABLES = {name: table for name, table in INPUT_TABLES.items() if name != DEMAND_PROFILE.name}
_COMMANDS = (
    ("placer check FOLDER", "what is wrong, and what is probably not intended"),
    ("placer solve FOLDER", "the placement of least cost"),
    ("placer plan FOLDER -s twice", "what to build, of `candidates.csv`"),
    ("placer sensitivity FOLDER", "which assumption of `sensitivity.toml` matters"),
)


def write_template(target: str | os.PathLike[str]) -> Path:
    """Write a small dataset to write over that explains every column, and return its path.

    A folder also has ``candidates.csv`` for plans and ``sensitivity.toml`` for ``placer.sensitivity``.

    Parameters
    ----------
    target : str or path
        A new folder, or a new file that ends in ``.xlsx`` (needs ``token-placer[excel]``).

    Raises
    ------
    PlacerError
        If the target exists already or ends otherwise, or openpyxl is not installed.

    Examples
    --------
    >>> import pathlib, placer, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = placer.write_template(pathlib.Path(place) / "mine")
    ...     print(*sorted(file.name for file in folder.iterdir()))
    README.md accelerator_pools.csv batteries.csv candidates.csv contract_hours.csv contracts.csv ...
    """
    path = with_home(target)
    if is_there(path):
        raise PlacerError(f"{path} is there already; choose a new folder or file")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == WORKBOOK:
        _write_workbook(path)
    else:
        _write_folder(check_folder(path, (WORKBOOK,)))
    return path


def explanations() -> pd.DataFrame:
    """Return one row for each column of every table: its meaning, allowed values and default."""
    rows = [
        (table.name, column.name, meaning(column), column.allowed, default_of(column))
        for table in INPUT_TABLES.values()
        for column in table.columns
    ]
    return pd.DataFrame(rows, columns=["table", "column", "what to write", "allowed", "if empty"])


def default_of(column: Column) -> str:
    """Return the default of a column as a person would write it."""
    if column.default is REQUIRED:
        return "required"
    return "not given" if column.default is None else f"{column.default:g}"


def _write_folder(path: Path) -> None:
    draft = Path(tempfile.mkdtemp(prefix=".placer-", dir=path.parent))
    try:
        for table in _TABLES.values():
            write_exact_csv(draft / f"{table.name}.csv", _example(table))
        write_exact_csv(draft / "candidates.csv", pd.DataFrame(CANDIDATES))
        (draft / "sensitivity.toml").write_text(ASSUMPTIONS, encoding="utf-8", newline="\n")
        (draft / "dataset.toml").write_text(_toml(path.name), encoding="utf-8", newline="\n")
        (draft / "README.md").write_text(_readme(path.name), encoding="utf-8", newline="\n")
        draft.chmod(0o755)
        draft.rename(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _toml(name: str) -> str:
    """Return a ``dataset.toml`` whose settings are comments with their defaults."""
    written = name.replace("\\", " ").replace('"', " ")
    lines = [f'name = "{written}"', 'description = ""', 'licence = ""', "", "[settings]"]
    default = Settings()
    for setting in SETTING_NAMES:
        value = getattr(default, setting)
        text = f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else value
        lines.append(f"# {setting} = {text}    # {SETTING_MEANINGS[setting]}")
    return "\n".join(lines) + "\n" + SCENARIO


def _example(table: Table) -> pd.DataFrame:
    """Return the rows of a table in the example, with all its columns."""
    return pd.DataFrame(ROWS.get(table.name, ()), columns=list(table.names), dtype=object)


def _readme(name: str) -> str:
    lines = [f"# {name}", "", *_INTRODUCTION, "", "| command | what it tells |", "|---|---|"]
    lines += [*(f"| `{command}` | {told} |" for command, told in _COMMANDS), ""]
    for table, rows in explanations().groupby("table", sort=False):
        lines += [f"## {table}", "", "| column | what to write | allowed | if empty |", "|---|---|---|---|"]
        for row in rows.drop(columns="table").itertuples(index=False):
            lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |")
        lines.append("")
    return "\n".join(lines)


def _write_workbook(path: Path) -> None:
    excel = extra("openpyxl", "Excel files", "excel")
    comments = extra("openpyxl.comments", "Excel files", "excel")
    book = excel.Workbook()
    _fill(book.active, README_SHEET, [(line,) for line in _INTRODUCTION])
    for row in (list(explanations().columns), *explanations().itertuples(index=False)):
        book.active.append(list(row))
    for table in _TABLES.values():
        sheet = book.create_sheet()
        example = _example(table)
        _fill(sheet, table.name, [table.names, *example.where(example.notna(), None).itertuples(index=False)])
        for place, column in enumerate(table.columns, start=1):
            text = f"{meaning(column)}\n{column.allowed}\nif empty: {default_of(column)}"
            sheet.cell(1, place).comment = comments.Comment(text, "placer", height=120, width=320)
        sheet.freeze_panes = "A2"
    rows = [("setting", "value", "what it is"), *((name, None, SETTING_MEANINGS[name]) for name in SETTING_NAMES)]
    _fill(book.create_sheet(), SETTINGS_SHEET, rows)
    with whole(path) as draft, draft.open("wb") as stream:
        book.save(stream)


def _fill(sheet: Any, title: str, rows: list[Any]) -> None:
    sheet.title = title
    for row in rows:
        sheet.append(list(row))


_ASKED = {("chat", "Paris"): (60, 40, 90, 120), ("chat", "New York"): (70, 50, 40, 60)} | {
    ("batch", "Paris"): (20, 20, 20, 20)
}
_PRICES = {"Nordic": (32, 28, 41, 55), "Virginia": (48, 44, 52, 71)}

#: The rows of tables, as CSV files hold them; the other tables have none.
ROWS: Mapping[str, tuple[Mapping[str, object], ...]] = {
    "hubs": (
        {"hub": "Paris", "region": "Europe", "access_ms": 10},
        {"hub": "New York", "region": "America", "access_ms": 10},
    ),
    "data_centres": (
        {"data_centre": "Lulea", "region": "Europe", "accelerators": 8, "accelerator_usd_per_hour": 2, "pue": 1.1},
        {"data_centre": "Ashburn", "region": "America", "accelerators": 8, "accelerator_usd_per_hour": 2, "pue": 1.25},
    ),
    "power_zones": ({"power_zone": "Nordic"}, {"power_zone": "Virginia"}),
    "links": (
        {"from": "Paris", "to": "Lulea", "rtt_ms": 40},
        {"from": "Paris", "to": "Ashburn", "rtt_ms": 82},
        {"from": "New York", "to": "Lulea", "rtt_ms": 110},
        {"from": "New York", "to": "Ashburn", "rtt_ms": 8},
    ),
    "supplies": (
        {"power_zone": "Nordic", "data_centre": "Lulea"},
        {"power_zone": "Virginia", "data_centre": "Ashburn"},
    ),
    "workloads": (
        {"workload": "chat", "accelerator_hours_per_mtok": 0.05, "kwh_per_mtok": 0.044, "gb_per_mtok": 0.04}
        | {"latency_slo_ms": 1000, "server_ms": 600, "value_usd_per_mtok": 1},
        {"workload": "batch", "accelerator_hours_per_mtok": 0.03, "kwh_per_mtok": 0.03, "deadline_hours": 2}
        | {"value_usd_per_mtok": 0.5},
    ),
    "demand": tuple(
        {"workload": workload, "hub": hub, "hour": hour, "mtok": mtok}
        for (workload, hub), amounts in _ASKED.items()
        for hour, mtok in enumerate(amounts)
    ),
    "power_zone_hours": tuple(
        {"power_zone": zone, "hour": hour, "usd_per_mwh": price}
        for zone, prices in _PRICES.items()
        for hour, price in enumerate(prices)
    ),
}

#: What may be built, for ``placer plan``.
CANDIDATES = (
    {"candidate": "hall in Lulea", "adds": "accelerators", "target": "Lulea", "max_units": 100}
    | {"usd_per_unit": 30000, "wacc": 0.08, "lifetime_years": 4, "fixed_usd_per_unit_year": 900},
    {"candidate": "hall in Ashburn", "adds": "accelerators", "target": "Ashburn", "max_units": 100}
    | {"usd_per_unit": 32000, "wacc": 0.08, "lifetime_years": 4, "fixed_usd_per_unit_year": 1000},
)

#: What ``placer plan`` asks: enough demand that building pays.
SCENARIO = """
[scenarios.twice]
description = "Twice the demand."
[scenarios.twice.factors]
"demand.mtok" = 2
"""

#: What may be otherwise, for ``placer sensitivity``.
ASSUMPTIONS = """# placer sensitivity FOLDER varies each of these alone, by factors (scale) or other values (set).

[assumptions.power_price]
description = "The price of power in all zones."
scale = { "power_zones.usd_per_mwh" = [0.8, 1.2] }
source = "write where the range comes from"

[assumptions.demand_for_chat]
description = "How much is asked for."
scale = { "demand.mtok" = [0.9, 1.1] }
where = { workload = "chat" }

[assumptions.latency_limit_of_chat]
unit = "ms"
set = { "workloads.latency_slo_ms" = [700, 2000] }
where = "chat"

[[conclusions]]
text = "A million tokens cost less than 0.2 USD."
figure = "cost_usd_per_mtok"
at_most = 0.2
"""
