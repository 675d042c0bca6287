"""Which blocks share a task, how many processes there are, and answers in the order of the blocks."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from placer.by_blocks import dispatch
from placer.by_blocks.dispatch import answers_in_order, lay_out, workers_for
from placer.utils.processes import InThisProcess
from placer.utils.tasks import Dispatcher


@pytest.mark.parametrize(
    ("count", "lengths"), [(1, [1]), (7, [1] * 7), (20, [2] * 10), (33, [3] * 11), (365, [14] * 26 + [1])]
)
def test_tasks_depend_on_the_number_of_blocks_alone(count, lengths):
    """Tests the lengths of the runs of blocks."""
    parts = dispatch.parts_of(count)
    assert [part.stop - part.start for part in parts] == lengths
    assert (parts[0].start, parts[-1].stop) == (0, count)


def test_processes_where_they_pay(make_blocks, monkeypatch, tmp_path):
    """Tests the number asked for, a small structure, an executor, a large one, and a script without a guard."""
    structure = make_blocks(0).structure
    assert workers_for(structure, 2, 5) == 2
    assert workers_for(structure, 2, None) == 1
    assert workers_for(structure, 5, None, InThisProcess()) == 5
    monkeypatch.setattr(dispatch, "_cores", lambda: 3)
    script = tmp_path / "script.py"
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(__file__=str(script)))
    script.write_text('import placer\nif __name__ == "__main__":\n    pass\n', encoding="utf-8")
    assert workers_for(structure, 5, None, worth_columns=1) == 3
    script.write_text("import placer\n", encoding="utf-8")
    assert workers_for(structure, 5, None, worth_columns=1) == 1
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace())
    assert workers_for(structure, 5, None, worth_columns=1) == 3


def test_answers_come_in_order(make_blocks):
    """Tests chosen blocks, in the order they were chosen in, and prices recorded where they are asked for again."""
    structure = make_blocks(1).structure
    blocks = lay_out(structure, None, None)
    dispatcher = Dispatcher(InThisProcess(), 1)
    both = list(answers_in_order(blocks, dispatcher))
    last = list(answers_in_order(blocks, dispatcher, chosen=[1, 0], known=[[], []]))
    assert [len(each.duals.demand) for each in both] == [len(span.demands) for span in blocks.spans]
    assert both[0].known is None
    assert last[0].known is not None
    np.testing.assert_array_equal(last[0].duals.demand, both[1].duals.demand)
    np.testing.assert_array_equal(last[1].duals.demand, both[0].duals.demand)
