"""Fixtures that several test files share: a small instance to vary, and linear programs written out by hand."""

from __future__ import annotations

import compileall
import gc
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from scipy.sparse import csc_array, vstack
from threadpoolctl import threadpool_limits

import placer
from placer.cli.main import run_command_line
from placer.instance.attributes.schema import TABLES
from placer.instance.problem import Instance
from placer.least_cost.second_objective import Objective
from placer.model.expansion import expand
from placer.model.program import LinearProgram, blocks
from placer.solvers.highs import HiGHS
from placer.utils.threads import blas_threads
from tests.effort import tries
from tests.random_tables import random_tables

if TYPE_CHECKING:
    from placer.placement.result import Placement

# No test looks at the clock, so no example has a deadline; otherwise as hypothesis chooses, in CI or not.
settings.register_profile("unhurried", settings(), deadline=None, max_examples=tries(40, 100))
settings.load_profile("unhurried")

#: Two hubs, two data centres, each near one of them; X is dear and Y is cheap. One Mtok takes one hour and one MWh.
SMALL: dict[str, list[dict[str, Any]]] = {
    "hubs": [{"hub": "A", "region": "east"}, {"hub": "B", "region": "west"}],
    "data_centres": [{"data_centre": "X", "region": "east"}, {"data_centre": "Y", "region": "west"}],
    "power_zones": [{"power_zone": "zx", "usd_per_mwh": 50.0}, {"power_zone": "zy", "usd_per_mwh": 20.0}],
    "links": [
        {"from": "A", "to": "X", "rtt_ms": 10.0},
        {"from": "B", "to": "Y", "rtt_ms": 10.0},
        {"from": "X", "to": "Y", "rtt_ms": 30.0},
    ],
    "supplies": [{"power_zone": "zx", "data_centre": "X"}, {"power_zone": "zy", "data_centre": "Y"}],
    "workloads": [
        {
            "workload": "w",
            "accelerator_hours_per_mtok": 1.0,
            "kwh_per_mtok": 1000.0,
            "unserved_usd_per_mtok": 1000.0,
        }
    ],
    "demand": [{"workload": "w", "hub": "A", "mtok": 10.0}, {"workload": "w", "hub": "B", "mtok": 6.0}],
}

#: Limits of one's own of the small instance, in every form.
LIMITS: list[dict[str, Any]] = [
    {"limit": "l1", "kind": "tokens", "sense": "<=", "amount": 13, "workload": "w", "hub_region": "east", "hours": "0"},
    {"limit": "l2", "kind": "share", "sense": ">=", "amount": 0, "of": "served", "hub": "A|B", "region": "west"},
    {"limit": "l3", "kind": "energy_mwh", "sense": "<=", "amount": 20, "data_centre": "X|Y", "power_zone": "zx"},
    {"limit": "50 %, really", "kind": "green_share", "sense": ">=", "amount": 0.0, "hours": "each"},
]


#: Examples that solve a day of China several times.
SLOW_EXAMPLES = (
    "placer.analysis.fronts.front.green_front",
    "placer.batch.runner.solve_many",
    "placer.flexibilities.values.flexibility_values",
)


def pytest_collection_modifyitems(items):
    """Mark pages, each of which runs all of its examples, and slow examples."""
    for item in items:
        if item.path.suffix == ".md" or item.name in SLOW_EXAMPLES:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def two_blas_threads():
    """Let BLAS have two threads, whatever the machine has; return the numbers that it then has."""
    with threadpool_limits(2, "blas"):
        yield blas_threads()


@pytest.fixture
def run_placer(monkeypatch, capfd):
    """Return a function that runs a command line and returns its exit code, standard output and standard error."""

    def run_command(*arguments):
        monkeypatch.setattr(sys, "argv", ["placer", *map(str, arguments)])
        monkeypatch.setenv("NO_COLOR", "1")
        with pytest.raises(SystemExit) as stopped:
            run_command_line()
        out, err = capfd.readouterr()
        return stopped.value.code or 0, out, err

    return run_command


@pytest.fixture(scope="module")
def make_main_script(tmp_path_factory):
    """Return a function that writes the script which new processes take for the main one, until the module ends."""

    def make(text):
        main = ModuleType("__main__")
        main.__file__ = str(tmp_path_factory.mktemp("main") / "script.py")
        Path(main.__file__).write_text(f'{text}\nif __name__ == "__main__":\n    pass\n')
        patch.setitem(sys.modules, "__main__", main)

    with pytest.MonkeyPatch.context() as patch:
        yield make


def pytest_collection_finish():
    """Keep what is collected out of later garbage collections: each of them would walk through all of it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def interruptible():
    """Hear Ctrl-C also where the tests run in the background, for which shells turn it off."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def compiled():
    """Compile the package once, also where Python keeps no bytecode: every process that a test starts reads it."""
    compileall.compile_dir(Path(placer.__file__).parent, quiet=1)


@pytest.fixture(scope="session")
def make_instance() -> Callable[..., Instance]:
    """Return a function that builds the small instance with some tables and settings replaced."""

    def make(**changes: Any) -> Instance:
        tables = SMALL | {name: value for name, value in changes.items() if name in TABLES}
        return Instance.from_tables(tables, **{name: value for name, value in changes.items() if name not in TABLES})

    return make


