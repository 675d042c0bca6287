"""The tables of ``benchmarks/README.md`` and of ``docs/profiles.md``, and the runs that measure each."""

from __future__ import annotations

from . import targets
from .runs import FAST, NUMPY, Run
from .table_forms import Form, Table, formatted, last_lines, printed
from .table_sides import about_solvers, beside, over_seeds, profiles

_BOTH = (FAST, NUMPY)
_BENCH = "placer bench --out {folder} --resume --json --quiet"
_SEEDS, _TWO_SEEDS = "--seed 0 --seed 7 --seed {seed}", "--seed 0 --seed {seed}"
_FOUR = "--family fleet --family tiers --family linked --family short"
_EIGHT = f"{_FOUR} --family tiers_linked --family tied --family near --family clipped"
_SMALL, _TIERS = "--size small --hubs 9 --data-centres 5", "--family tiers --start"
_THREE = "--solver columns-numpy --solver simplex"
#: No two with the same engine and model. OR-Tools comes in a run of its own: it cannot be loaded beside the older HiGHS
#: that HiPO may need (``--libraries``), since both bring a library of one name.
_SOLVERS, _OR_TOOLS = (
    " ".join(f"--solver {name}" for name in names)
    for names in (
        (
            "columns-numpy",
            "simplex",
            "ipm",
            "hipo",
            "highs-pdlp-1e-4",
            "highs-pdlp-1e-6",
            "linopy",
            "pulp-highs",
            "pulp-cbc",
        ),
        ("ortools-glop", "ortools-pdlp-1e-4", "ortools-pdlp-1e-6"),
    )
)
#: The sizes and seeds of the problems of which profiles are made.
_OF_PROFILES = {"small": _SEEDS, "medium": "--seed 0"}


def _bench(name: str, arguments: str, repeat: int = 1, seeds: str = _SEEDS) -> Run:
    """Return a run of ``placer bench``, which compares with and without the extra itself."""
    quick = f"{_BENCH} --repeat 1 --family fleet --size 3x10x3x6 --size 5x20x3x6 --seed 0 --seed 7"
    return Run(name, f"{_BENCH} {arguments} --repeat {repeat} {seeds}", f"{quick} {_THREE}")


def _command(name: str, arguments: str, quick: str, extras: tuple[str, ...] = (FAST,)) -> Run:
    return Run(name, f"benchmarks.{arguments}", f"benchmarks.{quick}", extras=extras)


def _year(arguments: str) -> Run:
    rest = arguments.partition(" --workers ")[2].partition(" ")[2]
    return _command(f"year {arguments}", f"year --json --days {arguments}", f"year --json --days 2 {rest}", _BOTH)


