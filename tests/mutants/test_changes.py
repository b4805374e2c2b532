"""Changes of one place: what is changed, what is left alone, and that every change is code."""

from pathlib import Path

import pytest
from changes import changed, changes

ROOT = Path(__file__).resolve().parents[2]
CODE = '''
"""A docstring."""
from typing import Literal

Kind = Literal["one", "two"]
LIMIT: int = 7
NAMES = frozenset({"a", "b"})


def asked(value, /, least=0):
    """Another."""
    assert value is not None, "told"
    if value <= least and value in NAMES:
        return min(value, least)
    return query("SELECT x FROM t WHERE a = ? AND b <= ?", (value, least))
'''


@pytest.fixture
def found(tmp_path):
    (tmp_path / "code.py").write_text(CODE)
    return {(one.function, one.before, one.after): one for one in changes(tmp_path, "code.py")}


@pytest.mark.parametrize(
    "function,before,after",
    [
        ("asked", "value <= least", "value < least"),
        ("asked", "value <= least", "value > least"),
        ("asked", "value in NAMES", "value not in NAMES"),
        ("asked", "value <= least and value in NAMES", "value <= least or value in NAMES"),
        ("asked", "value <= least and value in NAMES", "value in NAMES"),
        ("asked", "min(value, least)", "max(value, least)"),
        ("asked", "return min(value, least)", "return None"),
        ("asked", "'SELECT x FROM t WHERE a = ? AND b <= ?'",
         "'SELECT x FROM t WHERE a = ? AND b < ?'"),
        ("asked", "'SELECT x FROM t WHERE a = ? AND b <= ?'",
         "'SELECT x FROM t WHERE a = ? OR b <= ?'"),
        (None, "7", "8"),
        (None, "0", "1"),
        (None, "{'a', 'b'}", "{'a'}"),
    ],
)  # fmt: skip
def test_it_is_changed(found, function, before, after):
    """Of a default and of a constant it is changed what runs at the import."""
    assert (function, before, after) in found


def test_what_people_and_types_read_is_left_alone(found):
    places = {before for _, before, _ in found}
    assert not any(word in place for place in places for word in ("docstring", "told", "'one'"))


def test_every_change_is_code_and_no_two_are_the_same(found, tmp_path):
    assert len({one.key for one in found.values()}) == len(found)
    trees = {compile(changed(tmp_path, one), "x", "exec") for one in found.values()}
    assert len(trees) == len(found)


def test_every_change_of_a_module_can_be_made():
    for one in changes(ROOT, "ledger/domain/values/calendar.py"):
        compile(changed(ROOT, one), "x", "exec")
