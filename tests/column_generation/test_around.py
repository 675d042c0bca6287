"""Tests what is taken from column generation."""

import placer
from placer.column_generation.around import AroundColumnGeneration


def test_all_but_the_answer_is_that_of_column_generation():
    """Tests name, time limit and the solver of the whole program."""
    solver = placer.ColumnGeneration(time_limit_seconds=7.0)
    around = AroundColumnGeneration(solver)
    assert around.name == solver.name
    assert around.time_limit_seconds == 7.0
    assert around.fallback(3.0) == solver.fallback(3.0)
