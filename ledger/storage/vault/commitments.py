"""Commitments: what stands in the stored bytes in the place of a value that says who somebody is.

The place of such a value holds an object, which no sender's text can be mistaken for:

    "learner":{"commitment":"mC7...43 characters of base64url...w"}
    "principal":{"commitment":"mC7...","prefix":"user:"}

The commitment is SHA-256 over the salt of the person (32 bytes) and the text, in UTF-8, after the
prefix. Equal texts of one person have equal commitments, so equal events still have equal bytes;
once the salt is destroyed, nothing tells whose they were. Until the person is looked up, the place
is a hole: that is as far as the bytes of a line go by themselves.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Final

from pydantic_core import to_json

from ledger.domain.persons import ERASED_MARK, PersonalValue

COMMITMENT_BYTES: Final = 32
"""The length of a commitment, as that of a salt."""

MARK: Final = b'{"commitment":'
"""Begins every hole and every commitment. In a text its quotation marks would be escaped."""

_HOLE: Final = b'{"commitment":0'
_FILLED: Final = re.compile(rb'\{"commitment":"([A-Za-z0-9_-]{43})"(?:,"prefix":"([a-z]+:)")?\}')
_PLACES: Final = re.compile(rb'(?<=\{"commitment":)"[A-Za-z0-9_-]{43}"')

ERASED_TEXT: Final = re.compile(f"{ERASED_MARK}[A-Za-z0-9_-]{{43}}")
"""What is read in the place of such a text; different texts read as different ones."""


Held = tuple[str, str]
"""A person, and a text of theirs that has a hole in the stored bytes; plain, for many are sent."""


def hide(values: Iterable[PersonalValue], data: dict[str, object]) -> tuple[Held, ...]:
    """Put a hole in the place of each value in the data of an event; return what stood there.

    They are in the order of the holes in the canonical bytes: that of the names of the fields.
    """
    held = []
    for value in values:
        hole: dict[str, object] = {"commitment": 0}
        if value.prefix:
            hole["prefix"] = value.prefix
        data[value.field] = hole
        held.append((value.person, value.text))
    return tuple(held)


def fill(state: bytes, commitments: Iterable[bytes]) -> bytes:
    """Return stored bytes: those with holes, and a commitment in each."""
    first, *rest = state.split(_HOLE)
    filled = [first]
    for commitment, piece in zip(commitments, rest, strict=True):
        filled += (MARK, b'"', spelled(commitment), b'"', piece)
    return b"".join(filled)


def compared(state: bytes, stored: bytes) -> list[bytes] | None:
    """Return the commitments in stored bytes, where holes in their places make them of `state`.

    None where anything else differs.
    """
    if _PLACES.sub(b"0", stored) != state:
        return None
    return commitments_in(stored)


def commit(salt: bytes, text: str) -> bytes:
    """Return the commitment to a text of the person with that salt."""
    return sha256(salt + text.encode()).digest()


def spelled(commitment: bytes) -> bytes:
    """Return a commitment as it stands in stored bytes."""
    return urlsafe_b64encode(commitment)[:-1]


def commitments_in(state: bytes) -> list[bytes]:
    """Return the commitments in stored bytes, in their order."""
    if MARK not in state:
        return []
    return [urlsafe_b64decode(found[1] + b"=") for found in _FILLED.finditer(state)]


def revealed(state: bytes, texts: Callable[[bytes], str]) -> bytes:
    """Return stored bytes with what `texts` gives for each commitment in its place."""

    def text(found: re.Match[bytes]) -> bytes:
        prefix = (found[2] or b"").decode()
        return to_json(prefix + texts(urlsafe_b64decode(found[1] + b"=")))

    return _FILLED.sub(text, state)


def erased_text(commitment: bytes) -> str:
    """Return what is read in the place of a text that nobody can know any more."""
    return f"{ERASED_MARK}{spelled(commitment).decode()}"


def sent_text(commitment: bytes) -> str:
    """Return what is sent on in its place: distinct, and plain to see."""
    return f"(erased:{commitment[:8].hex()})"


def all_commitments(states: Iterable[bytes]) -> set[bytes]:
    """Return every commitment in any of these stored bytes."""
    return {found for state in states if MARK in state for found in commitments_in(state)}
