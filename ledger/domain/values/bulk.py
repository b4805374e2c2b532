"""Bulk: named tuples that are made by the million, as a ledger is read, the quick way."""

from typing import Any, Final

named: Final[Any] = tuple.__new__
"""`named(Kind, fields)` is a named tuple of that kind; `fields` are all of them, in their order.

The constructor of a named tuple is a function of Python, and takes twice as long.
"""
