"""The owner of a Ledger: the thread that opened it, in its own process, until it closes it.

Nobody else may use it, and nobody once it is closed.
"""

import os
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from types import FunctionType
from typing import Any, Final, TypeVar

from ledger.errors import LedgerClosed, LedgerNotShared

_Face = TypeVar("_Face", bound=type)
_Item = TypeVar("_Item")

_SPECIAL: Final = ("__enter__",)
_ENDING: Final = ("close", "__exit__")
"""What may be done with a Ledger that is closed already."""


class Owner:
    """The thread, and the process, that made it."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._thread = threading.current_thread()
        self.has_closed = False

    def check(self) -> None:
        """Raise LedgerClosed once it has closed the Ledger, and what `check_identity` raises."""
        self.check_identity()
        if self.has_closed:
            raise LedgerClosed("this Ledger is closed: open another one")

    def check_identity(self) -> None:
        """Raise LedgerNotShared in every other thread, and in every copy of the process."""
        if os.getpid() != self._process:
            raise LedgerNotShared(
                "this Ledger was opened before its process was copied: open one in each process"
            )
        if threading.current_thread() is not self._thread:
            raise LedgerNotShared(
                "this Ledger was opened by another thread: open one in each thread"
            )


class Checked(Iterator[_Item]):
    """Items that only their owner may take, until it closes the ledger."""

    def __init__(self, owner: Owner, items: Iterator[_Item]) -> None:
        self._owner = owner
        self._items = items

    def __next__(self) -> _Item:
        self._owner.check()
        return next(self._items)


def for_its_owner(face: _Face) -> _Face:
    """Let each object of a class be `_in_use` while any public method or property is."""
    for name in dir(face):
        member = _member(face, name)
        if name in _ENDING or (name.startswith("_") and name not in _SPECIAL):
            continue
        if isinstance(member, FunctionType):
            setattr(face, name, _checking(member))
        elif isinstance(member, property) and member.fget is not None:
            setattr(face, name, property(_checking(member.fget)))
    return face


def _member(face: type, name: str) -> object:
    """Return what a class, or the first of those that it inherits from, has by a name."""
    return next(vars(base)[name] for base in face.__mro__ if name in vars(base))


def _checking(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def checked(self: Any, *given: Any, **named: Any) -> Any:
        with self._in_use():
            return method(self, *given, **named)

    return checked
