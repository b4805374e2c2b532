"""Statements about the books, as PostgreSQL wants them said."""

import re
from functools import cache
from typing import Final, NamedTuple

from ledger.projections.books.tables import TABLES

_PHRASES: Final = (
    (re.compile(r"%"), "%%"),
    (re.compile(r"(\w+) IS \?"), r"\1 IS NOT DISTINCT FROM ?"),
    (re.compile(r" INDEXED BY \w+"), ""),
    (re.compile(r"\bIN \(\)"), "= ANY('{}')"),
    (re.compile(r"\binstr\("), "strpos("),
    (re.compile(r"\?"), "%s"),
    (re.compile(r"(?<!:):(\w+)"), r"%(\1)s"),
)
"""What only SQLite knows, and the forms of parameters."""

_COLUMNS: Final = (
    (re.compile(r"\bINTEGER PRIMARY KEY\b"), "bigint PRIMARY KEY"),
    (re.compile(r"\bINTEGER\b"), "bigint"),
    (re.compile(r"\bTEXT\b"), 'text COLLATE "C"'),
    (re.compile(r"\bBLOB\b"), "bytea"),
    (re.compile(r"\) WITHOUT ROWID$"), ")"),
)

_COMPOSED: Final = frozenset({"case_kinds"})
"""Tables whose name is made of so many ids that no other index of PostgreSQL could hold it."""

_MADE: Final = re.compile(r"CREATE TABLE (\w+) \((.*)\)")
_TEXT: Final = re.compile(r"(\w+) (?:TEXT|BLOB)\b")
_KEY: Final = re.compile(r", PRIMARY KEY \(.*?\)")
_INSERT: Final = re.compile(r"INSERT INTO (\w+)(?: \(([\w, ]+)\))? VALUES \([?, ]+\)")
_DELETE: Final = re.compile(r"DELETE FROM (\w+) WHERE (\w+) = \?")


@cache
def said(statement: str) -> str:
    """Return a statement with the parameters and phrases of PostgreSQL's driver."""
    for pattern, instead in _PHRASES:
        statement = pattern.sub(instead, statement)
    return statement


def made(statement: str) -> str:
    """Return a statement of `schema.TABLES` with the types of PostgreSQL."""
    for pattern, instead in _COLUMNS:
        statement = pattern.sub(instead, statement)
    table = table_of(statement)
    if table in _COMPOSED:
        statement = statement.replace(" UNIQUE,", ", EXCLUDE USING hash (name WITH =),", 1)
    return statement


def table_of(statement: str) -> str | None:
    """Return the table that a statement makes, None where it makes none."""
    found = _MADE.match(statement)
    return None if found is None else found[1]


def texts_in(statement: str) -> list[str]:
    """Return the columns of a table that hold texts or bytes.

    The server is to keep no samples of them in its statistics: they may name somebody.
    """
    return _TEXT.findall(statement)


class Bulk(NamedTuple):
    """A statement that is carried out for many rows at once."""

    kind: str
    """`copy`: the rows are added to the columns; `delete`: those with one of the values go."""
    table: str
    columns: str


@cache
def bulk(statement: str) -> Bulk | None:
    """Return how a statement is carried out for many rows at once; None where it is not."""
    found = _INSERT.fullmatch(statement)
    if found is not None:
        return Bulk("copy", found[1], found[2] or columns_of()[found[1]])
    found = _DELETE.fullmatch(statement)
    return None if found is None else Bulk("delete", found[1], found[2])


@cache
def columns_of() -> dict[str, str]:
    """Return the columns of each table, as SQL names them."""
    found: dict[str, str] = {}
    for statement in TABLES:
        parts = _MADE.match(statement)
        if parts is not None:
            plain = _KEY.sub("", parts[2])
            found[parts[1]] = ", ".join(part.split()[0] for part in plain.split(", "))
    return found


def escaped(text: str) -> str:
    r"""Return a text without U+0000, which PostgreSQL has no place for, in the same order.

    \x00 becomes \x01\x01, and \x01 becomes \x01\x02.
    """
    return text.replace("\x01", "\x01\x02").replace("\x00", "\x01\x01")


def unescaped(text: str) -> str:
    """Return the text that `escaped` was given."""
    return text.replace("\x01\x01", "\x00").replace("\x01\x02", "\x01")
