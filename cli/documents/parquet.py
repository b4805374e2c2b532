"""Parquet, the few parts of it that a table of ours needs: plain pages, no compression.

Quantities are decimal(38,9), instants are nanoseconds in UTC, days are dates; what is null is null.
It is written here and not by a library, so that the bytes follow from the answer alone: no version
of anything stands in them, and nanoseconds stay whole. The format is that of parquet.apache.org.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from cli.documents.fields import Type, plain_text, type_in
from cli.documents.thrift import (
    Field,
    Kind,
    binary,
    enumerated,
    large,
    nested,
    several,
    small,
    struct,
    text,
    true,
    varint,
)
from cli.render.layout import Row

_MAGIC: Final = b"PAR1"
_ROWS_IN_A_GROUP: Final = 100_000
_OPTIONAL: Final = 1
_PLAIN: Final = 0
_RUN_LENGTH: Final = 3
_DECIMAL_BYTES: Final = 16
_DECIMALS: Final = 9
_EPOCH: Final = date(1970, 1, 1)


def _decimal(value: Any) -> bytes:
    nanos = Decimal(value).scaleb(_DECIMALS)
    assert nanos == nanos.to_integral_value(), value
    return int(nanos).to_bytes(_DECIMAL_BYTES, "big", signed=True)


def _instant(value: Any) -> bytes:
    from ledger.domain.values.instants import parse_instant

    return parse_instant(value).to_bytes(8, "little", signed=True)


def _day(value: Any) -> bytes:
    return (date.fromisoformat(value) - _EPOCH).days.to_bytes(4, "little", signed=True)


def _count(value: Any) -> bytes:
    return int(value).to_bytes(8, "little", signed=True)


def _text(value: Any) -> bytes:
    encoded = plain_text(value).encode("utf-8")
    return len(encoded).to_bytes(4, "little") + encoded


class _Stored(NamedTuple):
    """How a type is stored: its physical type, its values, and what the schema says of it."""

    physical: int
    """0 boolean, 1 int32, 2 int64, 6 byte array, 7 byte array of fixed length."""
    write: Callable[[Any], bytes]
    meaning: tuple[Field, ...] = ()
    """The fields of a schema element from its sixth on: the older name of a type, and its own."""
    length: int | None = None


_STORED: Final = {
    Type.TEXT: _Stored(6, _text, (small(6, 0), nested(10, nested(1)))),
    Type.QUANTITY: _Stored(
        7,
        _decimal,
        (small(6, 5), small(7, 9), small(8, 38), nested(10, nested(5, small(1, 9), small(2, 38)))),
        _DECIMAL_BYTES,
    ),
    Type.COUNT: _Stored(2, _count),
    Type.FLAG: _Stored(0, bytes),
    Type.DAY: _Stored(1, _day, (small(6, 6), nested(10, nested(6)))),
    Type.INSTANT: _Stored(2, _instant, (nested(10, nested(8, true(1), nested(2, nested(3)))),)),
}


def parquet(fields: Sequence[str], rows: Sequence[Row], about: Mapping[str, str]) -> bytes:
    """Return rows as a Parquet file; `about` stands in its key-value metadata."""
    types = [type_in(name, rows) for name in fields]
    content = bytearray(_MAGIC)
    groups = []
    for first in range(0, len(rows), _ROWS_IN_A_GROUP):
        some = rows[first : first + _ROWS_IN_A_GROUP]
        start = len(content)
        columns = [
            _column(content, name, kind, [row.get(name) for row in some])
            for name, kind in zip(fields, types, strict=True)
        ]
        size = len(content) - start
        groups.append(struct(several(1, Kind.STRUCT, columns), large(2, size), large(3, len(some))))
    schema = [_root(len(fields)), *map(_element, fields, types)]
    pairs = [struct(text(1, key), text(2, value)) for key, value in about.items()]
    footer = struct(
        small(1, 2),
        several(2, Kind.STRUCT, schema),
        large(3, len(rows)),
        several(4, Kind.STRUCT, groups),
        several(5, Kind.STRUCT, pairs),
        text(6, "cpod"),
    )
    return bytes(content) + footer + len(footer).to_bytes(4, "little") + _MAGIC


def _root(columns: int) -> bytes:
    return struct(text(4, "answer"), small(5, columns))


def _element(name: str, kind: Type) -> bytes:
    stored = _STORED[kind]
    length = () if stored.length is None else (small(2, stored.length),)
    return struct(
        small(1, stored.physical), *length, small(3, _OPTIONAL), text(4, name), *stored.meaning
    )


def _column(content: bytearray, name: str, kind: Type, values: Sequence[object]) -> bytes:
    """Add one column of a row group to the content; return what the footer says of it."""
    start = len(content)
    there = [value for value in values if value is not None]
    if kind is Type.FLAG:
        page = _levels(values) + _bits([bool(value) for value in there])
    else:
        page = _levels(values) + b"".join(map(_STORED[kind].write, there))
    content += struct(
        small(1, 0),
        small(2, len(page)),
        small(3, len(page)),
        nested(5, small(1, len(values)), small(2, _PLAIN), small(3, _RUN_LENGTH), small(4, 3)),
    )
    content += page
    size = len(content) - start
    return struct(
        large(2, start),
        nested(
            3,
            small(1, _STORED[kind].physical),
            several(2, Kind.I32, enumerated([_PLAIN, _RUN_LENGTH])),
            several(3, Kind.BINARY, [binary(name)]),
            small(4, 0),
            large(5, len(values)),
            large(6, size),
            large(7, size),
            large(9, start),
        ),
    )


def _levels(values: Sequence[object]) -> bytes:
    """Return which values are there (1) and which are null (0), as runs."""
    runs = bytearray()
    first = 0
    while first < len(values):
        there = values[first] is not None
        last = first
        while last < len(values) and (values[last] is not None) is there:
            last += 1
        runs += varint((last - first) << 1) + bytes([there])
        first = last
    return len(runs).to_bytes(4, "little") + bytes(runs)


def _bits(flags: Sequence[bool]) -> bytes:
    """Return flags as bits, the first one lowest."""
    packed = bytearray((len(flags) + 7) // 8)
    for place, flag in enumerate(flags):
        packed[place // 8] |= flag << (place % 8)
    return bytes(packed)
