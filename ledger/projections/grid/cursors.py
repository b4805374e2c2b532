"""Cursors: where a page of rows ended, written so that it can be handed back as one word."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from ledger.errors import UsageError

SortKey = list[Any]
"""Where a row stands among others: texts, whole numbers, flags and lists of them."""


def write_cursor(sorting: str, key: SortKey, identity: SortKey) -> str:
    """Return the cursor of the last row of a page, by what the rows were sorted."""
    text = json.dumps([sorting, key, identity], ensure_ascii=True, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, sorting: str) -> tuple[SortKey, SortKey]:
    """Return the key and the identity of a cursor. Raises UsageError when it is of other rows."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found, key, identity = json.loads(urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, TypeError, RecursionError):
        raise UsageError("--after takes what an answer gave as `next`, unchanged") from None
    if found != sorting or not isinstance(key, list) or not isinstance(identity, list):
        raise UsageError("--after is of rows sorted in another way: give the same --sort again")
    return key, identity
