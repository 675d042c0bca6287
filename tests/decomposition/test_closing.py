"""Trial plans until a gap is closed."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from placer.decomposition.closing import after_ctrl_c, close, gap_of_best, gap_of_centre
from placer.decomposition.cost_model import CostModel
from placer.decomposition.price_pool import PricePool
from placer.decomposition.trust_region import TrustRegion
from placer.errors import NoSolutionError
from placer.planning.costs.evaluation import Evaluator, Here, StateJob
from placer.planning.search.search_parameters import SearchParameters
from placer.running import check_time, running
from placer.termination import Reason
from placer.utils.processes import InThisProcess


@pytest.fixture
def make_search(make_program_of_plan):
    """Return a function that makes the search of a small problem, with some share of the cost neglected."""

    def make(neglected=0.0, **parameters):
        problem = make_program_of_plan(1, factors=(0.7, 0.9, 1.1, 1.3, 1.5))
        evaluator = Evaluator(Here(StateJob(problem.states)), InThisProcess(), 1)
        model, states = CostModel(problem, PricePool(problem.states, ())), np.arange(len(problem.states))
        return TrustRegion(problem, model, evaluator, states, SearchParameters(**parameters), neglected, None)

    return make


class Scripted:
    """A search whose gap goes through given values, one a round; in USD too, unless these are given."""

    def __init__(self, gaps, usd=None, *, is_whole=True, **parameters):
        self.gaps, self.is_whole, self.rounds, self.usd = gaps, is_whole, 0, gaps if usd is None else usd
        self.parameters = SearchParameters(**parameters)
        self.evaluator = SimpleNamespace(solves=np.zeros(1), what="solved")
        self.centre = self.best = SimpleNamespace(complete=True)

    def open_gap(self, _):
        """Return the gap of this round."""
        return self.gaps[self.rounds]

    def open_usd(self, _):
        """Return the gap of this round in USD."""
        return self.usd[self.rounds]

    def raise_bound(self):
        """Leave the bound as it is."""

    def step(self, _):
        """Go on to the next round."""
        self.rounds += 1


@pytest.mark.parametrize(
    ("gaps", "reason"),
    [
        ([0.4] * 9, "neither cost nor bound improved in 3 rounds"),
        ([0.4, 0.4, 0.4, 0.3, 0.3, 0.3, 0.1], ""),  # three rounds without a gain, but not in a row
        ([0.4, 0.4 * (1 - 1e-7), 0.4 * (1 - 2e-7), 0.4 * (1 - 3e-7)], "neither cost nor bound improved in 3 rounds"),
    ],
)
def test_rounds_without_a_gain_end_a_wide_search(gaps, reason):
    """Tests that more than two rounds in a row without a gain end it, and that a gap of just what is asked is none."""
    assert close(Scripted(gaps, most_stalls=2), 0.1, gap_of_best) == reason


def test_a_gap_that_rises_relative_to_a_falling_cost_is_a_gain():
    """Tests a bound of -10 and costs of 1,990, 990, 40, -5 and -9: relative to them the gap rises to 1.25 first."""
    usd = [2_000.0, 1_000.0, 50.0, 5.0, 1.0]
    gaps = [each / abs(each - 10.0) for each in usd]
    assert close(Scripted(gaps, usd=usd, most_stalls=1), 0.12, gap_of_best) == ""


def test_rounds_without_a_gain_do_not_end_a_narrow_search():
    """Tests that the search goes on while its trust region is narrow."""
    search = Scripted([0.4] * 9, is_whole=False, most_stalls=2)
    assert close(search, 0.1, gap_of_best, most_rounds=7) == "7 rounds"


@pytest.mark.slow
@pytest.mark.parametrize("gap_of", [gap_of_best, gap_of_centre])
def test_the_gap_is_closed(make_search, gap_of):
    """Tests that the search ends without a reason, within the gap, by either measure."""
    search = make_search()
    assert close(search, 1e-8, gap_of) == ""
    assert gap_of(search) <= 1e-8


@pytest.mark.slow
def test_the_best_plan_has_no_gap_before_all_states_are_solved(make_search):
    """Tests a search whose first plan is judged by a few states."""
    search = make_search(neglected=math.inf)
    assert not search.best.complete
    assert gap_of_best(search) == math.inf
    assert gap_of_centre(search) < math.inf
    assert close(search, 1e-8, gap_of_best) == ""
    assert search.best.complete


@pytest.mark.slow
def test_rounds_end_a_search(make_search):
    """Tests that the reason is given."""
    assert close(make_search(), 1e-12, gap_of_best, most_rounds=1) == "1 rounds"


@pytest.mark.slow
def test_the_time_ends_a_search(make_search):
    """Tests that a limit that is over before the next plan is an error."""
    search = make_search()
    with running(time_limit_seconds=1e-9), pytest.raises(NoSolutionError, match="time limit"):
        close(search, -1.0, gap_of_best)


def test_work_after_ctrl_c_ends_as_ctrl_c_does(monkeypatch):
    """Tests that work which takes too long is an interruption, and that other errors stay as they are."""
    with after_ctrl_c():
        check_time("there is some")
    with pytest.raises(NoSolutionError, match="a state"), after_ctrl_c():
        raise NoSolutionError(Reason.FAILED, "a state")
    monkeypatch.setattr("placer.decomposition.closing.SECONDS_AFTER_CTRL_C", 1e-9)
    with pytest.raises(KeyboardInterrupt), after_ctrl_c():
        check_time("there is none")
