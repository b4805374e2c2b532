"""Edits: what may be put in the place of one node of a syntax tree, each a small slip."""

import ast
import copy
import re
from collections.abc import Iterator

OTHERS = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
}
"""What each operator is changed into."""

NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
METHODS = {
    "add": "discard",
    "appendleft": "append",
    "intersection": "union",
    "issubset": "isdisjoint",
    "lstrip": "rstrip",
    "partition": "rpartition",
    "popleft": "pop",
    "rstrip": "lstrip",
    "startswith": "endswith",
    "endswith": "startswith",
    "union": "intersection",
}
SQL = (
    *((" <= ", " < "), (" < ", " <= "), (" >= ", " > "), (" > ", " >= "), (" = ?", " <> ?")),
    *((" AND ", " OR "), (" OR ", " AND "), ("DISTINCT ", ""), ("NOT ", ""), (" DESC", "")),
    *(("max(", "min("), ("min(", "max("), ("LEFT JOIN", "JOIN"), (" IN ", " NOT IN ")),
)
"""What is changed in a statement for a database."""

TRANSPARENT = {"sorted": "list", "reversed": "iter"}
"""Functions that say in which order: the change takes the order as it comes."""

_NOT_SWAPPED = (ast.Starred, ast.Constant, ast.JoinedStr, ast.Tuple)
"""Arguments that are of one kind with hardly any other."""

COPIES = {"replace", "_replace"}
"""Functions of which every keyword is a change by itself."""


def edits_of(node: ast.AST, parent: ast.AST, varied: set[str]) -> Iterator[ast.AST]:
    if isinstance(node, ast.stmt):
        yield from _statements(node)
    elif isinstance(node, ast.Constant):
        yield from _constants(node, parent)
    elif isinstance(node, ast.Call):
        yield from _called(node, varied)
    elif isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.BinOp | ast.IfExp):
        yield from _operators(node)
    else:
        yield from _collections(node)


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            yield ast.BoolOp(other, node.values)
            yield from _less_one(node, "values")
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp():
            if not any(isinstance(side, ast.JoinedStr) or is_text(side) for side in _sides(node)):
                for changed_ in OTHERS.get(type(node.op), ()):
                    yield ast.BinOp(node.left, changed_(), node.right)
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case _:
            pass


def _collections(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.comprehension():
            yield from _less_one(node, "ifs", least=0)
        case ast.Tuple() | ast.List() | ast.Set():
            if isinstance(getattr(node, "ctx", None), ast.Load | None):
                yield from _less_one(node, "elts")
        case ast.Dict():
            yield from _less_pair(node)
        case ast.match_case():
            if not isinstance(node.body[0], ast.Pass):
                yield ast.match_case(node.pattern, node.guard, [ast.Pass()])
            if node.guard is not None:
                yield ast.match_case(node.pattern, None, node.body)
        case _:
            pass


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in OTHERS.get(type(operator), ()):
            new = copy.copy(node)
            new.ops = [*node.ops[:index], other(), *node.ops[index + 1 :]]
            yield new


def _sides(node: ast.BinOp) -> tuple[ast.expr, ast.expr]:
    return node.left, node.right


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _constants(node: ast.Constant, parent: ast.AST) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, str) and is_sql(value):
        for part, other in SQL:
            pieces = value.split(part)
            for index in range(1, len(pieces)):
                first, rest = part.join(pieces[:index]), part.join(pieces[index:])
                yield ast.Constant(f"{first}{other}{rest}")
    elif isinstance(value, str) and value and isinstance(parent, ast.Compare | ast.MatchValue):
        yield ast.Constant(f"{value}?")


def is_sql(text: str) -> bool:
    """Whether a text is a part of a statement: it names a keyword, and places for values."""
    return bool(
        re.search(r"\b(SELECT|FROM|WHERE|AND|ORDER BY|JOIN|INSERT|UPDATE|DELETE|CASE)\b", text)
    )


def _called(node: ast.Call, varied: set[str]) -> Iterator[ast.AST]:
    name, args = name_of(node.func), node.args
    if isinstance(node.func, ast.Name):
        if name in NAMES:
            yield ast.Call(ast.Name(NAMES[name], ast.Load()), args, node.keywords)
        if name in TRANSPARENT and args:
            yield ast.Call(ast.Name(TRANSPARENT[name], ast.Load()), args[:1], [])
    elif isinstance(node.func, ast.Attribute) and name in METHODS:
        func = ast.Attribute(node.func.value, METHODS[name], ast.Load())
        yield ast.Call(func, args, node.keywords)
    for index in range(len(args) - 1 if name not in NAMES else 0):
        if not any(isinstance(arg, _NOT_SWAPPED) for arg in args[index : index + 2]):
            swapped = [*args[:index], args[index + 1], args[index], *args[index + 2 :]]
            yield ast.Call(node.func, swapped, node.keywords)
    if name in varied and len(args) > 1:
        yield from _less_one(node, "args")
    if name in COPIES | {"sorted", "min", "max"} and node.keywords:
        yield from _less_one(node, "keywords", least=0)


def _less_one(node: ast.AST, field: str, least: int = 1) -> Iterator[ast.AST]:
    """Yield a node with one fewer in a list; of an operator that is left with one, that one."""
    values = getattr(node, field)
    for index in range(len(values)):
        rest = [*values[:index], *values[index + 1 :]]
        if len(rest) < least:
            continue
        if isinstance(node, ast.BoolOp) and len(rest) == 1:
            yield rest[0]
            continue
        new = copy.copy(node)
        setattr(new, field, rest)
        yield new


def _less_pair(node: ast.Dict) -> Iterator[ast.AST]:
    for index in range(len(node.keys)):
        keys = [*node.keys[:index], *node.keys[index + 1 :]]
        yield ast.Dict(keys, [*node.values[:index], *node.values[index + 1 :]])


def _statements(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.If() | ast.While():
            if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
                yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
            if node.orelse:
                yield _with(node, orelse=[])
        case ast.Return(value=value) if value is not None and not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.AugAssign():
            for other in OTHERS.get(type(node.op), ()):
                yield ast.AugAssign(node.target, other(), node.value)
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript(), *_]):
            yield ast.Pass()
        case ast.Expr() | ast.Break() | ast.Continue() | ast.Delete() | ast.Raise():
            yield ast.Pass()
        case _:
            pass


def _with(node: ast.stmt, **fields: object) -> ast.stmt:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def name_of(node: ast.AST) -> str:
    return getattr(node, "id", None) or getattr(node, "attr", None) or ""
