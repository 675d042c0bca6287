"""Any solver as one whose answers are proven or refused."""

from __future__ import annotations

import math
import pickle
from dataclasses import dataclass, replace

import pytest

import placer
from placer.column_generation.solver import ColumnGeneration
from placer.errors import NoSolutionError
from placer.ladder.proven import OnStructure, SolverChoice, UnprovenError, default_solver, proving, solve_structure
from placer.ladder.whole_program import WholeProgram
from placer.model.formulation import formulate
from placer.solvers.highs import HiGHS
from placer.termination import Reason, Termination


@dataclass(frozen=True)
class Told:
    """A user's own solver of structures, which answers what it was told."""

    told: object
    time_limit_seconds: float = math.inf
    name: str = "told"

    def answer(self, structure, start=None):  # noqa: ARG002 - as of what it stands for
        """Answer what it was told, whatever is asked."""
        return self.told

    def fallback(self, seconds_left):
        """Return HiGHS."""
        return HiGHS(time_limit_seconds=seconds_left)


@pytest.fixture(scope="module")
def structure(make_random_instance):
    """Return the structure of a small random instance."""
    return formulate(make_random_instance(4)).structure


@pytest.fixture(scope="module")
def answer(structure):
    """Return the answer of column generation."""
    return ColumnGeneration().answer(structure)


def test_solvers_are_adapted_by_what_they_answer():
    """Tests that HiGHS, PuLP and the like get whole programs, and column generation and the like structures."""
    assert proving(HiGHS()) == WholeProgram(HiGHS())
    assert proving(placer.PuLP("HiGHS")).is_whole
    assert proving(ColumnGeneration()) == OnStructure(ColumnGeneration())
    assert not proving(Told(None)).is_whole


@pytest.mark.parametrize("solver", [HiGHS(time_limit_seconds=7.0), ColumnGeneration(time_limit_seconds=7.0)])
def test_limits_and_programs_of_a_solver(solver):
    """Tests that the time limit is that of the solver, and its programs are solved within it."""
    assert proving(solver).time_limit_seconds == 7.0
    assert proving(solver).programs == HiGHS(time_limit_seconds=7.0)


@pytest.mark.slow
def test_all_solvers_agree(structure, answer):
    """Tests the cost by HiGHS, column generation and a solver of one's own, each proven."""
    found = [solve_structure(structure, solver)[1] for solver in (HiGHS(), ColumnGeneration(), Told(answer))]
    assert all(certificate.proven for certificate in found)
    costs = [certificate.objective for certificate in found]
    assert costs == pytest.approx([costs[0]] * 3, rel=1e-7)


def test_answer_that_is_not_proven_leads_to_the_whole_program(structure, answer):
    """Tests that half of the flows, called optimal, are refused, and HiGHS answers in their stead."""
    half = replace(answer, flows=replace(answer.point, amount=0.5 * answer.point.amount))
    found, certificate = solve_structure(structure, Told(half))
    assert certificate.proven
    assert "after 1 refused: told: " in found.termination.detail


def test_failure_without_time_left_is_an_error(structure, answer):
    """Tests that no whole program is begun once the time of the solver is over."""
    failed = replace(answer, flows=None, termination=Termination(Reason.FAILED, "scripted"), seconds=9.0)
    with pytest.raises(NoSolutionError, match="scripted") as caught:
        solve_structure(structure, Told(failed, time_limit_seconds=8.0))
    assert caught.value.reason is Reason.TIME_LIMIT


def test_feasible_answer_at_a_limit_comes_with_the_error(structure, answer):
    """Tests that the error holds answer, certificate and bound here, and reason and detail in another process."""
    late = replace(answer, termination=Termination(Reason.TIME_LIMIT, "scripted"), bound=-1e9)
    with pytest.raises(UnprovenError) as caught:
        solve_structure(structure, Told(late))
    found, certificate = caught.value.found
    assert found is late
    assert certificate.feasible
    assert (caught.value.bound, caught.value.bound_usd) == (certificate.bound, -math.inf)
    sent = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - made here
    assert type(sent) is NoSolutionError
    assert (sent.reason, sent.detail, sent.bound_usd) == (Reason.TIME_LIMIT, "scripted", caught.value.bound_usd)


def test_default_solver_is_chosen_by_size(structure):
    """Tests HiGHS below a number of assignments, and from there on column generation, patient from another one on."""
    count = structure.assignment_count
    choices = [SolverChoice(count + 1, 3.0), SolverChoice(count, 3.0, count + 1), SolverChoice(count, 3.0, count)]
    chosen = [default_solver(structure, choice=choice) for choice in choices]
    assert chosen == [HiGHS(), ColumnGeneration(patience=3.0), ColumnGeneration()]


def test_default_solver_is_given_its_limits(structure):
    """Tests that a time limit goes to whichever solver is chosen, and a callback to the one that can tell."""
    told = []
    assert default_solver(structure, 7.0, told.append) == HiGHS(time_limit_seconds=7.0)
    large = default_solver(structure, 7.0, told.append, SolverChoice(large_from=0))
    assert large == ColumnGeneration(time_limit_seconds=7.0, patience=SolverChoice().patience)
    large.progress("here")
    assert told == ["here"]
