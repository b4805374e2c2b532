"""Values: what columns hold, and what is made of it, once a row, when it is asked for."""

import string
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Final

from ledger.convert.decimals import decimal_reader, plain_text
from ledger.convert.moments import date_reader, time_reader
from ledger.convert.problems import BAD_ROW, BAD_VALUE, RowProblemError
from ledger.convert.profile import Profile, Scalar, Value
from ledger.domain.refusals import SEPARATOR, shown
from ledger.errors import UsageError
from ledger.messages import Words

REMEMBERED: Final = 1_000_000
"""Different values, or groups, that one conversion can keep apart: they stay in memory."""

Item = Scalar | Decimal | None
Maker = Callable[["Cells"], Item]

_MISSING: Final = object()
_WAYS: Final = ("text", "digest", "count", "table", "cycle", "decimal", "time", "date")


class Cells:
    """One row: what its columns hold and what its values come to."""

    __slots__ = ("_made", "_makers", "line", "values")

    def __init__(self, line: int, values: list[str], makers: Mapping[str, Maker]) -> None:
        """Take the line on which the row begins, and its values as they stand in the table."""
        self.line = line
        self.values = values
        self._makers = makers
        self._made: dict[str, Item] = {}

    def __getitem__(self, name: str) -> Item:
        """Return a column or value; None is null. Raises RowProblemError."""
        found = self._made.get(name, _MISSING)
        if found is _MISSING:
            try:
                found = self._made[name] = self._makers[name](self)
            except RowProblemError as problem:
                if problem.place:
                    raise
                raise RowProblemError(problem.code, problem.reason, name) from None
        return found  # type: ignore[return-value]

    def digest(self, places: list[int] | None, length: int) -> str:
        """Return the SHA-256 of values of the row, in hex; they are joined with U+001F."""
        values = self.values if places is None else [self.values[place] for place in places]
        if any(SEPARATOR in value for value in values):
            raise RowProblemError(BAD_ROW, "a value holds U+001F, which stands between values")
        return sha256(SEPARATOR.join(values).encode()).hexdigest()[:length]


def as_json(item: Item) -> Scalar | None:
    """Return a value as it goes into an event: decimals as texts, exactly."""
    return plain_text(item) if isinstance(item, Decimal) else item


def as_text(item: Item) -> str | None:
    """Return a value as it stands within a text."""
    if isinstance(item, bool):
        return str(item).lower()
    return plain_text(item) if isinstance(item, Decimal) else None if item is None else str(item)


def makers_of(profile: Profile, header: list[str]) -> dict[str, Maker]:
    """Return what makes each column and value of a profile. Raises UsageError, naming the key."""
    nulls = frozenset(profile.file.nulls)
    places = _places(profile, header)
    makers: dict[str, Maker] = {name: _column(place, nulls) for name, place in places.items()}
    for name, value in profile.values.items():
        key = f"values.{name}"
        if name in makers:
            raise UsageError("{key}: a column has this name already", key=key)
        try:
            makers[name] = _maker(value, frozenset(makers), places)
        except ValueError as wrong:
            raise UsageError("{place}: {wrong}", place=key, wrong=wrong) from None
    return makers


def _places(profile: Profile, header: list[str]) -> dict[str, int]:
    """Return where each column of the profile stands in the table."""
    places: dict[str, int] = {}
    for alias, column in profile.columns.items():
        key = f"columns.{alias}"
        name = column if isinstance(column, str) else column.name
        found = [place for place, title in enumerate(header) if title == name]
        which = 1 if isinstance(column, str) else column.which
        if len(found) < which:
            raise UsageError(
                "{key}: the table has no column {name}; it has {names}",
                key=key,
                name=Words("{name} number {number}", name=shown(name), number=which)
                if found
                else shown(name),
                names=shown(", ".join(header)),
            )
        if isinstance(column, str) and len(found) > 1:
            raise UsageError(
                "{key}: the table has {count} columns {shown}: say which, such as {{ name = "
                '"{name}", which = 1 }}',
                key=key,
                count=len(found),
                name=name,
                shown=shown(name),
            )
        places[alias] = found[which - 1]
    return places


def _column(place: int, nulls: frozenset[str]) -> Maker:
    def read(cells: Cells) -> Item:
        text = cells.values[place]
        return None if text in nulls else text

    return read


def _maker(value: Value, known: frozenset[str], places: Mapping[str, int]) -> Maker:
    """Return what makes a value. Raises ValueError, or UsageError, where it cannot be made."""
    ways = [way for way in _WAYS if getattr(value, way) is not None]
    if len(ways) != 1:
        raise ValueError(Words("say exactly one of {names}", names=", ".join(_WAYS)))
    if value.otherwise is not None and value.table is None:
        raise ValueError("otherwise belongs to a table")
    if (value.of is None) == (ways[0] not in {"text", "digest"}):
        if value.of is None:
            raise ValueError("say of which column or value (of)")
        raise ValueError("leave of out")
    if value.text is not None:
        return template(value.text, known)
    if value.digest is not None:
        return _digest(value, places)
    assert value.of is not None
    if value.of not in known:
        raise ValueError(Words("of: there is no column or value {of} above it", of=value.of))
    return _made_of(value, value.of)


