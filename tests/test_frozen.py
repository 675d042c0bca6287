"""Frozen values stay as they are built: none compares arrays by ``==``, and no line writes into one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "placer"
FILES = sorted(PACKAGE.rglob("*.py"))
TREES = {str(file.relative_to(PACKAGE)): ast.parse(file.read_text(encoding="utf-8")) for file in FILES}

#: Types whose ``==`` is not a truth value, by the names they have in annotations.
ARRAYS = {"ndarray", "FloatArray", "IntArray", "BoolArray", "csr_array", "csc_array", "DataFrame", "Series"}
#: Methods that change what they are called on.
CHANGING = {"append", "extend", "insert", "remove", "pop", "clear", "setdefault", "fill", "sort", "resize"}


def _dataclass_options(node):
    """Return the keywords of a class's ``@dataclass`` that are True or False, or None if it is no dataclass."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = call.func if call else decorator
        if isinstance(name, ast.Name) and name.id == "dataclass":
            return {word.arg: word.value.value for word in call.keywords} if call else {}
    return None


def _names_in(node):
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(node)
        if isinstance(part, (ast.Name, ast.Attribute))
    }


class _Frozen:
    """A frozen dataclass: where it stands, whether it compares by fields, and the names in its fields' types."""

    def __init__(self, file, node, options):
        self.where = f"{file}: {node.name}"
        self.compares = options.get("eq", True) is not False
        fields = [field for field in node.body if isinstance(field, ast.AnnAssign)]
        self.fields = {field.target.id for field in fields}
        self.types = set().union(*(_names_in(field.annotation) for field in fields), *map(_names_in, node.bases))


def _frozen():
    """Return the frozen dataclasses by name; names that stand twice keep both."""
    found = {}
    for file, tree in TREES.items():
        for node in ast.walk(tree):
            options = _dataclass_options(node) if isinstance(node, ast.ClassDef) else None
            if options and options.get("frozen"):
                found.setdefault(node.name, []).append(_Frozen(file, node, options))
    return found


FROZEN = _frozen()


def _hold_arrays():
    """Return the names of frozen dataclasses that hold arrays, themselves or in values of theirs that compare."""
    held = set(ARRAYS)
    while True:
        more = {
            name
            for name, classes in FROZEN.items()
            if name not in held and any(each.types & _compared(held) for each in classes)
        }
        if not more:
            return held - ARRAYS
        held |= more


def _compared(names):
    """Leave out the classes that compare by identity: a value that holds one may compare by its fields."""
    return {name for name in names if name in ARRAYS or any(each.compares for each in FROZEN[name])}


def test_frozen_values_that_hold_arrays_compare_by_identity():
    """Tests that no frozen value has a generated ``==`` that would ask an array for its truth, nor such a ``hash``."""
    held = _hold_arrays()
    assert [each.where for name in sorted(held) for each in FROZEN[name] if each.compares] == []


def _written(node):
    """Yield what a statement or call writes into: targets with an index, ``out=``, first arguments of ``ufunc.at``."""
    if isinstance(node, (ast.Assign, ast.Delete)):
        targets = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    else:
        targets = []
    for target in targets:
        for part in ast.walk(target):
            if isinstance(part, ast.Subscript) and isinstance(part.ctx, (ast.Store, ast.Del)):
                yield part.value
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Attribute):
        yield node.target
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg == "out")
        name = node.func
        if isinstance(name, ast.Attribute) and name.attr in {"at", "copyto", "place", "put", "putmask"} and node.args:
            yield node.args[0]
        if isinstance(name, ast.Attribute) and name.attr in CHANGING:
            yield name.value


def _changeable(node):
    """Yield the fields that a class which is no frozen dataclass has: its attributes and annotated names."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store) and ast.unparse(part.value) == "self":
            yield part.attr
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            yield part.target.id


def _fields():
    """Return the names of fields that only frozen values have."""
    frozen = {name for classes in FROZEN.values() for each in classes for name in each.fields}
    others = (
        node
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and not (_dataclass_options(node) or {}).get("frozen")
        if "TypedDict" not in {ast.unparse(base) for base in node.bases}
    )
    return frozen - {name for node in others for name in _changeable(node)}


FIELDS = _fields()


def _writes_into_frozen(tree):
    """Return the lines that write into a field of a frozen value, or set one once the value is built."""
    building = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__post_init__"
        for part in ast.walk(node)
    }
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "object.__setattr__" and id(node) not in building:
            lines.append(ast.unparse(node))
        for written in _written(node):
            target = written
            while isinstance(target, ast.Subscript):
                target = target.value
            if isinstance(target, ast.Attribute) and target.attr in FIELDS:
                lines.append(f"{target.lineno}: {ast.unparse(target)}")
    return lines


@pytest.mark.slow
def test_nothing_is_written_into_frozen_values():
    """Tests that no index of a frozen value's field is assigned to, and no function told to write into one."""
    assert {file: lines for file, tree in TREES.items() if (lines := _writes_into_frozen(tree))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "structure.unserved_cost[:] = 0.0",
        "structure.capacity[0, 1] += 1.0",
        "accounts.unit_cost[part] = usd",
        "np.add.at(structure.capacity, place, amount)",
        "np.minimum(first, second, out=structure.capacity)",
        "accounts.unit_cost.pop(part)",
        "object.__setattr__(structure, 'cyclic', True)",
    ],
)
def test_a_write_is_seen(line):
    """Tests the reading of lines itself: each of these writes into a ``Structure`` or ``SettledFlows``."""
    assert len(_writes_into_frozen(ast.parse(line))) == 1


def test_a_copy_may_be_written_into():
    """Tests that writing into a copy, and setting a field while a value is built, pass."""
    copy = "capacity = structure.capacity.copy()\ncapacity[0] = 1.0\n"
    building = "def __post_init__(self):\n    object.__setattr__(self, 'cyclic', True)\n"
    assert _writes_into_frozen(ast.parse(copy + building)) == []
