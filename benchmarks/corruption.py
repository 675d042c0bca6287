"""Corrupt what solvers and stores tell each verb, and check that no wrong answer comes out.

``benchmarks.corrupted_verbs`` does so for every verb of ``benchmarks.verbs`` on small instances. *answers of columns*
corrupts the answers of column generation to random instances, and checks all of what ``placer.solve`` returns.

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
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

import placer
from placer.ladder.proven import solve_structure
from placer.ladder.whole_program import solve_program
from placer.model.answer import Answer, Duals, whole_solution
from placer.model.program import LPSolution
from placer.proof.magnitudes import magnitudes
from placer.termination import Reason, Termination

from .agreement import make
from .changes import changed
from .corrupted_verbs import Outcomes, corrupted, table
from .sides import SMALL, Problem, problem_of
from .verbs import VERBS

EXAMPLE = """examples:
  python -m benchmarks.corruption
  python -m benchmarks.corruption --verbs plan "plan from a store" --count 50"""
#: The name of the verb whose instances are random.
ANSWERS = "answers of columns"
#: Tolerances of a right answer, as above.
CLOSE, WORTH, LARGEST = 1e-6, 3e-6, 1e15
#: Lower limit on the cost of serving, as a share of the penalty.
SHARE = 1e-4

FLOWS = ("amount", "unserved", "waiting", "taken")
DUALS = tuple(field.name for field in fields(Duals))


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
        if (found := changed(getattr(part, family), random)) is not None:
            words, array = found
            yield f"{family}, {words}", replace(answer, **{side: replace(part, **{family: array})})


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


def run(instances: int, each: int, seed: int) -> Outcomes:
    """Corrupt answers of random instances, and return what came of it."""
    outcomes = Outcomes()
    for number in range(instances):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of magnitudes and of sites without power
            problem = problem_of(make(seed, number))
            answer = placer.ColumnGeneration().answer(problem.structure)
            if answer.flows is None or _given(problem, answer) is None:
                continue  # what is not proven as it is needs no corruption
            optimum = solve_program(problem.program, placer.HiGHS())[1].objective
            wrongs = corruptions(answer, np.random.default_rng([seed, number]))
            for (words, wrong), _ in zip(wrongs, range(each), strict=False):
                if _given(problem, wrong) is None:
                    outcomes.refused += 1
                elif found := faults(problem, wrong, optimum):
                    outcomes.wrong.append(f"instance {number}: {words}: {', '.join(found)}")
                else:
                    outcomes.right += 1
    return outcomes


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
    names = [ANSWERS, *VERBS]
    parser.add_argument("--verbs", nargs="+", choices=names, default=names, metavar="VERB", help=", ".join(names))
    parser.add_argument("--count", type=int, default=200, help="corruptions of each verb (default 200)")
    parser.add_argument("--instances", type=int, default=100, help=f"random instances of {ANSWERS} (default 100)")
    parser.add_argument("--each", type=int, default=40, help="corruptions of the answer of each (default 40)")
    parser.add_argument("--seed", type=int, default=0, help="of all instances and corruptions (default 0)")
    chosen = parser.parse_args(arguments)
    if min(chosen.count, chosen.instances, chosen.each) < 1 or chosen.seed < 0:
        parser.error("--count, --instances and --each must be at least 1, --seed at least 0")
    outcomes = {}
    for name in chosen.verbs:
        is_answers = name == ANSWERS
        outcomes[name] = (
            run(chosen.instances, chosen.each, chosen.seed)
            if is_answers
            else corrupted(name, chosen.count, chosen.seed)
        )
        print(f"{name}: {len(outcomes[name].wrong)} wrong", file=sys.stderr, flush=True)
    print(table(outcomes))
    return int(any(each.wrong for each in outcomes.values()))


if __name__ == "__main__":
    raise SystemExit(main())