def _digest(value: Value, places: Mapping[str, int]) -> Maker:
    chosen: list[int] | None = None
    if isinstance(value.digest, list):
        unknown = [name for name in value.digest if name not in places]
        if unknown:
            raise ValueError(Words("digest: there is no column {name}", name=unknown[0]))
        chosen = [places[name] for name in value.digest]
    return lambda cells: cells.digest(chosen, value.length)


def _made_of(value: Value, of: str) -> Maker:
    if value.count is not None:
        return _count(of)
    if value.table is not None:
        return _table(value, of)
    if value.cycle is not None:
        return _cycle(value.cycle, of)
    if value.decimal is not None:
        read_decimal, whole = decimal_reader(value.decimal), value.decimal.whole

        def decimal(text: str) -> Item:
            number = read_decimal(text)
            return int(number) if whole else number

        return _of_text(of, decimal)
    if value.time is not None:
        return _of_text(of, time_reader(value.time))
    assert value.date is not None
    return _of_text(of, date_reader(value.date))


def _of_text(of: str, read: Callable[[str], Item]) -> Maker:
    def make(cells: Cells) -> Item:
        text = as_text(cells[of])
        return None if text is None else read(text)

    return make


def _count(of: str) -> Maker:
    """Return what numbers the different values of a column as they come: 1, 2, 3..."""
    numbers: dict[str, int] = {}

    def make(cells: Cells) -> Item:
        text = as_text(cells[of])
        if text is None:
            return None
        found = numbers.get(text)
        if found is None:
            remember(len(numbers), of)
            found = numbers[text] = len(numbers) + 1
        return found

    return make


def remember(known: int, what: str) -> None:
    """Raise UsageError where one more cannot be kept apart."""
    if known >= REMEMBERED:
        raise UsageError(
            "{what} has more than {limit:,} different values: split the table",
            what=what,
            limit=REMEMBERED,
        )


def _table(value: Value, of: str) -> Maker:
    table = value.table
    assert table is not None

    def make(cells: Cells) -> Item:
        text = as_text(cells[of])
        if text is None:
            return value.otherwise
        found: Item = table.get(text, value.otherwise)
        if found is None:
            raise RowProblemError(
                BAD_VALUE, Words("{text} is not in the table: add it there", text=shown(text))
            )
        return found

    return make


def _cycle(cycle: list[Scalar], of: str) -> Maker:
    def make(cells: Cells) -> Item:
        number = cells[of]
        if number is None:
            return None
        if not isinstance(number, int) or isinstance(number, bool):
            raise RowProblemError(
                BAD_VALUE, Words("{number} is no whole number", number=shown(as_text(number)))
            )
        return cycle[(number - 1) % len(cycle)]

    return make


def template(text: str, known: frozenset[str]) -> Maker:
    """Return what fills a text in; `{name}` alone is the value itself, null too.

    `{number:03}` fills up with zeros; `{{` and `}}` are braces. Raises ValueError.
    """
    parts = [_part(part, known) for part in _parsed(text)]
    if not parts:
        return lambda _cells: text
    if len(parts) == 1 and not parts[0][0] and parts[0][1] is not None and not parts[0][2]:
        only = parts[0][1]
        return lambda cells: cells[only]

    def fill(cells: Cells) -> Item:
        filled = []
        for literal, name, width in parts:
            filled.append(literal)
            if name is not None:
                given = as_text(cells[name])
                if given is None:
                    raise RowProblemError(
                        BAD_VALUE, Words("{name} is null, and is part of a text", name=name)
                    )
                filled.append(given.zfill(width))
        return "".join(filled)

    return fill


_Parsed = tuple[str, str | None, str | None, str | None]


def _parsed(text: str) -> list[_Parsed]:
    try:
        return list(string.Formatter().parse(text))
    except ValueError:
        raise ValueError(
            Words("{text}: braces stand around a name; {{{{ is a brace", text=shown(text))
        ) from None


def _part(part: _Parsed, known: frozenset[str]) -> tuple[str, str | None, int]:
    literal, name, width, conversion = part
    if name is not None and (name not in known or conversion is not None):
        raise ValueError(
            Words("there is no column or value {name} for this text", name=shown(name))
        )
    if width and not (width[0] == "0" and width.isascii() and width.isdigit() and len(width) <= 3):  # noqa: PLR2004 - 099 is wide enough
        raise ValueError(
            Words("{text} is no width: write {{{name}:03}}", text=shown(width), name=name)
        )
    return literal, name, int(width or 0)
