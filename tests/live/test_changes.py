"""Changes as a page sends them: read field by field, and every defect in one error."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placer.errors import InstanceError
from placer.live.changes import MOST_ENTRIES, Changes, read_changes
from tests.effort import tries

POWER, CHAT = "power_zones.usd_per_mwh", "demand.mtok[chat]"


def test_changes_stand_in_the_order_of_the_controls(asked):
    """Tests that what came first does not matter, and that what changes nothing is left out."""
    one = {
        "factors": {CHAT: 2, POWER: 1.5, "demand.mtok": 1},
        "off": ["data_centres[Port]"],
        "links": [["Coast", "East exchange"]],
    }
    other = dict(reversed(one.items())) | {"factors": {POWER: 1.5, CHAT: 2.0}}
    found = asked(one).changes
    assert found == asked(other).changes
    assert found.factors == ((POWER, 1.5), (CHAT, 2.0))
    assert found.off == ("data_centres[Port]",)
    assert asked({"law": {"chat": ["west", "east"]}}).changes == Changes()
    assert asked({"law": {"chat": ["west"]}}).changes.law == (("chat", ("west",)),)


def test_scenarios_are_those_asked_for_and_else_the_start(asked, source):
    """Tests that an empty list is no scenario, and that their order and no repeat is kept."""
    assert asked({"scenarios": ["patient", "dispatch", "patient"]}).changes.scenarios == ("patient", "dispatch")
    assert asked({}).changes.scenarios == source.start == ()
    assert asked({"scenarios": ["dispatch"]}).before == source.load(("dispatch",))


def test_one_error_lists_all_that_is_wrong(asked):
    """Tests that each field and key has a line, with what is allowed."""
    wrong = {
        "nonsense": 1,
        "scenarios": ["nix", 3],
        "factors": {"nowhere": 1, POWER: -1, CHAT: "2", "demand.mtok": True, "demand.mtok[voice]": 1e9},
        "off": ["Port", 7],
        "links": [["Coast", "Nowhere"], "Coast", ["Coast"]],
        "law": {"chat": [], "voice": ["mars"], "nobody": ["east"]},
    }
    with pytest.raises(InstanceError) as error:
        asked(wrong)
    assert len(error.value.violations) == 16
    for said in (
        "nonsense: unknown",
        "'nix' is unknown",
        "factors[nowhere]",
        f"factors[{POWER}]: -1",
        "from 0 to 100",
        "law[nobody]",
    ):
        assert said in str(error.value)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not readable"),
        (b"\xff\xfe", "not readable"),
        (b"[]", "no object"),
        (b"null", "no object"),
        (b'{"factors": {"demand.mtok": NaN}}', "NaN is no number"),
        (b'{"factors": {"demand.mtok": -Infinity}}', "-Infinity is no number"),
        (b'{"factors": {"demand.mtok": 1e999}}', "from 0 to 100"),
        (b'{"factors": {"demand.mtok": ' + b"9" * 400 + b"}}", "from 0 to 100"),
        (b'{"factors": {"demand.mtok": ' + b"9" * 5000 + b"}}", "not readable"),
        (b'{"factors": {"demand.mtok": 1, "demand.mtok": 2}}', "twice"),
        (b"[" * 100_000, "not readable"),
        (b'{"factors": [1]}', "an object"),
        (b'{"off": {}}', "a list"),
        (b'{"off": null}', "a list"),
        (json.dumps({"off": ["x"] * (MOST_ENTRIES + 1)}).encode(), f"at most {MOST_ENTRIES}"),
        (b'{"scenarios": ["../../etc/passwd"]}', "unknown"),
        (b'{"links": [["Coast", ["East exchange"]]]}', "no link"),
        (b'{"law": {"chat": [["east"]]}}', "a list of some"),
    ],
)
def test_hostile_bodies_are_refused(source, body, said):
    with pytest.raises(InstanceError, match=said.replace("[", r"\[")):
        read_changes(body, source)


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["chat", "east", POWER])
)
_ANY = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from([POWER, "chat"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.mark.slow
@given(
    content=st.dictionaries(st.sampled_from(["scenarios", "factors", "off", "links", "law", "else"]), _ANY, max_size=4)
)
@settings(max_examples=tries(40, 400))
def test_any_json_is_changes_or_the_error_of_the_library(source, content):
    """Tests that nothing else comes out, whatever the types."""
    with contextlib.suppress(InstanceError):
        assert isinstance(read_changes(json.dumps(content).encode(), source).changes, Changes)
