"""Thrift's compact protocol, as far as the metadata of a Parquet file needs it."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """The types of the protocol that stand in a Parquet file."""

    TRUE = 1
    I32 = 5
    I64 = 6
    BINARY = 8
    LIST = 9
    STRUCT = 12


class Field(NamedTuple):
    """One field of a struct: its number, its type, and its value as bytes."""

    number: int
    kind: Kind
    value: bytes


def varint(number: int) -> bytes:
    """Return a number >= 0, seven bits a byte."""
    written = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - what fits into one byte
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _zigzag(number: int) -> bytes:
    return varint(2 * number if number >= 0 else -2 * number - 1)


def small(number: int, value: int) -> Field:
    """Return a field of 32 bits, or of an enumeration."""
    return Field(number, Kind.I32, _zigzag(value))


def large(number: int, value: int) -> Field:
    """Return a field of 64 bits."""
    return Field(number, Kind.I64, _zigzag(value))


def binary(text: str) -> bytes:
    """Return a text with its length before it."""
    encoded = text.encode("utf-8")
    return varint(len(encoded)) + encoded


def text(number: int, value: str) -> Field:
    """Return a field of text."""
    return Field(number, Kind.BINARY, binary(value))


def true(number: int) -> Field:
    """Return a flag that is set."""
    return Field(number, Kind.TRUE, b"")


def nested(number: int, *fields: Field) -> Field:
    """Return a struct within a struct."""
    return Field(number, Kind.STRUCT, struct(*fields))


def several(number: int, kind: Kind, values: Sequence[bytes]) -> Field:
    """Return a list of values of one type."""
    count = len(values)
    short = count < 15  # noqa: PLR2004 - what fits beside the type
    head = bytes([count << 4 | kind]) if short else bytes([0xF0 | kind]) + varint(count)
    return Field(number, Kind.LIST, head + b"".join(values))


def enumerated(values: Sequence[int]) -> list[bytes]:
    """Return numbers as they stand in a list."""
    return [_zigzag(value) for value in values]


def struct(*fields: Field) -> bytes:
    """Return a struct; its fields stand in the order of their numbers."""
    written = bytearray()
    last = 0
    for number, kind, value in fields:
        written.append((number - last) << 4 | kind)
        written += value
        last = number
    written.append(0)
    return bytes(written)
