"""Changes of one place: every small edit of a module that may change what it answers.

A change is made on the syntax tree. Left alone is what only people or mypy read (texts, docstrings,
annotations, assertions, decorators), and every edit that compiles to the same code.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from edits import edits_of, is_sql, is_text, name_of

SHOWN = 100
"""Characters of a place that are shown."""

SAID = {"Words", "Refusal", "Denied", "register_profile", "TypeVar", "_WrongError"}
"""Calls whose texts people read: nothing in their arguments is changed."""


class Change(NamedTuple):
    """One place, changed in one way."""

    path: str
    line: int
    function: str | None
    """The outermost function that holds the place; None for what runs at the import."""
    before: str
    after: str
    number: int
    """Which of the changes of the module it is, by which it can be made again."""
    occurrence: int
    """Which of those of the function that read the same, from 1."""

    @property
    def key(self) -> str:
        """What names it in the list of changes that change nothing: no line, so that it lasts."""
        which = f" #{self.occurrence}" if self.occurrence > 1 else ""
        return f"{self.path} {self.function or '-'}: {self.before} => {self.after}{which}"


def changes(root: Path, path: str) -> list[Change]:
    """Return every change of a module."""
    tree = ast.parse((root / path).read_text("utf-8"))
    found = []
    seen: Counter[tuple[str | None, str, str]] = Counter()
    for number, (place, new) in enumerate(_edits(tree)):
        before, after = _shown(place.node), _shown(new)
        if before != after:
            told = (place.function, *_shortened(before, after))
            seen[told] += 1
            found.append(Change(path, place.line, *told, number, seen[told]))
    return found


def _shortened(before: str, after: str) -> tuple[str, str]:
    """Return two texts without most of what they share at their ends, where they are long."""
    if max(len(before), len(after)) <= SHOWN:
        return before, after
    first = _shared(before, after)
    last = _shared(before[first:][::-1], after[first:][::-1])
    left, right = max(0, first - SHOWN // 5), max(0, last - SHOWN // 5)
    parts = (text[left : len(text) - right] for text in (before, after))
    one, other = (f"{'...' * bool(left)}{part}{'...' * bool(right)}" for part in parts)
    return one, other


def _shared(one: str, other: str) -> int:
    """Return how many characters two texts share at their beginning."""
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def changed(root: Path, change: Change) -> ast.Module:
    """Return the tree of a module with one change made."""
    tree = ast.parse((root / change.path).read_text("utf-8"))
    place, new = next(edit for at, edit in enumerate(_edits(tree)) if at == change.number)
    place.put(new)
    return ast.fix_missing_locations(tree)


class _Place(NamedTuple):
    """A node in its tree."""

    parent: ast.AST
    field: str
    index: int | None
    function: str | None

    @property
    def node(self) -> ast.AST:
        value = getattr(self.parent, self.field)
        return value if self.index is None else value[self.index]

    @property
    def line(self) -> int:
        return getattr(self.node, "lineno", None) or getattr(self.parent, "lineno", 0)

    def put(self, new: ast.AST) -> None:
        ast.copy_location(new, self.node)
        if self.index is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.index] = new


def _shown(node: ast.AST) -> str:
    """Return a node on one line."""
    if isinstance(node, ast.match_case):
        return f"case {ast.unparse(node.pattern)}" + _guard(node.guard) + f": {_body(node.body)}"
    if isinstance(node, ast.comprehension):
        ifs = "".join(f" if {ast.unparse(test)}" for test in node.ifs)
        return f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}{ifs}"
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())


def _guard(guard: ast.expr | None) -> str:
    return f" if {ast.unparse(guard)}" if guard else ""


def _body(body: list[ast.stmt]) -> str:
    return " ".join("; ".join(map(ast.unparse, body)).split())


def _edits(tree: ast.Module) -> Iterator[tuple[_Place, ast.AST]]:
    """Yield each place with what may be put there, always in the same order."""
    varied = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.args.vararg is not None
    }
    for place in _places(tree, None, ()):
        for new in edits_of(place.node, place.parent, varied):
            yield place, new


def _places(parent: ast.AST, function: str | None, scope: tuple[str, ...]) -> Iterator[_Place]:
    for field, value in ast.iter_fields(parent):
        if _is_left_alone(parent, field):
            continue
        for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_said(node):
                continue
            yield _Place(parent, field, index, function)
            inner, names = function, scope
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                names = (*scope, node.name)
                if isinstance(node, ast.FunctionDef) and function is None:
                    inner = ".".join(names)
            if isinstance(node, ast.FunctionDef) and function is None:
                yield from _places(node.args, None, names)  # defaults are made at the import
                yield from _places(ast.Module(node.body, []), inner, names)
            else:
                yield from _places(node, inner, names)


def _is_left_alone(parent: ast.AST, field: str) -> bool:
    """Whether a field is of no account when the program runs."""
    if field in {"annotation", "returns", "decorator_list", "ctx", "bases"}:
        return True
    return isinstance(parent, ast.AnnAssign) and field == "target"


def _is_said(node: ast.AST) -> bool:
    """Whether a node is for people, for mypy, or an import."""
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.JoinedStr):
        return not any(is_text(part) and is_sql(part.value) for part in node.values)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return True
    if isinstance(node, ast.Call) and name_of(node.func) in SAID | {"cast", "NewType"}:
        return True
    if isinstance(node, ast.Subscript) and name_of(node.value) in {"Literal", "Callable", "Final"}:
        return True
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__"
    return False
