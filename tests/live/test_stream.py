"""The work of one request: its messages, and its end where it is overtaken."""

from __future__ import annotations

from threading import Event

import pytest

from placer.live.answers import Answers
from placer.live.source import instance_source
from placer.live.stream import Progress, StoppedError, refusal, stream


def _messages(answers, body=b"{}", stop=None):
    found = []
    stream(answers, body, stop or Event(), found.append)
    return found


@pytest.fixture(scope="module")
def answers(source):
    return Answers(source)


@pytest.mark.slow
def test_messages_come_in_order_and_end(answers):
    """Tests three stages with a strip each, the strip with the start once that is known, and the end."""
    changed = b'{"factors": {"power_zones.usd_per_mwh": 2}}'
    kinds = [message["kind"] for message in _messages(answers, changed) if message["kind"] != "progress"]
    assert kinds == ["sections", "strip"] * 3 + ["strip", "done"]
    kinds = [message["kind"] for message in _messages(answers, changed)]
    assert kinds == ["sections", "strip", "done"]
    (strip,) = (message["html"] for message in _messages(answers) if message["kind"] == "strip")
    assert strip.count("as at the start") == 5


def test_a_refused_change_is_the_text_of_the_library_by_control(answers):
    """Tests that the last message has the error, and its lines by key."""
    message = _messages(answers, b'{"factors": {"demand.mtok": -1}, "off": ["data_centres[x]"]}')[-1]
    assert message["kind"] == "refused"
    assert message["at"].keys() == {"demand.mtok", "data_centres[x]"}
    assert message["at"]["demand.mtok"] in message["text"]


@pytest.mark.slow
def test_a_start_without_an_answer_leaves_the_changed_one(make_instance):
    """Tests that a page can be opened at changes that cure a start that nothing meets."""
    limits = [{"limit": "least", "kind": "tokens", "sense": ">=", "amount": 12.0, "workload": "w", "hub": "B"}]
    source = instance_source(make_instance(limits=limits), "short")
    found = _messages(Answers(source), b'{"factors": {"demand.mtok[w]": 3}}')
    assert found[-1]["kind"] == "done"
    assert _messages(Answers(source))[-1]["kind"] == "refused"


@pytest.mark.slow
def test_work_that_is_overtaken_ends_without_a_message(answers):
    """Tests that a stop before the work and one within it leave no end."""
    stop = Event()
    stop.set()
    assert _messages(answers, b'{"factors": {"demand.mtok": 2}}', stop) == []
    stop, found = Event(), []

    def put(message):
        found.append(message)
        if message["kind"] == "sections":
            stop.set()

    stream(answers, b'{"factors": {"demand.mtok": 2}}', stop, put)
    assert [message["kind"] for message in found if message["kind"] != "progress"] == ["sections"]


def test_progress_is_told_now_and_then_and_ends_the_work():
    stop, found = Event(), []
    progress = Progress(stop, found.append)
    progress("one")
    progress("two")
    assert found == [{"kind": "progress", "text": "one"}]
    stop.set()
    with pytest.raises(StoppedError):
        progress("three")


def test_errors_without_violations_are_of_no_control():
    from placer.errors import SolverError

    assert refusal(SolverError("x")) == {"kind": "refused", "text": "x", "at": {}}
