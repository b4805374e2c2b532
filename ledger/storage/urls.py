"""Where a ledger is, as a URL says it: a file of SQLite, or memory."""

from typing import Final, NamedTuple

from ledger.errors import UsageError

FORMS: Final = "sqlite:///PATH, sqlite:////ABSOLUTE/PATH or memory:NAME"
"""The URLs that there are, as a message names them."""

_SQLITE: Final = "sqlite:///"
_MEMORY: Final = "memory:"


class SqliteUrl(NamedTuple):
    """A ledger in a file; a relative path starts at the working directory."""

    path: str


class MemoryUrl(NamedTuple):
    """A ledger in the memory of this process; without a name it is the caller's alone."""

    name: str


def parse_url(url: str) -> SqliteUrl | MemoryUrl:
    """Return where a ledger is. Raises UsageError that names the right form."""
    if url.startswith(_MEMORY):
        return MemoryUrl(url.removeprefix(_MEMORY))
    if url.startswith(_SQLITE):
        path = url.removeprefix(_SQLITE)
        if path.startswith(":memory:"):
            raise UsageError(f"{url}: a ledger in memory is written as memory:NAME")
        if not path or path.endswith("/") or "\0" in path:
            raise UsageError(f"{url}: name a file, as in sqlite:///cpod.db")
        return SqliteUrl(path)
    if url.startswith("sqlite:"):
        raise UsageError(f"{url}: after sqlite: come three slashes and a path ({FORMS})")
    if "://" in url:
        raise UsageError(f"{url}: there is no such kind of ledger: give {FORMS}")
    hint = f": for a file write sqlite:///{url}" if url else ""
    raise UsageError(f"a ledger is named by a URL ({FORMS}), not by {url!r}{hint}")
