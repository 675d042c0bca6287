"""Who sells tokens to whom: the tables of ``docs/globe.md``, from the dataset ``globe``.

    python -m benchmarks.who_sells              # all tables; half an hour
    python -m benchmarks.who_sells flows        # one: cases, gains, buyers, flows, changes, facts
    python -m benchmarks.who_sells --page       # writes them into docs/globe.md

Amounts are a day. The rows of ``cases`` are the scenarios of policies and the sensitivity study of ``globe``.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

import placer

from . import globe_facts
from .globe_trade import LOADS, TRILLION, Case, case_of, cases, changes, ends, gains, interior, with_parts
from .observed_globe import CHINA, US

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PAGE = Path(__file__).parents[1] / "docs" / "globe.md"
#: The buyers of China's interior that are shown.
BUYERS = 6
#: Those that gain most, how many, and countries shown beside them.
GAINERS, SHOWN = 6, ("Russia", "India", US, CHINA)


def case_table() -> str:
    """Return what every case comes to, and the range over all."""
    rows = []
    for name, instance in cases():
        rows.append(case_of(name, instance))
        sys.stderr.write(f"{name}\n")
    return table_of(rows)


def table_of(rows: Sequence[Case]) -> str:
    """Return the table of some cases, the range over them last."""
    return "\n".join([_CASES, *map(_case_row, rows), _range_row(rows)])


def buyers_table() -> str:
    """Return the largest buyers of China's interior, and the price that they pay."""
    sold = interior(placer.solve(with_parts(placer.load("globe"))))
    shown = sold.iloc[:BUYERS]
    rest = sold.iloc[BUYERS:].sum()
    shown = pd.concat([shown, rest.to_frame(f"{len(sold) - BUYERS} others").T, sold.sum().to_frame("all").T])
    rows = [f"| {name} | {row.mtok / TRILLION:.2f} | {row.paid_usd / row.mtok:.4f} |" for name, row in shown.iterrows()]
    return "\n".join(["| buyer | trillion tokens a day | USD/Mtok |", "|---|---|---|", *rows])


def gain_table() -> str:
    """Return who gains most by trade, with chips at list prices and at equal ones, and who cannot serve its users."""
    listed, equal = (gains(scenario) for scenario in ("free", "equal_chip_prices"))
    rows = [
        f"| {name} | {_gain(listed, name)} | {_gain(equal, name)} |"
        f" {listed['unserved_mtok'][name] / listed['used_mtok'][name]:z.0%} |"
        for name in [*listed.index[:GAINERS], *SHOWN, "all"]
    ]
    return "\n".join([_GAINS, *rows])


def flow_table() -> str:
    """Return the premia that halve and end some flows."""
    mean = placer.solve(placer.load("globe")).cost_usd_per_mtok
    found = ends()
    rows = [
        f"| {made} | {used} | {mtok / TRILLION:.2f} | {_premium(halves, mean)} | {_premium(end, mean)} |"
        for made, used, mtok, halves, end in found.reset_index().itertuples(index=False)
    ]
    return "\n".join([*_FLOWS, *rows])


def change_table() -> str:
    """Return what policies move and who pays, at all loads."""
    return "\n".join(
        [_CHANGES, *(_change_row(load, name, row) for load in LOADS for name, row in changes(load).iterrows())]
    )


TABLES: dict[str, Callable[[], str]] = {
    "cases": case_table,
    "gains": gain_table,
    "buyers": buyers_table,
    "flows": flow_table,
    "changes": change_table,
    "facts": globe_facts.table,
}


def with_table(page: str, name: str, table: str) -> str:
    r"""Return the page with a table between the lines that name it.

    Examples
    --------
    >>> with_table("<!-- a -->\nold\n<!-- end -->\n", "a", "| new |")
    '<!-- a -->\n\n| new |\n\n<!-- end -->\n'
    """
    found = re.compile(f"(<!-- {name} -->\n).*?(<!-- end -->\n)", re.DOTALL)
    return found.sub(lambda match: f"{match[1]}\n{table}\n\n{match[2]}", page, count=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", choices=[*TABLES, []], help="which; all if none is named")
    parser.add_argument("--page", action="store_true", help="write docs/globe.md")
    asked = parser.parse_args(arguments)
    for name in asked.tables or TABLES:
        table = TABLES[name]()
        if asked.page:
            PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), name, table), encoding="utf-8")
        print(f"{name}\n\n{table}\n", flush=True)
    return 0


_GAINS = (
    "| country | gain on autarky, USD a day (of its cost) | with equal prices of chips | unserved in autarky |\n"
    "|---|---|---|---|"
)
_FLOWS = (
    "| made in | used in | trillion tokens | premium that halves it, USD/Mtok | premium that ends it, USD/Mtok |",
    "|---|---|---|---|---|",
)
_CASES = (
    "| case | traded | China sells | of its tokens | interior sells | China buys | ends its sale, USD/Mtok | all gain |"
    " China gains |\n|---|---|---|---|---|---|---|---|---|"
)
_CHANGES = (
    "| load | change | China to United States | China abroad | United States pay, USD/Mtok | tariffs paid | China |"
    " United States | others | all | gains most | loses most |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def _gain(table: pd.DataFrame, name: str) -> str:
    gain, cost = float(table["gain_usd"][name]), float(table["cost_usd"][name])
    return f"{gain:,.0f} ({gain / cost:.1%})"


def _premium(usd: float, mean: float) -> str:
    return f"{usd:.5f} ({usd / mean:.1%})"


def _case_row(case: Case) -> str:
    cells = [
        case.name,
        f"{case.traded:.0%}",
        f"{case.china_sells_mtok / TRILLION:.1f}",
        f"{case.abroad:.1%}",
        f"{case.interior_sells_mtok / TRILLION:.1f}",
        f"{case.china_buys_mtok / TRILLION:.1f}",
        _premium(case.ends_usd_per_mtok, case.mean_usd_per_mtok),
        f"{case.gain_usd / case.cost_usd:.1%}",
        f"{case.china_gain_usd / case.china_cost_usd:.2%}",
    ]
    return "| " + " | ".join(cells) + " |"


def _range_row(rows: Sequence[Case]) -> str:
    spans = [
        _span([case.traded for case in rows], ".0%"),
        _span([case.china_sells_mtok / TRILLION for case in rows], ".1f"),
        _span([case.abroad for case in rows], ".1%"),
        _span([case.interior_sells_mtok / TRILLION for case in rows], ".1f"),
        _span([case.china_buys_mtok / TRILLION for case in rows], ".1f"),
        _span([case.ends_usd_per_mtok for case in rows], ".5f"),
        _span([case.gain_usd / case.cost_usd for case in rows], ".1%"),
        _span([case.china_gain_usd / case.china_cost_usd for case in rows], ".2%"),
    ]
    return "| **range** | " + " | ".join(spans) + " |"


def _span(values: Sequence[float], shape: str) -> str:
    return f"{min(values):{shape}} to {max(values):{shape}}"


def _change_row(load: float, name: object, row: pd.Series) -> str:
    gains = [float(row[party]) for party in ("china_usd", "us_usd", "others_usd")]
    cells = [
        f"{load:.0%}",
        str(name),
        f"{row['china_to_us_mtok'] / TRILLION:.2f}",
        f"{row['china_abroad_mtok'] / TRILLION:.2f}",
        f"{row['us_price']:.5f}",
        *(f"{usd:z,.0f}" for usd in (row["revenue_usd"], *gains, sum(gains))),
        row["gains_most"],
        row["loses_most"],
    ]
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
