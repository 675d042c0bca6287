"""Tests of the peers: each, written without placer's formulation or solver, has placer's optimum."""

from __future__ import annotations

import dataclasses
import functools

import pytest

import placer

from .families import build
from .measure import certificate_of, checked
from .peers import OF_PROGRAMS, PEERS, REFERENCE
from .peers.peer import EXACT, GIVEN, Answer, Peer, PeerError
from .peers.pulp_terms import pulp_model

_instance = functools.cache(build)


@functools.cache
def _least(family: str) -> float:
    placement = placer.solve(_instance(family, "smoke"))
    return placement.cost_usd + placement.penalty_usd


def _tolerance(name: str) -> float:
    """Return the relative tolerance of a cost; what a first-order method is given holds for rows, not for the cost."""
    given = max((tolerance for end, tolerance in GIVEN.items() if name.endswith(end)), default=0.0)
    return max(PEERS[name].tolerance, 50 * given)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["online", "tiers", "linked", "clipped", "capped", "hour"])
@pytest.mark.parametrize("name", PEERS)
def test_same_optimum(name: str, family: str) -> None:
    """Tests that a peer finds the same minimum cost wherever it can express the instance."""
    peer, instance = PEERS[name], _instance(family, "smoke")
    if words := peer.missing() or peer.lacks(instance):
        pytest.skip(words)
    peer.load()
    answer = peer.solve(peer.build(peer.prepare(instance)))
    assert answer.objective == pytest.approx(_least(family), rel=_tolerance(name))
    if name not in ("cvxpy", "pypsa"):  # they keep their solver's duals to themselves
        assert abs(checked(instance, answer)["gap"]) <= _tolerance(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", OF_PROGRAMS)
def test_programs_have_their_optimum(name: str) -> None:
    """Tests that a side that takes linear programs finds the optimum, with a solution that the certificate passes."""
    peer, program = PEERS[name], placer.to_program(_instance("online", "smoke"))
    if words := peer.missing():
        pytest.skip(words)
    peer.load()
    answer = peer.of_program(program)()
    assert answer.objective == pytest.approx(_least("online"), rel=_tolerance(name))
    assert answer.solution is None or peer.tolerance > EXACT or certificate_of(program, answer.solution).proven


def test_wrong_solutions_are_refused() -> None:
    """Tests that a point off its optimum, and one that breaks a row, are refused with the figure that fails."""
    program = placer.to_program(placer.load("tiny"))
    right = placer.HiGHS().solve(program)
    assert certificate_of(program, right).proven
    moved = dataclasses.replace(right, values=right.values * 1.01)
    assert "primal infeasibility" in certificate_of(program, moved).verdict
    assert "dual infeasibility" in checked(program, Answer(0.0, solution=_doubled(right)))["refused"]


def _doubled(solution: placer.LPSolution) -> placer.LPSolution:
    return dataclasses.replace(solution, row_duals=solution.row_duals * 2)


def test_reference_comes_first() -> None:
    """Tests that the reference side is the first."""
    assert next(iter(PEERS)) == REFERENCE
    assert PEERS[REFERENCE].available()


def test_what_pypsa_lacks() -> None:
    """Tests that an instance that a peer cannot express is reported in words."""
    pypsa = PEERS["pypsa"]
    assert pypsa.expresses(_instance("online", "smoke"))
    assert "wait" in pypsa.lacks(_instance("fleet", "smoke"))
    assert "links" in pypsa.lacks(_instance("linked", "smoke"))
    assert "carbon" in pypsa.lacks(_instance("capped", "smoke"))


def test_what_term_by_term_lacks() -> None:
    """Tests that features outside all families are refused rather than omitted."""
    tiny = placer.load("tiny")
    assert "server" in PEERS["pulp-highs"].lacks(tiny) or "rented" in PEERS["pulp-highs"].lacks(tiny)
    assert not PEERS["scipy"].lacks(tiny)


def test_missing() -> None:
    """Tests that a peer that is not installed says so."""
    peer = dataclasses.replace(PEERS["scipy"], needs=("no_such_library", "numpy"))
    assert peer.missing() == "not installed: no_such_library"
    assert not peer.available()


def test_no_answer() -> None:
    """Tests that a solver that stops early gives an error with its message, not a figure."""
    stopped = dataclasses.replace(PEERS["simplex"], solve=PEERS["pulp-highs"].solve)
    problem = pulp_model(PEERS["pulp-highs"].prepare(_instance("hour", "smoke")))
    problem += problem.objective <= 0
    with pytest.raises(PeerError, match="infeasible"):
        stopped.solve(problem)


@pytest.mark.parametrize(
    ("detail", "error"), [("HiGHS simplex: kMemoryLimit", MemoryError), ("HiGHS simplex: kTimeLimit", PeerError)]
)
def test_placer_has_no_answer(monkeypatch: pytest.MonkeyPatch, detail: str, error: type[Exception]) -> None:
    """Tests that a failed memory allocation of HiGHS is recognised, and that other failures keep their message."""

    def solve(*_: object) -> None:
        raise placer.NoSolutionError(placer.Reason.FAILED, detail)

    monkeypatch.setattr(placer, "solve", solve)
    with pytest.raises(error) as raised:
        PEERS["simplex"].solve(_instance("hour", "smoke"))
    assert detail in str(raised.value) or error is MemoryError


def test_answers_are_plain() -> None:
    """Tests that a peer is data: two with the same parts are equal, and an answer needs no gap."""
    assert dataclasses.replace(PEERS["scipy"]) == PEERS["scipy"]
    assert isinstance(PEERS["scipy"], Peer)
    assert Answer(1.0).gap != Answer(1.0).gap
