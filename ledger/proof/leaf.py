"""The leaf of an event: exactly the bytes that are hashed, so that everybody hashes the same.

A leaf is a header of lines, an empty line, and the stored bytes of the event as they are:

    cpod/event/v1
    position 17
    recorded_at 1763836800000000001
    stream 15 package:BASE-17
    version 3
    topic 11 case.opened
    state 312

    {"data":{...},"id":...}

Numbers are decimal; `recorded_at` counts nanoseconds since 1970. Before a text, and for the state,
stands its length in bytes of UTF-8, so no two events have one leaf, whatever their texts hold.
These bytes never change; another form gets another first line.
"""

import re
from typing import Final, NamedTuple

_FORM: Final = (
    b"cpod/event/v1\nposition %d\nrecorded_at %d\nstream %d %b\nversion %d\ntopic %d %b\n"
    b"state %d\n\n%b"
)
_HEAD: Final = re.compile(
    rb"cpod/event/v1\nposition (-?[0-9]{1,19})\nrecorded_at (-?[0-9]{1,19})\nstream ([0-9]{1,18}) "
)
_MIDDLE: Final = re.compile(rb"\nversion (-?[0-9]{1,19})\ntopic ([0-9]{1,18}) ")
_TAIL: Final = re.compile(rb"\nstate [0-9]+\n\n")


class Leaf(NamedTuple):
    """What a leaf says of an event; texts are UTF-8."""

    position: int
    recorded_at: int
    """When the ledger recorded it (nanoseconds since 1970)."""
    stream: bytes
    version: int
    topic: bytes
    state: bytes
    """The event as it is stored: canonical JSON of its CloudEvent."""


def leaf_bytes(
    position: int, recorded_at: int, stream: bytes, version: int, topic: bytes, state: bytes
) -> bytes:
    """Return the leaf of a stored event."""
    return _FORM % (
        position,
        recorded_at,
        len(stream),
        stream,
        version,
        len(topic),
        topic,
        len(state),
        state,
    )


def read_leaf(content: bytes) -> Leaf:
    """Return what a leaf says. Raises ValueError when the bytes are no leaf of this form."""
    head = _HEAD.match(content)
    if head is None:
        raise ValueError("it does not begin as a leaf of an event does")
    end = head.end() + int(head[3])
    middle = _MIDDLE.match(content, end)
    if middle is None:
        raise ValueError("its stream is not as long as it says")
    topic_end = middle.end() + int(middle[2])
    tail = _TAIL.match(content, topic_end)
    if tail is None:
        raise ValueError("its topic is not as long as it says")
    leaf = Leaf(
        int(head[1]),
        int(head[2]),
        content[head.end() : end],
        int(middle[1]),
        content[middle.end() : topic_end],
        content[tail.end() :],
    )
    if leaf_bytes(*leaf) != content:
        raise ValueError("its numbers or its length are not written as they are in a leaf")
    return leaf
