"""Corrupt the answers of column generation, and check that ``placer.solve`` returns no wrong one.

An answer is corrupted in one array: one entry, one nonzero entry or all entries are scaled, reversed, dropped, moved,
set to NaN, infinity or 1e300, or two are swapped. An answer that ``placer.solve`` still returns is compared with the
whole linear program and its known optimum. It is right if

    numbers    all are finite, no dual is above 1e15 times the dearest price or penalty (rents and balances: in the
               scaled program), and absent limits have rents of at most 1e-6 of the price of a unit of work
    point      rows and bounds hold to 1e-6 of a typical limit of their kind and of their own
    cost       differs from the optimum by at most 1e-6
    duals      have the right sign, to 1e-6 in the scaled program, and are worth the optimum to 3e-6, reduced costs of
               the wrong sign counted times the most that their column can carry

The last two are relative to the cost of serving, without the penalty for unserved demand
(``placer.proof.certificate``). Columns that limits of 0 keep at 0 have no reduced cost, since the duals of those
limits are free. So a corruption may lead from one optimal answer to another, or stay within rounding; any other must
be refused.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

import placer
from placer.model.answer import Answer, Duals, whole_solution
from placer.model.program import LPSolution
from placer.proof.magnitudes import magnitudes
from placer.solvers.proven import solve_structure
from placer.solvers.whole_program import solve_program
from placer.termination import Reason, Termination

from .agreement import make
from .sides import SMALL, Problem, problem_of

EXAMPLE = "example:\n  python -m benchmarks.corruption --instances 100 --each 40"
#: Tolerances of a right answer, as above.
CLOSE, WORTH, LARGEST = 1e-6, 3e-6, 1e15
#: Lower limit on the cost of serving, as a share of the penalty.
SHARE = 1e-4

FLOWS = ("amount", "unserved", "waiting", "taken")
DUALS = tuple(field.name for field in fields(Duals))
CHANGES: dict[str, Any] = {
    "a thousandth less": lambda value: 0.999 * value,
    "a thousandth more": lambda value: 1.001 * value,
    "half": lambda value: 0.5 * value,
    "tenfold": lambda value: 10 * value,
    "a millionfold": lambda value: 1e6 * value,
    "reversed": lambda value: -value,
    "dropped": lambda value: 0 * value,
    "1 more": lambda value: value + 1,
    "1 less": lambda value: value - 1,
    "a millionth more": lambda value: value + 1e-6 * (1 + np.abs(value)),
    "NaN": lambda value: np.full_like(value, np.nan),
    "inf": lambda value: np.full_like(value, np.inf),
    "-inf": lambda value: np.full_like(value, -np.inf),
    "1e300": lambda value: np.full_like(value, 1e300),
    "-1e300": lambda value: np.full_like(value, -1e300),
}


@dataclass(frozen=True)
class Corrupted(placer.ColumnGeneration):
    """A stand-in for column generation that returns a given answer."""

    told: Answer | None = None

    def answer(self, structure: Any, start: Any = None) -> Answer:  # noqa: ARG002 - as of what it stands for
        """Return the answer."""
        assert self.told is not None
        return self.told

    def fallback(self, seconds_left: float) -> Any:  # noqa: ARG002 - as of what it stands for
        """Return a solver without an answer, so that a refused answer ends in an error at once."""
        return Silent()


@dataclass(frozen=True)
class Silent:
    """A solver without an answer."""

    name: str = "silent"

    def fallbacks(self) -> tuple[()]:
        """Return no fallbacks."""
        return ()

    def solve(self, program: Any) -> LPSolution:  # noqa: ARG002 - as of what it stands for
        """Return a termination without an answer."""
        return LPSolution(Termination(Reason.FAILED, "silent"))


def corruptions(answer: Answer, random: np.random.Generator) -> Iterator[tuple[str, Answer]]:
    """Yield corrupted answers without end, each with its corruption in words."""
    while True:
        side = str(random.choice(["flows", "duals"]))
        part = getattr(answer, side)
        family = str(random.choice(FLOWS if side == "flows" else DUALS))
        array = getattr(part, family).astype(float)
        where, change = (
            str(random.choice(["one", "one that is not 0", "all", "two"])),
            str(random.choice(list(CHANGES))),
        )
        flat = array.reshape(-1)
        places = np.flatnonzero(flat) if where == "one that is not 0" else np.arange(flat.size)
        if not places.size:
            continue
        if where == "two":
            pair, change = random.integers(flat.size, size=2), "swapped"
            flat[pair] = flat[pair[::-1]]
        else:
            places = places if where == "all" else random.choice(places, 1)
            flat[places] = CHANGES[change](flat[places])
        if not np.array_equal(array, getattr(part, family), equal_nan=True):
            yield f"{family}, {where}: {change}", replace(answer, **{side: replace(part, **{family: array})})


def faults(problem: Problem, answer: Answer, optimum: float) -> list[str]:
    """Return the faults of an answer, given the minimum cost; empty if it is right."""
    solution = whole_solution(problem.structure, problem.program, answer)
    arrays = [getattr(side, field.name) for side in (answer.point, answer.prices) for field in fields(side)]
    if not all(np.isfinite(array).all() for array in arrays):
        return ["not finite"]
    gross = np.abs(problem.program.cost * solution.point)
    penalty = gross[problem.program.col_blocks["u"]].sum()
    size = max(gross.sum() - penalty, SMALL * problem.serving, SHARE * penalty)
    off = {
        "point": (_violation(problem, solution.point), CLOSE),
        "cost": (abs(problem.cost(solution.point) - optimum) / size, CLOSE),
        "duals": (abs(_worth(problem, solution.duals) - optimum) / size, WORTH),
        "sign": (_wrong_sign(problem, solution.duals), CLOSE),
        "rents of nothing": (_of_nothing(problem, answer.prices), CLOSE),
        "size": (_largest(problem, answer.prices, solution.duals), LARGEST),
    }
    return [f"{name} {value:.1e}" for name, (value, most) in off.items() if not value <= most]


def _violation(problem: Problem, values: np.ndarray) -> float:
    """Return the largest violation of a row or bound, relative to typical limits and to what flows through the row."""
    program, typical = problem.program, magnitudes(problem.structure)
    activity, through = program.matrix @ values, abs(program.matrix) @ np.abs(values)
    sizes = {"demand": "demand", "queue": "demand", "capacity": "capacity", "balance": "supply", "intake": "supply"}
    unit = np.ones(len(activity))
    for block, rows in program.row_blocks.items():
        own = typical.cap[np.isfinite(problem.structure.cap_limit)] if block == "cap" else None
        unit[rows] = getattr(typical, sizes.get(block, block)) if own is None else own
    of_rows = np.maximum(program.row_lower - activity, activity - program.row_upper) / (unit + through)
    tiers = program.col_blocks["y"]
    unit = np.full(len(values), typical.demand)
    unit[tiers] = typical.tier
    above = np.where(np.isfinite(program.col_upper), values - program.col_upper, 0.0)
    return float(max(of_rows.max(), (np.maximum(-values, above) / (unit + np.abs(values))).max()))


def _worth(problem: Problem, duals: np.ndarray) -> float:
    """Return the dual bound: duals times their sides, plus negative reduced costs times the upper bounds of columns."""
    program = problem.program
    sides = np.where(duals > 0, program.row_lower, program.row_upper)
    sides = np.where(np.isfinite(sides), sides, 0.0)  # rows without a lower side are sums of amounts >= 0
    reduced = np.where(_shut(problem), 0.0, program.cost - program.matrix.T @ duals)
    most = np.minimum(program.col_upper, program.implied_upper)
    return float(duals @ sides + np.minimum(reduced, 0.0) @ np.where(reduced < 0, most, 0.0))


def _shut(problem: Problem) -> np.ndarray:
    """Return the columns that limits of 0 keep at 0: columns in a row of side 0 whose entries cannot cancel."""
    program = problem.program
    matrix, shut = csr_array(program.matrix), program.col_upper <= 0
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    while True:
        entries = np.where(shut[matrix.indices], 0.0, matrix.data)
        up = np.bincount(row, entries > 0, matrix.shape[0]) > 0
        down = np.bincount(row, entries < 0, matrix.shape[0]) > 0
        zero = (up & ~down & (program.row_upper <= 0)) | (down & ~up & (program.row_lower >= 0))
        if not zero.any():
            return shut
        shut = shut.copy()
        shut[matrix.indices[zero[row] & (entries != 0)]] = True


def _wrong_sign(problem: Problem, duals: np.ndarray) -> float:
    scaled = duals * problem.scales.cost / problem.scales.row
    empty = np.diff(csr_array(problem.program.matrix).indptr) == 0
    wrong = np.where(np.isfinite(problem.program.row_lower), 0.0, scaled)
    return float(np.where(empty & (wrong > 0), np.inf, wrong).max(initial=0.0))


def _of_nothing(problem: Problem, duals: Duals) -> float:
    """Return the largest rent of an absent limit, as a share of the price of a unit of work."""
    structure, typical = problem.structure, magnitudes(problem.structure)
    limits = {
        "capacity": (structure.capacity, typical.take_capacity),
        "intake": (structure.intake, float(np.median(typical.price)) / typical.supply_price),
        "link": (structure.link_capacity, typical.take_link),
        "cap": (structure.cap_limit, typical.take_cap),
    }
    shares = []
    for name, (limit, take) in limits.items():
        rent = np.where(np.isinf(limit), np.abs(getattr(duals, name)), 0.0)
        shares.append(np.where(rent > 0, np.where(np.equal(take, 0), np.inf, rent * take), 0.0).max(initial=0.0))
    return float(max(shares) / np.median(typical.price))


def _largest(problem: Problem, duals: Duals, rows: np.ndarray) -> float:
    """Return the largest dual relative to the dearest price or penalty, in the scaled program for those of rows."""
    dearest = max(float(problem.structure.unserved_cost.max()), float(magnitudes(problem.structure).price.max()))
    scaled = np.abs(rows * problem.scales.cost / problem.scales.row) / max(1.0, np.abs(problem.scaled.cost).max())
    prices = np.abs(np.concatenate([duals.demand, duals.queue.ravel()])) / dearest
    return float(max(scaled.max(initial=0.0), prices.max(initial=0.0)))


def run(instances: int, each: int, seed: int) -> dict[str, Any]:
    """Corrupt answers of random instances; return counts and the wrong answers that were returned."""
    counts: dict[str, Any] = {"tried": 0, "refused": 0, "right": 0, "wrong": [], "unproven": 0}
    for number in range(instances):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of magnitudes and of sites without power
            problem = problem_of(make(seed, number))
            answer = placer.ColumnGeneration().answer(problem.structure)
            if answer.flows is None or _given(problem, answer) is None:
                counts["unproven"] += 1
                continue
            optimum = solve_program(problem.program, placer.HiGHS())[1].objective
            wrongs = corruptions(answer, np.random.default_rng([seed, number]))
            for (words, wrong), _ in zip(wrongs, range(each), strict=False):
                counts["tried"] += 1
                if _given(problem, wrong) is None:
                    counts["refused"] += 1
                elif found := faults(problem, wrong, optimum):
                    counts["wrong"].append(f"instance {number}: {words}: {', '.join(found)}")
                else:
                    counts["right"] += 1
    return counts


def _given(problem: Problem, answer: Answer) -> Answer | None:
    """Return the answer if the ladder of ``placer.solve`` returns it; None if it is refused."""
    try:
        return solve_structure(problem.structure, Corrupted(told=answer))[0]
    except placer.NoSolutionError:
        return None


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, run, print; return the exit status."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.corruption",
        description=__doc__,
        epilog=f"exit status: 0 nothing wrong came out, 1 something did\n\n{EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--instances", type=int, default=100, help="random instances (default 100)")
    parser.add_argument("--each", type=int, default=40, help="corruptions of each answer (default 40)")
    parser.add_argument("--seed", type=int, default=0, help="of all instances (default 0)")
    chosen = parser.parse_args(arguments)
    if min(chosen.instances, chosen.each) < 1 or chosen.seed < 0:
        parser.error("--instances and --each must be at least 1, --seed at least 0")
    counts = run(chosen.instances, chosen.each, chosen.seed)
    print(json.dumps(counts, indent=2))
    return int(bool(counts["wrong"]))


if __name__ == "__main__":
    raise SystemExit(main())