_BENCH_ROWS = {
    "case": "{family} {size}",
    "seed": "{seed}",
    "columns": "{columns:,}",
    "solver": "{solver}",
    "seconds": "{seconds:.3g}",
    "ratio to ours": "{ratio:.3g}",
    "MB": "{memory_mb:,.0f}",
    "gap": "{gap:.0e}",
    "status": "{status}",
}
_YEAR_ROWS = {
    "arguments": "`{arguments}`",
    "solve": "{what}",
    "columns": "{columns:,}",
    "seconds": "{seconds}",
    "of the processor": "{processor_seconds}",
    "MB of all processes": "{peak_mb:,}",
    "gap": "{gap:.0e}",
}
_PLAN_ROWS = {
    "instance": "{instance}",
    "states": "{states}",
    "columns": "{columns:,}",
    "way": "{way}",
    "gap": "{gap:.0e}",
    "solves a state": "{solves_per_state:.2f}",
    "seconds": "{seconds}",
    "of the processor": "{processor_seconds}",
    "MB of all processes": "{peak_mb:,}",
}
_REDUCED_ROWS = {
    "arguments": "`{arguments}`",
    "columns": "{columns:,}",
    "merged": "{merged_columns:,}",
    "gap": "{gap:.1e}",
    "above": "{above:.1e}",
    "seconds, carried back": "{carrying:.1f}",
    "the whole": "{whole:.1f}",
    "the whole from merged prices": "{from_prices:.1f}",
}
_RATIO_ROWS = {
    "what": "{what}",
    "beside": "{theirs}",
    "ours s": "{ours_seconds:.3f}",
    "theirs s": "{theirs_seconds:.3f}",
    "ratio": "{ratio:.3g}",
    "target": "{target:g}",
}
_DAYS_ROWS = {
    "days": "{days}",
    "lower USD": "{lower_usd:,.0f}",
    "upper USD": "{upper_usd:,.0f}",
    "gap": "{gap:.1e}",
    "gap of the laid prices": "{laid_gap:.1e}",
    "seconds": "{seconds}",
    "of the processor": "{processor_seconds}",
    "MB of all processes": "{peak_mb:,}",
}
_PASSES_ROWS = {
    "instance": "{instance}",
    "pass": "{name}",
    "calls": "{calls:,}",
    "seconds of the processor": "{processor_seconds:.3f}",
    "bounds": "{bounds:.0f}",
}
_CAPS_ROWS = {"case": "{case}", "before": "{before:.1f}", "after": "{after:.1f}", "ratio": "{ratio:.2f}"}
_AGREEMENT_ROWS = {
    **{name: f"{{{name}}}" for name in ("family", "count", "agreed", "differs", "refused", "fallbacks")},
    **{name: f"{{apart[{name}]:.1e}}" for name in ("columns", "cbc", "glop")},
}


def _is_solve(row: dict[str, object]) -> bool:
    return str(row.get("what")).startswith("solve")


def _agreements() -> tuple[Run, ...]:
    commands = {
        "ceiling_agreement": 400,
        "secure_agreement": 1400,
        **{f"verb_agreement --verb {verb}": 700 for verb in ("years", "limits", "models", "accounts", "rolled")},
        "plan_agreement": 200,
    }
    return tuple(
        _command(name, f"{name} --count {count} --seed {{seed}}", f"{name} --count 2 --seed {{seed}}")
        for name, count in commands.items()
    )


def _plan(name: str, arguments: str, quick: str) -> Table:
    return _table(name, formatted(_PLAN_ROWS), f"plan --json {arguments}", f"plan --json {quick}", _BOTH)


def _table(name: str, form: Form, arguments: str, quick: str, extras: tuple[str, ...] = (FAST,)) -> Table:
    return Table(name, form, (_command(name, arguments, quick, extras),))


