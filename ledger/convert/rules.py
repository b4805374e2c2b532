"""Rules: which rows they are for, and what event such a row makes."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from operator import eq, gt, lt
from typing import Any, NamedTuple

from ledger.convert.decimals import plain_decimal
from ledger.convert.problems import BAD_VALUE, RowProblemError
from ledger.convert.profile import Check, Condition, Group, Rule
from ledger.convert.values import Cells, Item, Maker, as_json, as_text, template
from ledger.domain.refusals import SEPARATOR
from ledger.errors import UsageError
from ledger.messages import Words, words_of


class Occurrence(NamedTuple):
    """Where a row stands in its group, and the row before it there."""

    first: bool
    last: bool
    before: Mapping[str, Item]
    """What the row before held of the values that are watched; empty where it is the first."""


Asked = Callable[[Cells, Occurrence], bool]
Build = Callable[[Cells], object]


class Making(NamedTuple):
    """A rule, ready for rows."""

    key: str
    type: str
    fits: Asked
    id: Maker
    time: Maker
    source: Maker
    data: Build
    once: Callable[[Cells], str] | None


def making(
    rule: Rule, number: int, source: str, group: Group | None, known: frozenset[str]
) -> Making:
    """Return what makes the events of a rule. Raises UsageError, naming the key."""
    key = f"events[{number}]"
    fits = condition(rule, key, group, known)
    parts = {"id": rule.id, "time": rule.time, "source": rule.source or source}
    makers: dict[str, Maker] = {}
    for name, text in parts.items():
        try:
            makers[name] = template(text, known)
        except ValueError as wrong:
            raise UsageError("{key}.{name}: {wrong}", key=key, name=name, wrong=wrong) from None
    once = None
    if rule.once is not None:
        names = [] if rule.once == "file" else list(rule.once)
        _must_be_known(names, f"{key}.once", known)
        once = _mark(key, names)
    data = _builder(rule.data, f"{key}.data", known)
    return Making(key, rule.type, fits, makers["id"], makers["time"], makers["source"], data, once)


def condition(asked: Condition, key: str, group: Group | None, known: frozenset[str]) -> Asked:
    """Return whether all that is named holds. Raises UsageError, naming the key."""
    if asked.row is not None and group is None:
        raise UsageError(
            "{key}.row: there is no [group] that rows could be first or last in", key=key
        )
    if asked.row == "last" and group is not None and not group.together:
        raise UsageError(
            "{key}.row: which row is the last is known where groups stand together", key=key
        )
    tests = [test for test in [_row_test(asked.row)] if test is not None]
    for name, test in asked.when.items():
        where = f"{key}.when.{name}"
        _must_be_known([name], where, known)
        if test.changed is not None and group is None:
            raise UsageError(
                "{where}.changed: there is no [group] in which it could change", where=where
            )
        try:
            tests += _tests(name, test)
        except ValueError as wrong:
            raise UsageError("{place}: {wrong}", place=where, wrong=wrong) from None
    return lambda cells, place: all(test(cells, place) for test in tests)


def watched(conditions: list[Condition]) -> tuple[str, ...]:
    """Return the names whose change within a group is asked for."""
    return tuple(
        dict.fromkeys(
            name
            for asked in conditions
            for name, test in asked.when.items()
            if test.changed is not None
        )
    )


def _must_be_known(names: list[str], key: str, known: frozenset[str]) -> None:
    for name in names:
        if name not in known:
            raise UsageError("{key}: there is no column or value {name}", key=key, name=name)


def _row_test(row: str | None) -> Asked | None:
    match row:
        case "first":
            return lambda _cells, place: place.first
        case "later":
            return lambda _cells, place: not place.first
        case "last":
            return lambda _cells, place: place.last
    return None


def _tests(name: str, test: Check) -> list[Asked]:
    """Return what is asked of one value. Raises ValueError."""
    asked: list[Asked] = []
    if test.among is not None:
        among = frozenset(map(as_text, test.among))
        asked.append(lambda cells, _place: as_text(cells[name]) in among)
    if test.none_of is not None:
        none_of = frozenset(map(as_text, test.none_of))
        asked.append(lambda cells, _place: as_text(cells[name]) not in none_of)
    if test.given is not None:
        given = test.given
        asked.append(lambda cells, _place: (cells[name] is not None) is given)
    if test.changed is not None:
        changed = test.changed
        asked.append(
            lambda cells, place: (
                not place.first and (place.before.get(name) != cells[name]) is changed
            )
        )
    for bound, holds in ((test.above, gt), (test.below, lt), (test.equal, eq)):
        if bound is not None:
            asked.append(_compared(name, plain_decimal(bound), holds))
    if not asked:
        raise ValueError("say what it should be")
    return asked


def _compared(name: str, bound: Decimal, holds: Callable[[Decimal, Decimal], bool]) -> Asked:
    def asked(cells: Cells, _place: Occurrence) -> bool:
        number = _number(cells, name)
        return number is not None and holds(number, bound)

    return asked


def _number(cells: Cells, name: str) -> Decimal | None:
    item = cells[name]
    if item is None or isinstance(item, Decimal):
        return item
    try:
        return plain_decimal(as_text(item) or "")
    except ValueError as wrong:
        raise RowProblemError(BAD_VALUE, words_of(wrong), name) from None


def _mark(key: str, names: list[str]) -> Callable[[Cells], str]:
    """Return what tells the rows apart for which a rule makes an event of its own."""

    def mark(cells: Cells) -> str:
        return SEPARATOR.join([key, *(repr(cells[name]) for name in names)])

    return mark


def _builder(tree: Any, key: str, known: frozenset[str]) -> Build:
    """Return what fills in the data of an event; what is null is left out."""
    if isinstance(tree, dict):
        members = [(name, _builder(item, f"{key}.{name}", known)) for name, item in tree.items()]
        return lambda cells: {
            name: built for name, build in members if (built := build(cells)) is not None
        }
    if isinstance(tree, list):
        builders = [_builder(item, f"{key}[{n}]", known) for n, item in enumerate(tree, start=1)]
        return lambda cells: [built for build in builders if (built := build(cells)) is not None]
    if not isinstance(tree, str):
        return lambda _cells: tree
    try:
        make = template(tree, known)
    except ValueError as wrong:
        raise UsageError("{place}: {wrong}", place=key, wrong=wrong) from None
    return lambda cells: as_json(make(cells))


def text_of(item: Item, what: str) -> str:
    """Return an id, a time or a source as text. Raises RowProblemError where it is null."""
    text = as_text(item)
    if text is None:
        raise RowProblemError(BAD_VALUE, Words("the {what} of the event is null", what=what))
    return text
