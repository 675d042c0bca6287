"""Tests rents of accelerators: the advantage of a data centre that is too small for all."""

import numpy as np
import pytest

from placer.model.answer import no_duals
from placer.presence.apart import prices_of
from placer.presence.question import ask
from placer.presence.rents import accelerator_rents


@pytest.mark.parametrize(("accelerators", "rent"), [(10.0, 0.0), (5.0, 2.0)])
def test_a_scarce_data_centre_earns_what_the_next_costs_more(by_hand, accelerators, rent):
    """Tests the rent of X, whose accelerators cost 1 USD an hour less than those of Y, over two hours."""
    centres = by_hand().data_centres.assign(accelerators=[accelerators, 6.0])
    question = ask(by_hand().replace(data_centres=centres), by_hour=False)
    shared = prices_of(question.structure, no_duals(question.structure, np.zeros(2)))
    assert accelerator_rents(question, shared)[:, 0] == pytest.approx([rent, 0.0])