#: The runs of ``placer bench`` over many problems, of which the profiles are made.
PROBLEMS = tuple(
    _bench(f"{size} problems{by}", f"{_EIGHT} --size {size} {solvers} --time-limit 30", seeds=seeds)
    for by, solvers in (("", _SOLVERS), (" by OR-Tools", _OR_TOOLS))
    for size, seeds in _OF_PROFILES.items()
)
TABLES = {
    table.name: table
    for table in (
        Table("targets", targets.shown, tuple(targets.RUNS.values())),
        Table(
            "families",
            beside,
            (_bench("families", f"{_FOUR} --size large {_THREE} --time-limit 1500", seeds=_TWO_SEEDS),),
        ),
        Table("solvers", over_seeds, PROBLEMS),
        Table("profiles", profiles, PROBLEMS),
        Table("peers", about_solvers, ()),
        Table(
            "larger",
            beside,
            (
                _bench("wide", f"--family fleet --size wide {_THREE} --time-limit 1500"),
                _bench("weeks", "--family fleet --family tiers --size week --solver columns-numpy --time-limit 1500"),
                _bench("huge, seeds", "--family fleet --size huge --solver columns-numpy --time-limit 1500"),
            ),
        ),
        Table("re-solve", beside, (_bench("re-solve", f"{_FOUR} --size medium --phase re-solve {_THREE}", 3),)),
        Table(
            "passes",
            formatted(_PASSES_ROWS),
            tuple(
                _command(f"passes {size}", f"passes --json --rounds 3 --size {size}", "passes --json --size smoke")
                for size in ("week", "200x200x6x24", "400x400x4x24")
            ),
        ),
        _table("growth", printed, "growth --out {folder} --rounds 3", "growth --out {folder} --quick", _BOTH),
        _table("ratios", formatted(_RATIO_ROWS), "ratios --json", "ratios --json --quick --rounds 1"),
        _table("curves", printed, "test_curve", "test_curve smoke", _BOTH),
        _table("plain_sweep", printed, "test_plain_sweep", "test_plain_sweep 1 'fleet smoke rtt'"),
        _table("modes", printed, "modes", "modes --quick", _BOTH),
        Table(
            "reduced",
            formatted(_REDUCED_ROWS),
            tuple(
                _command(f"reduced {given}", f"reduced --json {given}", f"reduced --json {given} {_SMALL}", _BOTH)
                for given in ("--start", "--gap 1e-2", "--hubs 90 --data-centres 10 --gap 1e-2", _TIERS)
            ),
        ),
        _table("limits", printed, "limits", "limits --quick"),
        _table("own_limits", printed, "own_limits", "own_limits --quick", _BOTH),
        _table(
            "caps",
            formatted(_CAPS_ROWS, lambda row: "case" in row),
            "revisions e3f8d0b7 --group caps --pairs 2 --json",
            "revisions . --case 'columns china' --pairs 1 --json",
        ),
        _table("agreement", formatted(_AGREEMENT_ROWS), "agreement --json --seed {seed}", "agreement --json --count 4"),
        Table("agreements", last_lines, _agreements()),
        _table(
            "batches",
            printed,
            "batches --sample 24 --pulp 8 --sets 24",
            "batches --dataset tiny --sample 2 --pulp 1 --sets 4 --small 100",
            _BOTH,
        ),
        _table("traces", printed, "requests", "requests --part 0.001"),
        _table("fronts", printed, "fronts", "fronts --points 2 --only water"),
        _table("explore", printed, "explore", "explore --dataset tiny --rounds 1"),
        Table(
            "year",
            formatted(_YEAR_ROWS, _is_solve),
            (
                targets.RUNS["year"],
                targets.RUNS["year with a cap"],
                _year("365 --workers 2 --energy 0.97"),
                _year("365 --workers 2 --energy 0.97 --of 5"),
                _year("120 --workers 2"),
                _year("120 --workers 1"),
                _year("14 --workers 2"),
                _year("14 --workers 1 --cap 0.97"),
                _year("4 --workers 1 --zones 0.95"),
                _year("365 --workers 2 --dataset globe"),
            ),
        ),
        _table(
            "representative",
            formatted(_DAYS_ROWS),
            "representative --count 12 36 --workers 2 --solve",
            "representative --days 4 --count 2 --workers 1 --solve",
            _BOTH,
        ),
        Table("plans", formatted(_PLAN_ROWS), (targets.RUNS["plan 40"], targets.RUNS["plan 40, one process"])),
        Table("plan of 1,000", formatted(_PLAN_ROWS), (targets.RUNS["plan 1,000"],)),
        Table(
            "plans of fleets",
            formatted(_PLAN_ROWS),
            tuple(
                _command(f"fleet {sets}", f"plan --json --fleet {sets} --limit 4000", "plan --json --quick", _BOTH)
                for sets in (6, 12, 24)
            ),
        ),
        _plan("small plans", "--others", "--quick"),
        Table(
            "plans online",
            formatted(_PLAN_ROWS),
            tuple(
                _command(
                    f"online {given}",
                    f"plan --json --gap 1e-9 --online {given}",
                    "plan --json --online 2 --size smoke --way search",
                    _BOTH if "search" in given else (FAST,),
                )
                for given in (
                    *(f"{count} --way search" for count in (1, 2, 5, 20)),
                    *(f"{count} --way PyPSA" for count in (1, 2, 5)),
                    *("20 --size small --way search", "20 --size small --way PyPSA"),
                )
            ),
        ),
    )
}