@pytest.fixture(scope="session")
def limited_instance(make_instance: Callable[..., Instance]) -> Instance:
    """Return the small instance with limits of one's own, and a supply that is partly green."""
    return make_instance(limits=LIMITS, supplies=[SMALL["supplies"][0] | {"green": 0.25}, SMALL["supplies"][1]])


@pytest.fixture(scope="session")
def make_program() -> Callable[..., LinearProgram]:
    """Return a function that builds a linear program from a dense matrix; columns are >= 0 unless it is told."""

    def make(
        cost: Any, matrix: Any, row_lower: Any, row_upper: Any, col_lower: Any = None, col_upper: Any = None
    ) -> LinearProgram:
        columns = len(cost)
        dense = np.asarray(matrix, dtype=float).reshape(-1, columns) if columns else np.zeros((len(row_lower), 0))
        return LinearProgram(
            cost=np.array(cost, dtype=float),
            matrix=csc_array(dense),
            row_lower=np.array(row_lower, dtype=float),
            row_upper=np.array(row_upper, dtype=float),
            col_lower=np.zeros(columns) if col_lower is None else np.array(col_lower, dtype=float),
            col_upper=np.full(columns, np.inf) if col_upper is None else np.array(col_upper, dtype=float),
            implied_upper=np.full(columns, np.inf),
            row_blocks=blocks({"row": len(dense)}),
            col_blocks=blocks({"x": columns}),
        )

    return make


@pytest.fixture(scope="session")
def make_random_instance() -> Callable[..., Instance]:
    """Return a function from a seed to an instance with every kind of row and limit, some of them scarce.

    Many tests ask for the same ones, which nothing can change.
    """

    @lru_cache(maxsize=500)
    def make(seed: int, **settings: Any) -> Instance:
        random = np.random.default_rng(seed)
        given = {"carbon_usd_per_kg": 0.02, "carbon_limit_kg": 30000.0, "water_limit_litres": 60000.0} | settings
        return Instance.from_tables(random_tables(random), **given)

    return make


@pytest.fixture(scope="session")
def least_by_cost_row() -> Callable[..., float]:
    """Return a function from a placement and a second objective to its least, by a row that holds the cost."""
    return _least_by_cost_row


@pytest.fixture(scope="session")
def ends_by_cost_row() -> Callable[..., list[float]]:
    """Return a function from a placement and a count to the least and the most share, by a row that holds the cost."""

    def ends(placement: Placement, counted: np.ndarray) -> list[float]:
        structure = placement.formulation.structure
        over_arcs = counted[structure.arc_origin, structure.arc_site].astype(float)
        return [
            sign * _least_by_cost_row(placement, Objective(sign * over_arcs)) / placement.demand_mtok
            for sign in (1.0, -1.0)
        ]

    return ends


def _least_by_cost_row(placement: Placement, objective: Objective, within: float = 1e-10) -> float:
    structure = placement.formulation.structure
    program, cost = expand(structure), placement.certificate.objective
    weight = np.zeros(len(program.cost))
    weight[program.col_blocks["x"]] = objective.arc[structure.assignments.arc]
    weight[program.col_blocks["u"]] = objective.unserved
    held = replace(
        program,
        cost=weight,
        matrix=csc_array(vstack([program.matrix, program.cost[None, :] / abs(cost)], format="csc")),
        row_lower=np.append(program.row_lower, -np.inf),
        row_upper=np.append(program.row_upper, np.sign(cost) + within),
    )
    return float(weight @ HiGHS().solve(held).point)


@pytest.fixture(scope="session")
def hall_plan(make_instance):
    """Return a plan of the small instance: 16 Mtok an hour are asked for, no accelerators are there, two halls may be.

    Both are at Y, where an hour costs 20 USD of power, and 10 USD or a little more to build.
    """
    sites = [{"data_centre": name, "accelerators": 0.0} for name in "XY"]
    row = {"candidate": "hall", "adds": "accelerators", "target": "Y", "usd_per_unit_year": 87_600.0}
    dear = row | {"candidate": "dear hall", "usd_per_unit_year": 100_000.0}
    return placer.plan(make_instance(data_centres=sites, accelerators="sunk"), [row, dear])


@pytest.fixture
def no_solver(monkeypatch):
    """Fail a test in which bad input reaches a solver."""

    def reached(*_arguments):
        pytest.fail("bad input reached a solver")

    monkeypatch.setattr(placer.HiGHS, "solve", reached)


@pytest.fixture(scope="session")
def violations_when_solved():
    """Return a function that builds and solves bad input, and returns its violations.

    Any exception but an InstanceError fails the test, and so does none at all.
    """

    def violations(build):
        with pytest.raises(placer.InstanceError) as caught:
            placer.solve(build())
        assert caught.value.violations
        str(caught.value).encode("ascii", "backslashreplace")
        return caught.value.violations

    return violations


@pytest.fixture(scope="session")
def assert_named():
    """Return a function that asserts that one of some violations names the place, the problem and the allowed range."""

    def named(violations, at, problem, allowed):
        texts = [str(violation) for violation in violations]
        found = [each for each in violations if str(each).startswith(at) and problem in each.problem]
        assert found, texts
        assert any(allowed in each.allowed for each in found), texts

    return named
